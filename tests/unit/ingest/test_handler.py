"""The webhooks from the HTTP event to the answer: who is let in, what is kept, what is queued, what is counted."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contact_desk.confirmations import ConfirmationKind
from contact_desk.contacts import Act, Surface
from functions.ingest import delivery
from functions.ingest.channels.messenger.adapter import MESSENGER, read
from local.twins.in_memory_secret import InMemorySecret
from tests.builders import (
    APP_SECRET,
    CONSUMER_SECRET,
    PAGE,
    VERIFY_TOKEN,
    comment,
    echo,
    feed_delivery,
    http_event,
    item,
    message,
    messenger_delivery,
    meta_event,
    meta_signature,
)
from tests.unit.ingest.conftest import Counted, Ingest

BODY = json.dumps(messenger_delivery(message())).encode()


def untouched(ingest: Ingest) -> bool:
    return not (ingest.archive.deliveries or ingest.contacts or ingest.confirmations)


# Deliveries


def test_a_signed_message_is_archived_queued_and_answered(ingest: Ingest, counted: Counted) -> None:
    answer = ingest.answer(meta_event(BODY))

    assert answer["statusCode"] == 200
    key = f"raw/2026/11/02/12/meta/{hashlib.sha256(BODY).hexdigest()}.1"
    assert ingest.archive.deliveries[key].body == BODY
    (contact,) = ingest.contacts
    assert (contact.text, contact.archive_key, contact.part, contact.last) == (
        "is the road open?",
        key,
        1,
        True,
    )
    assert json.loads(contact.raw or "") == message()
    assert counted() == {"ContactsReceived": 1, "Requests": 1}


@pytest.mark.parametrize("header", ["X-Hub-Signature-256", "x-hub-signature-256", "X-HUB-SIGNATURE-256"])
def test_the_signature_is_found_whatever_the_case_of_its_header(ingest: Ingest, header: str) -> None:
    event = http_event("POST", "/webhooks/meta", body=BODY, headers={header: meta_signature(BODY)})

    assert ingest.answer(event)["statusCode"] == 200
    assert len(ingest.contacts) == 1


@pytest.mark.parametrize("encoded", [True, False])
def test_the_signature_covers_the_bytes_whether_or_not_they_come_in_base64(
    ingest: Ingest, encoded: bool
) -> None:
    body = json.dumps(messenger_delivery(message("Tŷ Mawr 🐑")), ensure_ascii=False).encode()

    assert ingest.answer(meta_event(body, encoded=encoded))["statusCode"] == 200
    assert ingest.contacts[0].text == "Tŷ Mawr 🐑"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-hub-signature-256": ""},
        {"x-hub-signature-256": meta_signature(BODY, "another-secret")},
        {"x-hub-signature-256": meta_signature(BODY + b" ")},
        {"x-hub-signature-256": meta_signature(BODY).upper()},
        {"x-hub-signature-256": meta_signature(BODY).removeprefix("sha256=")},
        {"x-hub-signature-256": f"{meta_signature(BODY)},{meta_signature(BODY)}"},
        {"x-hub-signature-256": "sha256=ŵ\ud800"},
        {"x-hub-signature": "sha1=" + hashlib.sha1(BODY, usedforsecurity=False).hexdigest()},
    ],
)
def test_a_forgery_is_refused_and_leaves_nothing_behind(
    ingest: Ingest, counted: Counted, headers: dict[str, str]
) -> None:
    answer = ingest.answer(http_event("POST", "/webhooks/meta", body=BODY, headers=headers))

    assert answer["statusCode"] == 401
    assert untouched(ingest)
    parked = {"DeliveriesParked": 1} if ingest.parking.parked else {}
    assert counted() == {"SignatureRefused": 1, **parked, "Requests": 1}


@pytest.mark.parametrize("position", range(0, len(BODY), 7))
def test_one_byte_changed_is_a_forgery(ingest: Ingest, position: int) -> None:
    event = meta_event(BODY)
    changed = bytearray(BODY)
    changed[position] ^= 1
    event.update(body=base64.b64encode(changed).decode(), isBase64Encoded=True)

    assert ingest.answer(event)["statusCode"] == 401
    assert untouched(ingest)


def test_both_secrets_hold_while_one_is_rotated_and_older_ones_do_not(ingest: Ingest) -> None:
    before = meta_event(BODY)
    ingest.meta.rotate(app_secret="the-second")
    assert ingest.answer(before)["statusCode"] == 200
    assert ingest.answer(meta_event(BODY, app_secret="the-second"))["statusCode"] == 200

    ingest.meta.rotate(app_secret="the-third")
    assert ingest.answer(before)["statusCode"] == 401


def test_a_secret_that_was_changed_just_now_holds_before_our_copy_of_it_is_old(ingest: Ingest) -> None:
    class Copied(InMemorySecret):
        """A secret whose copy is read again only for whoever wants it young."""

        def versions(self, max_age: timedelta | None = None) -> tuple[Mapping[str, Any], ...]:
            return super().versions()[:1] if max_age else ({"app_secret": APP_SECRET},)

    secret = Copied(app_secret="the-second")
    ingest.webhooks = ingest.webhooks._replace(secrets={"meta": secret})

    assert ingest.answer(meta_event(BODY, app_secret="the-second"))["statusCode"] == 200
    assert ingest.answer(meta_event(BODY, app_secret="the-third"))["statusCode"] == 401


@pytest.mark.parametrize("secret", ["", None, 7])
def test_a_secret_that_is_not_set_lets_nobody_in(ingest: Ingest, secret: Any) -> None:
    ingest.meta.rotate(app_secret=secret)
    ingest.meta.rotate(app_secret=secret)

    assert ingest.answer(meta_event(BODY, app_secret=""))["statusCode"] == 401


@pytest.mark.parametrize("broken", ["archive", "private queue", "confirmations", "secret"])
def test_a_fault_of_ours_is_a_503_so_that_the_platform_sends_it_again(
    ingest: Ingest, counted: Counted, broken: str
) -> None:
    match broken:
        case "archive":
            ingest.archive.busy = True
        case "private queue":
            ingest.contacts_queue.queues[Surface.PRIVATE].full = True
        case "confirmations":
            ingest.confirmations_queue.queue.full = True
        case _:
            ingest.meta.lost = True

    assert ingest.answer(meta_event(messenger_delivery(message(), echo())))["statusCode"] == 503
    assert counted() == {"RequestFaults": 1, "Requests": 1}


def test_nothing_is_queued_that_is_not_archived(ingest: Ingest) -> None:
    ingest.archive.busy = True
    ingest.answer(meta_event(BODY))

    assert untouched(ingest)


def test_the_same_delivery_again_is_queued_again_and_archived_once(ingest: Ingest) -> None:
    """Triage knows the contact; ingest cannot, because it may not read what it wrote."""
    first, second = ingest.take_in_one(BODY), ingest.take_in_one(BODY)

    assert first == second
    assert len(ingest.archive.deliveries) == 1


def test_what_is_no_contact_is_archived_with_its_number_and_counted_by_reason(
    ingest: Ingest, counted: Counted
) -> None:
    delivery = messenger_delivery(
        item(read={"watermark": 1}), item(reaction={"mid": "m_1", "action": "react"})
    )

    assert ingest.take_in(delivery) == []
    (key,) = ingest.archive.deliveries
    assert key.endswith(".0")
    assert counted.ignored() == {"read_receipt": 1, "reaction": 1}


@pytest.mark.parametrize(
    "delivery", [messenger_delivery(message(), page="999"), feed_delivery(comment(), page=999)]
)
def test_an_unknown_page_is_archived_and_counted_and_is_no_contact(
    ingest: Ingest, counted: Counted, delivery: dict[str, Any]
) -> None:
    assert ingest.take_in(delivery) == []
    assert len(ingest.archive.deliveries) == 1
    assert counted()["UnknownAccount"] == 1
    assert counted.ignored() == {"account_unknown": 1}


def test_an_echo_goes_to_the_confirmations_without_its_words(ingest: Ingest) -> None:
    delivery = messenger_delivery(
        echo("Thank you.", mid="m_ours", metadata="outbox-1", app_id=26390203743090)
    )

    assert ingest.take_in(delivery) == []
    (confirmation,) = ingest.confirmations
    assert confirmation.kind is ConfirmationKind.ECHO
    assert (confirmation.native_id, confirmation.metadata) == ("m_ours", "outbox-1")
    assert confirmation.app_id == "26390203743090"
    assert "Thank you" not in ingest.confirmations_queue.sent[0]


def test_a_policy_enforcement_is_counted_by_itself(ingest: Ingest, counted: Counted) -> None:
    ingest.take_in(messenger_delivery({"recipient": {"id": PAGE}, "policy-enforcement": {"action": "block"}}))

    assert counted()["PolicyEnforcement"] == 1


@pytest.mark.parametrize(("updates", "calls"), [(1, 1), (10, 1), (11, 2), (1000, 100)])
def test_a_delivery_takes_one_call_to_the_queue_for_every_ten_contacts(
    ingest: Ingest, updates: int, calls: int
) -> None:
    contacts = ingest.take_in(messenger_delivery(*(message(mid=f"m_{number}") for number in range(updates))))

    assert ingest.contacts_queue.calls == calls
    assert [contact.native_id for contact in contacts] == [f"m_{number}" for number in range(updates)]
    assert [contact.part for contact in contacts] == list(range(1, updates + 1))
    assert [contact.last for contact in contacts] == [False] * (updates - 1) + [True]
    assert len(ingest.archive.deliveries) == 1


@pytest.mark.parametrize("last", [Surface.PRIVATE, Surface.PUBLIC])
def test_the_message_that_closes_a_delivery_is_sent_after_all_others(
    ingest: Ingest, last: Surface, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[Surface] = []
    for surface, queue in ingest.contacts_queue.queues.items():

        def note(bodies: Any, surface: Surface = surface, send: Any = queue.send) -> None:
            order.append(surface)
            send(bodies)

        monkeypatch.setattr(queue, "send", note)
    private = messenger_delivery(message(mid="m_1"), message(mid="m_2"))["entry"]
    public = feed_delivery(comment(comment_id="c_1"), comment(comment_id="c_2"))["entry"]
    entries = public + private if last is Surface.PRIVATE else private + public

    contacts = ingest.take_in({"object": "page", "entry": entries})

    assert order[-1] is last
    assert [contact.surface for contact in contacts if contact.last] == [last]
    assert {contact.archive_key for contact in contacts} == set(ingest.archive.deliveries)


def test_a_force_that_has_no_such_channel_takes_nothing_in_on_it(ingest: Ingest) -> None:
    channels = {
        name: channel for name, channel in ingest.webhooks.force.channels.items() if name != "messenger"
    }
    ingest.webhooks = ingest.webhooks._replace(
        force=ingest.webhooks.force.model_copy(update={"channels": channels})
    )

    assert ingest.take_in(BODY) == []
    assert len(ingest.archive.deliveries) == 1


# Handshakes


def test_meta_gets_its_challenge_back_word_for_word(ingest: Ingest) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "0012,<b>"}
    answer = ingest.answer(http_event("GET", "/webhooks/meta", query=query))

    assert (answer["statusCode"], answer["body"]) == (200, "0012,<b>")
    assert answer["headers"]["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "changed",
    [
        {"hub.verify_token": "wrong"},
        {"hub.verify_token": ""},
        {"hub.verify_token": None},
        {"hub.mode": "unsubscribe"},
        {"hub.mode": None},
        {"hub.verify_token": "\ud800"},
    ],
)
def test_a_wrong_verify_token_is_forbidden(ingest: Ingest, changed: dict[str, str | None]) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "12", **changed}
    given = {name: value for name, value in query.items() if value is not None}
    answer = ingest.answer(http_event("GET", "/webhooks/meta", query=given))

    assert answer["statusCode"] == 403
    assert json.loads(answer["body"])["status"] == 403


def test_a_verify_token_that_is_not_set_lets_nobody_in(ingest: Ingest) -> None:
    ingest.meta.rotate(verify_token="")
    ingest.meta.rotate()
    query = {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "12"}

    assert ingest.answer(http_event("GET", "/webhooks/meta", query=query))["statusCode"] == 403


def test_x_gets_its_token_signed_with_the_newest_consumer_secret(ingest: Ingest) -> None:
    ingest.x.rotate(consumer_secret="the-second")
    answer = ingest.answer(
        http_event("GET", "/webhooks/x", query={"crc_token": "challenge+/=_-9", "nonce": "n"})
    )

    digest = hmac.new(b"the-second", b"challenge+/=_-9", hashlib.sha256).digest()
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == {"response_token": "sha256=" + base64.b64encode(digest).decode()}
    assert CONSUMER_SECRET != "the-second"


@pytest.mark.parametrize(
    "token", [None, "", '{"for_user_id":"1"}', "a b", "a" * 129, "a\n", "ŵ", "a,b", "\ud800", "a\x00"]
)
def test_x_gets_nothing_signed_that_is_not_of_a_tokens_form(ingest: Ingest, token: str | None) -> None:
    query = {} if token is None else {"crc_token": token}

    assert ingest.answer(http_event("GET", "/webhooks/x", query=query))["statusCode"] == 400


@pytest.mark.parametrize("secret", [{}, {"consumer_secret": ""}])
def test_x_gets_no_answer_that_anybody_could_give(ingest: Ingest, secret: dict[str, str]) -> None:
    """A wrong answer stops X at once; a 5xx only when it goes on for a day."""
    ingest.x.rotate(**secret)

    assert ingest.answer(http_event("GET", "/webhooks/x", query={"crc_token": "abc"}))["statusCode"] == 503


# Paths and verbs


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("POST", "/webhooks/telegram", 404, None),
        ("GET", "/webhooks", 404, None),
        ("GET", "/webhooks/meta/", 404, None),
        ("GET", "/", 404, None),
        ("POST", "", 404, None),
        ("DELETE", "/webhooks/meta", 405, "GET, POST"),
        ("PUT", "/webhooks/x", 405, "GET, POST"),
        ("", "/webhooks/x", 405, "GET, POST"),
        ("GET", "/webhooks/sms", 405, "POST"),
    ],
)
def test_a_path_or_verb_that_is_not_there_is_a_problem_and_never_a_fault(
    ingest: Ingest, method: str, path: str, status: int, allow: str | None
) -> None:
    answer = ingest.answer(http_event(method, path, body=BODY))

    assert answer["statusCode"] == status
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert answer["headers"].get("allow") == allow
    assert json.loads(answer["body"])["status"] == status


def test_the_stage_is_no_part_of_the_path(ingest: Ingest) -> None:
    event = meta_event(BODY)
    event["rawPath"] = "/live/webhooks/meta"
    event["requestContext"]["stage"] = "live"

    assert ingest.answer(event)["statusCode"] == 200


@pytest.mark.parametrize("event", [{}, {"requestContext": None}, {"rawPath": 7, "headers": [], "body": {}}])
def test_an_event_of_no_known_shape_is_answered(ingest: Ingest, event: dict[str, Any]) -> None:
    assert ingest.answer(event)["statusCode"] == 404


# What is read wrongly must still reach a person


def test_a_slip_in_an_adapter_costs_one_card_and_not_the_delivery(
    ingest: Ingest, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slip(event: Any) -> Any:
        if event.fields["message"]["mid"] == "m_2":
            raise KeyError("a slip of ours")
        return read(event)

    monkeypatch.setattr(delivery, "CHANNELS", (replace(MESSENGER, read=slip),))
    contacts = ingest.take_in(messenger_delivery(*(message(mid=f"m_{number}") for number in (1, 2, 3))))

    assert [contact.act for contact in contacts] == [Act.CREATED, Act.UNREADABLE, Act.CREATED]
    assert counted()["UnreadableContacts"] == 1
