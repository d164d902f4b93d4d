"""X's webhook: who may deliver, and what the challenge-response check answers to whom."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import string
from typing import Any
from urllib.parse import quote

import pytest

from functions.ingest.handler import ROUTES
from tests.builders import CONSUMER_SECRET, Json, http_event
from tests.proving import Share
from tests.unit.ingest.conftest import Counted, Ingest
from tests.x_deliveries import mention, x_event, x_signature

BODY = json.dumps(mention()).encode()
TOKEN, NONCE = "MGVlNTcxYTItN2E0Ny00NjA1+/=_-", "n0nce=="


def crc(token: str | None = TOKEN, *, signature: str | None = None, **query: str) -> Json:
    asked = query if token is None else {"crc_token": token, **query}
    headers = {} if signature is None else {"X-Twitter-Webhooks-Signature": signature}
    return http_event("GET", "/webhooks/x", query=asked, headers=headers)


def question(token: str = TOKEN, nonce: str | None = NONCE) -> bytes:
    return (f"crc_token={token}" + (f"&nonce={nonce}" if nonce is not None else "")).encode()


# Deliveries


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-twitter-webhooks-signature": ""},
        {"x-twitter-webhooks-signature": x_signature(BODY, "another-secret")},
        {"x-twitter-webhooks-signature": x_signature(BODY + b" ")},
        {"x-twitter-webhooks-signature": x_signature(BODY).removeprefix("sha256=")},
        {"x-twitter-webhooks-signature": x_signature(BODY).rstrip("=")},
        {"x-twitter-webhooks-signature": "sha256=ŵ\ud800"},
        {"x-twitter-webhooks-signature": f"{x_signature(BODY)},{x_signature(BODY)}"},
        {
            "x-twitter-webhooks-signature": "sha256="
            + hmac.new(CONSUMER_SECRET.encode(), BODY, hashlib.sha256).hexdigest()
        },
    ],
)
def test_a_forgery_is_refused_and_leaves_nothing_behind(
    ingest: Ingest, counted: Counted, headers: dict[str, str]
) -> None:
    answer = ingest.answer(http_event("POST", "/webhooks/x", body=BODY, headers=headers))

    assert answer["statusCode"] == 401
    assert not [*ingest.archive.deliveries, *ingest.contacts, *ingest.confirmations]
    parked = {"DeliveriesParked": 1} if ingest.parking.parked else {}
    assert counted() == {"SignatureRefused": 1, **parked, "Requests": 1}


@pytest.mark.parametrize("position", range(0, len(BODY), 7))
def test_one_byte_changed_is_a_forgery(ingest: Ingest, position: int) -> None:
    event = x_event(BODY)
    changed = bytearray(BODY)
    changed[position] ^= 1
    event.update(body=base64.b64encode(changed).decode(), isBase64Encoded=True)

    assert ingest.answer(event)["statusCode"] == 401


def test_both_secrets_hold_while_one_is_rotated_and_older_ones_do_not(ingest: Ingest) -> None:
    ingest.x.rotate(consumer_secret="the-second")
    for secret in (CONSUMER_SECRET, "the-second"):
        assert ingest.answer(x_event(BODY, consumer_secret=secret))["statusCode"] == 200

    ingest.x.rotate(consumer_secret="the-third")
    assert ingest.answer(x_event(BODY))["statusCode"] == 401


@pytest.mark.parametrize("secret", ["", None, 7])
def test_a_secret_that_is_not_set_lets_nobody_in(ingest: Ingest, secret: Any) -> None:
    ingest.x.rotate(consumer_secret=secret)
    ingest.x.rotate(consumer_secret=secret)

    assert ingest.answer(x_event(BODY, consumer_secret=""))["statusCode"] == 401


@pytest.mark.parametrize("token", [TOKEN, "null", "17", "true", "a" * 128])
def test_what_the_check_answered_to_anybody_signs_no_delivery(ingest: Ingest, token: str) -> None:
    """The answer to the check is the HMAC of the token: posted as a body, the token would be signed."""
    answered = json.loads(ingest.answer(crc(token))["body"])["response_token"]

    posted = http_event(
        "POST",
        "/webhooks/x",
        body=token.encode(),
        headers={"x-twitter-webhooks-signature": answered},
    )

    assert answered == x_signature(token.encode())
    assert ingest.answer(posted)["statusCode"] == 401
    assert not [*ingest.archive.deliveries, *ingest.contacts]


@pytest.mark.parametrize("body", [b"", b"not json at all", b"\xff\xfe", b"[]", b'"a"', b"{}", b"a" * 129])
def test_signed_bytes_that_cannot_be_read_are_a_card(ingest: Ingest, body: bytes) -> None:
    assert ingest.answer(x_event(body))["statusCode"] == 200
    assert len(ingest.contacts) == 1


# The challenge-response check


@pytest.mark.parametrize(
    ("nonce", "signed"),
    [
        (NONCE, question()),
        (None, question(nonce=None)),
        (NONCE, question(quote(TOKEN, safe=""), quote(NONCE, safe=""))),
    ],
    ids=["as it is", "without a nonce", "as in the address"],
)
@pytest.mark.parametrize("secret", [CONSUMER_SECRET, "the-second"])
def test_a_check_that_x_signed_is_answered_with_the_newest_secret(
    ingest: Ingest, nonce: str | None, signed: bytes, secret: str
) -> None:
    ingest.x.rotate(consumer_secret="the-second")
    query = {} if nonce is None else {"nonce": nonce}

    answer = ingest.answer(crc(signature=x_signature(signed, secret), **query))

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == {"response_token": x_signature(TOKEN.encode(), "the-second")}


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        "ŵ\ud800",
        x_signature(question(), "another-secret"),
        x_signature(question(nonce="another")),
        x_signature(question("another")),
        x_signature(TOKEN.encode()),
    ],
)
def test_a_check_with_a_wrong_signature_is_refused(ingest: Ingest, counted: Counted, signature: str) -> None:
    answer = ingest.answer(crc(signature=signature, nonce=NONCE))

    assert answer["statusCode"] == 401
    assert "response_token" not in answer["body"]
    assert counted()["HandshakesRefused"] == 1


def test_no_json_object_is_ever_signed(
    ingest: Ingest, share: Share, capsys: pytest.CaptureFixture[str]
) -> None:
    """A signed object would be a delivery that anybody can make."""
    chance = random.Random(999)
    for number in range(share(2_000, 100_000)):
        offered = json.dumps(any_object(chance), ensure_ascii=chance.random() < 0.5)
        assert ingest.answer(crc(offered))["statusCode"] == 400, offered
        if number % 1000 == 0:
            capsys.readouterr()  # a log line each would fill the memory


def any_object(chance: random.Random, depth: int = 0) -> Json:
    """An object like those of deliveries: their names, any values, some of them objects again."""
    names = ("for_user_id", "data", "tweet_create_events", "a", "", "crc_token", "event_type", "ŵ")
    return {chance.choice(names): any_value(chance, depth) for _ in range(chance.randrange(4))}


def any_value(chance: random.Random, depth: int) -> Any:
    if depth < 3 and chance.random() < 0.3:
        inner = any_object(chance, depth + 1)
        return inner if chance.random() < 0.7 else [inner]
    return chance.choice(
        (
            None,
            True,
            chance.randrange(10**19),
            chance.random(),
            "".join(chance.choices(string.printable, k=9)),
        )
    )


def test_a_force_without_a_channel_on_a_platform_has_no_webhook_of_it(ingest: Ingest) -> None:
    secrets = {name: secret for name, secret in ingest.webhooks.secrets.items() if name != "x"}
    ingest.webhooks = ingest.webhooks._replace(secrets=secrets)

    assert "/webhooks/x" in ROUTES
    assert ingest.answer(crc())["statusCode"] == 404
    assert ingest.answer(x_event(BODY))["statusCode"] == 404
