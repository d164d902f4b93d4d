"""What each platform answers, what that means, and what follows: recorded answers in, outcome and next action out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from contact_desk.graph_answers import HttpAnswer
from contact_desk.outbox import OutboxState
from contact_desk.send_failures import SendFailure
from functions.notify.platform_answers import (
    CredentialsRefused,
    Rejected,
    RetryLater,
    SendAnswer,
    Sent,
    UnknownEffect,
    WindowClosed,
    read_refusal,
)
from functions.notify.senders.emails import read_ses_refusal
from functions.notify.twilio_answers import read_twilio_refusal
from functions.notify.x_answers import read_x_refusal
from local.twins.in_memory_platform import Mishap
from tests.builders import outbox_item
from tests.unit.notify.send_desk import SendDesk

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
IN_TEN_MINUTES = str(int(NOW.timestamp()) + 600)

Headers = dict[str, str]


@dataclass(frozen=True)
class Next:
    """What the desk does: the state that the item is left in, and in how many seconds it is due again."""

    state: OutboxState
    due_in: int | None = None


SENT = Next(OutboxState.SENT)
GIVEN_UP = Next(OutboxState.FAILED)
LOOKED_UP = Next(OutboxState.IN_DOUBT, 15)
SOON = Next(OutboxState.PENDING, 15)
IN_A_MINUTE = Next(OutboxState.PENDING, 60)


def after(seconds: int) -> Next:
    return Next(OutboxState.PENDING, seconds)


def throttled(seconds: int | None = None) -> RetryLater:
    return RetryLater(SendFailure.THROTTLED, timedelta(seconds=seconds) if seconds else None)


def meta(code: int, subcode: int | None = None, **more: Any) -> dict[str, Any]:
    error = {"message": "words", "type": "OAuthException", "code": code, **more}
    return {"error": {**error, **({"error_subcode": subcode} if subcode else {})}}


def usage(minutes: int) -> Headers:
    uses = {"7001": [{"type": "messenger", "estimated_time_to_regain_access": minutes}]}
    return {"x-business-use-case-usage": json.dumps(uses)}


def problem(status: int, detail: str = "Refused.", kind: str = "about:blank", **more: Any) -> dict[str, Any]:
    return {"title": "Refused", "detail": detail, "type": kind, "status": status, **more}


def twilio(code: int, status: int) -> dict[str, Any]:
    return {"code": code, "message": "words", "more_info": "https://example.org", "status": status}


GONE, NOBODY = SendFailure.TARGET_GONE, SendFailure.NO_SUCH_PERSON
BLOCKED, UNREACHABLE = SendFailure.CONTENT_BLOCKED, SendFailure.PERSON_UNREACHABLE
PERMISSION, BAD = SendFailure.PERMISSION_MISSING, SendFailure.BAD_REQUEST
OURS = UnknownEffect(SendFailure.SERVER_ERROR)
UNREADABLE = UnknownEffect(SendFailure.UNREADABLE_ANSWER)
RESET = {"x-rate-limit-reset": IN_TEN_MINUTES}
X_PROBLEMS = "https://api.twitter.com/2/problems/"

# Platform, status, body, headers, what it means, what follows.
Case = tuple[str, int, Any, Headers, SendAnswer | None, Next]
CASES: list[Case] = [
    # Messenger and pages
    ("messenger", 200, {"recipient_id": "1", "message_id": "m_1"}, {}, None, SENT),
    ("messenger", 400, meta(613), {}, throttled(), SOON),
    ("messenger", 400, meta(4), {}, throttled(), SOON),
    ("messenger", 403, meta(80006), usage(7), throttled(420), after(420)),
    ("messenger", 429, meta(32), {"retry-after": "30"}, throttled(30), after(30)),
    ("messenger", 400, meta(190, 463), {}, CredentialsRefused(), IN_A_MINUTE),
    ("messenger", 400, meta(102), {}, CredentialsRefused(), IN_A_MINUTE),
    ("messenger", 400, meta(10, 2018278), {}, WindowClosed(), GIVEN_UP),
    ("messenger", 400, meta(10, 2018065), {}, WindowClosed(), GIVEN_UP),
    ("messenger", 400, meta(10), {}, Rejected(PERMISSION), GIVEN_UP),
    ("messenger", 400, meta(551, 1545041), {}, Rejected(UNREACHABLE), GIVEN_UP),
    ("messenger", 400, meta(10, 2018108), {}, Rejected(UNREACHABLE), GIVEN_UP),
    ("messenger", 400, meta(100, 2018001), {}, Rejected(NOBODY), GIVEN_UP),
    ("messenger", 400, meta(100), {}, Rejected(BAD), GIVEN_UP),
    ("messenger", 500, meta(2, is_transient=True), {}, OURS, LOOKED_UP),
    ("messenger", 502, b"<html>", {}, OURS, LOOKED_UP),
    ("messenger", 200, b'{"message_id":"m_', {}, UNREADABLE, LOOKED_UP),
    ("facebook_page", 200, {"id": "55_67"}, {}, None, SENT),
    ("facebook_page", 400, meta(80001), usage(3), throttled(180), after(180)),
    ("facebook_page", 400, meta(100, 33), {}, Rejected(GONE), GIVEN_UP),
    ("facebook_page", 400, meta(368), {}, Rejected(BLOCKED), GIVEN_UP),
    ("facebook_page", 400, meta(506), {}, Rejected(SendFailure.DUPLICATE_TEXT), GIVEN_UP),
    ("facebook_page", 400, meta(10900), {}, Rejected(SendFailure.ALREADY_REPLIED), GIVEN_UP),
    ("facebook_page", 400, meta(200), {}, Rejected(PERMISSION), GIVEN_UP),
    # Instagram
    ("instagram", 200, {"recipient_id": "1", "message_id": "aWdf"}, {}, None, SENT),
    ("instagram", 400, meta(80002), usage(2), throttled(120), after(120)),
    ("instagram", 400, meta(190), {}, CredentialsRefused(), IN_A_MINUTE),
    ("instagram", 400, meta(10, 2534022), {}, WindowClosed(), GIVEN_UP),
    ("instagram", 400, meta(551), {}, Rejected(UNREACHABLE), GIVEN_UP),
    ("instagram", 503, b"", {}, OURS, LOOKED_UP),
    # WhatsApp
    ("whatsapp", 200, {"messages": [{"id": "wamid.1"}]}, {}, None, SENT),
    ("whatsapp", 400, meta(130429), {}, throttled(), SOON),
    ("whatsapp", 400, meta(131048), {}, throttled(), SOON),
    ("whatsapp", 400, meta(131056), {}, RetryLater(SendFailure.PACED, timedelta(seconds=6)), after(6)),
    ("whatsapp", 400, meta(80007), {"retry-after": "60"}, throttled(60), after(60)),
    ("whatsapp", 401, meta(190), {}, CredentialsRefused(), IN_A_MINUTE),
    ("whatsapp", 400, meta(131047), {}, WindowClosed(), GIVEN_UP),
    ("whatsapp", 400, meta(131026), {}, Rejected(UNREACHABLE), GIVEN_UP),
    ("whatsapp", 400, meta(131051), {}, Rejected(BAD), GIVEN_UP),
    ("whatsapp", 404, meta(132001), {}, Rejected(SendFailure.TEMPLATE_REFUSED), GIVEN_UP),
    ("whatsapp", 400, meta(132015), {}, Rejected(SendFailure.TEMPLATE_REFUSED), GIVEN_UP),
    ("whatsapp", 400, meta(131042), {}, Rejected(PERMISSION), GIVEN_UP),
    ("whatsapp", 400, meta(131050), {}, Rejected(SendFailure.OPTED_OUT), GIVEN_UP),
    ("whatsapp", 500, meta(131000), {}, OURS, LOOKED_UP),
    ("whatsapp", 400, meta(131016), {}, OURS, LOOKED_UP),
    # X
    ("x", 201, {"data": {"id": "99", "text": "words"}}, {}, None, SENT),
    ("x", 200, {"data": {"id": "99"}, "errors": [problem(404)]}, {}, None, SENT),
    ("x", 429, problem(429), RESET, throttled(600), after(600)),
    ("x", 429, {"errors": [{"code": 88, "message": "words"}]}, RESET, throttled(600), after(600)),
    ("x", 429, b"", {"retry-after": "9"}, throttled(9), after(9)),
    (
        "x",
        429,
        problem(429, kind=X_PROBLEMS + "usage-capped"),
        {},
        RetryLater(SendFailure.ALLOWANCE_SPENT, timedelta(hours=1)),
        after(3600),
    ),
    (
        "x",
        402,
        problem(402),
        {},
        RetryLater(SendFailure.ALLOWANCE_SPENT, timedelta(hours=1)),
        after(3600),
    ),
    ("x", 401, problem(401), {}, CredentialsRefused(), IN_A_MINUTE),
    ("x", 403, problem(403, code=326), {}, CredentialsRefused(), IN_A_MINUTE),
    (
        "x",
        403,
        problem(403, "You are not allowed to create a Tweet with duplicate content."),
        {},
        Rejected(SendFailure.DUPLICATE_TEXT),
        GIVEN_UP,
    ),
    (
        "x",
        403,
        problem(403, "Reply to this conversation is not allowed because you have not been mentioned."),
        {},
        Rejected(SendFailure.NOT_MENTIONED),
        GIVEN_UP,
    ),
    (
        "x",
        403,
        problem(403, "You attempted to reply to a Tweet that is deleted or not visible to you."),
        {},
        Rejected(GONE),
        GIVEN_UP,
    ),
    ("x", 403, problem(403, code=349), {}, Rejected(UNREACHABLE), GIVEN_UP),
    ("x", 403, problem(403, code=150), {}, Rejected(UNREACHABLE), GIVEN_UP),
    ("x", 403, problem(403, code=476), {}, Rejected(PERMISSION), GIVEN_UP),
    ("x", 403, problem(403, kind=X_PROBLEMS + "client-forbidden"), {}, Rejected(PERMISSION), GIVEN_UP),
    ("x", 403, problem(403), {}, Rejected(SendFailure.REFUSED), GIVEN_UP),
    (
        "x",
        400,
        problem(400, "Your Tweet text is too long."),
        {},
        Rejected(SendFailure.TEXT_TOO_LONG),
        GIVEN_UP,
    ),
    ("x", 400, problem(400), {}, Rejected(BAD), GIVEN_UP),
    ("x", 404, problem(404), {}, Rejected(GONE), GIVEN_UP),
    (
        "x",
        200,
        {"errors": [problem(404, kind=X_PROBLEMS + "resource-not-found")]},
        {},
        Rejected(GONE),
        GIVEN_UP,
    ),
    ("x", 503, problem(503), {}, OURS, LOOKED_UP),
    ("x", 502, b"<html>", {}, OURS, LOOKED_UP),
    ("x", 201, b'{"data":', {}, UNREADABLE, LOOKED_UP),
    # Text messages
    ("sms", 201, {"sid": "SM1", "status": "queued"}, {}, None, SENT),
    ("sms", 429, twilio(20429, 429), {"retry-after": "2"}, throttled(2), after(2)),
    ("sms", 400, twilio(21611, 400), {}, throttled(), SOON),
    ("sms", 401, twilio(20003, 401), {}, CredentialsRefused(), IN_A_MINUTE),
    ("sms", 400, twilio(21610, 400), {}, Rejected(SendFailure.OPTED_OUT), GIVEN_UP),
    ("sms", 400, twilio(21211, 400), {}, Rejected(NOBODY), GIVEN_UP),
    ("sms", 400, twilio(21614, 400), {}, Rejected(NOBODY), GIVEN_UP),
    ("sms", 400, twilio(21612, 400), {}, Rejected(UNREACHABLE), GIVEN_UP),
    ("sms", 400, twilio(21408, 400), {}, Rejected(PERMISSION), GIVEN_UP),
    ("sms", 400, twilio(21606, 400), {}, Rejected(PERMISSION), GIVEN_UP),
    ("sms", 400, twilio(21617, 400), {}, Rejected(SendFailure.TEXT_TOO_LONG), GIVEN_UP),
    ("sms", 400, twilio(21602, 400), {}, Rejected(BAD), GIVEN_UP),
    ("sms", 400, twilio(99999, 400), {}, Rejected(BAD), GIVEN_UP),
    ("sms", 403, twilio(99999, 403), {}, Rejected(SendFailure.REFUSED), GIVEN_UP),
    ("sms", 500, twilio(20500, 500), {}, OURS, LOOKED_UP),
    ("sms", 503, b"", {}, OURS, LOOKED_UP),
    ("sms", 201, b"", {}, UNREADABLE, LOOKED_UP),
    # E-mail, by the code of SES
    ("report_form", 429, "TooManyRequestsException", {}, throttled(), SOON),
    ("report_form", 400, "ThrottlingException", {}, throttled(), SOON),
    ("report_form", 400, "LimitExceededException", {}, throttled(), SOON),
    ("report_form", 400, "SendingPausedException", {}, CredentialsRefused(), IN_A_MINUTE),
    ("report_form", 400, "AccountSuspendedException", {}, CredentialsRefused(), IN_A_MINUTE),
    ("report_form", 400, "MessageRejected", {}, Rejected(BLOCKED), GIVEN_UP),
    ("report_form", 400, "BadRequestException", {}, Rejected(BAD), GIVEN_UP),
    ("report_form", 400, "MailFromDomainNotVerifiedException", {}, Rejected(PERMISSION), GIVEN_UP),
    ("report_form", 500, "InternalServiceErrorException", {}, OURS, LOOKED_UP),
    ("report_form", 400, "SomethingNewException", {}, Rejected(SendFailure.REFUSED), GIVEN_UP),
]


def meaning(platform: str, status: int, body: Any, headers: Headers, *, tried_before: bool = False) -> Any:
    """What the platform's reader makes of the answer; None where it is no refusal."""
    if platform == "report_form":
        answer: Any = {
            "Error": {"Code": body, "Message": "words"},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }
        return read_ses_refusal(ClientError(answer, "SendEmail"))
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    recorded = HttpAnswer(status, headers, raw)
    if platform == "x":
        return read_x_refusal(recorded, missing=GONE, tried_before=tried_before, now=NOW)
    if platform == "sms":
        return read_twilio_refusal(recorded)
    return read_refusal(recorded, tried_before=tried_before)


