"""The SQL of a dbt model as plain text, for callers that bring their own tables.

Only what the models themselves use of dbt is understood: macros, ref, source, config.
"""

from functools import cache
from typing import Any

import jinja2

from dagster_project.transform import PROJECT


@cache
def _macros() -> str:
    files = sorted((PROJECT / "macros").glob("*.sql"))
    return "".join(path.read_text(encoding="utf-8") for path in files)


@cache
def render_model(name: str) -> str:
    """The select statement of a model, as a first build runs it.

    `ref('x')` and `source('y', 'x')` become the name x: the caller makes the tables.
    Raises KeyError when there is no such model.
    """
    found = {path.stem: path for path in (PROJECT / "models").rglob("*.sql")}
    return render(found[name].read_text(encoding="utf-8"))


def render(text: str) -> str:
    """A template in the words of the project as SQL."""
    environment = jinja2.Environment(
        extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined
    )
    words: dict[str, Any] = {
        "ref": lambda name: name,
        "source": lambda schema, name: name,
        "config": lambda **options: "",
        "is_incremental": lambda: False,
        "execute": False,
        "return": lambda value: value,
    }
    return environment.from_string(_macros() + text).render(words).strip()
