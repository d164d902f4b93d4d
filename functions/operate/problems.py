"""From errors to RFC 9457 problem JSON: one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from contact_desk.errors import StoreBusyError
from contact_desk.http_api import Answer, problem
from contact_desk.observability import count, count_faults, logger
from functions.operate import refusals

IDEMPOTENCY_KEY = "idempotency-key"
IF_MATCH = "if-match"
RETRY_AFTER_SECONDS = "1"


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of error is answered; `name` is its type among the desk's own, None where the status says it all."""

    status: HTTPStatus
    name: str | None = None


KINDS: Mapping[type[Exception], Kind] = {
    refusals.NotSignedInError: Kind(HTTPStatus.UNAUTHORIZED),
    refusals.ForbiddenError: Kind(HTTPStatus.FORBIDDEN, "forbidden"),
    refusals.NoSuchPathError: Kind(HTTPStatus.NOT_FOUND),
    refusals.NoSuchVerbError: Kind(HTTPStatus.METHOD_NOT_ALLOWED),
    refusals.NotThereError: Kind(HTTPStatus.NOT_FOUND),
    refusals.UnreadableBodyError: Kind(HTTPStatus.BAD_REQUEST),
    refusals.UnknownMediaTypeError: Kind(HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    refusals.InvalidFieldsError: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "validation"),
    refusals.KeyMissingError: Kind(HTTPStatus.BAD_REQUEST),
    refusals.KeyReusedError: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "key-reused"),
    refusals.VersionMissingError: Kind(HTTPStatus.PRECONDITION_REQUIRED),
    refusals.StaleVersionError: Kind(HTTPStatus.PRECONDITION_FAILED, "stale-version"),
    refusals.CaseHeldError: Kind(HTTPStatus.CONFLICT, "case-held"),
    refusals.NotHolderError: Kind(HTTPStatus.CONFLICT, "not-holder"),
    refusals.CaseClosedError: Kind(HTTPStatus.CONFLICT, "case-closed"),
    refusals.NewContactError: Kind(HTTPStatus.CONFLICT, "new-contact"),
    refusals.WindowClosedError: Kind(HTTPStatus.CONFLICT, "window-closed"),
    refusals.TextTooLongError: Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "text-too-long"),
    refusals.NoSenderError: Kind(HTTPStatus.CONFLICT, "no-sender"),
    refusals.UnshowableFileError: Kind(HTTPStatus.CONFLICT, "unshowable-file"),
    refusals.NotWaitingError: Kind(HTTPStatus.CONFLICT, "not-waiting"),
    refusals.OwnApprovalError: Kind(HTTPStatus.CONFLICT, "own-approval"),
    refusals.BytesChangedError: Kind(HTTPStatus.CONFLICT, "bytes-changed"),
    refusals.ApprovalLapsedError: Kind(HTTPStatus.CONFLICT, "approval-lapsed"),
    refusals.PublishingStoppedError: Kind(HTTPStatus.CONFLICT, "publishing-stopped"),
    refusals.WrongStateError: Kind(HTTPStatus.CONFLICT, "wrong-state"),
    StoreBusyError: Kind(HTTPStatus.SERVICE_UNAVAILABLE),
}
OUR_FAULT = Kind(HTTPStatus.INTERNAL_SERVER_ERROR)


def problem_of(error: Exception) -> Answer:
    """The answer to an error: what a refusal tells, and of anything else only whether it is worth another try."""
    if isinstance(error, RequestValidationError):
        error = refusal_of(error.errors())
    kind = KINDS.get(type(error), OUR_FAULT)
    if isinstance(error, refusals.RefusalError):
        answer = problem(kind.status, kind.name, detail=str(error), **error.members)
    else:
        _note_fault(error)
        answer = problem(kind.status, kind.name)
    if isinstance(error, refusals.NoSuchVerbError):
        answer["headers"]["allow"] = ", ".join(error.allowed)
    if isinstance(error, refusals.NotSignedInError):
        answer["headers"]["www-authenticate"] = "Bearer"
    if isinstance(error, StoreBusyError):
        answer["headers"]["retry-after"] = RETRY_AFTER_SECONDS
    return answer


def refusal_of(errors: Sequence[Mapping[str, Any]]) -> refusals.RefusalError:
    """What the resolver's validation found, by field and rule: what was sent is never repeated."""
    rules = {_field(error["loc"]): str(error["msg"]).removeprefix("Value error, ") for error in errors}
    if IDEMPOTENCY_KEY in rules:
        return refusals.KeyMissingError(
            "Idempotency-Key is needed: 1 to 200 printable ASCII characters but #, new for each act but not its repeat."
        )
    if IF_MATCH in rules:
        return refusals.VersionMissingError('If-Match is needed: the version that you saw, as in "7".')
    return refusals.InvalidFieldsError(rules)


def _field(location: Sequence[object]) -> str:
    part, *names = (str(step) for step in location)
    return ".".join(names) or part


def _note_fault(error: Exception) -> None:
    """Where it broke and what kind of error it was; its own text may quote what a person wrote."""
    count("OperateFaults")
    count_faults([type(error)])
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else None
    logger.append_keys(fault=type(error).__name__, place=place)
