"""Brings the public files to where the table stands; any number of writers at once, and no older state ever wins.

Every file is put on condition that it still is what it was *before* the table was read: whoever has put another since
has read the table later, so this render gives way and is made anew. Same state, same bytes: what is there already is
left alone, and an update that was cut short is simply made again. The order is alerts, pictures, pages, and the indexes
last, so that nothing is linked before it is there, and an index that is right says that all it links to is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from contact_desk.broadcasts import Broadcast
from contact_desk.clock import Clock
from contact_desk.errors import StoreBusyError
from contact_desk.observability import count, logger
from contact_desk.outbox import OutboxItem
from contact_desk.post_links import POSTS_LOOKED_UP, post_name
from contact_desk.web_pages import PAGE_TYPE, STYLE_KEY, STYLE_SHEET, STYLE_TYPE
from functions.notify.feed.atom import ATOM_KEY, ATOM_TYPE, CAP_TYPE, render_atom
from functions.notify.feed.cap import cap_key, cap_messages, render_cap
from functions.notify.feed.cap_rules import breaches
from functions.notify.feed.geojson import GEOJSON_KEY, GEOJSON_TYPE, render_geojson
from functions.notify.feed.notices import Notice, Post, notices
from functions.notify.feed.page_bucket import FOR_EVER, PageBucket, PublicFile
from functions.notify.feed.pages import LIVE_KEY, page_key, render_live, render_notice
from functions.notify.feed.publisher import Publisher, picture_key

MOST_TURNS = 6
# A page that nothing has changed for so long is as it should be, and is not looked at again.
LOOKED_AT_FOR = timedelta(days=7)
# By then every copy that will ever be up has its name.
POSTS_SOUGHT_FOR = timedelta(days=1)


class FeedBusyError(StoreBusyError):
    """Other writers were ahead in every turn: the state that they put is newer than ours, and one more look is due."""


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update did: how many files it put, in how many turns."""

    files: int
    turns: int


Tags = Mapping[str, str | None]


