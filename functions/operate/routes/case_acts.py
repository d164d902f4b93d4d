"""Acts on a case: one conditional change each."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from contact_desk.conversations import SafeContact
from contact_desk.reports import SafeContactWish
from functions.operate.acts import Act, Close, GradeAgain, SetSafeContact, WriteNote
from functions.operate.assessments import AssessRisk, HandOver
from functions.operate.claims import ClaimCase, ReleaseCase, TakeOverCase
from functions.operate.replies import Reply
from functions.operate.routes.cases import CaseId
from functions.operate.routes.visiting import (
    IdempotencyKey,
    IfMatch,
    answer_of,
    at_hand,
    new_router,
    version_in,
)
from functions.operate.shapes import (
    CaseShape,
    CloseBody,
    GradeBody,
    NoteBody,
    Nothing,
    RepliedShape,
    ReplyBody,
    ThriveBody,
    TransferBody,
    problems,
)

router = new_router()

CASE: dict[int, Any] = {
    200: {"description": "The case", "content": {"application/json": {"model": CaseShape}}}
}
CLAIMING = {**CASE, **problems(400, 401, 403, 404, 409, 422, 503)}
CHANGING = {**CASE, **problems(400, 401, 403, 404, 409, 412, 422, 428, 503)}
REPLYING = {
    202: {"description": "It will be sent", "content": {"application/json": {"model": RepliedShape}}},
    **problems(400, 401, 403, 404, 409, 412, 422, 428, 503),
}


@router.post(
    "/desk/cases/<case_id>/claim",
    summary="Claim a case, or renew one's claim",
    tags=["claims"],
    responses=CLAIMING,
)
def claim(case_id: CaseId, _: Annotated[Nothing, Body()], key: IdempotencyKey) -> Response[str]:
    """At most one person holds a case; a claim runs out after the force's lease without activity."""
    return _do(case_id, ClaimCase(), key)


@router.post("/desk/cases/<case_id>/release", summary="Give a case back", tags=["claims"], responses=CLAIMING)
def release(case_id: CaseId, _: Annotated[Nothing, Body()], key: IdempotencyKey) -> Response[str]:
    """Only its holder can."""
    return _do(case_id, ReleaseCase(), key)


@router.post(
    "/desk/cases/<case_id>/take-over",
    summary="Take a case, whoever holds it",
    tags=["claims"],
    responses=CLAIMING,
)
def take_over(case_id: CaseId, _: Annotated[Nothing, Body()], key: IdempotencyKey) -> Response[str]:
    """For supervisors; the timeline says from whom."""
    return _do(case_id, TakeOverCase(), key)


@router.post(
    "/desk/cases/<case_id>/replies", summary="Write to the person", tags=["acts"], responses=REPLYING
)
def reply(
    case_id: CaseId, body: Annotated[ReplyBody, Body()], key: IdempotencyKey, version: IfMatch
) -> Response[str]:
    """Recorded now, sent within seconds; `outbox_id` is its name on the timeline, `promises` a warning."""
    return _do(case_id, Reply(body.text, body.answers), key, version)


@router.post("/desk/cases/<case_id>/notes", summary="Write a note", tags=["acts"], responses=CHANGING)
def note(
    case_id: CaseId, body: Annotated[NoteBody, Body()], key: IdempotencyKey, version: IfMatch
) -> Response[str]:
    """For colleagues; the person never sees it."""
    return _do(case_id, WriteNote(body.text), key, version)


@router.post("/desk/cases/<case_id>/grade", summary="Grade again", tags=["acts"], responses=CHANGING)
def grade(
    case_id: CaseId, body: Annotated[GradeBody, Body()], key: IdempotencyKey, version: IfMatch
) -> Response[str]:
    """The new grade's target runs from now."""
    return _do(case_id, GradeAgain(body.grade, body.reason), key, version)


@router.post(
    "/desk/cases/<case_id>/thrive",
    summary="Record a risk assessment",
    description="By the force's model. It stands as it was written; a new one stands beside it.",
    tags=["acts"],
    responses=CHANGING,
)
def thrive(
    case_id: CaseId, body: Annotated[ThriveBody, Body()], key: IdempotencyKey, version: IfMatch
) -> Response[str]:
    """What a grade by a person rests on."""
    written = tuple((one.element, one.text) for one in body.assessments)
    answers = tuple((one.prompt, one.answer) for one in body.prompts)
    return _do(case_id, AssessRisk(body.level, written, answers), key, version)


@router.post(
    "/desk/cases/<case_id>/transfer",
    summary="Hand a case over",
    description="Records to whom, and what they were told. The case stays open until somebody closes it.",
    tags=["acts"],
    responses=CHANGING,
)
def transfer(
    case_id: CaseId, body: Annotated[TransferBody, Body()], key: IdempotencyKey, version: IfMatch
) -> Response[str]:
    """Their reference in `accepted` is the proof that they have it."""
    return _do(case_id, HandOver(body.to, body.handover.model_dump(exclude_none=True)), key, version)


@router.post(
    "/desk/cases/<case_id>/safe-contact",
    summary="Say how it is safe to reach the person",
    description="For the whole conversation, from now on; who holds the case does not matter.",
    tags=["acts"],
    responses=CHANGING,
)
def safe_contact(
    case_id: CaseId, body: Annotated[SafeContactWish, Body()], key: IdempotencyKey, version: IfMatch
) -> Response[str]:
    """Nothing automatic is sent into a conversation with such a rule, but the neutral emergency text."""
    return _do(case_id, SetSafeContact(SafeContact(body.ok, body.how, body.not_when)), key, version)


@router.post("/desk/cases/<case_id>/close", summary="Close a case", tags=["acts"], responses=CHANGING)
def close(
    case_id: CaseId, body: Annotated[CloseBody, Body()], key: IdempotencyKey, version: IfMatch
) -> Response[str]:
    """Refused where the person wrote after `last_contact_at`."""
    return _do(case_id, Close(body.disposition, body.last_contact_at, body.survey), key, version)


def _do(case_id: str, act: Act, key: str, if_match: str | None = None) -> Response[str]:
    here = at_hand(router)
    version = version_in(if_match) if if_match is not None else None
    return answer_of(here.desk.act(case_id, act, here.call(key), version))
