"""An operator's reply on every channel: it reaches the platform once, and where it does not, the case says why."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest

from contact_desk.send_failures import SendFailure
from local.stack_file import Stack
from tests.builders import Json, messenger_delivery, report, whatsapp_delivery, whatsapp_message
from tests.e2e.outside import Operators, Outside, until
from tests.proving import Share
from tests.sms_deliveries import text_message
from tests.x_deliveries import mention, message_received


@dataclass(frozen=True)
class Writer:
    """Somebody who writes on a channel: what delivers their words, and to whom the answer goes."""

    channel: str
    to: str
    deliver: Callable[[str], httpx.Response]
    act: str = "message"


def writer_on(channel: str, outside: Outside) -> Writer:
    """A person, or a post, that nobody heard of before."""
    person, now = outside.new_person(), int(time.time())
    accounts = outside.stack.accounts

    def on_messenger(text: str) -> httpx.Response:
        return outside.deliver(outside.message(text, sender=person))

    def on_instagram(text: str) -> httpx.Response:
        item = {
            "sender": {"id": person},
            "recipient": {"id": accounts["instagram"]},
            "timestamp": now * 1000,
            "message": {"mid": outside.new("ig"), "text": text},
        }
        delivery = messenger_delivery(item, page=accounts["instagram"])
        return outside.deliver({**delivery, "object": "instagram"})

    def on_whatsapp(text: str) -> httpx.Response:
        wamid = f"wamid.{uuid.uuid4().hex}"
        said = {"from": person, "timestamp": str(now)}
        delivery = whatsapp_delivery(whatsapp_message(wamid, "text", {"body": text}, **said))
        value = delivery["entry"][0]["changes"][0]["value"]
        value["contacts"] = [{"profile": {"name": "Ada"}, "wa_id": person}]
        return outside.deliver(delivery)

    def by_text(text: str) -> httpx.Response:
        sid = f"SM{uuid.uuid4().hex}"
        return outside.deliver_text(
            text_message(text, MessageSid=sid, SmsSid=sid, SmsMessageSid=sid, From=mobile)
        )

    def in_a_post(text: str) -> httpx.Response:
        return outside.deliver_x(mention(text, post_id=person, author_id=outside.new_person()))

    def in_a_message(text: str) -> httpx.Response:
        return outside.deliver_x(message_received(text, message_id=outside.new_person(), sender=person))

    mobile = f"+4477{person[:8]}"
    return {
        "messenger": Writer("messenger", person, on_messenger),
        "instagram": Writer("instagram", person, on_instagram),
        "whatsapp": Writer("whatsapp", person, on_whatsapp),
        "sms": Writer("sms", mobile, by_text),
        "x_post": Writer("x", person, in_a_post, act="post"),
        "x_message": Writer("x", person, in_a_message, act="direct_message"),
    }[channel]


CHANNELS = ("messenger", "instagram", "whatsapp", "sms", "x_post", "x_message")
EVERY_CHANNEL = pytest.mark.parametrize("channel", CHANNELS)
FAULTS = (
    ("500_before", "in_doubt", SendFailure.SERVER_ERROR),
    ("hang", "in_doubt", SendFailure.NO_ANSWER),
    ("500_after", "in_doubt", SendFailure.SERVER_ERROR),
    ("429", "pending", SendFailure.THROTTLED),
    ("expired", "pending", SendFailure.CREDENTIALS_REFUSED),
)


@pytest.fixture(autouse=True)
def rested(stack: Stack, outside: Outside, operators: Operators) -> None:
    """Nobody waits here for what an earlier test used up or had throttled."""
    outside.http.delete(f"{stack.platforms_url}/faults")
    open_again(operators)


@pytest.fixture
def faults(stack: Stack, outside: Outside) -> Iterator[Callable[..., None]]:
    """Has the next calls of a writer's channel go wrong; all is well again afterwards."""

    def plan(writer: Writer, fault: str, **more: object) -> None:
        asked = {"platform": writer.channel, "act": writer.act, "fault": fault, "times": 1, **more}
        answer = outside.http.post(f"{stack.platforms_url}/faults", json=asked)
        assert answer.status_code == 201, answer.text

    yield plan
    outside.http.delete(f"{stack.platforms_url}/faults")


def at_work(channel: str, outside: Outside, operators: Operators) -> tuple[Writer, Json]:
    """A writer, and their case as this operator holds it; what the machine sends them has arrived."""
    writer, text = writer_on(channel, outside), outside.new("when is the station open?")
    assert writer.deliver(text).status_code == 200
    case = operators.case_with(text)
    if channel != "x_post":  # nothing but an emergency is answered there by the machine
        until(lambda: outside.received(writer.to))
    return writer, operators.post(f"/desk/cases/{case['case_id']}/claim").json()


