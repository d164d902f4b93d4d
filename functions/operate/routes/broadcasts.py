"""Broadcasts: drafted, submitted, approved by somebody else, corrected, taken back; and the switch of publishing."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query

from contact_desk.broadcast_desk import BroadcastQuery
from contact_desk.broadcasts import BroadcastState
from functions.operate.broadcast_forms import Form
from functions.operate.broadcast_shapes import (
    ApproveBody,
    BroadcastBody,
    BroadcastListShape,
    BroadcastShape,
    CancelBody,
    PublishingBody,
    PublishingShape,
    SubmitBody,
)
from functions.operate.broadcast_views import switch_fields
from functions.operate.broadcasting import PUBLISHING
from functions.operate.cursors import cursor_of, place_in_broadcasts
from functions.operate.principal import Role
from functions.operate.refusals import ForbiddenError
from functions.operate.routes.visiting import (
    IdempotencyKey,
    IfMatch,
    IfMatchToo,
    answer,
    answer_of,
    at_hand,
    new_router,
    version_in,
)
from functions.operate.shapes import problems

router = new_router()

BroadcastId = Annotated[str, Path(description="The broadcast's ULID.")]
PAGE = 25
SHOWN: dict[int, Any] = {
    200: {"description": "The broadcast", "content": {"application/json": {"model": BroadcastShape}}}
}
MADE: dict[int, Any] = {
    201: {"description": "The draft", "content": {"application/json": {"model": BroadcastShape}}}
}
SWITCH: dict[int, Any] = {
    200: {"description": "The switch", "content": {"application/json": {"model": PublishingShape}}}
}
ACTING = {**SHOWN, **problems(400, 401, 403, 404, 409, 412, 422, 428, 503)}


@router.get(
    "/desk/broadcasts",
    summary="List broadcasts, newest first",
    tags=["broadcasts"],
    responses={
        200: {"description": "A page", "content": {"application/json": {"model": BroadcastListShape}}},
        **problems(401, 403, 422, 503),
    },
)
def list_broadcasts(
    state: Annotated[BroadcastState | None, Query()] = None,
    cursor: Annotated[
        str | None, Query(max_length=400, description="`next_cursor` of the page before.")
    ] = None,
) -> Response[str]:
    """A page of broadcasts, each with its copies as they stand."""
    desk = at_hand(router).desk.broadcasting
    place = place_in_broadcasts(cursor) if cursor else None
    page = desk.page(BroadcastQuery(frozenset({state}) if state else frozenset(), place, PAGE))
    return answer(
        {
            "broadcasts": desk.fields(page.broadcasts),
            "next_cursor": cursor_of(page.next_place) if page.next_place else None,
        }
    )


@router.post(
    "/desk/broadcasts",
    summary="Draft a broadcast",
    description="A copy's text that is left out is written from the fields. Nothing goes out before two people agree.",
    tags=["broadcasts"],
    responses={**MADE, **problems(400, 401, 403, 422, 503)},
)
def draft(body: Annotated[BroadcastBody, Body()], key: IdempotencyKey) -> Response[str]:
    """`flags` says which words the approver should look at twice."""
    here = at_hand(router)
    return answer_of(here.desk.broadcasting.draft(Form(body), here.call(key)))


@router.get(
    "/desk/broadcasts/<broadcast_id>",
    summary="Read a broadcast",
    tags=["broadcasts"],
    responses={**SHOWN, **problems(401, 403, 404, 503)},
)
def read(broadcast_id: BroadcastId) -> Response[str]:
    """Every word that may go out, and how each copy stands."""
    desk = at_hand(router).desk.broadcasting
    found = desk.read(broadcast_id)
    return answer(desk.fields([found])[0], found.version)


@router.put(
    "/desk/broadcasts/<broadcast_id>",
    summary="Write a broadcast anew",
    description="Whatever was submitted or approved holds no more: it is a draft again.",
    tags=["broadcasts"],
    responses=ACTING,
)
def edit(
    broadcast_id: BroadcastId, body: Annotated[BroadcastBody, Body()], version: IfMatch
) -> Response[str]:
    """Before it is public; after that, correct it."""
    here = at_hand(router)
    desk = here.desk.broadcasting
    form = Form(body, desk.read(broadcast_id).wording.pictures)
    # A PUT says what it replaces and by what, which is key enough: the same one has the same answer.
    seen = version_in(version)
    return answer_of(desk.edit(broadcast_id, form, here.call(f"{seen}.{here.visit.asked}"), seen))


@router.post(
    "/desk/broadcasts/<broadcast_id>/submit",
    summary="Submit a broadcast for approval",
    description="`urgent` pages the approvers on call. It lapses after 15 minutes.",
    tags=["broadcasts"],
    responses=ACTING,
)
def submit(
    broadcast_id: BroadcastId, body: Annotated[SubmitBody, Body()], key: IdempotencyKey, version: IfMatch
) -> Response[str]:
    """The first of two people."""
    here = at_hand(router)
    desk = here.desk.broadcasting
    return answer_of(desk.submit(broadcast_id, here.call(key), version_in(version), urgent=body.urgent))


@router.post(
    "/desk/broadcasts/<broadcast_id>/approve",
    summary="Approve a broadcast, and publish it",
    description="By somebody else than submitted it, of the bytes of `hash`: it goes out now, or at `starts_at`.",
    tags=["broadcasts"],
    responses=ACTING,
)
def approve(
    broadcast_id: BroadcastId, body: Annotated[ApproveBody, Body()], key: IdempotencyKey, version: IfMatch
) -> Response[str]:
    """The second of two people."""
    here = at_hand(router)
    desk = here.desk.broadcasting
    return answer_of(desk.approve(broadcast_id, body.hash, here.call(key), version_in(version)))


@router.post(
    "/desk/broadcasts/<broadcast_id>/correct",
    summary="Draft a correction of a broadcast that is public",
    description="It is submitted and approved like any broadcast, and then takes the place of every copy.",
    tags=["broadcasts"],
    responses={**MADE, **problems(400, 401, 403, 404, 409, 412, 422, 428, 503)},
)
def correct(
    broadcast_id: BroadcastId, body: Annotated[BroadcastBody, Body()], key: IdempotencyKey, version: IfMatch
) -> Response[str]:
    """The broadcast itself stays as it is until then."""
    here = at_hand(router)
    desk = here.desk.broadcasting
    form = Form(body, desk.read(broadcast_id).wording.pictures)
    return answer_of(desk.correct(broadcast_id, form, here.call(key), version_in(version)))


@router.post(
    "/desk/broadcasts/<broadcast_id>/cancel",
    summary="Take a broadcast back",
    description="One person can, always: on every channel, and for everybody who was answered with it.",
    tags=["broadcasts"],
    responses=ACTING,
)
def cancel(
    broadcast_id: BroadcastId, body: Annotated[CancelBody, Body()], key: IdempotencyKey, version: IfMatch
) -> Response[str]:
    """It is final."""
    here = at_hand(router)
    desk = here.desk.broadcasting
    return answer_of(desk.cancel(broadcast_id, here.call(key), version_in(version), body.reason))


@router.get(
    "/desk/publishing",
    summary="Whether anything is published now",
    tags=["broadcasts"],
    responses={**SWITCH, **problems(401, 403, 503)},
)
def publishing() -> Response[str]:
    """The one switch."""
    switch = at_hand(router).desk.broadcasting.switch.get()
    return answer(switch_fields(switch), switch.version)


@router.put(
    "/desk/publishing",
    summary="Stop all publishing, or start it again",
    description="Everybody may stop it, supervisors alone may start it; with `If-Match` only if nobody turned it "
    "since. What takes words back goes out all the same.",
    tags=["broadcasts"],
    responses={**SWITCH, **problems(400, 401, 403, 412, 422, 503)},
)
def turn(body: Annotated[PublishingBody, Body()], version: IfMatchToo = None) -> Response[str]:
    """Asked before every single call that publishes."""
    here = at_hand(router)
    principal, desk = here.visit.principal, here.desk.broadcasting
    if body.on and Role.SUPERVISOR not in principal.roles:
        who = principal.operator.subject
        desk.note_refusal(PUBLISHING, "start refused: Forbidden", who, here.request_id)
        raise ForbiddenError("Only a supervisor may start publishing again.", by=who)
    call = here.call(f"{here.request_id}.{here.visit.asked}")
    seen = version_in(version) if version is not None else None
    return answer_of(desk.turn(call, on=body.on, reason=body.reason, version=seen))
