"""Reads declaration files into models, with errors that name file, key and reason."""

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from dagster_project.errors import DeclarationError

# The same rules in C, where the library was built with it: eight times faster.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _EachKeyOnce(LOADER):
    """YAML in which a key that is written twice is an error, not a lost value."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"{key.value!r} is written twice",
                    problem_mark=key.start_mark,
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class Declaration(BaseModel):
    """Base of every declaration: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Spec = TypeVar("Spec", bound=Declaration)


def read_yaml(path: Path) -> Any:
    """The content of one YAML file.

    Raises DeclarationError with the line when it is not YAML or a key is there twice.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_EachKeyOnce)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DeclarationError(f"{path}: not readable as YAML: {error}") from error


def parse(model: type[Spec], data: Any, path: Path, **extra: Any) -> Spec:
    """One declaration as its model.

    Raises DeclarationError with one line per wrong key.
    """
    if not isinstance(data, dict):
        found = type(data).__name__
        raise DeclarationError(f"{path}: expected keys and values, found {found}")
    try:
        return model.model_validate({**data, **extra})
    except ValidationError as error:
        raise DeclarationError(_readable(model, error, path)) from error


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`, did you mean x?` for the nearest known word, else nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f", did you mean {near[0]}?" if near else ""


def _readable(model: type[BaseModel], error: ValidationError, path: Path) -> str:
    lines = []
    for item in error.errors():
        key = ".".join(str(part) for part in item["loc"]) or "(file)"
        reason = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            known = model.model_fields
            reason = f"unknown key{did_you_mean(str(item['loc'][-1]), known)}"
        lines.append(f"{path}: {key}: {reason}")
    return "\n".join(lines)
