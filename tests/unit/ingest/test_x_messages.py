"""Direct messages on X, plain and encrypted: contacts in private, our own confirmations, and cards."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contact_desk.confirmations import ConfirmationKind, hash_of
from contact_desk.contacts import Act, Attachment, Location, Person, Surface
from local.twins.held_still import NOON
from tests.builders import FORCE_ON_X, Json
from tests.unit.ingest.conftest import Counted, Ingest
from tests.unit.ingest.test_x import ADA, take_in, take_in_one
from tests.unit.triage.readings import Desk
from tests.x_deliveries import (
    MESSAGE_ID,
    SHOWN,
    WRITER,
    account_activity,
    activity,
    direct_message,
    iso,
    mention,
    message_received,
)

PHOTO = {"type": "photo", "url": "https://t.co/def", "media_url_https": "https://pbs.twimg.com/one.jpg"}


@pytest.mark.parametrize(
    "delivery",
    [
        message_received(),
        account_activity(
            "direct_message_events",
            direct_message(),
            users={WRITER: {"id": WRITER, "name": "Ada Person", "screen_name": "ada_person"}},
            apps={"1": {}},
        ),
        activity(
            "dm.received",
            {"id": MESSAGE_ID, "sender_id": WRITER, "text": "is the road open?", "created_at": iso(NOON)},
            includes={"users": [SHOWN]},
        ),
    ],
    ids=["newer", "older", "flat"],
)
def test_a_direct_message_is_a_contact_in_private(ingest: Ingest, delivery: Json) -> None:
    contact = take_in_one(ingest, delivery)

    assert (contact.act, contact.channel, contact.surface) == (Act.CREATED, "x", Surface.PRIVATE)
    assert (contact.native_id, contact.person, contact.root) == (MESSAGE_ID, ADA, None)
    assert (contact.text, contact.occurred_at) == ("is the road open?", NOON)
    assert json.loads(contact.raw or "")


def test_several_messages_of_one_delivery_are_told_apart_and_carry_their_own_writer_only(
    ingest: Ingest,
) -> None:
    users = {str(number): {"id": str(number), "name": f"Person {number}"} for number in range(40)}
    messages = [direct_message(message_id=f"m{number}", sender=str(number)) for number in range(3)]

    contacts = take_in(ingest, account_activity("direct_message_events", *messages, users=users))

    assert [(c.native_id, c.person) for c in contacts] == [
        (f"m{number}", Person(str(number), f"Person {number}")) for number in range(3)
    ]
    assert all("Person 39" not in (contact.raw or "") for contact in contacts)


@pytest.mark.parametrize(
    "delivery",
    [
        activity(
            "dm.sent",
            {"direct_message_events": [direct_message("Yes.", sender=FORCE_ON_X, recipient=WRITER)]},
        ),
        account_activity(
            "direct_message_events", direct_message("Yes.", sender=FORCE_ON_X, recipient=WRITER)
        ),
    ],
    ids=["newer", "older"],
)
def test_our_own_message_is_a_confirmation_and_no_contact(ingest: Ingest, delivery: Json) -> None:
    assert take_in(ingest, delivery) == []
    (confirmed,) = ingest.confirmations
    assert (confirmed.kind, confirmed.channel, confirmed.account) == (ConfirmationKind.ECHO, "x", FORCE_ON_X)
    assert (confirmed.native_id, confirmed.person) == (MESSAGE_ID, WRITER)
    assert confirmed.text_hash == hash_of("Yes.")


@pytest.mark.parametrize(
    ("attachment", "attachments", "location"),
    [
        (
            {"type": "media", "media": PHOTO},
            (Attachment("photo", ref="https://pbs.twimg.com/one.jpg"),),
            None,
        ),
        (
            {
                "type": "location",
                "location": {
                    "type": "shared_coordinate",
                    "shared_coordinate": {"coordinates": {"type": "Point", "coordinates": [-2.99, 53.4]}},
                },
            },
            (Attachment("location"),),
            Location(53.4, -2.99),
        ),
        (
            {
                "type": "location",
                "location": {"shared_place": {"place": {"full_name": "Bootle", "centroid": [-2.99, 53.4]}}},
            },
            (Attachment("location"),),
            Location(53.4, -2.99, "Bootle"),
        ),
        ({"type": "unheard_of"}, (Attachment("unheard_of"),), None),
        (7, (Attachment("unsupported"),), None),
    ],
)
def test_what_came_with_a_message_is_named(
    ingest: Ingest, attachment: Any, attachments: tuple[Attachment, ...], location: Location | None
) -> None:
    contact = take_in_one(ingest, message_received("", attachment=attachment))

    assert (contact.attachments, contact.location) == (attachments, location)


def test_an_encrypted_message_is_a_card_that_says_where_to_read_it_and_no_fault(
    ingest: Ingest, counted: Counted
) -> None:
    payload = {
        "id": "e4f4d3fc-8bbf",
        "sender_id": WRITER,
        "encoded_event": "CwABAAAAEzIwODA0",
        "created_at_msec": "1",
    }

    contact = take_in_one(ingest, activity("chat.received", payload))

    assert (contact.act, contact.channel, contact.surface) == (Act.UNREADABLE, "x", Surface.PRIVATE)
    assert "cannot be read here" in contact.text
    assert WRITER in contact.text
    assert "CwAB" not in contact.text
    assert "CwAB" in (contact.raw or "")
    assert counted() == {"ContactsReceived": 1, "SealedContacts": 1, "Requests": 1}
    assert take_in_one(ingest, activity("chat.received", payload)).key == contact.key


def test_an_emergency_on_x_raises_the_alarm_and_is_answered() -> None:
    """There is no sender for X: what nobody could send must not wait in the outbox."""
    desk = Desk()
    for delivery in (
        mention("@MerseyPolice there is a man with a knife outside my house"),
        message_received("there is a man with a knife outside my house"),
    ):
        desk.triage.take(take_in_one(Ingest(), delivery))

    assert [alert.rank for alert in desk.records.alerts.values()] == ["A1", "A1"]
    assert {item.kind for item in desk.records.outbox.values()} == {
        "operator_alert",
        "message",
        "comment_reply",
    }
