"""Cases to read: the list and the whole case."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from contact_desk.case_desk import ON_THE_DESK, CaseQuery
from contact_desk.cases import CaseState
from contact_desk.grades import Grade
from functions.operate.cursors import cursor_of, place_in
from functions.operate.live_offers import offers
from functions.operate.routes.visiting import answer, at_hand, new_router
from functions.operate.shapes import CaseFileShape, CaseListShape, ShownFileShape, problems
from functions.operate.views import case_fields, case_file_fields, earlier_fields

router = new_router()

CaseId = Annotated[str, Path(description="The case's ULID.")]
Owner = Annotated[
    str | None,
    Query(min_length=1, max_length=128, description="`me`, `nobody`, or a person's name or subject."),
]


@router.get(
    "/desk/cases",
    summary="List cases, most urgent first",
    description="Without `state`: open and answered. Closed ones come last closed first.",
    tags=["cases"],
    responses={
        200: {"description": "A page", "content": {"application/json": {"model": CaseListShape}}},
        **problems(401, 403, 422, 503),
    },
)
def list_cases(
    state: Annotated[CaseState | None, Query()] = None,
    grade: Annotated[Grade | None, Query()] = None,
    owner: Owner = None,
    cursor: Annotated[
        str | None, Query(max_length=400, description="`next_cursor` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="How many to a page.")] = 50,
) -> Response[str]:
    """A page of cases."""
    desk, visit, request_id = at_hand(router)
    operator = visit.principal.operator
    query = CaseQuery(
        now=desk.clock.now(),
        states=frozenset({state}) if state else ON_THE_DESK,
        grade=grade,
        holder=None if owner == "nobody" else operator.subject if owner == "me" else owner,
        unheld=owner == "nobody",
        after=place_in(cursor, state, grade) if cursor else None,
        limit=limit,
    )
    page = desk.listing(query, operator, request_id)
    return answer(
        {
            "cases": [case_fields(case, query.now) for case in page.cases],
            "next_cursor": cursor_of(page.next_place) if page.next_place else None,
        }
    )


@router.get(
    "/desk/cases/<case_id>",
    summary="Open a case",
    description="Who opened it, and when, is written down before it is shown.",
    tags=["cases"],
    responses={
        200: {"description": "The case", "content": {"application/json": {"model": CaseFileShape}}},
        **problems(401, 403, 404, 503),
    },
)
def open_case(case_id: CaseId) -> Response[str]:
    """The whole case."""
    desk, visit, request_id = at_hand(router)
    found = desk.open(case_id, visit.principal.operator, request_id)
    fields = case_file_fields(found, desk.force, desk.clock.now())
    fields["earlier"] = [earlier_fields(one) for one in desk.earlier(found.case, visit.principal.operator)]
    fields["broadcasts"] = offers(found, desk.broadcasting.shown(), desk.broadcasting.live_url)
    return answer(fields, found.case.version)


@router.get(
    "/desk/cases/<case_id>/attachments/<sha256>",
    summary="Look at a picture that came with a case",
    description="Pictures of at most 4 MB. Who looked, and when, is written down before it is shown.",
    tags=["cases"],
    responses={
        200: {"description": "The picture", "content": {"application/json": {"model": ShownFileShape}}},
        **problems(401, 403, 404, 409, 422, 503),
    },
)
def show_attachment(
    case_id: CaseId, sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
) -> Response[str]:
    """Our copy of it, named by its SHA-256."""
    desk, visit, request_id = at_hand(router)
    return answer(desk.show_file(case_id, sha256, visit.principal.operator, request_id).fields())
