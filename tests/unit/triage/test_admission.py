"""What a contact makes of a case: opened, joined, linked, alerted; and the same state in whatever order it came."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_desk.alerts import AlertKind, AlertRank
from contact_desk.cases import Case, CaseState
from contact_desk.contacts import REPORT_FORM, Act, Contact
from contact_desk.conversations import Conversation, CurrentCase, SafeContact
from contact_desk.decisions import Place, Reason, TriageDecision
from contact_desk.grades import Band, Grade
from contact_desk.intake import Admission, Admitted, JoinedCase
from contact_desk.outbox import OutboxKind, Purpose
from contact_desk.references import reference
from functions.triage.admission import LIKELY, Admissions, places, safe_contact_of
from functions.triage.automatic_texts import OwnTexts
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON, CountedIds
from local.twins.in_memory_intake import InMemoryIntake
from tests.builders import contact, force
from tests.unit.triage.readings import amber, decision, red, signposted

OWN_TEXTS = OwnTexts(force())


def composed(
    one: Contact | None = None, decided: TriageDecision | None = None, before: Conversation | None = None
) -> Admission:
    admissions = Admissions(force(), OWN_TEXTS, CountedIds())
    return admissions.compose(one or contact(), decided or decision(), before, NOON)


def opened(admission: Admission) -> Case:
    assert isinstance(admission.case, Case)
    return admission.case


def joined(admission: Admission) -> JoinedCase:
    assert isinstance(admission.case, JoinedCase)
    return admission.case


def current(**changed: Any) -> CurrentCase:
    fields: dict[str, Any] = {
        "case_id": "01CASE",
        "reference": "MP-7K3Q-9DXR-C",
        "state": CaseState.OPEN,
        "grade": Grade.SCHEDULED,
        "band": Band.GREEN,
        "answer_by": NOON + timedelta(hours=2),
    }
    return CurrentCase(**{**fields, **changed})


def conversation(**changed: Any) -> Conversation:
    return Conversation(contact().conversation_key, revision=3, current=current(**changed))


def test_the_first_contact_opens_a_case_under_its_own_reference() -> None:
    one = contact("my bike is gone", reply_until=NOON + timedelta(hours=24))
    admission = composed(one)
    case = opened(admission)

    assert case.reference == reference("MP", "messenger#m_1")
    assert (case.state, case.grade, case.preview) == (CaseState.OPEN, Grade.SCHEDULED, "my bike is gone")
    assert (case.last_contact, case.last_contact_at) == ("messenger#m_1", NOON)
    assert case.answer_by == one.received_at + force().grades[Grade.SCHEDULED].target
    assert admission.after.revision == 1
    assert admission.after.current is not None
    assert admission.after.current.case_id == case.case_id


def test_a_case_is_to_be_answered_half_an_hour_before_the_reply_window_closes() -> None:
    one = contact(reply_until=NOON + timedelta(hours=1))

    assert opened(composed(one)).answer_by == NOON + timedelta(minutes=30)


def test_a_promise_counts_from_when_we_had_the_contact_not_from_when_we_read_it() -> None:
    late = contact(received_at=NOON - timedelta(hours=3))

    assert opened(composed(late)).answer_by == late.received_at + force().grades[Grade.SCHEDULED].target


def test_a_signposted_case_is_answered_for_a_person_to_confirm() -> None:
    assert opened(composed(decided=signposted())).state is CaseState.ANSWERED


def test_what_a_platform_forbids_to_keep_is_heeded_and_not_kept() -> None:
    said = red(markers=("domestic_abuse",), category="crime_violence")
    post = contact(channel="x", account=force().channels["x"].account)

    admission = composed(post, said)

    for kept in (admission.decision, opened(admission)):
        assert (kept.category, kept.markers, kept.grade, kept.band) == ("withheld", (), said.grade, said.band)
        assert [(one.rule, one.words) for one in kept.reasons] == [(one.rule, ()) for one in said.reasons]
    assert admission.after.current is not None
    assert admission.after.current.markers == ()
    sent = [item.text for item in admission.outbox if item.purpose is not Purpose.ALERT]
    assert sent == [force().texts["en"].neutral]
    assert admission.alert is not None


@pytest.mark.parametrize(
    "one", [contact(channel="facebook_page"), contact(channel=REPORT_FORM)], ids=["in public", "on the form"]
)
def test_where_the_signpost_is_not_sent_the_case_stays_open(one: Contact) -> None:
    assert opened(composed(one, signposted())).state is CaseState.OPEN


def test_a_signpost_for_what_is_to_be_scheduled_leaves_the_case_open() -> None:
    assert opened(composed(decided=signposted(grade=Grade.SCHEDULED))).state is CaseState.OPEN


def test_what_raises_a_case_that_a_person_graded_down_is_shown_as_the_reason() -> None:
    graded_down = conversation(grade=Grade.SCHEDULED, shown=places(contact(), red()))
    calmer = joined(composed(contact(native_id="m_2"), decision(), graded_down))
    urgent = joined(composed(contact(native_id="m_2"), amber(), graded_down))

    assert calmer.reasons is None
    assert urgent.reasons == amber().reasons


def test_the_newest_of_equals_is_the_one_whose_reading_is_shown() -> None:
    joining = contact("my bike is gone", native_id="m_2", occurred_at=NOON)
    earlier, later = (
        places(contact(occurred_at=NOON + timedelta(seconds=moved)), decision()) for moved in (-1, 1)
    )
    before, older = conversation(shown=earlier), conversation(shown=later)

    assert joined(composed(joining, THEFT, before)).reasons == THEFT.reasons
    assert joined(composed(joining, THEFT, before)).preview == "my bike is gone"
    assert joined(composed(joining, THEFT, older)).reasons is None
    assert joined(composed(joining, THEFT, older)).preview is None


def test_an_answered_case_is_open_again_after_a_new_contact_but_not_after_thanks_alone() -> None:
    before = conversation(state=CaseState.ANSWERED, grade=Grade.RESOLVE)
    thanks = decision(grade=Grade.RESOLVE, thanks=True, significant=False)

    assert joined(composed(decided=decision(), before=before)).state is CaseState.OPEN
    assert joined(composed(decided=signposted(), before=before)).state is CaseState.OPEN
    assert joined(composed(decided=thanks, before=before)).state is CaseState.ANSWERED


def test_a_joined_case_takes_the_higher_grade_and_the_earlier_time() -> None:
    raised = joined(composed(decided=red(), before=conversation()))
    before = conversation(grade=Grade.EMERGENCY, band=Band.RED, shown=places(contact(), red()))
    kept = joined(composed(contact(native_id="m_2"), decision(), before))

    assert (raised.grade, raised.band) == (Grade.EMERGENCY, Band.RED)
    assert raised.answer_by == contact().received_at + force().grades[Grade.EMERGENCY].target
    assert raised.reasons == red().reasons
    assert (kept.grade, kept.band, kept.reasons) == (Grade.EMERGENCY, Band.RED, None)
    assert kept.answer_by == NOON + timedelta(hours=2)


@pytest.mark.parametrize(
    ("hours", "linked"), [(1, True), (72, True), (73, False)], ids=["an hour", "72 hours", "73 hours"]
)
def test_a_contact_after_the_close_opens_a_new_case_linked_for_72_hours(hours: int, linked: bool) -> None:
    closed = conversation(state=CaseState.CLOSED, closed_at=NOON - timedelta(hours=hours))
    case = opened(composed(before=closed))

    assert case.case_id != "01CASE"
    assert case.previous_case == ("01CASE" if linked else None)


def test_what_was_known_of_abuse_outlives_its_case() -> None:
    closed = conversation(state=CaseState.CLOSED, closed_at=NOON, markers=("domestic_abuse",))
    (text, _alert) = composed(decided=red(), before=closed).outbox

    assert text.text == force().texts["en"].neutral


ALERTS = [
    pytest.param(red(), (AlertRank.A1, AlertKind.EMERGENCY, 60), id="red"),
    pytest.param(amber(), (AlertRank.A2, AlertKind.PRIORITY, 900), id="amber"),
    pytest.param(decision(grade=Grade.PRIORITY), (AlertRank.A2, AlertKind.PRIORITY, 900), id="priority"),
    pytest.param(decision(), None, id="scheduled"),
    pytest.param(signposted(), None, id="resolve"),
]


@pytest.mark.parametrize(("decided", "expected"), ALERTS)
@pytest.mark.parametrize("channel", ["messenger", "facebook_page", REPORT_FORM])
def test_alerts_follow_the_grade_on_every_channel(
    channel: str, decided: TriageDecision, expected: tuple[AlertRank, AlertKind, int] | None
) -> None:
    admission = composed(contact(channel=channel), decided)
    told = [item for item in admission.outbox if item.kind is OutboxKind.OPERATOR_ALERT]

    if expected is None:
        assert admission.alert is None
        assert told == []
        return
    rank, kind, seconds = expected
    assert admission.alert is not None
    assert (admission.alert.rank, admission.alert.kind) == (rank, kind)
    assert admission.alert.next_nudge_at == NOON + timedelta(seconds=seconds)
    assert admission.alert.alert_id == f"{admission.case.case_id}.{kind}"
    (item,) = told
    assert (item.target, item.text, item.purpose) == (admission.alert.alert_id, "opened", Purpose.ALERT)
    assert item.urgent is (rank is AlertRank.A1)


def test_the_same_contact_always_makes_the_same_outbox_items() -> None:
    first, second = composed(decided=red()), composed(decided=red())

    assert [item.outbox_id for item in first.outbox] == [item.outbox_id for item in second.outbox]
    assert all(item.urgent for item in first.outbox)
    assert {item.due_at for item in first.outbox} == {NOON}


def test_texts_are_remembered_in_the_conversation() -> None:
    emergency, question = composed(decided=red()).after, composed().after

    assert (emergency.emergency_text_at, emergency.acknowledged_at) == (NOON, None)
    assert (question.emergency_text_at, question.acknowledged_at) == (None, NOON)


def asked(**wish: Any) -> Contact:
    return contact(channel=REPORT_FORM, report={"safe_contact": wish})


@pytest.mark.parametrize(
    ("one", "rule"),
    [
        (asked(ok=False), SafeContact(False)),
        (asked(ok=True, how="text only"), SafeContact(True, "text only")),
        (asked(ok=True, how=None, not_when="evenings"), SafeContact(True, None, "evenings")),
        (asked(ok=True), None),
        (asked(ok=True, how="  "), None),
        (contact(channel=REPORT_FORM, report={"safe_contact": None}), None),
        (contact(channel=REPORT_FORM, report={"safe_contact": "no"}), None),
        (contact(), None),
    ],
)
def test_a_report_sets_the_conversations_safe_contact_rule(one: Contact, rule: SafeContact | None) -> None:
    assert safe_contact_of(one) == rule
    assert composed(one).after.safe_contact == rule


def test_a_rule_once_set_stays() -> None:
    before = replace(conversation(), safe_contact=SafeContact(ok=False))
    admission = composed(before=before)

    assert admission.after.safe_contact == SafeContact(ok=False)
    assert admission.outbox == ()


def test_a_case_has_the_likely_places_of_the_last_contact_that_names_any() -> None:
    unsure = Place("town", LIKELY - 0.1)
    first = opened(composed(decided=decision(places=(Place("A59", 0.8), unsure))))
    silent, other = OTHER, replace(OTHER, native_id="m_3", occurred_at=NOON + timedelta(hours=1))
    readings = {contact().text: naming("A59"), silent.text: decision()}

    assert first.places == ("A59",)
    assert case_after((contact(), silent), readings).places == ("A59",)
    assert case_after((contact(), other), {**readings, other.text: naming("Bold Street")}).places == (
        "Bold Street",
    )


# Any order, the same state

SENT = contact("my brothr is shouting", occurred_at=NOON)
EDITED = contact(
    "my brother is hitting my mum", act=Act.EDITED, event_id="e1", occurred_at=NOON + timedelta(seconds=20)
)
EDITED_AGAIN = contact(
    "my brother was hitting my mum, he left",
    act=Act.EDITED,
    event_id="e2",
    occurred_at=NOON + timedelta(seconds=40),
)
DELETED = contact("", act=Act.DELETED, event_id="d1", occurred_at=NOON + timedelta(seconds=60))
OTHER = contact("he is back", native_id="m_2", occurred_at=NOON + timedelta(seconds=30))
READINGS = {
    "my brothr is shouting": decision(category="advice"),
    "my brother is hitting my mum": red(category="crime_domestic", markers=("domestic_abuse",)),
    "my brother was hitting my mum, he left": amber(category="crime_domestic"),
    "": decision(grade=Grade.RESOLVE, significant=False),
    "he is back": amber(category="crime_violence", markers=("weapon",)),
}


def case_after(history: tuple[Contact, ...], readings: dict[str, TriageDecision]) -> Case:
    """The one case left when the history arrived in this order, without what depends on arrival alone."""
    records = DeskRecords()
    intake = InMemoryIntake(records)
    admissions = Admissions(force(), OWN_TEXTS, CountedIds())
    for one in history:
        before = intake.conversation(one.conversation_key)
        assert intake.admit(admissions.compose(one, readings[one.text], before, NOON)) == Admitted()
    (case,) = records.cases.values()
    assert len(records.timelines[case.case_id]) >= len(history)
    return replace(case, reference="", last_contact="", markers=tuple(sorted(case.markers)))


def test_an_edit_before_its_original_opens_the_case_under_the_originals_reference() -> None:
    case = opened(composed(EDITED, red()))

    assert case.reference == reference("MP", "messenger#m_1")
    assert case.last_contact == "messenger#m_1#e1"


@pytest.mark.parametrize(
    "history",
    list(permutations([SENT, EDITED, EDITED_AGAIN, DELETED])),
    ids=lambda history: "-".join(c.event_id or "new" for c in history),
)
def test_edits_and_deletes_leave_the_same_case_in_any_order(history: tuple[Contact, ...]) -> None:
    case = case_after(history, READINGS)

    assert case == case_after((SENT, EDITED, EDITED_AGAIN, DELETED), READINGS)
    assert (case.grade, case.category, case.preview) == (Grade.EMERGENCY, "crime_domestic", EDITED_AGAIN.text)
    assert case.reasons == READINGS[EDITED.text].reasons


def naming(*names: str) -> TriageDecision:
    return decision(places=tuple(Place(name, LIKELY) for name in names))


THEFT = decision(category="crime_theft", reasons=(Reason("about_a_theft", "Seems to be about a theft"),))
CALMER_RED = red(reasons=(Reason("fire", "Fire"),), category=None)
DECISIONS = st.sampled_from(
    [decision(), CALMER_RED, THEFT, decision(language="cy"), red(), amber(), signposted(), *map(naming, "AB")]
)


@given(st.permutations([SENT, EDITED, DELETED, OTHER]), st.lists(DECISIONS, min_size=4, max_size=4))
def test_any_readings_in_any_order_leave_the_same_case(
    history: list[Contact], decided: list[TriageDecision]
) -> None:
    readings = {**dict(zip([SENT.text, EDITED.text, OTHER.text], decided[:3], strict=True)), "": READINGS[""]}

    assert case_after(tuple(history), readings) == case_after((SENT, EDITED, OTHER, DELETED), readings)
