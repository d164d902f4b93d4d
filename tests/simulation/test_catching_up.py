"""With webhooks cut for ten minutes of a day: nothing is missing afterwards, and nothing is doubled."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from contact_desk.archive_keys import is_caught_up
from contact_desk.contacts import contact_key
from contact_desk.pointers import replay_message
from local.platforms.faults import Fault, FaultKind
from tests.builders import Json, comment, feed_delivery, item, message, messenger_delivery, milliseconds
from tests.simulation.desk_on_moto import Desk
from tests.simulation.promises import Records
from tests.x_deliveries import MESSAGE_ID, POST_ID, activity, direct_message, iso, mention

# A step of the day is two and a half minutes; catch-up runs with every second one.
STEP_MINUTES = 2.5
STEPS = 14
CUT = range(5, 9)
EDITED = (3, 6, 10)  # with webhooks, without, and with them again
EDITED_LATER = {4: 6}  # this step's message is edited in that one, which no webhook tells
POSTS_ON_X, MESSAGES_ON_X = (2, 6, 7, 10), (1, 5, 9)
# This step's post is edited in that one: with webhooks, without, and with them again.
EDITED_ON_X = {2: 3, 6: 8, 7: 10}
KNIFE = "there is a man with a knife outside my house"


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    """The readers keep to two calls a second, which nobody here has to wait for."""
    with patch("time.sleep", lambda _: None):
        yield


class Day:
    """An hour in which people write every minute; the platform remembers it all, whether or not a webhook comes."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.written: set[str] = set()
        self.cut: set[str] = set()

    def write(self, delivery: Json, *names: str, cut: bool) -> None:
        """Somebody does something; its webhook comes unless it is cut."""
        self.desk.graph.history.happened(delivery)
        self.written |= set(names)
        if cut:
            self.cut |= set(names)
        else:
            self.desk.deliver(json.dumps(delivery).encode())

    def write_on_x(self, delivery: Json, *names: str, cut: bool) -> None:
        """The same on X."""
        self.desk.graph.x_history.happened(delivery)
        self.written |= set(names)
        if cut:
            self.cut |= set(names)
        else:
            self.desk.deliver_x(json.dumps(delivery).encode())

    def step(self, number: int) -> None:
        """What people do in this step, then all that the desk does in it."""
        desk, cut = self.desk, number in CUT
        now = desk.clock.now()
        text = KNIFE if number == CUT.start + 2 else f"What time do you open, question {number}?"
        self.write(self.message(now, number, text), contact_key("messenger", f"m_{number}"), cut=cut)
        if number % 2 == 0:
            self.write(self.comment(now, number), contact_key("facebook_page", f"5501_{number}"), cut=cut)
        for earlier in [number] * (number in EDITED) + [e for e, at in EDITED_LATER.items() if at == number]:
            self.write(self.edit(now, earlier), cut=cut)
        self.step_on_x(now, number, cut=cut)
        desk.minute(STEP_MINUTES)
        if number % 2:
            self.catch_up()

    def step_on_x(self, now: datetime, number: int, *, cut: bool) -> None:
        """A post, a message, and what becomes of an earlier post."""
        if number in POSTS_ON_X:
            self.write_on_x(self.post(now, number), contact_key("x", post_id(number)), cut=cut)
        if number in MESSAGES_ON_X:
            self.write_on_x(self.x_message(now, number), contact_key("x", message_id(number)), cut=cut)
        for earlier in [e for e, at in EDITED_ON_X.items() if at == number]:
            self.write_on_x(self.x_edit(now, earlier), cut=cut)

    def catch_up(self) -> None:
        """One run of the readers, and all that comes of it."""
        self.desk.lambdas.invoke("CatchUp", {})
        self.desk.pump()

    def message(self, now: datetime, number: int, text: str) -> Json:
        """A message of one of five people."""
        told = message(text, mid=f"m_{number}", sender=str(6 * 10**15 + number % 5))
        return messenger_delivery({**told, "timestamp": milliseconds(now)})

    def comment(self, now: datetime, number: int) -> Json:
        """A comment, every other one under another comment."""
        parent = {"parent_id": f"5501_{number - 2}"} if number % 4 else {}
        at = int(now.timestamp())
        return feed_delivery(
            comment(f"comment {number}", comment_id=f"5501_{number}", created_time=at, **parent)
        )

    def post(self, now: datetime, number: int) -> Json:
        """A post of one of five people, under a post of somebody else's."""
        thread = {"conversation_id": post_id(-1 - number % 5)}
        return mention(
            f"@MerseyPolice post {number}",
            post_id=post_id(number),
            author_id=f"77{number % 5}",
            created_at=iso(now),
            **thread,
        )

    def x_edit(self, now: datetime, number: int) -> Json:
        """Another version of this step's post."""
        told = self.post(now, number)
        versions = [post_id(number), f"{post_id(number)}9"]
        told["data"]["payload"] |= {
            "id": versions[1],
            "text": f"@MerseyPolice post {number}, in other words",
            "edit_history_tweet_ids": versions,
        }
        return told

    def x_message(self, now: datetime, number: int) -> Json:
        """A direct message of one of five people."""
        told = direct_message(
            f"Where do I hand in a purse, {number}?", message_id=message_id(number), sender=f"77{number % 5}"
        )
        told["created_timestamp"] = str(milliseconds(now))
        return activity("dm.received", {"direct_message_events": [told]})

    def edit(self, now: datetime, number: int) -> Json:
        """New words for the message of this minute."""
        told = item(
            sender={"id": str(6 * 10**15 + number % 5)},
            timestamp=milliseconds(now),
            message_edit={"mid": f"m_{number}", "text": f"question {number}, in other words", "num_edit": 1},
        )
        return messenger_delivery(told)


