"""Text messages: what a form becomes, and whose signature over which address is believed."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus

import pytest

from contact_desk.confirmations import ConfirmationKind
from contact_desk.contacts import Act, Attachment, Contact, Person, Surface
from functions.ingest.delivery import read_delivery
from functions.ingest.platforms import sms
from functions.ingest.reading import WEBHOOK_URL
from local.twins.held_still import NOON
from tests.builders import AUTH_TOKEN, FORCE_NUMBER, PUBLIC_URL, force, http_event
from tests.sms_deliveries import (
    FORM,
    MESSAGE_SID,
    MOBILE,
    WEBHOOK,
    form,
    sms_event,
    sms_signature,
    text_message,
)
from tests.unit.ingest.conftest import Counted, Ingest
from tests.unit.triage.readings import Desk

BODY = text_message()


def take_in(ingest: Ingest, body: bytes) -> list[Contact]:
    before = len(ingest.contacts)
    assert ingest.answer(sms_event(body))["statusCode"] == 200
    return ingest.contacts[before:]


def take_in_one(ingest: Ingest, body: bytes) -> Contact:
    (contact,) = take_in(ingest, body)
    return contact


def test_a_text_message_is_a_contact_in_private(ingest: Ingest) -> None:
    contact = take_in_one(ingest, BODY)

    assert (contact.act, contact.channel, contact.surface) == (Act.CREATED, "sms", Surface.PRIVATE)
    assert (contact.account, contact.native_id) == (FORCE_NUMBER, MESSAGE_SID)
    assert (contact.person, contact.text) == (Person(MOBILE), "is the road open?")
    assert (contact.occurred_at, contact.attachments, contact.reply_until) == (NOON, (), None)
    assert json.loads(contact.raw or "")["From"] == MOBILE


def test_the_answer_sends_nothing_to_the_person(ingest: Ingest) -> None:
    """A body in plain text would go out as a message."""
    answer = ingest.answer(sms_event(BODY))

    assert answer["headers"]["content-type"].startswith("text/xml")
    assert answer["body"].endswith("<Response/>")


def test_the_same_message_again_is_the_same_contact(ingest: Ingest) -> None:
    desk = Desk()
    for _ in range(2):
        desk.triage.take(take_in_one(ingest, BODY))

    assert len(desk.records.contacts) == 1


@pytest.mark.parametrize(
    "text", ["Tŷ Mawr 🐑 50% & more = +1", "two\nlines", "half \ud83d", "\x00nul", " a "]
)
def test_words_arrive_as_they_were_written(ingest: Ingest, text: str) -> None:
    body = text_message().replace(b"is+the+road+open%3F", quote_plus(text, errors="surrogatepass").encode())

    whole = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    assert take_in_one(ingest, body).text.replace("\ufffd", "") == whole.replace("\ufffd", "")


@pytest.mark.parametrize("text", ["STOP", "Stopall", "UNSUBSCRIBE", "start", "HELP", "INFO"])
def test_words_that_stop_and_start_messages_reach_a_person(ingest: Ingest, text: str) -> None:
    """Twilio heeds them by itself; whoever texts STOP to the police may be speaking to somebody else."""
    contact = take_in_one(ingest, text_message(text, OptOutType="STOP"))

    assert (contact.act, contact.text) == (Act.CREATED, text)


def test_pictures_come_with_their_kind_and_their_address(ingest: Ingest) -> None:
    media = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME"
    contact = take_in_one(
        ingest,
        text_message(
            "",
            NumMedia="3",
            MediaUrl0=f"{media}0",
            MediaContentType0="image/jpeg",
            MediaUrl1=f"{media}1",
            MediaContentType1="text/x-vcard",
            MediaUrl2="javascript:alert(1)",
            MediaContentType2="a lie",
        ),
    )

    assert contact.attachments == (
        Attachment("image", "image/jpeg", f"{media}0"),
        Attachment("text", "text/x-vcard", f"{media}1"),
        Attachment("unknown"),
    )


def test_a_message_with_nothing_in_it_is_somebody_who_wrote(ingest: Ingest) -> None:
    assert take_in_one(ingest, text_message("")).attachments == (Attachment("unsupported"),)


@pytest.mark.parametrize("sender", ["Vodafone UK", "", "caf\u00e9", None])
def test_a_sender_that_is_no_number_is_no_person_and_the_words_arrive(
    ingest: Ingest, sender: str | None
) -> None:
    contact = take_in_one(ingest, text_message(From=sender))

    assert (contact.person, contact.text) == (None, "is the road open?")


TOLD_ON = {
    "delivered": ConfirmationKind.DELIVERY,
    "undelivered": ConfirmationKind.FAILURE,
    "failed": ConfirmationKind.FAILURE,
}


@pytest.mark.parametrize("state", ["queued", "sent", "delivered", "undelivered", "failed", "read"])
def test_the_state_of_a_message_of_ours_is_no_contact(ingest: Ingest, counted: Counted, state: str) -> None:
    status = text_message(From=FORCE_NUMBER, To=MOBILE, SmsStatus=state, MessageStatus=state, Body=None)

    assert take_in(ingest, status) == []
    if state in TOLD_ON:
        (confirmed,) = ingest.confirmations
        assert (confirmed.kind, confirmed.native_id) == (TOLD_ON[state], MESSAGE_SID)
        assert (confirmed.account, confirmed.person) == (FORCE_NUMBER, MOBILE)
    else:
        assert counted.ignored() == {"delivery_status": 1}


@pytest.mark.parametrize(("code", "told"), [("30003", 30003), (None, None), ("none", None)])
def test_why_a_message_of_ours_did_not_arrive_is_told_on(
    ingest: Ingest, code: str | None, told: int | None
) -> None:
    ours: dict[str, Any] = {"From": FORCE_NUMBER, "To": MOBILE, "Body": None, "ErrorCode": code}
    take_in(ingest, text_message(**ours, SmsStatus="undelivered", MessageStatus="undelivered"))

    (confirmed,) = ingest.confirmations
    assert (confirmed.kind, confirmed.error_code) == (ConfirmationKind.FAILURE, told)


def test_a_message_to_another_number_is_counted(ingest: Ingest, counted: Counted) -> None:
    assert take_in(ingest, text_message(To="whatsapp:+447700900101")) == []
    assert counted.ignored() == {"account_unknown": 1}


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (b"", "not_a_form"),
        (b"&&&", "not_a_form"),
        (b"nothing", "not_framed"),
        (b"=", "not_framed"),
        (b"\xff\xfe=%ff", "not_framed"),
        (b'{"object":"page"}', "not_framed"),
        (form([("CallSid", "CA1"), ("To", FORCE_NUMBER), ("From", MOBILE)]), "not_framed"),
        (text_message(MessageSid="a b"), "textmessage_invalid"),
        (text_message(To=None), "no_account"),
    ],
)
def test_what_cannot_be_read_is_a_card(ingest: Ingest, body: bytes, cause: str) -> None:
    contact = take_in_one(ingest, body)

    assert (contact.act, contact.channel) == (Act.UNREADABLE, "sms")
    assert read_delivery("sms", body, NOON, force()).unreadable == {cause: 1}


def test_a_form_with_more_fields_than_any_message_has_is_refused_before_it_is_read(ingest: Ingest) -> None:
    flood = b"&".join(b"a%d=1" % number for number in range(sms.MOST_FIELDS + 1))

    assert ingest.answer(sms_event(flood))["statusCode"] == 401


def test_an_emergency_by_text_raises_the_alarm_and_is_answered(ingest: Ingest) -> None:
    desk = Desk()
    desk.triage.take(take_in_one(ingest, text_message("i cant speak hes got a knife hes in the house")))

    assert [alert.rank for alert in desk.records.alerts.values()] == ["A1"]
    assert {item.kind for item in desk.records.outbox.values()} == {"operator_alert", "message"}


# The signature


def test_the_signature_is_the_one_of_twilios_own_documentation() -> None:
    """The example of the webhook security page, which its library holds itself to."""
    body = form(
        [
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
        ]
    )
    secret = {"auth_token": "12345", WEBHOOK_URL: "https://mycompany.com/myapp.php?foo=1&bar=2"}

    assert sms.is_signed({"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}, body, secret)


@pytest.mark.parametrize(
    "url",
    [
        WEBHOOK,
        WEBHOOK.replace("desk.example", "desk.example:443"),
    ],
)
def test_the_address_is_signed_with_its_port_or_without(ingest: Ingest, url: str) -> None:
    assert ingest.answer(sms_event(BODY, url=url))["statusCode"] == 200


@pytest.mark.parametrize(
    "url",
    [
        "https://attacker.example/webhooks/sms",
        WEBHOOK.replace("https", "http"),
        WEBHOOK + "?a=1",
        WEBHOOK.replace("desk.example", "desk.example:8443"),
        f"{PUBLIC_URL}/webhooks/x",
        "",
    ],
)
def test_what_was_signed_for_another_address_is_refused_whatever_the_headers_say(
    ingest: Ingest, counted: Counted, url: str
) -> None:
    event = sms_event(BODY, url=url)
    event["headers"] |= {
        "host": "attacker.example",
        "x-forwarded-host": "attacker.example",
        "x-forwarded-proto": "http",
        "x-original-url": url,
    }

    assert ingest.answer(event)["statusCode"] == 401
    assert not [*ingest.archive.deliveries, *ingest.contacts]
    assert counted()["SignatureRefused"] == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-twilio-signature": ""},
        {"x-twilio-signature": "ŵ\ud800"},
        {"x-twilio-signature": sms_signature(BODY, "another")},
        {"x-twilio-signature": sms_signature(BODY + b"&a=1")},
        {"x-twilio-signature": sms_signature(BODY).rstrip("=")},
        {"x-twilio-signature": f"{sms_signature(BODY)},{sms_signature(BODY)}"},
    ],
)
def test_a_forgery_is_refused(ingest: Ingest, headers: dict[str, str]) -> None:
    event = http_event("POST", "/webhooks/sms", body=BODY, headers={"content-type": FORM, **headers})

    assert ingest.answer(event)["statusCode"] == 401
    assert not [*ingest.archive.deliveries, *ingest.contacts]


def test_both_tokens_hold_while_one_is_renewed(ingest: Ingest) -> None:
    ingest.sms.rotate(auth_token="the-second")
    for token in (AUTH_TOKEN, "the-second"):
        assert ingest.answer(sms_event(BODY, auth_token=token))["statusCode"] == 200
    ingest.sms.rotate(auth_token="the-third")
    assert ingest.answer(sms_event(BODY))["statusCode"] == 401


@pytest.mark.parametrize("token", ["", None, 7])
def test_a_token_that_is_not_set_lets_nobody_in(ingest: Ingest, token: Any) -> None:
    ingest.sms.rotate(auth_token=token)
    ingest.sms.rotate(auth_token=token)

    assert ingest.answer(sms_event(BODY, auth_token=""))["statusCode"] == 401


def test_a_name_that_comes_twice_is_read_once_and_signed_with_each_value(ingest: Ingest) -> None:
    body = BODY + b"&Body=another&Body=another"

    assert take_in_one(ingest, body).text == "is the road open?"
