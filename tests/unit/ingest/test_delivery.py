"""Whatever a delivery holds, reading it gives contacts, and the same ones each time."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from contact_desk.contact_message import to_message
from contact_desk.contacts import Act, Surface
from contact_desk.stores.queues import BATCH_BYTES
from functions.ingest.as_sent import EXCERPT_CHARACTERS, RAW_LIMIT_BYTES
from functions.ingest.delivery import read_delivery
from local.twins.held_still import NOON
from tests.builders import (
    PAGE,
    comment,
    feed_delivery,
    force,
    message,
    messenger_delivery,
    page_delivery,
)
from tests.unit.ingest.conftest import Counted, Ingest

UNREADABLE = {
    "nothing": (b"", "not_json"),
    "a text": (b"not json", "not_json"),
    "cut off": (b'{"object":"page","entry":[', "not_json"),
    "nul after it": (b'{"object":"page","entry":[]}\x00', "not_json"),
    "nul in it": (b'{"object":"page\x00","entry":[]}', "not_json"),
    "not a number": (b'{"object":"page","entry":[NaN]}', "not_json"),
    "infinite": (b'{"object":"page","entry":[1e999]}', "not_json"),
    "500 digits": (b'{"object":"page","entry":[' + b"9" * 500 + b"]}", "not_json"),
    "5,000 digits": (b'{"object":"page","entry":[' + b"9" * 5_000 + b"]}", "not_json"),
    "a byte of no character": (b'{"object":"page\xff","entry":[]}', "not_utf8"),
    "half a character": (b'{"object":"\xed\xa0\x80","entry":[]}', "not_utf8"),
    "utf-16": ('{"object":"page","entry":[]}'.encode("utf-16"), "not_utf8"),
    "10,000 lists deep": (b"[" * 10_000 + b"]" * 10_000, "too_deep"),
    "10,000 objects deep": (b'{"a":' * 10_000, "too_deep"),
    "7 MB": (b'"' + b"a" * 7_000_000 + b'"', "too_large"),
    "a list": (b"[]", "not_an_envelope"),
    "null": (b"null", "not_an_envelope"),
    "a string": (b'"page"', "not_an_envelope"),
    "empty": (b"{}", "not_an_envelope"),
    "no entry": (b'{"object":"page"}', "not_an_envelope"),
    "an odd object": (b'{"object":["page"],"entry":[]}', "not_an_envelope"),
    "an odd entry": (b'{"object":"page","entry":{"id":"1"}}', "not_an_envelope"),
}


@pytest.mark.parametrize(("body", "cause"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_body_that_cannot_be_read_is_archived_and_one_card_for_an_operator(
    ingest: Ingest, counted: Counted, body: bytes, cause: str
) -> None:
    contact = ingest.take_in_one(body)

    assert contact.act is Act.UNREADABLE
    assert (contact.channel, contact.account, contact.surface) == ("meta", "unknown", Surface.PRIVATE)
    assert contact.native_id == f"{hashlib.sha256(body).hexdigest()}.0"
    assert (contact.person, contact.raw, contact.occurred_at) == (None, None, NOON)
    assert ingest.archive.deliveries[contact.archive_key].body == body
    assert counted()["UnreadableContacts"] == 1
    assert read_delivery("meta", body, NOON, force()).unreadable == {cause: 1}


def test_an_unreadable_card_shows_how_it_begins_in_plain_characters(ingest: Ingest) -> None:
    contact = ingest.take_in_one(b"help \x00\x1b[31m \xff mae t\xc3\xa2n \xe2\x80\xae" + b"x" * 9_000)

    assert contact.text.startswith("help \\x00\\x1b[31m \\xff mae tân \\u202e")
    assert len(contact.text) == EXCERPT_CHARACTERS


def test_an_event_that_cannot_be_read_is_a_card_among_those_that_can(ingest: Ingest) -> None:
    body = json.dumps(
        messenger_delivery(message(mid="m_1"), {"odd": "there is a fire"}, message(mid="m_3"))
    ).encode()
    first, card, third = ingest.take_in(body)

    assert [first.native_id, third.native_id] == ["m_1", "m_3"]
    assert (card.act, card.native_id) == (Act.UNREADABLE, f"{hashlib.sha256(body).hexdigest()}.1")
    assert (card.channel, card.account, card.person) == ("messenger", PAGE, None)
    assert "there is a fire" in card.text
    assert json.loads(card.raw or "") == {"odd": "there is a fire"}
    assert [contact.part for contact in (first, card, third)] == [1, 2, 3]


@pytest.mark.parametrize(
    "entry",
    [
        None,
        7,
        "entry",
        {},
        {"id": PAGE},
        {"id": PAGE, "hop_context": []},
        {"id": PAGE, "messaging": None},
        {"id": PAGE, "changes": "all"},
        {"id": PAGE, "field": None},
        {"id": None, "messaging": [message()]},
        {"id": "a b", "changes": [comment()]},
    ],
)
def test_an_entry_of_no_documented_shape_is_a_card(ingest: Ingest, entry: Any) -> None:
    card, after = ingest.take_in(page_delivery(entry, *messenger_delivery(message(mid="m_2"))["entry"]))

    assert (card.act, after.native_id) == (Act.UNREADABLE, "m_2")


@pytest.mark.parametrize(
    ("delivery", "reason"),
    [
        (page_delivery(), "empty"),
        (page_delivery({"id": PAGE, "messaging": []}), None),
        (page_delivery({"id": PAGE, "changed_fields": ["feed"]}), "channel_unknown"),
        ({"object": "permissions", "entry": [{"id": "1", "changed_fields": ["email"]}]}, "permissions"),
        ({"object": "permissions", "entry": [{"uid": "1", "time": 1}]}, "permissions"),
        ({"object": "user", "entry": [{"id": "1", "changed_fields": ["feed"]}]}, "channel_unknown"),
    ],
)
def test_a_product_or_field_that_no_channel_reads_is_counted(
    ingest: Ingest, counted: Counted, delivery: dict[str, Any], reason: str | None
) -> None:
    assert ingest.take_in(delivery) == []
    assert len(ingest.archive.deliveries) == 1
    assert counted.ignored() == {reason or "empty": 1}


def test_half_a_character_and_nul_do_not_keep_back_the_words(ingest: Ingest) -> None:
    contact = ingest.take_in_one(messenger_delivery(message("half \ud83d and \x00 on")))

    assert contact.act is Act.CREATED
    assert contact.text.startswith("half \ufffd")
    assert contact.text.endswith(" and \x00 on")


def test_a_long_text_is_cut_for_the_queue_and_whole_in_the_archive(ingest: Ingest) -> None:
    body = json.dumps(messenger_delivery(message("é" * 1_500_000)), ensure_ascii=False).encode()
    contact = ingest.take_in_one(body)

    assert contact.text == "é" * 32_768
    assert contact.raw is None
    assert ingest.archive.deliveries[contact.archive_key].body == body


@pytest.mark.parametrize("character", ["\x00", "\\", '"', "é", "\U0001f525", "\ud800"])
@pytest.mark.parametrize("length", [RAW_LIMIT_BYTES // 14, RAW_LIMIT_BYTES // 2, RAW_LIMIT_BYTES, 10**6])
def test_no_contact_is_too_large_for_a_queue(ingest: Ingest, character: str, length: int) -> None:
    attachment = {"type": "image", "payload": {"url": "https://cdn.example/" + "%" * 4_000}}
    sent = message(character * length, attachments=[attachment] * 40, reply_to={"mid": "x" * 512})
    value = comment(character * length, author={"id": "9" * 512, "name": character * length})

    for contact in (
        ingest.take_in_one(messenger_delivery(sent)),
        ingest.take_in_one(feed_delivery(value)),
        ingest.take_in_one(messenger_delivery({"odd": character * length})),
    ):
        assert len(to_message(contact)) < BATCH_BYTES
