"""What the clock does to broadcasts, one minute at a time, and who hears of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contact_desk.alerts import AlertKind
from contact_desk.broadcast_life import approved, cancelled
from contact_desk.broadcasts import AnsweredWith, Broadcast, BroadcastAct, BroadcastState, PublishingSwitch
from contact_desk.contacts import Person
from contact_desk.conversations import SafeContact
from contact_desk.copy_orders import CopyCause
from contact_desk.errors import BroadcastStateError, QueueRefusedError, StoreBusyError, StoreRefusedError
from contact_desk.outbox import OutboxItem, OutboxKind, OutboxState, Purpose
from functions.sweep.broadcasts import BroadcastClock
from functions.sweep.telling import Telling
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_alerts import InMemoryAlerts
from local.twins.in_memory_broadcasts import InMemoryBroadcasts, InMemorySwitch
from local.twins.in_memory_case_desk import InMemoryCaseDesk
from local.twins.in_memory_intake import InMemoryIntake
from local.twins.in_memory_outbox import InMemoryOutbox
from local.twins.in_memory_queues import InMemoryNudges
from tests.broadcast_staging import AVA, BEN, LIVE_URL, done, handed_in, on_air
from tests.builders import contact, force, outbox_item
from tests.desk_staging import admit

SOON = NOON + timedelta(minutes=10)


class Swept:
    """The job over records in memory."""

    def __init__(self) -> None:
        self.records, self.clock, self.nudges = DeskRecords(), FrozenClock(), InMemoryNudges()
        self.broadcasts = InMemoryBroadcasts(self.records)
        self.outbox = InMemoryOutbox(self.records)
        alerts = InMemoryAlerts(self.records)
        telling = Telling(
            broadcasts=self.broadcasts,
            cases=InMemoryCaseDesk(self.records),
            outbox=self.outbox,
            alerts=alerts,
            nudges=self.nudges,
            force=force(),
            live_url=LIVE_URL,
            clock=self.clock,
        )
        self.job = BroadcastClock(
            broadcasts=self.broadcasts,
            switch=InMemorySwitch(self.records),
            alerts=alerts,
            nudges=self.nudges,
            telling=telling,
            force=force(),
            clock=self.clock,
        )

    def at(self, minutes: float) -> Counter[str]:
        self.clock.at = NOON + timedelta(minutes=minutes)
        return self.job.tick()

    def state(self, one: Broadcast) -> BroadcastState:
        stored = self.broadcasts.get(one.broadcast_id)
        assert stored is not None
        return stored.state

    def sent(self, one: Broadcast, state: OutboxState = OutboxState.SENT) -> None:
        for name, item in self.broadcasts.copy_items([one]).items():
            self.records.outbox[name] = replace(item, state=state, platform_id="post-1")

    def answered(self, one: Broadcast, number: int = 1, **changes: Any) -> OutboxItem:
        """A person who was answered with the broadcast's link."""
        person = f"70{number}"
        told = contact(native_id=f"m_{number}", person=Person(person, "Ceri"), **changes)
        case_id = f"01KBM00000000000000000000{number}"
        admit(InMemoryIntake(self.records), told, case_id=case_id)
        fields: dict[str, Any] = {
            "kind": OutboxKind.MESSAGE,
            "purpose": Purpose.REPLY,
            "state": OutboxState.SENT,
        }
        if told.channel == "x":
            fields["kind"] = OutboxKind.COMMENT_REPLY
        item = outbox_item(
            **fields, outbox_id=f"reply-{number}", case_id=case_id, target=person, channel=told.channel
        )
        self.records.outbox[item.outbox_id] = item
        self.records.answered_with.append(AnsweredWith(one.broadcast_id, item.outbox_id, case_id, NOON))
        return item

    def told(self) -> list[OutboxItem]:
        return [
            item
            for item in self.records.outbox.values()
            if item.purpose is Purpose.BROADCAST and item.kind not in {OutboxKind.COPY, OutboxKind.FEED}
        ]


@pytest.fixture
def swept() -> Swept:
    return Swept()


def test_a_scheduled_broadcast_goes_out_at_its_minute_and_comes_down_at_its_end(swept: Swept) -> None:
    one = on_air(swept.broadcasts, starts_at=SOON)
    assert swept.at(9.9) == {}
    assert swept.records.outbox == {}

    assert swept.at(10) == {"start": 1}
    assert len(swept.nudges.sent) == 3
    assert swept.at(11) == {}
    swept.sent(one)
    assert swept.at(12) == {"settle": 1}
    assert swept.state(one) is BroadcastState.LIVE
    assert swept.at(119.9) == {}
    assert swept.at(120) == {"expire": 1}
    assert swept.state(one) is BroadcastState.EXPIRED
    ends = [item.order for item in swept.records.outbox.values() if item.order]
    assert sum(order.cause is CopyCause.EXPIRED for order in ends) == 2
    assert len(swept.nudges.sent) == 6
    assert swept.at(121) == {}


