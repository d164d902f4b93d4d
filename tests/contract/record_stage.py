"""Cases with all that may belong to one, and the records manager over them, on any backend."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from contact_desk.alerts import Alert, AlertEvent, AlertKind, AlertRank, announcement
from contact_desk.attachments import CopyState
from contact_desk.case_desk import AuditEntry, CaseChange, Committed
from contact_desk.cases import Case, CaseState, Disposition
from contact_desk.contacts import Act, Attachment, Contact, Person
from contact_desk.decisions import Place
from contact_desk.disposal import Disposer
from contact_desk.outbox import OutboxItem, OutboxKind, Purpose, outbox_id
from contact_desk.ports import AttachmentStore, Records
from contact_desk.retention import LegalHold, Why
from contact_desk.stores.attachment_store import DynamoAttachments
from contact_desk.stores.records import DynamoRecords
from contact_desk.timeline import EntryKind, TimelineEntry
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_attachments import InMemoryAttachments
from local.twins.in_memory_records import InMemoryRecordFiles, InMemoryRecords
from tests.builders import contact
from tests.contract.conftest import Backend
from tests.contract.desk_stage import Stage, act_record, case_id, on
from tests.desk_staging import admit

CANARY = "canary words of Ceri"
ADDRESS = "98172635400"
MONTH = timedelta(days=30)
HELD = LegalHold(case_id(1), "civil claim", "sub-records", NOON, date(2027, 5, 1))


def noted(act: str, at: datetime = NOON) -> AuditEntry:
    return AuditEntry(case_id(1), at, "sub-records", act, f"request-{act}-{at:%H%M}")


def answer_to(message: Contact, number: int) -> OutboxItem:
    assert message.person
    return OutboxItem(
        outbox_id=outbox_id(f"answer-{number}", OutboxKind.MESSAGE, Purpose.ACKNOWLEDGEMENT),
        kind=OutboxKind.MESSAGE,
        purpose=Purpose.ACKNOWLEDGEMENT,
        channel=message.channel,
        account=message.account,
        target=message.person.address,
        text="We have your message.",
        urgent=False,
        created_at=NOON,
        due_at=NOON,
        case_id=case_id(number),
    )


@dataclass(frozen=True)
class Keeping:
    """The ports over one backend."""

    stage: Stage
    records: Records
    attachments: AttachmentStore
    files: InMemoryRecordFiles
    backend: Backend

    def message(self, number: int, text: str = CANARY, **fields: object) -> Contact:
        made = contact(
            text,
            native_id=f"m_{number}",
            person=Person(f"{ADDRESS}{number}", "Ceri Pritchard"),
            attachments=(Attachment("image", None, "https://scontent.xx.fbcdn.net/canary.jpg"),),
            raw=f'{{"words": "{CANARY}"}}',
        )
        return replace(made, **fields)  # type: ignore[arg-type]

    def case(self, number: int = 1) -> Case:
        """A case of a person of its own, with a photo that was copied, an answer, an alert, and an edit."""
        message = self.message(number)
        alert = Alert(f"{case_id(number)}.priority", AlertRank.A2, AlertKind.PRIORITY, NOON, case_id(number))
        admit(
            self.stage.intake,
            message,
            case_id=case_id(number),
            raw_pointer=f"events/{number}",
            places=(Place(CANARY, 0.9),),
            alert=alert,
            outbox=(
                announcement(alert, AlertEvent.OPENED, cause=f"alert-{number}", now=NOON),
                answer_to(message, number),
            ),
        )
        edit = replace(message, act=Act.EDITED, event_id="edit-1", text=f"{CANARY} again")
        admit(self.stage.intake, edit, case_id=case_id(number))
        for name in self.attachments.due(NOON + MONTH, 20):
            claimed = self.attachments.claim(name, token="t", now=NOON, lease_until=NOON + MONTH)
            assert claimed
            (copy,) = claimed.copies
            key = f"attachments/{name}"
            self.files.evidence[key] = b"photo"
            self.attachments.record(
                replace(claimed, copies=(replace(copy, state=CopyState.KEPT, key=key),), due_at=None)
            )
        self.files.evidence[f"events/{number}"] = CANARY.encode()
        self.files.deliveries[message.archive_key] = CANARY.encode()
        return self.stage.stored(case_id(number))

    def closed(self, number: int = 1, *, dispose_at: datetime = NOON + MONTH) -> Case:
        """The same, with an operator's note, closed."""
        before = self.case(number)
        after = replace(
            before,
            state=CaseState.CLOSED,
            version=before.version + 1,
            closed_at=NOON,
            disposition=Disposition.SPAM,
            retention_class="noise",
            dispose_at=dispose_at,
        )
        conversation = self.stage.desk.conversation(before.conversation_key)
        assert conversation
        assert conversation.current
        note = TimelineEntry(NOON, EntryKind.NOTE, "note#1", by="Alex", text=CANARY)
        change = CaseChange(
            before,
            after,
            (note,),
            conversation_before=conversation,
            conversation_after=replace(
                conversation,
                revision=conversation.revision + 1,
                current=replace(conversation.current, state=CaseState.CLOSED, closed_at=NOON),
            ),
        )
        assert self.stage.desk.commit(change, act_record(key=f"close-{number}")) == Committed()
        return self.stage.stored(case_id(number))

    def dispose(self, number: int = 1, at: datetime = NOON + MONTH) -> bool:
        record = self.records.record(case_id(number))
        assert record
        disposer = Disposer(self.records, self.files, FrozenClock(at))
        return disposer.dispose(record, Why.DATE, "sweep", "request-of-disposal")

    def everything(self) -> str:
        """All that the backend holds, as text."""
        if self.backend.records:
            kept = self.backend.records
            return repr([getattr(kept, name) for name in kept.__slots__ if name != "requests"])
        table = self.backend.table
        items = table.client.scan(TableName=table.name)["Items"]
        # An answer to an operator's request is forgotten by itself after a day.
        return repr([item for item in items if not item["pk"]["S"].startswith("request#")])


def keeping_on(backend: Backend) -> Keeping:
    """The ports over one backend."""
    stage, files = on(backend), InMemoryRecordFiles()
    if kept := backend.records:
        return Keeping(stage, InMemoryRecords(kept), InMemoryAttachments(kept), files, backend)
    table = backend.table
    return Keeping(stage, DynamoRecords(table), DynamoAttachments(table), files, backend)
