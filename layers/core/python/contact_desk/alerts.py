"""An alert: something operators must see, open until a person acknowledges it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from contact_desk.grades import Grade
from contact_desk.outbox import OutboxItem, OutboxKind, Purpose, outbox_id

OPERATOR_ALERTS = "operator_alerts"


class AlertRank(StrEnum):
    """A1 life at risk, A2 needs a person soon, A3 good to know."""

    A1 = "A1"
    A2 = "A2"
    A3 = "A3"


class AlertKind(StrEnum):
    """What the alert is about."""

    EMERGENCY = "emergency"
    PRIORITY = "priority"
    NEEDS_PERSON = "needs_person"
    SEND_FAILED = "send_failed"
    QUARANTINE = "quarantine"
    CHANNEL_SILENT = "channel_silent"
    CREDENTIAL_DEAD = "credential_dead"
    CHANNEL_DOWN = "channel_down"
    BACKLOG = "backlog"
    APPROVAL = "approval"
    BROADCAST_LAPSED = "broadcast_lapsed"
    PUBLISH_FAILED = "publish_failed"
    PERSON_TO_TELL = "person_to_tell"
    CLOCK_BREACHED = "clock_breached"
    UNUSUAL_READING = "unusual_reading"


FOR_AUDITORS = frozenset({AlertKind.UNUSUAL_READING})
"""What auditors alone list and acknowledge: it may be about anybody else at the desk."""


class AlertRoute(StrEnum):
    """A way to people beside the queues of consuming systems, which are told of everything."""

    EMAIL = "email"
    SMS = "sms"
    HOOK = "hook"


class AlertEvent(StrEnum):
    """What a published alert message says has happened to the alert."""

    OPENED = "opened"
    NUDGED = "nudged"
    ACKNOWLEDGED = "acknowledged"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert: per case and kind, with how often operators were nudged and who acknowledged it.

    `opened_at` is when it was last raised from nothing or from acknowledged; `next_nudge_at` is None once a
    person has acknowledged it or its ladder has no further step.
    """

    alert_id: str
    rank: AlertRank
    kind: AlertKind
    opened_at: datetime
    case_id: str | None = None
    case_reference: str | None = None
    grade: Grade | None = None
    nudge: int = 0
    next_nudge_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None

    @property
    def open(self) -> bool:
        """Whether a person has yet to acknowledge it."""
        return self.acknowledged_at is None


class Ladder(Protocol):
    """When an alert that nobody acknowledges is nudged again, and by which routes."""

    def next_nudge(self, nudges_so_far: int) -> timedelta | None:
        """How long after its opening the next nudge of an alert is due; None where the ladder has ended."""
        ...

    def routes(self, nudge: int) -> frozenset[AlertRoute]:
        """The routes that its opening (0) or its so-manieth nudge takes."""
        ...


def alert_of_grade(
    grade: Grade, *, case_id: str, reference: str, ladders: Mapping[AlertRank, Ladder], now: datetime
) -> Alert | None:
    """The alert that a case of this grade opens; None for scheduled work, which raises none."""
    match grade:
        case Grade.EMERGENCY:
            rank, kind = AlertRank.A1, AlertKind.EMERGENCY
        case Grade.PRIORITY:
            rank, kind = AlertRank.A2, AlertKind.PRIORITY
        case _:
            return None
    first_nudge = ladders[rank].next_nudge(0)
    return Alert(
        alert_id=case_alert_id(case_id, kind),
        rank=rank,
        kind=kind,
        opened_at=now,
        case_id=case_id,
        case_reference=reference,
        grade=grade,
        next_nudge_at=now + first_nudge if first_nudge else None,
    )


def case_alert_id(case_id: str, kind: AlertKind) -> str:
    """The name of a case's alert of one kind."""
    return f"{case_id}.{kind.value}"


def account_alert_id(channel: str, account: str, kind: AlertKind) -> str:
    """The name of a channel account's alert of one kind, where no single case is meant."""
    return f"{channel}.{account}.{kind.value}"


def announcement(alert: Alert, event: AlertEvent, *, cause: str, now: datetime) -> OutboxItem:
    """The outbox item that publishes what happened to an alert, once for its cause; what it says is read when sent."""
    return OutboxItem(
        outbox_id=outbox_id(cause, OutboxKind.OPERATOR_ALERT, Purpose.ALERT),
        kind=OutboxKind.OPERATOR_ALERT,
        purpose=Purpose.ALERT,
        channel=OPERATOR_ALERTS,
        account=OPERATOR_ALERTS,
        target=alert.alert_id,
        text=event.value,
        urgent=alert.rank is AlertRank.A1,
        created_at=now,
        due_at=now,
        case_id=alert.case_id,
    )


def told_of(alert: Alert, event: AlertEvent) -> bool:
    """Whether the event may still be told: a call only while the alert is open, its end only while it is not."""
    if event in {AlertEvent.OPENED, AlertEvent.NUDGED}:
        return alert.open
    return not alert.open or event is AlertEvent.CANCELLED


def routes_of(alert: Alert, event: AlertEvent, ladder: Ladder) -> frozenset[AlertRoute]:
    """The routes that the event takes: a call those of its step; its end every one that a call has taken before."""
    if event in {AlertEvent.OPENED, AlertEvent.NUDGED}:
        return ladder.routes(alert.nudge)
    return frozenset[AlertRoute]().union(*map(ladder.routes, range(alert.nudge + 1)))
