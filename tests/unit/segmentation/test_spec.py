from pathlib import Path

import pytest
import yaml
from rule_world import COMMON

from dagster_project.errors import DeclarationError
from dagster_project.segmentation.spec import ClustersSpec, load_models, model_from

RULES = {
    **COMMON,
    "segments": [{"name": "big", "when": "revenue_12m >= 10", "means": "Pays much"}],
    "otherwise": "small",
}
CLUSTERS = {**COMMON, "kind": "clusters", "features": [{"feature": "mrr"}]}


def written(folder: Path, data: object, name: str = "tiers.yml") -> Path:
    (folder / name).write_text(yaml.safe_dump(data), encoding="utf-8")
    return folder


def test_models_are_sorted_by_name_and_named_by_their_file(tmp_path):
    written(tmp_path, CLUSTERS, "b.yml")
    written(tmp_path, RULES, "a.yml")
    assert [(m.name, m.kind) for m in load_models(tmp_path)] == [
        ("a", "rules"),
        ("b", "clusters"),
    ]


def test_clusters_have_defaults_for_all_but_the_features(tmp_path):
    (model,) = load_models(written(tmp_path, CLUSTERS))
    assert isinstance(model, ClustersSpec)
    assert (model.sample, model.starts, model.features[0].transform) == (
        50_000,
        20,
        "robust",
    )


def test_a_dumped_model_reads_back_without_the_path_of_this_machine(tmp_path):
    (model,) = load_models(written(tmp_path, RULES))
    dumped = model.model_dump(mode="json")
    assert "path" not in dumped
    again = model_from(dumped, Path("release"))
    assert again.model_dump() == model.model_dump()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "cluster"}, "did you mean clusters?"),
        ({"kind": "micro"}, "'micro' is not available, the kinds are rules and"),
        ({"kind": None}, "kind: 'None' is not available"),
        ({"otherwise": "big"}, "segment named more than once: big"),
        ({"otherwise": "unknown"}, "otherwise: 'unknown' is reserved"),
        ({"otherwise": "Key Account"}, "otherwise: String should match pattern"),
        ({"otherwhise": "x"}, "otherwhise: unknown key, did you mean otherwise?"),
        ({"segments": []}, "segments: List should have at least 1 item"),
        ({"requirement": ["R81"]}, "requirement.0: String should match pattern"),
        ({"reviewed_on": "soon"}, "reviewed_on: Input should be a valid date"),
        ({"sensitive": True}, "a sensitive model needs a written `purpose`"),
        ({"name": "other"}, "name: is the file's own, leave it out"),
        ({"goal": ""}, "goal: String should have at least 1 character"),
    ],
    ids=str,
)
def test_a_wrong_key_is_named_with_its_file_and_reason(tmp_path, change, message):
    written(tmp_path, {**RULES, **change})
    with pytest.raises(DeclarationError) as error:
        load_models(tmp_path)
    assert str(error.value).startswith(f"{tmp_path}/tiers.yml: ")
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"k": {"min": 5, "max": 3}}, "k: max 3 is below min 5"),
        ({"features": [{"feature": "a"}] * 2}, "feature named more than once: a"),
        ({"features": []}, "features: List should have at least 1 item"),
        ({"gates": {"min_share": 2}}, "gates.min_share: Input should be less"),
    ],
    ids=str,
)
def test_a_wrong_cluster_declaration_is_refused(tmp_path, change, message):
    with pytest.raises(DeclarationError, match=message):
        load_models(written(tmp_path, {**CLUSTERS, **change}))


def test_a_sensitive_model_with_a_purpose_is_accepted(tmp_path):
    data = {**RULES, "sensitive": True, "purpose": "Equal access, agreed 2026-10-01"}
    assert load_models(written(tmp_path, data))[0].sensitive


def test_a_file_name_that_is_no_model_name_is_refused(tmp_path):
    with pytest.raises(DeclarationError, match="name: String should match"):
        load_models(written(tmp_path, RULES, "Value Tiers.yml"))


def test_a_file_that_would_be_overlooked_is_named(tmp_path):
    with pytest.raises(DeclarationError, match="rename it to tiers.yml"):
        load_models(written(tmp_path, RULES, "tiers.yaml"))


@pytest.mark.parametrize("text", ["- a list", "just text", ""])
def test_a_file_without_keys_is_refused(tmp_path, text):
    (tmp_path / "tiers.yml").write_text(text)
    with pytest.raises(DeclarationError, match="expected keys and values"):
        load_models(tmp_path)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(DeclarationError, match="no such folder"):
        load_models(tmp_path / "nowhere")
