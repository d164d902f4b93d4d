"""Alerts and doubtful sendings: what waits for a person's word."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from functions.operate.routes.visiting import IdempotencyKey, answer, answer_of, at_hand, new_router
from functions.operate.shapes import (
    AcknowledgeBody,
    ActedOnShape,
    AlertListShape,
    AlertShape,
    CaseShape,
    ResolveBody,
    problems,
)
from functions.operate.views import alert_fields

router = new_router()


@router.get(
    "/desk/alerts",
    summary="List open alerts",
    description="Worst rank first, then oldest: at most 200.",
    tags=["alerts"],
    responses={
        200: {"description": "The alerts", "content": {"application/json": {"model": AlertListShape}}},
        **problems(401, 403, 503),
    },
)
def list_alerts() -> Response[str]:
    """The alerts that no person has acknowledged; those on unusual reading are the auditor's alone."""
    here = at_hand(router)
    who = here.visit.principal
    alerts = here.desk.open_alerts(who.operator.subject, who.roles)
    return answer({"alerts": [alert_fields(one) for one in alerts]})


@router.post(
    "/desk/alerts/<alert_id>/acknowledge",
    summary="Acknowledge an alert",
    description="It is nudged no more, and the systems that listen are told. 412 where it was raised anew since "
    "`opened_at`: that raising nobody has seen.",
    tags=["alerts"],
    responses={
        200: {
            "description": "The alert's case, or the alert where it belongs to none",
            "content": {"application/json": {"model": CaseShape | AlertShape}},
        },
        **problems(400, 401, 403, 404, 412, 422, 503),
    },
)
def acknowledge(
    alert_id: Annotated[str, Path()], body: Annotated[AcknowledgeBody, Body()], key: IdempotencyKey
) -> Response[str]:
    """A person has seen it."""
    here = at_hand(router)
    roles = here.visit.principal.roles
    return answer_of(here.desk.acknowledge(alert_id, here.call(key), roles, body.opened_at))


@router.post(
    "/desk/outbox/<outbox_id>/resolve",
    summary="Say what became of a sending that is in doubt",
    description="`arrived` records it as sent; `send-again` sends it now.",
    tags=["alerts"],
    responses={
        200: {"description": "Its case", "content": {"application/json": {"model": ActedOnShape}}},
        **problems(400, 401, 403, 404, 409, 422, 503),
    },
)
def resolve(
    outbox_id: Annotated[str, Path()], body: Annotated[ResolveBody, Body()], key: IdempotencyKey
) -> Response[str]:
    """Only for what waits for a person."""
    here = at_hand(router)
    return answer_of(here.desk.resolve(outbox_id, body.outcome, here.call(key)))
