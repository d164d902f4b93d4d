"""The report form over twins, and a person at it."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from contact_desk.contacts import Surface
from contact_desk.force_file import ForceFile
from contact_desk.http_api import Answer, respond
from functions.report.handler import ROUTES
from functions.report.reports import Reports
from local.twins.held_still import FrozenClock
from local.twins.in_memory_archive import InMemoryArchive
from local.twins.in_memory_queues import InMemoryContactQueue
from local.twins.in_memory_secret import InMemorySecret
from tests.builders import force, http_event
from tests.form_walker import FormWalker

FORM_TYPE = {"content-type": "application/x-www-form-urlencoded"}
ANSWERS = {
    "emergency": "no",
    "matter": "suspicious",
    "what": "A man tries the doors of parked cars.",
    "where": "Bold Street, by the church",
    "when": "every night this week",
    "who": "yes",
    "name": "Ada Person",
    "country": "",
    "safe": "yes",
    "email": "ada@example.org",
    "phone": "07700 900 982",
    "how": "text only",
    "not_when": "after six",
}
SHORTEST = {**ANSWERS, "who": "no"}


@dataclass
class FormDesk:
    """Archive, queue and seal in memory, and the answers of the Lambda's own routes."""

    force: ForceFile = field(default_factory=force)
    clock: FrozenClock = field(default_factory=FrozenClock)
    seal: InMemorySecret = field(default_factory=lambda: InMemorySecret(key="a key that nobody knows"))
    last: Answer = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.archive = InMemoryArchive(self.clock)
        self.queue = InMemoryContactQueue([Surface.PRIVATE])
        self.reports = Reports(self.force, self.archive, self.queue, self.clock, self.seal)

    def ask(self, method: str, path: str, fields: Mapping[str, str] | None = None) -> tuple[int, str]:
        """One request as a browser sends it; the status and the page."""
        path, _, query = path.partition("?")
        event = http_event(
            method,
            path,
            body=urlencode(fields).encode() if fields is not None else None,
            headers=FORM_TYPE,
            query=dict([query.split("=")]) if query else None,
            encoded=fields is not None,
        )
        self.last = respond(event, ROUTES, self.reports)
        return self.last["statusCode"], body_of(self.last).decode()

    def person(self) -> FormWalker:
        """Somebody without scripts."""
        return FormWalker(self.ask)

    @property
    def sent(self) -> list[dict[str, Any]]:
        """The reports in the archive, as their bytes say."""
        return [json.loads(delivery.body) for delivery in self.archive.deliveries.values()]


def body_of(answer: Answer) -> bytes:
    """The bytes that a browser sees."""
    body: str = answer["body"]
    if not answer.get("isBase64Encoded"):
        return body.encode()
    return gzip.decompress(base64.b64decode(body))
