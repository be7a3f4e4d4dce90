"""A firm whose deliveries come in no good order: a world for replays, by seed.

Rows come late, early, twice, corrected and stale; files come again, are replaced under
their names, withdrawn and brought back; persons share devices and turn out to be one.
Nothing here says what must come of it.
"""

import random
import shutil
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from dagster_project.ingest.grammar.source_spec import load_sources
from dagster_project.ingest.operate import reload, withdraw
from dagster_project.settings import Settings
from tests.pipeline.world import FILES, Row, deliver, event

NAMES = ["page", "signed_in", "cart_created", "checkout_started", "card_declined"]
NAMES += ["feature_used", "order_completed"]
KINDS = ["nps", "csat", "needs", "preference"]
#: How many days before its night a row may be of; most are of the last one.
AGES = [0, 0, 0, 0, 1, 1, 2, 5, 12, 40]


class Disorder:
    """What the firm lands before each night. The same seed lands the same rows."""

    def __init__(self, settings: Settings, seed: int, customers: int = 40) -> None:
        self.settings = settings
        self.customers = customers
        self.nights = 0
        self._choose = random.Random(seed)
        self._files: list[tuple[str, str, list[Row]]] = []
        self._withdrawn: list[str] = []
        self._made = 0

    def land(self, night: date) -> None:
        """Land what comes before a night and change some of what came before."""
        self.nights += 1
        makers: dict[str, tuple[Callable[[date], Row], int]] = {
            "web_events": (self._visit, 80),
            "survey_responses": (self._answer, 12),
            "billing_customers": (self._customer, 12),
            "subscriptions": (self._period, 10),
            "invoice_lines": (self._line, 15),
            "payments": (self._payment, 10),
            "tickets": (self._ticket, 8),
            "contacts": (self._contact, 6),
            "consents": (self._consent, 5),
            "campaign_events": (self._mail, 8),
        }
        for feed, (make, rows) in makers.items():
            self._deliver(feed, str(night), [make(night) for _ in range(rows)])
        self._deliver("products", str(night), self._products())
        if self.nights > 1:
            self._again(night)
            self._disturb_files(night)

    # Rows. Few ids, so that the same one comes again with other content.

    def _visit(self, night: date) -> Row:
        who, at = self._pick(range(self.customers)), self._moment(night)
        user = f"u{who}" if self._chance(0.6) else None
        device = self._pick([f"a{who}", f"a{who}", f"a{who}-phone", f"shared{who % 5}"])
        tracker = f"t{who % 7}-{at:%d}" if who % 4 == 0 and self._chance(0.8) else None
        return event(
            self._id("e"),
            at,
            event_name=(name := self._pick(NAMES)),
            event_type="page" if name == "page" else "track",
            received_at=self._maybe(0.9, at + timedelta(seconds=self._pick([1, 9e4]))),
            anonymous_id=device if user is None else self._maybe(0.7, device),
            user_id=user,
            session_id=tracker,
            email=self._maybe(0.1, f"p{who % 37}@example.org") if user else None,
            account_id=self._maybe(0.05, f"firm{who % 6}"),
            url=self._maybe(0.8, f"https://shop.example/{self._pick('abc')}?q=1"),
            referrer=self._maybe(0.3, "https://www.google.com/"),
            utm_source=self._maybe(0.3, self._pick(["news", "ads"])),
            utm_medium=self._maybe(0.3, self._pick(["email", "cpc"])),
            device_type=self._maybe(0.7, self._pick(["mobile", "desktop"])),
            country=self._maybe(0.5, self._pick(["DE", "FR"])),
            product_id=self._maybe(0.4, f"prod{self._pick(range(6))}"),
            search_term=self._maybe(0.1, self._pick(["shoe", "hat"])),
            feature=f"f{who % 3}" if name == "feature_used" else None,
        )

    def _answer(self, night: date) -> Row:
        who = self._pick(range(self.customers))
        return {
            "response_id": f"r{self._pick(range(40))}",
            "question_id": self._pick(["recommend", "service"]),
            "user_id": self._maybe(0.5, f"u{who}"),
            "billing_customer_id": self._maybe(0.5, f"b{who}"),
            "survey_kind": self._pick(KINDS),
            "answer_number": self._pick(range(11)),
            "submitted_at": self._moment(night),
        }

    def _customer(self, night: date) -> Row:
        who = self._pick(range(self.customers))
        return {
            "billing_customer_id": f"b{who}",
            "email": self._maybe(0.8, f"p{who % 37}@example.org"),
            "user_id": self._maybe(0.6, f"u{who}"),
            "name": f"Customer {who}",
            "country": self._pick(["DE", "FR", None]),
            "currency": "EUR",
            "account_id": f"firm{who % 6}" if who % 3 == 0 else None,
            "created_at": night - timedelta(days=50 + who),
            "updated_at": self._moment(night),
        }

    def _period(self, night: date) -> Row:
        which = self._pick(range(50))
        starts = date(2026, 1, 1) + timedelta(days=7 * (which // 10) + which)
        ends = starts + timedelta(days=self._pick([0, 20, 45, 200]))
        return {
            "subscription_id": f"s{which}",
            "billing_customer_id": f"b{which % self.customers}",
            "starts_on": starts,
            "ends_on": self._maybe(0.6, ends),
            "plan_id": (plan := self._pick(["basic", "plus"])),
            "plan": plan,
            "monthly_amount": self._pick([10, 25, "49.99"]),
            "currency": "EUR",
            "status": self._pick(["active", "active", "canceled", "trialing"]),
            "updated_at": self._moment(night),
        }

    def _line(self, night: date) -> Row:
        who = self._pick(range(self.customers))
        return {
            "invoice_line_id": self._id("l"),
            "invoice_id": f"i{self._made // 2}",
            "billing_customer_id": self._maybe(0.9, f"b{who}"),
            "invoiced_at": self._moment(night),
            "product_id": f"prod{self._pick(range(6))}",
            "quantity": 1,
            "amount": self._pick(["10.00", "99.95", "-10.00", "0.10"]),
            "currency": "EUR",
        }

    def _payment(self, night: date) -> Row:
        who = self._pick(range(self.customers))
        return {
            "payment_id": f"pay{self._pick(range(60))}",
            "billing_customer_id": f"b{who}",
            "paid_at": self._moment(night),
            "amount": "10.00",
            "currency": "EUR",
            "status": self._pick(["succeeded", "failed", "refunded"]),
            "updated_at": self._moment(night),
        }

    def _ticket(self, night: date) -> Row:
        who, at = self._pick(range(self.customers)), self._moment(night)
        return {
            "ticket_id": f"ticket{self._pick(range(40))}",
            "user_id": f"u{who}",
            "opened_at": at,
            "closed_at": self._maybe(0.5, at + timedelta(hours=self._pick([1, 60]))),
            "type": self._pick(["bug", "question"]),
            "status": "open",
            "csat": self._maybe(0.4, self._pick(range(6))),
            "handle_minutes": self._pick([5, 30]),
            "updated_at": self._moment(night),
        }

    def _contact(self, night: date) -> Row:
        who = self._pick(range(self.customers))
        return {
            "contact_id": f"contact{who}",
            "email": f"p{who % 37}@example.org",
            "account_id": f"firm{who % 6}",
            "user_id": self._maybe(0.5, f"u{who}"),
            "seniority": self._pick(["manager", "director", None]),
            "updated_at": self._moment(night),
        }

    def _consent(self, night: date) -> Row:
        return {
            "user_id": f"u{self._pick(range(self.customers))}",
            "purpose": "marketing",
            "channel": self._pick(["email", "sms"]),
            "status": self._pick(["granted", "withdrawn"]),
            "changed_at": self._moment(night),
        }

    def _mail(self, night: date) -> Row:
        return {
            "event_id": self._id("m"),
            "campaign_id": "spring",
            "user_id": f"u{self._pick(range(self.customers))}",
            "channel": "email",
            "event_type": self._pick(["sent", "opened", "clicked"]),
            "event_at": self._moment(night),
        }

    def _products(self) -> list[Row]:
        known = [n for n in range(6) if self._chance(0.8)]
        return [
            {"product_id": f"prod{n}", "category": self._pick("xy"), "price": 10 + n}
            for n in known
        ]

    # What happens to rows and files of earlier nights.

    def _again(self, night: date) -> None:
        """Events and lines come again, as they were or with other times."""
        for feed, at in (("web_events", "event_at"), ("invoice_lines", "invoiced_at")):
            known = [row for one, _, rows in self._files if one == feed for row in rows]
            again = [dict(row) for row in self._choose.sample(known, 12)]
            for row in again:
                if self._chance(0.6):
                    row[at] += timedelta(hours=self._pick([-30, -1, 1, 30]))
                if "received_at" in row and row["received_at"] and self._chance(0.5):
                    row["received_at"] += timedelta(hours=self._pick([-60, 60]))
            self._deliver(feed, f"{night}-again", again)

    def _disturb_files(self, night: date) -> None:
        older = self._files[:-13]
        for _ in range(2):
            feed, label, rows = self._pick(older)
            copy = f"{label}-sent-on-{night}"
            if (path := self._path(feed, label)).exists():
                shutil.copyfile(path, self._path(feed, copy))
        feed, label, rows = self._pick(older)
        fewer = [row for row in rows if self._chance(0.8)]
        # What is left of a corrected file comes under its old name.
        if self._name(feed, label) not in self._withdrawn:
            self._deliver(feed, label, fewer)
        if self._withdrawn and self._chance(0.5):
            name = self._withdrawn.pop()
            folder = self.settings.declaration_folder("sources")
            reload(self.settings, load_sources(folder), name)
        feed, label, rows = self._pick(older)
        if (
            feed != "products"
            and (name := self._name(feed, label)) not in self._withdrawn
        ):
            withdraw(self.settings, name, "sent by mistake")
            self._withdrawn.append(name)

    def _deliver(self, feed: str, label: str, rows: list[Row]) -> None:
        deliver(self.settings, label, **{feed: rows})
        self._files = [one for one in self._files if one[:2] != (feed, label)]
        self._files.append((feed, label, rows))

    def _name(self, feed: str, label: str) -> str:
        return FILES[feed].format(label)

    def _path(self, feed: str, label: str) -> Any:
        return self.settings.landing_folder / self._name(feed, label)

    # Chance.

    def _moment(self, night: date) -> datetime:
        age = self._pick(AGES) if self._chance(0.9) else self._pick([-1, -2])
        midnight = datetime.combine(night - timedelta(days=age), datetime.min.time())
        # Many moments of few half hours, so that sessions meet and grow.
        return midnight + timedelta(
            minutes=30 * self._pick([0, 1, 17, 18, 19, 46, 47]) + self._pick(range(31))
        )

    def _id(self, prefix: str) -> str:
        self._made += 1
        return f"{prefix}{self._made}"

    def _pick(self, among: Any) -> Any:
        return self._choose.choice(among)

    def _chance(self, share: float) -> bool:
        return self._choose.random() < share

    def _maybe(self, share: float, value: Any) -> Any:
        return value if self._chance(share) else None
