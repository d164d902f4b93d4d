"""Whatever comes by X or by text message: nothing forged is accepted, and each event is accounted for."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.delivery import Reading, read_delivery
from functions.ingest.platforms import sms, x
from functions.ingest.reading import WEBHOOK_URL
from local.twins.held_still import NOON
from tests import corpus
from tests.any_bodies import any_json, any_text, assert_fits, findings
from tests.builders import FORCE_NUMBER, FORCE_ON_X, force, http_event
from tests.sms_deliveries import WEBHOOK, form
from tests.unit.ingest.conftest import Ingest
from tests.x_deliveries import account_activity, activity

FORMS = [path.read_bytes() for path in corpus.PAYLOADS if path.suffix == ".form"]
FIELDS = """id id_str author_id text created_at timestamp_ms conversation_id edit_history_tweet_ids edit_history
    referenced_tweets note_tweet extended_tweet full_text user entities extended_entities attachments geo coordinates
    retweeted_status in_reply_to_status_id_str quoted_status_id_str status message_create created_timestamp sender_id
    direct_message_events users encoded_event"""
TOPICS = """post.create post.mention.create post.reply.create post.quote.create post.delete post.repost.create
    dm.received dm.sent chat.received chat.sent like.create oauth.revoke post.unheard_of tweet_create_events
    tweet_delete_events direct_message_events favorite_events tweet_unheard_of_events"""
NAMES = """MessageSid SmsSid SmsMessageSid From To Body NumMedia MediaUrl0 MediaContentType0 MediaUrl7 MessageStatus
    SmsStatus"""
any_value = any_json | st.sampled_from([FORCE_ON_X, "99"])
any_event = st.dictionaries(st.sampled_from(FIELDS.split()), any_value, max_size=8)
any_topic = st.sampled_from(TOPICS.split())
any_form = st.lists(
    st.tuples(
        st.sampled_from(NAMES.split()) | st.text(max_size=9),
        st.text(max_size=40)
        | st.sampled_from([FORCE_NUMBER, "delivered", "received", "https://a.example/1"]),
    ),
    max_size=9,
).map(form)


def read(body: bytes, webhook: str) -> Reading:
    return read_delivery(webhook, body, NOON, force())


@given(
    st.binary(max_size=200), any_text | st.binary(max_size=32).map(lambda digest: b64encode(digest).decode())
)
def test_no_signature_of_x_or_of_twilio_is_guessed(body: bytes, signature: str) -> None:
    secret = {"consumer_secret": "the secret", "auth_token": "the secret", WEBHOOK_URL: WEBHOOK}

    assert not x.is_signed({x.SIGNATURE: f"sha256={signature}"}, body, secret)
    assert not sms.is_signed({sms.SIGNATURE: signature}, body, secret)


@given(st.from_regex(x.TOKEN, fullmatch=True))
def test_nothing_that_the_check_answers_is_a_signature(token: str) -> None:
    ingest = Ingest()
    asked = ingest.answer(http_event("GET", "/webhooks/x", query={"crc_token": token}))
    headers = {x.SIGNATURE: json.loads(asked["body"])["response_token"]}
    posted = http_event("POST", "/webhooks/x", body=token.encode(), headers=headers)

    assert ingest.answer(posted)["statusCode"] == 401
    assert not ingest.archive.deliveries


@given(any_topic, st.lists(any_event | any_json, min_size=1, max_size=4))
def test_any_events_of_x_are_each_accounted_for(topic: str, events: list[Any]) -> None:
    newer = {"data": [activity(topic, event)["data"] for event in events]}
    for delivery in (account_activity(topic, *events), newer):
        reading = read(json.dumps(delivery).encode(), "x")

        assert findings(reading) >= len(events) or "not_json" in reading.unreadable
        for contact in reading.contacts:
            assert_fits(contact)


@given(any_form | st.tuples(st.sampled_from(FORMS), any_form).map(b"&".join) | st.binary(max_size=200))
def test_any_form_is_one_thing_and_reads_the_same_twice(body: bytes) -> None:
    reading = read(body, "sms")

    assert reading == read(body, "sms")
    assert findings(reading) == 1
    for contact in reading.contacts:
        assert_fits(contact)
