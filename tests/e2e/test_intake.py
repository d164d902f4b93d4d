"""What comes in: signed or forged, once or sixteen times, whole or broken."""

from __future__ import annotations

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.stack_file import Stack
from tests.builders import Json, messenger_delivery
from tests.e2e.outside import Operators, Outside, contact_entries, until
from tests.sms_deliveries import text_message
from tests.x_deliveries import activity, mention, message_received


def test_a_signed_message_is_on_the_desk_within_seconds(outside: Outside, operators: Operators) -> None:
    text = outside.new("is the tunnel open?")

    answer = outside.deliver(outside.message(text, sender=outside.new_person()))
    case = operators.case_with(text)

    assert answer.status_code == 200
    assert (case["grade"], case["state"], case["channel"]) == ("resolve", "open", "messenger")


def test_a_post_on_x_that_mentions_us_is_on_the_desk_within_three_seconds(
    outside: Outside, operators: Operators
) -> None:
    text, post_id = outside.new("@police is the road open?"), outside.new_person()
    delivery = mention(text, post_id=post_id, author_id=outside.new_person())

    answer = outside.deliver_x(delivery)
    case = operators.case_with(text, seconds=3)
    forged = outside.deliver_x(mention("forged", post_id=outside.new_person()), secret="another secret")

    assert (answer.status_code, forged.status_code) == (200, 401)
    assert (case["channel"], case["surface"], case["state"]) == ("x", "public", "open")
    again = activity("post.reply.create", delivery["data"]["payload"])
    assert outside.deliver_x(again).status_code == 200
    time.sleep(1.5)
    assert len(contact_entries(operators.case(case["case_id"]))) == 1


def test_a_direct_message_on_x_is_on_the_desk_within_three_seconds(
    outside: Outside, operators: Operators
) -> None:
    text, sender = outside.new("is my bike with you?"), outside.new_person()
    delivery = message_received(text, message_id=outside.new_person(), sender=sender)

    answer = outside.deliver_x(delivery)
    case = operators.case_with(text, seconds=3)
    forged = outside.deliver_x(message_received(text, message_id="1"), secret="another secret")

    assert (answer.status_code, forged.status_code) == (200, 401)
    assert (case["channel"], case["surface"]) == ("x", "private")


def test_a_text_message_is_on_the_desk_within_three_seconds(outside: Outside, operators: Operators) -> None:
    text, sid = outside.new("I can't speak, is the road open? + & é"), f"SM{uuid.uuid4().hex}"
    form = text_message(text, MessageSid=sid, SmsSid=sid, SmsMessageSid=sid)

    answer = outside.deliver_text(form)
    case = operators.case_with(text, seconds=3)
    forged = outside.deliver_text(text_message("forged", MessageSid="SM1"), secret="another token")

    assert (answer.status_code, forged.status_code) == (200, 401)
    assert answer.text.endswith("<Response/>")
    assert (case["channel"], case["surface"]) == ("sms", "private")


def test_a_delivery_sent_sixteen_times_at_once_is_one_contact(outside: Outside, operators: Operators) -> None:
    text = outside.new("one or sixteen?")
    delivery = outside.message(text, sender=outside.new_person())

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: outside.deliver(delivery), range(16)))
    case = operators.case_with(text)

    assert [answer.status_code for answer in answers] == [200] * 16
    time.sleep(2)
    assert len(contact_entries(operators.case(case["case_id"]))) == 1


def test_three_messages_at_once_from_a_new_person_are_one_case(
    outside: Outside, operators: Operators
) -> None:
    sender, texts = outside.new_person(), {outside.new("three at once") for _ in range(3)}

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda text: outside.deliver(outside.message(text, sender=sender)), texts))

    def whole() -> Json | None:
        shown = [case for case in operators.cases() if case["preview"] in texts]
        assert len(shown) <= 1
        opened = operators.case(shown[0]["case_id"]) if shown else None
        return opened if opened and len(contact_entries(opened)) == 3 else None

    assert {entry["text"] for entry in contact_entries(until(whole))} == texts


def test_one_byte_changed_is_refused_and_leaves_nothing(outside: Outside, operators: Operators) -> None:
    text = outside.new("forged")
    body = json.dumps(outside.message(text, sender=outside.new_person())).encode()
    signed = outside.deliver(body + b" ", secret="another secret")
    unsigned = outside.post_signed(body, None)

    assert (signed.status_code, unsigned.status_code) == (401, 401)
    time.sleep(1.5)
    assert not [case for case in operators.cases() if case["preview"] == text]


NUMBER = b'{"object":"page","entry":[{"id":1,"time":' + b"9" * 5_000 + b"}]}"


