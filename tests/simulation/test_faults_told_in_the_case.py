"""Whatever a platform does to a reply, the case says how it stands, in a state and a sentence that help an operator."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from unittest import mock

import pytest
import urllib3

from contact_desk.case_desk import CaseFile, Happening
from contact_desk.outbox import OutboxItem, OutboxKind, Purpose
from contact_desk.send_failures import SendFailure
from contact_desk.timeline import EntryKind, TimelineEntry
from functions.operate.views import timeline_fields
from local.twins.in_memory_intake import InMemoryIntake
from tests.builders import CASE_ID, contact, force
from tests.desk_staging import admit
from tests.simulation.send_items import SENT, an_item
from tests.simulation.send_platforms import Fate
from tests.simulation.send_schedules import Schedule

REPLIES = [place for place in SENT if place[0] is not OutboxKind.OPERATOR_ALERT]
WAITS = "tries again by itself"
TOLD = {
    Fate.WELL: ("sent", None),
    Fate.RATE: ("pending", SendFailure.THROTTLED),
    Fate.EXPIRED: ("pending", SendFailure.CREDENTIALS_REFUSED),
    Fate.UNREACHABLE: ("pending", SendFailure.UNREACHABLE),
    Fate.FAILS_BEFORE: ("in_doubt", SendFailure.SERVER_ERROR),
    Fate.FAILS_AFTER: ("in_doubt", SendFailure.SERVER_ERROR),
    Fate.HANGS: ("in_doubt", SendFailure.NO_ANSWER),
    Fate.ANSWER_LOST: ("in_doubt", SendFailure.NO_ANSWER),
    Fate.LATE: ("in_doubt", SendFailure.NO_ANSWER),
}


@pytest.mark.parametrize("fate", Fate)
@pytest.mark.parametrize("place", REPLIES, ids=lambda place: f"{place[1]}-{place[0]}")
def test_the_case_says_how_a_reply_stands_and_what_comes_next(
    place: tuple[OutboxKind, str, str], fate: Fate
) -> None:
    told = told_after(place, fate)

    state, failure = TOLD[fate]
    if (fate, place[0]) == (Fate.EXPIRED, OutboxKind.EMAIL):
        failure = SendFailure.THROTTLED  # SES signs by the function's own role: nothing of it expires
    assert told == (state, failure.told if failure else None)


def told_after(place: tuple[OutboxKind, str, str], fate: Fate) -> tuple[str, str | None]:
    """State and trouble of a reply on its case's timeline, once a worker has had it and its one call went so."""
    with asyncio.Runner() as runner:
        schedule = Schedule(0, runner)
        item = reply(place)
        schedule.records.outbox[item.outbox_id] = item
        schedule.misfortunes, schedule.step_fails = 1, 0.0
        urlopen = schedule.platforms.urlopen
        schedule.platforms.fate = lambda: fate
        with mock.patch.object(
            urllib3.PoolManager, "urlopen", lambda _, *given, **named: urlopen(*given, **named)
        ):
            schedule.work([item.outbox_id])
        ended = schedule.records.outbox[item.outbox_id]
        admit(InMemoryIntake(schedule.records), contact(), case_id=CASE_ID)
        case = schedule.records.cases[CASE_ID]
    entry = TimelineEntry(item.created_at, EntryKind.REPLY, "reply", by="Ola", outbox_id=item.outbox_id)
    [shown] = timeline_fields(CaseFile(case, None, (Happening(entry, outbox=ended),)), force())
    assert shown["text"] == item.text
    return shown["state"], shown["trouble"]


def reply(place: tuple[OutboxKind, str, str]) -> OutboxItem:
    """A reply that is nobody's emergency, on that channel."""
    with mock.patch("tests.simulation.send_items.SENT", (place,)):
        item = an_item(random.Random(1), "a reply", 1)
    return replace(item, purpose=Purpose.REPLY, urgent=False, reply_until=None)


def test_no_sentence_leaves_an_operator_without_the_next_step() -> None:
    for failure in {failure for _, failure in TOLD.values() if failure}:
        assert WAITS in failure.told or "waits" in failure.told or "may have arrived" in failure.told
