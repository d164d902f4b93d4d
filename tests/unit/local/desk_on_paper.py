"""A desk as small as can be, behind HTTP: enough for the scripted day to be played and accounted for in memory."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx

from contact_desk.references import reference

SECRET = "app-secret"
PAGE = "7001"
ON_X = "9001"
WHEN = "2026-11-02T12:00:00.000Z"


@dataclass
class DeskOnPaper:
    """Takes webhooks and reports, opens one case per person, and shows them; each flaw makes it a worse desk."""

    loses: str | None = None
    doubles: str | None = None
    takes_forgeries: bool = False
    fails_first: int = 0
    never_sends: bool = False
    strangers: int = 0
    cases: dict[str, dict[str, Any]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    received: list[dict[str, Any]] = field(default_factory=list)

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path, case_id = request.url.path, request.url.path.removeprefix("/desk/cases/")
        if request.method == "POST":
            takes = {
                "/webhooks/meta": self._webhook,
                "/webhooks/x": self._posted_on_x,
                "/webhooks/sms": self._texted,
                "/reports": self._report,
            }
            return takes[path](request)
        if path.startswith("/desk/"):
            assert request.headers["authorization"] == "Bearer operator-token"
        if case_id in self.cases:
            return httpx.Response(200, json=self.cases[case_id])
        ranks = [
            {"rank": "A1", "case_id": case} for case, fields in self.cases.items() if fields["emergency"]
        ]
        pages = {
            "/desk/cases": self._page(request.url.params.get("cursor")),
            "/desk/alerts": {"alerts": ranks},
            "/received": {"received": self.received},
        }
        return httpx.Response(200, json=pages[path])

    def _webhook(self, request: httpx.Request) -> httpx.Response:
        if self.fails_first:
            self.fails_first -= 1
            return httpx.Response(503)
        expected = "sha256=" + hmac.new(SECRET.encode(), request.content, hashlib.sha256).hexdigest()
        if request.headers.get("x-hub-signature-256") != expected and not self.takes_forgeries:
            return httpx.Response(401)
        try:
            body = json.loads(request.content)
        except ValueError:
            digest = hashlib.sha256(request.content).hexdigest()
            self._take("messenger", f"{digest}.0", digest, None, "contact")
            return httpx.Response(200)
        for channel, native_id, person, text, kind in _events(body):
            self._take(channel, native_id, person, text, kind)
        return httpx.Response(200)

    def _posted_on_x(self, request: httpx.Request) -> httpx.Response:
        payload = json.loads(request.content)["data"]["payload"]
        for message in payload.get("direct_message_events", ()):
            created = message["message_create"]
            self._take("x", message["id"], created["sender_id"], created["message_data"]["text"], "contact")
        if "author_id" in payload and payload["author_id"] != ON_X:
            self._take("x", payload["id"], payload["author_id"], payload["text"], "contact")
        return httpx.Response(200)

    def _texted(self, request: httpx.Request) -> httpx.Response:
        form = dict(parse_qsl(request.content.decode()))
        self._take("sms", form["MessageSid"], form["From"], form["Body"], "contact")
        return httpx.Response(200)

    def _report(self, request: httpx.Request) -> httpx.Response:
        report = json.loads(request.content)
        what = report.get("what", "")
        if "report_id" not in report or len(what) > 10_000:
            return httpx.Response(422, json={"type": "urn:contact-desk:validation"})
        self._take("report_form", report["report_id"], report["report_id"], what, "contact")
        answer = {
            "reference": reference("MP", "report_form#" + report["report_id"]),
            "next": "We will read it.",
        }
        return httpx.Response(201, json=answer)

    def _take(self, channel: str, native_id: str, person: str, text: str | None, kind: str) -> None:
        if text and text == self.loses:
            return
        name = f"{channel}#{native_id}#{kind}"
        if name in self.seen and not (text and text == self.doubles):
            return
        self.seen.add(name)
        case_id = f"{channel}-{person}"
        case = self.cases.setdefault(
            case_id,
            {
                "case_id": case_id,
                "reference": reference("MP", f"{channel}#{native_id}"),
                "state": "open",
                "grade": "scheduled",
                "category": "advice",
                "emergency": False,
                "opened_at": WHEN,
                "timeline": [],
            },
        )
        case["timeline"].append(
            {"at": WHEN, "kind": kind, "by": None, "text": text, "outbox_id": None, "state": None}
        )
        if text and "knife" in text:
            case |= {"emergency": True, "grade": "emergency"}
            to = native_id if channel == "facebook_page" else person
            state = "pending" if self.never_sends else "sent"
            case["timeline"].append({"at": WHEN, "kind": "automatic", "text": "Ring 999", "state": state})
            self.received.append(
                {
                    "at": datetime.now(UTC).isoformat(),
                    "act": "message",
                    "to": to,
                    "text": "Ring 999",
                    "visible": True,
                }
            )

    def _page(self, cursor: str | None) -> dict[str, Any]:
        cases = list(self.cases.values())
        for number in range(self.strangers if self.cases else 0):
            cases.append(dict(cases[0], case_id=f"stranger-{number}", reference=f"MP-0000-000{number}-0"))
        first = int(cursor or 0)
        following = first + 10
        return {
            "cases": cases[first:following],
            "next_cursor": str(following) if following < len(cases) else None,
        }


def _events(body: dict[str, Any]) -> Iterator[tuple[str, str, str, str | None, str]]:
    for entry in body["entry"]:
        if entry["id"] != PAGE:
            continue
        for item in entry.get("messaging", []):
            message, person = item.get("message"), item["sender"]["id"]
            if edit := item.get("message_edit"):
                yield "messenger", edit["mid"], person, edit["text"], "edit"
            elif message and message.get("is_deleted"):
                yield "messenger", message["mid"], person, None, "deleted"
            elif message and not message.get("is_echo"):
                yield "messenger", message["mid"], person, message["text"], "contact"
        for change in entry.get("changes", []):
            value = change["value"]
            if value["item"] != "comment" or value["from"]["id"] == PAGE:
                continue
            kind = {"add": "contact", "edited": "edit", "remove": "deleted"}[value["verb"]]
            yield "facebook_page", value["comment_id"], value["from"]["id"], value.get("message"), kind
