"""The stand-in Graph API's past: conversations, posts and comments page by page, subscriptions, and what a token is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.routing import Route

from contact_desk.clock import Clock
from local.platforms import graph_errors
from local.platforms.graph_errors import bad_parameter
from local.platforms.graph_fields import DEFAULT_PAGE, edge, page_of, parse_fields, pick_fields
from local.platforms.graph_parameters import read_parameters
from local.platforms.history import History, Written, comment_view, message_view, post_view
from local.platforms.pages import conversation_id, graph_time

if TYPE_CHECKING:
    from local.platforms.graph import GraphApi

PRODUCTS = {"messenger": "page", "instagram": "instagram"}


class GraphHistory:
    """The routes over what happened and over how pages stand with the app; `api` lends its faults and its gate."""

    def __init__(
        self, api: GraphApi, history: History, clock: Clock, whatsapp: frozenset[str] = frozenset()
    ) -> None:
        self._whatsapp = whatsapp
        self._api = api
        self._history = history
        self._clock = clock

    def routes(self) -> list[Route]:
        """Those paths that are of the past alone."""
        answering = self._api.answering
        return [
            Route("/{version}/debug_token", answering(self._debug_token), methods=["GET"]),
            Route("/{version}/{page}/feed", answering(self._feed), methods=["GET"]),
            Route(
                "/{version}/{page}/subscribed_apps",
                answering(self._subscribed_apps),
                methods=["GET", "POST", "DELETE"],
            ),
            Route("/{version}/{object}/messages", answering(self._messages), methods=["GET"]),
        ]

    def knows_post(self, post_id: str) -> bool:
        """Whether anything was told of the post."""
        return any(
            post_id in self._history.of("page", page).posts for page in self._history.accounts_of("page")
        )

    async def conversations(self, request: Request, parameters: dict[str, Any]) -> dict[str, Any]:
        """`GET /{page}/conversations`: all of them, the one that was written in last first."""
        platform = str(parameters.get("platform", "messenger"))
        page = await self._api.looking_up(request, parameters, "conversations", channel=platform)
        if platform not in PRODUCTS:
            raise bad_parameter("Param platform must be one of {MESSENGER, INSTAGRAM}")
        views = self._conversation_views(page, PRODUCTS[platform])
        return _page(views, parameters, "updated_time", "UnifiedThread")

    async def comments(self, request: Request, parameters: dict[str, Any]) -> dict[str, Any]:
        """`GET /{post}/comments` of a post that was told of."""
        page = await self._api.looking_up(request, parameters, "feed")
        post = self._history.of("page", page).posts.get(request.path_params["object"])
        if post is None:
            raise graph_errors.object_gone(request.path_params["object"], "GET")
        flat = parameters.get("filter") == "stream"
        comments = [each for each in post.comments.values() if flat or each.parent is None]
        newest_first = parameters.get("order") == "reverse_chronological"
        comments.sort(key=_written_at, reverse=newest_first)
        return _page([comment_view(each) for each in comments], parameters, "created_time", "Comment")

    async def _feed(self, request: Request) -> dict[str, Any]:
        parameters = await read_parameters(request)
        page = await self._api.looking_up(request, parameters, "feed")
        posts = sorted(self._history.of("page", page).posts.values(), key=lambda post: post.at, reverse=True)
        return _page([post_view(page, post) for post in posts], parameters, "created_time", "PagePost")

    async def _messages(self, request: Request) -> dict[str, Any]:
        parameters = await read_parameters(request)
        page = await self._api.looking_up(request, parameters, "conversations")
        wanted = request.path_params["object"]
        for product in PRODUCTS.values():
            for view in self._conversation_views(page, product):
                if view["id"] == wanted:
                    return _page(view["messages"], parameters, "created_time", "Message")
        raise graph_errors.object_gone(wanted, "GET")

    def _conversation_views(self, page: str, product: str) -> list[dict[str, Any]]:
        # The Instagram account that is linked to a page is here whichever was told of.
        accounts = [page] if product == "page" else self._history.accounts_of(product)
        found: list[tuple[datetime, dict[str, Any]]] = []
        for account in accounts:
            for person, messages in self._history.of(product, account).conversations.items():
                if messages:
                    newest_first = sorted(messages.values(), key=_written_at, reverse=True)
                    view = {
                        "id": conversation_id(account, person),
                        "updated_time": graph_time(newest_first[0].at),
                        "messages": [message_view(account, person, each) for each in newest_first],
                    }
                    found.append((newest_first[0].at, view))
        found.sort(key=lambda each: each[0], reverse=True)
        return [view for _, view in found]

    async def _subscribed_apps(self, request: Request) -> dict[str, Any]:
        parameters = await read_parameters(request)
        asked = request.path_params["page"]
        if asked[::-1] in self._whatsapp:
            # A business account: here its number's figures, read backwards.
            request.path_params["page"] = asked[::-1]
        page = await self._api.looking_up(request, parameters, "subscription")
        standing = self._history.standing(page)
        if page in self._whatsapp:
            if request.method != "GET":
                standing.subscribed = {"messages"} if request.method == "POST" else set()
                return {"success": True}
            app = {"id": standing.app_id, "name": "Desk", "link": "https://www.facebook.com/games/?app_id=1"}
            return {"data": [{"whatsapp_business_api_data": app}] if standing.subscribed else []}
        if request.method == "GET":
            ours = {"id": standing.app_id, "name": "Desk", "subscribed_fields": sorted(standing.subscribed)}
            picks = parse_fields(parameters.get("fields", "id,name,subscribed_fields"))
            # A list of plain words is no edge, so it is not picked from as one.
            return {
                "data": [{name: ours[name] for name in picks if name in ours}] if standing.subscribed else []
            }
        fields = [name for name in str(parameters.get("subscribed_fields", "")).split(",") if name]
        if request.method == "POST" and not fields:
            raise bad_parameter("Param subscribed_fields must be a non-empty array")
        standing.subscribed = set(fields) if request.method == "POST" else set()
        return {"success": True}

    async def _debug_token(self, request: Request) -> dict[str, Any]:
        parameters = await read_parameters(request)
        page = await self._api.looking_up(request, parameters, "token")
        standing = self._history.standing(page)
        alive = standing.token_ends is None or standing.token_ends > self._clock.now()
        ends = int(standing.token_ends.timestamp()) if standing.token_ends else 0
        return {
            "data": {
                "app_id": standing.app_id,
                "type": "PAGE",
                "is_valid": alive,
                "expires_at": ends,
                "data_access_expires_at": 0,
                "profile_id": page,
                "granular_scopes": [
                    {"scope": "whatsapp_business_management", "target_ids": [page[::-1]]}
                    for number in self._whatsapp
                    if number == page
                ],
            }
        }


def _page(
    views: Sequence[Mapping[str, Any]], parameters: Mapping[str, Any], default_fields: str, node: str
) -> dict[str, Any]:
    given = str(parameters.get("limit", ""))
    limit = int(given) if re.fullmatch(r"[0-9]{1,4}", given) else DEFAULT_PAGE
    start, end = page_of(views, limit=limit, after=parameters.get("after"))
    picks = parse_fields(parameters.get("fields", default_fields))
    return edge([pick_fields(picks, view, node) for view in views[start:end]], more=end < len(views))


def _written_at(written: Written) -> datetime:
    return written.at