class PublicBroadcasts(Protocol):
    """Of the broadcasts, what the feed reads; raises StoreBusyError or StoreRefusedError."""

    def shown(self, now: datetime) -> Sequence[Broadcast]:
        """All that the public feed must show, each as it stands now (consistent reads)."""
        ...

    def get(self, broadcast_id: str) -> Broadcast | None:
        """The broadcast as it stands now (a consistent read)."""
        ...

    def copy_items(self, broadcasts: Sequence[Broadcast]) -> Mapping[str, OutboxItem]:
        """The outbox items that the copies of the broadcasts have so far, by their names (consistent reads)."""
        ...

    def picture(self, sha256: str) -> bytes | None:
        """A picture's bytes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedUpdate:
    """All that an update works with."""

    broadcasts: PublicBroadcasts
    bucket: PageBucket
    publisher: Publisher
    clock: Clock
    looks_at_once: int = 8

    def run(self, *, until: datetime) -> Updated:
        """Bring the files to where the table stands; begins no new turn after `until`.

        Raises FeedBusyError, and what the stores raise; whatever was put until then is right, and stays.
        """
        put = 0
        for turn in range(1, MOST_TURNS + 1):
            if turn > 1:
                count("FeedRedone")
                if self.clock.now() >= until:
                    break
            files, whole = self._turn()
            put += files
            if whole:
                logger.append_keys(feed_files=put, feed_turns=turn)
                return Updated(put, turn)
        raise FeedBusyError("other writers of the feed were ahead")

    def _turn(self) -> tuple[int, bool]:
        """How many files one turn put, and whether it left nothing to do."""
        tags = self._tags({ATOM_KEY, GEOJSON_KEY, LIVE_KEY, STYLE_KEY})
        shown = self._read()
        if all(_stands(file, tags) for file in [_style(), *self._indexes(shown)]):
            return 0, True
        tags = {**tags, **self._tags(_looked_at(shown, self.clock.now()))}
        # Read again: what was put before the tags of the pages were read must not be newer than what is rendered.
        shown = self._read()
        put = 0
        for file in self._files(shown, tags):
            if file.key in tags and _stands(file, tags):
                continue
            lasting = file.cache_control == FOR_EVER
            if file.key not in tags and not lasting:
                return put, False  # a broadcast that came between the two reads
            if self.bucket.put(file, replacing=tags.get(file.key)):
                put += 1
            elif not lasting:
                return put, False
        return put, True

    def _read(self) -> Sequence[Notice]:
        now = self.clock.now()
        shown = self.broadcasts.shown(now)
        fresh = [
            one for one in shown if one.on_air or (one.ended_at and one.ended_at > now - POSTS_SOUGHT_FOR)
        ]
        items = self.broadcasts.copy_items(fresh)
        posts = {one.broadcast_id: _posts(one, items) for one in fresh}
        return notices(shown, self.broadcasts.get, now, posts)

    def _tags(self, keys: Iterable[str]) -> dict[str, str | None]:
        wanted = sorted(keys)
        if min(self.looks_at_once, len(wanted)) <= 1:
            return {key: self.bucket.tag(key) for key in wanted}
        with ThreadPoolExecutor(max_workers=min(self.looks_at_once, len(wanted))) as pool:
            return dict(zip(wanted, pool.map(self.bucket.tag, wanted), strict=True))

    def _files(self, shown: Sequence[Notice], tags: Tags) -> Iterator[PublicFile]:
        yield _style()
        now = self.clock.now()
        for notice in shown:
            pages = self._pages(notice) if _fresh(notice, now) else []
            if all(page.key in tags and _stands(page, tags) for page in pages):
                continue
            yield from self._alerts(notice)
            yield from self._pictures(notice.newest.broadcast)
            yield from pages
        yield from self._indexes(shown)

    def _pages(self, notice: Notice) -> list[PublicFile]:
        body = render_notice(notice, self.publisher)
        return [PublicFile(key, body, PAGE_TYPE) for key in _page_keys(notice)]

    def _alerts(self, notice: Notice) -> Iterator[PublicFile]:
        for message in cap_messages(notice):
            body = render_cap(message, notice, self.publisher)
            if broken := breaches(body):
                # No reader could rely on it. The page and the indexes say the same in words.
                count("FeedBreaches", len(broken))
                logger.append_keys(cap_breaches=sorted(broken))
                continue
            yield PublicFile(cap_key(message), body, CAP_TYPE, FOR_EVER)

    def _pictures(self, broadcast: Broadcast) -> Iterator[PublicFile]:
        for picture in broadcast.wording.pictures:
            content = self.broadcasts.picture(picture.sha256)
            if content is not None:
                yield PublicFile(picture_key(picture), content, picture.media_type, FOR_EVER)

    def _indexes(self, shown: Sequence[Notice]) -> list[PublicFile]:
        return [
            PublicFile(GEOJSON_KEY, render_geojson(shown, self.publisher), GEOJSON_TYPE),
            PublicFile(LIVE_KEY, render_live(shown, self.publisher, self.clock.now()), PAGE_TYPE),
            PublicFile(ATOM_KEY, render_atom(shown, self.publisher), ATOM_TYPE),
        ]


def _style() -> PublicFile:
    return PublicFile(STYLE_KEY, STYLE_SHEET, STYLE_TYPE, FOR_EVER)


def _page_keys(notice: Notice) -> list[str]:
    """The first wording's reference is the address of all; a correction's, and the name of a post, lead there too."""
    names = [issue.broadcast.reference for issue in notice.issues]
    names += [post_name(*post) for issue in notice.issues for post in issue.posts]
    return [page_key(name) for name in names]


def _posts(broadcast: Broadcast, items: Mapping[str, OutboxItem]) -> tuple[Post, ...]:
    """The copies that platforms have given a name, in the order of the copies."""
    found = (
        (copy.channel, items.get(broadcast.outbox_id(copy.channel))) for copy in broadcast.wording.copies
    )
    return tuple(
        Post(channel, item.platform_id)
        for channel, item in found
        if item and item.platform_id and channel in POSTS_LOOKED_UP
    )


def _looked_at(shown: Sequence[Notice], now: datetime) -> set[str]:
    return {key for notice in shown if _fresh(notice, now) for key in _page_keys(notice)}


def _fresh(notice: Notice, now: datetime) -> bool:
    return notice.live or notice.changed_at > now - LOOKED_AT_FOR


def _stands(file: PublicFile, tags: Tags) -> bool:
    """Whether exactly these bytes are there."""
    tag = tags[file.key]
    return tag is not None and tag.strip('"') == hashlib.md5(file.body, usedforsecurity=False).hexdigest()
