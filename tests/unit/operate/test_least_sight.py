"""Who may do what to which case: a random matrix against a model, and what a restricted case shows to nobody."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from contact_desk.alerts import Alert, AlertEvent, AlertKind, AlertRank, announcement
from contact_desk.approved_texts import PROMPTS
from contact_desk.attachments import AttachmentCopy, ContactAttachments, CopyState
from contact_desk.case_desk import AuditEntry
from contact_desk.clock import encode_ulid
from contact_desk.contacts import Person
from contact_desk.outbox import OutboxState
from functions.operate.gate import RIGHTS
from local.twins.held_still import NOON
from local.twins.in_memory_records import InMemoryRecords
from tests.builders import contact, outbox_item
from tests.desk_staging import admit
from tests.proving import Share
from tests.unit.operate.at_the_desk import Answered, AtTheDesk

CANARY = "complaint-about-a-colleague"
PEOPLE = ("Alex", "Bo", "Sian", "Dilys", "Parveen")
ROLES = (
    "operator",
    "supervisor",
    "publisher",
    "auditor",
    "operator supervisor",
    "operator auditor",
    "wizard",
    "",
)
DESK = {"operator", "supervisor"}
ACTS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "claim": ({}, DESK),
    "release": ({}, DESK),
    "take-over": ({}, {"supervisor"}),
    "replies": ({"text": "Hello."}, DESK),
    "notes": ({"text": "A note."}, DESK),
    "grade": ({"grade": "priority", "reason": "so"}, DESK),
    "safe-contact": ({"ok": True, "how": None, "not_when": None}, DESK),
    "close": ({"disposition": "thanks", "last_contact_at": "2026-11-02T12:00:00.000Z"}, DESK),
    "transfer": ({"to": "Control room", "handover": {"what": "Fight"}}, DESK),
    "thrive": (
        {
            "level": "priority",
            "assessments": [{"element": "Threat", "text": "None."}],
            "prompts": [{"prompt": prompt, "answer": "no"} for prompt in PROMPTS],
        },
        DESK,
    ),
}
READS = {
    "open": DESK,
    "list": DESK,
    "watch": DESK,
    "picture": DESK,
    "alerts": DESK | {"auditor"},
    "stats": DESK | {"auditor"},
    "audit": {"auditor"},
}
ROUTES = (*ACTS, *READS, "acknowledge", "resolve")
# Ids and acts, which auditors read of whatever case it was; and counts of hours, which name none.
OF_ALL = {"audit", "stats"}
LISTS = {"list": "cases", "watch": "cases", "alerts": "alerts"}
# What the matrix asks for, as the table of rights has it; the rest is of no case.
ASKED_FOR = {
    *(f"/desk/cases/<case_id>/{act}" for act in ACTS),
    "/desk/cases",
    "/desk/cases/<case_id>",
    "/desk/cases/<case_id>/attachments/<sha256>",
    "/desk/watch",
    "/desk/alerts",
    "/desk/alerts/<alert_id>/acknowledge",
    "/desk/outbox/<outbox_id>/resolve",
    "/desk/stats",
    "/desk/audit",
}
OF_NO_CASE = ("/desk/me", "/desk/texts", "/desk/texts/check", "/desk/broadcasts", "/desk/publishing")


class Staged:
    """A desk with cases that everybody sees, and one of each sort that some may not."""

    def __init__(self) -> None:
        self.desk = AtTheDesk()
        self.cases: dict[str, frozenset[str] | None] = {}
        self.pictures: dict[str, str] = {}
        self.doubtful: dict[str, str] = {}
        for number, named in enumerate(
            [None, None, (), ("sub-Alex",), ("sub-Alex", "sub-Sian"), ("sub-Dilys",)]
        ):
            case_id = encode_ulid(NOON, number)
            alert = Alert(
                f"{case_id}.priority", AlertRank.A2, AlertKind.PRIORITY, NOON, case_id, f"MP-CASE-{number}"
            )
            item = announcement(alert, AlertEvent.OPENED, cause=case_id, now=NOON)
            message = contact(f"{CANARY} {number}", native_id=f"m_{number}", person=Person(f"p{number}"))
            admit(self.desk.intake, message, case_id=case_id, alert=alert, outbox=(item,))
            self.desk.records.cases[case_id] = replace(
                self.desk.records.cases[case_id], restricted_to=named, reference=f"MP-CASE-{number}"
            )
            self.cases[case_id] = None if named is None else frozenset(named)
            self.keep_picture(case_id, number)
            doubtful = outbox_item(
                case_id=case_id, cause=case_id, state=OutboxState.NEEDS_HUMAN, failure="timeout", text=CANARY
            )
            self.desk.records.outbox[doubtful.outbox_id] = doubtful
            self.doubtful[case_id] = doubtful.outbox_id

    def keep_picture(self, case_id: str, number: int) -> None:
        """A picture came with the case's contact."""
        content, name = f"{CANARY} {number}".encode(), f"a{number}"
        digest = hashlib.sha256(content).hexdigest()
        copy = AttachmentCopy(
            "image",
            state=CopyState.KEPT,
            media_type="image/jpeg",
            sha256=digest,
            size=9,
            key=f"attachments/{name}",
        )
        self.desk.records.attachments[name] = ContactAttachments(name, "messenger", (copy,), None)
        timeline = self.desk.records.timelines[case_id]
        for place, entry in timeline.items():
            timeline[place] = replace(entry, attachments_id=name)
        self.desk.evidence.put(f"attachments/{name}", content)
        self.pictures[case_id] = digest

    def seen(self, case_id: str, who: str) -> bool:
        named = self.cases[case_id]
        return named is None or f"sub-{who}" in named

    def ask(self, route: str, case_id: str, who: str, role: str) -> Answered:
        get, post = partial(self.desk.get, who=who, role=role), partial(self.desk.post, who=who, role=role)
        if route in ACTS:
            version = self.desk.records.cases[case_id].version
            return post(f"/desk/cases/{case_id}/{route}", ACTS[route][0], version=version)
        asked: dict[str, Callable[[], Answered]] = {
            "acknowledge": lambda: post(f"/desk/alerts/{case_id}.priority/acknowledge"),
            "resolve": lambda: post(f"/desk/outbox/{self.doubtful[case_id]}/resolve", {"outcome": "arrived"}),
            "open": lambda: get(f"/desk/cases/{case_id}"),
            "picture": lambda: get(f"/desk/cases/{case_id}/attachments/{self.pictures[case_id]}"),
            "list": lambda: get("/desk/cases"),
            "watch": lambda: get("/desk/watch", case=case_id),
            "alerts": lambda: get("/desk/alerts"),
            "stats": lambda: get("/desk/stats", **{"from": "2026-11-01", "to": "2026-11-03"}),
            "audit": lambda: get("/desk/audit", subject=case_id),
        }
        return asked[route]()

    def allowed(self, route: str) -> set[str]:
        if route == "acknowledge":
            return DESK | {"auditor"}
        if route == "resolve":
            return DESK
        return ACTS[route][1] if route in ACTS else READS[route]


