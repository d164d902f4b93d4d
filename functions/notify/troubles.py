"""What notify tells operators when sending goes wrong: an alert is recorded before the item gives up or waits.

In that order, so that a crash between the two costs a repeat and never the alert. The alerts are items of the outbox
themselves. A function never feeds the queue that it empties, so no nudge is sent for them: the handler works those that
were raised beside its batch, at once, and the sweep what is left.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from contact_desk.alert_rules import AlertLadder
from contact_desk.alerts import (
    Alert,
    AlertEvent,
    AlertKind,
    AlertRank,
    account_alert_id,
    announcement,
    case_alert_id,
)
from contact_desk.broadcasts import broadcast_reference
from contact_desk.errors import StoreBusyError
from contact_desk.outbox import OutboxItem, OutboxKind, Purpose
from contact_desk.ports import AlertStore
from contact_desk.send_failures import SendFailure
from functions.notify.case_notes import CaseNotes

# How old an item may grow, waiting for a platform, before a person is told.
LATE_AFTER = timedelta(minutes=15)
CREDENTIAL_FAILURES = frozenset({SendFailure.CREDENTIALS_REFUSED, SendFailure.CREDENTIALS_MISSING})


class Troubles:
    """Raises A2 alerts about items; `ladder` says when such an alert is nudged again.

    `short_code` is the force's, for the references of broadcasts.
    """

    def __init__(
        self, alerts: AlertStore, notes: CaseNotes, ladder: AlertLadder, short_code: str | None = None
    ) -> None:
        self._alerts = alerts
        self._notes = notes
        self._ladder = ladder
        self._short_code = short_code
        self._raised: list[str] = []

    def take_raised(self) -> list[str]:
        """The outbox items of the alerts raised since the last time this was asked."""
        raised, self._raised = self._raised, []
        return raised

    def send_failed(self, item: OutboxItem, now: datetime) -> None:
        """The platform refused the item for good."""
        self._tell_of_case(item, _failed(item), f"{item.outbox_id}#{item.attempts}", now)

    def needs_person(self, item: OutboxItem, now: datetime) -> None:
        """Only a person can say whether the item arrived."""
        self._tell_of_case(item, AlertKind.NEEDS_PERSON, f"{item.outbox_id}#{item.attempts}", now)

    def waits(self, item: OutboxItem, now: datetime) -> None:
        """The item has to wait: once it is late, its case is told of, one time."""
        if now - item.created_at >= LATE_AFTER:
            self._tell_of_case(item, _failed(item), f"{item.outbox_id}#late", now)

    def account_refused(self, item: OutboxItem, now: datetime) -> None:
        """The account's credentials are dead: told by the first try of each item, not by those that still wait."""
        if item.failure not in CREDENTIAL_FAILURES:
            alert_id = account_alert_id(item.channel, item.account, AlertKind.CHANNEL_DOWN)
            self._raise(Alert(alert_id, AlertRank.A2, AlertKind.CHANNEL_DOWN, now), item.outbox_id)

    def _tell_of_case(self, item: OutboxItem, kind: AlertKind, cause: str, now: datetime) -> None:
        if item.kind is OutboxKind.OPERATOR_ALERT or item.purpose is Purpose.SURVEY:
            return  # an alert about an alert would only wait beside it, and nobody has to act on an unasked question
        case = self._notes.case(item.case_id) if item.case_id else None
        alert = Alert(
            alert_id=case_alert_id(item.case_id or item.outbox_id, kind),
            rank=AlertRank.A2,
            kind=kind,
            opened_at=now,
            case_id=item.case_id,
            case_reference=case.reference if case else self._reference(item),
            grade=case.grade if case else None,
        )
        self._raise(alert, cause)

    def _reference(self, item: OutboxItem) -> str | None:
        """The reference of the item's broadcast, where it is a copy of one."""
        if item.order is None or self._short_code is None:
            return None
        return broadcast_reference(self._short_code, item.order.broadcast_id)

    def _raise(self, alert: Alert, cause: str) -> None:
        step = self._ladder.next_nudge(0)
        opened = replace(alert, next_nudge_at=alert.opened_at + step if step else None)
        item = announcement(
            opened, AlertEvent.OPENED, cause=f"{alert.alert_id}#{cause}", now=opened.opened_at
        )
        try:
            self._alerts.raise_alert(opened, item)
        except StoreBusyError:
            # Many items fail for one cause: where another worker has just raised the alert, it is raised.
            stands = self._alerts.get(alert.alert_id)
            if stands is None or not stands.open:
                raise
        self._raised.append(item.outbox_id)


def _failed(item: OutboxItem) -> AlertKind:
    return AlertKind.PUBLISH_FAILED if item.kind is OutboxKind.COPY else AlertKind.SEND_FAILED
