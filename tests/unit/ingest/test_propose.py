"""What `segments source new` makes of a file: feed, columns, times, gaps."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from dagster_project.declarations import parse
from dagster_project.errors import UsageError
from dagster_project.ingest.grammar.source_spec import SourceSpec
from dagster_project.ingest.propose.proposal import Proposal, propose
from dagster_project.ingest.propose.text import as_yaml, scalar
from dagster_project.ingest.propose.values import look_at, takes
from dagster_project.settings import REPOSITORY

SHARED = REPOSITORY.parent / "shared" / "data"


def sample(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(lines) + "\n"
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


def proposed(path: Path, **given: Any) -> Proposal:
    return propose(path, path.parent, **given)


def read_back(proposal: Proposal) -> SourceSpec:
    """The declaration as the file that is written would be read."""
    body = yaml.safe_load(as_yaml(proposal))
    return parse(SourceSpec, body, Path("proposal.yml"), name=proposal.name)


def fields(path: Path, **given: Any) -> dict[str, Any]:
    return dict(yaml.safe_load(as_yaml(proposed(path, **given)))["fields"])


# Feeds and columns


def test_our_own_columns_are_found_under_their_own_names(tmp_path):
    path = sample(
        tmp_path,
        "payments-2026-11-20.csv",
        "payment_id,billing_customer_id,paid_at,amount,currency,status",
        "p1,007,2026-11-20T10:00:00Z,10.50,EUR,succeeded",
    )
    found = proposed(path)
    assert found.matching.feed.name == "payments"
    assert (found.needs, found.left_over, found.others) == ([], [], [])
    source = read_back(found)
    assert source.path == "payments-*.csv*"
    assert {name: one.path for name, one in source.fields.items()} == {
        name: (name,) for name in source.fields
    }


def test_vendor_names_are_understood_whatever_their_spelling(tmp_path):
    path = sample(
        tmp_path,
        "export.csv",
        "Customer ID;E-Mail Address;fullName;Country Code;createdAt;lastModified",
        "7;ada@firm.example;Ada;DE;2026-01-02 10:00:00;2026-01-03 10:00:00",
        "8;bob@firm.example;Bob;FR;2026-01-02 11:00:00;2026-01-03 10:00:00",
    )
    found = proposed(path)
    source = read_back(found)
    assert (source.feed, source.delimiter) == ("billing_customers", ";")
    assert source.fields["billing_customer_id"].path == ("Customer ID",)
    assert source.fields["email"].path == ("E-Mail Address",)
    assert source.fields["created_at"].path == ("createdAt",)
    assert source.version_at and source.version_at.path == "lastModified"
    assert source.delivery == "upserts"


def test_values_decide_where_names_say_nothing(tmp_path):
    path = sample(
        tmp_path,
        "contacts.csv",
        "contact_id,col_a,language",
        *(f"c{n},person{n}@firm.example,en" for n in range(5)),
    )
    assert fields(path)["email"] == "col_a"


def test_a_column_whose_values_do_not_fit_is_not_taken_for_its_name(tmp_path):
    path = sample(
        tmp_path,
        "payments.csv",
        "payment_id,paid_at,amount,status,email",
        "p1,2026-01-02,much,failed,nobody",
        "p2,2026-01-03,more,failed,nobody",
    )
    found = proposed(path)
    assert "amount" not in found.fields
    assert {"amount", "email"} <= set(found.left_over)


def test_paths_into_documents_are_proposed(tmp_path):
    lines = [
        {
            "messageId": f"m{n}",
            "type": "track",
            "timestamp": "2026-11-20T10:00:00.000Z",
            "context": {"page": {"url": "https://a.example/x"}, "os": {"name": "iOS"}},
            "properties": {"price": 5},
            "userId": "u1",
        }
        for n in range(3)
    ]
    path = sample(tmp_path, "web.jsonl.gz", *map(json.dumps, lines))
    found = fields(path)
    assert found["url"] == "context.page.url"
    assert found["properties"] == "properties"
    assert found["event_id"] == "messageId"


def test_a_list_in_a_document_is_exploded_when_it_holds_the_rows(tmp_path):
    documents = [
        {"session": n, "events": [{"ts": 1659304800025 + n, "type": "clicks"}] * 2}
        for n in range(3)
    ]
    found = proposed(sample(tmp_path, "web_events.jsonl", *map(json.dumps, documents)))
    source = read_back(found)
    assert source.explode == "events[]"
    assert source.fields["event_at"].unit == "ms"
    assert source.fields["anonymous_id"].path == ("session",)


def test_a_feed_that_is_named_is_taken(tmp_path):
    path = sample(tmp_path, "x.csv", "id,created", "1,2026-01-02")
    assert proposed(path, feed="tickets").matching.feed.name == "tickets"
    with pytest.raises(UsageError, match="no such feed, did you mean tickets"):
        proposed(path, feed="ticket")


def test_the_name_of_the_source_can_be_given(tmp_path):
    path = sample(tmp_path, "plans-2026.csv", "plan_id", "p1")
    assert proposed(path).name == "plans__new"
    assert proposed(path, name="plans__house").source.name == "plans__house"


# Times, amounts, words


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-20T10:00:00+01:00", "t"),
        ("2026-11-20 10:00:00", "t"),
        ("2026-11-20", "t"),
        ("1763632800", {"path": "t", "unit": "s"}),
        ("1763632800123", {"path": "t", "unit": "ms"}),
        ("1763632800123456", {"path": "t", "unit": "us"}),
        ("20/11/2026 10:00", {"path": "t", "format": "%d/%m/%Y %H:%M"}),
        ("11/20/2026 10:00:05", {"path": "t", "format": "%m/%d/%Y %H:%M:%S"}),
        ("20.11.2026", {"path": "t", "format": "%d.%m.%Y"}),
    ],
)
def test_times_are_read_as_they_are_written(tmp_path, value, expected):
    path = sample(tmp_path, "invoices.csv", "invoice_id,amount,t", f"i1,1.5,{value}")
    assert fields(path, feed="invoice_lines")["invoiced_at"] == expected


def test_times_without_an_offset_ask_for_their_zone(tmp_path):
    naive = sample(
        tmp_path, "a.csv", "payment_id,status,paid_at", "1,failed,2026-01-02 10:00"
    )
    text = as_yaml(proposed(naive))
    assert "timezone: UTC" in text
    assert "name the zone of the vendor" in text
    aware = sample(
        tmp_path, "b.csv", "payment_id,status,paid_at", "1,failed,2026-01-02 10:00Z"
    )
    assert "timezone" not in as_yaml(proposed(aware))


def test_days_and_months_that_cannot_be_told_apart_are_said(tmp_path):
    path = sample(tmp_path, "a.csv", "payment_id,status,paid_at", "1,failed,02/03/2026")
    assert "days or months first: no row tells" in as_yaml(proposed(path))


def test_amounts_in_cents_are_divided(tmp_path):
    path = sample(
        tmp_path,
        "payments.csv",
        "id,status,date,amount_cents",
        "1,failed,2026-01-02,1050",
    )
    assert fields(path)["amount"] == {"sql": "amount_cents / 100"}


def test_an_amount_may_be_a_product(tmp_path):
    path = sample(
        tmp_path,
        "sales.csv",
        "InvoiceNo,InvoiceDate,Quantity,Unit Price",
        "536365,2010-12-01 08:26,6,2.55",
    )
    found = proposed(path)
    assert read_back(found).fields["amount"].sql == 'Quantity * "Unit Price"'


def test_words_of_the_vendor_become_ours(tmp_path):
    path = sample(
        tmp_path,
        "charges.csv",
        "id,created,state",
        "1,2026-01-02,paid",
        "2,2026-01-02,declined",
        "3,2026-01-02,pending",
    )
    assert fields(path, feed="payments")["status"] == {
        "path": "state",
        "values": {"paid": "succeeded", "declined": "failed"},
    }
    text = as_yaml(proposed(path, feed="payments"))
    assert "some of its values are none of ours" in text


def test_every_other_event_is_tracked(tmp_path):
    path = sample(
        tmp_path,
        "events.csv",
        "event,user_id,timestamp",
        "page_view,u1,2026-01-02T10:00:00Z",
        "bought,u1,2026-01-02T10:00:00Z",
    )
    found = fields(path)
    assert found["event_type"] == {
        "path": "event",
        "values": {"page_view": "page"},
        "default": "track",
    }
    assert found["event_name"] == "event"
    assert found["event_id"] == {"sql": "md5(_path || _line)"}


def test_answers_from_nought_to_ten_are_taken_for_nps(tmp_path):
    path = sample(
        tmp_path, "nps.csv", "id,score,created_at", "1,10,2026-01-02", "2,0,2026-01-03"
    )
    found = fields(path)
    assert found["survey_kind"] == {"value": "nps"}
    assert found["question_id"] == {"value": "score"}


# What is missing


def test_a_required_column_without_a_source_is_asked_for(tmp_path):
    path = sample(
        tmp_path, "sales.csv", "customer_id,order_date,revenue", "7,2026-01-02,10"
    )
    found = proposed(path)
    assert found.source is None
    assert found.needs == ["invoice_id"]
    assert "  # needs: invoice_id\n" in as_yaml(found)


def test_what_is_left_over_is_listed_without_a_value(tmp_path):
    path = sample(tmp_path, "plans.csv", "plan_id,secret_note", "p1,hush hush")
    text = as_yaml(proposed(path))
    assert "#   secret_note: values are texts" in text
    assert "hush" not in text


def test_names_of_columns_cannot_write_yaml(tmp_path):
    name = "plan_id: x\rfeed"
    path = sample(tmp_path, "plans.csv", f'plan_id,"{name}","# a: [b"', "p1,1,2")
    found = proposed(path)
    assert read_back(found).feed == "plans"
    assert scalar({"path": "# a: [b"}) == "{path: '# a: [b'}"


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\xff\xfe\x00", "is not UTF-8"),
        ("a.csv.gz", b"no gzip", "cannot be read"),
        ("a.parquet", b"PAR1", "not readable as Parquet"),
        ("a.json", b'{\n "a": 1\n}', "over several lines"),
        ("a.json", b"[1, 2]", "holds no JSON object"),
        ("a.csv", b"zzz,qqq\n1,2\n", "none of its columns is like ours"),
    ],
)
def test_what_no_source_could_read_is_refused(tmp_path, name, content, complaint):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UsageError, match=complaint):
        proposed(path)
    with pytest.raises(UsageError, match="no such file"):
        proposed(tmp_path / "none.csv")


# Forms of files


def test_a_file_without_a_header_has_numbered_columns(tmp_path):
    path = sample(
        tmp_path, "events.csv", "u1,2026-01-02 10:00:00", "u2,2026-01-02 10:00:00"
    )
    found = proposed(path, feed="web_events")
    assert found.body["header"] == 0
    assert fields(path, feed="web_events")["event_at"] == "column_2"


def test_three_header_rows_are_recognised(tmp_path):
    path = sample(
        tmp_path,
        "survey.csv",
        "ResponseId,RecordedDate,score",
        "Response,Recorded,How likely?",
        '"{""ImportId"":""_id""}","{""ImportId"":""d""}","{""ImportId"":""q""}"',
        "R_1,2026-01-02 10:00:00,9",
    )
    source = read_back(proposed(path))
    assert (source.skip, source.feed) == ((2, 3), "survey_responses")


def test_lines_of_a_web_server_are_recognised(tmp_path):
    line = (
        '10.0.0.1 - - [20/Nov/2026:10:00:00 +0000] "GET /a?b=1 HTTP/1.1" 200 512 '
        '"-" "Mozilla/5.0"'
    )
    source = read_back(proposed(sample(tmp_path, "access.log", line, line)))
    assert (source.feed, source.format) == ("web_events", "regex")
    assert source.fields["event_at"].format == "%d/%b/%Y:%H:%M:%S %z"
    assert source.fields["url"].path == ("url",)


def test_a_list_of_documents_is_read(tmp_path):
    rows = [{"plan_id": "a", "tier": "small"}, {"plan_id": "b", "tier": "large"}]
    source = read_back(
        proposed(sample(tmp_path, "plans.json", json.dumps(rows, indent=1)))
    )
    assert (source.format, source.feed) == ("json", "plans")


# Shapes


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        (["", " "], "empty"),
        (["a@b.example"], "email"),
        (["0f8fad5b-d9cb-469f-a165-70867728950e"], "uuid"),
        (["EUR", "usd"], "currency"),
        (["1.5", "2"], "decimal"),
        (["1", "-2"], "integer"),
        (["true", "No"], "yes_no"),
        (["https://a.example", "/b"], "url"),
        (['{"a": 1}', "[]"], "json"),
        (["words", "1"], "text"),
        (["12345678901234567890"], "integer"),
    ],
)
def test_the_shape_of_values(values, shape):
    assert look_at(values).shape == shape


def test_a_few_odd_values_do_not_hide_the_shape():
    assert look_at(["1.5"] * 19 + ["n/a"]).shape == "decimal"
    assert look_at(["1.5"] * 5 + ["n/a"] * 5).shape == "text"


def test_numbers_that_are_times_are_still_numbers():
    assert takes("timestamp", look_at(["1763632800"]))
    assert takes("decimal", look_at(["1763632800"]))
    assert not takes("email", look_at(["1763632800"]))


# Files of other people


def others() -> list[Path]:
    if not SHARED.is_dir():
        return []
    kinds = (".csv", ".parquet", ".jsonl", ".gz")
    files = sorted(path for path in SHARED.rglob("*") if path.suffix in kinds)
    return [path for path in files if "expected" not in path.name]


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED} is not there")
def test_a_proposal_for_any_file_parses_or_says_what_it_lacks():
    complete = 0
    for path in others():
        try:
            found = proposed(path)
        except UsageError:
            continue
        assert bool(found.source) != bool(found.needs), path
        if found.source:
            assert read_back(found).fields == found.source.fields, path
            complete += 1
    assert complete >= 20


@pytest.mark.parametrize(
    ("name", "feed"),
    [
        ("online_retail_part/online_retail_2010-12_2011-03.parquet", "invoice_lines"),
        ("cdnow_sample/cdnow_transactions_sample_1of10.csv", "invoice_lines"),
        ("rfm_r_package/rfm_orders.csv", "invoice_lines"),
        ("fivetran_dbt_recurly/line_item_history_data.csv", "invoice_lines"),
        ("fivetran_dbt_stripe/charge_data.csv", "payments"),
        ("fivetran_dbt_stripe/customer_data.csv", "billing_customers"),
        ("fivetran_dbt_stripe/product_data.csv", "products"),
        ("dbt_segment/example_segment_pages.csv", "web_events"),
        ("otto_sample/otto_events_flat.csv", "web_events"),
        ("otto_sample/otto_sessions_sample.jsonl", "web_events"),
        ("retentioneering/ecom_synthetic_clickstream.csv.gz", "web_events"),
        ("anon_reviews_part/anon_reviews_until_2006-06.parquet", "survey_responses"),
    ],
)
@pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED} is not there")
def test_the_feed_of_public_files_is_recognised(name, feed):
    assert proposed(SHARED / name).matching.feed.name == feed
