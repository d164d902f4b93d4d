"""The stand-in Graph API's posts: unpublished, published, edited and deleted, with photos; Instagram's containers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.routing import Route

from local.platforms import graph_errors
from local.platforms.forms import read_form
from local.platforms.graph_errors import bad_parameter
from local.platforms.graph_fields import DEFAULT_PAGE, edge, parse_fields, pick_fields
from local.platforms.graph_parameters import read_parameters, text_of
from local.platforms.ledger import Ledger
from local.platforms.pages import FacebookPages, graph_time
from local.platforms.posts import InstagramMedia, Posts

if TYPE_CHECKING:
    from local.platforms.graph import GraphApi

# Acts on posts that everybody can see, with the channel's name for faults that are planned.
ACTS = {
    "post": ("facebook", "meta", "facebook_page"),
    "photo": ("facebook", "meta", "facebook_page"),
    "publish": ("facebook", "meta", "facebook_page"),
    "edit": ("facebook", "meta", "facebook_page"),
    "delete": ("facebook", "meta", "facebook_page"),
    "container": ("instagram", "meta"),
}
TRUE, FALSE = ("true", "1"), ("false", "0")


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent, the answer that says so, and whether anybody sees it."""

    sent_id: str
    answer: dict[str, Any]
    visible: bool = True


