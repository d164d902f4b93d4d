"""What X's answers mean: by status, problem type and code, and by its words only where it has nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from contact_desk.graph_answers import LONGEST_WAIT, HttpAnswer, wait_told
from contact_desk.send_failures import SendFailure
from functions.notify.platform_answers import (
    CredentialsRefused,
    Refusal,
    Rejected,
    RetryLater,
    UnknownEffect,
)

# X API, "Response codes and errors": the second generation answers problems (RFC 9457) with a status and a type, and
# some of its refusals still carry the numbers of the first.
CREDENTIAL_CODES = frozenset({32, 63, 64, 89, 99, 135, 215, 326})
THROTTLED_CODES = frozenset({88, 185})
DUPLICATE_CODE = 187
REJECTED_CODES: Mapping[int, SendFailure] = {
    # The person takes no messages from us, blocks us, or lets only some write to them.
    **dict.fromkeys((136, 150, 160, 349, 433), SendFailure.PERSON_UNREACHABLE),
    **dict.fromkeys((17, 50, 108), SendFailure.NO_SUCH_PERSON),
    **dict.fromkeys((34, 144, 179, 385, 421, 422), SendFailure.TARGET_GONE),
    **dict.fromkeys((87, 93, 220, 261, 453, 476), SendFailure.PERMISSION_MISSING),
    **dict.fromkeys((186, 354), SendFailure.TEXT_TOO_LONG),
    **dict.fromkeys((151, 226, 240, 344, 477), SendFailure.CONTENT_BLOCKED),
    44: SendFailure.BAD_REQUEST,
}
# The end of a problem's `type`.
SPENT = ("usage-capped", "credits-depleted")
REJECTED_TYPES: Mapping[str, SendFailure] = {
    "client-forbidden": SendFailure.PERMISSION_MISSING,
    "oauth1-permissions": SendFailure.PERMISSION_MISSING,
    "unsupported-authentication": SendFailure.PERMISSION_MISSING,
    "not-authorized-for-resource": SendFailure.PERSON_UNREACHABLE,
    "noncompliant-rules": SendFailure.CONTENT_BLOCKED,
}
# A repeat, a text too long and a reply that is not allowed come as plain 400 or 403: their words alone tell them.
TELLING_WORDS: tuple[tuple[str, SendFailure], ...] = (
    ("not been mentioned", SendFailure.NOT_MENTIONED),
    ("reply to this conversation is not allowed", SendFailure.NOT_MENTIONED),
    ("deleted or not visible", SendFailure.TARGET_GONE),
    ("too long", SendFailure.TEXT_TOO_LONG),
    ("cannot send messages to this user", SendFailure.PERSON_UNREACHABLE),
)
DUPLICATE_WORDS = "duplicate content"
ASKED_AGAIN_AFTER = timedelta(hours=1)


def read_x_refusal(  # noqa: PLR0911 - one for each member of the family
    answer: HttpAnswer, *, missing: SendFailure, tried_before: bool, now: datetime
) -> Refusal | None:
    """Why X refused; None where it did not. `missing` is what a target that is not there means.

    After an earlier try a repeated text may be that try's, so it is looked up; before any, it is somebody else's.
    """
    fields = answer.fields
    problem = _problem(fields)
    if answer.status in {HTTPStatus.OK, HTTPStatus.CREATED} and fields is not None and problem is None:
        return None
    code, words = _code(problem), str(problem.get("detail") or problem.get("message")) if problem else ""
    if wait := _for_now(answer, code, problem, now):
        return wait
    if code in CREDENTIAL_CODES or answer.status == HTTPStatus.UNAUTHORIZED:
        return CredentialsRefused()
    if code == DUPLICATE_CODE or DUPLICATE_WORDS in words.lower():
        failure = SendFailure.DUPLICATE_TEXT
        return UnknownEffect(failure) if tried_before else Rejected(failure)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return UnknownEffect(SendFailure.SERVER_ERROR)
    if answer.status < HTTPStatus.BAD_REQUEST and problem is None:
        return UnknownEffect(SendFailure.UNREADABLE_ANSWER)
    return Rejected(_for_good(answer.status, code, problem, words, missing))


def _for_now(
    answer: HttpAnswer, code: int, problem: Mapping[str, Any] | None, now: datetime
) -> RetryLater | None:
    if answer.status == HTTPStatus.PAYMENT_REQUIRED or _kind(problem) in SPENT:
        return RetryLater(SendFailure.ALLOWANCE_SPENT, ASKED_AGAIN_AFTER)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or code in THROTTLED_CODES:
        return RetryLater(SendFailure.THROTTLED, wait_till_reset(answer.headers, now))
    return None


def wait_till_reset(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long until the window of the rate begins anew: `x-rate-limit-reset` is in seconds since 1970."""
    reset = headers.get("x-rate-limit-reset", "")
    if not reset.isdecimal():
        return wait_told(headers)
    seconds = int(reset[:12]) - now.timestamp()
    return min(timedelta(seconds=max(seconds, 1)), LONGEST_WAIT)


def _for_good(
    status: int, code: int, problem: Mapping[str, Any] | None, words: str, missing: SendFailure
) -> SendFailure:
    if failure := REJECTED_CODES.get(code) or REJECTED_TYPES.get(_kind(problem)):
        return failure
    for telling, failure in TELLING_WORDS:
        if telling in words.lower():
            return failure
    if status == HTTPStatus.NOT_FOUND or _kind(problem) == "resource-not-found":
        return missing
    return SendFailure.BAD_REQUEST if status == HTTPStatus.BAD_REQUEST else SendFailure.REFUSED


def _problem(fields: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The problem that an answer holds: itself, or the first of its `errors` where there is no `data` beside them."""
    if fields is None or fields.get("data"):
        return None
    errors = fields.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], Mapping) else None
    if first is not None:
        return {**fields, **first}
    return fields if "title" in fields or "status" in fields or "code" in fields else None


def _code(problem: Mapping[str, Any] | None) -> int:
    code = problem.get("code") if problem else None
    return code if isinstance(code, int) else -1


def _kind(problem: Mapping[str, Any] | None) -> str:
    kind = problem.get("type") if problem else None
    return kind.rpartition("/")[2] if isinstance(kind, str) else ""
