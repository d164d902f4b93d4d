"""Which contacts triage hands to the second reader: all that people wrote and the first did not find red, once each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from contact_desk.contact_message import to_message
from contact_desk.contacts import Act, Contact, Person
from contact_desk.second_reads import ContactPointer, pointer_of
from functions.triage.handler import triage
from local.twins.in_memory_queues import InMemoryPointerQueue
from local.twins.in_memory_second_reads import InMemorySecondReads
from tests.builders import LambdaContext, contact, sqs_event
from tests.unit.triage.readings import Desk
from tests.unit.triage.second_reading import SecondReading

KNIFE = "there is a man with a knife outside my house"


class Told:
    """A desk of a force with a second reader, and what that was told of."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.queue = InMemoryPointerQueue()
        self.triage = replace(self.desk.triage, second_reads=self.queue)

    def run(self, *contacts: Contact) -> None:
        context: Any = LambdaContext()
        answer = triage(sqs_event(*map(to_message, contacts)), context, self.triage)
        assert answer["batchItemFailures"] == []

    @property
    def of(self) -> list[ContactPointer]:
        return [pointer_of(body) for body in self.queue.sent]


@pytest.fixture
def told() -> Told:
    return Told()


def several(number: int, text: str = "is the road open?") -> list[Contact]:
    return [contact(text, native_id=f"m_{n}", person=Person(f"p{n}")) for n in range(number)]


def test_what_is_not_red_is_told_of_ten_to_a_call(told: Told) -> None:
    told.run(*several(9), contact("thanks", native_id="t"), contact(KNIFE, native_id="k"))

    assert [pointer.contact_key for pointer in told.of] == [f"messenger#m_{n}" for n in range(9)] + [
        "messenger#t"
    ]
    assert told.queue.queue.calls == 1


def test_an_edit_is_told_of_by_its_own_name(told: Told) -> None:
    told.run(contact(), contact("is the road shut?", act=Act.EDITED))

    original, edit = told.of
    assert original.event_id is None
    assert (edit.contact_key, edit.event_id is None) == (original.contact_key, False)


def test_what_nobody_wrote_is_not(told: Told) -> None:
    told.run(contact("", act=Act.DELETED), contact("?", native_id="u", act=Act.UNREADABLE, person=None))

    assert told.of == []


def test_a_repeat_is_told_of_while_nobody_has_read_it_and_never_again_after_that(told: Told) -> None:
    told.run(contact())
    told.run(contact())
    assert told.of == [ContactPointer(contact().key)] * 2

    reader = SecondReading(records=told.desk.records)
    assert isinstance(reader.store, InMemorySecondReads)
    reader.desk.read(told.of[0])
    case = dict(told.desk.records.cases)
    told.run(contact())
    assert len(told.of) == 2
    assert told.desk.records.cases == case


def test_a_queue_that_is_full_costs_the_contact_nothing(told: Told) -> None:
    told.queue.queue.full = True
    told.run(contact())

    assert list(told.desk.records.contacts) == [contact().key]


def test_a_force_without_a_second_reader_writes_and_sends_nothing_of_it() -> None:
    desk = Desk()
    taken = desk.triage.take(contact())

    assert taken.to_read_again == ()
    assert not desk.records.contacts[contact().key].second_read_due