def test_it_settles_when_each_channel_has_said_what_became_of_its_copy(swept: Swept) -> None:
    one = on_air(swept.broadcasts)
    swept.sent(one, OutboxState.IN_DOUBT)
    assert swept.at(1) == {}
    swept.sent(one, OutboxState.NEEDS_HUMAN)
    assert swept.at(2) == {"settle": 1}


def test_it_expires_although_a_channel_has_not_said_anything(swept: Swept) -> None:
    one = on_air(swept.broadcasts)

    assert swept.at(120) == {"expire": 1}
    assert swept.state(one) is BroadcastState.EXPIRED


def test_a_submission_that_nobody_approves_is_a_draft_again(swept: Swept) -> None:
    one = handed_in(swept.broadcasts)
    assert swept.at(14.9) == {}
    assert swept.at(15) == {"lapse": 1}
    assert swept.state(one) is BroadcastState.DRAFT
    assert swept.records.alerts == {}


def test_what_was_not_started_in_time_lapses_and_somebody_is_told(swept: Swept) -> None:
    one = on_air(swept.broadcasts, starts_at=SOON)
    swept.records.switch = PublishingSwitch(on=False, version=1)
    assert swept.at(11) == {}
    assert swept.state(one) is BroadcastState.SCHEDULED

    assert swept.at(25) == {"lapse": 1}
    stored = swept.broadcasts.get(one.broadcast_id)
    assert stored is not None
    assert (stored.state, stored.approved) == (BroadcastState.DRAFT, None)
    (alert,) = swept.records.alerts.values()
    assert (alert.kind, alert.case_reference) == (AlertKind.BROADCAST_LAPSED, one.reference)


def test_a_scheduled_correction_of_what_is_over_lapses(swept: Swept) -> None:
    first = on_air(swept.broadcasts, 1)
    fix = on_air(swept.broadcasts, 2, corrects=first.broadcast_id, starts_at=SOON)
    done(swept.broadcasts, cancelled(first, AVA, force=force(), now=NOON))

    assert swept.at(10)["lapse"] == 1
    assert swept.state(fix) is BroadcastState.DRAFT


def test_everybody_who_was_answered_hears_once_that_it_was_cancelled(swept: Swept) -> None:
    one = on_air(swept.broadcasts)
    replies = [swept.answered(one, number) for number in (1, 2)]
    failed = swept.answered(one, 3)
    swept.records.outbox[failed.outbox_id] = replace(failed, state=OutboxState.FAILED)
    done(swept.broadcasts, cancelled(one, AVA, force=force(), now=NOON))

    assert swept.at(1) == {"told": 2}
    assert {item.target for item in swept.told()} == {reply.target for reply in replies}
    text = swept.told()[0].text
    assert text.startswith("What we told you has been withdrawn: Road closed, Queensway tunnel, both ways.")
    assert text.endswith(f"{LIVE_URL}/{one.reference}")
    assert swept.at(2) == {}
    stored = swept.broadcasts.get(one.broadcast_id)
    assert stored is not None
    assert stored.told_at == NOON + timedelta(minutes=1)
    timeline = swept.records.timelines[str(replies[0].case_id)]
    assert any(entry.outbox_id == swept.told()[0].outbox_id for entry in timeline.values())


def test_everybody_who_was_answered_hears_what_it_was_corrected_to(swept: Swept) -> None:
    one = on_air(swept.broadcasts)
    swept.answered(one)
    fix = handed_in(swept.broadcasts, 2, corrects=one.broadcast_id, where="Kingsway tunnel")
    done(swept.broadcasts, approved(fix, BEN, read=swept.broadcasts.get, force=force(), now=NOON))

    assert swept.at(1)["told"] == 1
    assert swept.told()[0].text == (
        f"What we told you has been corrected: Road closed, Kingsway tunnel. Please read {LIVE_URL}/{one.reference}"
    )


def test_whoever_was_told_of_a_correction_hears_of_its_end_too(swept: Swept) -> None:
    one = on_air(swept.broadcasts)
    swept.answered(one)
    two = on_air(swept.broadcasts, 2, corrects=one.broadcast_id, where="Kingsway tunnel")
    swept.answered(two, 2)
    assert swept.at(1)["told"] == 1

    stands = swept.broadcasts.get(two.broadcast_id)
    assert stands is not None
    done(swept.broadcasts, cancelled(stands, AVA, force=force(), now=NOON + timedelta(minutes=1)))

    assert swept.at(2) == {"told": 2}
    assert sorted((item.target, item.text.split(":")[0]) for item in swept.told()) == [
        ("701", "What we told you has been corrected"),
        ("701", "What we told you has been withdrawn"),
        ("702", "What we told you has been withdrawn"),
    ]
    assert swept.at(3) == {}


