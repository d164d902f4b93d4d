"""The stand-in Graph API: messages, private replies, page comments, and the look-ups after an unknown effect."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contact_desk.clock import Clock
from local.platforms import graph_errors
from local.platforms.faults import Fault, FaultKind, FaultPlan
from local.platforms.graph_errors import GraphRefusedError, bad_parameter
from local.platforms.graph_fields import DEFAULT_PAGE, edge, parse_fields, pick_fields
from local.platforms.graph_history import GraphHistory
from local.platforms.graph_parameters import (
    check_message,
    comment_text,
    read_parameters,
    recipient_of,
    text_of,
    token_of,
)
from local.platforms.graph_posts import ACTS as ACTS_ON_POSTS
from local.platforms.graph_posts import GraphPosts, Sent
from local.platforms.history import History
from local.platforms.ledger import Ledger, Received
from local.platforms.pages import FacebookPages
from local.platforms.posts import Posts
from local.platforms.whatsapp import read_whatsapp, whatsapp_answer

PLATFORM = "facebook"
VERSION = "v26.0"
# Every act with the names that its platform goes by: its own, its owner's, and the channel's.
ACTS = {
    "message": (PLATFORM, "meta", "messenger"),
    "private_reply": (PLATFORM, "meta", "messenger", "facebook_page"),
    "comment": (PLATFORM, "meta", "facebook_page"),
    "look_up": (PLATFORM, "meta"),
    "conversations": (PLATFORM, "meta", "messenger", "instagram"),
    "feed": (PLATFORM, "meta", "facebook_page"),
    "subscription": (PLATFORM, "meta"),
    "token": (PLATFORM, "meta"),
    **ACTS_ON_POSTS,
}
MESSAGING = frozenset({"message", "private_reply"})
# Two other products of the same API: an account of theirs goes by the product's name alone.
INSTAGRAM = "instagram"
WHATSAPP = "whatsapp"
SECRETS = frozenset({"access_token", "appsecret_proof"})


@dataclass(frozen=True, slots=True)
class Products:
    """Which accounts are Instagram's and WhatsApp's, and the templates (`name/language`) that it has approved."""

    instagram: frozenset[str] = frozenset()
    templates: frozenset[str] = frozenset()
    whatsapp: frozenset[str] = frozenset()


class GraphApi:
    """The routes of the stand-in Graph API over pages, a ledger of what was sent, and a plan of faults."""

    def __init__(
        self,
        pages: FacebookPages,
        ledger: Ledger,
        faults: FaultPlan,
        clock: Clock,
        history: History,
        *,
        products: Products | None = None,
        posts: Posts | None = None,
    ) -> None:
        self._products = products or Products()
        self._posts = GraphPosts(self, posts or Posts(clock), pages, ledger)
        self._pages = pages
        self._ledger = ledger
        self._faults = faults
        self._clock = clock
        self._history = GraphHistory(self, history, clock, self._products.whatsapp)

    def routes(self) -> list[Route]:
        """Every path of the Graph API, the unknown ones too; `{version}` is any, as on the real one."""
        return [
            *self._history.routes(),
            *self._posts.routes(),
            Route("/{version}/{person}/ids_for_pages", self.answering(self._ids_for_pages), methods=["GET"]),
            Route("/{version}/{page}/messages", self.answering(self._messages), methods=["POST"]),
            Route("/{version}/{page}/conversations", self.answering(self._conversations), methods=["GET"]),
            Route("/{version}/{object}/comments", self.answering(self._comments), methods=["GET", "POST"]),
            Route("/{version}/{object}", self.answering(self._object), methods=["GET"]),
            Route("/{path:path}", self.answering(self._unknown), methods=["GET", "POST", "DELETE"]),
        ]

    def answering(
        self, route: Callable[[Request], Awaitable[dict[str, Any]]]
    ) -> Callable[..., Awaitable[Response]]:
        """The route with the Graph API's own refusals and headers."""

        async def answer(request: Request) -> Response:
            headers = {"facebook-api-version": VERSION}
            try:
                return JSONResponse(await route(request), headers=headers)
            except GraphRefusedError as refused:
                return JSONResponse(refused.body(), refused.status, headers=headers | refused.headers)

        return answer

    async def _messages(self, request: Request) -> dict[str, Any]:
        parameters = await read_parameters(request)
        product = self._product(request, parameters)
        if product == WHATSAPP:
            return await self._whatsapp(request, parameters)
        recipient = recipient_of(parameters)
        act = "private_reply" if recipient.comment_id else "message"

        def send(page: str) -> Sent:
            check_message(parameters, recipient, instagram=product == INSTAGRAM)
            text = text_of(parameters)
            if recipient.comment_id:
                person_id, message_id = self._pages.send_private_reply(page, recipient.comment_id, text)
            else:
                person_id = str(recipient.person_id)
                human_agent = parameters.get("tag") == "HUMAN_AGENT"
                window_closed = (
                    graph_errors.instagram_window_closed
                    if product == INSTAGRAM
                    else graph_errors.window_closed
                )
                message_id = self._pages.send_message(
                    page, person_id, text, human_agent=human_agent, window_closed=window_closed
                )
            return Sent(message_id, {"recipient_id": person_id, "message_id": message_id})

        return await self.perform(request, parameters, act=act, to=recipient.named, send=send)

    async def _whatsapp(self, request: Request, parameters: dict[str, Any]) -> dict[str, Any]:
        message = read_whatsapp(parameters)

        def send(number: str) -> Sent:
            message.check(self._products.templates)
            message_id = self._pages.send_message(
                number,
                str(message.person),
                message.text,
                human_agent=False,
                window_closed=graph_errors.re_engagement if message.kind == "text" else None,
            )
            wamid = f"wamid.{message_id}"
            return Sent(wamid, whatsapp_answer(str(message.person), wamid))

        return await self.perform(
            request, parameters, act="message", to=message.person, send=send, text=message.text
        )

    def _product(self, request: Request, parameters: dict[str, Any]) -> str:
        """Which product the account that a call is about belongs to."""
        if parameters.get("messaging_product") == WHATSAPP:
            return WHATSAPP
        account = self._account(request, parameters)
        return INSTAGRAM if account in self._products.instagram else PLATFORM

    async def _comments(self, request: Request) -> dict[str, Any]:
        parameters = await read_parameters(request)
        object_id = request.path_params["object"]
        if request.method == "GET":
            if self._history.knows_post(object_id):
                return await self._history.comments(request, parameters)
            page = await self.looking_up(request, parameters)
            of_media = self._posts.comments_of_media(page, object_id)
            if of_media is not None:
                wanted = parse_fields(parameters.get("fields", "timestamp,text"))
                return edge([pick_fields(wanted, one, "IGComment") for one in of_media[: _limit(parameters)]])
            replies = self._pages.replies_view(page, object_id)
            if parameters.get("order") == "reverse_chronological":
                replies.reverse()
            picks = parse_fields(parameters.get("fields", "created_time,from,message"))
            return edge([pick_fields(picks, reply, "Comment") for reply in replies[: _limit(parameters)]])

        def send(page: str) -> Sent:
            comment_id = self._pages.add_comment(page, object_id, comment_text(parameters))
            return Sent(comment_id, {"id": comment_id})

        return await self.perform(request, parameters, act="comment", to=object_id, send=send)

    async def _conversations(self, request: Request) -> dict[str, Any]:
        parameters = await read_parameters(request)
        if "user_id" not in parameters:
            return await self._history.conversations(request, parameters)
        page = await self.looking_up(request, parameters)
        if request.path_params["page"] not in {page, "me"}:
            raise graph_errors.object_gone(request.path_params["page"], "GET")
        platform = INSTAGRAM if page in self._products.instagram else "messenger"
        if parameters.get("platform", "messenger") != platform:
            raise bad_parameter("Param platform must be one of {MESSENGER, INSTAGRAM}")
        view = self._pages.conversation_view(page, str(parameters.get("user_id", "")))
        picks = parse_fields(parameters.get("fields", "updated_time"))
        return edge([pick_fields(picks, view, "UnifiedThread")] if view else [])

    async def _object(self, request: Request) -> dict[str, Any]:
        parameters = await read_parameters(request)
        page = await self.looking_up(request, parameters)
        object_id = request.path_params["object"]
        if known := self._posts.view(page, object_id):
            node, view = known
            return pick_fields(parse_fields(parameters.get("fields", "id")), view, node)
        picks = parse_fields(parameters.get("fields", "created_time,from,message"))
        return pick_fields(picks, self._pages.comment_view(page, object_id), "Comment")

    async def _ids_for_pages(self, request: Request) -> dict[str, Any]:
        """Who an app's own id of a person is to the pages: here the same figures, read backwards."""
        parameters = await read_parameters(request)
        token = token_of(request, parameters)
        app_id, _, app_secret = token.partition("|")
        proof = hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        if not app_id.isdigit() or not app_secret:
            raise graph_errors.bad_token()
        if not hmac.compare_digest(proof, str(parameters.get("appsecret_proof", ""))):
            raise bad_parameter("Invalid appsecret_proof provided in the API argument")
        return edge([{"id": request.path_params["person"][::-1]}])

    async def _unknown(self, request: Request) -> dict[str, Any]:
        raise graph_errors.unknown_path(request.url.path)

    async def perform(
        self,
        request: Request,
        parameters: dict[str, Any],
        *,
        act: str,
        to: str | None,
        send: Callable[[str], Sent],
        text: str | None = None,
    ) -> dict[str, Any]:
        """Let a call take its effect by `send`, which is given the account; raises GraphRefusedError.

        The ledger notes it, and a fault that was planned for the act befalls it.
        """
        product = self._product(request, parameters)
        names = ACTS[act] if product == PLATFORM else (product, "meta")
        body = {name: value for name, value in parameters.items() if name not in SECRETS}
        entry = self._ledger.note(
            Received(
                at=self._clock.now(),
                platform=product,
                act=act,
                method=request.method,
                path=request.url.path,
                account=self._account(request, parameters),
                to=to,
                text=text or text_of(parameters),
                body=body,
            )
        )
        try:
            fault = self._faults.take(names, act)
            if fault:
                await self._suffer(fault, request, account=entry.account, messaging=act in MESSAGING)
            entry.account = page = self._page(request, parameters)
            sent = send(page)
            entry.sent_id, entry.visible = sent.sent_id, sent.visible
            if fault:
                raise graph_errors.server_error()
        except GraphRefusedError as refused:
            entry.status = refused.status
            raise
        entry.status = 200
        return sent.answer

    def _account(self, request: Request, parameters: dict[str, Any]) -> str | None:
        """The page that a call is about, as far as it says, before anything is checked."""
        with contextlib.suppress(GraphRefusedError):
            return self._pages.page_of(token_of(request, parameters)) or request.path_params.get("page")
        return request.path_params.get("page")

    async def looking_up(
        self, request: Request, parameters: dict[str, Any], act: str = "look_up", channel: str | None = None
    ) -> str:
        """The page in whose name a call reads, once a planned fault has been suffered; raises GraphRefusedError.

        Where the call is of one `channel` alone, a fault that was planned for another does not concern it.
        """
        others = {"messenger", "instagram"} - {channel} if channel else set()
        product = self._product(request, parameters)
        own = ACTS[act] if product == PLATFORM or act != "look_up" else (product, "meta")
        fault = self._faults.take([name for name in own if name not in others], act)
        if fault:
            account = self._account(request, parameters)
            await self._suffer(fault, request, account=account, messaging=act != "feed")
            raise graph_errors.server_error()
        return self._page(request, parameters)

    def _page(self, request: Request, parameters: dict[str, Any]) -> str:
        page = self._pages.page_of(token_of(request, parameters))
        if page is None:
            raise graph_errors.bad_token()
        if request.path_params.get("page", page) not in {page, "me"}:
            raise graph_errors.object_gone(request.path_params["page"], request.method)
        return page

    async def _suffer(self, fault: Fault, request: Request, *, account: str | None, messaging: bool) -> None:
        """Raise what the fault asks for; of the kinds, only `500_after` lets the call go on."""
        match fault.kind:
            case FaultKind.RATE:
                raise graph_errors.throttled(
                    account, messaging=messaging, regain_minutes=fault.regain_minutes
                )
            case FaultKind.EXPIRED:
                raise graph_errors.expired_token()
            case FaultKind.FAILS_BEFORE:
                raise graph_errors.server_error()
            case FaultKind.HANG:
                await self._faults.hang(request)
                raise graph_errors.server_error()
            case FaultKind.FAILS_AFTER:
                return


def _limit(parameters: dict[str, Any]) -> int:
    given = str(parameters.get("limit", ""))
    return int(given) if re.fullmatch(r"[0-9]{1,4}", given) else DEFAULT_PAGE
