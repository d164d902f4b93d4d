"""What fell between two steps is pushed on: unsent items, orphans, dead letters, expired claims."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from contact_desk.alerts import AlertRank
from contact_desk.archive_keys import archive_key
from contact_desk.attachments import AttachmentCopy, ContactAttachments
from contact_desk.contact_message import to_message
from contact_desk.contacts import Person
from contact_desk.force_file import ForceFile
from contact_desk.intake import Nudge
from contact_desk.outbox import OutboxItem, OutboxKind, OutboxState, Purpose
from contact_desk.pointers import archive_key_of, attachments_id_of
from contact_desk.repairs import DeadLetter
from functions.sweep import uncopied_attachments
from functions.sweep.dead_letters import give_another_round
from functions.sweep.orphans import find_orphans
from functions.sweep.unsent_outbox import push_on
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_alerts import InMemoryAlerts
from local.twins.in_memory_archive import InMemoryArchive
from local.twins.in_memory_attachments import InMemoryAttachments
from local.twins.in_memory_outbox import InMemoryOutbox
from local.twins.in_memory_queues import InMemoryNudges, InMemoryPointerQueue
from local.twins.in_memory_repairs import InMemoryDeadLetters, InMemoryRepairs
from tests.builders import contact


def item(
    name: str, *, due_at: datetime, urgent: bool = False, state: OutboxState = OutboxState.PENDING
) -> OutboxItem:
    return OutboxItem(
        outbox_id=name,
        kind=OutboxKind.MESSAGE,
        purpose=Purpose.REPLY,
        channel="messenger",
        account="7001",
        target="PSID1",
        text="hello",
        urgent=urgent,
        created_at=NOON,
        due_at=due_at,
        state=state,
    )


def test_items_due_for_half_a_minute_are_nudged_each_on_its_queue() -> None:
    records, nudges = DeskRecords(), InMemoryNudges()
    for stored in (
        item("waiting", due_at=NOON),
        item("emergency", due_at=NOON, urgent=True),
        item("just made", due_at=NOON + timedelta(seconds=50)),
        item("for later", due_at=NOON + timedelta(hours=1)),
        item("sent", due_at=NOON, state=OutboxState.SENT),
        item("with a person", due_at=NOON, state=OutboxState.NEEDS_HUMAN),
    ):
        records.outbox[stored.outbox_id] = stored

    nudged = push_on(InMemoryOutbox(records), nudges, FrozenClock(NOON + timedelta(seconds=60)))

    assert nudged == 2
    assert (nudges.urgent, nudges.ordinary) == (["emergency"], ["waiting"])


class Archived:
    """An archive that took deliveries in at given ages before now, and the sweep over it."""

    def __init__(self, now: datetime = NOON + timedelta(minutes=30)) -> None:
        self.clock, self.records, self.replays = FrozenClock(now), DeskRecords(), InMemoryPointerQueue()
        self.archive = InMemoryArchive(self.clock)

    def deliver(self, name: str, *, minutes_ago: float, contacts: int = 1, triaged: bool = False) -> str:
        now = self.clock.now()
        self.clock.at = now - timedelta(minutes=minutes_ago)
        body = name.encode()
        key = archive_key("meta", body, contacts, self.clock.at)
        self.archive.put(key, body)
        self.clock.at = now
        if triaged:
            self.records.receipts[key] = now
        return key

    def sweep(self) -> list[str]:
        find_orphans(self.archive, InMemoryRepairs(self.records), self.replays, self.clock)
        return [archive_key_of(body) for body in self.replays.sent]


def test_an_archived_delivery_that_nobody_triaged_is_replayed() -> None:
    archived = Archived()
    orphan = archived.deliver("lost", minutes_ago=6)
    archived.deliver("triaged", minutes_ago=6, triaged=True)
    archived.deliver("a like", minutes_ago=6, contacts=0)
    archived.deliver("on its way", minutes_ago=4)

    assert archived.sweep() == [orphan]


def test_an_orphan_of_the_hour_before_is_found_just_after_the_hour() -> None:
    archived = Archived(now=NOON + timedelta(minutes=3))
    orphan = archived.deliver("lost", minutes_ago=7)

    assert orphan.startswith("raw/2026/11/02/11/")
    assert archived.sweep() == [orphan]


def test_an_old_orphan_is_asked_for_once_an_hour_only() -> None:
    archived = Archived()
    orphan = archived.deliver("lost", minutes_ago=200)

    assert archived.sweep() == []
    archived.clock.at = archived.clock.at.replace(minute=0)
    assert archived.sweep() == [orphan]


def desk(records: DeskRecords) -> tuple[InMemoryRepairs, InMemoryAlerts, InMemoryNudges]:
    return InMemoryRepairs(records), InMemoryAlerts(records), InMemoryNudges()


def letter(rounds: int, name: str = "id-1") -> DeadLetter:
    return DeadLetter(message_id=name, body='{"v":1}', rounds=rounds, receipt_handle=f"handle-{name}")


@pytest.mark.parametrize(("rounds", "delay"), [(0, 60), (1, 300), (2, 900)])
def test_a_dead_letter_gets_three_rounds_with_growing_delay(
    force: ForceFile, rounds: int, delay: int
) -> None:
    queue, records = InMemoryDeadLetters(letter(rounds)), DeskRecords()

    done = give_another_round({"private_contacts": queue}, *desk(records), force=force, clock=FrozenClock())

    assert (done.redriven, done.quarantined) == (1, 0)
    assert [(again.rounds, seconds) for again, seconds in queue.redriven] == [(rounds + 1, delay)]
    assert queue.dead == []
    assert not records.alerts


@pytest.mark.parametrize(
    ("name", "rank"),
    [("private_contacts", AlertRank.A1), ("public_contacts", AlertRank.A1), ("outbox", AlertRank.A2)],
)
def test_after_three_rounds_it_is_kept_and_people_are_called(
    force: ForceFile, name: str, rank: AlertRank
) -> None:
    queue, records = InMemoryDeadLetters(letter(3)), DeskRecords()
    repairs, alerts, nudges = desk(records)

    done = give_another_round({name: queue}, repairs, alerts, nudges, force=force, clock=FrozenClock())

    assert (done.redriven, done.quarantined) == (0, 1)
    assert queue.dead == []
    [kept] = records.quarantine.values()
    assert (kept.queue, kept.body) == (name, '{"v":1}')
    [alert] = records.alerts.values()
    assert (alert.rank, alert.open, alert.case_id) == (rank, True, None)
    [announced] = records.outbox.values()
    assert (announced.kind, announced.target) == (OutboxKind.OPERATOR_ALERT, alert.alert_id)
    assert nudges.sent == [Nudge(announced.outbox_id, urgent=rank is AlertRank.A1)]


def test_a_canary_that_no_round_saved_calls_nobody(force: ForceFile) -> None:
    hidden = contact(native_id="canary.one", person=Person("canary"))
    dead, records = replace(letter(3), body=to_message(hidden)), DeskRecords()
    queue = InMemoryDeadLetters(dead)

    done = give_another_round({"private_contacts": queue}, *desk(records), force=force, clock=FrozenClock())

    assert (done.redriven, done.quarantined, queue.dead) == (0, 0, [])
    assert (records.quarantine, records.alerts, records.outbox) == ({}, {}, {})


def test_a_quarantine_cut_short_is_finished_by_the_next_run_without_a_second_alert(force: ForceFile) -> None:
    queue, records = InMemoryDeadLetters(letter(3)), DeskRecords()
    for_all, clock = desk(records), FrozenClock()
    give_another_round({"replays": queue}, *for_all, force=force, clock=clock)
    queue.dead = [letter(3)]

    give_another_round({"replays": queue}, *for_all, force=force, clock=clock)

    assert len(records.quarantine) == len(records.alerts) == len(records.outbox) == 1


def test_attachments_due_for_half_a_minute_are_told_again() -> None:
    records, queue = DeskRecords(), InMemoryPointerQueue()
    for name, due_at in (
        ("waiting", NOON),
        ("just admitted", NOON + timedelta(seconds=50)),
        ("tried again later", NOON + timedelta(hours=1)),
        ("done", None),
    ):
        records.attachments[name] = ContactAttachments(name, "messenger", (AttachmentCopy("image"),), due_at)

    nudged = uncopied_attachments.push_on(
        InMemoryAttachments(records), queue, FrozenClock(NOON + timedelta(seconds=60))
    )

    assert nudged == 1
    assert [attachments_id_of(body) for body in queue.sent] == ["waiting"]
