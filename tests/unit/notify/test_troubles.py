"""What operators are told when sending goes wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contact_desk.alerts import Alert, AlertKind, AlertRank, case_alert_id
from contact_desk.errors import StoreBusyError
from contact_desk.outbox import OutboxItem, OutboxKind
from contact_desk.send_failures import SendFailure
from functions.notify.troubles import Troubles
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON
from local.twins.in_memory_alerts import InMemoryAlerts
from local.twins.in_memory_case_notes import InMemoryCaseNotes
from tests.builders import CASE_ID, force, outbox_item

ITEM = outbox_item()


class BusyAlerts(InMemoryAlerts):
    """Alerts whose next raise collides with another worker's, which wins or is lost too."""

    def __init__(self, records: DeskRecords, *, other_wins: bool) -> None:
        super().__init__(records)
        self._other_wins = other_wins

    def raise_alert(self, alert: Alert, nudge: OutboxItem) -> None:
        """Collide."""
        if self._other_wins:
            super().raise_alert(alert, nudge)
        raise StoreBusyError("transaction cancelled: TransactionConflict")


def troubles(alerts: InMemoryAlerts, records: DeskRecords) -> Troubles:
    return Troubles(alerts, InMemoryCaseNotes(records), force().alerts[AlertRank.A2])


def test_another_worker_s_alert_for_the_same_cause_is_enough() -> None:
    records = DeskRecords()

    troubles(BusyAlerts(records, other_wins=True), records).send_failed(ITEM, NOON)

    assert records.alerts[case_alert_id(CASE_ID, AlertKind.SEND_FAILED)].open


def test_an_alert_that_nobody_managed_to_raise_is_an_error() -> None:
    records = DeskRecords()

    with pytest.raises(StoreBusyError):
        troubles(BusyAlerts(records, other_wins=False), records).send_failed(ITEM, NOON)


def test_the_alert_and_what_tells_of_it_are_written_together() -> None:
    records = DeskRecords()

    troubles(InMemoryAlerts(records), records).needs_person(ITEM, NOON)

    (told,) = records.outbox.values()
    assert (told.kind, told.target, told.text, told.urgent, told.due_at) == (
        OutboxKind.OPERATOR_ALERT,
        case_alert_id(CASE_ID, AlertKind.NEEDS_PERSON),
        "opened",
        False,
        NOON,
    )


def test_a_later_try_that_fails_again_opens_an_acknowledged_alert_again() -> None:
    records = DeskRecords()
    alerts = InMemoryAlerts(records)
    alert_id = case_alert_id(CASE_ID, AlertKind.SEND_FAILED)
    tell = troubles(alerts, records)
    tell.send_failed(ITEM, NOON)
    alerts.acknowledge(alert_id, by="sub-1", now=NOON, item=ITEM)

    tell.send_failed(ITEM, NOON)
    assert not records.alerts[alert_id].open

    tell.send_failed(replace(ITEM, attempts=1), NOON)
    assert records.alerts[alert_id].open


@pytest.mark.parametrize("failure", SendFailure)
def test_every_code_has_a_sentence_for_operators(failure: SendFailure) -> None:
    assert failure.told.endswith(".")
