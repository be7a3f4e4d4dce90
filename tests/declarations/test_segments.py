"""Every shipped segment declaration is valid against the shipped feature contract."""

import pytest

from dagster_project.segmentation.feature_contract import (
    CONTRACT,
    load_feature_contract,
)
from dagster_project.segmentation.predicate import parse_predicate
from dagster_project.segmentation.rules import check_rules
from dagster_project.segmentation.spec import ClustersSpec, RulesSpec, load_models
from dagster_project.settings import REPOSITORY

MODELS = {model.name: model for model in load_models(REPOSITORY / "segments")}
RULES = [model for model in MODELS.values() if isinstance(model, RulesSpec)]


@pytest.fixture(scope="module")
def features():
    if not CONTRACT.is_file():
        pytest.skip(f"{CONTRACT.name} is not there: no feature contract to check with")
    return load_feature_contract()


def test_the_models_of_the_first_release_are_shipped():
    shipped = {"value_tiers", "lifecycle", "nps", "rfm", "engagement"}
    assert shipped | {"behaviour_clusters"} <= set(MODELS)


def test_every_rule_reads_known_features_and_binds(features):
    check_rules(RULES, features)


def test_every_cluster_feature_is_a_known_number(features):
    for model in MODELS.values():
        if isinstance(model, ClustersSpec):
            families = {f.feature: features[f.feature].family for f in model.features}
            assert set(families.values()) == {"number"}, model.name


def test_every_kpi_is_a_feature(features):
    assert {m.kpi for m in MODELS.values()} <= set(features)


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
def test_every_model_says_what_it_is_for(model):
    assert model.requirement
    assert model.title != model.goal


@pytest.mark.parametrize("model", RULES, ids=lambda m: m.name)
def test_every_segment_has_its_own_words(model):
    means = [rule.means for rule in model.segments] + [model.otherwise_means]
    assert None not in means
    assert len(set(means)) == len(means)


@pytest.mark.parametrize(
    ("name", "column"),
    [("lifecycle", "lifecycle_stage"), ("nps", "nps_class"), ("rfm", "rfm_class")],
)
def test_a_model_that_maps_a_feature_names_its_values_and_no_others(
    features, name, column
):
    model = MODELS[name]
    allowed = features[column].allowed
    assert {rule.name for rule in model.segments} | {model.otherwise} == set(allowed)
    for rule in model.segments:
        assert rule.when == f"{column} = '{rule.name}'"
        assert parse_predicate(rule.when, features).columns == (column,)
