"""The intake port: one transaction per contact, on the twin, on moto and on the emulator."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from contact_desk.alerts import Alert
from contact_desk.cases import Case, CaseState
from contact_desk.contacts import REPORT_FORM, Act, Attachment, Contact, Location
from contact_desk.decisions import Place
from contact_desk.grades import Band, Grade
from contact_desk.intake import Admission, ConversationMoved, Duplicate, JoinedCase, Nudge
from contact_desk.outbox import OutboxState
from contact_desk.references import reference
from contact_desk.stores import keys
from contact_desk.stores.dynamo import assignments
from contact_desk.stores.items import (
    RAW_LIMIT_BYTES,
)
from contact_desk.timeline import EntryKind
from local.twins.held_still import NOON
from tests.builders import contact, force
from tests.contract.conftest import Backend
from tests.contract.taking import Taking
from tests.unit.triage.readings import amber, decision, red


@pytest.fixture
def taking(backend: Backend) -> Taking:
    return Taking(backend)


FULL = contact(
    "mae'r tŷ ar dân \N{FIRE}",
    channel=REPORT_FORM,
    language="cy",
    attachments=(Attachment("image", None, "https://cdn.example/1"), Attachment("file", "text/plain")),
    location=Location(53.4084, -2.9916, None),
    permalink="https://example.org/1",
    reply_until=NOON + timedelta(hours=24),
    report={"emergency_now": False, "where": "here", "contact": {"email": "a@example.org"}},
)


def test_a_conversation_nobody_has_written_to_is_none(taking: Taking) -> None:
    assert taking.intake.conversation("messenger#1#2#private") is None


def test_a_contact_comes_with_its_conversation_case_texts_alert_timeline_and_receipt(taking: Taking) -> None:
    admission = taking.admit(contact("a knife"), red())
    rows, case = taking.rows, admission.case

    assert rows.contact("messenger#m_1") == admission.contact
    assert taking.intake.conversation(admission.after.key) == admission.after
    assert rows.case(case.case_id) == case
    assert [rows.outbox(item.outbox_id) for item in admission.outbox] == list(admission.outbox)
    assert admission.alert is not None
    assert rows.alert(admission.alert.alert_id) == admission.alert
    assert [(entry.kind, entry.contact_key or entry.outbox_id) for entry in rows.timeline(case.case_id)] == [
        (EntryKind.CONTACT, "messenger#m_1"),
        (EntryKind.AUTOMATIC, admission.outbox[0].outbox_id),
    ]
    assert rows.has_receipt(admission.contact.archive_key)


@pytest.mark.parametrize(
    "one", [FULL, contact(person=None, act=Act.UNREADABLE), contact("")], ids=["full", "nobody", "empty"]
)
def test_a_contact_is_kept_as_it_came(taking: Taking, one: Contact) -> None:
    taking.admit(one)
    kept = taking.rows.contact(one.key)

    assert kept is not None
    assert replace(kept, report=None) == replace(one, report=None)
    assert {name: value for name, value in (kept.report or {}).items() if value is not None} == (
        one.report or {}
    )


def test_only_the_last_contact_of_a_delivery_leaves_its_receipt(taking: Taking) -> None:
    taking.admit(contact(native_id="m_1", last=False))
    assert not taking.rows.has_receipt(contact().archive_key)

    taking.admit(contact(native_id="m_2"))
    assert taking.rows.has_receipt(contact().archive_key)


def test_a_contact_admitted_before_is_a_duplicate_and_changes_nothing(taking: Taking) -> None:
    first = taking.admit(contact("a knife"), red())
    second = taking.compose(contact("a gun"), red(), now=NOON + timedelta(minutes=5))

    outcome = taking.intake.admit(second)

    assert outcome == Duplicate("a knife", tuple(Nudge(item.outbox_id, True) for item in first.outbox))
    assert taking.intake.conversation(first.after.key) == first.after
    assert taking.rows.case(first.case.case_id) == first.case
    assert taking.rows.contact("messenger#m_1") == first.contact


@pytest.mark.parametrize(
    ("state", "unsent"),
    [
        (OutboxState.PENDING, True),
        (OutboxState.CLAIMED, True),
        (OutboxState.STARTED, True),
        (OutboxState.IN_DOUBT, True),
        (OutboxState.SENT, False),
        (OutboxState.FAILED, False),
        (OutboxState.NEEDS_HUMAN, False),
    ],
)
def test_a_duplicate_names_the_items_that_are_still_to_be_sent(
    taking: Taking, state: OutboxState, unsent: bool
) -> None:
    (item,) = taking.admit(contact()).outbox
    taking.rows.put_outbox(replace(item, state=state))

    outcome = taking.intake.admit(taking.compose(contact()))

    assert outcome == Duplicate("is the road open?", (Nudge(item.outbox_id, False),) if unsent else ())


def test_a_duplicate_that_closes_its_delivery_leaves_the_receipt(taking: Taking) -> None:
    taking.admit(contact(last=False))
    taking.intake.admit(taking.compose(contact(last=False)))
    assert not taking.rows.has_receipt(contact().archive_key)

    taking.intake.admit(taking.compose(contact(last=True)))
    assert taking.rows.has_receipt(contact().archive_key)


def test_a_duplicate_tells_whether_the_report_was_an_emergency(taking: Taking) -> None:
    one = contact(channel=REPORT_FORM, report={"emergency_now": True})
    taking.admit(one)

    outcome = taking.intake.admit(taking.compose(one))

    assert isinstance(outcome, Duplicate)
    assert outcome.emergency_now


def test_a_second_contact_joins_and_raises_the_case(taking: Taking) -> None:
    first = taking.admit(contact("hello there"), decision(category="advice", language="en"))
    second = taking.admit(
        contact("a knife", native_id="m_2", reply_until=NOON + timedelta(hours=24)),
        red(markers=("weapon",), language="cy", places=(Place("A59", 0.8),)),
        now=NOON + timedelta(minutes=1),
    )
    case, joined = taking.rows.case(first.case.case_id), second.case

    assert isinstance(joined, JoinedCase)
    assert (case.grade, case.band, case.category) == (joined.grade, joined.band, "crime_violence")
    assert (case.preview, case.reasons, case.markers) == ("a knife", red().reasons, ("weapon",))
    assert (case.last_contact, case.last_contact_at) == ("messenger#m_2", NOON + timedelta(minutes=1))
    assert (case.answer_by, case.reply_until) == (joined.answer_by, NOON + timedelta(hours=24))
    assert (case.version, case.language, case.significant) == (1, "cy", True)
    assert case.places == ("A59",)
    assert (
        len([entry for entry in taking.rows.timeline(case.case_id) if entry.kind is EntryKind.CONTACT]) == 2
    )


def test_a_lesser_contact_joins_and_lowers_nothing(taking: Taking) -> None:
    first = taking.admit(contact("a knife"), red())
    taking.admit(
        contact("thanks", native_id="m_2"), decision(category="praise", significant=False, thanks=True)
    )
    case = taking.rows.case(first.case.case_id)

    assert isinstance(first.case, Case)
    assert (case.grade, case.band, case.category) == (first.case.grade, first.case.band, "crime_violence")
    assert (case.reasons, case.answer_by) == (first.case.reasons, first.case.answer_by)
    assert case.significant


def test_a_category_that_was_missing_is_given_by_a_lesser_contact(taking: Taking) -> None:
    first = taking.admit(contact("a knife"), red(category=None))
    taking.admit(contact("my bike", native_id="m_2"), decision(category="crime_theft"))

    assert taking.rows.case(first.case.case_id).category == "crime_theft"


def test_a_joined_case_moves_to_its_new_place_in_the_queue(table_backend: Backend) -> None:
    taking = Taking(table_backend)
    first = taking.admit(contact("hello"))
    taking.admit(contact("a knife", native_id="m_2"), red())
    item = table_backend.table.get(keys.case(first.case.case_id))
    expected = keys.case_in_desk_index(taking.rows.case(first.case.case_id))

    assert item is not None
    assert {name: item[name] for name in expected} == expected
    assert item["desk_pk"] == "queue#emergency"


def test_an_event_is_kept_beside_its_contact_and_once(taking: Taking) -> None:
    first = taking.admit(contact("my brothr"))
    edit = contact("my brother", act=Act.EDITED, event_id="e1", occurred_at=NOON)
    taking.admit(edit)

    assert taking.intake.admit(taking.compose(edit)) == Duplicate("my brother", ())
    assert taking.rows.event("messenger#m_1", "e1") == edit
    assert taking.rows.contact("messenger#m_1") == first.contact
    assert taking.rows.case(first.case.case_id).last_contact == "messenger#m_1#e1"
    assert [entry.kind for entry in taking.rows.timeline(first.case.case_id)][-1] is EntryKind.EDIT


def test_every_text_of_a_contact_is_known_and_of_no_other(taking: Taking) -> None:
    taking.admit(contact("somebody else's", native_id="m_2"))
    assert taking.intake.texts_of("messenger#m_1") == frozenset()

    taking.admit(contact("my brothr"))
    taking.admit(contact("my brother", act=Act.EDITED, event_id="e1", occurred_at=NOON))
    assert taking.intake.texts_of("messenger#m_1") == {"my brothr", "my brother"}


def test_an_edit_before_its_original_opens_the_case_that_the_original_joins(taking: Taking) -> None:
    edit = contact("my brother", act=Act.EDITED, event_id="e1", occurred_at=NOON)
    first = taking.admit(edit)
    taking.admit(contact("my brothr"))
    case = taking.rows.case(first.case.case_id)

    assert taking.rows.contact("messenger#m_1") is not None
    assert case.preview == "my brother"
    assert case.reference == reference(force().short_code, "messenger#m_1")
    shown = [entry.kind for entry in taking.rows.timeline(case.case_id) if entry.contact_key]
    assert shown == [EntryKind.CONTACT, EntryKind.EDIT]


def test_an_admission_decided_on_a_conversation_that_moved_writes_nothing(taking: Taking) -> None:
    stale = taking.compose(contact("second", native_id="m_2"))
    first = taking.admit(contact("first"))
    stale_join = taking.compose(contact("fourth", native_id="m_4"))
    taking.admit(contact("third", native_id="m_3"))

    assert taking.intake.admit(stale) == ConversationMoved()
    assert taking.intake.admit(stale_join) == ConversationMoved()
    assert taking.rows.contact("messenger#m_2") is None
    assert taking.rows.contact("messenger#m_4") is None
    assert taking.rows.case(first.case.case_id).preview == "third"


def test_a_contact_that_raced_a_close_does_not_join(taking: Taking) -> None:
    first = taking.admit(contact("first"))
    racing = taking.compose(contact("second", native_id="m_2"))
    taking.close(first)

    assert taking.intake.admit(racing) == ConversationMoved()
    again = taking.admit(contact("second", native_id="m_2"))

    assert again.case.case_id != first.case.case_id
    assert isinstance(again.case, Case)
    assert again.case.previous_case == first.case.case_id


def test_a_closed_case_is_not_joined_even_by_a_writer_who_forgot_the_conversation(taking: Taking) -> None:
    first = taking.admit(contact("first"))
    taking.rows.put_case(
        replace(taking.rows.case(first.case.case_id), state=CaseState.CLOSED, closed_at=NOON)
    )

    assert taking.intake.admit(taking.compose(contact("second", native_id="m_2"))) == ConversationMoved()
    assert taking.rows.contact("messenger#m_2") is None


def alert_of(admission: Admission) -> Alert:
    assert admission.alert is not None
    return admission.alert


LATER = NOON + timedelta(minutes=20)


def test_an_open_alert_stays_as_it_is_and_operators_are_told_again(taking: Taking) -> None:
    first = taking.admit(contact("a knife"), red())
    nudged = replace(alert_of(first), nudge=2, next_nudge_at=NOON + timedelta(minutes=5))
    taking.rows.put_alert(nudged)
    second = taking.admit(contact("he is here", native_id="m_2"), red(), now=LATER)

    assert taking.rows.alert(nudged.alert_id) == nudged
    assert taking.rows.outbox(second.outbox[-1].outbox_id).target == nudged.alert_id


def test_an_open_alert_stays_as_it_is_even_where_a_person_has_graded_the_case_down(taking: Taking) -> None:
    first = taking.admit(contact("a knife"), red())
    assert first.after.current is not None
    taking.rows.put_conversation(
        replace(first.after, current=replace(first.after.current, grade=Grade.PRIORITY, band=Band.GREEN))
    )
    nudged = replace(alert_of(first), nudge=2, next_nudge_at=NOON + timedelta(minutes=5))
    taking.rows.put_alert(nudged)
    taking.admit(contact("he is here", native_id="m_2"), red(), now=LATER)

    assert taking.rows.alert(nudged.alert_id) == nudged


def test_an_acknowledged_alert_opens_again_from_the_start_of_its_ladder(taking: Taking) -> None:
    first = taking.admit(contact("a knife"), red())
    acknowledged = replace(
        alert_of(first), nudge=3, next_nudge_at=None, acknowledged_at=NOON, acknowledged_by="operator"
    )
    taking.rows.put_alert(acknowledged)
    second = taking.admit(contact("he is here", native_id="m_2"), red(), now=LATER)
    alert = taking.rows.alert(acknowledged.alert_id)

    assert alert == alert_of(second)
    assert (alert.open, alert.nudge, alert.opened_at, alert.acknowledged_by) == (True, 0, LATER, None)


def test_an_alert_that_the_case_has_not_had_yet_is_opened_whatever_its_grade_was(taking: Taking) -> None:
    first = taking.admit(contact("my neighbour threatened me"), amber())
    taking.rows.put_case(taking.rows.case(first.case.case_id))
    raised_by_hand = replace(first.after, current=replace(first.after.current, grade=red().grade))  # type: ignore[type-var]
    taking.rows.put_conversation(raised_by_hand)
    second = taking.admit(contact("he is here", native_id="m_2"), red())

    assert taking.rows.alert(alert_of(second).alert_id) == alert_of(second)
    assert taking.rows.alert(alert_of(first).alert_id).open


def test_an_open_alert_is_where_operators_and_the_sweep_look(table_backend: Backend) -> None:
    taking = Taking(table_backend)
    alert = alert_of(taking.admit(contact("a knife"), red()))
    table = table_backend.table
    change, values = assignments(
        {
            "acknowledged_at": NOON,
            "next_nudge_at": None,
            "desk_pk": None,
            "desk_sk": None,
            "due_pk": None,
            "due_sk": None,
        }
    )
    assert table.attempt(table.update(keys.alert(alert.alert_id), change, **values)) is None
    again = alert_of(taking.admit(contact("he is here", native_id="m_2"), red(), now=LATER))
    item = table.get(keys.alert(alert.alert_id))

    assert item is not None
    assert item["desk_pk"] == keys.ALERTS
    assert item["due_sk"] == keys.alert_in_due_index(alert.alert_id, again.next_nudge_at or NOON)["due_sk"]
    assert "acknowledged_at" not in item


def test_the_event_as_received_stays_with_the_contact_up_to_its_limit(table_backend: Backend) -> None:
    taking = Taking(table_backend)
    taking.admit(contact(native_id="small", raw="s" * RAW_LIMIT_BYTES))
    taking.admit(contact(native_id="large", raw="l" * (RAW_LIMIT_BYTES + 1)), raw_pointer="events/large.json")
    small = table_backend.table.get(keys.contact("messenger#small"))
    large = table_backend.table.get(keys.contact("messenger#large"))

    assert small is not None
    assert large is not None
    assert (len(small["raw"]), small.get("raw_pointer")) == (RAW_LIMIT_BYTES, None)
    assert (large.get("raw"), large["raw_pointer"], len(large["raw_hash"])) == (None, "events/large.json", 64)
    assert small["decision"]["rules_version"] == "rules-test"
    assert small["case_id"]


def test_a_receipt_is_forgotten_after_a_hundred_days_and_never_renewed(table_backend: Backend) -> None:
    taking = Taking(table_backend)
    taking.admit(contact())
    receipt = keys.receipt(contact().archive_key)
    first = table_backend.table.get(receipt)
    taking.intake.admit(taking.compose(contact(), now=LATER))

    assert first is not None
    assert first["expires_at"] == int((NOON + timedelta(days=100)).timestamp())
    assert table_backend.table.get(receipt) == first


def test_the_largest_contact_fits(taking: Taking) -> None:
    taking.admit(contact("\N{FIRE}" * (16 * 1024), raw="r" * RAW_LIMIT_BYTES))

    assert taking.rows.contact("messenger#m_1") is not None
