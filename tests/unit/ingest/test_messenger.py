"""Messenger's events, one by one, as contacts and confirmations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contact_desk.confirmations import ConfirmationKind, hash_of
from contact_desk.contacts import Act, Attachment, Location, Person, Surface
from local.twins.held_still import NOON
from tests.builders import PAGE, PERSON, echo, item, message, messenger_delivery, milliseconds, page_delivery
from tests.unit.ingest.conftest import Counted, Ingest


def test_a_message_is_a_private_contact_of_its_writer(ingest: Ingest) -> None:
    contact = ingest.take_in_one(messenger_delivery(message("is the road open?", mid="m_A")))

    assert contact.act is Act.CREATED
    assert (contact.channel, contact.account, contact.surface) == ("messenger", PAGE, Surface.PRIVATE)
    assert (contact.native_id, contact.person, contact.text) == ("m_A", Person(PERSON), "is the road open?")
    assert (contact.occurred_at, contact.received_at) == (NOON, NOON)
    assert (contact.root, contact.event_id, contact.attachments) == (None, None, ())


def test_the_window_to_reply_closes_as_the_force_file_says(ingest: Ingest) -> None:
    contact = ingest.take_in_one(messenger_delivery(message()))

    assert contact.reply_until == NOON + timedelta(hours=24)


def test_an_answer_names_the_message_it_answers(ingest: Ingest) -> None:
    contact = ingest.take_in_one(messenger_delivery(message(reply_to={"mid": "m_0", "is_self_reply": False})))

    assert contact.answers == "m_0"


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (message("Report it", quick_reply={"payload": "REPORT"}), "Report it"),
        (message(None, quick_reply={"payload": "REPORT"}), "REPORT"),
        (item(postback={"mid": "m_1", "title": "Get started", "payload": "GET_STARTED"}), "Get started"),
        (item(postback={"mid": "m_1", "payload": "GET_STARTED"}), "GET_STARTED"),
    ],
)
def test_a_button_tapped_says_what_stood_on_it(ingest: Ingest, sent: dict[str, Any], text: str) -> None:
    contact = ingest.take_in_one(messenger_delivery(sent))

    assert (contact.native_id, contact.text) == ("m_1", text)


def test_a_tap_without_an_id_is_known_by_who_and_when(ingest: Ingest) -> None:
    contact = ingest.take_in_one(messenger_delivery(item(postback={"title": "Get started"})))

    assert contact.native_id == f"{PERSON}-{milliseconds(NOON)}"


@pytest.mark.parametrize(
    ("attachment", "expected"),
    [
        (
            {"type": "image", "payload": {"url": "https://cdn.example/1.jpg"}},
            Attachment("image", ref="https://cdn.example/1.jpg"),
        ),
        (
            {"type": "fallback", "url": "https://example.org/", "payload": None},
            Attachment("fallback", ref="https://example.org/"),
        ),
        ({"type": "fallback"}, Attachment("fallback")),
        (
            {"type": "sticker", "payload": {"sticker_id": 369239263222822}},
            Attachment("sticker", ref="369239263222822"),
        ),
        ({"type": "hologram", "payload": {"url": "ftp://cdn.example/"}}, Attachment("hologram")),
        ({"type": "Strange Type!", "payload": "a text"}, Attachment("unknown")),
    ],
)
def test_an_attachment_is_told_by_kind_and_where_it_is(
    ingest: Ingest, attachment: dict[str, Any], expected: Attachment
) -> None:
    contact = ingest.take_in_one(messenger_delivery(message(attachments=[attachment])))

    assert contact.attachments == (expected,)


def test_a_broken_attachment_does_not_keep_back_the_words_or_the_others(ingest: Ingest) -> None:
    photo = {"type": "image", "payload": {"url": "https://cdn.example/1.jpg"}}
    contact = ingest.take_in_one(messenger_delivery(message("look", attachments=[None, 7, photo])))

    assert contact.text == "look"
    assert [attachment.kind for attachment in contact.attachments] == ["image"]


def test_a_place_is_read_in_degrees(ingest: Ingest) -> None:
    pin = {"type": "location", "title": "Pier Head", "payload": {"coordinates": {"lat": 53.4, "long": -2.99}}}
    contact = ingest.take_in_one(messenger_delivery(message(None, attachments=[pin])))

    assert contact.location == Location(53.4, -2.99, "Pier Head")
    assert contact.attachments == (Attachment("location"),)


@pytest.mark.parametrize(
    "coordinates", [{"lat": 91, "long": 0}, {"lat": 0, "long": "west"}, {"lat": 1}, [1, 2]]
)
def test_a_place_that_is_none_leaves_the_message(ingest: Ingest, coordinates: Any) -> None:
    pin = {"type": "location", "payload": {"coordinates": coordinates}}
    contact = ingest.take_in_one(messenger_delivery(message("here", attachments=[pin])))

    assert (contact.text, contact.location) == ("here", None)


@pytest.mark.parametrize("sent", [message(None, is_unsupported=True), message(None), message("")])
def test_what_the_platform_does_not_hand_over_is_still_a_contact(
    ingest: Ingest, sent: dict[str, Any]
) -> None:
    contact = ingest.take_in_one(messenger_delivery(sent))

    assert (contact.text, contact.attachments) == ("", (Attachment("unsupported"),))


@pytest.mark.parametrize(
    ("number", "event_id"), [(1, "edit-1"), ("2", "edit-2"), (None, f"edit-{milliseconds(NOON)}")]
)
def test_an_edit_is_told_from_the_next_by_its_number(ingest: Ingest, number: Any, event_id: str) -> None:
    edit = item(message_edit={"mid": "m_1", "text": "is the A59 open?", "num_edit": number})
    contact = ingest.take_in_one(messenger_delivery(edit))

    assert (contact.act, contact.native_id, contact.event_id) == (Act.EDITED, "m_1", event_id)
    assert contact.text == "is the A59 open?"


def test_unsending_a_message_deletes_it(ingest: Ingest) -> None:
    contact = ingest.take_in_one(messenger_delivery(message(None, is_deleted=True)))

    assert (contact.act, contact.native_id, contact.event_id) == (Act.DELETED, "m_1", "deleted")
    assert (contact.text, contact.attachments) == ("", ())


def test_a_conversation_that_another_app_answers_is_read_alike(ingest: Ingest) -> None:
    entry = {"id": PAGE, "time": milliseconds(NOON), "standby": [message()]}

    assert ingest.take_in_one(page_delivery(entry)).text == "is the road open?"


def test_a_writer_without_an_id_is_no_person_and_the_words_still_arrive(ingest: Ingest) -> None:
    sent = item(message={"mid": "m_1", "text": "help"}, sender={"user_ref": "plugin-77"})
    contact = ingest.take_in_one(messenger_delivery(sent))

    assert (contact.person, contact.text) == (None, "help")


@pytest.mark.parametrize(
    ("timestamp", "occurred"),
    [
        (milliseconds(NOON), NOON),
        (int(NOON.timestamp()), NOON),
        (str(milliseconds(NOON)), NOON),
        ("2026-11-02T12:00:00+0000", NOON),
        ("2026-11-02T12:00:00", NOON),
        (None, NOON - timedelta(hours=1)),
        ("yesterday", NOON - timedelta(hours=1)),
        (-1, NOON - timedelta(hours=1)),
        (10**30, NOON - timedelta(hours=1)),
        (True, NOON - timedelta(hours=1)),
    ],
)
def test_a_time_is_read_in_whatever_unit_it_comes_or_taken_from_the_envelope(
    ingest: Ingest, timestamp: Any, occurred: Any
) -> None:
    sent = {**message(), "timestamp": timestamp}
    entry = {"id": PAGE, "time": milliseconds(NOON - timedelta(hours=1)), "messaging": [sent]}

    assert ingest.take_in_one(page_delivery(entry)).occurred_at == occurred


def test_ids_may_be_numbers(ingest: Ingest) -> None:
    sent = item(message={"mid": 55, "text": "hi"}, sender={"id": 6120045518830012})
    contact = ingest.take_in_one(messenger_delivery(sent, page=int(PAGE)))

    assert (contact.native_id, contact.person, contact.account) == ("55", Person("6120045518830012"), PAGE)


@pytest.mark.parametrize("mid", [None, "", "a b", "a#b", "ŵ", "\ud800", "x" * 513, True, ["m"], "a\x00"])
def test_a_message_without_a_usable_id_is_an_unreadable_card(ingest: Ingest, mid: Any) -> None:
    contact = ingest.take_in_one(messenger_delivery(item(message={"mid": mid, "text": "there is a fire"})))

    assert contact.act is Act.UNREADABLE
    assert contact.person is None
    assert "there is a fire" in contact.text


@pytest.mark.parametrize(
    "sent",
    [
        {},
        item(),
        item(message=None),
        item(message=[]),
        item(message={"mid": "m_1", "text": 7}),
        item(message={"mid": "m_1", "text": ["help"]}),
        item(message_edit={"text": "help"}),
        item(poke={"by": "somebody"}),
    ],
)
def test_an_item_of_no_documented_shape_is_an_unreadable_card(ingest: Ingest, sent: dict[str, Any]) -> None:
    contact = ingest.take_in_one(messenger_delivery(sent))

    assert (contact.act, contact.channel, contact.surface) == (Act.UNREADABLE, "messenger", Surface.PRIVATE)


# Our own


def test_an_echo_confirms_what_was_sent_to_whom_by_which_tool(ingest: Ingest) -> None:
    ingest.take_in(messenger_delivery(echo("Thank you.", mid="m_9", metadata="outbox-1", app_id=77)))

    (confirmation,) = ingest.confirmations
    assert confirmation.kind is ConfirmationKind.ECHO
    assert (confirmation.channel, confirmation.account, confirmation.native_id) == ("messenger", PAGE, "m_9")
    assert (confirmation.person, confirmation.metadata, confirmation.app_id) == (PERSON, "outbox-1", "77")
    assert confirmation.text_hash == hash_of("Thank you.")
    assert (confirmation.occurred_at, confirmation.received_at) == (NOON, NOON)


def test_what_the_page_sends_is_never_a_contact_even_where_nobody_calls_it_an_echo(ingest: Ingest) -> None:
    ours = item(message={"mid": "m_9", "text": "Thank you."}, sender={"id": PAGE}, recipient={"id": PERSON})

    assert ingest.take_in(messenger_delivery(ours)) == []
    assert [confirmation.native_id for confirmation in ingest.confirmations] == ["m_9"]


@pytest.mark.parametrize(
    "ours",
    [
        echo(mid="m_9", is_deleted=True),
        item(message={"is_echo": True, "text": "Thank you."}),
        item(message_edit={"mid": "m_9", "text": "Thank you!"}, sender={"id": PAGE}),
    ],
)
def test_what_the_page_takes_back_or_changes_is_ignored(
    ingest: Ingest, counted: Counted, ours: dict[str, Any]
) -> None:
    assert ingest.take_in(messenger_delivery(ours)) == []
    assert ingest.confirmations == []
    assert counted.ignored() == {"our_own": 1}


def test_a_delivery_status_confirms_each_message_that_it_names(ingest: Ingest) -> None:
    arrived = item(delivery={"mids": ["m_1", "m_2"], "watermark": milliseconds(NOON)})

    assert ingest.take_in(messenger_delivery(arrived)) == []
    assert [(done.kind, done.native_id, done.person) for done in ingest.confirmations] == [
        (ConfirmationKind.DELIVERY, "m_1", PERSON),
        (ConfirmationKind.DELIVERY, "m_2", PERSON),
    ]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ({"delivery": {"watermark": 1}}, "delivery_status"),
        ({"read": {"watermark": 1}}, "read_receipt"),
        ({"reaction": {"mid": "m_1", "action": "react"}}, "reaction"),
        ({"referral": {"ref": "poster"}}, "referral"),
        ({"optin": {"ref": "news"}}, "opt_in"),
        ({"pass_thread_control": {"new_owner_app_id": "1"}}, "thread_control"),
        ({"policy-enforcement": {"action": "warning"}}, "policy_enforcement"),
    ],
)
def test_what_holds_no_words_is_ignored_by_reason(
    ingest: Ingest, counted: Counted, kind: dict[str, Any], reason: str
) -> None:
    assert ingest.take_in(messenger_delivery(item(**kind))) == []
    assert counted.ignored() == {reason: 1}