def test_the_table_is_long_enough_and_says_nothing_twice() -> None:
    assert len(CASES) >= 60
    assert len({(case[0], case[1], str(case[2]), str(case[3])) for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("platform", "status", "body", "headers", "outcome", "follows"),
    CASES,
    ids=[f"{case[0]}-{case[1]}-{number}" for number, case in enumerate(CASES)],
)
def test_a_recorded_answer_has_its_outcome_and_its_next_action(
    platform: str, status: int, body: Any, headers: Headers, outcome: SendAnswer | None, follows: Next
) -> None:
    answered = meaning(platform, status, body, headers)
    desk = SendDesk((outbox_item(),))
    desk.platform.mishaps.append(Mishap(answered or Sent("native-1")))

    desk.work()

    assert answered == outcome
    assert desk.item.state is follows.state
    if follows.due_in is not None:
        assert desk.item.due_at - desk.clock.now() == timedelta(seconds=follows.due_in)
    if outcome is not None:
        assert desk.item.failure == getattr(outcome, "failure")  # noqa: B009 - every refusal has one
        assert SendFailure(str(desk.item.failure)).told


def test_a_repeat_on_x_may_be_ours_only_after_an_earlier_try() -> None:
    repeat = problem(403, "You are not allowed to create a Tweet with duplicate content.")

    assert meaning("x", 403, repeat, {}, tried_before=True) == UnknownEffect(SendFailure.DUPLICATE_TEXT)


def test_a_window_of_x_that_began_anew_meanwhile_is_waited_for_a_second() -> None:
    past = {"x-rate-limit-reset": str(int(NOW.timestamp()) - 5)}

    assert meaning("x", 429, problem(429), past) == throttled(1)
