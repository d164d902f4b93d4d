"""The stand-in X API: posts in reply, direct messages, and the reads that look-ups need."""

from __future__ import annotations

import html
import itertools
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contact_desk.clock import Clock, to_rfc3339
from contact_desk.errors import ContactDeskError
from contact_desk.x_weight import POST_WEIGHT, weight
from local.platforms.faults import FaultKind, FaultPlan
from local.platforms.forms import read_form
from local.platforms.ledger import Ledger, Received
from local.platforms.pages import FacebookPages
from local.platforms.x_keys import XKeys

PLATFORM = "x"
PREFIX = "/x/2"
ACTS = dict.fromkeys(("post", "direct_message", "delete", "media", "look_up"), (PLATFORM,))
WINDOW = timedelta(minutes=15)
# Calls of an account in each window.
ALLOWED = {"post": 100, "direct_message": 15, "delete": 50, "media": 500, "look_up": 300}
SEEN = frozenset({"post", "direct_message"})
ALT_CHARACTERS = 1_000
MOST_PICTURES = 4
MESSAGE_CHARACTERS = 10_000
SHOWN_AT_MOST = 100
LINK = re.compile(r"https?://\S+")


class XRefusedError(ContactDeskError):
    """The stand-in refuses a call as X would; never holds the person's words."""

    def __init__(
        self, status: int, title: str, detail: str, *, kind: str = "about:blank", **members: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        kind = kind if kind == "about:blank" else f"https://api.twitter.com/2/problems/{kind}"
        self.body = {"title": title, "detail": detail, "type": kind, "status": status, **members}


@dataclass(slots=True)
class Post:
    """What the stand-in was told of somebody's post: whether it mentions us, and whether it is gone."""

    mentions: bool = True
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """Something that an account wrote: a post, in reply to another one or to none, or a message to a person."""

    id: str
    account: str
    target: str | None
    text: str
    at: datetime
    media: tuple[str, ...] = ()


class XApi:
    """The routes of the stand-in X API; people are told of as on every platform, posts by `tell_post`."""

    def __init__(
        self, keys: XKeys | None, people: FacebookPages, ledger: Ledger, faults: FaultPlan, clock: Clock
    ) -> None:
        self._keys = keys
        self._people = people
        self._ledger = ledger
        self._faults = faults
        self._clock = clock
        self._posts: dict[str, Post] = {}
        self._written_posts: list[Written] = []
        self._deleted: set[str] = set()
        self._media: dict[str, str | None] = {}
        self._messages: list[Written] = []
        self._serial = itertools.count(int(clock.now().timestamp() * 1000) << 20)
        self._calls: Counter[tuple[str, str, int]] = Counter()

    def routes(self) -> list[Route]:
        """Every path that the desk uses."""
        with_person = PREFIX + "/dm_conversations/with/{person}"
        return [
            Route(f"{PREFIX}/tweets", self._answering("post", self._post), methods=["POST"]),
            Route(f"{PREFIX}/tweets/{{post}}", self._answering("delete", self._delete), methods=["DELETE"]),
            Route(f"{PREFIX}/tweets/{{post}}", self._answering("look_up", self._one_post), methods=["GET"]),
            Route(f"{PREFIX}/media/upload", self._answering("media", self._upload), methods=["POST"]),
            Route(f"{PREFIX}/media/metadata", self._answering("media", self._describe), methods=["POST"]),
            Route(
                f"{PREFIX}/users/{{user}}/tweets",
                self._answering("look_up", self._timeline),
                methods=["GET"],
            ),
            Route(
                f"{with_person}/messages",
                self._answering("direct_message", self._message),
                methods=["POST"],
            ),
            Route(f"{with_person}/dm_events", self._answering("look_up", self._events), methods=["GET"]),
        ]

    def tell_post(self, post_id: str, post: Post) -> None:
        """Be told of somebody's post; one never heard of mentions us and is there."""
        self._posts[post_id] = post

    def forget_rates(self) -> None:
        """Let every window begin anew."""
        self._calls.clear()

    def _answering(
        self, act: str, route: Callable[[Request, str, dict[str, Any]], Awaitable[tuple[int, Any]]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            headers: dict[str, str] = {}
            try:
                status, body = await self._call(act, route, request, headers)
            except XRefusedError as refused:
                return JSONResponse(refused.body, refused.status, headers=headers)
            return JSONResponse(body, status, headers=headers)

        return answer

    async def _call(  # noqa: C901 - one for each fault
        self,
        act: str,
        route: Callable[[Request, str, dict[str, Any]], Awaitable[tuple[int, Any]]],
        request: Request,
        headers: dict[str, str],
    ) -> tuple[int, Any]:
        body = await _body(request)
        entry = self._noted(act, request, body) if request.method != "GET" else None
        fault = self._faults.take(ACTS[act], act)
        try:
            if fault and fault.kind is FaultKind.HANG:
                await self._faults.hang(request)
            if fault and fault.kind in {FaultKind.HANG, FaultKind.FAILS_BEFORE}:
                raise _failed()
            if fault and fault.kind is FaultKind.EXPIRED:
                raise _unauthorised()
            account = self._account(request)
            self._count(act, account, headers)
            if fault and fault.kind is FaultKind.RATE:
                reset = self._clock.now() + (timedelta(minutes=fault.regain_minutes) or WINDOW)
                headers |= {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(reset.timestamp()))}
                raise _too_many()
            if entry:
                entry.account = account
            status, answer = await route(request, account, body)
            if entry:
                entry.visible = act in SEEN
                entry.sent_id = answer["data"].get("dm_event_id", answer["data"].get("id"))
            if fault:
                raise _failed()
        except XRefusedError as refused:
            if entry:
                entry.status = refused.status
            raise
        if entry:
            entry.status = status
        return status, answer

    def _noted(self, act: str, request: Request, body: dict[str, Any]) -> Received:
        reply = body.get("reply")
        answered = reply.get("in_reply_to_tweet_id") if isinstance(reply, Mapping) else None
        text = body.get("text")
        return self._ledger.note(
            Received(
                at=self._clock.now(),
                platform=PLATFORM,
                act=act,
                method=request.method,
                path=request.url.path,
                account=None,
                to=request.path_params.get("person") or request.path_params.get("post") or answered,
                text=text if isinstance(text, str) else None,
                body=body,
            )
        )

    def _account(self, request: Request) -> str:
        """The account whose keys signed the call, as OAuth 1.0a says; raises XRefusedError (401)."""
        account = self._keys.account_of(request) if self._keys else None
        if account is None:
            raise _unauthorised()
        return account

    def _count(self, act: str, account: str, headers: dict[str, str]) -> None:
        seconds = int(WINDOW.total_seconds())
        window = int(self._clock.now().timestamp()) // seconds
        self._calls[act, account, window] += 1
        left = ALLOWED[act] - self._calls[act, account, window]
        headers |= {
            "x-rate-limit-limit": str(ALLOWED[act]),
            "x-rate-limit-remaining": str(max(left, 0)),
            "x-rate-limit-reset": str((window + 1) * seconds),
        }
        if left < 0:
            raise _too_many()

    async def _post(self, request: Request, account: str, body: dict[str, Any]) -> tuple[int, Any]:
        del request
        text, reply = body.get("text"), body.get("reply")
        target = reply.get("in_reply_to_tweet_id") if isinstance(reply, Mapping) else None
        if not isinstance(text, str) or not text.strip():
            raise XRefusedError(400, "Invalid Request", "One or more parameters to your request was invalid.")
        if weight(text) > POST_WEIGHT:
            raise XRefusedError(400, "Invalid Request", "Your Tweet text is too long.")
        if target is not None:
            self._may_answer(str(target))
        media = _named_media(body)
        if len(media) > MOST_PICTURES or not all(one in self._media for one in media):
            raise XRefusedError(400, "Invalid Request", "Your media IDs are invalid.")
        if any((one.account, one.target, one.text) == (account, target, text) for one in self._written_posts):
            detail = "You are not allowed to create a Tweet with duplicate content."
            raise XRefusedError(403, "Forbidden", detail)
        written = self._written(account, target, text, media)
        self._written_posts.append(written)
        return 201, {"data": {"id": written.id, "text": text, "edit_history_tweet_ids": [written.id]}}

    def _may_answer(self, target: str) -> None:
        """Raise XRefusedError where the post is gone, or does not let us answer; our own always do."""
        own = any(one.id == target for one in self._written_posts)
        post = self._posts.get(target, Post())
        if post.deleted or (target in self._deleted and not own):
            detail = "You attempted to reply to a Tweet that is deleted or not visible to you."
            raise XRefusedError(403, "Forbidden", detail)
        if not post.mentions and not own:
            detail = "Reply to this conversation is not allowed because you have not been mentioned."
            raise XRefusedError(403, "Forbidden", detail)

    async def _delete(self, request: Request, account: str, body: dict[str, Any]) -> tuple[int, Any]:
        del body
        post = self._own(account, request.path_params["post"])
        self._written_posts.remove(post)
        self._deleted.add(post.id)
        self._ledger.hide(post.id)
        return 200, {"data": {"deleted": True}}

    async def _one_post(self, request: Request, account: str, body: dict[str, Any]) -> tuple[int, Any]:
        del body
        post = self._own(account, request.path_params["post"])
        return 200, {
            "data": {"id": post.id, "text": _as_shown(post.text), "edit_history_tweet_ids": [post.id]}
        }

    def _own(self, account: str, post_id: str) -> Written:
        """The account's post; raises XRefusedError (404) where there is none."""
        for post in self._written_posts:
            if (post.account, post.id) == (account, post_id):
                return post
        detail = f"Could not find tweet with id: [{post_id}]."
        raise XRefusedError(404, "Not Found Error", detail, kind="resource-not-found")

    async def _upload(self, request: Request, account: str, body: dict[str, Any]) -> tuple[int, Any]:
        del account, body
        fields, files = await read_form(request)
        if "media" not in files or not files["media"].is_picture:
            raise XRefusedError(400, "Invalid Request", "The media could not be read.")
        if fields.get("media_category") != "tweet_image":
            raise XRefusedError(400, "Invalid Request", "One or more parameters to your request was invalid.")
        media_id = str(next(self._serial))
        self._media[media_id] = None
        return 200, {"data": {"id": media_id, "media_key": f"3_{media_id}", "expires_after_secs": 86400}}

    async def _describe(self, request: Request, account: str, body: dict[str, Any]) -> tuple[int, Any]:
        del request, account
        metadata = body.get("metadata")
        alt = metadata.get("alt_text") if isinstance(metadata, Mapping) else None
        text = alt.get("text") if isinstance(alt, Mapping) else None
        media_id = body.get("id")
        if media_id not in self._media or not isinstance(text, str) or not 0 < len(text) <= ALT_CHARACTERS:
            raise XRefusedError(400, "Invalid Request", "One or more parameters to your request was invalid.")
        self._media[str(media_id)] = text
        return 200, {"data": {"id": media_id, "associated_metadata": {"alt_text": {"text": text}}}}

    async def _message(self, request: Request, account: str, body: dict[str, Any]) -> tuple[int, Any]:
        person, text = request.path_params["person"], body.get("text")
        if not isinstance(text, str) or not text or len(text) > MESSAGE_CHARACTERS:
            raise XRefusedError(400, "Invalid Request", "One or more parameters to your request was invalid.")
        known = self._people.person(account, person)
        if not known.known:
            raise XRefusedError(404, "Not Found Error", "Could not find user.", kind="resource-not-found")
        if not known.reachable:
            raise XRefusedError(403, "Forbidden", "You cannot send messages to this user.", code=349)
        written = self._written(account, person, text)
        self._messages.append(written)
        smaller, larger = sorted((account, person), key=lambda one: (len(one), one))
        return 201, {"data": {"dm_conversation_id": f"{smaller}-{larger}", "dm_event_id": written.id}}

    async def _timeline(self, request: Request, account: str, body: dict[str, Any]) -> tuple[int, Any]:
        del body
        if request.path_params["user"] != account:
            raise XRefusedError(404, "Not Found Error", "Could not find user.", kind="resource-not-found")
        shown = [_post_view(one) for one in reversed(self._written_posts) if one.account == account]
        return 200, _page(request, shown)

    async def _events(self, request: Request, account: str, body: dict[str, Any]) -> tuple[int, Any]:
        del body
        shown = [
            {
                "id": one.id,
                "event_type": "MessageCreate",
                "sender_id": account,
                "text": _as_shown(one.text),
                "created_at": to_rfc3339(one.at),
            }
            for one in reversed(self._messages)
            if (one.account, one.target) == (account, request.path_params["person"])
        ]
        return 200, _page(request, shown)

    def _written(self, account: str, target: str | None, text: str, media: tuple[str, ...] = ()) -> Written:
        return Written(str(next(self._serial)), account, target, text, self._clock.now(), media)

    def public(self) -> list[tuple[str, str]]:
        """Account and words of every post that everybody can see at this moment, answers apart."""
        return [(one.account, one.text) for one in self._written_posts if one.target is None]


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    try:
        fields = await request.json() if raw else {}
    except ValueError:
        fields = {}
    return fields if isinstance(fields, dict) else {}


def _page(request: Request, entries: list[dict[str, Any]]) -> dict[str, Any]:
    asked = request.query_params.get("max_results", "10")
    shown = entries[: min(int(asked), SHOWN_AT_MOST) if asked.isdigit() else 10]
    return {"data": shown, "meta": {"result_count": len(shown)}} if shown else {"meta": {"result_count": 0}}


def _named_media(body: Mapping[str, Any]) -> tuple[str, ...]:
    media = body.get("media")
    ids = media.get("media_ids") if isinstance(media, Mapping) else None
    return tuple(map(str, ids)) if isinstance(ids, list) else ()


def _post_view(post: Written) -> dict[str, Any]:
    """A post as a timeline shows it: an answer begins with whom it answers, a picture's address is behind the words."""
    text, more = _as_shown(post.text), dict[str, Any]()
    if post.target is not None:
        text = f"@person {text}"
        more["referenced_tweets"] = [{"type": "replied_to", "id": post.target}]
    if post.media:
        text = f"{text} https://t.co/picture1"
        more["attachments"] = {"media_keys": [f"3_{one}" for one in post.media]}
    return {"id": post.id, "text": text, "created_at": to_rfc3339(post.at), **more}


def _as_shown(text: str) -> str:
    """A text as X shows it: addresses are short links, and what HTML reserves is written out."""
    links = itertools.count(1)
    return html.escape(LINK.sub(lambda _: f"https://t.co/short{next(links)}", text), quote=False)


def _unauthorised() -> XRefusedError:
    return XRefusedError(401, "Unauthorized", "Unauthorized")


def _too_many() -> XRefusedError:
    return XRefusedError(429, "Too Many Requests", "Too Many Requests")


def _failed() -> XRefusedError:
    return XRefusedError(503, "Service Unavailable", "Service Unavailable")
