"""What notify, operate and sweep need of alerts: open until a person acknowledges, and every change is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from contact_desk.alerts import Alert, AlertEvent, AlertKind, AlertRank, announcement
from contact_desk.outbox import OutboxItem
from contact_desk.ports import AlertStore
from contact_desk.stores.alert_store import DynamoAlertStore
from contact_desk.stores.outbox_store import DynamoOutboxStore
from local.twins.held_still import NOON
from local.twins.in_memory_alerts import InMemoryAlerts
from tests.builders import alert
from tests.contract.conftest import Backend
from tests.proving import Share

ALERT = alert()
LATER = NOON + timedelta(minutes=5)


def alerts_of(backend: Backend) -> AlertStore:
    return InMemoryAlerts(backend.records) if backend.records else DynamoAlertStore(backend.table)


@pytest.fixture
def alerts(backend: Backend) -> AlertStore:
    return alerts_of(backend)


def told(backend: Backend, item: OutboxItem) -> OutboxItem | None:
    if backend.records:
        return backend.records.outbox.get(item.outbox_id)
    return DynamoOutboxStore(backend.table).get(item.outbox_id)


def news(cause: str, event: AlertEvent = AlertEvent.OPENED, now: datetime = NOON) -> OutboxItem:
    return announcement(ALERT, event, cause=cause, now=now)


OPENED, NUDGED = news("opened"), news("nudged", AlertEvent.NUDGED)
SEEN = news("seen", AlertEvent.ACKNOWLEDGED, LATER)


def test_a_raised_alert_is_open_and_told(backend: Backend, alerts: AlertStore) -> None:
    alerts.raise_alert(ALERT, OPENED)

    assert alerts.get(ALERT.alert_id) == ALERT
    assert list(alerts.open_alerts()) == [ALERT]
    assert told(backend, OPENED) == OPENED
    assert alerts.get("nothing") is None


def test_an_open_alert_stays_as_it_is_and_is_not_told_again(backend: Backend, alerts: AlertStore) -> None:
    alerts.raise_alert(ALERT, OPENED)
    again = news("again", now=LATER)

    alerts.raise_alert(replace(ALERT, opened_at=LATER), again)

    assert alerts.get(ALERT.alert_id) == ALERT
    assert told(backend, again) is None


def test_an_acknowledged_alert_opens_again_for_a_new_cause(backend: Backend, alerts: AlertStore) -> None:
    alerts.raise_alert(ALERT, OPENED)
    alerts.acknowledge(ALERT.alert_id, by="sub-1", now=LATER, item=SEEN)
    anew, again = replace(ALERT, opened_at=LATER), news("again", now=LATER)

    alerts.raise_alert(anew, again)

    assert alerts.get(ALERT.alert_id) == anew
    assert list(alerts.open_alerts()) == [anew]
    assert told(backend, again) == again


def test_the_same_cause_never_opens_an_alert_twice(alerts: AlertStore) -> None:
    alerts.raise_alert(ALERT, OPENED)
    seen = alerts.acknowledge(ALERT.alert_id, by="sub-1", now=LATER, item=SEEN)

    alerts.raise_alert(replace(ALERT, opened_at=LATER), OPENED)

    assert alerts.get(ALERT.alert_id) == seen


def test_an_acknowledged_alert_is_closed_and_that_is_told(backend: Backend, alerts: AlertStore) -> None:
    alerts.raise_alert(ALERT, OPENED)

    seen = alerts.acknowledge(ALERT.alert_id, by="sub-1", now=LATER, item=SEEN)

    assert seen == replace(ALERT, acknowledged_at=LATER, acknowledged_by="sub-1", next_nudge_at=None)
    assert alerts.get(ALERT.alert_id) == seen
    assert list(alerts.open_alerts()) == []
    assert list(alerts.due(LATER, 10)) == []
    assert told(backend, SEEN) == SEEN


def test_a_second_acknowledgement_changes_nothing(backend: Backend, alerts: AlertStore) -> None:
    alerts.raise_alert(ALERT, OPENED)
    seen = alerts.acknowledge(ALERT.alert_id, by="sub-1", now=LATER, item=SEEN)
    other = news("other", AlertEvent.ACKNOWLEDGED, LATER)

    assert alerts.acknowledge(ALERT.alert_id, by="sub-2", now=LATER + timedelta(1), item=other) == seen
    assert told(backend, other) is None


def test_an_acknowledgement_of_an_earlier_opening_does_not_quieten_the_one_that_nobody_has_seen(
    backend: Backend, alerts: AlertStore
) -> None:
    alerts.raise_alert(ALERT, OPENED)
    alerts.acknowledge(ALERT.alert_id, by="sub-1", now=LATER, item=SEEN, opened_at=ALERT.opened_at)
    anew = replace(ALERT, opened_at=LATER)
    alerts.raise_alert(anew, news("again", now=LATER))

    late = alerts.acknowledge(ALERT.alert_id, by="sub-2", now=LATER, item=SEEN, opened_at=ALERT.opened_at)

    assert late == alerts.get(ALERT.alert_id) == anew
    other = news("other", AlertEvent.ACKNOWLEDGED, LATER)
    seen = alerts.acknowledge(ALERT.alert_id, by="sub-2", now=LATER, item=other, opened_at=LATER)
    assert seen is not None
    assert not seen.open


def test_an_acknowledgement_whose_news_is_known_already_is_recorded_all_the_same(
    backend: Backend, alerts: AlertStore
) -> None:
    alerts.raise_alert(ALERT, OPENED)

    seen = alerts.acknowledge(ALERT.alert_id, by="sub-1", now=LATER, item=OPENED)

    assert seen is not None
    assert not seen.open
    assert told(backend, OPENED) == OPENED


def test_what_is_not_there_cannot_be_acknowledged(backend: Backend, alerts: AlertStore) -> None:
    assert alerts.acknowledge("nothing", by="sub-1", now=LATER, item=SEEN) is None
    assert told(backend, SEEN) is None


def test_open_alerts_come_worst_first_then_oldest(alerts: AlertStore) -> None:
    raised = [
        alert(case_id="c", rank=AlertRank.A2, kind=AlertKind.PRIORITY, opened_at=NOON),
        alert(case_id="b", opened_at=LATER),
        alert(case_id="a", opened_at=NOON),
    ]
    for number, one in enumerate(raised):
        alerts.raise_alert(one, news(f"cause {number}"))

    assert list(alerts.open_alerts()) == [raised[2], raised[1], raised[0]]
    assert list(alerts.open_alerts(limit=2)) == [raised[2], raised[1]]


def test_alerts_are_due_when_their_nudge_is_oldest_first(alerts: AlertStore) -> None:
    sooner, later = alert(case_id="a", next_nudge_at=NOON), alert(case_id="b", next_nudge_at=LATER)
    never = alert(case_id="c", rank=AlertRank.A3, next_nudge_at=None)
    for one in (later, sooner, never):
        alerts.raise_alert(one, news(one.alert_id))

    assert list(alerts.due(NOON, 10)) == []
    assert list(alerts.due(NOON + timedelta(seconds=1), 10)) == [sooner.alert_id]
    assert list(alerts.due(LATER + timedelta(seconds=1), 10)) == [sooner.alert_id, later.alert_id]
    assert list(alerts.due(LATER + timedelta(seconds=1), 1)) == [sooner.alert_id]


def test_a_nudge_is_counted_and_told(backend: Backend, alerts: AlertStore) -> None:
    alerts.raise_alert(ALERT, OPENED)

    assert alerts.nudge(ALERT, next_nudge_at=LATER, item=NUDGED)

    assert alerts.get(ALERT.alert_id) == replace(ALERT, nudge=1, next_nudge_at=LATER)
    assert told(backend, NUDGED) == NUDGED
    assert list(alerts.due(LATER, 10)) == []
    assert list(alerts.due(LATER + timedelta(seconds=1), 10)) == [ALERT.alert_id]


def test_the_last_nudge_of_a_ladder_leaves_the_alert_open_and_never_due(alerts: AlertStore) -> None:
    alerts.raise_alert(ALERT, OPENED)

    assert alerts.nudge(ALERT, next_nudge_at=None, item=NUDGED)

    assert list(alerts.due(NOON + timedelta(days=9), 10)) == []
    assert [one.alert_id for one in alerts.open_alerts()] == [ALERT.alert_id]


def test_of_two_nudges_on_the_same_reading_one_counts(backend: Backend, alerts: AlertStore) -> None:
    alerts.raise_alert(ALERT, OPENED)
    alerts.nudge(ALERT, next_nudge_at=LATER, item=NUDGED)
    other = news("other", AlertEvent.NUDGED)

    assert not alerts.nudge(ALERT, next_nudge_at=LATER, item=other)
    assert told(backend, other) is None


def test_an_alert_that_was_acknowledged_meanwhile_is_not_nudged(backend: Backend, alerts: AlertStore) -> None:
    alerts.raise_alert(ALERT, OPENED)
    seen = alerts.acknowledge(ALERT.alert_id, by="sub-1", now=LATER, item=SEEN)

    assert not alerts.nudge(ALERT, next_nudge_at=LATER, item=NUDGED)
    assert alerts.get(ALERT.alert_id) == seen
    assert told(backend, NUDGED) is None


def test_an_alert_that_opened_anew_meanwhile_is_not_nudged_on_its_old_reading(alerts: AlertStore) -> None:
    alerts.raise_alert(ALERT, OPENED)
    alerts.acknowledge(ALERT.alert_id, by="sub-1", now=LATER, item=SEEN)
    anew = replace(ALERT, opened_at=LATER)
    alerts.raise_alert(anew, news("again", now=LATER))

    assert not alerts.nudge(ALERT, next_nudge_at=LATER, item=NUDGED)
    assert alerts.get(ALERT.alert_id) == anew


def test_what_is_not_there_is_not_nudged(alerts: AlertStore) -> None:
    assert not alerts.nudge(ALERT, next_nudge_at=LATER, item=NUDGED)
    assert alerts.get(ALERT.alert_id) is None


def test_of_sixteen_that_raise_it_at_once_one_is_told(racing_backend: Backend, share: Share) -> None:
    alerts, outbox = DynamoAlertStore(racing_backend.table), DynamoOutboxStore(racing_backend.table)
    with ThreadPoolExecutor(16) as workers:
        for round_number in range(share(10, 200)):
            raised: Alert = alert(case_id=f"case-{round_number}")
            items = [
                announcement(raised, AlertEvent.OPENED, cause=f"{round_number} {worker}", now=NOON)
                for worker in range(16)
            ]

            def raise_it(item: OutboxItem, raised: Alert = raised) -> None:
                alerts.raise_alert(raised, item)

            list(workers.map(raise_it, items))
            assert sum(outbox.get(item.outbox_id) is not None for item in items) == 1
