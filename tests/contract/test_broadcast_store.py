"""What the desk needs of its broadcasts: one change at a time, a consistent list for the feed, one switch for all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from contact_desk.broadcast_desk import BroadcastChange, BroadcastQuery
from contact_desk.broadcast_life import approved, cancelled, edited, submitted, told_everybody
from contact_desk.broadcasts import AnsweredWith, BroadcastState, LanguageVersion, Picture, PublishingSwitch
from contact_desk.case_desk import AnsweredBefore, CaseChange, Committed, Moved
from contact_desk.copy_orders import CopyCause
from contact_desk.ports import Broadcasts, Switch
from contact_desk.stores.broadcast_store import DynamoBroadcasts, DynamoSwitch
from contact_desk.stores.outbox_store import DynamoOutboxStore
from local.twins.held_still import NOON
from local.twins.in_memory_broadcasts import InMemoryBroadcasts, InMemorySwitch
from tests.broadcast_staging import AVA, BEN, broadcast_id, done, draft, handed_in, on_air, wording
from tests.builders import force
from tests.contract.conftest import Backend
from tests.contract.desk_stage import act_record, on

LATER = NOON + timedelta(minutes=5)
OFF = PublishingSwitch(on=False, by="sub-Ava", name="Ava", at=NOON, reason="a wrong text", version=1)


def broadcasts_of(backend: Backend) -> Broadcasts:
    return InMemoryBroadcasts(backend.records) if backend.records else DynamoBroadcasts(backend.table)


@pytest.fixture
def broadcasts(backend: Backend) -> Broadcasts:
    return broadcasts_of(backend)


@pytest.fixture
def switch(backend: Backend) -> Switch:
    return InMemorySwitch(backend.records) if backend.records else DynamoSwitch(backend.table)


def test_a_broadcast_comes_back_with_every_byte_that_was_approved(broadcasts: Broadcasts) -> None:
    kept = on_air(
        broadcasts,
        force_reference="0412 of today",
        versions=(LanguageVersion("cy", "Ffordd ar gau", "Twnnel Queensway", ""),),
        pictures=(Picture("ab" * 32, "image/png", "The tunnel's mouth"),),
    )

    assert broadcasts.get(kept.broadcast_id) == kept
    assert kept.approved_now
    assert broadcasts.get("nothing") is None


def test_a_change_holds_only_for_the_version_that_was_read(broadcasts: Broadcasts) -> None:
    first = draft(broadcasts)
    change = edited(first, wording(do="Turn round."), NOON)

    assert broadcasts.commit(change) == Committed()
    assert broadcasts.commit(change) == Moved()
    assert broadcasts.commit(BroadcastChange(None, first)) == Moved()
    assert broadcasts.commit(edited(change.after, wording(), NOON)) == Committed()


def test_an_act_is_kept_with_its_request_and_done_once(backend: Backend, broadcasts: Broadcasts) -> None:
    one = draft(broadcasts)
    record = act_record()
    change = submitted(one, AVA, urgent=True, force=force(), now=NOON)

    assert broadcasts.commit(change, record) == Committed()
    assert broadcasts.commit(change, record) == AnsweredBefore(record.request)
    stage = on(backend)
    assert stage.desk.answered(record.request.operator, record.request.key, NOON) == record.request
    assert [alert.alert_id for alert in stage.alerts.open_alerts()] == [f"{one.broadcast_id}.approval"]
    assert change.announcement is not None
    assert stage.outbox.get(change.announcement.outbox_id) == change.announcement


def test_approval_orders_every_copy_and_the_feed_in_one_write(
    backend: Backend, broadcasts: Broadcasts
) -> None:
    kept = on_air(broadcasts)
    items = broadcasts.copy_items([kept])

    assert set(items) == {kept.outbox_id("facebook_page"), kept.outbox_id("x")}
    order = items[kept.outbox_id("x")].order
    assert order is not None
    assert (order.broadcast_id, order.cause, order.approved) == (
        kept.broadcast_id,
        CopyCause.START,
        kept.hash,
    )
    assert order.start_by == NOON + timedelta(minutes=15)
    due = on(backend).outbox.due(LATER, 10)
    assert {nudge.urgent for nudge in due} == {True, False}
    assert len(due) == 3


def test_nothing_is_approved_while_publishing_is_stopped(broadcasts: Broadcasts, switch: Switch) -> None:
    one = handed_in(broadcasts)
    assert switch.get() == PublishingSwitch()
    assert switch.turn(switch.get(), OFF, act_record()) == Committed()
    change = approved(one, BEN, read=broadcasts.get, force=force(), now=NOON)

    assert broadcasts.commit(change) == Moved()
    assert broadcasts.get(one.broadcast_id) == one
    assert broadcasts.copy_items([one]) == {}
    started = replace(OFF, on=True, version=2)
    assert switch.turn(OFF, started, act_record(key="k2")) == Committed()
    assert switch.turn(OFF, started, act_record(key="k3")) == Moved()
    assert switch.turn(started, started, act_record()) == AnsweredBefore(act_record().request)
    assert switch.get() == started
    assert broadcasts.commit(change) == Committed()


def test_a_correction_and_what_it_corrects_change_together(broadcasts: Broadcasts) -> None:
    first = on_air(broadcasts)
    fix = handed_in(broadcasts, 2, LATER, corrects=first.broadcast_id)
    change = approved(fix, BEN, read=broadcasts.get, force=force(), now=LATER)
    done(broadcasts, cancelled(first, AVA, force=force(), now=LATER))

    assert broadcasts.commit(change) == Moved()

    again = on_air(broadcasts, 3)
    fix = on_air(broadcasts, 4, LATER, corrects=again.broadcast_id)
    after = broadcasts.get(again.broadcast_id)
    assert after is not None
    assert (after.state, after.corrected_by) == (BroadcastState.CORRECTED, fix.broadcast_id)
    assert fix.root == again.broadcast_id


def test_the_feed_sees_what_is_on_air_and_what_ended_within_thirty_days(broadcasts: Broadcasts) -> None:
    draft(broadcasts, 1)
    live, over = on_air(broadcasts, 2), on_air(broadcasts, 3)
    on_air(broadcasts, 4, starts_at=LATER)
    never = handed_in(broadcasts, 5)
    done(broadcasts, cancelled(never, AVA, force=force(), now=NOON))
    over = done(broadcasts, cancelled(over, AVA, force=force(), now=LATER))

    assert list(broadcasts.shown(LATER)) == [live, over]
    assert list(broadcasts.shown(LATER + timedelta(days=30))) == [live]


def test_broadcasts_are_listed_newest_first_page_by_page(broadcasts: Broadcasts) -> None:
    kept = [draft(broadcasts, number) for number in range(1, 6)]
    live = on_air(broadcasts, 6)

    first = broadcasts.page(BroadcastQuery(limit=2))
    assert list(first.broadcasts) == [live, kept[4]]
    second = broadcasts.page(BroadcastQuery(limit=4, after=first.next_place))
    assert list(second.broadcasts) == kept[3::-1]
    assert second.next_place is None
    drafts = BroadcastQuery(states=frozenset({BroadcastState.DRAFT}), limit=5)
    assert len(broadcasts.page(drafts).broadcasts) == 5
    two = replace(drafts, states=frozenset({BroadcastState.PUBLISHING, BroadcastState.LIVE}))
    assert list(broadcasts.page(two).broadcasts) == [live]


def test_the_clock_is_shown_what_is_due_oldest_first(broadcasts: Broadcasts) -> None:
    draft(broadcasts, 1)
    waits = handed_in(broadcasts, 2)
    later = on_air(broadcasts, 3, starts_at=NOON + timedelta(minutes=1))
    publishing = on_air(broadcasts, 4)

    assert list(broadcasts.due(NOON, 10)) == []
    due = NOON + timedelta(minutes=20)
    assert list(broadcasts.due(due, 10)) == [one.broadcast_id for one in (publishing, later, waits)]
    assert list(broadcasts.due(due, 1)) == [publishing.broadcast_id]
    gone = done(broadcasts, cancelled(publishing, AVA, force=force(), now=NOON))
    done(broadcasts, told_everybody(gone, NOON))
    assert list(broadcasts.due(due, 10)) == [one.broadcast_id for one in (later, waits)]


def test_an_answer_with_the_link_is_remembered_while_the_broadcast_is_on_air(
    backend: Backend, broadcasts: Broadcasts
) -> None:
    live = on_air(broadcasts)
    stage = on(backend)
    case = stage.case()
    answered = AnsweredWith(live.broadcast_id, "outbox-1", case.case_id, NOON)
    change = CaseChange(case, replace(case, version=2), answered_with=(answered,))

    assert stage.desk.commit(change, act_record()) == Committed()
    assert list(broadcasts.answered_with(live.broadcast_id)) == [answered]
    done(broadcasts, cancelled(live, AVA, force=force(), now=LATER))
    late = replace(answered, outbox_id="outbox-2")
    moved = CaseChange(change.after, replace(case, version=3), answered_with=(late,))
    assert stage.desk.commit(moved, act_record(key="k2")) == Moved()
    assert list(broadcasts.answered_with(live.broadcast_id)) == [answered]


def test_a_picture_is_kept_under_its_hash(broadcasts: Broadcasts) -> None:
    broadcasts.keep_picture("ab" * 32, b"\x89PNG")

    assert broadcasts.picture("ab" * 32) == b"\x89PNG"
    assert broadcasts.picture("cd" * 32) is None


def test_of_two_approvals_at_once_one_orders_the_copies(racing_backend: Backend) -> None:
    broadcasts = DynamoBroadcasts(racing_backend.table)
    one = handed_in(broadcasts)

    def approve(number: int) -> object:
        change = approved(one, BEN, read=broadcasts.get, force=force(), now=NOON)
        return broadcasts.commit(change, act_record(key=f"race-{number}"))

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(approve, range(4)))

    assert outcomes.count(Committed()) == 1
    assert outcomes.count(Moved()) == 3
    assert len(DynamoOutboxStore(racing_backend.table).due(LATER, 10)) == 3


def test_the_name_of_a_broadcast_begins_with_its_time() -> None:
    assert broadcast_id(1) < broadcast_id(2)