@pytest.mark.parametrize(
    ("body", "grade"),
    [
        pytest.param(b"not json at all", "scheduled", id="not JSON"),
        pytest.param(b"\xff\xfe\x00\x01", "scheduled", id="not UTF-8"),
        pytest.param(b"", "scheduled", id="empty"),
        pytest.param(
            b'{"object":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "priority", id="nested 10,000 deep"
        ),
        pytest.param(NUMBER, "scheduled", id="a number of 5,000 digits"),
        pytest.param(b'{"object":"page","entry":"' + b"x" * 3_000_000 + b'"}', "scheduled", id="3 MB"),
    ],
)
def test_signed_bytes_that_cannot_be_read_are_a_card_that_an_operator_sees(
    outside: Outside, operators: Operators, body: bytes, grade: str
) -> None:
    before = {case["case_id"] for case in operators.cases()}

    answer = outside.deliver(body)

    assert answer.status_code == 200

    def card() -> Json | None:
        new = [case for case in operators.cases() if case["case_id"] not in before]
        return next((case for case in new if case["reason"] == "Could not be read"), None)

    # What can be made out of it is screened as well: brackets without end are in no language that triage knows.
    assert until(card)["grade"] == grade


@pytest.mark.parametrize("text", ["lone \ud800 surrogate", "a \x00 NUL", "\U0001f6a8\u202e bidi \u200b"])
def test_hostile_text_reaches_the_desk(outside: Outside, operators: Operators, text: str) -> None:
    name = outside.new("hostile")

    answer = outside.deliver(outside.message(f"{name} {text}", sender=outside.new_person()))

    assert answer.status_code == 200
    until(lambda: [case for case in operators.cases() if case["preview"].startswith(name)])


def test_an_unknown_page_is_answered_and_kept_off_the_desk(outside: Outside, operators: Operators) -> None:
    text = outside.new("for somebody else")
    item = {
        "sender": {"id": outside.new_person()},
        "recipient": {"id": "999"},
        "timestamp": 1_790_000_000_000,
        "message": {"mid": outside.new("m"), "text": text},
    }

    assert outside.deliver(messenger_delivery(item, page="999")).status_code == 200
    time.sleep(1.5)
    assert not [case for case in operators.cases() if case["preview"] == text]


def test_a_report_is_on_the_desk_once_under_the_reference_it_was_given(
    outside: Outside, operators: Operators, stack: Stack
) -> None:
    report = {"report_id": str(uuid.uuid4()), "what": outside.new("my bike was taken")}

    first = outside.http.post(f"{stack.api_url}/reports", json=report)
    again = outside.http.post(f"{stack.api_url}/reports", json=report)
    case = operators.case_with(report["what"])

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert case["reference"] == first.json()["reference"]
    time.sleep(1.5)
    assert len(contact_entries(operators.case(case["case_id"]))) == 1


def test_a_report_with_mistakes_names_each_field(outside: Outside) -> None:
    answer = outside.report(what="", where=7, colour="blue")

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:contact-desk:validation"
    assert {error["field"] for error in answer.json()["errors"]} == {"what", "where", "colour"}


def test_an_emergency_on_the_form_is_told_to_ring_999_and_alerts(
    outside: Outside, operators: Operators
) -> None:
    answer = outside.report(emergency_now=True)

    assert answer.status_code == 201
    assert "999" in answer.json()["next"]
    reference = answer.json()["reference"]
    alert = until(lambda: [a for a in operators.alerts() if a["case_reference"] == reference])[0]
    assert alert["rank"] == "A1"


def test_the_handshakes_answer_what_the_platforms_expect(outside: Outside, stack: Stack) -> None:
    meta = {
        "hub.mode": "subscribe",
        "hub.challenge": "00123",
        "hub.verify_token": stack.secrets.meta.verify_token,
    }

    right = outside.http.get(f"{stack.api_url}/webhooks/meta", params=meta)
    wrong = outside.http.get(f"{stack.api_url}/webhooks/meta", params={**meta, "hub.verify_token": "guess"})
    challenge = outside.http.get(f"{stack.api_url}/webhooks/x", params={"crc_token": "abcDEF0123+/=_-"})
    signing = outside.http.get(f"{stack.api_url}/webhooks/x", params={"crc_token": '{"for_user_id":"1"}'})

    assert (right.status_code, right.text) == (200, "00123")
    assert wrong.status_code == 403
    assert challenge.json()["response_token"].startswith("sha256=")
    assert signing.status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("GET", "/nowhere", {404}),
        ("POST", "/webhooks/telegram", {404}),
        ("DELETE", "/webhooks/meta", {404, 405}),
        ("GET", "/reports", {404, 405}),
        ("PUT", "/reports", {404, 405}),
    ],
)
def test_what_is_not_there_is_404_or_405(
    outside: Outside, stack: Stack, method: str, path: str, statuses: set[int]
) -> None:
    assert outside.http.request(method, stack.api_url + path).status_code in statuses
