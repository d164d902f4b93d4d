"""Triage over its real adapters: which AWS calls one batch makes, and that what it writes is what others read."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from contact_desk.clock import RandomIds
from contact_desk.contact_message import to_message
from contact_desk.contacts import Attachment, Contact, Person
from contact_desk.pointers import outbox_id_of
from contact_desk.stores import keys
from contact_desk.stores.archive import S3Evidence
from contact_desk.stores.case_desk import DynamoCaseDesk
from contact_desk.stores.intake import DynamoIntake
from contact_desk.stores.items import RAW_LIMIT_BYTES
from contact_desk.stores.queues import SqsNudges, SqsPointerQueue
from contact_desk.timeline import EntryKind
from functions.triage.admission import Admissions
from functions.triage.automatic_texts import OwnTexts
from functions.triage.desk import TriageDesk
from functions.triage.handler import triage
from functions.triage.listening import Listener
from local.addresses import REGION
from local.twins.held_still import FrozenClock
from local.twins.in_memory_channel_log import InMemoryChannelLog
from tests.builders import LambdaContext, contact, force, sqs_event
from tests.contract.conftest import Backend
from tests.unit.triage.readings import first_reader

KNIFE = "there is a man with a knife outside my house"


class RealDesk:
    """Triage with a bucket and queues of its own on a backend, and a tally of the calls it makes."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        dynamodb, s3, sqs = (backend.client(service) for service in ("dynamodb", "s3", "sqs"))
        self.bucket = f"evidence-{backend.table_name}"
        s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.queues = {
            pace: sqs.create_queue(QueueName=f"{pace}-{backend.table_name}")["QueueUrl"]
            for pace in ("urgent", "normal", "attachments")
        }
        self.calls: Counter[str] = Counter()
        for client in (dynamodb, s3, sqs):
            client.meta.events.register("before-call.*.*", self._tally)
        self.channel_log = InMemoryChannelLog()
        self.triage = TriageDesk(
            intake=DynamoIntake(backend.table),
            evidence=S3Evidence(s3, self.bucket),
            nudges=SqsNudges(sqs, urgent_queue_url=self.queues["urgent"], queue_url=self.queues["normal"]),
            attachments=SqsPointerQueue(sqs, self.queues["attachments"]),
            listener=Listener(self.channel_log),
            reader=first_reader(),
            admissions=Admissions(force(), OwnTexts(force()), RandomIds()),
            clock=FrozenClock(),
            pause=lambda _: None,
        )

    def _tally(self, model: Any, **_: Any) -> None:
        self.calls[model.name] += 1

    def take(self, *contacts: Contact) -> Any:
        self.calls.clear()
        context: Any = LambdaContext()
        return triage(sqs_event(*map(to_message, contacts)), context, self.triage)

    def nudged(self, pace: str) -> list[str]:
        sqs, found = self.backend.client("sqs"), []
        while messages := sqs.receive_message(QueueUrl=self.queues[pace], MaxNumberOfMessages=10).get(
            "Messages"
        ):
            found += [outbox_id_of(message["Body"]) for message in messages]
        return found


@pytest.fixture
def desk(table_backend: Backend) -> RealDesk:
    return RealDesk(table_backend)


def several(number: int, text: str) -> list[Contact]:
    return [contact(text, native_id=f"m_{n}", person=Person(f"p{n}")) for n in range(number)]


def test_each_contact_is_one_read_and_one_transaction_and_nudges_go_ten_to_a_call(desk: RealDesk) -> None:
    answer = desk.take(*several(8, KNIFE), contact("is the road open?", native_id="q", person=Person("q")))

    assert answer == {"batchItemFailures": []}
    # Sixteen urgent items in two calls, one ordinary item in one.
    assert desk.calls == {"GetItem": 9, "TransactWriteItems": 9, "SendMessageBatch": 3}


def test_a_second_emergency_in_its_conversation_is_one_transaction_too(desk: RealDesk) -> None:
    desk.take(contact(KNIFE))
    desk.take(contact("he is trying the front door now", native_id="m_2"))

    assert desk.calls == {"GetItem": 1, "TransactWriteItems": 1, "SendMessageBatch": 1}


def test_thanks_make_no_call_to_any_outbox_queue(desk: RealDesk) -> None:
    desk.take(contact("thanks"))

    assert desk.calls == {"GetItem": 1, "TransactWriteItems": 1}


def test_files_cost_one_more_queue_call_for_ten_contacts_that_bring_any(desk: RealDesk) -> None:
    photo = Attachment("image", None, "https://scontent.xx.fbcdn.net/v/1.jpg")
    desk.take(*(replace(each, attachments=(photo, photo)) for each in several(3, "thanks")))

    assert desk.calls == {"GetItem": 3, "TransactWriteItems": 3, "SendMessageBatch": 1}


def test_a_duplicate_reads_its_items_and_nudges_them_again(desk: RealDesk) -> None:
    desk.take(contact(KNIFE))
    first = desk.nudged("urgent")
    desk.take(contact(KNIFE))

    assert desk.calls["TransactWriteItems"] == desk.calls["BatchGetItem"] == desk.calls["GetItem"] == 1
    assert sorted(desk.nudged("urgent")) == sorted(first)


def test_a_large_event_is_an_object_that_the_contact_points_to(desk: RealDesk) -> None:
    raw = json.dumps("x" * RAW_LIMIT_BYTES)
    desk.take(contact(raw=raw))
    item = desk.backend.table.get(keys.contact("messenger#m_1"))

    assert item is not None
    kept = desk.backend.client("s3").get_object(Bucket=desk.bucket, Key=item["raw_pointer"])
    assert kept["Body"].read().decode() == raw


def test_an_operator_finds_the_case_with_all_that_happened(desk: RealDesk) -> None:
    desk.take(contact(KNIFE), contact("its number 14", native_id="m_2"))
    conversation = desk.triage.intake.conversation(contact().conversation_key)
    assert conversation is not None
    assert conversation.current is not None
    file = DynamoCaseDesk(desk.backend.table).case_file(conversation.current.case_id)

    assert file is not None
    assert file.case.last_contact == "messenger#m_2"
    happened = [(one.entry.kind, one.contact.text if one.contact else None) for one in file.timeline]
    assert (EntryKind.CONTACT, KNIFE) in happened
    assert (EntryKind.CONTACT, "its number 14") in happened
    assert [one.outbox.text for one in file.timeline if one.outbox] == [
        force().write(force().texts["en"].emergency, reference=file.case.reference)
    ]
