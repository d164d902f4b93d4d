"""The update: what it puts and in which order, any number of writers at once, and death at every step."""

from __future__ import annotations

import contextlib
import hashlib
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contact_desk.broadcasts import Area, Broadcast, BroadcastState, Picture, Point
from contact_desk.errors import StoreBusyError
from contact_desk.outbox import OutboxItem, OutboxKind, Purpose
from contact_desk.web_pages import STYLE_KEY
from functions.notify.feed.atom import ATOM_KEY, render_atom
from functions.notify.feed.geojson import GEOJSON_KEY, render_geojson
from functions.notify.feed.page_bucket import CURRENT, FOR_EVER, PublicFile
from functions.notify.feed.pages import LIVE_KEY, render_live, render_notice
from functions.notify.feed.updating import FeedBusyError
from functions.notify.platform_answers import Absent, RetryLater, Sent
from functions.notify.senders.feed_updates import FeedUpdateSender
from local.twins.in_memory_pages import InMemoryPages
from tests.feed_builders import NOON, PUBLISHER, FeedDesk, broadcast, corrected_chain, shown_as
from tests.unit.notify.send_desk import Crash, Mortality

SOON = timedelta(seconds=4)


def cancelled(one: Broadcast, minutes: int = 70) -> Broadcast:
    return replace(one, state=BroadcastState.CANCELLED, ended_at=NOON + timedelta(minutes=minutes))


def stands(desk: FeedDesk) -> bool:
    """Whether all that the public sees is what the table says now."""
    now = desk.clock.now()
    shown = shown_as(*desk.table.shown(now), now=now)
    wanted = {
        ATOM_KEY: render_atom(shown, PUBLISHER),
        GEOJSON_KEY: render_geojson(shown, PUBLISHER),
        LIVE_KEY: render_live(shown, PUBLISHER, now),
        **{
            f"live/{issue.broadcast.reference}": render_notice(notice, PUBLISHER)
            for notice in shown
            for issue in notice.issues
        },
    }
    return all(desk.bucket.files[key].body == body for key, body in wanted.items())


def test_a_new_desk_has_its_pages_before_its_first_broadcast() -> None:
    desk = FeedDesk()

    desk.update()

    assert set(desk.bucket.files) == {STYLE_KEY, ATOM_KEY, GEOJSON_KEY, LIVE_KEY}
    assert stands(desk)


def test_nothing_is_linked_before_it_is_there() -> None:
    desk = FeedDesk(*corrected_chain())

    desk.update()

    first, second = (one.reference for one in corrected_chain())
    assert desk.bucket.puts == [
        STYLE_KEY,
        f"feed/alerts/{first}.cap.xml",
        f"feed/alerts/{second}.cap.xml",
        f"live/{first}",
        f"live/{second}",
        GEOJSON_KEY,
        LIVE_KEY,
        ATOM_KEY,
    ]


def test_what_stands_is_left_alone() -> None:
    desk = FeedDesk(broadcast())
    desk.update()
    desk.bucket.puts.clear()

    assert desk.update() == 0
    assert desk.bucket.puts == []


def test_a_change_puts_what_it_changes_and_no_more() -> None:
    desk = FeedDesk(broadcast("01"), broadcast("02"))
    desk.update()
    desk.bucket.puts.clear()
    desk.table.keep(cancelled(broadcast("02")))

    desk.update()

    reference = broadcast("02").reference
    assert desk.bucket.puts == [
        f"feed/alerts/{reference}.end.cap.xml",
        f"live/{reference}",
        GEOJSON_KEY,
        LIVE_KEY,
        ATOM_KEY,
    ]
    assert stands(desk)


def test_what_has_run_out_is_marked_without_anybody_acting() -> None:
    desk = FeedDesk(broadcast(expires_at=desk_time(2)))
    desk.update()
    desk.clock.advance(hours=1)

    assert desk.update() > 0
    assert "no longer current" in desk.text(f"live/{broadcast().reference}")
    assert stands(desk)


