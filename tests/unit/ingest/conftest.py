from pathlib import Path

import pytest
from ingest_company import Company


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


@pytest.fixture
def invoices(company: Company) -> Company:
    company.source(feed="invoice_lines", path="*.csv*", format="csv", delivery="events")
    return company


@pytest.fixture
def events(company: Company) -> Company:
    company.source(
        feed="web_events", path="*.jsonl*", format="jsonl", delivery="events"
    )
    return company
