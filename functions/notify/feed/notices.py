"""What the public may see of the broadcasts: each chain of corrections is one notice, newest wording on top."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from contact_desk.broadcasts import Broadcast, BroadcastState


class NoticeState(StrEnum):
    """How a wording stands for the public."""

    LIVE = "live"
    CORRECTED = "corrected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


STATES: Mapping[BroadcastState, NoticeState] = {
    BroadcastState.PUBLISHING: NoticeState.LIVE,
    BroadcastState.LIVE: NoticeState.LIVE,
    BroadcastState.CORRECTED: NoticeState.CORRECTED,
    BroadcastState.EXPIRED: NoticeState.EXPIRED,
    BroadcastState.CANCELLED: NoticeState.CANCELLED,
}
NO_POSTS: Mapping[str, tuple[Post, ...]] = MappingProxyType({})
_LOUDEST = ("extreme", "severe", "moderate", "minor", "unknown")


class Post(NamedTuple):
    """A copy by the name that its platform gave it."""

    channel: str
    platform_id: str


@dataclass(frozen=True, slots=True)
class Issue:
    """One wording of a notice that was or is public; `published_at` is when it went up.

    `posts` are its copies that a platform has shown to be up, now or once.
    """

    broadcast: Broadcast
    state: NoticeState
    published_at: datetime
    ended_at: datetime | None
    posts: tuple[Post, ...] = ()

    @property
    def changed_at(self) -> datetime:
        """When the public last had reason to look again."""
        return self.ended_at or self.published_at


@dataclass(frozen=True, slots=True)
class Notice:
    """A broadcast with all its corrections: `issues` oldest first, of which the last one counts.

    `reference` is the first one's, and the address of all of them.
    """

    reference: str
    issues: tuple[Issue, ...]

    @property
    def newest(self) -> Issue:
        """The wording that counts."""
        return self.issues[-1]

    @property
    def published_at(self) -> datetime:
        """When the first wording went up."""
        return self.issues[0].published_at

    @property
    def changed_at(self) -> datetime:
        """When the public last had reason to look again."""
        return self.newest.changed_at

    @property
    def live(self) -> bool:
        """Whether it is current."""
        return self.newest.state is NoticeState.LIVE

    @property
    def urgency(self) -> tuple[int, float]:
        """Its place among those that are live: the gravest first, then the newest."""
        return _LOUDEST.index(self.newest.broadcast.wording.severity.value), -self.changed_at.timestamp()


def issue_of(broadcast: Broadcast, now: datetime) -> Issue | None:
    """The broadcast as the public may see it; None for one that never was public.

    What its expiry has passed is over, whether or not the sweep has seen to it yet, and is over since that moment.
    """
    published_at, state = broadcast.published_at, STATES.get(broadcast.state)
    if published_at is None or state is None:
        return None
    ended_at, expires_at = broadcast.ended_at, broadcast.wording.expires_at
    if state is NoticeState.LIVE and expires_at is not None and expires_at <= now:
        state = NoticeState.EXPIRED
    if state is NoticeState.EXPIRED:
        ended_at = expires_at or ended_at
    return Issue(broadcast, state, published_at, None if state is NoticeState.LIVE else ended_at)


def notices(
    shown: Iterable[Broadcast],
    get: Callable[[str], Broadcast | None],
    now: datetime,
    posts: Mapping[str, tuple[Post, ...]] = NO_POSTS,
) -> Sequence[Notice]:
    """The notices of the broadcasts to be shown, in the order of their first publication.

    `get` finds what of a chain is not among `shown`: an earlier wording that is too old, or the one that took the place
    of another while they were read. `posts` are those of a broadcast, by its name.
    """
    known = {broadcast.broadcast_id: broadcast for broadcast in shown}
    for broadcast in list(known.values()):
        later = broadcast.corrected_by
        while later and later not in known and (found := get(later)):
            known[later] = found
            later = found.corrected_by
    replaced = {one.wording.corrects for one in known.values()}
    made = []
    for newest in [one for one in known.values() if one.broadcast_id not in replaced]:
        chain, seen = [newest], {newest.broadcast_id}
        while (earlier := chain[0].wording.corrects) and earlier not in seen:
            seen.add(earlier)
            found = known.get(earlier) or get(earlier)
            if found is None:
                break
            chain.insert(0, found)
        issues = tuple(
            replace(issue, posts=posts.get(one.broadcast_id, ()))
            for one in chain
            if (issue := issue_of(one, now))
        )
        if issues:
            made.append(Notice(issues[0].broadcast.reference, issues))
    return sorted(made, key=lambda notice: (notice.published_at, notice.reference))


def changed_at(shown: Iterable[Notice]) -> datetime | None:
    """The moment of the newest change of any of them; None where there is none.

    It only ever grows, so two renders of different states never agree in it and in all the rest: a put that is
    conditional on the bytes that it replaces cannot bring an older state back.
    """
    return max((notice.changed_at for notice in shown), default=None)
