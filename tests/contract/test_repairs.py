"""What sweep needs of the table and of the dead-letter queues."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contact_desk.cases import Case, CaseState, Claim
from contact_desk.contacts import Surface
from contact_desk.grades import Band, Grade
from contact_desk.ports import Repairs
from contact_desk.repairs import DeadLetter, ExpiredClaim, QuarantinedMessage
from contact_desk.stores import keys
from contact_desk.stores.dead_letters import SqsDeadLetters
from contact_desk.stores.items import case_item
from contact_desk.stores.repairs import DynamoRepairs
from contact_desk.timeline import EntryKind
from local.twins.in_memory_repairs import InMemoryRepairs
from tests.contract.conftest import Backend

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def repairs_of(backend: Backend) -> Repairs:
    return InMemoryRepairs(backend.records) if backend.records else DynamoRepairs(backend.table)


@pytest.fixture
def repairs(backend: Backend) -> Repairs:
    return repairs_of(backend)


def claimed_case(case_id: str, *, until: datetime, token: str) -> Case:
    return Case(
        case_id=case_id,
        reference="EX-0000-0000-0",
        state=CaseState.OPEN,
        grade=Grade.SCHEDULED,
        band=Band.GREEN,
        category=None,
        reasons=(),
        preview="",
        channel="messenger",
        account="7001",
        surface=Surface.PRIVATE,
        conversation_key=f"messenger#7001#{case_id}#private",
        opened_at=NOW,
        answer_by=NOW,
        last_contact="messenger#m_1",
        last_contact_at=NOW,
        significant=True,
        claim=Claim(holder="sub-1", name="Ola", token=token, until=until),
    )


def store(backend: Backend, case: Case) -> None:
    if backend.records:
        backend.records.cases[case.case_id] = case
    else:
        assert backend.table.attempt(backend.table.put(case_item(case))) is None


def is_claimed(backend: Backend, case_id: str) -> bool:
    if backend.records:
        return backend.records.cases[case_id].claim is not None
    item = backend.table.get(keys.case(case_id))
    assert item
    return "claim" in item


def test_deliveries_without_a_receipt_are_found_in_their_order(backend: Backend, repairs: Repairs) -> None:
    wanted = [f"raw/2026/11/02/11/meta/{number:03d}.1" for number in range(150)]
    for key in wanted[::2]:
        if backend.records:
            backend.records.receipts[key] = NOW
        else:
            backend.table.attempt(backend.table.put(keys.receipt(key)))

    assert repairs.without_receipt(wanted) == wanted[1::2]
    assert repairs.without_receipt([]) == []


def test_only_claims_that_have_run_out_are_found_oldest_first(backend: Backend, repairs: Repairs) -> None:
    for case_id, minutes in (("C1", -1), ("C2", -5), ("C3", 5)):
        store(backend, claimed_case(case_id, until=NOW + timedelta(minutes=minutes), token=f"t-{case_id}"))

    found = repairs.expired_claims(NOW, limit=10)

    assert [claim.case_id for claim in found] == ["C2", "C1"]
    assert [claim.case_id for claim in repairs.expired_claims(NOW, limit=1)] == ["C2"]


def test_a_freed_case_has_no_claim_and_its_timeline_says_so(backend: Backend, repairs: Repairs) -> None:
    store(backend, claimed_case("C1", until=NOW - timedelta(minutes=1), token="t-1"))
    [claim] = repairs.expired_claims(NOW, limit=10)

    assert repairs.free(claim, NOW)

    assert not is_claimed(backend, "C1")
    assert repairs.expired_claims(NOW, limit=10) == []
    if backend.records:
        kinds = [entry.kind for entry in backend.records.timelines["C1"].values()]
    else:
        entry = backend.table.get(keys.timeline("C1", NOW, "t-1"))
        assert entry
        kinds = [EntryKind(entry["kind"])]
    assert kinds == [EntryKind.CLAIM_EXPIRED]


@pytest.mark.parametrize(("token", "minutes"), [("t-1", 10), ("t-2", -1)])
def test_a_claim_that_was_renewed_or_is_anothers_stays(
    backend: Backend, repairs: Repairs, token: str, minutes: int
) -> None:
    seen = ExpiredClaim("C1", "t-1", "Ola", NOW - timedelta(minutes=1))
    store(backend, claimed_case("C1", until=NOW + timedelta(minutes=minutes), token=token))

    assert not repairs.free(seen, NOW)
    assert is_claimed(backend, "C1")


def test_quarantine_keeps_a_message_until_it_is_released(backend: Backend, repairs: Repairs) -> None:
    first = QuarantinedMessage("private_contacts", "id-1", '{"v":1}', NOW)
    second = QuarantinedMessage("replays", "id-2", '{"v":2}', NOW + timedelta(seconds=1))
    for letter in (second, first, first):
        repairs.quarantine(letter)

    assert repairs.quarantined() == [first, second]

    repairs.release(first)

    assert repairs.quarantined() == [second]
    if backend.records is None:
        released = backend.table.get(keys.quarantine(first.queue, first.message_id))
        assert released
        assert "body" not in released, "the words are on their queue again"


def test_a_dead_letter_goes_back_one_round_older(table_backend: Backend) -> None:
    sqs = table_backend.client("sqs")
    urls = {
        name: sqs.create_queue(QueueName=f"{table_backend.table_name}-{name}")["QueueUrl"] for name in "qd"
    }
    sqs.send_message(QueueUrl=urls["d"], MessageBody='{"v":1}')
    dead_letters = SqsDeadLetters(sqs, queue_url=urls["q"], dlq_url=urls["d"])

    [letter] = dead_letters.receive(limit=100)
    dead_letters.redrive(letter, delay_seconds=0)

    assert letter.rounds == 0
    assert dead_letters.receive(limit=100) == []
    again = SqsDeadLetters(sqs, queue_url=urls["d"], dlq_url=urls["q"]).receive(limit=100)
    assert [(message.body, message.rounds) for message in again] == [('{"v":1}', 1)]


def test_a_discarded_letter_is_gone(table_backend: Backend) -> None:
    sqs = table_backend.client("sqs")
    url = sqs.create_queue(QueueName=f"{table_backend.table_name}-d")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    dead_letters = SqsDeadLetters(sqs, queue_url=url, dlq_url=url)

    [letter] = dead_letters.receive(limit=1)
    dead_letters.discard(letter)

    assert isinstance(letter, DeadLetter)
    assert (
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"][
            "ApproximateNumberOfMessagesNotVisible"
        ]
        == "0"
    )