def check(staged: Staged, route: str, case_id: str, who: str, role: str) -> None:
    """One request against the model of who may do what."""
    answer = staged.ask(route, case_id, who, role)
    roles = set(role.split())
    told = json.dumps(answer.fields)
    if not roles & staged.allowed(route):
        assert (answer.status, answer.problem) == (403, "forbidden")
    elif route in LISTS:
        assert answer.status == 200
        shown = {one["case_id"] for one in answer.fields[LISTS[route]]}
        assert shown <= {one for one in staged.cases if staged.seen(one, who)}
    elif route in OF_ALL:
        assert answer.status == 200
    elif not staged.seen(case_id, who):
        assert answer.status == 404
    elif route == "acknowledge":
        assert answer.status == (200 if roles & DESK else 404)
    else:
        assert answer.status in {200, 202, 409, 412}
    if route == "picture" and answer.status == 200:
        told += base64.b64decode(answer.fields["content"]).decode()
    if answer.status in {403, 404} or not roles & DESK:
        assert CANARY not in told
    for number, (hidden, _) in enumerate(staged.cases.items()):
        if not staged.seen(hidden, who) and route != "audit":
            assert f"{CANARY} {number}" not in told
            assert f"MP-CASE-{number}" not in told
            assert route not in LISTS or hidden not in told


def test_a_random_matrix_of_requests_matches_the_model_of_who_may_do_what(share: Share) -> None:
    chance, rounds = random.Random(62), share(600, 5_000)
    pairs = [(route, role) for route in ROUTES for role in ROLES]
    staged = Staged()
    for done in range(rounds):
        if done % len(pairs) == 0:
            chance.shuffle(pairs)
            staged = Staged()  # cases that are closed show less
        route, role = pairs[done % len(pairs)]
        check(staged, route, chance.choice(list(staged.cases)), chance.choice(PEOPLE), role)
    assert rounds > len(pairs)


def test_the_matrix_asks_for_everything_that_has_to_do_with_cases() -> None:
    assert ASKED_FOR | {one for one in RIGHTS if one.startswith(OF_NO_CASE)} == RIGHTS.keys()


@pytest.fixture
def staged() -> Staged:
    return Staged()


def test_lists_are_full_pages_without_what_the_viewer_may_not_see(staged: Staged) -> None:
    for who, numbers in (("Alex", {0, 1, 3, 4}), ("Bo", {0, 1}), ("Sian", {0, 1, 4})):
        shown = staged.desk.get("/desk/cases", who=who, role="supervisor").fields["cases"]
        assert {one["reference"] for one in shown} == {f"MP-CASE-{number}" for number in numbers}


def test_a_look_at_a_restricted_case_is_refused_as_if_it_were_not_there_and_written_down(
    staged: Staged,
) -> None:
    hidden = list(staged.cases)[2]
    there, nowhere = (
        staged.desk.get(f"/desk/cases/{name}", who="Bo") for name in (hidden, encode_ulid(NOON, 99))
    )
    acted = staged.desk.post(f"/desk/cases/{hidden}/take-over", who="Sian", role="supervisor")

    assert (there.status, there.fields["detail"]) == (nowhere.status, nowhere.fields["detail"])
    assert acted.status == 404
    written = [(one.by, one.act) for one in staged.desk.records.audit[hidden]]
    assert written == [("sub-Bo", "open refused: Restricted"), ("sub-Sian", "take-over refused: Restricted")]


def test_lifting_a_restriction_shows_the_case_to_all_again(staged: Staged) -> None:
    hidden = list(staged.cases)[2]
    manager = InMemoryRecords(staged.desk.records)
    entry = AuditEntry(hidden, NOON, "sub-dpo", "lift restriction", "request")
    assert manager.restrict(hidden, None, entry)
    assert staged.desk.get(f"/desk/cases/{hidden}", who="Bo").status == 200
    assert manager.restrict(hidden, ["sub-Alex"], entry)
    assert staged.desk.get(f"/desk/cases/{hidden}", who="Bo").status == 404
    assert not manager.restrict("nobody", [], entry)
