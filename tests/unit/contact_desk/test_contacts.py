"""A contact in the shape the queues carry: whole there and back, whatever the person wrote."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_desk.clock import encode_ulid, from_rfc3339, to_rfc3339
from contact_desk.contact_message import from_message, to_message
from contact_desk.contacts import (
    TEXT_LIMIT_BYTES,
    Act,
    Attachment,
    Contact,
    Location,
    Person,
    Surface,
    clean_text,
)
from contact_desk.errors import MalformedMessageError, NewerMessageError
from contact_desk.references import check_letter, digest_id, reference

AT = datetime(2026, 11, 2, 9, 30, 0, 123000, tzinfo=UTC)
CONTACT = Contact(
    act=Act.CREATED,
    channel="messenger",
    account="7001",
    surface=Surface.PRIVATE,
    native_id="m_A",
    person=Person("PSID1", "A Person"),
    text="is the road open?",
    occurred_at=AT,
    received_at=AT + timedelta(seconds=1),
    archive_key="raw/2026/11/02/09/meta/aa.1",
    attachments=(Attachment("image", "image/jpeg", "https://cdn.example/1"),),
    location=Location(53.4, -2.98, "Pier Head"),
    reply_until=AT + timedelta(hours=24),
    raw='{"message":{}}',
)


@given(st.text(st.characters(), max_size=60), st.text(max_size=20))
def test_any_text_survives_the_queue_in_ascii(text: str, name: str) -> None:
    contact = replace(CONTACT, text=clean_text(text), person=Person("PSID1", name))

    message = to_message(contact)

    assert message.isascii()
    assert from_message(message) == contact


def test_the_message_has_the_fields_of_the_contract() -> None:
    order = """v act channel account surface native_id person text language occurred_at received_at answers root
        attachments location permalink reply_until event_id report raw archive_key part last"""

    assert list(json.loads(to_message(CONTACT))) == order.split()


def test_times_are_utc_with_milliseconds() -> None:
    assert json.loads(to_message(CONTACT))["occurred_at"] == "2026-11-02T09:30:00.123Z"
    assert from_rfc3339(to_rfc3339(AT)) == AT
    with pytest.raises(ValueError, match="zone"):
        from_rfc3339("2026-11-02T09:30:00")


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"v":1,"act":"shouted"}', "[" * 100_000, "null"])
def test_what_is_not_a_contact_is_refused_by_name(body: str) -> None:
    with pytest.raises(MalformedMessageError):
        from_message(body)


def test_a_refusal_never_quotes_the_persons_words() -> None:
    fields = json.loads(to_message(CONTACT)) | {"text": "CANARY", "occurred_at": "CANARY"}

    with pytest.raises(MalformedMessageError) as refused:
        from_message(json.dumps(fields))

    assert "CANARY" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_later_version_waits_for_a_later_reader() -> None:
    with pytest.raises(NewerMessageError):
        from_message(json.dumps(json.loads(to_message(CONTACT)) | {"v": 2}))


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "héllo \ud83d"])
def test_lone_surrogates_become_the_replacement_character(text: str) -> None:
    cleaned = clean_text(text)

    cleaned.encode("utf-8")
    assert "\ufffd" in cleaned


def test_text_beyond_64_kib_is_left_to_the_archive_at_a_whole_character() -> None:
    cleaned = clean_text("é" * TEXT_LIMIT_BYTES)

    assert len(cleaned.encode("utf-8")) == TEXT_LIMIT_BYTES
    assert set(cleaned) == {"é"}


def test_public_contacts_are_apart_by_root_post_and_private_ones_are_not() -> None:
    public = replace(CONTACT, surface=Surface.PUBLIC)

    assert replace(public, root="7001_1").conversation_key != replace(public, root="7001_2").conversation_key
    assert replace(CONTACT, root="7001_1").conversation_key == CONTACT.conversation_key
    assert CONTACT.conversation_key == "messenger#7001#PSID1#private"


def test_an_unreadable_is_a_conversation_of_its_own() -> None:
    one = replace(CONTACT, act=Act.UNREADABLE, person=None, native_id="aa.0")

    assert one.conversation_key != replace(one, native_id="aa.1").conversation_key


def test_a_reference_is_the_same_wherever_it_is_computed() -> None:
    made = reference("MP", "messenger#m_A")

    assert made == reference("MP", "messenger#m_A")
    assert made != reference("MP", "messenger#m_B")
    code, first, second, check = made.split("-")
    assert code == "MP"
    assert check == check_letter(first + second)


def test_the_check_letter_notices_one_wrong_letter_and_two_swapped() -> None:
    assert check_letter("7K3Q9DXR") != check_letter("7K3Q9DXS")
    assert check_letter("7K3Q9DXR") != check_letter("K73Q9DXR")


def test_names_from_causes_differ_when_parts_do() -> None:
    assert digest_id("a", "bc") != digest_id("ab", "c")
    assert len(digest_id("a")) == 26


def test_ulids_sort_by_time() -> None:
    assert encode_ulid(AT, 5) < encode_ulid(AT + timedelta(milliseconds=1), 0)
    assert len(encode_ulid(AT, 2**80 - 1)) == 26
