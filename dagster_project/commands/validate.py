"""`segments validate`: every declaration, every problem, in one go.

What a declaration may say is with the stage that reads it.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import typer

from dagster_project import warehouse
from dagster_project.commands import screen
from dagster_project.commands.options import AsJson
from dagster_project.declarations import did_you_mean, parse, read_yaml
from dagster_project.errors import DeclarationError
from dagster_project.gates.drift_spec import load_drift
from dagster_project.gates.suite_spec import load_suite, load_suites
from dagster_project.ingest.grammar.source_spec import SourceSpec, load_sources
from dagster_project.segmentation.feature_contract import load_feature_contract
from dagster_project.segmentation.predicate_values import Features
from dagster_project.segmentation.rules import check_rules
from dagster_project.segmentation.spec import (
    ClustersSpec,
    ModelSpec,
    RulesSpec,
    load_models,
    model_from,
)
from dagster_project.settings import Settings, load_settings
from dagster_project.warehouse import identifier

Read = TypeVar("Read")


class Declared:
    """All declarations of a project and what is wrong with them."""

    def __init__(self, settings: Settings) -> None:
        self.problems: list[str] = []
        if not settings.declarations.is_dir():
            place = f"SEGMENTS_DECLARATIONS: {settings.declarations}"
            self.problems.append(f"{place}: no such folder")
        folders = ("sources", "segments", "expectations")
        places = {name: settings.declaration_folder(name) for name in folders}
        self.sources = self._each(places["sources"], "*.yml", _sources_of)
        self.models = self._each(places["segments"], "*.yml", _model_of)
        self.suites = self._each(places["expectations"], "*/*.yml", load_suite)
        self._check_models()
        # The loaders see what no single file shows: a wrong name, a name taken twice.
        self._attempt(lambda: load_sources(places["sources"]))
        self._attempt(lambda: load_models(places["segments"]))
        self._attempt(lambda: load_suites(places["expectations"]))
        self._attempt(lambda: load_drift(places["expectations"]))
        if not self.sources and not self.problems:
            self.problems.append(f"{places['sources']}: no source is declared there")

    def _each(
        self, folder: Path, pattern: str, read: Callable[[Path], Read]
    ) -> list[Read]:
        found = (self._attempt(read, path) for path in sorted(folder.glob(pattern)))
        return [one for one in found if one is not None]

    def _check_models(self) -> None:
        features = self._attempt(load_feature_contract)
        if features is None:
            return
        models = [model for model in self.models if model is not None]
        for model in models:
            self.problems += _unknown_kpi(model, features)
        for rules in [model for model in models if isinstance(model, RulesSpec)]:
            self._attempt(check_rules, [rules], features)
        for clusters in [m for m in models if isinstance(m, ClustersSpec)]:
            self._attempt(_check_clusters, clusters, features)

    def _attempt(self, read: Callable[..., Read], *given: Any) -> Read | None:
        try:
            return read(*given)
        except DeclarationError as error:
            self.problems += [p for p in _lines(error) if p not in self.problems]
        return None


def validate(json: AsJson = False) -> None:
    """Check every declaration, running nothing.

    Names file, key and reason of each problem in sources, segment models and
    expectations. Exit code 2 when something is wrong.
    """
    settings = load_settings()
    declared = Declared(settings)
    counts = {
        "sources": sum(len(specs) for specs in declared.sources),
        "models": len(declared.models),
        "suites": len(declared.suites),
    }
    if json:
        valid = not declared.problems
        screen.as_json({"valid": valid, **counts, "problems": declared.problems})
    elif not declared.problems:
        parts = [_counted(number, word) for word, number in counts.items()]
        screen.say(f"{parts[0]}, {parts[1]} and {parts[2]} of expectations are valid")
    refuse(declared.problems, quiet=json)


def refuse(problems: Sequence[str], quiet: bool = False) -> None:
    """Raise DeclarationError with every problem, or end without a word."""
    if problems and quiet:
        raise typer.Exit(DeclarationError.exit_code)
    if problems:
        raise DeclarationError("\n".join(problems))


def _sources_of(path: Path) -> list[SourceSpec]:
    content = read_yaml(path)
    bodies = content if isinstance(content, list) else [content]
    return [parse(SourceSpec, body, path, name=path.stem) for body in bodies]


def _model_of(path: Path) -> ModelSpec | None:
    data = read_yaml(path)
    if not isinstance(data, dict) or {"name", "path"} & data.keys():
        return None  # `load_models` says what is wrong
    return model_from({**data, "name": path.stem}, path)


def _unknown_kpi(model: ModelSpec, features: Features) -> list[str]:
    if model.kpi in features:
        return []
    hint = did_you_mean(model.kpi, features)
    return [f"{model.path}: kpi: unknown feature {model.kpi!r}{hint}"]


def _check_clusters(spec: ClustersSpec, features: Features) -> None:
    from dagster_project.segmentation.cluster_sample import check_features

    columns = ", ".join(f"{identifier(f.name)} {f.type}" for f in features.values())
    with warehouse.connect() as connection:
        connection.execute(f"create table features ({columns})")
        check_features(connection, spec, "features")


def _lines(error: DeclarationError) -> Iterator[str]:
    """One line per problem: YAML's own message goes over several."""
    problem = ""
    for line in str(error).splitlines():
        if line.startswith("/") and problem:
            yield problem
            problem = ""
        problem = f"{problem} {line.strip()}".strip()
    if problem:
        yield problem


def _counted(number: int, word: str) -> str:
    return f"{number} {word if number != 1 else word.removesuffix('s')}"
