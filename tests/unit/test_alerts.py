"""Alerts leave by every way that is configured, and say when they could not."""

import json
import socket
import threading
from collections.abc import Iterator
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pydantic import SecretStr

from dagster_project.alerts import send_alert
from dagster_project.errors import UsageError
from dagster_project.settings import Settings, load_settings

SUBJECT = "The night of 2026-11-21 was held"
TEXT = "raw.invoice_lines amount_scale: × 1,000\nfeatures.customer_features revenue_12m"


class Webhook:
    """A chat service on this machine that keeps what it is told."""

    def __init__(self, status: int = 200) -> None:
        self.posts: list[tuple[str, str, dict[str, str]]] = []
        kept = self.posts

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                kept.append((self.path, self.headers["Content-Type"], json.loads(body)))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/nights"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class MailServer:
    """Takes one mail, as far as the protocol is needed for that."""

    def __init__(self, greeting: str = "220 ready") -> None:
        self.lines: list[str] = []
        self.mail = ""
        self.greeting = greeting
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(10)
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        with self.listener, self.listener.accept()[0] as peer:
            peer.settimeout(10)
            file = peer.makefile("rw", encoding="utf-8", newline="")
            self._answer(file, self.greeting)
            for line in file:
                self.lines.append(line.strip())
                if not self._take(file, line.strip()):
                    break

    def _take(self, file, line: str) -> bool:
        verb = line.partition(" ")[0].upper()
        if verb == "EHLO":
            file.write("250-here\r\n")
            self._answer(file, "250 AUTH PLAIN")
        elif verb == "DATA":
            self._answer(file, "354 go on")
            self.mail = "".join(iter(file.readline, ".\r\n"))
            self._answer(file, "250 kept")
        else:
            known = {"QUIT": "221 bye", "AUTH": "235 welcome"}
            self._answer(file, known.get(verb, "250 fine"))
        return verb != "QUIT"

    @staticmethod
    def _answer(file, line: str) -> None:
        file.write(f"{line}\r\n")
        file.flush()

    def close(self) -> None:
        self.thread.join()


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    found = Webhook()
    yield found
    found.close()


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    found = MailServer()
    yield found
    found.close()


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def settings(tmp_path, **ways: str) -> Settings:
    quiet = {"smtp_url": SecretStr(""), "webhook_url": SecretStr("")}
    told = {name: SecretStr(url) for name, url in ways.items()}
    return load_settings(home=tmp_path, **(quiet | told))


def test_without_a_way_nobody_is_told(tmp_path):
    assert send_alert(settings(tmp_path), SUBJECT, TEXT) == []


def test_a_webhook_gets_subject_and_text_as_json(tmp_path, webhook):
    ways = send_alert(settings(tmp_path, webhook_url=webhook.url), SUBJECT, TEXT)
    assert ways == ["webhook"]
    said = {"text": f"{SUBJECT}\n{TEXT}"}
    assert webhook.posts == [("/hooks/nights", "application/json", said)]


def test_a_mail_has_sender_every_receiver_subject_and_text(tmp_path, mail_server):
    url = f"smtp://{mail_server.address}/?from=night@example.org"
    url += "&to=ann@example.org&to=ben@example.org"
    assert send_alert(settings(tmp_path, smtp_url=url), SUBJECT, TEXT) == ["mail"]
    mail_server.close()
    receivers = [line for line in mail_server.lines if line.startswith("rcpt")]
    assert receivers == ["rcpt TO:<ann@example.org>", "rcpt TO:<ben@example.org>"]
    mail = message_from_bytes(mail_server.mail.encode())
    assert mail["Subject"] == SUBJECT
    assert mail["From"] == "night@example.org"
    assert mail["To"] == "ann@example.org, ben@example.org"
    body = mail.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert body.decode().replace("\r\n", "\n").strip() == TEXT


def test_a_mail_server_that_asks_for_it_gets_user_and_password(tmp_path, mail_server):
    way = f"smtp://night%40firm:p%3Aw@{mail_server.address}/?from=a@b.org&to=c@d.org"
    send_alert(settings(tmp_path, smtp_url=way), SUBJECT, TEXT)
    mail_server.close()
    (login,) = [line for line in mail_server.lines if line.startswith("AUTH")]
    # \0night@firm\0p:w
    assert login == "AUTH PLAIN AG5pZ2h0QGZpcm0AcDp3"


def test_every_configured_way_is_used(tmp_path, webhook, mail_server):
    url = f"smtp://{mail_server.address}/?from=a@b.org&to=c@d.org"
    both = settings(tmp_path, webhook_url=webhook.url, smtp_url=url)
    assert send_alert(both, SUBJECT, TEXT) == ["webhook", "mail"]
    assert len(webhook.posts) == 1


@pytest.mark.parametrize(
    ("way", "url"),
    [
        ("webhook_url", "http://127.0.0.1:{}/hook"),
        ("smtp_url", "smtp://127.0.0.1:{}/?from=a@b.org&to=c@d.org"),
        ("smtp_url", "smtps://127.0.0.1:{}/?from=a@b.org&to=c@d.org"),
    ],
)
def test_a_way_that_cannot_be_reached_is_an_error(tmp_path, free_port, way, url):
    with pytest.raises(OSError, match="refused"):
        send_alert(settings(tmp_path, **{way: url.format(free_port)}), SUBJECT, TEXT)


def test_a_webhook_that_refuses_is_an_error(tmp_path):
    webhook = Webhook(status=410)
    try:
        with pytest.raises(OSError, match="410"):
            send_alert(settings(tmp_path, webhook_url=webhook.url), SUBJECT, TEXT)
    finally:
        webhook.close()


def test_a_mail_server_that_refuses_is_an_error(tmp_path):
    server = MailServer(greeting="554 not today")
    url = f"smtp://{server.address}/?from=a@b.org&to=c@d.org"
    with pytest.raises(OSError, match="not today"):
        send_alert(settings(tmp_path, smtp_url=url), SUBJECT, TEXT)
    server.close()


def test_one_way_that_is_down_does_not_silence_the_other(
    tmp_path, free_port, mail_server
):
    down = f"http://127.0.0.1:{free_port}/hook"
    url = f"smtp://{mail_server.address}/?from=a@b.org&to=c@d.org"
    both = settings(tmp_path, webhook_url=down, smtp_url=url)
    with pytest.raises(OSError, match="refused"):
        send_alert(both, SUBJECT, TEXT)
    mail_server.close()
    assert SUBJECT in mail_server.mail


@pytest.mark.parametrize(
    "url", ["smtp://127.0.0.1:25/", "smtp://127.0.0.1:25/?from=a@b.org"]
)
def test_a_mail_address_that_is_missing_is_named(tmp_path, url):
    with pytest.raises(UsageError, match="SMTP_URL.*from=.*to="):
        send_alert(settings(tmp_path, smtp_url=url), SUBJECT, TEXT)
