"""Words before they are sent."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.operate.routes.visiting import IdempotencyKey, answer, at_hand, new_router
from functions.operate.shapes import ApprovedListShape, DraftBody, PromisesShape, problems
from functions.operate.views import approved_fields, promise_fields

router = new_router()


@router.get(
    "/desk/texts",
    summary="List approved texts",
    description="What the force has approved to answer with, then its signposts, each in every language it has.",
    tags=["texts"],
    responses={
        200: {"description": "The texts", "content": {"application/json": {"model": ApprovedListShape}}},
        **problems(401, 403),
    },
)
def list_texts() -> Response[str]:
    """The force's own words."""
    return answer({"texts": approved_fields(at_hand(router).desk.force)})


@router.post(
    "/desk/texts/check",
    summary="Check a draft for promises",
    description="Attendance, time and outcome are nobody's here to promise. Nothing is kept.",
    tags=["texts"],
    responses={
        200: {
            "description": "What it promises",
            "content": {"application/json": {"model": PromisesShape}},
        },
        **problems(400, 401, 403, 422),
    },
)
def check(body: Annotated[DraftBody, Body()], _: IdempotencyKey) -> Response[str]:
    """A POST, because words have no place in an address."""
    return answer({"promises": promise_fields(body.text)})
