"""Case files, and changes of a case that hold only while what was read still stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from contact_desk.alerts import AlertEvent, announcement
from contact_desk.case_desk import (
    ActRecord,
    AnsweredBefore,
    AuditEntry,
    CaseChange,
    Committed,
    Moved,
)
from contact_desk.cases import Case, CaseState, Claim
from contact_desk.clock import to_rfc3339
from contact_desk.contacts import Act, Person
from contact_desk.conversations import SafeContact
from contact_desk.decisions import Place
from contact_desk.grades import Grade
from contact_desk.intake import Admitted
from contact_desk.outbox import OutboxState, Purpose, Resolution
from contact_desk.stores import keys
from contact_desk.timeline import EntryKind, TimelineEntry
from local.twins.held_still import NOON
from tests.builders import CASE_ID, alert, contact, outbox_item
from tests.contract.conftest import Backend
from tests.contract.desk_stage import ALEX, ALEX_HOLDS, SOON, Stage, act_record, listed, on
from tests.desk_staging import admit


@pytest.fixture
def stage(backend: Backend) -> Stage:
    return on(backend)


# Case files


def test_a_case_that_is_not_there_has_no_file(stage: Stage) -> None:
    assert stage.desk.case("nobody") is None
    assert stage.desk.case_file("nobody") is None


def test_a_case_file_joins_the_timeline_to_what_was_written_and_what_was_sent(stage: Stage) -> None:
    first = contact("first", native_id="m_1", occurred_at=NOON)
    sent = outbox_item(purpose=Purpose.ACKNOWLEDGEMENT, text="We have it.", case_id=CASE_ID)
    admit(stage.intake, first, outbox=(sent,), now=NOON + timedelta(seconds=1))
    edit = contact("second", act=Act.EDITED, event_id="e1", occurred_at=NOON + timedelta(minutes=1))
    admit(stage.intake, edit, now=NOON + timedelta(minutes=1))

    found = stage.desk.case_file(CASE_ID)

    assert found is not None
    assert found.case == stage.stored(CASE_ID)
    assert found.conversation == stage.intake.conversation(first.conversation_key)
    assert [one.entry.kind for one in found.timeline] == [
        EntryKind.CONTACT,
        EntryKind.AUTOMATIC,
        EntryKind.EDIT,
    ]
    assert [one.contact for one in found.timeline] == [first, None, first]
    assert [one.event for one in found.timeline] == [None, None, edit]
    assert [one.outbox for one in found.timeline] == [None, sent, None]


def test_an_edit_whose_original_was_never_seen_stands_alone_in_the_file(stage: Stage) -> None:
    edit = contact("second", act=Act.EDITED, event_id="e1")
    admit(stage.intake, edit)

    found = stage.desk.case_file(CASE_ID)

    assert found is not None
    assert [(one.contact, one.event) for one in found.timeline] == [(None, edit)]


def test_a_case_file_holds_the_places_that_triage_read_in_each_wording(stage: Stage) -> None:
    admit(stage.intake, contact("by the bins in Hope Street"), places=(Place("Hope Street", 0.65),))
    edit = contact("L1 9BN, that is", act=Act.EDITED, event_id="e1", occurred_at=NOON + timedelta(minutes=1))
    admit(stage.intake, edit, now=NOON + timedelta(minutes=1), places=(Place("L1 9BN", 0.9),))

    found = stage.desk.case_file(CASE_ID)

    assert found is not None
    assert [one.places for one in found.timeline] == [(Place("Hope Street", 0.65),), (Place("L1 9BN", 0.9),)]


def test_a_case_file_holds_more_contacts_than_one_batch_reads(stage: Stage) -> None:
    messages = [
        contact(f"line {number}", native_id=f"m_{number}", occurred_at=NOON + timedelta(seconds=number))
        for number in range(102)
    ]
    for message in messages:
        admit(stage.intake, message)

    found = stage.desk.case_file(CASE_ID)

    assert found is not None
    assert [one.contact for one in found.timeline] == messages


# Changes


def test_a_change_is_written_whole(stage: Stage) -> None:
    before = stage.case()
    conversation = stage.desk.conversation(before.conversation_key)
    assert conversation is not None
    after = replace(before, claim=ALEX_HOLDS, version=2, grade=Grade.PRIORITY, survey="101")
    rule = replace(conversation, safe_contact=SafeContact(ok=False), revision=conversation.revision + 1)
    reply = outbox_item(author=ALEX.subject, case_id=before.case_id)
    entry = TimelineEntry(NOON, EntryKind.REPLY, "act-1", by="Alex", outbox_id=reply.outbox_id)
    record = act_record()

    raised = alert(case_id=before.case_id)
    told = announcement(raised, AlertEvent.OPENED, cause="act-1", now=NOON)

    outcome = stage.desk.commit(
        CaseChange(
            before,
            after,
            (entry,),
            outbox=reply,
            alert=raised,
            announcement=told,
            conversation_before=conversation,
            conversation_after=rule,
        ),
        record,
    )

    assert outcome == Committed()
    assert stage.stored(before.case_id) == after
    assert stage.desk.conversation(before.conversation_key) == rule
    assert stage.outbox.get(reply.outbox_id) == reply
    assert stage.alerts.get(raised.alert_id) == raised
    assert stage.outbox.get(told.outbox_id) == told
    assert stage.desk.answered(ALEX.subject, "key-1", NOON) == record.request
    found = stage.desk.case_file(before.case_id)
    assert found is not None
    assert found.timeline[-1].entry == entry
    assert listed(stage, grade=Grade.PRIORITY) == [1]
    assert listed(stage, grade=Grade.SCHEDULED) == []


def test_what_a_change_takes_away_is_gone(stage: Stage) -> None:
    held = stage.change(stage.case(), claim=ALEX_HOLDS)

    assert stage.change(held, claim=None).claim is None


def test_a_change_of_nothing_still_leaves_its_record(stage: Stage) -> None:
    case = stage.case()

    assert stage.desk.commit(CaseChange(case, case), act_record()) == Committed()
    assert stage.desk.answered(ALEX.subject, "key-1", NOON) is not None


def next_contact(stage: Stage, before: Case) -> None:
    later = contact("and another thing", native_id="m_9", person=Person("701", "Ceri Pritchard"))
    assert admit(stage.intake, later, now=NOON + timedelta(minutes=1)).outcome == Admitted()


MEANWHILE: dict[str, Callable[[Stage, Case], object]] = {
    "another act": lambda stage, before: stage.change(before, version=2),
    "a claim": lambda stage, before: stage.change(before, claim=ALEX_HOLDS),
    "a closing": lambda stage, before: stage.change(before, state=CaseState.CLOSED, closed_at=NOON),
    "a contact": next_contact,
}


@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_a_change_is_refused_whole_after(stage: Stage, meanwhile: str) -> None:
    before = stage.case()
    reply = outbox_item(case_id=before.case_id)
    MEANWHILE[meanwhile](stage, before)
    stands = stage.stored(before.case_id)

    outcome = stage.desk.commit(
        CaseChange(before, replace(before, version=2, grade=Grade.RESOLVE), outbox=reply), act_record()
    )

    assert outcome == Moved()
    assert stage.stored(before.case_id) == stands
    assert stage.outbox.get(reply.outbox_id) is None
    assert stage.desk.answered(ALEX.subject, "key-1", NOON) is None


def test_a_change_that_opens_an_alert_is_refused_whole_while_the_alert_stands_open(stage: Stage) -> None:
    before = stage.case()
    stands = alert(case_id=before.case_id)
    stage.alerts.raise_alert(stands, announcement(stands, AlertEvent.OPENED, cause="contact", now=NOON))
    again = replace(stands, opened_at=SOON)
    told = announcement(again, AlertEvent.OPENED, cause="act-1", now=SOON)

    outcome = stage.desk.commit(
        CaseChange(before, replace(before, version=2), alert=again, announcement=told), act_record()
    )

    assert outcome == Moved()
    assert stage.stored(before.case_id) == before
    assert stage.alerts.get(stands.alert_id) == stands
    assert stage.outbox.get(told.outbox_id) is None


def test_a_claim_that_its_holder_renewed_meanwhile_is_not_taken_as_run_out(stage: Stage) -> None:
    run_out = stage.change(stage.case(), claim=replace(ALEX_HOLDS, until=NOON))
    stage.change(run_out, claim=ALEX_HOLDS)
    taken = replace(run_out, claim=Claim("sub-bo", "Bo", "token-2", SOON))

    assert stage.desk.commit(CaseChange(run_out, taken), act_record()) == Moved()
    assert stage.stored(run_out.case_id).claim == ALEX_HOLDS


def test_a_change_of_a_conversation_that_moved_on_is_refused_whole(stage: Stage) -> None:
    before = stage.case()
    conversation = stage.desk.conversation(before.conversation_key)
    assert conversation is not None
    stale = replace(conversation, revision=conversation.revision - 1)

    outcome = stage.desk.commit(
        CaseChange(
            before, replace(before, version=2), conversation_before=stale, conversation_after=conversation
        ),
        act_record(),
    )

    assert outcome == Moved()
    assert stage.stored(before.case_id) == before
    assert stage.desk.conversation(before.conversation_key) == conversation


def test_a_key_is_answered_once(stage: Stage) -> None:
    before = stage.case()
    record = act_record()
    stage.desk.commit(CaseChange(before, replace(before, version=2)), record)

    again = stage.desk.commit(CaseChange(before, replace(before, version=2)), act_record(answer="another"))

    assert again == AnsweredBefore(record.request)
    assert stage.stored(before.case_id).version == 2


def test_a_key_belongs_to_one_operator_for_a_day(stage: Stage) -> None:
    case = stage.case()
    stage.desk.commit(CaseChange(case, case), act_record())

    assert stage.desk.answered("sub-bo", "key-1", NOON) is None
    assert stage.desk.answered(ALEX.subject, "key-1", NOON + timedelta(hours=23, minutes=59)) is not None
    assert stage.desk.answered(ALEX.subject, "key-1", NOON + timedelta(hours=24)) is None
    tomorrow = act_record(answered_at=NOON + timedelta(hours=24), answer="tomorrow's")
    assert stage.desk.commit(CaseChange(case, case), tomorrow) == Committed()


# Alerts and doubtful sendings: acts of operators beside their cases


def beside(stage: Stage, kind: EntryKind) -> ActRecord:
    case = stage.case()
    return replace(act_record(), case_id=case.case_id, entry=TimelineEntry(NOON, kind, "act-1", by="Alex"))


def test_an_acknowledgement_leaves_its_record_and_its_entry(stage: Stage) -> None:
    record = beside(stage, EntryKind.ACKNOWLEDGED)
    opened = alert(case_id=record.case_id)
    stage.alerts.raise_alert(opened, announcement(opened, AlertEvent.OPENED, cause="opened", now=NOON))
    item = announcement(opened, AlertEvent.ACKNOWLEDGED, cause="acknowledged", now=NOON)

    stage.alerts.acknowledge(opened.alert_id, by=ALEX.subject, now=NOON, item=item, record=record)

    assert stage.alerts.open_alerts() == []
    assert stage.outbox.get(item.outbox_id) == item
    assert stage.desk.answered(ALEX.subject, "key-1", NOON) == record.request
    found = stage.desk.case_file(record.case_id or "")
    assert found is not None
    assert found.timeline[-1].entry == record.entry


@pytest.mark.parametrize("resolution", Resolution)
def test_a_persons_word_on_a_sending_leaves_its_record_and_its_entry(
    stage: Stage, resolution: Resolution
) -> None:
    record = beside(stage, EntryKind.RESOLVED_SEND)
    item = outbox_item(case_id=record.case_id, state=OutboxState.NEEDS_HUMAN)
    case = stage.stored(record.case_id or "")
    stage.desk.commit(CaseChange(case, case, outbox=item), act_record(key="key-0"))

    resolved = stage.outbox.resolve(
        item.outbox_id, outcome=resolution, by=ALEX.subject, now=NOON, record=record
    )

    assert resolved is not None
    assert resolved.state is (OutboxState.SENT if resolution is Resolution.ARRIVED else OutboxState.PENDING)
    assert stage.desk.answered(ALEX.subject, "key-1", NOON) == record.request
    found = stage.desk.case_file(record.case_id or "")
    assert found is not None
    assert found.timeline[-1].entry == record.entry


def test_a_word_on_a_sending_that_waits_for_nobody_leaves_nothing(stage: Stage) -> None:
    record = beside(stage, EntryKind.RESOLVED_SEND)
    item = outbox_item(case_id=record.case_id)
    case = stage.stored(record.case_id or "")
    stage.desk.commit(CaseChange(case, case, outbox=item), act_record(key="key-0"))

    assert (
        stage.outbox.resolve(
            item.outbox_id, outcome=Resolution.ARRIVED, by=ALEX.subject, now=NOON, record=record
        )
        is None
    )
    assert stage.desk.answered(ALEX.subject, "key-1", NOON) is None


# What only the table has


def test_a_claim_is_in_the_due_index_and_what_the_desk_does_not_know_stays(table_backend: Backend) -> None:
    stage, table = on(table_backend), table_backend.table
    case = stage.case()
    table.attempt(table.update(keys.case(case.case_id), "SET #retention = :retention", retention="six years"))

    held = stage.change(case, claim=ALEX_HOLDS)
    claimed = table.get(keys.case(case.case_id))
    stage.change(held, claim=None)
    released = table.get(keys.case(case.case_id))

    assert claimed is not None
    assert released is not None
    assert (claimed["due_pk"], claimed["due_sk"]) == ("claims", f"{to_rfc3339(SOON)}#{case.case_id}")
    assert claimed["retention"] == released["retention"] == "six years"
    assert not released.keys() & {"claim", "due_pk", "due_sk"}


def test_an_act_is_audited_beside_what_it_changes_without_a_text(table_backend: Backend) -> None:
    stage = on(table_backend)
    case = stage.case()
    stage.desk.commit(CaseChange(case, case), act_record())

    stage.desk.note(AuditEntry("sub-alex", NOON, "sub-alex", "list", "request-2", ("1", "2")))

    assert table_backend.table.get(keys.audit(CASE_ID, NOON, "request-of-key-1")) == {
        **keys.audit(CASE_ID, NOON, "request-of-key-1"),
        **keys.audit_in_due_index(CASE_ID, NOON, "request-of-key-1"),
        "subject": CASE_ID,
        "at": to_rfc3339(NOON),
        "by": "sub-alex",
        "act": "note",
        "request_id": "request-of-key-1",
    }
    shown = table_backend.table.get(keys.audit("sub-alex", NOON, "request-2"))
    assert shown is not None
    assert shown["shown"] == ["1", "2"]


def test_the_table_forgets_a_request_after_a_day(table_backend: Backend) -> None:
    stage = on(table_backend)
    case = stage.case()
    stage.desk.commit(CaseChange(case, case), act_record())

    kept = table_backend.table.get(keys.request(ALEX.subject, "key-1"))

    assert kept is not None
    assert kept["expires_at"] == int((NOON + timedelta(days=1)).timestamp())
