"""What Twilio's answers mean, read from the error's code; source: Twilio, "Error and Warning Dictionary"."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from contact_desk.graph_answers import HttpAnswer, wait_told
from contact_desk.send_failures import SendFailure
from functions.notify.platform_answers import (
    CredentialsRefused,
    Refusal,
    Rejected,
    RetryLater,
    UnknownEffect,
)

CREDENTIAL_CODES = frozenset({20003, 20005, 20006, 20101, 20403, 30002})
# Too many calls at once, too many messages waiting for our number, or a queue that is full.
THROTTLED_CODES = frozenset({14107, 20429, 21611, 30001})
REJECTED_CODES: Mapping[int, SendFailure] = {
    **dict.fromkeys((20404, 21211, 21217, 21265, 21421, 21614), SendFailure.NO_SUCH_PERSON),
    **dict.fromkeys((21610,), SendFailure.OPTED_OUT),
    **dict.fromkeys((21612, 30003, 30005, 30006), SendFailure.PERSON_UNREACHABLE),
    **dict.fromkeys((21212, 21408, 21606, 21608, 21659, 21660, 21661, 21664), SendFailure.PERMISSION_MISSING),
    **dict.fromkeys((21605, 21617), SendFailure.TEXT_TOO_LONG),
    **dict.fromkeys((30004, 30007, 63018), SendFailure.CONTENT_BLOCKED),
    **dict.fromkeys((20001, 21601, 21602, 21603, 21604, 21619), SendFailure.BAD_REQUEST),
}


def read_twilio_refusal(answer: HttpAnswer) -> Refusal | None:
    """Why Twilio refused; None where it did not."""
    fields = answer.fields
    if answer.status in {HTTPStatus.OK, HTTPStatus.CREATED}:
        return None if fields is not None else UnknownEffect(SendFailure.UNREADABLE_ANSWER)
    code = fields.get("code") if fields is not None else None
    code = code if isinstance(code, int) else -1
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or code in THROTTLED_CODES:
        return RetryLater(SendFailure.THROTTLED, wait_told(answer.headers))
    if answer.status == HTTPStatus.UNAUTHORIZED or code in CREDENTIAL_CODES:
        return CredentialsRefused()
    if code not in REJECTED_CODES:
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return UnknownEffect(SendFailure.SERVER_ERROR)
        if fields is None or answer.status < HTTPStatus.BAD_REQUEST:
            return UnknownEffect(SendFailure.UNREADABLE_ANSWER)
    other = SendFailure.BAD_REQUEST if answer.status == HTTPStatus.BAD_REQUEST else SendFailure.REFUSED
    return Rejected(REJECTED_CODES.get(code, other))
