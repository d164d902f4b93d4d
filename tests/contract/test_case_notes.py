"""What notify needs of cases: to read them, and to note on their timeline."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contact_desk.cases import Case, CaseState
from contact_desk.contacts import Surface
from contact_desk.conversations import Conversation, CurrentCase
from contact_desk.grades import Band, Grade
from contact_desk.stores.items import (
    attribute,
    case_item,
    conversation_item,
    timeline_from_item,
)
from contact_desk.timeline import EntryKind, TimelineEntry
from functions.notify.case_notes import CaseNotes, DynamoCaseNotes
from local.twins.held_still import NOON
from local.twins.in_memory_case_notes import InMemoryCaseNotes
from tests.builders import CASE_ID, PAGE, PERSON
from tests.contract.conftest import Backend

KEY = f"messenger#{PAGE}#{PERSON}#private"
CASE = Case(
    case_id=CASE_ID,
    reference="MP-7K3Q-9DXR-C",
    state=CaseState.OPEN,
    grade=Grade.SCHEDULED,
    band=Band.GREEN,
    category=None,
    reasons=(),
    preview="is the road open?",
    channel="messenger",
    account=PAGE,
    surface=Surface.PRIVATE,
    conversation_key=KEY,
    opened_at=NOON,
    answer_by=NOON + timedelta(hours=4),
    last_contact="messenger#m_1",
    last_contact_at=NOON,
    significant=True,
)
CONVERSATION = Conversation(
    KEY,
    revision=1,
    current=CurrentCase(CASE_ID, CASE.reference, CASE.state, CASE.grade, CASE.band, CASE.answer_by),
)
ENTRY = TimelineEntry(NOON, EntryKind.ANSWERED_ELSEWHERE, "m_2", by="26390203743090")


@pytest.fixture
def notes(backend: Backend) -> CaseNotes:
    if backend.records:
        backend.records.cases[CASE_ID] = CASE
        backend.records.conversations[KEY] = CONVERSATION
        return InMemoryCaseNotes(backend.records)
    for item in (case_item(CASE), conversation_item(CONVERSATION)):
        backend.table.attempt(backend.table.put(item))
    return DynamoCaseNotes(backend.table)


def timeline(backend: Backend) -> list[TimelineEntry]:
    if backend.records:
        return list(backend.records.timelines[CASE_ID].values())
    found = backend.table.query(
        KeyConditionExpression="pk = :case AND begins_with(sk, :timeline)",
        ExpressionAttributeValues={
            ":case": attribute(f"case#{CASE_ID}"),
            ":timeline": attribute("timeline#"),
        },
    )
    return [timeline_from_item(item) for item in found]


def test_a_case_and_a_conversation_are_read_as_they_stand(notes: CaseNotes) -> None:
    assert notes.case(CASE_ID) == CASE
    assert notes.conversation(KEY) == CONVERSATION


def test_what_is_not_there_is_none(notes: CaseNotes) -> None:
    assert notes.case("nothing") is None
    assert notes.conversation("nothing") is None


def test_a_note_is_an_entry_of_the_timeline_once(backend: Backend, notes: CaseNotes) -> None:
    notes.note(CASE_ID, ENTRY)
    notes.note(CASE_ID, ENTRY)

    assert timeline(backend) == [ENTRY]
    assert notes.case(CASE_ID) == CASE