def desk_time(hours: int) -> Any:
    return NOON + timedelta(hours=hours)


def test_files_say_what_they_are_and_how_long_they_hold() -> None:
    content = b"\xff\xd8 a picture"
    picture = Picture(hashlib.sha256(content).hexdigest(), "image/jpeg", "A queue")
    desk = FeedDesk(broadcast(pictures=(picture,)))
    desk.table.pictures[picture.sha256] = content
    desk.update()

    kinds = {key: (file.media_type, file.cache_control) for key, file in desk.bucket.files.items()}
    reference = broadcast().reference
    assert kinds == {
        STYLE_KEY: ("text/css; charset=utf-8", FOR_EVER),
        f"feed/alerts/{reference}.cap.xml": ("application/cap+xml", FOR_EVER),
        f"live/pictures/{picture.name}": ("image/jpeg", FOR_EVER),
        f"live/{reference}": ("text/html; charset=utf-8", CURRENT),
        GEOJSON_KEY: ("application/geo+json", CURRENT),
        LIVE_KEY: ("text/html; charset=utf-8", CURRENT),
        ATOM_KEY: ("application/atom+xml", CURRENT),
    }
    assert CURRENT == "max-age=3"
    assert desk.bucket.files[f"live/pictures/{picture.name}"].body == content


def test_a_post_leads_to_the_page_of_its_notice_once_its_platform_has_named_it() -> None:
    one = broadcast()
    desk = FeedDesk(one)
    desk.update()
    name = one.outbox_id("x")
    desk.table.items[name] = replace(item(), outbox_id=name, platform_id="1870000000000000001")

    desk.update()

    assert desk.text("live/x-1870000000000000001") == desk.text(f"live/{one.reference}")
    assert "https://x.com/MerseyPolice/status/1870000000000000001" in desk.text(ATOM_KEY)
    desk.table.keep(cancelled(one))
    desk.update()
    assert "no longer current" in desk.text("live/x-1870000000000000001")


def test_an_alert_that_breaks_a_rule_is_held_back_and_the_words_go_out() -> None:
    crossing = (Point(53, -3), Point(53.1, -2.9), Point(53, -2.9), Point(53.1, -3), Point(53, -3))
    desk = FeedDesk(broadcast(area=Area((), crossing)))

    desk.update()

    assert not [key for key in desk.bucket.files if "cap.xml" in key]
    assert stands(desk)


class Interleaved(InMemoryPages):
    """A bucket during whose calls others write: `between` is called before every one of them."""

    def __init__(self, between: Any) -> None:
        super().__init__()
        self.between = between
        self.quiet = False

    def tag(self, key: str) -> str | None:
        self._others()
        return super().tag(key)

    def put(self, file: PublicFile, *, replacing: str | None) -> bool:
        self._others()
        self.quiet, before = True, self.quiet
        try:
            return super().put(file, replacing=replacing)
        finally:
            self.quiet = before

    def _others(self) -> None:
        if not self.quiet:
            self.quiet = True
            self.between()
            self.quiet = False


def test_an_older_render_never_replaces_a_newer_one(share: Any) -> None:
    """One writer is overtaken at every one of its calls by another that has seen a later state."""
    for step in range(30):
        desk = FeedDesk(broadcast("01"), broadcast("02"))
        calls = 0

        def overtake(at: int = step, desk: FeedDesk = desk) -> None:
            nonlocal calls
            calls += 1
            if calls == at + 1:
                desk.table.keep(cancelled(broadcast("01")))
                desk.update()
                assert stands(desk)

        desk.bucket = Interleaved(overtake)
        desk.update()
        assert stands(desk), step