def answer(operators: Operators, case: Json, words: str) -> httpx.Response:
    return operators.post(f"/desk/cases/{case['case_id']}/replies", {"text": words}, version=case["version"])


def entry(operators: Operators, case: Json, words: str) -> Json:
    [found] = [one for one in operators.case(case["case_id"])["timeline"] if one["text"] == words]
    found_entry: Json = found
    return found_entry


def in_state(operators: Operators, case: Json, words: str, state: str) -> Json:
    """The reply's entry on the case, as soon as it is in the state."""

    def look() -> Json | None:
        shown = entry(operators, case, words)
        return shown if shown["state"] == state and (state == "sent" or shown["trouble"]) else None

    return until(look)


def attempts(outside: Outside, words: str) -> list[Json]:
    answered = outside.http.get(f"{outside.stack.platforms_url}/received").json()
    return [sent for sent in answered["received"] if sent["text"] == words]


@EVERY_CHANNEL
def test_a_reply_reaches_its_platform_once_with_its_words_and_the_right_key(
    outside: Outside, operators: Operators, channel: str
) -> None:
    writer, case = at_work(channel, outside, operators)
    words = outside.new("From eight until ten & at weekends: https://example.org/hours")

    first = answer(operators, case, words)

    assert first.status_code == 202, first.text
    sent = in_state(operators, case, words, "sent")
    assert sent["trouble"] is None
    [arrived] = attempts(outside, words)
    # The stand-ins take nothing from whoever has not the account's own key.
    assert (arrived["visible"], arrived["to"], arrived["platform"]) == (
        True,
        writer.to,
        "facebook" if channel == "messenger" else writer.channel,
    )
    assert arrived["account"] == outside.stack.accounts[writer.channel]
    assert words in json.dumps(arrived["body"], ensure_ascii=False)


@EVERY_CHANNEL
def test_a_fault_of_a_platform_is_told_in_the_case(
    outside: Outside, operators: Operators, faults: Callable[..., None], channel: str, share: Share
) -> None:
    """A fault for each channel in the short run, so that each is met twice; in the long one all of them."""
    turn = CHANNELS.index(channel) % len(FAULTS)
    for fault, state, failure in [*FAULTS[turn:], *FAULTS[:turn]][: share(1, len(FAULTS))]:
        open_again(operators)
        writer, case = at_work(channel, outside, operators)
        words = outside.new("We shall look into it.")
        faults(writer, fault)

        answer(operators, case, words)

        told = in_state(operators, case, words, state)
        assert told["trouble"] == failure.told
        assert [sent["visible"] for sent in attempts(outside, words)] == [fault == "500_after"]


def open_again(operators: Operators) -> None:
    """Forget what is kept of the paces of every account."""
    table, dynamodb = operators.stack.table_name, operators.aws("dynamodb")
    lanes = [
        f"{channel}#{operators.stack.accounts[channel]}#{kind}"
        for channel in ("messenger", "instagram", "whatsapp", "sms", "x")
        for kind in ("message", "comment_reply")
    ]
    for lane in lanes:
        dynamodb.delete_item(TableName=table, Key={"pk": {"S": f"pace#{lane}"}, "sk": {"S": "pace"}})


@pytest.mark.parametrize("channel", ["messenger", "instagram", "sms", "x_message"])
def test_a_person_who_cannot_be_reached_is_told_of_in_the_case(
    outside: Outside, operators: Operators, stack: Stack, channel: str
) -> None:
    writer, case = at_work(channel, outside, operators)
    account = stack.accounts[writer.channel]
    outside.http.put(f"{stack.platforms_url}/persons/{account}/{writer.to}", json={"reachable": False})
    words = outside.new("Are you there?")

    answer(operators, case, words)

    closed = SendFailure.OPTED_OUT if channel == "sms" else SendFailure.PERSON_UNREACHABLE
    assert in_state(operators, case, words, "failed")["trouble"] == closed.told


@pytest.mark.parametrize("channel", ["instagram", "whatsapp"])
def test_a_window_that_the_platform_says_is_closed_is_told_in_the_case(
    outside: Outside, operators: Operators, stack: Stack, channel: str
) -> None:
    writer, case = at_work(channel, outside, operators)
    told = {"last_wrote_at": "2020-01-01T00:00:00Z"}
    outside.http.put(f"{stack.platforms_url}/persons/{stack.accounts[channel]}/{writer.to}", json=told)
    words = outside.new("Sorry to be late.")

    answer(operators, case, words)

    assert in_state(operators, case, words, "failed")["trouble"] == SendFailure.WINDOW_CLOSED.told


