"""What an operators' screen asks every two seconds: one call for all that must not be overlooked."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Query
from pydantic import BaseModel

from contact_desk.case_desk import CaseQuery
from functions.operate.broadcast_shapes import PublishingShape
from functions.operate.broadcast_views import switch_fields
from functions.operate.cursors import cursor_of
from functions.operate.routes.visiting import JSON, answer, at_hand, new_router
from functions.operate.shapes import AlertShape, CaseShape, WatchedShape, problems
from functions.operate.views import alert_fields, case_fields

router = new_router()

# What a screen is told of the case that stands open on it: nothing that anybody wrote.
WATCHED = ("case_id", "version", "last_contact_at", "state", "owner")


class WatchShape(BaseModel):
    """The head of the queue, the open alerts, the switch of publishing, and how the case asked for stands."""

    cases: list[CaseShape]
    next_cursor: str | None
    alerts: list[AlertShape]
    publishing: PublishingShape
    case: WatchedShape | None


@router.get(
    "/desk/watch",
    summary="See what is new",
    description="With the `ETag` of the answer before in `If-None-Match`: 304 where nothing has changed.",
    tags=["cases"],
    responses={
        200: {"description": "How it stands", "content": {"application/json": {"model": WatchShape}}},
        **problems(401, 403, 422, 503),
    },
)
def watch(
    limit: Annotated[int, Query(ge=1, le=200, description="How much of the queue.")] = 50,
    case: Annotated[
        str | None, Query(max_length=128, description="The case that stands open on the screen.")
    ] = None,
    if_none_match: Annotated[str | None, Header(alias="If-None-Match")] = None,
) -> Response[str]:
    """Most urgent first; what a screen is shown for the first time in the hour is audited, as in the list."""
    desk, visit, request_id = at_hand(router)
    query = CaseQuery(now=desk.clock.now(), limit=limit)
    who = visit.principal.operator
    page = desk.listing(query, who, request_id)
    open_case = desk.cases.case(case) if case else None
    if open_case and not open_case.seen_by(who.subject):
        open_case = None
    fields = open_case and case_fields(open_case, query.now)
    answered = answer(
        {
            "cases": [case_fields(one, query.now) for one in page.cases],
            "next_cursor": cursor_of(page.next_place) if page.next_place else None,
            "alerts": [alert_fields(alert) for alert in desk.open_alerts(who.subject, visit.principal.roles)],
            "publishing": switch_fields(desk.broadcasting.switch.get()),
            "case": {name: fields[name] for name in WATCHED} if fields else None,
        }
    )
    tag = f'"{hashlib.sha256(str(answered.body).encode()).hexdigest()[:32]}"'
    if if_none_match == tag:
        return Response(HTTPStatus.NOT_MODIFIED.value, JSON, "", {"ETag": tag})
    return Response(HTTPStatus.OK.value, JSON, answered.body, {"ETag": tag})
