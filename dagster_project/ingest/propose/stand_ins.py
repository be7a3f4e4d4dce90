"""What can stand in for a required column that a file does not have."""

from dagster_project.ingest.propose.forms import Proposed, name_in_sql, translated
from dagster_project.ingest.propose.matching import Match, Matching, key_of
from dagster_project.ingest.propose.sample import Columns, words


def stand_ins(
    matching: Matching, found: dict[str, Proposed], given: Columns
) -> dict[str, Proposed]:
    """What may stand for a required column that the file does not have."""
    feed = matching.feed
    absent = {name for name in feed.required if name not in found}
    made: dict[str, Proposed] = {}
    place = words()["place_is_id"].get(feed.name)
    if place in absent:
        sql = _place(matching)
        made[place] = Proposed(
            {"sql": sql}, (), "no id: the place in the file; deliver each row once"
        )
    if feed.name == "web_events":
        made |= _of_events(matching, found, absent, given)
    if feed.name == "survey_responses":
        made |= _of_answers(matching, found, absent, given)
    if feed.name == "invoice_lines" and "amount" in absent:
        made |= _product(found)
    return made


def _place(matching: Matching) -> str:
    """An id for a row that has none; elements of one line differ by what they hold."""
    if not matching.explode:
        return "md5(_path || _line)"
    inner = matching.explode.removesuffix("[]") + "."
    own = [name_in_sql(one) for one in matching.looks if one.startswith(inner)]
    return f"md5(concat_ws('|', _path, _line, {', '.join(own)}))"


def _of_events(
    matching: Matching, found: dict[str, Proposed], absent: set[str], given: Columns
) -> dict[str, Proposed]:
    made: dict[str, Proposed] = {}
    match = matching.matches.get("event_name")
    if "event_type" in absent and match:
        allowed = matching.feed.values["event_type"]
        as_type = Match("event_type", match.column, match.score, match.look)
        spec, _ = translated(matching, as_type, allowed, given[match.column])
        made["event_type"] = Proposed(
            spec, (match.column,), "from the name of the event"
        )
    elif "event_type" in absent:
        kind = "page" if "url" in found else "track"
        made["event_type"] = Proposed({"value": kind}, (), "every row is one")
    if "event_name" not in found and (kind_of := matching.matches.get("event_type")):
        made["event_name"] = Proposed(
            kind_of.column, (kind_of.column,), "the type as the vendor names it"
        )
    if not found.keys() & {"anonymous_id", "user_id"}:
        made |= _visitors(found, given)
    return made


def _visitors(found: dict[str, Proposed], given: Columns) -> dict[str, Proposed]:
    if {"host", "agent", "moment"} <= given.keys():
        sql = "md5(concat_ws('|', host, agent, split_part(moment, ':', 1)))"
        reason = "address and browser of one day"
        return {"anonymous_id": Proposed({"sql": sql}, ("host", "agent"), reason)}
    if "session_id" in found:
        column = found["session_id"].columns[0]
        reason = "nothing names the visitor but the session"
        return {"anonymous_id": Proposed(column, (column,), reason)}
    return {}


def _of_answers(
    matching: Matching, found: dict[str, Proposed], absent: set[str], given: Columns
) -> dict[str, Proposed]:
    made: dict[str, Proposed] = {}
    score = matching.column("answer_number")
    if "question_id" in absent and score:
        made["question_id"] = Proposed(
            {"value": key_of(score.split(".")[-1])}, (), "the only question"
        )
    if "survey_kind" not in found and score and _is_nps(score, given[score]):
        made["survey_kind"] = Proposed(
            {"value": "nps"},
            (),
            "whole numbers from 0 to 10; remove it if it is not NPS",
        )
    return made


def _is_nps(column: str, values: list[str]) -> bool:
    name = key_of(column.split(".")[-1])
    given = {value.strip() for value in values if value.strip()}
    named = any(word in name for word in ("nps", "score", "rec", "likelihood"))
    return named and bool(given) and given <= {str(n) for n in range(11)}


def _product(found: dict[str, Proposed]) -> dict[str, Proposed]:
    parts = [found.get("quantity"), found.get("unit_price")]
    columns = [one.columns[0] for one in parts if one]
    if len(columns) < 2:
        return {}
    sql = " * ".join(name_in_sql(column) for column in columns)
    return {"amount": Proposed({"sql": sql}, tuple(columns), "quantity by unit price")}
