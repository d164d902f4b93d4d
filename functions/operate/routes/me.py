"""Who is signed in."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response

from functions.operate.routes.visiting import answer, at_hand, new_router
from functions.operate.shapes import MeShape, problems
from functions.operate.views import house_fields

router = new_router()


@router.get(
    "/desk/me",
    summary="Who is signed in",
    tags=["people"],
    responses={
        200: {"description": "The caller", "content": {"application/json": {"model": MeShape}}},
        **problems(401, 403),
    },
)
def me() -> Response[str]:
    """The caller, their roles, and the force whose desk this is."""
    desk, visit, _ = at_hand(router)
    operator, roles = visit.principal.operator, visit.principal.roles
    return answer(
        {
            "subject": operator.subject,
            "name": operator.name,
            "roles": sorted(role.value for role in roles),
            "force": {"name": desk.force.name, "short_code": desk.force.short_code},
            "desk": house_fields(desk.force),
        }
    )