def test_nobody_is_told_what_has_been_corrected_or_withdrawn_since(swept: Swept) -> None:
    one = on_air(swept.broadcasts)
    swept.answered(one)
    two = on_air(swept.broadcasts, 2, corrects=one.broadcast_id, where="Kingsway tunnel")
    on_air(swept.broadcasts, 3, corrects=two.broadcast_id, where="Wallasey tunnel")

    assert swept.at(1)["told"] == 1
    (told,) = swept.told()
    assert "Wallasey tunnel" in told.text
    assert swept.at(2) == {}
    assert all(swept.records.broadcasts[name].told_at for name in (one.broadcast_id, two.broadcast_id))


def test_whom_nothing_automatic_may_reach_is_left_to_a_person(swept: Swept) -> None:
    one = on_air(swept.broadcasts)
    in_danger, public = swept.answered(one), swept.answered(one, 2, channel="x")
    case = swept.records.cases[str(in_danger.case_id)]
    known = swept.records.conversations[case.conversation_key]
    swept.records.conversations[case.conversation_key] = replace(
        known, safe_contact=SafeContact(ok=False, how=None, not_when=None)
    )
    done(swept.broadcasts, cancelled(one, AVA, force=force(), now=NOON))

    assert swept.at(1) == {}
    assert swept.told() == []
    alerts = {alert.case_id: alert.kind for alert in swept.records.alerts.values()}
    assert alerts == {in_danger.case_id: "person_to_tell", public.case_id: "person_to_tell"}


def test_a_broadcast_that_is_busy_does_not_hold_up_the_others(
    swept: Swept, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = on_air(swept.broadcasts, 1), on_air(swept.broadcasts, 2)
    real = swept.broadcasts.commit

    def busy(change: Any, *rest: Any) -> Any:
        if change.after.broadcast_id == first.broadcast_id:
            raise StoreBusyError("TransactionConflict")
        return real(change, *rest)

    monkeypatch.setattr(swept.broadcasts, "commit", busy)
    assert swept.at(120) == {"busy": 1, "expire": 1}
    assert (swept.state(first), swept.state(second)) == (BroadcastState.PUBLISHING, BroadcastState.EXPIRED)


def test_one_that_the_table_refuses_is_told_of_when_the_others_have_had_their_turn(
    swept: Swept, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (on_air(swept.broadcasts, number) for number in (1, 2, 3))
    real = swept.broadcasts.commit

    def refuses(change: Any, *rest: Any) -> Any:
        if change.after.broadcast_id == first.broadcast_id:
            raise StoreRefusedError("ValidationException")
        if change.after.broadcast_id == second.broadcast_id:
            raise BroadcastStateError(BroadcastAct.EXPIRE, second.state)
        return real(change, *rest)

    monkeypatch.setattr(swept.broadcasts, "commit", refuses)
    with pytest.raises(StoreRefusedError):
        swept.at(120)
    assert swept.state(third) is BroadcastState.EXPIRED


def test_a_worker_that_is_killed_between_its_two_steps_loses_nothing(
    swept: Swept, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = on_air(swept.broadcasts, starts_at=SOON)

    class KilledError(Exception):
        pass

    def killed(_nudges: object) -> None:
        raise KilledError

    for minute, state, written in ((10, BroadcastState.PUBLISHING, 3), (120, BroadcastState.EXPIRED, 6)):
        with monkeypatch.context() as dying:
            dying.setattr(swept.nudges, "send", killed)
            with pytest.raises(KilledError):
                swept.at(minute)
        assert swept.state(one) is state
        assert len(swept.outbox.due(NOON + timedelta(days=1), 10)) == written
        assert swept.at(minute + 1) == {}
        assert len(swept.records.outbox) == written


def test_a_queue_that_refuses_costs_a_minute_and_no_broadcast(
    swept: Swept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(_nudges: object) -> None:
        raise QueueRefusedError("no")

    first, second = on_air(swept.broadcasts, 1, starts_at=SOON), on_air(swept.broadcasts, 2, starts_at=SOON)
    monkeypatch.setattr(swept.nudges, "send", refuses)

    assert swept.at(10) == {"start": 2}
    assert {swept.state(first), swept.state(second)} == {BroadcastState.PUBLISHING}
    assert len(swept.outbox.due(NOON + timedelta(hours=1), 10)) == 6
