"""What accounts of Meta's put up for everybody: posts of pages, photos, and Instagram's containers and media."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from contact_desk.clock import Clock
from local.platforms import graph_errors
from local.platforms.graph_errors import bad_parameter
from local.platforms.pages import graph_time

CONTAINER_LIVES = timedelta(hours=24)
POST_LIMIT, CAPTION_LIMIT, ALT_LIMIT = 63_206, 2_200, 1_000


@dataclass(slots=True)
class PagePost:
    """A post of a page; nobody sees it before it is published."""

    post_id: str
    page: str
    text: str
    at: datetime
    photos: tuple[str, ...] = ()
    published: bool = False


@dataclass(frozen=True, slots=True)
class Photo:
    """An uploaded photo of a page that is in no album yet."""

    photo_id: str
    page: str
    alt: str


class ContainerStatus(StrEnum):
    """How far Instagram has come with a container."""

    IN_PROGRESS = "IN_PROGRESS"
    FINISHED = "FINISHED"
    PUBLISHED = "PUBLISHED"
    EXPIRED = "EXPIRED"
    ERROR = "ERROR"


@dataclass(slots=True)
class InstagramContainer:
    """A picture and its caption before they are published; each is published once at the most."""

    container_id: str
    account: str
    caption: str
    image_url: str
    alt: str
    at: datetime
    media_id: str | None = None


@dataclass(frozen=True, slots=True)
class InstagramMedia:
    """A post that everybody sees."""

    media_id: str
    account: str
    caption: str
    alt: str
    at: datetime


class Posts:
    """All of them, in memory; `preparing` is how long Instagram works on a new container."""

    def __init__(self, clock: Clock, preparing: timedelta = timedelta(0)) -> None:
        self._clock = clock
        self.preparing = preparing
        self._run = int(clock.now().timestamp() * 1000)
        self._serial = itertools.count(1)
        self.posts: dict[str, PagePost] = {}
        self.gone: set[str] = set()
        self.photos: dict[str, Photo] = {}
        self.containers: dict[str, InstagramContainer] = {}
        self.media: dict[str, InstagramMedia] = {}

    def add_photo(self, page: str, alt: str) -> Photo:
        """Keep a photo that nobody sees; raises GraphRefusedError where its alternative text is too long."""
        if len(alt) > ALT_LIMIT:
            raise bad_parameter(f"Param alt_text_custom must be at most {ALT_LIMIT} characters long.")
        photo = Photo(self._name(), page, alt)
        self.photos[photo.photo_id] = photo
        return photo

    def add_post(self, page: str, text: str, photos: tuple[str, ...], *, published: bool) -> PagePost:
        """Make a post; raises GraphRefusedError where Facebook would.

        Refused are a post of nothing, photos that are not the page's, and the same words twice running.
        """
        if not text.strip() and not photos:
            raise bad_parameter("Missing message or attachment")
        if len(text) > POST_LIMIT:
            raise bad_parameter("Param message is too long")
        if any(photo not in self.photos or self.photos[photo].page != page for photo in photos):
            raise bad_parameter("Invalid parameter: attached_media")
        shown = [post for post in self.posts.values() if post.page == page and post.published]
        if published and shown and shown[-1].text == text:
            raise graph_errors.duplicate_text()
        post = PagePost(f"{page}_{self._name()}", page, text, self._clock.now(), photos, published)
        self.posts[post.post_id] = post
        return post

    def post_of(self, page: str, post_id: str, method: str) -> PagePost:
        """The page's own post; raises GraphRefusedError (100/33) where there is none."""
        post = self.posts.get(post_id)
        if post is None or post.page != page:
            raise graph_errors.object_gone(post_id, method)
        return post

    def delete_post(self, page: str, post_id: str) -> None:
        """Take a post down for good; raises GraphRefusedError (100/33) where there is none."""
        del self.posts[self.post_of(page, post_id, "DELETE").post_id]
        self.gone.add(post_id)

    def delete_media(self, media_id: str) -> None:
        """Take one of Instagram's posts down for good."""
        del self.media[media_id]
        self.gone.add(media_id)

    def knows(self, object_id: str) -> bool:
        """Whether it is, or was, a post of a page or on Instagram."""
        return object_id in self.posts or object_id in self.media or object_id in self.gone

    def post_view(self, post: PagePost) -> dict[str, Any]:
        """The post as the Graph API shows it."""
        return {
            "id": post.post_id,
            "message": post.text,
            "created_time": graph_time(post.at),
            "is_published": post.published,
            "from": {"id": post.page, "name": "Page"},
            "permalink_url": f"https://www.facebook.com/{post.post_id}",
        }

    def add_container(self, account: str, caption: str, image_url: str, alt: str) -> InstagramContainer:
        """Make a container; raises GraphRefusedError where Instagram would."""
        if not image_url.startswith(("https://", "http://")):
            raise bad_parameter("The image_url is required")
        if len(caption) > CAPTION_LIMIT:
            raise graph_errors.caption_too_long()
        if len(alt) > ALT_LIMIT:
            raise bad_parameter(f"Param alt_text must be at most {ALT_LIMIT} characters long.")
        container = InstagramContainer(
            f"178{self._name()}", account, caption, image_url, alt, self._clock.now()
        )
        self.containers[container.container_id] = container
        return container

    def status_of(self, container: InstagramContainer) -> ContainerStatus:
        """How far the container is."""
        age = self._clock.now() - container.at
        if container.media_id is not None:
            return ContainerStatus.PUBLISHED
        if age > CONTAINER_LIVES:
            return ContainerStatus.EXPIRED
        return ContainerStatus.IN_PROGRESS if age < self.preparing else ContainerStatus.FINISHED

    def publish_container(self, account: str, container_id: str) -> InstagramMedia:
        """Show a container's picture and words to everybody, once; raises GraphRefusedError where Instagram would."""
        container = self.containers.get(container_id)
        if container is None or container.account != account:
            raise graph_errors.object_gone(container_id, "POST")
        if self.status_of(container) is not ContainerStatus.FINISHED:
            raise graph_errors.media_not_ready()
        media = InstagramMedia(
            f"179{self._name()}", account, container.caption, container.alt, self._clock.now()
        )
        container.media_id = media.media_id
        self.media[media.media_id] = media
        return media

    def public(self) -> list[tuple[str, str]]:
        """Account and words of every post that everybody can see at this moment."""
        pages = [(post.page, post.text) for post in self.posts.values() if post.published]
        return pages + [(media.account, media.caption) for media in self.media.values()]

    def _name(self) -> str:
        return f"{self._run}{next(self._serial):06d}"
