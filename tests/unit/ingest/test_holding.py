"""What nobody can verify: parked apart and never more than so much of it, on hold answered 200, released by replay."""

from __future__ import annotations

import json

import pytest

from contact_desk import parked
from contact_desk.errors import MalformedMessageError
from contact_desk.http_api import Answer
from contact_desk.parked import LARGEST_BYTES, ParkedDelivery
from contact_desk.pointers import replay_message
from contact_desk.stores.archive import StoredBody
from functions.ingest.replay import replay
from functions.ingest.replays import Replays
from functions.ingest.webhooks import SLOTS_A_MINUTE, SLOTS_ON_HOLD
from tests.builders import (
    Json,
    force,
    http_event,
    message,
    messenger_delivery,
    meta_event,
    meta_signature,
    sqs_event,
)
from tests.unit.ingest.conftest import Counted, Ingest

BODY = json.dumps(messenger_delivery(message())).encode()
ANOTHER_SECRET = "a-secret-that-nobody-told-us"


def untouched(ingest: Ingest) -> bool:
    return not (ingest.archive.deliveries or ingest.contacts or ingest.confirmations)


def wrongly_signed(body: bytes = BODY) -> Json:
    return meta_event(body, app_secret=ANOTHER_SECRET)


def send_many(ingest: Ingest, number: int) -> list[Answer]:
    bodies = (json.dumps(messenger_delivery(message(mid=f"m_{n}"))).encode() for n in range(number))
    return [ingest.answer(wrongly_signed(body)) for body in bodies]


def release(ingest: Ingest) -> None:
    """The replay of everything that is parked."""
    for key, what in ingest.parking.parked.items():
        ingest.archive.deliveries[key] = StoredBody(key, ingest.clock.now(), what)
    replays = Replays(force(), ingest.archive, ingest.archive, ingest.contacts_queue)
    event = sqs_event(*(replay_message(key) for key in ingest.parking.parked))
    assert replay(event, replays) == {"batchItemFailures": []}


def test_a_wrong_signature_is_refused_and_parked_apart(ingest: Ingest, counted: Counted) -> None:
    assert ingest.answer(wrongly_signed())["statusCode"] == 401

    assert untouched(ingest)
    ((key, what),) = ingest.parking.parked.items()
    assert key.startswith("parked/2026/11/02/12/00/meta/")
    delivery = parked.from_bytes(what)
    assert delivery.body == BODY
    assert delivery.headers == {"x-hub-signature-256": meta_signature(BODY, ANOTHER_SECRET)}
    assert counted() == {"SignatureRefused": 1, "DeliveriesParked": 1, "Requests": 1}


def test_on_hold_it_is_parked_and_answered_200(ingest: Ingest) -> None:
    ingest.holds.held = {"meta"}

    assert ingest.answer(wrongly_signed())["statusCode"] == 200
    assert untouched(ingest)
    assert len(ingest.parking.parked) == 1


def test_on_hold_what_is_signed_rightly_goes_its_usual_way(ingest: Ingest) -> None:
    ingest.holds.held = {"meta"}

    assert len(ingest.take_in(BODY)) == 1
    assert not ingest.parking.parked


def test_a_hold_of_another_webhook_holds_nothing_here(ingest: Ingest) -> None:
    ingest.holds.held = {"x"}

    assert ingest.answer(wrongly_signed())["statusCode"] == 401


@pytest.mark.parametrize("held", [set(), {"meta"}])
@pytest.mark.parametrize("headers", [{}, {"x-hub-signature-256": ""}, {"x-hub-signature-256": "a" * 501}])
def test_what_was_never_signed_is_not_parked_even_on_hold(
    ingest: Ingest, held: set[str], headers: dict[str, str]
) -> None:
    ingest.holds.held = held

    answer = ingest.answer(http_event("POST", "/webhooks/meta", body=BODY, headers=headers))
    assert answer["statusCode"] == 401
    assert not ingest.parking.parked


@pytest.mark.parametrize("held", [set(), {"meta"}])
def test_what_no_platform_would_send_is_not_parked_even_on_hold(ingest: Ingest, held: set[str]) -> None:
    ingest.holds.held = held

    assert ingest.answer(wrongly_signed(b" " * (LARGEST_BYTES + 1)))["statusCode"] == 401
    assert not ingest.parking.parked


def test_no_more_is_parked_in_a_minute_than_its_slots(ingest: Ingest, counted: Counted) -> None:
    answers = send_many(ingest, 90)

    assert {answer["statusCode"] for answer in answers} == {401}
    assert len(ingest.parking.parked) <= SLOTS_A_MINUTE
    assert counted()["ParkingRefused"] == 90 - len(ingest.parking.parked)
    before = len(ingest.parking.parked)
    ingest.clock.advance(minutes=1)
    ingest.answer(wrongly_signed())
    assert len(ingest.parking.parked) == before + 1


def test_on_hold_what_cannot_be_parked_is_a_503_so_that_it_is_sent_again(ingest: Ingest) -> None:
    ingest.holds.held = {"meta"}
    statuses = [answer["statusCode"] for answer in send_many(ingest, 2 * SLOTS_ON_HOLD)]

    assert statuses.count(200) == len(ingest.parking.parked) <= SLOTS_ON_HOLD
    assert set(statuses) == {200, 503}
    ingest.parking.busy = True
    ingest.clock.advance(minutes=1)
    assert ingest.answer(wrongly_signed())["statusCode"] == 503


def test_what_is_released_is_archived_and_queued_as_if_it_had_been_verified_then(ingest: Ingest) -> None:
    ingest.holds.held = {"meta"}
    ingest.answer(wrongly_signed())
    release(ingest)

    (contact,) = ingest.contacts
    assert (contact.native_id, contact.text) == ("m_1", "is the road open?")
    assert contact.archive_key.startswith("raw/2026/11/02/12/meta/")
    assert ingest.archive.deliveries[contact.archive_key].body == BODY


def test_a_second_release_gives_the_same_message_again(ingest: Ingest) -> None:
    ingest.answer(wrongly_signed())
    release(ingest)
    release(ingest)

    first, second = ingest.contacts
    assert first == second


@pytest.mark.parametrize(
    "broken", [b"", b"{}\nbody", b'{"headers":[]}\nbody', b"\xff\nbody", b'"headers"\nbody']
)
def test_what_was_not_parked_by_us_cannot_be_released(broken: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        parked.from_bytes(broken)


@pytest.mark.parametrize("body", [b"", b"\n", b"{}\n{}", bytes(range(256))])
def test_a_parked_delivery_comes_back_byte_for_byte(body: bytes) -> None:
    delivery = ParkedDelivery({"x-signature": "ŵ\ud800"}, body)

    assert parked.from_bytes(parked.to_bytes(delivery)) == delivery
