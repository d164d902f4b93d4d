"""One contact's way onto the desk: once, whatever comes how often, and again where somebody else was quicker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from contact_desk.alerts import AlertRank
from contact_desk.cases import CaseState
from contact_desk.contacts import REPORT_FORM, Act, Contact, Surface
from contact_desk.conversations import Conversation
from contact_desk.decisions import Reason
from contact_desk.errors import ArchiveBusyError, StoreBusyError, StoreRefusedError
from contact_desk.grades import Band, Grade
from contact_desk.intake import Admission, AdmissionOutcome, ConversationMoved
from contact_desk.outbox import OutboxKind, OutboxState, Purpose
from contact_desk.stores.items import RAW_LIMIT_BYTES
from functions.triage.desk import BUSY_TRIES, DECISION_TRIES
from local.twins.held_still import NOON
from local.twins.in_memory_intake import InMemoryIntake
from tests.builders import PERSON, contact
from tests.unit.triage.readings import Desk

KNIFE = "there is a man with a knife outside my house"
CAT = "not an emergency, my cat is up a tree"


@pytest.fixture
def desk() -> Desk:
    return Desk()


def sent(desk: Desk) -> list[tuple[OutboxKind, Purpose]]:
    return [(item.kind, item.purpose) for item in desk.records.outbox.values()]


def test_a_knife_in_private_is_the_emergency_text_and_an_a1(desk: Desk) -> None:
    taken = desk.triage.take(contact(KNIFE))
    (case,) = desk.records.cases.values()

    assert sent(desk) == [(OutboxKind.MESSAGE, Purpose.EMERGENCY), (OutboxKind.OPERATOR_ALERT, Purpose.ALERT)]
    assert [nudge.urgent for nudge in taken.nudges] == [True, True]
    assert (case.grade, case.band, case.state) == (Grade.EMERGENCY, Band.RED, CaseState.OPEN)
    assert [alert.open for alert in desk.records.alerts.values()] == [True]


def test_a_second_emergency_in_the_conversation_alerts_again_and_says_nothing_new(desk: Desk) -> None:
    desk.triage.take(contact(KNIFE))
    desk.clock.advance(minutes=5)
    desk.triage.take(contact("hes trying the front door now please hurry", native_id="m_2"))

    assert sent(desk).count((OutboxKind.MESSAGE, Purpose.EMERGENCY)) == 1
    assert sent(desk).count((OutboxKind.OPERATOR_ALERT, Purpose.ALERT)) == 2
    assert len(desk.records.cases) == len(desk.records.alerts) == 1


def test_what_follows_an_emergency_is_not_acknowledged(desk: Desk) -> None:
    desk.triage.take(contact(KNIFE))
    desk.triage.take(contact("ok will do", native_id="m_2"))

    assert [purpose for _, purpose in sent(desk)] == [Purpose.EMERGENCY, Purpose.ALERT]


def test_a_cat_up_a_tree_is_the_signpost_and_nothing_else(desk: Desk) -> None:
    desk.triage.take(contact(CAT))
    (item,) = desk.records.outbox.values()
    (case,) = desk.records.cases.values()

    assert (item.purpose, item.signpost, item.target, item.urgent) == (
        Purpose.SIGNPOST,
        "rspca",
        PERSON,
        False,
    )
    assert (case.state, case.grade) == (CaseState.ANSWERED, Grade.RESOLVE)
    assert desk.records.alerts == {}


def test_the_same_knife_in_public_is_the_public_text_and_a_private_reply(desk: Desk) -> None:
    desk.triage.take(contact(KNIFE, channel="facebook_page"))

    assert sent(desk)[:2] == [
        (OutboxKind.COMMENT_REPLY, Purpose.EMERGENCY),
        (OutboxKind.PRIVATE_REPLY, Purpose.EMERGENCY),
    ]


def test_an_emergency_on_the_form_alerts_and_leaves_the_answer_to_the_form(desk: Desk) -> None:
    desk.triage.take(contact("", channel=REPORT_FORM, report={"emergency_now": True}))

    assert sent(desk) == [(OutboxKind.OPERATOR_ALERT, Purpose.ALERT)]


def test_what_else_a_report_says_is_read_too(desk: Desk) -> None:
    desk.triage.take(
        contact("please help", channel=REPORT_FORM, report={"where": "my house is on fire", "when": 7})
    )
    (case,) = desk.records.cases.values()

    assert case.grade is Grade.EMERGENCY


def test_a_duplicate_changes_nothing_and_nudges_what_is_unsent(desk: Desk) -> None:
    first = desk.triage.take(contact(KNIFE))
    item = next(iter(desk.records.outbox.values()))
    desk.records.outbox[item.outbox_id] = replace(item, state=OutboxState.SENT)
    cases = dict(desk.records.cases)
    again = desk.triage.take(contact(KNIFE))

    assert again.decision is None
    assert again.nudges == first.nudges[1:]
    assert desk.records.cases == cases


def test_the_same_key_with_other_words_is_kept_as_an_edit_once(desk: Desk) -> None:
    desk.triage.take(contact("my brothr is here"))
    for _ in range(2):
        desk.triage.take(contact("my brother is here"))
    (case,) = desk.records.cases.values()
    ((key, _),) = desk.records.events

    assert key == "messenger#m_1"
    assert desk.records.contacts["messenger#m_1"].contact.text == "my brothr is here"
    assert case.preview == "my brother is here"


def test_an_edit_that_comes_again_is_nothing_new_whatever_it_says(desk: Desk) -> None:
    edit = contact("my brother", act=Act.EDITED, event_id="e1")
    desk.triage.take(edit)
    desk.triage.take(replace(edit, text="my sister"))

    assert set(desk.records.events) == {("messenger#m_1", "e1")}


def test_other_words_under_the_same_key_nudge_what_the_first_left_unsent(desk: Desk) -> None:
    first = desk.triage.take(contact("is my brother there?"))
    again = desk.triage.take(contact(KNIFE))

    assert first.nudges
    assert again.nudges[: len(first.nudges)] == first.nudges
    assert len(again.nudges) == len(first.nudges) + 2


def test_a_report_sent_again_as_an_emergency_is_one(desk: Desk) -> None:
    said = "somebody is shouting"
    for emergency_now in (False, True, True, False):
        desk.triage.take(contact(said, channel=REPORT_FORM, report={"emergency_now": emergency_now}))
    (case,) = desk.records.cases.values()

    assert case.grade is Grade.EMERGENCY
    assert len(desk.records.events) == len(desk.records.alerts) == 1


def test_an_unreadable_is_a_card_for_a_person(desk: Desk) -> None:
    desk.triage.take(contact("", act=Act.UNREADABLE, native_id=f"{'ab' * 32}.0", person=None))
    (case,) = desk.records.cases.values()

    assert (case.grade, case.state, case.category) == (Grade.SCHEDULED, CaseState.OPEN, None)
    assert case.reasons == (Reason("unreadable", "Could not be read"),)
    assert desk.records.outbox == {}


def test_an_unreadable_that_cries_for_help_is_an_emergency_of_nobody_in_particular(desk: Desk) -> None:
    card = '{"mid": 7, "text": "there is a man with a knife outside my house"}'
    desk.triage.take(contact(card, act=Act.UNREADABLE, native_id=f"{'ab' * 32}.0", person=None))
    (case,) = desk.records.cases.values()
    (item,) = desk.records.outbox.values()

    assert (case.grade, case.reasons[0].rule) == (Grade.EMERGENCY, "unreadable")
    assert len(case.reasons) > 1
    assert item.kind is OutboxKind.OPERATOR_ALERT


def test_a_delete_raises_nothing_and_says_nothing(desk: Desk) -> None:
    desk.triage.take(contact(KNIFE))
    before = dict(desk.records.outbox)
    desk.triage.take(contact("", act=Act.DELETED, event_id="d1"))
    (case,) = desk.records.cases.values()

    assert (case.grade, case.preview) == (Grade.EMERGENCY, KNIFE)
    assert desk.records.outbox == before


def test_a_delivery_has_its_receipt_once_its_last_contact_is_in(desk: Desk) -> None:
    desk.triage.take(contact(archive_key="raw/a.2", native_id="m_1", part=1, last=False))
    assert desk.records.receipts == {}
    desk.triage.take(contact(archive_key="raw/a.2", native_id="m_2", part=2, last=True))

    assert set(desk.records.receipts) == {"raw/a.2"}


def test_an_event_too_large_for_the_table_is_kept_as_evidence_before_it_is_pointed_to(desk: Desk) -> None:
    large = "x" * (RAW_LIMIT_BYTES + 1)
    desk.triage.take(contact(raw=large))
    pointer = desk.records.contacts["messenger#m_1"].raw_pointer

    assert pointer is not None
    assert desk.evidence.events == {pointer: large}


def test_without_its_evidence_the_contact_is_not_admitted(desk: Desk) -> None:
    desk.evidence.busy = True
    with pytest.raises(ArchiveBusyError):
        desk.triage.take(contact(raw="x" * (RAW_LIMIT_BYTES + 1)))

    assert desk.records.contacts == {}


class Interrupted(InMemoryIntake):
    """An intake where something happens before each admission."""

    def __init__(self, desk: Desk, before_admission: Callable[[int], AdmissionOutcome | None]) -> None:
        super().__init__(desk.records)
        self.before_admission = before_admission
        self.admissions = 0
        self.reads = 0

    def conversation(self, key: str) -> Conversation | None:
        self.reads += 1
        return super().conversation(key)

    def admit(self, admission: Admission) -> AdmissionOutcome:
        self.admissions += 1
        return self.before_admission(self.admissions) or super().admit(admission)


def interrupted(desk: Desk, before_admission: Callable[[int], AdmissionOutcome | None]) -> Interrupted:
    intake = Interrupted(desk, before_admission)
    desk.triage = replace(desk.triage, intake=intake)
    return intake


def test_one_contact_is_one_read_and_one_transaction(desk: Desk) -> None:
    intake = interrupted(desk, lambda _: None)
    desk.triage.take(contact(KNIFE))

    assert (intake.reads, intake.admissions, desk.pauses) == (1, 1, [])


def test_a_conversation_that_moved_is_read_and_decided_on_anew(desk: Desk) -> None:
    other = Desk(records=desk.records)

    def somebody_is_quicker(attempt: int) -> None:
        if attempt == 1:
            other.triage.take(contact("hello", native_id="m_0"))

    intake = interrupted(desk, somebody_is_quicker)
    desk.triage.take(contact(KNIFE))

    assert (intake.reads, intake.admissions) == (2, 2)
    assert len(desk.records.cases) == 1


def test_a_case_closed_meanwhile_is_not_joined(desk: Desk) -> None:
    desk.triage.take(contact("hello", native_id="m_0"))
    (first,) = desk.records.cases

    def a_person_closes_it(attempt: int) -> None:
        if attempt > 1:
            return
        records, key = desk.records, contact().conversation_key
        conversation = records.conversations[key]
        assert conversation.current is not None
        records.cases[first] = replace(
            records.cases[first], state=CaseState.CLOSED, closed_at=desk.clock.now()
        )
        current = replace(conversation.current, state=CaseState.CLOSED, closed_at=desk.clock.now())
        records.conversations[key] = replace(
            conversation, revision=conversation.revision + 1, current=current
        )

    interrupted(desk, a_person_closes_it)
    desk.triage.take(contact(KNIFE))
    (second,) = desk.records.cases.keys() - {first}

    assert desk.records.cases[first].state is CaseState.CLOSED
    assert desk.records.cases[second].previous_case == first
    assert desk.records.contacts["messenger#m_1"].case_id == second


def test_a_conversation_that_never_rests_is_given_back_to_the_queue(desk: Desk) -> None:
    intake = interrupted(desk, lambda _: ConversationMoved())

    with pytest.raises(StoreBusyError):
        desk.triage.take(contact())
    assert intake.admissions == DECISION_TRIES


def raising(error: Exception, times: int) -> Callable[[int], None]:
    def raise_it(attempt: int) -> None:
        if attempt <= times:
            raise error

    return raise_it


def test_a_busy_table_is_asked_again_a_few_times_with_a_pause(desk: Desk) -> None:
    interrupted(desk, raising(StoreBusyError("throttled"), times=BUSY_TRIES - 1))
    desk.triage.take(contact())

    assert len(desk.pauses) == BUSY_TRIES - 1
    assert all(0 <= pause < 0.1 for pause in desk.pauses)
    assert len(desk.records.contacts) == 1


def test_a_table_that_stays_busy_gives_the_contact_back(desk: Desk) -> None:
    intake = interrupted(desk, raising(StoreBusyError("throttled"), times=99))

    with pytest.raises(StoreBusyError):
        desk.triage.take(contact())
    assert intake.admissions == BUSY_TRIES


def test_a_refusal_is_not_tried_again(desk: Desk) -> None:
    intake = interrupted(desk, raising(StoreRefusedError("AccessDeniedException"), times=99))

    with pytest.raises(StoreRefusedError):
        desk.triage.take(contact())
    assert intake.admissions == 1


def test_hostile_text_is_cleaned_before_it_is_kept(desk: Desk) -> None:
    hostile: Contact = contact("kn\ud800ife \x00 \ufffe")
    desk.triage.take(hostile)
    desk.triage.take(hostile)

    assert "\ud800" not in desk.records.contacts["messenger#m_1"].contact.text
    assert desk.records.events == {}


@pytest.mark.parametrize("channel", ["instagram", "whatsapp", "x", "sms"])
def test_an_emergency_in_private_has_its_text_and_its_a1_on_every_channel(desk: Desk, channel: str) -> None:
    until = NOON.replace(hour=23)
    desk.triage.take(contact(KNIFE, channel=channel, reply_until=until))

    assert sent(desk) == [
        (OutboxKind.MESSAGE, Purpose.EMERGENCY),
        (OutboxKind.OPERATOR_ALERT, Purpose.ALERT),
    ]
    assert {item.reply_until for item in desk.records.outbox.values()} == {until, None}
    assert [(alert.rank, alert.open) for alert in desk.records.alerts.values()] == [(AlertRank.A1, True)]


@pytest.mark.parametrize("channel", ["instagram", "whatsapp", "x"])
def test_in_public_where_nothing_may_be_said_an_emergency_still_raises_its_a1(
    desk: Desk, channel: str
) -> None:
    desk.triage.take(contact(KNIFE, channel=channel, surface=Surface.PUBLIC))
    desk.triage.take(contact("is the road open?", channel=channel, surface=Surface.PUBLIC, native_id="2"))

    assert sent(desk) == [(OutboxKind.OPERATOR_ALERT, Purpose.ALERT)]
    assert [(alert.rank, alert.open) for alert in desk.records.alerts.values()] == [(AlertRank.A1, True)]


def test_a_repeat_by_its_id_alone_does_not_empty_what_was_said(desk: Desk) -> None:
    desk.triage.take(contact("is the road open?", channel="instagram"))
    desk.triage.take(contact("", channel="instagram"))

    assert desk.records.events == {}
    assert [case.preview for case in desk.records.cases.values()] == ["is the road open?"]
