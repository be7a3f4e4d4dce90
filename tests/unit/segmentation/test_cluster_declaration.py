from dagster_project.segmentation.cluster_space import plain, significant
from dagster_project.segmentation.spec import ClustersSpec, load_models
from dagster_project.settings import REPOSITORY


def test_the_shipped_clusters_can_be_read():
    models = {model.name: model for model in load_models(REPOSITORY / "segments")}
    shipped = models["behaviour_clusters"]
    assert isinstance(shipped, ClustersSpec)
    assert all(feature.words for feature in shipped.features)


def test_numbers_survive_text_and_back():
    for value in (1 / 3, -0.0, 1e-12, 123456789.123, 5.0):
        rounded = significant(value)
        assert significant(float(repr(rounded))) == rounded
    assert repr(significant(-0.0)) == "0.0"


def test_numbers_are_written_as_people_write_them():
    assert [plain(x) for x in (1200.0, 0.25, 1e-7, None)] == [
        "1200",
        "0.25",
        "0.0000001",
        None,
    ]
