"""Who may do what to which case: a random matrix against a model, and what a restricted case shows to nobody."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from contact_desk.alerts import Alert, AlertEvent, AlertKind, AlertRank, announcement
from contact_desk.case_desk import AuditEntry
from contact_desk.clock import encode_ulid
from contact_desk.contacts import Person
from local.twins.held_still import NOON
from local.twins.in_memory_records import InMemoryRecords
from tests.builders import contact
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
}
READS = {"open": DESK, "list": DESK, "alerts": DESK | {"auditor"}, "audit": {"auditor"}}
ROUTES = (*ACTS, *READS, "acknowledge")


class Staged:
    """A desk with cases that everybody sees, and one of each sort that some may not."""

    def __init__(self) -> None:
        self.desk = AtTheDesk()
        self.cases: dict[str, frozenset[str] | None] = {}
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

    def seen(self, case_id: str, who: str) -> bool:
        named = self.cases[case_id]
        return named is None or f"sub-{who}" in named

    def ask(self, route: str, case_id: str, who: str, role: str) -> Answered:
        if route in ACTS:
            version = self.desk.records.cases[case_id].version
            return self.desk.post(
                f"/desk/cases/{case_id}/{route}", ACTS[route][0], who=who, role=role, version=version
            )
        match route:
            case "acknowledge":
                return self.desk.post(f"/desk/alerts/{case_id}.priority/acknowledge", who=who, role=role)
            case "open":
                return self.desk.get(f"/desk/cases/{case_id}", who=who, role=role)
            case "list":
                return self.desk.get("/desk/cases", who=who, role=role)
            case "alerts":
                return self.desk.get("/desk/alerts", who=who, role=role)
        return self.desk.get("/desk/audit", who=who, role=role, subject=case_id)

    def allowed(self, route: str) -> set[str]:
        if route == "acknowledge":
            return DESK | {"auditor"}
        return ACTS[route][1] if route in ACTS else READS[route]


def check(staged: Staged, route: str, case_id: str, who: str, role: str) -> None:
    """One request against the model of who may do what."""
    answer = staged.ask(route, case_id, who, role)
    roles = set(role.split())
    told = json.dumps(answer.fields)
    if not roles & staged.allowed(route):
        assert (answer.status, answer.problem) == (403, "forbidden")
    elif route in {"list", "alerts"}:
        assert answer.status == 200
        shown = {one["case_id"] for one in answer.fields["cases" if route == "list" else "alerts"]}
        visible = {one for one in staged.cases if staged.seen(one, who)}
        assert shown <= visible
    elif route == "audit":
        assert answer.status == 200  # ids and acts alone: auditors read who looked, whatever it was
    elif not staged.seen(case_id, who):
        assert answer.status == 404
    elif route == "acknowledge":
        assert answer.status == (200 if roles & DESK else 404)
    else:
        assert answer.status in {200, 202, 409, 412}
    if answer.status in {403, 404} or not roles & DESK:
        assert CANARY not in told
    for number, (hidden, _) in enumerate(staged.cases.items()):
        if not staged.seen(hidden, who) and route != "audit":
            assert f"{CANARY} {number}" not in told
            assert f"MP-CASE-{number}" not in told


def test_a_random_matrix_of_requests_matches_the_model_of_who_may_do_what(share: Share) -> None:
    chance, rounds = random.Random(62), share(600, 5_000)
    staged, done = Staged(), 0
    asked = set()
    while done < rounds:
        if done % 150 == 149:
            staged = Staged()  # cases that are closed show less
        route, case_id = chance.choice(ROUTES), chance.choice(list(staged.cases))
        who, role = chance.choice(PEOPLE), chance.choice(ROLES)
        check(staged, route, case_id, who, role)
        asked.add((route, role))
        done += 1
    assert len(asked) == len(ROUTES) * len(ROLES)


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
