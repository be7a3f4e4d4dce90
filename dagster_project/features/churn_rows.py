"""What stands of a churn model from night to night, as rows of `score_models`."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from dagster_project.features.churn_model import ChurnModel, Row

MODEL = "churn"

READ = """
select
    kind, name, value, note, fitted_on, challenged_on,
    fitted_customers
from release.score_models
where model = ?
order by kind, name
"""
SCHEMA = pa.schema(
    {
        "model": pa.string(),
        "champion_id": pa.string(),
        "status": pa.string(),
        "fitted_on": pa.date32(),
        "challenged_on": pa.date32(),
        "fitted_customers": pa.int64(),
        "kind": pa.string(),
        "name": pa.string(),
        "value": pa.float64(),
        "note": pa.string(),
    }
)


@dataclass(frozen=True)
class Standing:
    """The model that scores tonight, or none, and how it came to that.

    `definition` is a digest of the features that were asked for, `reason` says why
    there is no model or why the last challenger lost.
    """

    model: ChurnModel | None = None
    definition: str = ""
    fitted_on: date | None = None
    challenged_on: date | None = None
    fitted_customers: int | None = None
    metrics: tuple[Row, ...] = ()
    reason: str = ""

    @property
    def champion_id(self) -> str | None:
        """A short digest of all numbers that decide a score."""
        if self.model is None:
            return None
        # A release gives the rows back in another order.
        return digest(sorted(self.model.to_rows(), key=lambda row: str(row["name"])))

    def status(self, as_of: date) -> str:
        """In the words of the table."""
        if self.model is None:
            return self.reason
        return "fitted tonight" if self.fitted_on == as_of else "kept"


def digest(value: object) -> str:
    """Twelve hexadecimal digits that stand for a plain value."""
    text = json.dumps(value, sort_keys=True)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:12]


def fingerprint(numbers: Mapping[str, str], categories: Sequence[str]) -> str:
    """What a list of features asks of the fit: another one needs a refit."""
    return digest([dict(numbers), list(categories)])


def read_standing(connection: duckdb.DuckDBPyConnection) -> Standing:
    """What the predecessor's release says."""
    found = connection.execute(READ, [MODEL]).fetchall()
    if not found:
        return Standing()
    rows: dict[str, list[Row]] = {"parameter": [], "metric": [], "state": []}
    for kind, name, value, note, *_ in found:
        rows[kind].append({"name": name, "value": value, "note": note})
    states = {row["name"]: row["note"] for row in rows["state"]}
    fitted_on, challenged_on, fitted_customers = found[0][4:]
    return Standing(
        model=ChurnModel.from_rows(rows["parameter"]) if rows["parameter"] else None,
        definition=states.get("definition") or "",
        fitted_on=fitted_on,
        challenged_on=challenged_on,
        fitted_customers=fitted_customers,
        metrics=tuple(rows["metric"]),
        reason=states.get("reason") or "",
    )


def write_standing(
    connection: duckdb.DuckDBPyConnection, standing: Standing, as_of: date
) -> None:
    """Adds the rows of the model to `scores.score_models`."""
    head = {
        "model": MODEL,
        "champion_id": standing.champion_id,
        "status": standing.status(as_of),
        "fitted_on": standing.fitted_on,
        "challenged_on": standing.challenged_on,
        "fitted_customers": standing.fitted_customers,
    }
    parameters = standing.model.to_rows() if standing.model else []
    states = [
        {"name": "definition", "value": None, "note": standing.definition},
        {"name": "reason", "value": None, "note": standing.reason},
    ]
    kinds = {"parameter": parameters, "metric": standing.metrics, "state": states}
    rows = [{**head, "kind": kind, **row} for kind, of in kinds.items() for row in of]
    connection.register("churn_rows", pa.Table.from_pylist(rows, schema=SCHEMA))
    connection.execute("insert into scores.score_models select * from churn_rows")
    connection.unregister("churn_rows")
