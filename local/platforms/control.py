"""The routes by which people and tests look into the stand-ins and steer them; no platform has these."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
)
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contact_desk.clock import to_rfc3339
from local.platforms import bedrock, graph, twilio, x, x_reads
from local.platforms.faults import Fault, FaultKind, FaultPlan
from local.platforms.history import History
from local.platforms.ledger import Ledger
from local.platforms.pages import Comment, FacebookPages, Person
from local.platforms.x_history import XHistory

ACTS: list[Mapping[str, tuple[str, ...]]] = [
    bedrock.ACTS,
    graph.ACTS,
    {"message": (graph.INSTAGRAM, graph.WHATSAPP)},
    twilio.ACTS,
    x.ACTS,
    x_reads.ACTS,
]
PLATFORMS = sorted({name for acts in ACTS for names in acts.values() for name in names})
EVERY_ACT = sorted({act for acts in ACTS for act in acts})


class FaultRequest(BaseModel):
    """`POST /faults`: the next `times` calls go wrong; `platform` and `act` left out mean any."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    platform: str | None = None
    act: str | None = None
    fault: FaultKind
    times: int = Field(default=1, ge=1, le=100_000)
    regain_minutes: int = Field(default=0, ge=0)

    @field_validator("platform")
    @classmethod
    def known_platform(cls, platform: str | None) -> str | None:
        """Refuse a platform that has no stand-in here."""
        if platform is not None and platform not in PLATFORMS:
            raise ValueError(f"must be one of {', '.join(PLATFORMS)}")
        return platform

    @field_validator("act")
    @classmethod
    def known_act(cls, act: str | None) -> str | None:
        """Refuse an act that no stand-in performs."""
        if act is not None and act not in EVERY_ACT:
            raise ValueError(f"must be one of {', '.join(EVERY_ACT)}")
        return act


class PersonRequest(BaseModel):
    """`PUT /persons/{page}/{person}`: how things stand with a person."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    known: bool = True
    reachable: bool = True
    last_wrote_at: AwareDatetime | None = None


class CommentRequest(BaseModel):
    """`PUT /comments/{comment}`: who wrote a comment and when, and whether it is gone."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    author: str | None = None
    created_at: AwareDatetime | None = None
    deleted: bool = False


class EnvelopeRequest(BaseModel):
    """`POST /happened`: an envelope of Meta's webhook, remembered without anybody having delivered it."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)

    object: str
    entry: list[dict[str, Any]]


class ActivityRequest(BaseModel):
    """`POST /happened`: the same of X's, in the newer shape."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)

    data: dict[str, Any] | list[dict[str, Any]]


class AccountActivityRequest(BaseModel):
    """`POST /happened`: the same of X's, in the older shape."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)

    for_user_id: str


HAPPENED: TypeAdapter[EnvelopeRequest | ActivityRequest | AccountActivityRequest] = TypeAdapter(
    EnvelopeRequest | ActivityRequest | AccountActivityRequest
)


class StandingRequest(BaseModel):
    """`PUT /standings/{page}`: what the page's webhook sends, and when its token ends."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    subscribed: list[str] | None = None
    token_ends: AwareDatetime | None = None


class PostRequest(BaseModel):
    """`PUT /posts/{post}`: whether somebody's post on X mentions us, and whether it is gone."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    mentions: bool = True
    deleted: bool = False


class Control:
    """The control routes over the ledger, the faults, the pages, X's posts and what happened."""

    def __init__(
        self,
        ledger: Ledger,
        faults: FaultPlan,
        pages: FacebookPages,
        *,
        history: History,
        posts: x.XApi,
        x_history: XHistory,
    ) -> None:
        self._x_history = x_history
        self._posts = posts
        self._ledger = ledger
        self._faults = faults
        self._pages = pages
        self._history = history

    def routes(self) -> list[Route]:
        """Every control route."""
        return [
            Route("/health", _validated(self._health), methods=["GET"]),
            Route("/received", _validated(self._received), methods=["GET"]),
            Route("/faults", _validated(self._show_faults), methods=["GET"]),
            Route("/faults", _validated(self._plan_fault), methods=["POST"]),
            Route("/faults", _validated(self._clear_faults), methods=["DELETE"]),
            Route("/persons/{page}/{person}", _validated(self._tell_person), methods=["PUT"]),
            Route("/posts/{post}", _validated(self._tell_post), methods=["PUT"]),
            Route("/comments/{comment}", _validated(self._tell_comment), methods=["PUT"]),
            Route("/happened", _validated(self._happened), methods=["POST"]),
            Route("/standings/{page}", _validated(self._standing), methods=["GET"]),
            Route("/standings/{page}", _validated(self._tell_standing), methods=["PUT"]),
        ]

    async def _health(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _received(self, request: Request) -> Response:
        return JSONResponse({"received": self._ledger.entries(to=request.query_params.get("to"))})

    async def _show_faults(self, _: Request) -> Response:
        return JSONResponse({"faults": self._faults.planned()})

    async def _plan_fault(self, request: Request) -> Response:
        asked = FaultRequest.model_validate_json(await request.body())
        self._faults.add(Fault(asked.platform, asked.act, asked.fault, asked.times, asked.regain_minutes))
        return JSONResponse({"faults": self._faults.planned()}, status_code=201)

    async def _clear_faults(self, _: Request) -> Response:
        self._faults.clear()
        self._posts.forget_rates()
        return JSONResponse({"faults": []})

    async def _tell_person(self, request: Request) -> Response:
        told = PersonRequest.model_validate_json(await request.body())
        person = Person(told.known, told.reachable, told.last_wrote_at)
        self._pages.tell_person(request.path_params["page"], request.path_params["person"], person)
        return Response(status_code=204)

    async def _happened(self, request: Request) -> Response:
        told = HAPPENED.validate_json(await request.body())
        history = self._history if isinstance(told, EnvelopeRequest) else self._x_history
        return JSONResponse({"understood": history.happened(told.model_dump())}, status_code=201)

    async def _standing(self, request: Request) -> Response:
        standing = self._history.standing(request.path_params["page"])
        ends = to_rfc3339(standing.token_ends) if standing.token_ends else None
        return JSONResponse({"subscribed": sorted(standing.subscribed), "token_ends": ends})

    async def _tell_standing(self, request: Request) -> Response:
        told = StandingRequest.model_validate_json(await request.body())
        standing = self._history.standing(request.path_params["page"])
        if told.subscribed is not None:
            standing.subscribed = set(told.subscribed)
        standing.token_ends = told.token_ends
        return Response(status_code=204)

    async def _tell_comment(self, request: Request) -> Response:
        told = CommentRequest.model_validate_json(await request.body())
        at: datetime | None = told.created_at
        comment = Comment(request.path_params["comment"], author=told.author, at=at, deleted=told.deleted)
        self._pages.tell_comment(comment)
        return Response(status_code=204)

    async def _tell_post(self, request: Request) -> Response:
        told = PostRequest.model_validate_json(await request.body())
        self._posts.tell_post(request.path_params["post"], x.Post(told.mentions, told.deleted))
        return Response(status_code=204)


def _validated(route: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return await route(request)
        except ValidationError as error:
            problems = [
                {"field": ".".join(map(str, problem["loc"])), "message": problem["msg"]}
                for problem in error.errors()
            ]
            return JSONResponse({"errors": problems}, status_code=422)

    return answer
