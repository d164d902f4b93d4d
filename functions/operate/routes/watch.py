"""What an operators' screen asks all the time: one call for all that must not be overlooked, answered when it is so.

With `wait` and the tag of the answer before, the answer is held until something has changed, or the wait is over: the
screen learns of new work within one look, and asks less often than if it came every two seconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Query
from pydantic import BaseModel

from contact_desk.case_desk import CaseQuery
from contact_desk.cases import CaseState
from contact_desk.clock import Clock
from functions.operate.broadcast_shapes import PublishingShape
from functions.operate.broadcast_views import switch_fields
from functions.operate.cursors import cursor_of
from functions.operate.routes.visiting import JSON, AtHand, answer, at_hand, new_router
from functions.operate.shapes import AlertShape, CaseShape, Moment, Owner, problems
from functions.operate.views import alert_fields, case_fields

router = new_router()

# What a screen is told of the case that stands open on it: nothing that anybody wrote.
WATCHED = ("case_id", "version", "last_contact_at", "state", "owner")

LOOK_EVERY_SECONDS = 0.75
"""How long something new may stand in the table before a held answer knows of it."""
LONGEST_WAIT_SECONDS = 5
"""How long an answer is held at most; well within the 15 s of the Lambda, and short for a screen that has gone."""


class WatchedShape(BaseModel):
    """How an open case stands: whether it has to be read again."""

    case_id: str
    version: int
    last_contact_at: Moment
    state: CaseState
    owner: Owner | None


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
    description=(
        "With the `ETag` of the answer before in `If-None-Match`: 304 where nothing has changed, after `wait` seconds"
        " of looking."
    ),
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
    wait: Annotated[
        int,
        Query(ge=0, le=LONGEST_WAIT_SECONDS, description="For how many seconds to wait for something new."),
    ] = 0,
    if_none_match: Annotated[str | None, Header(alias="If-None-Match")] = None,
) -> Response[str]:
    """Most urgent first; what a screen is shown for the first time in the hour is audited, as in the list."""
    here = at_hand(router)
    until = here.desk.clock.now() + timedelta(seconds=wait)
    while True:
        answered = _how_it_stands(here, limit, case)
        tag = f'"{hashlib.sha256(str(answered.body).encode()).hexdigest()[:32]}"'
        if if_none_match != tag:
            return Response(HTTPStatus.OK.value, JSON, answered.body, {"ETag": tag})
        if not _paused(here.desk.clock, here.desk.pause, until):
            return Response(HTTPStatus.NOT_MODIFIED.value, JSON, "", {"ETag": tag})


def _paused(clock: Clock, pause: Callable[[float], None], until: datetime) -> bool:
    """Wait for the next look; False where there is none left before `until`."""
    left = (until - clock.now()).total_seconds()
    if left <= 0:
        return False
    pause(min(LOOK_EVERY_SECONDS, left))
    return True


def _how_it_stands(here: AtHand, limit: int, case: str | None) -> Response[str]:
    desk, visit, request_id = here
    query = CaseQuery(now=desk.clock.now(), limit=limit)
    who = visit.principal.operator
    page = desk.listing(query, who, request_id)
    open_case = desk.cases.case(case) if case else None
    if open_case and not open_case.seen_by(who.subject):
        open_case = None
    fields = open_case and case_fields(open_case, query.now)
    return answer(
        {
            "cases": [case_fields(one, query.now) for one in page.cases],
            "next_cursor": cursor_of(page.next_place) if page.next_place else None,
            "alerts": [alert_fields(alert) for alert in desk.open_alerts(who.subject, visit.principal.roles)],
            "publishing": switch_fields(desk.broadcasting.switch.get()),
            "case": {name: fields[name] for name in WATCHED} if fields else None,
        }
    )