class GraphPosts:
    """The routes over the posts; `api` lends its faults, its ledger and its gate."""

    def __init__(self, api: GraphApi, posts: Posts, pages: FacebookPages, ledger: Ledger) -> None:
        self._api = api
        self._posts = posts
        self._pages = pages
        self._ledger = ledger

    def routes(self) -> list[Route]:
        """Those paths that are of posts alone."""
        answering = self._api.answering
        return [
            Route("/{version}/{page}/feed", answering(self._post), methods=["POST"]),
            Route("/{version}/{page}/photos", answering(self._photo), methods=["POST"]),
            Route("/{version}/{page}/promotable_posts", answering(self._promotable), methods=["GET"]),
            Route("/{version}/{page}/media", answering(self._container), methods=["POST"]),
            Route("/{version}/{page}/media", answering(self._all_media), methods=["GET"]),
            Route("/{version}/{page}/media_publish", answering(self._publish), methods=["POST"]),
            Route("/{version}/{object}", answering(self._change), methods=["POST"]),
            Route("/{version}/{object}", answering(self._delete), methods=["DELETE"]),
        ]

    def view(self, account: str, object_id: str) -> tuple[str, Mapping[str, Any]] | None:
        """What kind of thing an object is, and how it is shown; None where it is none of these.

        Raises GraphRefusedError (100/33) for one that is gone, or not the account's.
        """
        if object_id in self._posts.containers:
            container = self._posts.containers[object_id]
            if container.account != account:
                raise graph_errors.object_gone(object_id, "GET")
            return "IGContainer", {"id": object_id, "status_code": self._posts.status_of(container).value}
        if object_id in self._posts.media:
            return "IGMedia", _media_view(self._posts.media[object_id])
        if self._posts.knows(object_id):
            return "PagePost", self._posts.post_view(self._posts.post_of(account, object_id, "GET"))
        return None

    def comments_of_media(self, account: str, media_id: str) -> list[dict[str, Any]] | None:
        """The comments on one of Instagram's posts, newest first; None where it is none."""
        if media_id not in self._posts.media:
            return None
        return [
            {
                "id": reply["id"],
                "text": reply["message"],
                "timestamp": reply["created_time"],
                "from": reply["from"],
            }
            for reply in reversed(self._pages.replies_view(account, media_id))
        ]

    async def _post(self, request: Request) -> dict[str, Any]:
        parameters = await read_parameters(request)
        published = _flag(parameters, "published", otherwise=True)

        def send(page: str) -> Sent:
            photos = _photos(parameters.get("attached_media"))
            post = self._posts.add_post(page, text_of(parameters) or "", photos, published=published)
            return Sent(post.post_id, {"id": post.post_id}, visible=published)

        return await self._api.perform(request, parameters, act="post", to=None, send=send)

    async def _photo(self, request: Request) -> dict[str, Any]:
        fields, files = await read_form(request)
        if "source" not in files or not files["source"].is_picture:
            raise bad_parameter("Invalid image file: source")
        if _flag(fields, "published", otherwise=True):
            raise bad_parameter("Only photos that are not published are taken here")

        def send(page: str) -> Sent:
            photo = self._posts.add_photo(page, fields.get("alt_text_custom", ""))
            return Sent(photo.photo_id, {"id": photo.photo_id}, visible=False)

        return await self._api.perform(request, dict(fields), act="photo", to=None, send=send)

    async def _change(self, request: Request) -> dict[str, Any]:
        parameters = await read_parameters(request)
        object_id = request.path_params["object"]
        if _flag(parameters, "is_published", otherwise=False):

            def publish(page: str) -> Sent:
                self._posts.post_of(page, object_id, "POST").published = True
                self._ledger.show(object_id)
                return Sent(object_id, {"success": True}, visible=False)

            return await self._api.perform(request, parameters, act="publish", to=object_id, send=publish)

        def edit(page: str) -> Sent:
            text = text_of(parameters)
            if not text:
                raise bad_parameter("The parameter message is required")
            self._edit(page, object_id, text)
            self._ledger.hide(object_id)
            return Sent(object_id, {"success": True}, visible=True)

        return await self._api.perform(request, parameters, act="edit", to=object_id, send=edit)

    def _edit(self, page: str, object_id: str, text: str) -> None:
        if self._posts.knows(object_id):
            self._posts.post_of(page, object_id, "POST").text = text
            return
        self._own_comment(page, object_id, "POST").text = text

    async def _delete(self, request: Request) -> dict[str, Any]:
        parameters = await read_parameters(request)
        object_id = request.path_params["object"]

        def delete(account: str) -> Sent:
            media = self._posts.media.get(object_id)
            if media is not None and media.account == account:
                self._posts.delete_media(object_id)
            elif self._posts.knows(object_id):
                self._posts.delete_post(account, object_id)
            else:
                self._own_comment(account, object_id, "DELETE").deleted = True
            self._ledger.hide(object_id)
            return Sent(object_id, {"success": True}, visible=False)

        return await self._api.perform(request, parameters, act="delete", to=object_id, send=delete)

    def _own_comment(self, account: str, comment_id: str, method: str) -> Any:
        comment = self._pages.comment(comment_id)
        if comment.deleted or comment.author != account:
            raise graph_errors.object_gone(comment_id, method)
        return comment

    async def _promotable(self, request: Request) -> dict[str, Any]:
        parameters = await read_parameters(request)
        page = await self._api.looking_up(request, parameters)
        wanted = parameters.get("is_published")
        shown = [
            self._posts.post_view(post)
            for post in reversed(self._posts.posts.values())
            if post.page == page and (wanted is None or post.published == (str(wanted) in TRUE))
        ]
        picks = parse_fields(parameters.get("fields", "created_time,message"))
        limit = int(str(parameters.get("limit", DEFAULT_PAGE)))
        return edge([pick_fields(picks, post, "PagePost") for post in shown[:limit]])

    async def _container(self, request: Request) -> dict[str, Any]:
        parameters = await read_parameters(request)

        def send(account: str) -> Sent:
            container = self._posts.add_container(
                account,
                str(parameters.get("caption", "")),
                str(parameters.get("image_url", "")),
                str(parameters.get("alt_text", "")),
            )
            return Sent(container.container_id, {"id": container.container_id}, visible=False)

        return await self._api.perform(
            request, parameters, act="container", to=None, send=send, text=parameters.get("caption")
        )

    async def _publish(self, request: Request) -> dict[str, Any]:
        parameters = await read_parameters(request)
        container_id = str(parameters.get("creation_id", ""))
        container = self._posts.containers.get(container_id)

        def send(account: str) -> Sent:
            media = self._posts.publish_container(account, container_id)
            return Sent(media.media_id, {"id": media.media_id}, visible=True)

        return await self._api.perform(
            request,
            parameters,
            act="publish",
            to=container_id,
            send=send,
            text=container.caption if container else None,
        )

    async def _all_media(self, request: Request) -> dict[str, Any]:
        parameters = await read_parameters(request)
        account = await self._api.looking_up(request, parameters)
        shown = [
            _media_view(media) for media in reversed(self._posts.media.values()) if media.account == account
        ]
        picks = parse_fields(parameters.get("fields", "timestamp"))
        limit = int(str(parameters.get("limit", DEFAULT_PAGE)))
        return edge([pick_fields(picks, media, "IGMedia") for media in shown[:limit]])


def _media_view(media: InstagramMedia) -> dict[str, Any]:
    return {
        "id": media.media_id,
        "caption": media.caption,
        "alt_text": media.alt,
        "timestamp": graph_time(media.at),
        "media_type": "IMAGE",
    }


def _flag(parameters: Mapping[str, Any], name: str, *, otherwise: bool) -> bool:
    given = parameters.get(name, otherwise)
    if isinstance(given, bool):
        return given
    if str(given).lower() not in {*TRUE, *FALSE}:
        raise bad_parameter(f"Param {name} must be a boolean")
    return str(given).lower() in TRUE


def _photos(attached: Any) -> tuple[str, ...]:
    listed = attached if isinstance(attached, list) else []
    return tuple(str(one.get("media_fbid")) for one in listed if isinstance(one, Mapping))