def test_many_writers_over_many_changes_end_where_the_table_stands(share: Any) -> None:
    for seed in range(share(60, 10_000)):
        chance = random.Random(seed)
        desk = FeedDesk(broadcast("00"))
        depth = 0

        def meddle(desk: FeedDesk = desk, chance: random.Random = chance) -> None:
            """Another change, another writer, which may itself be overtaken and may die."""
            nonlocal depth
            if depth >= 2 or chance.random() > 0.15:
                return
            depth += 1
            desk.clock.advance(seconds=chance.randint(1, 200))
            change(desk, chance)
            deaths = frozenset({chance.randint(0, 40)} if chance.random() < 0.3 else ())
            mortal = Mortality(deaths)
            desk.bucket.quiet = False  # type: ignore[attr-defined]
            with contextlib.suppress(Crash, FeedBusyError):
                desk.writer(bucket=mortal.of(desk.bucket)).run(until=desk.clock.now() + SOON)
            desk.bucket.quiet = True  # type: ignore[attr-defined]
            depth -= 1

        desk.bucket = Interleaved(meddle)
        with contextlib.suppress(FeedBusyError):
            desk.update()
        desk.bucket.between = lambda: None
        desk.update()
        assert stands(desk), f"seed {seed}"


def change(desk: FeedDesk, chance: random.Random) -> None:
    live = [one for one in desk.table.broadcasts.values() if one.on_air]
    now, name = desk.clock.now(), f"{len(desk.table.broadcasts):02}"
    what = chance.choice(["publish", "correct", "cancel"])
    if what == "publish" or not live:
        desk.table.keep(broadcast(name, published_at=now, expires_at=now + timedelta(hours=1)))
        return
    one = chance.choice(live)
    if what == "cancel":
        desk.table.keep(replace(one, state=BroadcastState.CANCELLED, ended_at=now))
        return
    desk.table.keep(
        replace(one, state=BroadcastState.CORRECTED, ended_at=now, corrected_by=name),
        broadcast(
            name,
            published_at=now,
            corrects=one.broadcast_id,
            root=one.root,
            expires_at=now + timedelta(hours=1),
        ),
    )


def test_a_writer_that_dies_anywhere_leaves_what_the_next_one_completes() -> None:
    deaths, mortal = 60, Mortality()
    for death in range(deaths):
        desk = FeedDesk(*corrected_chain(), cancelled(broadcast("03")))
        mortal = Mortality(frozenset({death}))
        with contextlib.suppress(Crash):
            desk.writer(bucket=mortal.of(desk.bucket)).run(until=desk.clock.now() + SOON)
        desk.update()
        assert stands(desk), death
    assert mortal.steps < deaths, "every step was a death once"


def test_a_writer_that_is_always_overtaken_gives_up_and_says_so() -> None:
    desk = FeedDesk(broadcast("01"))

    def overtake() -> None:
        desk.clock.advance(milliseconds=1)
        desk.bucket.files[LIVE_KEY] = PublicFile(LIVE_KEY, str(desk.clock.now()).encode(), "text/html")

    desk.bucket = Interleaved(overtake)

    with pytest.raises(FeedBusyError):
        desk.update()


def item() -> OutboxItem:
    return OutboxItem(
        outbox_id="feed-1",
        kind=OutboxKind.FEED,
        purpose=Purpose.BROADCAST,
        channel="public_feed",
        account="public_feed",
        target="01",
        text="",
        urgent=True,
        created_at=NOON,
        due_at=NOON,
    )


def test_the_sender_brings_the_feed_to_where_the_table_stands() -> None:
    desk = FeedDesk(broadcast())
    sender = FeedUpdateSender(desk.writer(), desk.clock)

    assert sender.send(item(), within=timedelta(seconds=8)) == Sent(None)
    assert stands(desk)
    assert sender.look_up(item(), within=timedelta(seconds=5)) == Absent()


def test_a_bucket_that_is_busy_is_asked_again_after_a_second() -> None:
    desk = FeedDesk(broadcast())
    desk.bucket.busy = True

    answer = FeedUpdateSender(desk.writer(), desk.clock).send(item(), within=timedelta(seconds=8))

    assert isinstance(answer, RetryLater)
    assert answer.wait == timedelta(seconds=1)
    with pytest.raises(StoreBusyError):
        desk.update()
