"""The life of a broadcast: the table allows what it allows, and nothing gets out that two people did not agree on."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_desk.broadcast_desk import BroadcastChange
from contact_desk.broadcast_life import (
    approved,
    cancelled,
    edited,
    expired,
    lapsed,
    next_due,
    settled_now,
    started,
    submitted,
)
from contact_desk.broadcasts import (
    ENDED,
    TRANSITIONS,
    Broadcast,
    BroadcastAct,
    BroadcastKind,
    BroadcastState,
    LanguageVersion,
    Picture,
    PublishingSwitch,
    Severity,
    Wording,
)
from contact_desk.copy_gate import Gate, Verdict
from contact_desk.copy_orders import CopyCause, CopyOrder
from contact_desk.copy_progress import progress_of, settled
from contact_desk.errors import BroadcastStateError
from contact_desk.outbox import OutboxItem, OutboxKind, OutboxState
from contact_desk.send_failures import SendFailure
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON
from local.twins.in_memory_broadcasts import InMemoryBroadcasts
from tests.broadcast_staging import AVA, BEN, broadcast_id, draft, handed_in, on_air, wording
from tests.builders import force

ON, OFF = PublishingSwitch(), PublishingSwitch(on=False, version=1)
LATER = NOON + timedelta(minutes=5)
ACTS: dict[BroadcastAct, Any] = {
    BroadcastAct.EDIT: lambda one: edited(one, wording(do="Turn round."), LATER),
    BroadcastAct.SUBMIT: lambda one: submitted(one, AVA, urgent=False, force=force(), now=LATER),
    BroadcastAct.APPROVE: lambda one: approved(one, BEN, read=lambda _: None, force=force(), now=LATER),
    BroadcastAct.START: lambda one: started(one, read=lambda _: None, force=force(), now=LATER),
    BroadcastAct.SETTLE: lambda one: settled_now(one, LATER),
    BroadcastAct.LAPSE: lambda one: lapsed(one, LATER),
    BroadcastAct.EXPIRE: lambda one: expired(one, force=force(), now=LATER),
    BroadcastAct.CANCEL: lambda one: cancelled(one, AVA, force=force(), now=LATER),
}


@pytest.fixture
def broadcasts() -> InMemoryBroadcasts:
    return InMemoryBroadcasts(DeskRecords())


def copies_of(change: BroadcastChange) -> list[OutboxItem]:
    return [item for item in change.outbox if item.kind is OutboxKind.COPY]


@pytest.mark.parametrize("act", sorted(ACTS))
@pytest.mark.parametrize("state", sorted(BroadcastState))
def test_the_table_alone_says_what_may_happen(
    broadcasts: InMemoryBroadcasts, state: BroadcastState, act: BroadcastAct
) -> None:
    one = replace(on_air(broadcasts), state=state)
    becomes = TRANSITIONS[state].get(act)
    if becomes is None:
        with pytest.raises(BroadcastStateError) as refused:
            ACTS[act](one)
        assert (refused.value.act, refused.value.state) == (act, state)
        return
    after = ACTS[act](one).after
    assert after.state is (BroadcastState.PUBLISHING if becomes is BroadcastState.APPROVED else becomes)
    assert after.version == one.version + (act is not BroadcastAct.SETTLE)


def test_what_has_ended_stays_so() -> None:
    assert all(TRANSITIONS[state] == {} for state in ENDED)
    assert set(TRANSITIONS) == set(BroadcastState)


@given(st.lists(st.sampled_from(sorted(ACTS)), max_size=12))
def test_no_order_of_acts_gets_anything_out_that_two_people_did_not_approve(acts: list[BroadcastAct]) -> None:
    one = draft(InMemoryBroadcasts(DeskRecords()))
    for act in acts:
        try:
            change = ACTS[act](one)
        except BroadcastStateError:
            continue
        one = change.after
        if copies_of(change):
            assert one.approved_now
            assert change.while_publishing == (one.state is BroadcastState.PUBLISHING)
        if one.state in {BroadcastState.DRAFT, BroadcastState.SUBMITTED}:
            assert one.approved is None
        if one.on_air:
            assert one.approved_now


def test_every_field_of_the_wording_is_in_the_hash() -> None:
    words = wording()
    others: dict[str, Any] = {
        "kind": BroadcastKind.MESSAGE,
        "what": "x",
        "where": "x",
        "do": "x",
        "severity": Severity.EXTREME,
        "area": replace(words.area, polygon=None),
        "language": "cy",
        "copies": words.copies[:1],
        "force_reference": "x",
        "versions": (LanguageVersion("cy", "x", "x", "x"),),
        "pictures": (Picture("a" * 64, "image/png", "x"),),
        "starts_at": NOON,
        "expires_at": NOON,
        "corrects": "x",
    }
    assert set(others) == {field.name for field in fields(Wording)}
    copy = words.copies[0]
    ends = replace(copy, expired=replace(copy.expired, text="x")), replace(copy, cancelled=copy.expired)
    changed = [replace(words, **{name: value}) for name, value in others.items()]
    changed += [replace(words, copies=(one, *words.copies[1:])) for one in (*ends, replace(copy, alt="x"))]

    assert len({one.hash for one in (words, *changed)}) == len(changed) + 1


def order_and_item(one: Broadcast, items: dict[str, OutboxItem]) -> tuple[OutboxItem, CopyOrder]:
    item = items[one.outbox_id("x")]
    assert item.order is not None
    return item, item.order


def test_right_before_a_call_the_gate_asks_once_more(broadcasts: InMemoryBroadcasts) -> None:
    one = on_air(broadcasts)
    item, order = order_and_item(one, dict(broadcasts.copy_items([one])))
    gate = Gate(one, ON)
    other_words = replace(one, wording=wording(do="Turn round."))

    assert gate.verdict(item, NOON) is Verdict.SEND
    assert Gate(one, OFF).verdict(item, NOON) is Verdict.WAIT
    assert gate.verdict(item, NOON + timedelta(minutes=15)) is Verdict.LAPSED
    assert Gate(one, OFF).verdict(item, NOON + timedelta(minutes=15)) is Verdict.LAPSED
    assert gate.verdict(replace(item, text="something else"), NOON) is Verdict.NOT_APPROVED
    assert gate.verdict(replace(item, order=replace(order, approved="0" * 64)), NOON) is Verdict.NOT_APPROVED
    assert gate.verdict(replace(item, order=None), NOON) is Verdict.NOT_APPROVED
    assert Gate(other_words, ON).verdict(item, NOON) is Verdict.NOT_APPROVED
    assert Gate(None, ON).verdict(item, NOON) is Verdict.NOT_APPROVED
    own = replace(one, approved=one.submitted)
    assert Gate(own, ON).verdict(item, NOON) is Verdict.NOT_APPROVED
    gone = cancelled(one, AVA, force=force(), now=LATER).after
    assert Gate(gone, ON).verdict(item, NOON) is Verdict.OVER


@pytest.mark.parametrize("switch", [ON, OFF])
def test_what_ends_a_copy_goes_out_whatever_the_switch_says(
    broadcasts: InMemoryBroadcasts, switch: PublishingSwitch
) -> None:
    one = on_air(broadcasts)
    change = cancelled(one, AVA, force=force(), now=LATER)
    late = NOON + timedelta(days=3)

    for item in copies_of(change):
        assert Gate(change.after, switch).verdict(item, late) is Verdict.SEND
        assert Gate(one, switch).verdict(item, late) is Verdict.NOT_APPROVED
        assert Gate(change.after, switch).verdict(replace(item, text="x"), late) is Verdict.NOT_APPROVED


@pytest.mark.parametrize(
    ("state", "failure", "platform_id", "shown"),
    [
        (OutboxState.PENDING, None, None, "publishing"),
        (OutboxState.STARTED, None, None, "publishing"),
        (OutboxState.IN_DOUBT, SendFailure.NO_ANSWER, None, "publishing"),
        (OutboxState.SENT, None, "post-1", "live"),
        (OutboxState.SENT, None, None, "withdrawn"),
        (OutboxState.FAILED, SendFailure.REFUSED, None, "failed"),
        (OutboxState.FAILED, SendFailure.APPROVAL_LAPSED, None, "lapsed"),
        (OutboxState.NEEDS_HUMAN, SendFailure.NO_ANSWER, None, "needs_human"),
    ],
)
def test_how_a_copy_stands_is_read_from_its_item(
    broadcasts: InMemoryBroadcasts,
    state: OutboxState,
    failure: SendFailure | None,
    platform_id: str | None,
    shown: str,
) -> None:
    one = on_air(broadcasts)
    items = dict(broadcasts.copy_items([one]))
    name = one.outbox_id("x")
    items[name] = replace(items[name], state=state, failure=failure, platform_id=platform_id)

    facebook, x = progress_of(one, items)
    assert (x.state, x.platform_id, x.failure) == (shown, platform_id, failure)
    assert facebook.state == "publishing"
    assert not settled(one, items.get)


def test_one_channel_that_fails_hides_nothing_of_another(broadcasts: InMemoryBroadcasts) -> None:
    one = on_air(broadcasts)
    items = {
        name: replace(item, state=OutboxState.SENT, platform_id="post-1")
        if item.channel == "x"
        else replace(item, state=OutboxState.FAILED, failure=SendFailure.REFUSED)
        for name, item in broadcasts.copy_items([one]).items()
    }

    assert settled(one, items.get)
    assert [copy.state for copy in progress_of(one, items)] == ["failed", "live"]


@pytest.mark.parametrize(
    ("state", "shown"),
    [(OutboxState.PENDING, "ending"), (OutboxState.SENT, "ended"), (OutboxState.FAILED, "needs_human")],
)
def test_a_copy_ends_when_its_end_is_proved(
    broadcasts: InMemoryBroadcasts, state: OutboxState, shown: str
) -> None:
    one = on_air(broadcasts)
    start = {
        name: replace(item, state=OutboxState.SENT, platform_id="post-1")
        for name, item in broadcasts.copy_items([one]).items()
    }
    change = expired(one, force=force(), now=LATER)
    ends = {item.outbox_id: replace(item, state=state) for item in copies_of(change)}

    assert {copy.state for copy in progress_of(change.after, start | ends)} == {shown}


def test_the_clock_has_something_to_do_only_where_it_has(broadcasts: InMemoryBroadcasts) -> None:
    one = on_air(broadcasts)
    live = settled_now(one, LATER).after

    assert next_due(draft(broadcasts, 2)) is None
    assert next_due(handed_in(broadcasts, 3)) == NOON + timedelta(minutes=15)
    assert next_due(live) == NOON + timedelta(hours=2)
    assert next_due(replace(live, wording=replace(live.wording, expires_at=None))) is None
    assert next_due(expired(live, force=force(), now=LATER).after) is None
    assert next_due(cancelled(draft(broadcasts, 4), AVA, force=force(), now=LATER).after) is None


def test_the_items_of_a_broadcast_are_named_after_it() -> None:
    one = on_air(InMemoryBroadcasts(DeskRecords()), 7)

    assert one.broadcast_id == broadcast_id(7)
    assert len({one.outbox_id(channel, cause) for channel in ("x", "sms_list") for cause in CopyCause}) == 8
