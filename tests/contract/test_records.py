"""Holds, decisions, and the end of a case: in memory, on moto, on the emulator."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from contact_desk.contacts import REPORT_FORM, Act
from contact_desk.intake import Duplicate
from contact_desk.retention import Decision, DisposalRecord, Fate, Why
from contact_desk.stores.attachment_store import DynamoAttachments
from contact_desk.stores.items import unmarshal
from contact_desk.stores.records import DynamoRecords
from contact_desk.subjects import address_name, reach_name, reference_name
from contact_desk.timeline import EntryKind
from local.twins.held_still import NOON
from local.twins.in_memory_records import InMemoryRecordFiles
from tests.builders import contact
from tests.contract.conftest import Backend
from tests.contract.desk_stage import case_id, listed, on
from tests.contract.record_stage import ADDRESS, CANARY, HELD, MONTH, Keeping, keeping_on, noted
from tests.desk_staging import admit

THE_HOUR = NOON.replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def keeping(backend: Backend) -> Keeping:
    return keeping_on(backend)


def test_a_closed_case_is_due_on_its_date_and_an_open_one_never(keeping: Keeping) -> None:
    keeping.closed(1, dispose_at=NOON + 2 * MONTH)
    keeping.closed(2, dispose_at=NOON + MONTH)
    keeping.case(3)

    assert list(keeping.records.due(NOON + MONTH)) == []
    due = [one.case_id for one in keeping.records.due(NOON + 3 * MONTH)]
    assert due == [case_id(2), case_id(1)]
    record = keeping.records.record(case_id(2))
    assert record
    assert (record.closed_at, record.retention_class, record.dispose_at) == (NOON, "noise", NOON + MONTH)
    assert (record.hold, record.decided, record.begun) == (None, False, False)
    assert keeping.records.record(case_id(9)) is None


def test_all_that_belongs_to_a_case_goes_and_its_tombstones_and_record_stay(keeping: Keeping) -> None:
    case = keeping.closed()
    keeping.case(2)
    assert CANARY in keeping.everything()
    before_of_other = keeping.stage.desk.case_file(case_id(2))

    assert keeping.dispose()

    assert keeping.stage.desk.case_file(case_id(1)) is None
    assert keeping.stage.desk.conversation(case.conversation_key) is None
    assert keeping.stage.desk.case_file(case_id(2)) == before_of_other
    (done,) = keeping.records.disposed(NOON)
    assert replace(done, items=0) == DisposalRecord(
        case_id(1), case.reference, "noise", NOON, NOON + MONTH, Why.DATE, "sweep", 0, 3, 1
    )
    assert done.items >= 6
    assert list(keeping.records.disposed(NOON + 2 * MONTH)) == []
    assert keeping.records.belongings(case_id(1)).evidence == ()
    assert sorted(keeping.files.evidence) == sorted(keeping.records.belongings(case_id(2)).evidence)


def test_no_word_of_it_is_left(keeping: Keeping) -> None:
    keeping.closed()
    assert keeping.everything().count(CANARY) > 5

    keeping.dispose()

    everything = keeping.everything()
    for canary in (CANARY, "Pritchard", "fbcdn", ADDRESS):
        assert canary not in everything
    assert keeping.files.evidence == keeping.files.deliveries == {}


def test_a_replay_brings_nothing_back_not_even_in_other_words(keeping: Keeping) -> None:
    keeping.closed()
    keeping.dispose()
    message = keeping.message(1)
    edit = replace(message, act=Act.EDITED, event_id="edit-1", text=f"{CANARY} again")
    unseen = replace(edit, event_id="edit-2", text="words that were never on the desk")

    for again in (message, replace(message, text="other words"), edit, unseen):
        outcome = admit(keeping.stage.intake, again, case_id=case_id(8)).outcome
        assert outcome == Duplicate(again.text, (), emergency_now=True)
    assert keeping.stage.desk.case(case_id(8)) is None
    assert CANARY not in keeping.everything()


def test_the_same_person_who_writes_anew_opens_a_case_like_anybody(keeping: Keeping) -> None:
    keeping.closed()
    keeping.dispose()

    admit(keeping.stage.intake, keeping.message(1, native_id="m_new"), case_id=case_id(8))
    assert keeping.stage.stored(case_id(8)).previous_case is None


def test_a_hold_stops_the_disposal_until_it_is_lifted(keeping: Keeping) -> None:
    keeping.closed()
    assert keeping.records.hold(HELD, noted("hold"))

    assert not keeping.dispose()
    assert keeping.stage.desk.case(case_id(1))
    record = keeping.records.record(case_id(1))
    assert record
    assert (record.hold, record.begun) == (HELD, False)
    assert list(keeping.records.holds()) == [HELD]

    assert keeping.records.lift(case_id(1), noted("lift hold"))
    assert not keeping.records.lift(case_id(1), noted("lift hold again"))
    assert keeping.records.holds() == []
    assert keeping.dispose()


def test_holds_are_listed_by_when_they_are_looked_at_again_and_can_be_changed(keeping: Keeping) -> None:
    for number, day in ((1, 20), (2, 10), (3, 30)):
        keeping.case(number)
        keeping.records.hold(
            replace(HELD, case_id=case_id(number), review_on=date(2027, 1, day)), noted("hold")
        )
    keeping.records.hold(replace(HELD, case_id=case_id(3), review_on=date(2027, 1, 1)), noted("hold"))

    assert [one.review_on.day for one in keeping.records.holds()] == [1, 10, 20]


def test_no_hold_comes_upon_a_disposal_that_has_begun_and_none_upon_nothing(keeping: Keeping) -> None:
    keeping.closed()
    assert keeping.records.begin(case_id(1), NOON)

    assert not keeping.records.hold(HELD, noted("hold"))
    assert not keeping.records.hold(replace(HELD, case_id=case_id(9)), noted("hold"))
    assert keeping.records.begin(case_id(1), NOON)
    assert keeping.dispose()


def test_an_open_case_is_never_disposed_of(keeping: Keeping) -> None:
    keeping.case()

    assert not keeping.records.begin(case_id(1), NOON)
    assert not keeping.dispose()
    assert not keeping.records.decide(case_id(1), Decision(Fate.DISPOSE, "no", "sub", NOON), noted("decide"))


def test_a_disposal_that_stopped_anywhere_is_taken_up_again(keeping: Keeping) -> None:
    keeping.closed()
    keeping.records.begin(case_id(1), NOON)
    keeping.records.empty(case_id(1), NOON + MONTH)

    (record,) = keeping.records.due(NOON + 2 * MONTH)
    assert record.begun
    assert keeping.dispose()
    assert keeping.records.record(case_id(1)) is None
    assert len(list(keeping.records.disposed(NOON))) == 1


def test_each_decision_is_kept_beyond_the_case_and_moves_its_date(keeping: Keeping) -> None:
    keeping.closed()
    later = NOON + 5 * MONTH
    keep = Decision(Fate.KEEP, "an appeal is open", "sub-records", NOON + MONTH, later)
    dispose = Decision(Fate.DISPOSE, "nothing open", "sub-records", later)
    assert keeping.records.decide(case_id(1), keep, noted("decide: keep"))

    assert list(keeping.records.due(NOON + 2 * MONTH)) == []
    record = keeping.records.record(case_id(1))
    assert record
    assert (record.dispose_at, record.decided) == (later, False)

    assert keeping.records.decide(case_id(1), dispose, noted("decide: dispose", later))
    record = keeping.records.record(case_id(1))
    assert record
    assert record.decided
    keeping.dispose(at=later + MONTH)
    assert list(keeping.records.decisions(case_id(1))) == [keep, dispose]


def test_a_delivery_that_is_not_all_on_the_desk_is_left_to_the_archives_own_time(keeping: Keeping) -> None:
    message = keeping.message(1, last=False)
    admit(keeping.stage.intake, message, case_id=case_id(1))

    assert keeping.records.belongings(case_id(1)).deliveries == ()


def test_a_persons_cases_are_found_by_every_name_and_by_none_once_disposed_of(keeping: Keeping) -> None:
    first, second = keeping.closed(1), keeping.case(2)
    address, another = (address_name("messenger", f"{ADDRESS}{number}") for number in (1, 2))

    assert list(keeping.records.cases_of(address)) == [case_id(1)]
    assert list(keeping.records.cases_of(another)) == [case_id(2)]
    assert list(keeping.records.cases_of(reference_name(first.reference.lower()))) == [case_id(1), case_id(2)]
    assert list(keeping.records.cases_of(address_name("x", f"{ADDRESS}1"))) == []
    assert first.reference == second.reference  # every staged case has the same

    keeping.dispose(1)
    assert list(keeping.records.cases_of(address)) == []
    assert list(keeping.records.cases_of(reference_name(first.reference))) == [case_id(2)]


@pytest.mark.parametrize("asked", ["Ceri@Example.org ", "07700 900123", "+447700900123"])
def test_a_report_is_found_by_how_its_writer_can_be_reached(keeping: Keeping, asked: str) -> None:
    report = {"contact": {"email": "ceri@example.org", "phone": "+44 7700 900123"}}
    admit(keeping.stage.intake, contact("A report.", channel=REPORT_FORM, report=report), case_id=case_id(1))

    assert list(keeping.records.cases_of(reach_name(asked))) == [case_id(1)]


def test_a_restricted_case_is_listed_to_named_people_alone(keeping: Keeping) -> None:
    keeping.case(1)
    keeping.case(2)
    assert keeping.records.restrict(case_id(1), ["sub-alex"], noted("restrict"))
    assert not keeping.records.restrict(case_id(9), [], noted("restrict"))

    assert listed(keeping.stage) == [1, 2]
    assert listed(keeping.stage, viewer="sub-alex") == [1, 2]
    assert listed(keeping.stage, viewer="sub-bo") == [2]
    assert listed(keeping.stage, viewer="sub-bo", limit=1) == [2]
    names = [case_id(1), case_id(2), case_id(9)]
    assert keeping.stage.alerts.restricted(names) == {case_id(1): frozenset({"sub-alex"})}
    assert keeping.stage.alerts.restricted(names[:1]) == {case_id(1): frozenset({"sub-alex"})}
    assert keeping.stage.stored(case_id(1)).restricted_to == ("sub-alex",)

    assert keeping.records.restrict(case_id(1), None, noted("lift restriction"))
    assert listed(keeping.stage, viewer="sub-bo") == [1, 2]


def taken_back(keeping: Keeping, number: int = 1) -> None:
    delete = replace(
        keeping.message(number), act=Act.DELETED, event_id="delete-1", text="", raw=None, attachments=()
    )
    admit(keeping.stage.intake, delete, case_id=case_id(number))


def test_what_its_writer_took_back_loses_its_words_and_stays_a_contact(keeping: Keeping) -> None:
    keeping.case()
    taken_back(keeping)
    assert list(keeping.records.taken_back(NOON)) == []
    (taken,) = keeping.records.taken_back(NOON + MONTH)
    assert (taken.channel, taken.case_id, taken.held) == ("messenger", case_id(1), False)

    belongings = keeping.records.belongings_of_contact(taken.contact_key)
    assert set(belongings.evidence) == keeping.files.evidence.keys()
    keeping.records.blank(taken, NOON + MONTH)

    everything = keeping.everything()
    assert CANARY not in everything
    assert "fbcdn" not in everything
    assert list(keeping.records.taken_back(NOON + 2 * MONTH)) == []
    file = keeping.stage.desk.case_file(case_id(1))
    assert file
    assert file.case.preview == ""
    kinds = {one.entry.kind for one in file.timeline if one.contact}
    assert kinds == {EntryKind.CONTACT, EntryKind.EDIT, EntryKind.DELETED}

    again = admit(keeping.stage.intake, keeping.message(1), case_id=case_id(8)).outcome
    assert again == Duplicate(CANARY, (), emergency_now=True)
    assert CANARY not in keeping.everything()


def test_what_was_taken_back_before_its_original_came_never_comes(keeping: Keeping) -> None:
    taken_back(keeping)
    (taken,) = keeping.records.taken_back(NOON + MONTH)
    keeping.records.blank(taken, NOON + MONTH)

    outcome = admit(keeping.stage.intake, keeping.message(1), case_id=case_id(8)).outcome
    assert isinstance(outcome, Duplicate)
    assert CANARY not in keeping.everything()


def test_what_is_on_hold_says_so_and_what_may_stay_is_settled(keeping: Keeping) -> None:
    for number in (1, 2):
        keeping.case(number)
        taken_back(keeping, number)
    keeping.records.hold(HELD, noted("hold"))

    first, second = keeping.records.taken_back(NOON + MONTH)
    assert (first.held, second.held) == (True, False)
    keeping.records.keep_taken_back(second)
    assert list(keeping.records.taken_back(NOON + MONTH)) == [first]
    assert CANARY in keeping.everything()


def test_news_of_alerts_is_forgotten_by_itself_and_nothing_else_of_the_outbox(table_backend: Backend) -> None:
    table = table_backend.table
    keeping = Keeping(
        on(table_backend),
        DynamoRecords(table),
        DynamoAttachments(table),
        InMemoryRecordFiles(),
        table_backend,
    )
    keeping.case()

    found = [unmarshal(one) for one in table.client.scan(TableName=table.name)["Items"]]
    forgotten = {one["kind"]: "expires_at" in one for one in found if one["sk"] == "outbox"}
    assert forgotten == {"operator_alert": True, "message": False}
