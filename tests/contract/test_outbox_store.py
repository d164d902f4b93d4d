"""What notify, operate and sweep need of the outbox: one worker at a time, and no step back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from contact_desk.intake import Nudge
from contact_desk.outbox import ExpectedEcho, OutboxItem, OutboxState, Resolution
from contact_desk.ports import OutboxStore
from contact_desk.send_failures import SendFailure
from contact_desk.stores import keys
from contact_desk.stores.items import outbox_item as stored
from contact_desk.stores.outbox_store import DynamoOutboxStore
from local.twins.held_still import NOON
from local.twins.in_memory_outbox import InMemoryOutbox
from tests.builders import outbox_item
from tests.contract.conftest import Backend
from tests.proving import Share

LEASE = timedelta(seconds=90)
OVER = NOON + LEASE
ITEM = outbox_item()


def outbox_of(backend: Backend) -> OutboxStore:
    return InMemoryOutbox(backend.records) if backend.records else DynamoOutboxStore(backend.table)


@pytest.fixture
def outbox(backend: Backend) -> OutboxStore:
    return outbox_of(backend)


def keep(backend: Backend, *items: OutboxItem) -> None:
    for item in items:
        if backend.records:
            backend.records.outbox[item.outbox_id] = item
        else:
            backend.table.attempt(backend.table.put(stored(item)))


@pytest.fixture(autouse=True)
def waiting(backend: Backend) -> None:
    keep(backend, ITEM)


def claim(outbox: OutboxStore, worker: str = "mine", now: datetime = NOON) -> OutboxItem | None:
    return outbox.claim(ITEM.outbox_id, token=worker, now=now, lease_until=now + LEASE)


def claimed(outbox: OutboxStore, worker: str = "mine", now: datetime = NOON) -> OutboxItem:
    item = claim(outbox, worker, now)
    assert item is not None
    return item


def started(outbox: OutboxStore, worker: str = "mine", now: datetime = NOON) -> OutboxItem:
    item = outbox.start(claimed(outbox, worker, now), now=now)
    assert item is not None
    return item


def doubted(outbox: OutboxStore, due_at: datetime = NOON) -> OutboxItem:
    outbox.mark_in_doubt(started(outbox), due_at=due_at, failure="no_answer")
    return claimed(outbox, "looking", due_at)


def standing(outbox: OutboxStore) -> OutboxItem:
    item = outbox.get(ITEM.outbox_id)
    assert item is not None
    return item


def test_an_item_reads_back_as_it_was_written(outbox: OutboxStore) -> None:
    assert outbox.get(ITEM.outbox_id) == ITEM
    assert outbox.get("nothing") is None


def test_a_due_item_is_claimed_with_its_words(outbox: OutboxStore) -> None:
    item = claim(outbox)

    assert item == replace(ITEM, state=OutboxState.CLAIMED, token="mine", lease_until=OVER)
    assert standing(outbox) == item


def test_what_is_not_there_cannot_be_claimed(outbox: OutboxStore) -> None:
    assert outbox.claim("nothing", token="mine", now=NOON, lease_until=OVER) is None


def test_an_item_is_not_claimed_before_it_is_due(outbox: OutboxStore) -> None:
    assert claim(outbox, now=NOON - timedelta(milliseconds=1)) is None


def test_a_second_worker_gets_nothing_while_the_lease_runs(outbox: OutboxStore) -> None:
    claimed(outbox)

    assert claim(outbox, "yours", OVER - timedelta(milliseconds=1)) is None


def test_an_item_whose_holder_died_before_the_start_is_claimed_to_be_sent(outbox: OutboxStore) -> None:
    claimed(outbox)

    assert claimed(outbox, "yours", OVER).state is OutboxState.CLAIMED


def test_an_item_whose_holder_died_after_the_start_is_claimed_to_be_looked_up(outbox: OutboxStore) -> None:
    started(outbox)

    item = claimed(outbox, "yours", OVER)

    assert (item.state, item.token, item.started_at) == (OutboxState.IN_DOUBT, "yours", NOON)


def test_a_started_item_is_nobody_elses_while_the_lease_runs(outbox: OutboxStore) -> None:
    started(outbox)

    assert claim(outbox, "yours", OVER - timedelta(milliseconds=1)) is None


def test_starting_counts_the_try_and_notes_its_moment(outbox: OutboxStore) -> None:
    item = started(outbox)

    assert (item.state, item.attempts, item.started_at) == (OutboxState.STARTED, 1, NOON)
    assert standing(outbox) == item


def test_a_worker_that_lost_its_claim_can_do_nothing_any_more(outbox: OutboxStore) -> None:
    late = claimed(outbox)
    claimed(outbox, "yours", OVER)
    before = standing(outbox)

    assert outbox.start(late, now=OVER) is None
    assert not outbox.mark_sent(late, platform_id="m_2", now=OVER)
    assert not outbox.mark_failed(late, failure="refused")
    assert not outbox.postpone(late, due_at=OVER, failure="throttled")
    assert not outbox.mark_in_doubt(late, due_at=OVER, failure="no_answer")
    assert not outbox.hand_to_person(late, failure="not_found")
    assert standing(outbox) == before


def test_an_item_in_doubt_cannot_be_started(outbox: OutboxStore) -> None:
    assert outbox.start(doubted(outbox), now=NOON) is None


def test_a_sent_item_keeps_the_proof_and_is_done(outbox: OutboxStore) -> None:
    assert outbox.mark_sent(started(outbox), platform_id="m_2", now=NOON)

    item = standing(outbox)
    assert (item.state, item.platform_id, item.sent_at) == (OutboxState.SENT, "m_2", NOON)
    assert claim(outbox, "yours", OVER) is None
    assert outbox.due(OVER, 10) == []


def test_a_failed_item_keeps_its_code_and_is_done(outbox: OutboxStore) -> None:
    assert outbox.mark_failed(started(outbox), failure="window_closed")

    item = standing(outbox)
    assert (item.state, item.failure, item.lease_until) == (OutboxState.FAILED, "window_closed", None)
    assert claim(outbox, "yours", OVER) is None
    assert outbox.due(OVER, 10) == []


@pytest.mark.parametrize("take", [claimed, started, doubted])
def test_a_postponed_item_waits_until_it_is_due_and_is_then_sent(outbox: OutboxStore, take: Any) -> None:
    later = NOON + timedelta(seconds=30)
    assert outbox.postpone(take(outbox), due_at=later, failure="throttled")

    item = standing(outbox)
    assert (item.state, item.due_at, item.started_at) == (OutboxState.PENDING, later, None)
    assert claim(outbox, "yours", later - timedelta(milliseconds=1)) is None
    assert claimed(outbox, "yours", later).state is OutboxState.CLAIMED


def test_an_item_in_doubt_waits_until_it_is_due_and_is_then_looked_up(outbox: OutboxStore) -> None:
    later = NOON + timedelta(seconds=10)
    assert outbox.mark_in_doubt(started(outbox), due_at=later, failure="no_answer")

    assert claim(outbox, "yours", later - timedelta(milliseconds=1)) is None
    item = claimed(outbox, "yours", later)
    assert (item.state, item.failure, item.started_at) == (OutboxState.IN_DOUBT, "no_answer", NOON)
    assert claim(outbox, "theirs", later + LEASE - timedelta(milliseconds=1)) is None
    assert claimed(outbox, "theirs", later + LEASE).state is OutboxState.IN_DOUBT


@pytest.mark.parametrize("settle", ["postpone", "mark_in_doubt"])
def test_look_ups_are_counted_by_whoever_looked(outbox: OutboxStore, settle: str) -> None:
    looked = replace(doubted(outbox), looked_up=3)

    assert getattr(outbox, settle)(looked, due_at=NOON, failure="not_found")
    assert standing(outbox).looked_up == 3


def test_a_confirmation_wins_whatever_the_worker_has_recorded(outbox: OutboxStore) -> None:
    mine = started(outbox)

    assert outbox.confirm(ITEM.outbox_id, platform_id="m_2", now=NOON)
    assert not outbox.mark_failed(mine, failure="refused")
    assert not outbox.mark_in_doubt(mine, due_at=NOON, failure="no_answer")
    assert (standing(outbox).state, standing(outbox).platform_id) == (OutboxState.SENT, "m_2")
    assert claim(outbox, "yours", OVER) is None


def test_the_worker_s_own_record_after_a_confirmation_changes_nothing(outbox: OutboxStore) -> None:
    mine = started(outbox)
    outbox.confirm(ITEM.outbox_id, platform_id="m_2", now=NOON)
    before = standing(outbox)

    outbox.mark_sent(mine, platform_id="m_2", now=OVER)

    assert standing(outbox) == before


def test_a_second_confirmation_changes_nothing(outbox: OutboxStore) -> None:
    outbox.confirm(ITEM.outbox_id, platform_id="m_2", now=NOON)

    assert outbox.confirm(ITEM.outbox_id, platform_id="m_3", now=OVER)
    assert (standing(outbox).platform_id, standing(outbox).sent_at) == ("m_2", NOON)


def test_an_item_that_is_put_back_to_be_sent_again_is_spared_by_a_late_confirmation(
    outbox: OutboxStore,
) -> None:
    outbox.postpone(doubted(outbox), due_at=NOON, failure="not_found")

    outbox.confirm(ITEM.outbox_id, platform_id="m_2", now=NOON)

    assert claim(outbox, "yours", OVER) is None


def test_what_is_not_there_cannot_be_confirmed(backend: Backend, outbox: OutboxStore) -> None:
    assert not outbox.confirm("nothing", platform_id="m_2", now=NOON)
    assert outbox.get("nothing") is None


def test_an_item_that_needs_a_person_is_tried_by_nobody(outbox: OutboxStore) -> None:
    assert outbox.hand_to_person(doubted(outbox), failure="not_found")

    assert (standing(outbox).state, standing(outbox).failure) == (OutboxState.NEEDS_HUMAN, "not_found")
    assert claim(outbox, "yours", OVER) is None
    assert outbox.due(OVER, 10) == []


def test_a_person_says_that_it_arrived(outbox: OutboxStore) -> None:
    outbox.hand_to_person(doubted(outbox), failure="not_found")

    item = outbox.resolve(ITEM.outbox_id, outcome=Resolution.ARRIVED, by="sub-1", now=OVER)

    assert item is not None
    assert (item.state, item.sent_at, item.resolved_by) == (OutboxState.SENT, OVER, "sub-1")
    assert standing(outbox) == item


def test_a_person_says_that_it_is_to_be_sent_again(outbox: OutboxStore) -> None:
    outbox.hand_to_person(replace(doubted(outbox), looked_up=5), failure="not_found")

    item = outbox.resolve(ITEM.outbox_id, outcome=Resolution.SEND_AGAIN, by="sub-1", now=OVER)

    assert item is not None
    assert (item.state, item.due_at, item.looked_up) == (OutboxState.PENDING, OVER, 0)
    assert outbox.due(OVER + timedelta(seconds=1), 10) == [Nudge(ITEM.outbox_id, urgent=False)]
    assert claimed(outbox, "yours", OVER).state is OutboxState.CLAIMED


def test_the_same_person_s_repeat_is_answered_alike_and_another_s_is_not(outbox: OutboxStore) -> None:
    outbox.hand_to_person(doubted(outbox), failure="not_found")
    first = outbox.resolve(ITEM.outbox_id, outcome=Resolution.ARRIVED, by="sub-1", now=OVER)

    assert outbox.resolve(ITEM.outbox_id, outcome=Resolution.ARRIVED, by="sub-1", now=OVER + LEASE) == first
    assert outbox.resolve(ITEM.outbox_id, outcome=Resolution.SEND_AGAIN, by="sub-2", now=OVER) is None
    assert standing(outbox) == first


@pytest.mark.parametrize("outcome", Resolution)
def test_nobody_resolves_an_item_that_waits_for_nobody(outbox: OutboxStore, outcome: Resolution) -> None:
    mine = started(outbox)

    assert outbox.resolve(ITEM.outbox_id, outcome=outcome, by="sub-1", now=NOON) is None
    assert outbox.resolve("nothing", outcome=outcome, by="sub-1", now=NOON) is None
    assert standing(outbox) == mine


def test_due_items_are_shown_oldest_first_with_their_queue(backend: Backend, outbox: OutboxStore) -> None:
    older = outbox_item(cause="older", urgent=True, due_at=NOON - timedelta(seconds=5))
    later = outbox_item(cause="later", due_at=NOON + timedelta(seconds=5))
    keep(backend, older, later)

    assert outbox.due(NOON + timedelta(seconds=1), 10) == [
        Nudge(older.outbox_id, urgent=True),
        Nudge(ITEM.outbox_id, urgent=False),
    ]
    assert outbox.due(NOON + timedelta(seconds=1), 1) == [Nudge(older.outbox_id, urgent=True)]
    assert outbox.due(NOON, 10) == [Nudge(older.outbox_id, urgent=True)]


def test_more_items_than_there_are_shards_are_all_shown(backend: Backend, outbox: OutboxStore) -> None:
    many = [outbox_item(cause=str(n), due_at=NOON - timedelta(seconds=n)) for n in range(1, 31)]
    keep(backend, *many)

    shown = [nudge.outbox_id for nudge in outbox.due(NOON, 100)]

    assert shown == [item.outbox_id for item in reversed(many)]
    assert [nudge.outbox_id for nudge in outbox.due(NOON, 7)] == shown[:7]


@pytest.mark.parametrize("take", [claimed, started, doubted])
def test_a_held_item_stays_due_so_that_a_dead_worker_s_is_found(outbox: OutboxStore, take: Any) -> None:
    take(outbox)

    assert outbox.due(NOON + timedelta(seconds=1), 10) == [Nudge(ITEM.outbox_id, urgent=False)]


class RepliesLost:
    """A DynamoDB client whose every write is done and answered by nobody, so that the SDK makes it once more."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def update_item(self, **arguments: Any) -> Any:
        self._client.update_item(**arguments)
        return self._client.update_item(**arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


def test_a_worker_recognises_its_own_writes_when_their_answers_are_lost(table_backend: Backend) -> None:
    keep(table_backend, ITEM)
    lossy: Any = RepliesLost(table_backend.client("dynamodb"))
    outbox = DynamoOutboxStore(replace(table_backend.table, client=lossy))

    first = claimed(outbox)
    assert first.token == "mine"
    begun = outbox.start(first, now=NOON)
    assert begun is not None
    assert begun.attempts == 1
    assert outbox.mark_in_doubt(begun, due_at=NOON, failure="no_answer")
    looking = claimed(outbox, "looking")
    assert looking.state is OutboxState.IN_DOUBT
    assert outbox.postpone(looking, due_at=NOON, failure="not_found")
    assert outbox.mark_sent(started(outbox, "again"), platform_id="m_2", now=NOON)


def test_an_item_leaves_the_due_index_with_its_last_step(table_backend: Backend) -> None:
    keep(table_backend, ITEM)
    outbox = DynamoOutboxStore(table_backend.table)
    outbox.mark_sent(started(outbox), platform_id="m_2", now=NOON)

    fields = table_backend.table.get(keys.outbox(ITEM.outbox_id)) or {}

    assert not {"due_pk", "due_sk", "lease_until"} & set(fields)


def test_of_sixteen_workers_at_once_one_gets_the_item(racing_backend: Backend, share: Share) -> None:
    outbox = DynamoOutboxStore(racing_backend.table)
    with ThreadPoolExecutor(16) as workers:
        for round_number in range(share(20, 500)):
            item = outbox_item(cause=f"round {round_number}")
            keep(racing_backend, item)

            def take(worker: int, outbox_id: str = item.outbox_id) -> OutboxItem | None:
                return outbox.claim(outbox_id, token=f"worker {worker}", now=NOON, lease_until=OVER)

            won = [taken for taken in workers.map(take, range(16)) if taken]
            assert [taken.token for taken in won] == [(outbox.get(item.outbox_id) or ITEM).token]


def test_words_that_are_about_to_be_sent_are_found_by_what_the_platform_will_repeat(
    outbox: OutboxStore,
) -> None:
    place = (ITEM.channel, ITEM.account, ITEM.target, ITEM.text_hash)
    assert outbox.expected_echo(*place) is None

    outbox.expect_echo(claimed(outbox), now=NOON)

    assert outbox.expected_echo(*place) == ExpectedEcho(ITEM.outbox_id, NOON)
    assert outbox.expected_echo(*place[:3], "other words") is None


def test_a_later_word_that_it_did_not_arrive_stands_against_every_later_status(outbox: OutboxStore) -> None:
    outbox.mark_sent(claimed(outbox), platform_id="wamid.1", now=NOON)

    why = SendFailure.PERSON_UNREACHABLE
    refuted = outbox.refute(ITEM.outbox_id, failure=SendFailure.NOT_DELIVERED, because=why)

    assert refuted is not None
    assert (refuted.state, refuted.sent_at) == (OutboxState.FAILED, None)
    assert (refuted.failure, refuted.undelivered_because) == (SendFailure.NOT_DELIVERED, why)
    assert outbox.refute(ITEM.outbox_id, failure=SendFailure.NOT_DELIVERED) is None
    assert outbox.refute("nothing of ours", failure=SendFailure.NOT_DELIVERED) is None
    assert outbox.confirm(ITEM.outbox_id, platform_id="wamid.1", now=NOON)
    stands = outbox.get(ITEM.outbox_id)
    assert stands is not None
    assert stands.state is OutboxState.FAILED
    assert list(outbox.due(OVER, 10)) == []


def test_the_name_of_a_draft_is_kept_while_the_claim_holds(outbox: OutboxStore) -> None:
    started = outbox.start(claimed(outbox), now=NOON)
    assert started is not None

    assert outbox.keep_draft(started, platform_id="draft-1")

    kept = outbox.get(ITEM.outbox_id)
    assert kept is not None
    assert (kept.platform_id, kept.state) == ("draft-1", OutboxState.STARTED)
    assert not outbox.keep_draft(replace(started, token="another"), platform_id="draft-2")


def test_no_draft_is_named_before_the_start(outbox: OutboxStore) -> None:
    assert not outbox.keep_draft(claimed(outbox), platform_id="draft-1")


def test_what_was_not_sent_after_all_keeps_no_name_and_no_persons_word(outbox: OutboxStore) -> None:
    started = outbox.start(claimed(outbox), now=NOON)
    assert started is not None
    outbox.hand_to_person(started, failure=SendFailure.CANNOT_LOOK)
    outbox.resolve(ITEM.outbox_id, outcome=Resolution.SEND_AGAIN, by="op-1", now=NOON)
    again = claimed(outbox, "again")

    assert outbox.mark_sent(again, platform_id=None, now=NOON)

    done = outbox.get(ITEM.outbox_id)
    assert done is not None
    assert (done.state, done.platform_id, done.resolved_by) == (OutboxState.SENT, None, None)
