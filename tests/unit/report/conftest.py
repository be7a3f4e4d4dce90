"""Releases to render, and a page taken apart: eight customers, 2,000, none at all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest
from duckdb import DuckDBPyConnection

from dagster_project import warehouse
from dagster_project.report import render_report

NOT_SHOWN = ("script", "style", "title")


@dataclass
class Page(HTMLParser):
    """A page as a browser reads it: its elements, its text, its scripts."""

    html: str
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: str = ""
    scripts: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        inside = self._open[-1] if self._open else ""
        if inside == "script":
            self.scripts.append(data)
        elif inside not in NOT_SHOWN:
            self.text += f" {data}"


@pytest.fixture
def connection() -> DuckDBPyConnection:
    return warehouse.connect()


@pytest.fixture
def fill(connection: DuckDBPyConnection) -> Callable[[str], DuckDBPyConnection]:
    def run(name: str) -> DuckDBPyConnection:
        path = Path(__file__).with_name(f"{name}_release.sql")
        connection.execute(path.read_text(encoding="utf-8"))
        return connection

    return run


@pytest.fixture
def small(fill: Callable[[str], DuckDBPyConnection]) -> DuckDBPyConnection:
    return fill("small")


@pytest.fixture
def large(fill: Callable[[str], DuckDBPyConnection]) -> DuckDBPyConnection:
    return fill("large")


@pytest.fixture
def page() -> Callable[..., Page]:
    def render(connection: DuckDBPyConnection, schema: str = "main") -> Page:
        return Page(render_report(connection, schema))

    return render
