"""What catch-up readers bring: new contacts count as missed, known ones change nothing, and none is a sign of life."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contact_desk.contact_message import to_message
from contact_desk.contacts import Act, Contact
from contact_desk.observability import metrics
from functions.triage.handler import triage
from local.twins.held_still import NOON
from tests.builders import PAGE, LambdaContext, contact, sqs_event
from tests.unit.triage.readings import Desk

CAUGHT_UP = f"raw/2026/11/02/12/meta-caught-up/{'ab' * 32}.1"
CONTEXT: Any = LambdaContext()


@pytest.fixture
def desk() -> Desk:
    return Desk()


def caught_up(text: str = "is the road open?", **fields: Any) -> Contact:
    return contact(text, archive_key=CAUGHT_UP, **fields)


def take(desk: Desk, *contacts: Contact) -> dict[str, int]:
    """What was counted when the contacts came in one batch."""
    metrics.provider.clear_metrics()
    assert triage(sqs_event(*map(to_message, contacts)), CONTEXT, desk.triage) == {"batchItemFailures": []}
    counted = {name: int(sum(metric["Value"])) for name, metric in metrics.provider.metric_set.items()}
    metrics.provider.clear_metrics()
    return counted


def test_a_contact_that_no_webhook_brought_is_counted(desk: Desk) -> None:
    counted = take(desk, caught_up(), contact(native_id="m_2"))

    assert counted["ContactsCaughtUp"] == 1
    assert counted["ContactsAdmitted"] == 2


def test_one_that_the_webhook_brought_too_is_not(desk: Desk) -> None:
    take(desk, contact())

    assert "ContactsCaughtUp" not in take(desk, caught_up())
    assert len(desk.records.contacts) == 1
    assert not desk.records.events


def test_a_webhook_that_comes_after_all_changes_nothing(desk: Desk) -> None:
    take(desk, caught_up())

    assert take(desk, contact())["ContactDuplicates"] == 1
    assert not desk.records.events


def test_an_edit_that_no_webhook_brought_is_kept_and_counted_once(desk: Desk) -> None:
    take(desk, contact())

    assert take(desk, caught_up("there is a man with a knife"))["ContactsCaughtUp"] == 1
    assert [one.contact.text for one in desk.records.events.values()] == ["there is a man with a knife"]
    assert "ContactsCaughtUp" not in take(desk, caught_up("there is a man with a knife"))
    assert len(desk.records.events) == 1


def test_an_edit_that_a_webhook_brought_is_no_news(desk: Desk) -> None:
    edit = contact("and now?", act=Act.EDITED, event_id="edit-1", occurred_at=NOON)
    take(desk, contact(), edit)

    assert "ContactsCaughtUp" not in take(desk, caught_up("and now?"))
    assert len(desk.records.events) == 1


@pytest.mark.parametrize("text", ["", "  is the  road\nopen? ", "is the road open?\u200a"])
def test_words_that_only_look_otherwise_are_no_edit(desk: Desk, text: str) -> None:
    take(desk, contact())
    take(desk, caught_up(text))

    assert not desk.records.events


def test_a_channel_is_heard_of_by_what_webhooks_bring_and_by_nothing_else(desk: Desk) -> None:
    take(desk, caught_up())
    assert desk.channel_log.last_heard("messenger", PAGE) is None

    take(desk, contact(native_id="m_2"))
    assert desk.channel_log.last_heard("messenger", PAGE) == NOON
    take(desk, contact(native_id="m_2", received_at=NOON + timedelta(hours=1)))  # a duplicate: a replay, say
    assert desk.channel_log.last_heard("messenger", PAGE) == NOON


def test_a_storm_of_contacts_is_one_note_a_minute(desk: Desk) -> None:
    for second in range(120):
        take(desk, contact(native_id=f"m_{second}", received_at=NOON + timedelta(seconds=second)))

    assert desk.channel_log.notes == 2


def test_a_note_that_is_lost_costs_no_contact(desk: Desk) -> None:
    desk.channel_log.busy = True

    assert take(desk, contact())["ContactsAdmitted"] == 1
    desk.channel_log.busy = False
    take(desk, contact(native_id="m_2"))
    assert desk.channel_log.last_heard("messenger", PAGE) == NOON
