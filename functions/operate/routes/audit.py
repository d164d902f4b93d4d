"""The audit to read, for auditors: who saw and did what, when."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AwareDatetime

from functions.operate.desk import AuditQuery
from functions.operate.moments import held_to_this_age
from functions.operate.routes.visiting import answer, at_hand, new_router
from functions.operate.shapes import AuditShape, problems
from functions.operate.views import audit_fields

router = new_router()

WITHOUT_A_SUBJECT = timedelta(days=1)
ANY_TIME = timedelta(days=366 * 100)
AT_MOST = 1000


@router.get(
    "/desk/audit",
    summary="Read the audit",
    description="On a subject (a case, an alert, a person's lists), by a person, from a moment up to another. Without "
    "a subject at most a day. Asking is written down too.",
    tags=["audit"],
    responses={
        200: {"description": "The entries", "content": {"application/json": {"model": AuditShape}}},
        **problems(401, 403, 422, 503),
    },
)
def read_audit(
    subject: Annotated[str | None, Query(min_length=1, max_length=128)] = None,
    person: Annotated[
        str | None, Query(min_length=1, max_length=128, description="A subject of tokens.")
    ] = None,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: Annotated[
        AwareDatetime | None, Query(alias="to", description="Not included; now without it.")
    ] = None,
) -> Response[str]:
    """Entries, oldest first."""
    desk, visit, request_id = at_hand(router)
    held_to_this_age(**{"from": since, "to": until})
    last = until or desk.clock.now()
    earliest = last - (ANY_TIME if subject else WITHOUT_A_SUBJECT)
    first = max(since or earliest, earliest)
    query = AuditQuery(since=first, until=last, subject=subject, person=person, limit=AT_MOST + 1)
    found = desk.audited(query, visit.principal.operator, request_id)
    return answer({"entries": [audit_fields(one) for one in found[:AT_MOST]], "more": len(found) > AT_MOST})
