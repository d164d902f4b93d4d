"""Broadcasts at a desk in memory: drafted by Ava, submitted, and approved by Ben."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contact_desk.outbox import OutboxKind, OutboxState
from local.twins.held_still import NOON
from tests.unit.operate.at_the_desk import Answered, AtTheDesk

CLOSURE: dict[str, Any] = {
    "kind": "incident",
    "what": "Road closed",
    "where": "Queensway tunnel, both ways",
    "do": "Use the Kingsway tunnel.",
    "severity": "moderate",
    "area": {"names": ["Birkenhead"], "polygon": [[-3.0, 53.4], [-2.98, 53.4], [-2.98, 53.42], [-3.0, 53.4]]},
    "expires_at": "2026-11-02T14:00:00Z",
    "copies": {"facebook_page": {}, "x": {"text": "The Queensway tunnel is closed."}},
}


def drafted(at_the_desk: AtTheDesk, **changes: Any) -> Answered:
    answer = at_the_desk.post("/desk/broadcasts", {**CLOSURE, **changes}, who="Ava")
    assert answer.status == 201, answer.fields
    return answer


def path(answer: Answered) -> str:
    return f"/desk/broadcasts/{answer.fields['broadcast_id']}"


def submitted(at_the_desk: AtTheDesk, **changes: Any) -> Answered:
    one = drafted(at_the_desk, **changes)
    answer = at_the_desk.post(f"{path(one)}/submit", version=1, who="Ava")
    assert answer.status == 200, answer.fields
    return answer


def approve(at_the_desk: AtTheDesk, one: Answered, who: str = "Ben", **fields: Any) -> Answered:
    return at_the_desk.post(
        f"{path(one)}/approve",
        {"hash": fields.get("hash", one.fields["hash"])},
        who=who,
        role=fields.get("role", "supervisor"),
        version=fields.get("version", one.fields["version"]),
    )


def published(at_the_desk: AtTheDesk, **changes: Any) -> Answered:
    answer = approve(at_the_desk, submitted(at_the_desk, **changes))
    assert answer.status == 200, answer.fields
    return answer


def audited(at_the_desk: AtTheDesk, one: Answered) -> list[str]:
    return [entry.act for entry in at_the_desk.records.audit[one.fields["broadcast_id"]]]


def sent(at_the_desk: AtTheDesk, one: Answered, platform_id: str = "post-1") -> None:
    """Every copy has arrived."""
    records = at_the_desk.records
    for name, item in records.outbox.items():
        if item.kind is OutboxKind.COPY and item.target == one.fields["broadcast_id"]:
            records.outbox[name] = replace(
                item, state=OutboxState.SENT, platform_id=platform_id, sent_at=NOON
            )
