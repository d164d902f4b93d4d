"""What a platform's answer means for the item: a closed family, read from the answer's code, never from its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from contact_desk.graph_answers import CREDENTIAL_CODES, THROTTLED_CODES, HttpAnswer, wait_told
from contact_desk.send_failures import SendFailure


@dataclass(frozen=True, slots=True)
class Sent:
    """It is there: the platform's name for it, None where it gives none."""

    platform_id: str | None


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Nothing of it is there; try again after `wait`, or whenever suits where the platform does not say."""

    failure: SendFailure
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """Nothing of it is there, and another try changes nothing."""

    failure: SendFailure


@dataclass(frozen=True, slots=True)
class WindowClosed:
    """Nothing of it is there: the person last wrote too long ago."""

    failure: SendFailure = SendFailure.WINDOW_CLOSED


@dataclass(frozen=True, slots=True)
class CredentialsRefused:
    """Nothing of it is there: the account's token is dead, so its items wait for a new one."""

    failure: SendFailure = SendFailure.CREDENTIALS_REFUSED


@dataclass(frozen=True, slots=True)
class UnknownEffect:
    """It may be there: look before anything else."""

    failure: SendFailure


@dataclass(frozen=True, slots=True)
class Superseded:
    """It is not to be sent any more: what it says is no longer so."""


Refusal = RetryLater | Rejected | WindowClosed | CredentialsRefused | UnknownEffect
SendAnswer = Sent | Superseded | Refusal


@dataclass(frozen=True, slots=True)
class Found:
    """The look-up shows it: the platform's name for it, None where it gives none."""

    platform_id: str | None


@dataclass(frozen=True, slots=True)
class Absent:
    """The look-up shows everything from before the start on, and it is not there."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """The look-up failed, or does not reach back far enough."""

    failure: SendFailure


LookUpAnswer = Found | Absent | Unclear | RetryLater | CredentialsRefused


# Graph API v26.0, "Error Handling" and "Rate Limiting", and Messenger Platform, "Error Codes": only `code` and
# `error_subcode` tell refusals apart, since throttling, a dead token and a closed window share `type` and HTTP status.
TRANSIENT_CODES = frozenset({1, 2, 1200, 131000, 131016})
PERMISSION_CODES = frozenset({3, 10, *range(200, 300)})
REJECTED_CODES: Mapping[int, SendFailure] = {
    100: SendFailure.BAD_REQUEST,
    368: SendFailure.CONTENT_BLOCKED,
    551: SendFailure.PERSON_UNREACHABLE,
    2500: SendFailure.BAD_REQUEST,
    # Instagram Platform, "Error codes" of content publishing.
    36000: SendFailure.CONTENT_BLOCKED,
    36001: SendFailure.CONTENT_BLOCKED,
    36003: SendFailure.CONTENT_BLOCKED,
    36004: SendFailure.TEXT_TOO_LONG,
    1609005: SendFailure.CONTENT_BLOCKED,
    # WhatsApp Cloud API, "Error codes".
    **dict.fromkeys((131008, 131009, 131021, 131051), SendFailure.BAD_REQUEST),
    **dict.fromkeys((131026, 131030, 130472), SendFailure.PERSON_UNREACHABLE),
    **dict.fromkeys((131005, 131042, 131045, 133010), SendFailure.PERMISSION_MISSING),
    **dict.fromkeys((131031, 131049, 130497), SendFailure.CONTENT_BLOCKED),
    **dict.fromkeys((132000, 132001, 132005, 132007, 132012, 132015, 132016), SendFailure.TEMPLATE_REFUSED),
    131050: SendFailure.OPTED_OUT,
    **dict.fromkeys(PERMISSION_CODES, SendFailure.PERMISSION_MISSING),
}
REJECTED_SUBCODES: Mapping[tuple[int, int], SendFailure] = {
    (10, 2018108): SendFailure.PERSON_UNREACHABLE,
    (100, 33): SendFailure.TARGET_GONE,
    (100, 2018001): SendFailure.NO_SUCH_PERSON,
    (200, 1545041): SendFailure.PERSON_UNREACHABLE,
}
WINDOW_CLOSED_SUBCODES = frozenset({(10, 2018065), (10, 2018278), (10, 2534022)})
WINDOW_CLOSED_CODES = frozenset({131047})
# Too much to one person, which says nothing of the account: WhatsApp takes one message in six seconds for each pair.
PAIR_THROTTLED_CODE = 131056
PAIR_FREE_AFTER = timedelta(seconds=6)
# The platform says that this very thing is there already: ours of an earlier try, or another tool's.
THERE_ALREADY_CODES: Mapping[int, SendFailure] = {
    506: SendFailure.DUPLICATE_TEXT,
    10900: SendFailure.ALREADY_REPLIED,
}


def read_refusal(answer: HttpAnswer, *, tried_before: bool) -> Refusal | None:
    """Why the Graph API refused; None where it did not.

    After an earlier try, "there already" may be that try's effect, so it is looked up; before any, it is somebody
    else's. What is neither a success nor a refusal that can be read has an unknown effect.
    """
    fields = answer.fields
    error = fields.get("error") if fields is not None else None
    if isinstance(error, Mapping):
        return _read_error(error, answer, tried_before=tried_before)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return RetryLater(SendFailure.THROTTLED, wait_told(answer.headers))
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return UnknownEffect(SendFailure.SERVER_ERROR)
    if answer.status != HTTPStatus.OK or fields is None:
        return UnknownEffect(SendFailure.UNREADABLE_ANSWER)
    return None


def _read_error(  # noqa: PLR0911 - one for each member of the family
    error: Mapping[str, Any], answer: HttpAnswer, *, tried_before: bool
) -> Refusal:
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    if code == PAIR_THROTTLED_CODE:
        return RetryLater(SendFailure.PACED, wait_told(answer.headers) or PAIR_FREE_AFTER)
    if code in THROTTLED_CODES or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return RetryLater(SendFailure.THROTTLED, wait_told(answer.headers))
    if code in CREDENTIAL_CODES:
        return CredentialsRefused()
    if failure := THERE_ALREADY_CODES.get(code):
        return UnknownEffect(failure) if tried_before else Rejected(failure)
    if refusal := _for_good(code, subcode):
        return refusal
    failed = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or error.get("is_transient") is True
    if failed or code in TRANSIENT_CODES:
        return UnknownEffect(SendFailure.SERVER_ERROR)
    return Rejected(SendFailure.REFUSED)


def _for_good(code: int, subcode: int) -> Rejected | WindowClosed | None:
    if (code, subcode) in WINDOW_CLOSED_SUBCODES or code in WINDOW_CLOSED_CODES:
        return WindowClosed()
    failure = REJECTED_SUBCODES.get((code, subcode)) or REJECTED_CODES.get(code)
    return Rejected(failure) if failure else None


def _number(value: object) -> int:
    return value if isinstance(value, int) else -1
