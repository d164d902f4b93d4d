"""The audit at the operators' function: what is written down, and what an auditor reads of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from contact_desk.alerts import Alert, AlertEvent, AlertKind, AlertRank, announcement
from contact_desk.clock import to_rfc3339
from contact_desk.contacts import Person
from contact_desk.errors import StoreBusyError
from local.twins.held_still import NOON
from local.twins.in_memory_case_desk import InMemoryCaseDesk
from tests.builders import CASE_ID, contact
from tests.desk_staging import admit
from tests.unit.operate.at_the_desk import AtTheDesk


def acts(at_the_desk: AtTheDesk, subject: str = CASE_ID) -> list[tuple[str, str]]:
    return [(one.by, one.act) for one in at_the_desk.records.audit[subject]]


def raised(at_the_desk: AtTheDesk, kind: AlertKind) -> Alert:
    alert = Alert(f"some.{kind}", AlertRank.A3, kind, NOON)
    item = announcement(alert, AlertEvent.OPENED, cause=kind, now=NOON)
    at_the_desk.desk.alerts.raise_alert(alert, item)
    return alert


@pytest.mark.parametrize(
    ("act", "body", "reason"),
    [
        ("claim", {}, "CaseHeld"),
        ("notes", {"text": "words that nobody reads in the audit"}, "NotHolder"),
        ("release", {}, "NotHolder"),
    ],
)
def test_a_refused_act_is_written_down_without_its_words(
    at_the_desk: AtTheDesk, case: str, act: str, body: dict[str, str], reason: str
) -> None:
    assert at_the_desk.post(f"{case}/claim").status == 200
    refused = at_the_desk.post(f"{case}/{act}", body, who="Bo", version=1)

    assert refused.status == 409
    assert acts(at_the_desk)[-1] == ("sub-Bo", f"{act.removesuffix('s')} refused: {reason}")
    assert "words" not in repr(at_the_desk.records.audit)


def test_opening_a_case_of_ones_own_name_says_so_and_names_nobody(at_the_desk: AtTheDesk) -> None:
    admit(at_the_desk.intake, contact("hello", person=Person("1", "Alex Jones")))
    at_the_desk.get(f"/desk/cases/{CASE_ID}", who="Alex Jones")
    at_the_desk.get(f"/desk/cases/{CASE_ID}", who="Bo")

    assert acts(at_the_desk) == [("sub-Alex Jones", "open: own name"), ("sub-Bo", "open")]


def test_an_auditor_reads_who_did_what_on_a_case_and_that_is_written_down(
    at_the_desk: AtTheDesk, case: str
) -> None:
    at_the_desk.get(case)
    at_the_desk.clock.advance(minutes=5)
    at_the_desk.post(f"{case}/claim", who="Bo")
    at_the_desk.clock.advance(minutes=5)

    told = at_the_desk.get("/desk/audit", role="auditor", who="Dilys", subject=CASE_ID)
    assert [(one["by"], one["act"], one["at"]) for one in told.fields["entries"]] == [
        ("sub-Alex", "open", to_rfc3339(NOON)),
        ("sub-Bo", "claim", to_rfc3339(NOON + timedelta(minutes=5))),
    ]
    assert told.fields["more"] is False
    assert acts(at_the_desk)[-1] == ("sub-Dilys", "audit")


def test_an_auditor_reads_a_day_by_person_and_time(at_the_desk: AtTheDesk, case: str) -> None:
    for minutes, who in ((0, "Alex"), (10, "Bo"), (20, "Alex")):
        at_the_desk.clock.at = NOON + timedelta(minutes=minutes)
        at_the_desk.get(case, who=who)
    at_the_desk.clock.at = NOON + timedelta(hours=1)

    def told(**query: str) -> list[str]:
        answer = at_the_desk.get("/desk/audit", role="auditor", **query)
        return [one["at"][11:16] for one in answer.fields["entries"] if one["act"] == "open"]

    assert told() == ["12:00", "12:10", "12:20"]
    assert told(person="sub-Alex") == ["12:00", "12:20"]
    assert told(**{"from": "2026-11-02T12:05:00Z", "to": "2026-11-02T12:20:00Z"}) == ["12:10"]
    assert told(to="2026-11-04T12:00:00Z") == []
    assert at_the_desk.get("/desk/audit", role="auditor", **{"from": "yesterday"}).problem == "validation"


@pytest.mark.parametrize("role", ["operator", "supervisor", "publisher", "operator supervisor"])
def test_nobody_else_reads_the_audit(at_the_desk: AtTheDesk, role: str) -> None:
    assert at_the_desk.get("/desk/audit", role=role).status == 403


def test_unusual_reading_is_for_auditors_alone_and_everything_else_for_the_desk(
    at_the_desk: AtTheDesk,
) -> None:
    unusual, backlog = raised(at_the_desk, AlertKind.UNUSUAL_READING), raised(at_the_desk, AlertKind.BACKLOG)

    def listed(role: str) -> list[str]:
        alerts = at_the_desk.get("/desk/alerts", role=role).fields["alerts"]
        return [one["alert_id"] for one in alerts]

    assert listed("operator") == listed("supervisor") == [backlog.alert_id]
    assert listed("auditor") == [unusual.alert_id]
    assert sorted(listed("auditor operator")) == sorted([backlog.alert_id, unusual.alert_id])

    paths = {one.alert_id: f"/desk/alerts/{one.alert_id}/acknowledge" for one in (unusual, backlog)}
    assert at_the_desk.post(paths[unusual.alert_id]).status == 404
    assert at_the_desk.post(paths[backlog.alert_id], role="auditor").status == 404
    assert at_the_desk.post(paths[unusual.alert_id], role="auditor").status == 200
    assert listed("auditor") == []


def test_a_refusal_that_cannot_be_written_down_is_answered_as_busy(
    at_the_desk: AtTheDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise StoreBusyError("Throttling")

    monkeypatch.setattr(InMemoryCaseDesk, "note", busy)
    assert at_the_desk.get("/desk/cases", role="publisher").status == 503


def test_a_page_of_the_audit_says_that_there_is_more(at_the_desk: AtTheDesk, case: str) -> None:
    at_the_desk.get(case)
    (entry,) = at_the_desk.records.audit[CASE_ID]
    at_the_desk.records.audit[CASE_ID] = [replace(entry, request_id=f"request-{n:04}") for n in range(1001)]

    told = at_the_desk.get("/desk/audit", role="auditor", subject=CASE_ID, to="2026-11-03T00:00:00Z").fields
    assert (len(told["entries"]), told["more"]) == (1000, True)


@pytest.mark.parametrize(
    "asked", [{"to": "0001-01-01T00:00:00+01:00"}, {"from": "9999-12-31T23:59:59-01:00"}]
)
def test_a_time_at_the_ends_of_the_calendar_is_refused(at_the_desk: AtTheDesk, asked: dict[str, str]) -> None:
    answer = at_the_desk.get("/desk/audit", role="auditor", **asked)
    assert (answer.status, answer.problem) == (422, "validation")
