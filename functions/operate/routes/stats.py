"""The numbers of the desk, for whoever runs it and whoever looks after it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from contact_desk.numbers.stats import Stats, day_begins, definitions_fields, week_of
from functions.operate.moments import held_to_this_age
from functions.operate.refusals import InvalidFieldsError
from functions.operate.routes.visiting import answer, at_hand, new_router
from functions.operate.shapes import problems
from functions.operate.stat_shapes import StatsShape

router = new_router()
LONGEST = timedelta(days=190)
"""Half a year, whatever its months: more takes longer to read than a caller waits, and `desk report` has the time."""


@router.get(
    "/desk/stats",
    summary="The desk's numbers",
    description="From the first day up to, not including, the last, by the force's clock; at most 190 days. "
    "Totals are a minute or two behind the desk.",
    tags=["numbers"],
    responses={
        200: {"description": "The figures", "content": {"application/json": {"model": StatsShape}}},
        **problems(401, 403, 422, 503),
    },
)
def stats(
    first: Annotated[date, Query(alias="from", description="The first day, `2026-05-01`.")],
    last: Annotated[date, Query(alias="to", description="The day after the last one.")],
) -> Response[str]:
    """Every figure of the period, with what it means."""
    desk = at_hand(router).desk
    held_to_this_age(**{"from": first, "to": last})
    if not first < last <= first + LONGEST:
        raise InvalidFieldsError({"to": "after `from`, and at most 190 days"})
    zone = ZoneInfo(desk.force.time_zone)
    begins, ends = day_begins(first, zone), day_begins(last, zone)
    found = Stats(desk.totals.totals(begins, ends), begins, ends)
    week = week_of(found, zone)
    return answer({**found.fields(desk.clock.now()), "week": week, "definitions": definitions_fields()})
