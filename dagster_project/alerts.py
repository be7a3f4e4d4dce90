"""Tells people by webhook and by mail. Says nothing about customers."""

import json
import smtplib
import urllib.request
from email.message import EmailMessage
from http.client import HTTPException
from urllib.parse import parse_qs, unquote, urlsplit

from dagster_project.errors import UsageError
from dagster_project.settings import Settings

TIMEOUT_SECONDS = 20


def send_alert(settings: Settings, subject: str, text: str) -> list[str]:
    """Send to every way that is configured and return their names.

    `WEBHOOK_URL` gets `{"text": ...}` as JSON, which chat services understand.
    `SMTP_URL` is `smtp[s]://user:password@host:port/?from=a@b&to=c@d`. Raises OSError
    when a way cannot be reached, after the others were tried, so that the caller's log
    shows it; UsageError when an address is missing.
    """
    ways = {
        "webhook": (settings.webhook_url, _post),
        "mail": (settings.smtp_url, _mail),
    }
    told, errors = [], []
    for name, (url, send) in ways.items():
        if not url:
            continue
        try:
            send(url.get_secret_value(), subject, text)
            told.append(name)
        except (OSError, HTTPException) as error:
            errors.append(f"{name}: {error}")
    if errors:
        raise OSError("; ".join(errors))
    return told


def _post(url: str, subject: str, text: str) -> None:
    request = urllib.request.Request(
        url,
        data=json.dumps({"text": f"{subject}\n{text}"}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):
        pass


def _mail(url: str, subject: str, text: str) -> None:
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    if not {"from", "to"} <= query.keys():
        raise UsageError("SEGMENTS_SMTP_URL must end with ?from=<sender>&to=<receiver>")
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = query["from"][0]
    message["To"] = ", ".join(query["to"])
    message.set_content(text)
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    with kind(parts.hostname or "", parts.port or 0, timeout=TIMEOUT_SECONDS) as server:
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)
