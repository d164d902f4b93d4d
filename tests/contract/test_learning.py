"""What the desk keeps for learning: overrides beside their acts, read back by month, and the decisions they judge."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from cli.learning import Lesson, proposals
from cli.shadowing import lost_in, shadowed, told, truth_of
from cli.triage import cases_between, corrected_words
from contact_desk.case_desk import CaseChange, Committed
from contact_desk.cases import Case, CaseState
from contact_desk.contacts import Act, Person
from contact_desk.grades import Band, Grade
from contact_desk.overrides import OverriddenField, Override
from contact_desk.second_reads import ContactPointer, Finding, ReadOutcome, SecondRead
from contact_desk.stores.case_desk import DynamoCaseDesk
from contact_desk.stores.override_log import overrides_between, recorded_contacts
from functions.triage.first_reader import Utterance
from functions.triage.second_reads.store import DynamoSecondReads
from local.twins.held_still import NOON
from tests.builders import contact, force
from tests.contract.conftest import Backend
from tests.contract.desk_stage import act_record
from tests.contract.taking import Taking
from tests.unit.triage.readings import amber, decision, red

BEFORE, AFTER = NOON - timedelta(days=1), NOON + timedelta(days=1)
WORDS = "he wont let me out of the flat says {name}, ring 07700 900 12{n}"


def override(case: Case, number: int, **changed: object) -> Override:
    one = Override(
        override_id=f"o{number}",
        at=NOON + timedelta(minutes=number),
        case_id=case.case_id,
        by="sub-alex",
        field=OverriddenField.GRADE,
        before=case.grade.value,
        after=Grade.EMERGENCY.value,
        band=case.band,
        why="heard it before",
        versions=("rules-test",),
    )
    return replace(one, **changed)  # type: ignore[arg-type]


class Learning:
    """A table with people's messages and operators' acts in it."""

    def __init__(self, backend: Backend) -> None:
        self.taking = Taking(backend)
        self.table = backend.table
        self.desk = DynamoCaseDesk(backend.table)

    def case(self, number: int, text: str = WORDS, **changed: object) -> Case:
        name = f"Canary Person{number}"
        one = contact(
            text.format(name=name, n=number),
            native_id=f"m_{number}",
            person=Person(f"70{number}", name),
            **changed,
        )
        return self.taking.rows.case(self.taking.admit(one).case.case_id)

    def overridden(self, case: Case, number: int, **changed: object) -> Override:
        event = override(case, number, **changed)
        after = replace(case, version=case.version + 1)
        record = act_record(key=f"key-{number}")
        assert self.desk.commit(CaseChange(case, after, override=event), record) == Committed()
        return event


@pytest.fixture
def learning(table_backend: Backend) -> Learning:
    return Learning(table_backend)


def test_overrides_come_back_as_they_were_kept_month_by_month(learning: Learning) -> None:
    first = learning.overridden(learning.case(1), 1)
    later = learning.overridden(learning.case(2), 2, at=NOON + timedelta(days=40))

    assert list(overrides_between(learning.table, BEFORE, AFTER)) == [first]
    assert list(overrides_between(learning.table, BEFORE, NOON + timedelta(days=60))) == [first, later]
    assert list(overrides_between(learning.table, AFTER, NOON + timedelta(days=39))) == []


def test_the_versions_of_a_case_are_those_of_its_decisions_and_of_who_read_it_again(
    learning: Learning,
) -> None:
    case = learning.case(1)
    read = SecondRead(
        ReadOutcome.READ, NOON, "a-model", "prompt-1", Finding(Band.GREEN, Grade.SCHEDULED, "Nothing.")
    )
    DynamoSecondReads(learning.table).record(ContactPointer("messenger#m_1"), read, None)

    assert learning.desk.versions(case.case_id) == ("a-model prompt-1", "rules-test")


def test_what_is_proposed_names_nobody(learning: Learning) -> None:
    for number in range(4):
        learning.overridden(learning.case(number), number)
    found = proposals(list(corrected_words(learning.table, force(), BEFORE, AFTER)))
    written = json.dumps(asdict(found))

    assert [line.lesson for line in found.lines] == [Lesson.MISSED] * 4
    assert {line.text for line in found.lines} == {"he wont let me out of the flat says [name], ring [phone]"}
    assert "Canary" not in written
    assert "70" not in written.replace(found.lines[0].id, "")


def test_what_came_after_the_override_and_what_x_forbids_is_not_learnt_from(learning: Learning) -> None:
    late = learning.case(1)
    event = learning.overridden(late, 1)
    learning.taking.admit(
        contact("later words", native_id="m_9", person=Person("701", "x")),
        now=event.at + timedelta(minutes=1),
    )
    learning.overridden(learning.case(2, channel="x", account="2218450961"), 2)

    (one,) = corrected_words(learning.table, force(), BEFORE, AFTER)
    assert "later words" not in one.text
    assert one.channel == "messenger"


def test_a_shadow_run_compares_each_decision_in_its_order_and_says_what_would_be_lost(
    learning: Learning,
) -> None:
    first = learning.taking.admit(contact("first words"), amber())
    learning.taking.admit(
        contact("edited words", act=Act.EDITED, event_id="e1"), now=NOON + timedelta(minutes=1)
    )
    case_id = first.case.case_id
    event = learning.overridden(learning.taking.rows.case(case_id), 1)
    read: list[Utterance] = []

    def candidate(said: Utterance) -> tuple[object, None]:
        read.append(said)
        return (decision() if said.text == "first words" else red()), None

    rows = shadowed(recorded_contacts(learning.table, case_id), [event], candidate)  # type: ignore[arg-type]

    assert [said.text for said in read] == ["first words", "edited words"]
    assert [said.case_band for said in read] == [None, Band.AMBER]
    assert [(row.was_band, row.would_band) for row in rows] == [
        (Band.AMBER, Band.GREEN),
        (Band.GREEN, Band.RED),
    ]
    answer = told(rows)
    assert lost_in(answer) == [rows[0].contact]
    assert (answer["raised_less"], answer["raised_more"]) == (1, 1)
    assert "words" not in json.dumps(answer)


def test_the_last_word_of_people_says_whether_it_was_one_and_silence_says_nothing(learning: Learning) -> None:
    case = learning.case(1)
    up, down = override(case, 1), override(case, 2, after="resolve")

    assert truth_of([]) is None
    assert truth_of([up]) is True
    assert truth_of([down, up]) is False


def test_open_and_closed_cases_of_the_time_are_found(learning: Learning) -> None:
    first, second = learning.case(1), learning.case(2)
    closed = replace(first, state=CaseState.CLOSED, closed_at=NOON)
    learning.taking.rows.put_case(closed)

    assert set(cases_between(learning.table, BEFORE, AFTER)) == {first.case_id, second.case_id}
    assert list(cases_between(learning.table, AFTER, AFTER)) == []
