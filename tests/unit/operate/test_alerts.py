"""Alerts to acknowledge, and sendings that wait for a person's word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contact_desk.alerts import Alert, AlertEvent, AlertKind, AlertRank
from contact_desk.outbox import OutboxItem, OutboxState
from local.twins.held_still import NOON
from tests.builders import CASE_ID, alert, outbox_item
from tests.unit.operate.at_the_desk import AtTheDesk


def raised(at_the_desk: AtTheDesk, **changed: Any) -> Alert:
    made = alert(**changed)
    at_the_desk.records.alerts[made.alert_id] = made
    return made


def waiting(at_the_desk: AtTheDesk, **changed: Any) -> OutboxItem:
    item = outbox_item(**{"state": OutboxState.NEEDS_HUMAN, "failure": "timeout", **changed})
    at_the_desk.records.outbox[item.outbox_id] = item
    return item


def test_open_alerts_are_listed_worst_first_without_names_or_texts(at_the_desk: AtTheDesk) -> None:
    raised(at_the_desk, kind=AlertKind.PRIORITY, rank=AlertRank.A2)
    worst = raised(at_the_desk)
    raised(at_the_desk, kind=AlertKind.NEEDS_PERSON, acknowledged_at=NOON)

    listed = at_the_desk.get("/desk/alerts").fields["alerts"]

    assert [one["rank"] for one in listed] == ["A1", "A2"]
    assert listed[0] == {
        "alert_id": worst.alert_id,
        "rank": "A1",
        "kind": "emergency",
        "case_id": CASE_ID,
        "case_reference": "MP-7K3Q-9DXR-C",
        "grade": "emergency",
        "opened_at": "2026-11-02T12:00:00.000Z",
        "nudge": 0,
    }


def test_an_alert_that_was_raised_anew_is_not_acknowledged_by_who_saw_the_first_one(
    at_the_desk: AtTheDesk,
) -> None:
    opened = raised(at_the_desk, opened_at=NOON + timedelta(minutes=2))
    path = f"/desk/alerts/{opened.alert_id}/acknowledge"

    late = at_the_desk.post(path, {"opened_at": "2026-11-02T12:00:00.000Z"})
    assert (late.status, late.problem) == (412, "stale-version")
    assert late.fields["opened_at"] == "2026-11-02T12:02:00.000Z"
    assert at_the_desk.records.alerts[opened.alert_id].open
    assert at_the_desk.post(path, {"opened_at": "2026-11-02T12:02:00.000Z"}).status == 200


def test_an_alert_that_is_raised_anew_while_it_is_acknowledged_stays_open(
    at_the_desk: AtTheDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = raised(at_the_desk)
    anew = replace(opened, opened_at=NOON + timedelta(seconds=1))
    find = at_the_desk.desk.alerts.get

    def get_before_another(alert_id: str) -> Alert | None:
        found = find(alert_id)
        at_the_desk.records.alerts[alert_id] = anew
        monkeypatch.undo()
        return found

    monkeypatch.setattr(at_the_desk.desk.alerts, "get", get_before_another)
    late = at_the_desk.post(f"/desk/alerts/{opened.alert_id}/acknowledge")

    assert (late.status, late.problem) == (412, "stale-version")
    assert at_the_desk.records.alerts[opened.alert_id] == anew
    assert at_the_desk.records.outbox == {}


def test_an_acknowledged_alert_is_quiet_and_told_to_those_who_listen(
    at_the_desk: AtTheDesk, case: str
) -> None:
    opened = raised(at_the_desk)
    at_the_desk.clock.advance(minutes=1)
    done = at_the_desk.post(f"/desk/alerts/{opened.alert_id}/acknowledge")

    assert (done.status, done.headers["etag"], done.fields["case_id"]) == (200, '"1"', CASE_ID)
    stored = at_the_desk.records.alerts[opened.alert_id]
    assert (stored.acknowledged_by, stored.acknowledged_at) == ("sub-Alex", NOON + timedelta(minutes=1))
    assert at_the_desk.get("/desk/alerts").fields["alerts"] == []
    (item,) = at_the_desk.records.outbox.values()
    assert (item.target, item.text, item.urgent) == (opened.alert_id, AlertEvent.ACKNOWLEDGED, True)
    assert [nudge.outbox_id for nudge in at_the_desk.nudges.sent] == [item.outbox_id]
    (entry,) = at_the_desk.records.audit[opened.alert_id]
    assert (entry.by, entry.act) == ("sub-Alex", "acknowledge")
    told = at_the_desk.get(case).fields["timeline"][-1]
    assert (told["kind"], told["by"], told["text"]) == ("acknowledged", "Alex", "emergency")


def test_an_alert_is_acknowledged_once_by_whoever_was_first(at_the_desk: AtTheDesk, case: str) -> None:
    opened = raised(at_the_desk)
    path = f"/desk/alerts/{opened.alert_id}/acknowledge"
    first = at_the_desk.post(path, key="k")
    at_the_desk.clock.advance(minutes=1)
    again, by_another = at_the_desk.post(path, key="k"), at_the_desk.post(path, who="Bo")

    assert again == first
    assert by_another.status == 200
    assert at_the_desk.records.alerts[opened.alert_id].acknowledged_by == "sub-Alex"
    assert len(at_the_desk.records.outbox) == len(at_the_desk.nudges.sent) == 1


def test_an_alert_of_no_case_answers_for_itself(at_the_desk: AtTheDesk) -> None:
    opened = raised(at_the_desk, case_id=None, kind=AlertKind.QUARANTINE, rank=AlertRank.A2)

    done = at_the_desk.post(f"/desk/alerts/{opened.alert_id}/acknowledge")

    assert (done.status, done.fields["alert_id"]) == (200, opened.alert_id)
    assert "etag" not in done.headers


def test_an_alert_that_is_not_there_is_not_found(at_the_desk: AtTheDesk) -> None:
    assert at_the_desk.post("/desk/alerts/nothing.emergency/acknowledge").status == 404


def test_what_arrived_after_all_is_sent(at_the_desk: AtTheDesk, case: str) -> None:
    item = waiting(at_the_desk)
    done = at_the_desk.post(f"/desk/outbox/{item.outbox_id}/resolve", {"outcome": "arrived"})

    assert (done.status, done.fields["case_id"], done.fields["outbox_id"]) == (200, CASE_ID, item.outbox_id)
    stored = at_the_desk.records.outbox[item.outbox_id]
    assert (stored.state, stored.resolved_by) == (OutboxState.SENT, "sub-Alex")
    assert at_the_desk.nudges.sent == []
    told = at_the_desk.get(case).fields["timeline"][-1]
    assert (told["kind"], told["by"], told["text"], told["state"]) == (
        "resolved_send",
        "Alex",
        "arrived",
        "sent",
    )


def test_what_never_arrived_is_sent_again_at_once_and_once(at_the_desk: AtTheDesk, case: str) -> None:
    item = waiting(at_the_desk)
    path, body = f"/desk/outbox/{item.outbox_id}/resolve", {"outcome": "send-again"}
    first = at_the_desk.post(path, body, key="k")
    at_the_desk.records.outbox[item.outbox_id] = replace(item, state=OutboxState.SENT)
    again = at_the_desk.post(path, body, key="k")

    assert first.status == 200
    assert again == first
    assert [nudge.outbox_id for nudge in at_the_desk.nudges.sent] == [item.outbox_id]
    assert [entry.act for entry in at_the_desk.records.audit[item.outbox_id]] == ["resolve"]


@pytest.mark.parametrize("state", sorted(set(OutboxState) - {OutboxState.NEEDS_HUMAN}))
def test_a_sending_that_waits_for_nobody_is_left_alone(at_the_desk: AtTheDesk, case: str, state: str) -> None:
    item = waiting(at_the_desk, state=OutboxState(state))
    refused = at_the_desk.post(f"/desk/outbox/{item.outbox_id}/resolve", {"outcome": "send-again"})

    assert (refused.status, refused.problem) == (409, "not-waiting")
    assert at_the_desk.records.outbox == {item.outbox_id: item}


def test_a_word_on_a_sending_is_one_of_two(at_the_desk: AtTheDesk) -> None:
    refused = at_the_desk.post("/desk/outbox/x/resolve", {"outcome": "maybe"})

    assert (refused.status, refused.fields["errors"][0]["field"]) == (422, "outcome")
    assert at_the_desk.post("/desk/outbox/x/resolve", {"outcome": "arrived"}).status == 404