def post_id(number: int) -> str:
    """The id of a step's post on X."""
    return str(int(POST_ID) + number)


def message_id(number: int) -> str:
    """The id of a step's direct message on X."""
    return str(int(MESSAGE_ID) + number)


@pytest.fixture(scope="module")
def day(standing_desk: Desk) -> Day:
    """The day, played once; the tests look at what has become of it."""
    standing_desk.reset()
    day = Day(standing_desk)
    with patch("time.sleep", lambda _: None):
        for number in range(STEPS):
            day.step(number)
        for _ in range(3):
            standing_desk.minute(5)
            day.catch_up()
        standing_desk.rest()
    return day


def counted(desk: Desk, metric: str) -> int:
    """What the functions counted under a metric, by their logs."""
    lines = [json.loads(line) for line in desk.lambdas.log.getvalue().splitlines() if f'"{metric}"' in line]
    return int(sum(sum(line[metric]) for line in lines if metric in line))


def test_after_ten_minutes_without_webhooks_nothing_is_missing_and_nothing_is_doubled(day: Day) -> None:
    desk, records = day.desk, Records(day.desk)
    contacts = records.of("contact")

    assert contacts.keys() == day.written
    shown = Counter(
        entry["contact_key"]
        for case_id in records.of("case")
        for entry in records.timeline(case_id)
        if entry["kind"] == "contact"
    )
    assert shown == dict.fromkeys(day.written, 1)
    missed = {key for key, contact in contacts.items() if is_caught_up(contact["archive_key"])}
    assert missed == day.cut
    assert counted(desk, "ContactsCaughtUp") == len(day.cut) + len(EDITED_LATER) + len(
        [at for at in EDITED_ON_X.values() if at in CUT]
    )
    assert desk.lambdas.errors == []


def test_an_edit_shows_once_whether_a_webhook_brought_it_or_the_readers_found_it(day: Day) -> None:
    records = Records(day.desk)
    edits = Counter(
        entry["contact_key"]
        for case_id in records.of("case")
        for entry in records.timeline(case_id)
        if entry["kind"] == "edit"
    )

    # Of a message that was cut together with its edit, the readers know the words as they stood when they read; X
    # tells of every version.
    with_its_edit = {number for number in EDITED if number in CUT}
    edited = {f"messenger#m_{number}" for number in {*EDITED, *EDITED_LATER} - with_its_edit}
    assert edits == dict.fromkeys(edited | {contact_key("x", post_id(number)) for number in EDITED_ON_X}, 1)
    for number in with_its_edit:
        assert "in other words" in records.of("contact")[f"messenger#m_{number}"]["text"]


def test_an_emergency_that_no_webhook_brought_alerts_and_is_answered(day: Day) -> None:
    opened = [alert for alert in day.desk.alerts if alert["event"] == "opened" and alert["rank"] == "A1"]
    assert len(opened) == 1
    person = str(6 * 10**15 + (CUT.start + 2) % 5)
    sent = [entry for entry in day.desk.graph.seen_by_public() if entry["to"] == person]
    assert any("999" in entry["text"] for entry in sent)


def test_replaying_it_all_changes_nothing(day: Day) -> None:
    desk = day.desk
    before = items(desk)
    for key in desk.aws.archived():
        desk.aws.client("sqs").send_message(
            QueueUrl=desk.aws.queues["replays"], MessageBody=replay_message(key)
        )
    desk.pump()

    assert items(desk) == before


def test_a_platform_that_says_no_for_a_while_delays_what_was_missed_and_loses_nothing(desk: Desk) -> None:
    day = Day(desk)
    day.write(day.message(desk.clock.now(), 1, "cut"), "messenger#m_1", cut=True)
    for kind in (FaultKind.FAILS_BEFORE, FaultKind.RATE, FaultKind.EXPIRED):
        desk.graph.faults.add(Fault("messenger", "conversations", kind, 1))
    runs = []
    for _ in range(8):
        desk.minute(5)
        day.catch_up()
        runs.append("messenger#m_1" in Records(desk).of("contact"))

    # A server error, a rate that asks for a quarter of an hour, and a dead token: one run each, and the wait.
    assert runs == [False] * 5 + [True] * 3
    assert counted(desk, "CatchUpsStopped") == 3


def items(desk: Desk) -> list[Any]:
    """The whole table."""
    return sorted(desk.aws.items(), key=lambda one: (one["pk"]["S"], one["sk"]["S"]))


def test_a_channel_that_falls_silent_and_a_token_that_dies_reach_operators(desk: Desk) -> None:
    day = Day(desk)
    day.write(day.message(desk.clock.now(), 1, "hello"), "messenger#m_1", cut=False)
    desk.pump()
    desk.lambdas.invoke("ChannelHealth", {})
    desk.minute()
    assert [alert["kind"] for alert in desk.alerts] == []

    desk.clock.advance(hours=48)
    desk.graph.history.standing("104728361905512").token_ends = desk.clock.now() - timedelta(days=1)
    desk.lambdas.invoke("ChannelHealth", {})
    desk.rest()
    told = {(alert["rank"], alert["kind"]) for alert in desk.alerts if alert["event"] == "opened"}
    assert told == {("A2", "channel_silent"), ("A2", "credential_dead")}
