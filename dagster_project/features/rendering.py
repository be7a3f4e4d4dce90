"""The SQL of a dbt model as plain text, for callers that bring their own tables.

Only what the models themselves use of dbt is understood: macros, ref, source, config.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import jinja2

from dagster_project.transform import PROJECT

MACRO = re.compile(r"(\{%-?\s*macro\s+)(\w+)")


class _Returned(Exception):
    """How dbt's `return` leaves a macro: with a value instead of text."""


def _return(value: Any) -> None:
    raise _Returned(value)


WORDS: dict[str, Any] = {
    "ref": lambda name: name,
    "source": lambda schema, name: name,
    "config": lambda **options: "",
    "is_incremental": lambda: False,
    "execute": False,
    "return": _return,
}


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined
    )


@cache
def _macros() -> dict[str, Callable[..., Any]]:
    # Those in folders are for dbt itself and speak of its own objects.
    files = sorted((PROJECT / "macros").glob("*.sql"))
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    made: dict[str, Any] = {}
    found = {name: _called(made, name) for _, name in MACRO.findall(text)}
    # Under their own names macros would see each other without our `return`.
    module = _environment().from_string(MACRO.sub(r"\1made_\2", text))
    made.update(vars(module.make_module(WORDS | found)))
    return found


def _called(made: dict[str, Any], name: str) -> Callable[..., Any]:
    def call(*values: Any, **named: Any) -> Any:
        try:
            return made[f"made_{name}"](*values, **named)
        except _Returned as returned:
            return returned.args[0]

    return call


def macro_value(name: str) -> Any:
    """What a macro without arguments returns: text, or the value of its `return`."""
    return _macros()[name]()


@cache
def render_model(name: str) -> str:
    """The select statement of a model, as a first build runs it.

    `ref('x')` and `source('y', 'x')` become the name x: the caller makes the tables.
    Raises KeyError when there is no such model.
    """
    found = {path.stem: path for path in (PROJECT / "models").rglob("*.sql")}
    return render(found[name].read_text(encoding="utf-8"))


def render(text: str, **more: Any) -> str:
    """A template in the words of the project as SQL; `more` are words of the caller."""
    words = WORDS | _macros() | more
    return _environment().from_string(text).render(words).strip()
