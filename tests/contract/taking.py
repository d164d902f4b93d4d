"""Contacts admitted as triage does, and what a backend then holds, read past the port under test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contact_desk.alerts import Alert
from contact_desk.cases import Case, CaseState
from contact_desk.clock import RandomIds
from contact_desk.contacts import Contact
from contact_desk.conversations import Conversation
from contact_desk.decisions import TriageDecision
from contact_desk.intake import Admission, Admitted
from contact_desk.outbox import OutboxItem
from contact_desk.ports import Intake
from contact_desk.stores import keys
from contact_desk.stores.intake import DynamoIntake
from contact_desk.stores.items import (
    alert_from_item,
    alert_item,
    case_from_item,
    case_item,
    contact_from_item,
    conversation_item,
    outbox_from_item,
    outbox_item,
    timeline_from_item,
)
from contact_desk.timeline import TimelineEntry
from functions.triage.admission import Admissions
from functions.triage.automatic_texts import OwnTexts
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON
from local.twins.in_memory_intake import InMemoryIntake
from tests.builders import force
from tests.contract.conftest import Backend
from tests.unit.triage.readings import decision


class Rows:
    """What a backend holds, read past the port under test."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    @property
    def twin(self) -> DeskRecords | None:
        return self.backend.records

    def _item(self, key: keys.Key) -> Any:
        return self.backend.table.get(key)

    def contact(self, key: str) -> Contact | None:
        if self.twin:
            stored = self.twin.contacts.get(key)
            return stored.contact if stored else None
        item = self._item(keys.contact(key))
        return contact_from_item(item) if item else None

    def event(self, key: str, event_id: str) -> Contact | None:
        if self.twin:
            stored = self.twin.events.get((key, event_id))
            return stored.contact if stored else None
        item = self._item(keys.contact_event(key, event_id))
        return contact_from_item(item) if item else None

    def case(self, case_id: str) -> Case:
        return self.twin.cases[case_id] if self.twin else case_from_item(self._item(keys.case(case_id)))

    def put_case(self, case: Case) -> None:
        if self.twin:
            self.twin.cases[case.case_id] = case
        else:
            self.backend.table.attempt(self.backend.table.put(case_item(case)))

    def put_conversation(self, conversation: Conversation) -> None:
        if self.twin:
            self.twin.conversations[conversation.key] = conversation
        else:
            self.backend.table.attempt(self.backend.table.put(conversation_item(conversation)))

    def outbox(self, outbox_id: str) -> OutboxItem:
        return (
            self.twin.outbox[outbox_id] if self.twin else outbox_from_item(self._item(keys.outbox(outbox_id)))
        )

    def put_outbox(self, item: OutboxItem) -> None:
        if self.twin:
            self.twin.outbox[item.outbox_id] = item
        else:
            self.backend.table.attempt(self.backend.table.put(outbox_item(item)))

    def alert(self, alert_id: str) -> Alert:
        return self.twin.alerts[alert_id] if self.twin else alert_from_item(self._item(keys.alert(alert_id)))

    def put_alert(self, alert: Alert) -> None:
        if self.twin:
            self.twin.alerts[alert.alert_id] = alert
        else:
            self.backend.table.attempt(self.backend.table.put(alert_item(alert)))

    def timeline(self, case_id: str) -> list[TimelineEntry]:
        if self.twin:
            entries = self.twin.timelines[case_id]
            return [entries[name] for name in sorted(entries)]
        found = self.backend.table.query(
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={
                ":pk": {"S": keys.case(case_id)["pk"]},
                ":prefix": {"S": keys.TIMELINE_PREFIX},
            },
        )
        return [timeline_from_item(item) for item in found]

    def has_receipt(self, archive_key: str) -> bool:
        if self.twin:
            return archive_key in self.twin.receipts
        return self._item(keys.receipt(archive_key)) is not None


class Taking:
    """Admits contacts as triage does, and shows what became of them."""

    def __init__(self, backend: Backend) -> None:
        self.rows = Rows(backend)
        self.intake: Intake = (
            InMemoryIntake(backend.records) if backend.records else DynamoIntake(backend.table)
        )
        self.admissions = Admissions(force(), OwnTexts(force()), RandomIds())

    def compose(self, one: Contact, decided: TriageDecision | None = None, **changed: Any) -> Admission:
        before = changed.pop("before", None) or self.intake.conversation(one.conversation_key)
        now = changed.pop("now", NOON)
        return replace(self.admissions.compose(one, decided or decision(), before, now), **changed)

    def admit(self, one: Contact, decided: TriageDecision | None = None, **changed: Any) -> Admission:
        admission = self.compose(one, decided, **changed)
        assert self.intake.admit(admission) == Admitted()
        return admission

    def close(self, admission: Admission) -> None:
        """Close the case as an operator's act does: the case, and the conversation's memory of it."""
        case, conversation = self.rows.case(admission.case.case_id), admission.after
        assert conversation.current is not None
        current = replace(conversation.current, state=CaseState.CLOSED, closed_at=NOON)
        self.rows.put_case(replace(case, state=CaseState.CLOSED, closed_at=NOON))
        self.rows.put_conversation(replace(conversation, revision=conversation.revision + 1, current=current))