def test_a_post_that_is_gone_or_does_not_mention_us_is_told_in_the_case(
    outside: Outside, operators: Operators, stack: Stack
) -> None:
    for post, failure in (
        ({"deleted": True}, SendFailure.TARGET_GONE),
        ({"mentions": False}, SendFailure.NOT_MENTIONED),
    ):
        writer, case = at_work("x_post", outside, operators)
        outside.http.put(f"{stack.platforms_url}/posts/{writer.to}", json=post)
        words = outside.new("We are on our way to find out.")

        answer(operators, case, words)

        assert in_state(operators, case, words, "failed")["trouble"] == failure.told


def test_a_post_too_long_is_refused_with_parts_that_all_arrive(
    outside: Outside, operators: Operators
) -> None:
    writer, case = at_work("x_post", outside, operators)
    words = (
        outside.new("The road is closed between the two bridges until Sunday evening. ")
        + "Please go round. " * 20
    )

    refused = answer(operators, case, words)

    assert (refused.status_code, refused.json()["type"]) == (422, "urn:contact-desk:text-too-long")
    parts = refused.json()["parts"]
    for part in parts:
        done = answer(operators, case, part)
        assert done.status_code == 202
        case = done.json()
    until(lambda: len(outside.received(writer.to)) == len(parts))
    assert {sent["text"] for sent in outside.received(writer.to)} == set(parts)


def test_whoever_gave_an_address_on_the_form_is_answered_by_email(
    outside: Outside, operators: Operators
) -> None:
    what = outside.new("somebody has dumped a fridge")
    outside.report(
        **{**report(what=what), "report_id": str(uuid.uuid4()), "contact": {"email": "ada@example.org"}}
    )
    held = operators.post(f"/desk/cases/{operators.case_with(what)['case_id']}/claim").json()
    words = outside.new("The council has been told.")

    assert answer(operators, held, words).status_code == 202

    assert in_state(operators, held, words, "sent")["trouble"] is None


def test_whoever_asked_for_no_email_gets_none(outside: Outside, operators: Operators) -> None:
    what = outside.new("he reads my messages")
    asked = {
        "contact": {"email": "ada@example.org"},
        "safe_contact": {"ok": False, "how": None, "not_when": None},
    }
    outside.report(**{**report(what=what), "report_id": str(uuid.uuid4()), **asked})
    held = operators.post(f"/desk/cases/{operators.case_with(what)['case_id']}/claim").json()

    refused = answer(operators, held, outside.new("We have your report."))

    assert refused.status_code == 422
    assert "safe-contact" in refused.json()["errors"][0]["message"]


@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
def test_what_did_not_arrive_after_all_is_told_of_in_the_case_with_its_reason(
    outside: Outside, operators: Operators, channel: str
) -> None:
    _writer, case = at_work(channel, outside, operators)
    words = outside.new("The keys are at the front desk.")
    answer(operators, case, words)
    in_state(operators, case, words, "sent")
    [arrived] = attempts(outside, words)

    fate = {"whatsapp": whatsapp_failed, "sms": text_undelivered}[channel]
    assert fate(outside, arrived).status_code == 200

    told = in_state(operators, case, words, "failed")["trouble"]
    assert told == f"{SendFailure.NOT_DELIVERED.told} {SendFailure.PERSON_UNREACHABLE.told}"
    kinds = {one["kind"] for one in operators.alerts() if one["case_reference"] == case["reference"]}
    assert "send_failed" in kinds


def whatsapp_failed(outside: Outside, sent: Json) -> httpx.Response:
    """WhatsApp says that a message of ours did not arrive."""
    delivery = whatsapp_delivery()
    value = delivery["entry"][0]["changes"][0]["value"]
    del value["messages"], value["contacts"]
    value["statuses"] = [
        {
            "id": sent["id"],
            "status": "failed",
            "timestamp": str(int(time.time())),
            "recipient_id": sent["to"],
            "errors": [{"code": 131026, "title": "Message undeliverable"}],
            "biz_opaque_callback_data": sent["body"]["biz_opaque_callback_data"],
        }
    ]
    return outside.deliver(delivery)


def text_undelivered(outside: Outside, sent: Json) -> httpx.Response:
    """Twilio says so, at the address that the message gave."""
    assert sent["body"]["StatusCallback"] == f"{outside.stack.api_url}/webhooks/sms"
    names = dict.fromkeys(("MessageSid", "SmsSid", "SmsMessageSid"), sent["id"])
    states = dict.fromkeys(("MessageStatus", "SmsStatus"), "undelivered")
    ours: Json = {"From": sent["account"], "To": sent["to"], "Body": None, "ErrorCode": "30003"}
    return outside.deliver_text(text_message(**{**ours, **names, **states}))
