"""Whatever comes in: nothing raises, nothing forged is accepted, nothing signed is lost, and reading is repeatable."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import assume, example, given
from hypothesis import strategies as st

from functions.ingest.delivery import Reading, read_delivery
from functions.ingest.handler import ROUTES
from functions.ingest.platforms import meta
from local.twins.held_still import NOON
from tests.any_bodies import any_json, any_text, assert_fits, findings
from tests.builders import (
    comment,
    feed_delivery,
    force,
    http_event,
    message,
    messenger_delivery,
    meta_event,
    meta_signature,
    page_delivery,
)
from tests.unit.ingest.conftest import Ingest

FIELDS = """sender recipient timestamp message message_edit postback delivery read reaction mid text is_echo is_deleted
    attachments type payload url coordinates lat long reply_to quick_reply num_edit watermark mids field value item verb
    comment_id post_id parent_id from id name created_time edited_time photos post permalink_url"""
any_event = st.dictionaries(st.sampled_from(FIELDS.split()), any_json, max_size=6)


def to_bytes(value: Any) -> bytes:
    return json.dumps(value).encode()


def read(body: bytes) -> Reading:
    return read_delivery("meta", body, NOON, force())


@given(
    st.dictionaries(
        st.sampled_from(
            ["rawPath", "headers", "requestContext", "queryStringParameters", "body", "isBase64Encoded"]
        ),
        any_json,
    )
)
def test_any_event_is_answered_and_is_never_a_fault(event: dict[str, Any]) -> None:
    ingest = Ingest()

    assert ingest.answer(event)["statusCode"] == 404
    assert not ingest.archive.deliveries


@given(
    st.sampled_from(["GET", "POST", "PUT", "get", ""]),
    st.sampled_from([*ROUTES, "/webhooks/sms"]),
    any_json,
    any_json,
    any_json,
    any_json,
)
def test_any_request_is_answered_and_nothing_unsigned_is_kept(
    method: str, path: str, headers: Any, query: Any, body: Any, encoded: Any
) -> None:
    ingest = Ingest()
    event = http_event(method, path)
    event.update(headers=headers, queryStringParameters=query, body=body, isBase64Encoded=encoded)

    assert ingest.answer(event)["statusCode"] in {400, 401, 403, 404, 405}
    assert not [*ingest.archive.deliveries, *ingest.contacts, *ingest.confirmations]


@given(
    st.binary(max_size=200),
    any_text | st.binary(min_size=32, max_size=32).map(lambda digest: f"sha256={digest.hex()}"),
)
def test_no_signature_is_guessed(body: bytes, signature: str) -> None:
    assert not meta.is_signed({meta.SIGNATURE: signature}, body, {"app_secret": "the secret"})


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_a_signature_holds_for_its_own_bytes_only(body: bytes, other: bytes) -> None:
    headers = {meta.SIGNATURE: meta_signature(body, "the secret")}

    assert meta.is_signed(headers, body, {"app_secret": "the secret"})
    assert meta.is_signed(headers, other, {"app_secret": "the secret"}) is (body == other)


@given(
    st.binary(max_size=400)
    | any_json.map(to_bytes)
    | st.text(max_size=200).map(lambda text: text.encode("utf-16"))
)
@example(b"[" * 100_000)
@example(b'{"' * 100_000)
@example(b'[1E400,-0,"\\ud800"]')
@example(b"9" * 5_000)
def test_any_signed_body_is_archived_and_leaves_something_to_see_or_count(body: bytes) -> None:
    ingest = Ingest()

    assert ingest.answer(meta_event(body))["statusCode"] == 200
    assert [kept.body for kept in ingest.archive.deliveries.values()] == [body]
    assert findings(read(body)) >= 1
    for contact in ingest.contacts:
        assert_fits(contact)


@given(st.lists(any_event | any_json, min_size=1, max_size=4))
def test_any_messenger_items_are_each_accounted_for(items: list[Any]) -> None:
    reading = read(to_bytes(messenger_delivery(*items)))

    assert findings(reading) >= len(items) or "not_json" in reading.unreadable
    for contact in reading.contacts:
        assert_fits(contact)


@given(st.lists(any_event | any_json, min_size=1, max_size=4))
def test_any_feed_values_are_each_accounted_for(values: list[Any]) -> None:
    reading = read(to_bytes(feed_delivery(*({"field": "feed", "value": value} for value in values))))

    assert findings(reading) >= len(values) or "not_json" in reading.unreadable
    for contact in reading.contacts:
        assert_fits(contact)


@given(st.lists(any_json, min_size=1, max_size=4))
def test_any_entries_are_each_accounted_for(entries: list[Any]) -> None:
    reading = read(to_bytes(page_delivery(*entries)))

    assert findings(reading) >= len(entries) or "not_json" in reading.unreadable


@given(any_text)
@example("half \ud83d and half \udd25, whole \U0001f525, nul \x00")
def test_any_words_arrive_as_they_were_written_but_for_half_characters(text: str) -> None:
    assume("\ufffd" not in text)
    (private,) = read(to_bytes(messenger_delivery(message(text or "a")))).contacts
    (public,) = read(to_bytes(feed_delivery(comment(text or "a")))).contacts

    assert private.text == public.text
    whole = [character for character in text or "a" if not "\ud800" <= character <= "\udfff"]
    assert [character for character in private.text if character in whole] == whole
    assert len(private.text) <= len(text or "a")
