"""Words of a person that are no case: found by the address in them, erased where they are nobody's, else they wait."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from cli.unread import Unread, UnreadWords, Waits, pattern_of
from contact_desk.archive_keys import parking_key
from contact_desk.parked import ParkedDelivery, to_bytes
from contact_desk.repairs import QuarantinedMessage
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_archive import InMemoryArchive
from local.twins.in_memory_records import InMemoryRecordFiles
from local.twins.in_memory_repairs import InMemoryRepairs
from local.twins.in_memory_secret import InMemorySecret
from tests.builders import APP_SECRET, force, message, messenger_delivery, meta_signature

PERSON, OTHER = "98172635400", "11111111111"


class Found:
    """A quarantine and a parking, with words of two people in both."""

    def __init__(self) -> None:
        clock = FrozenClock(NOON)
        self.archive, self.files = InMemoryArchive(clock), InMemoryRecordFiles()
        self.repairs = InMemoryRepairs(DeskRecords())
        self.on_the_desk: set[str] = set()
        for number, person in enumerate((PERSON, OTHER)):
            letter = json.dumps({"v": 1, "person": {"address": person, "name": None}})
            self.repairs.quarantine(QuarantinedMessage("private_contacts", f"id-{number}", letter, NOON))
        for slot, (person, secret) in enumerate(
            [(PERSON, "forged"), (PERSON, APP_SECRET), (OTHER, "forged"), (OTHER, APP_SECRET)]
        ):
            body = json.dumps(messenger_delivery(message(mid=f"m_{slot}", sender=person))).encode()
            headers = {"x-hub-signature-256": meta_signature(body, secret)}
            parked = to_bytes(ParkedDelivery(headers, body))
            self.archive.put(parking_key("meta", slot, NOON), parked)
            self.files.deliveries[parking_key("meta", slot, NOON)] = parked

    def words(self) -> UnreadWords:
        def on_the_desk(keys: Sequence[str]) -> bool:
            return set(keys) <= self.on_the_desk

        secrets = {"meta": InMemorySecret(app_secret=APP_SECRET)}
        return UnreadWords(self.repairs, self.archive, self.files, secrets, force(), on_the_desk)


@pytest.fixture
def found() -> Found:
    return Found()


def slot(number: int) -> str:
    return parking_key("meta", number, NOON)


def test_a_persons_words_are_found_wherever_they_wait_and_nobody_elses(found: Found) -> None:
    assert list(found.words().find([PERSON])) == [
        Unread("quarantine/private_contacts/id-0", Waits.QUARANTINED),
        Unread(slot(0), None),
        Unread(slot(1), Waits.NOT_TAKEN_IN),
    ]
    assert list(found.words().find([])) == []
    assert list(found.words().find(["9817263540"])) == []


def test_what_nobody_verifies_goes_and_what_is_somebodys_waits_until_it_is_on_the_desk(found: Found) -> None:
    words = found.words()
    still = words.erase(words.find([PERSON]))

    assert [one.waits for one in still] == [Waits.QUARANTINED, Waits.NOT_TAKEN_IN]
    assert sorted(found.files.deliveries) == [slot(1), slot(2), slot(3)]

    found.on_the_desk.add("messenger#m_1")
    assert [one.waits for one in words.erase(words.find([PERSON]))] == [Waits.QUARANTINED]
    assert sorted(found.files.deliveries) == [slot(2), slot(3)]
    found.repairs.release(found.repairs.quarantined()[0])
    assert [one.name for one in words.find([PERSON]) if one.waits] == []


def test_what_was_not_parked_by_the_desk_is_nobodys(found: Found) -> None:
    found.archive.put(slot(9), b"no line of headers, but " + PERSON.encode())
    assert Unread(slot(9), None) in list(found.words().find([PERSON]))


@pytest.mark.parametrize(
    ("asked", "written", "is_theirs"),
    [
        ("24601", '{"id": "24601"}', True),
        ("24601", '{"id": 24601}', True),
        ("24601", '{"id": "124601"}', False),
        ("Ceri@Example.org", "mail ceri@example.org now", True),
        ("ceri@example.org", "ceri@example.orgs", False),
        ("+44 7700 900123", "ring 07700-900 123", True),
        ("07700 900123", '"+447700900123"', True),
        ("07700 900123", "07700 9001234", False),
        ("a.c", "abc", False),
    ],
)
def test_an_address_is_a_word_of_its_own_and_a_number_however_it_is_written(
    asked: str, written: str, is_theirs: bool
) -> None:
    assert bool(pattern_of([asked]).search(written)) == is_theirs
