"""Who is asked after a case: where it is safe, in private, in the window, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contact_desk.cases import Case, CaseState, Disposition
from contact_desk.conversations import SafeContact
from contact_desk.force_file import ForceFile
from contact_desk.grades import Band, Grade
from contact_desk.intake import Nudge
from contact_desk.numbers.surveys import survey_token
from contact_desk.outbox import OutboxItem, OutboxKind, Purpose
from functions.sweep.surveys import ASKED_WITHIN, ask
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_case_desk import InMemoryCaseDesk
from local.twins.in_memory_intake import InMemoryIntake
from local.twins.in_memory_queues import InMemoryNudges
from local.twins.in_memory_surveys import InMemorySurveys
from tests.builders import PERSON, contact
from tests.contract.desk_stage import case_id
from tests.desk_staging import admit

HALF_AN_HOUR = timedelta(minutes=30)
URL = "https://desk.example/survey"


class Swept:
    """The job over records in memory, with one case that was closed at noon."""

    def __init__(self, force: ForceFile, message: Any = None) -> None:
        self.force, self.records = force, DeskRecords()
        self.clock, self.nudges = FrozenClock(NOON + HALF_AN_HOUR), InMemoryNudges()
        self.message = message or contact()
        admit(InMemoryIntake(self.records), self.message, case_id=case_id(1), now=NOON - HALF_AN_HOUR)
        self.change(state=CaseState.CLOSED, disposition=Disposition.ADVICE_GIVEN, closed_at=NOON)
        self.change_conversation(state=CaseState.CLOSED, closed_at=NOON)

    @property
    def case(self) -> Case:
        return self.records.cases[case_id(1)]

    def change(self, **changes: Any) -> None:
        self.records.cases[case_id(1)] = replace(self.case, **changes)

    def change_conversation(self, rule: SafeContact | None = None, **changes: Any) -> None:
        key = self.case.conversation_key
        was = self.records.conversations[key]
        assert was.current
        now = replace(was, current=replace(was.current, **changes), safe_contact=rule)
        self.records.conversations[key] = now

    def ask(self) -> list[OutboxItem]:
        cases, surveys = InMemoryCaseDesk(self.records), InMemorySurveys(self.records)
        asked = ask(cases, surveys, self.nudges, self.force, survey_url=URL, clock=self.clock)
        items = [item for item in self.records.outbox.values() if item.purpose is Purpose.SURVEY]
        assert asked in {0, len(items)}
        return items


def test_the_person_is_asked_once_by_a_link_that_names_nobody(force: ForceFile) -> None:
    swept = Swept(force)
    [item] = swept.ask()
    assert (item.kind, item.target, item.channel) == (OutboxKind.MESSAGE, PERSON, "messenger")
    assert f"{URL}/{survey_token(case_id(1))}" in item.text
    assert case_id(1) not in item.text
    assert PERSON not in item.text
    assert swept.nudges.sent == [Nudge(item.outbox_id, urgent=False)]
    swept.clock.advance(minutes=5)
    assert swept.ask() == [item]
    assert len(swept.nudges.sent) == 1


@pytest.mark.parametrize(("language", "begins", "ends"), [("cy", "Diolch", ".cy"), ("pl", "Thank you", "")])
def test_whoever_writes_welsh_is_asked_in_welsh_and_others_in_the_first_language(
    force: ForceFile, language: str, begins: str, ends: str
) -> None:
    assert force.survey
    offering = force.survey.model_copy(update={"texts": {**force.survey.texts, "cy": "Diolch. {link}"}})
    swept = Swept(force.model_copy(update={"survey": offering}))
    swept.change(language=language)
    [item] = swept.ask()
    assert item.text.startswith(begins)
    assert item.text.endswith(f"{URL}/{survey_token(case_id(1))}{ends}")


@pytest.mark.parametrize(
    "change",
    [
        {"grade": Grade.EMERGENCY},
        {"band": Band.RED},
        {"markers": ("domestic_abuse",)},
        {"markers": ("vulnerable",)},
        {"disposition": Disposition.EMERGENCY_TRANSFER},
        {"disposition": Disposition.SPAM},
        {"disposition": Disposition.ANSWERED_ELSEWHERE},
        {"previous_case": case_id(9)},
        {"survey": "101"},
        {"reply_until": NOON + HALF_AN_HOUR + timedelta(minutes=5)},
        {"closed_at": NOON + timedelta(minutes=1)},
        {"closed_at": NOON - ASKED_WITHIN - timedelta(seconds=1)},
    ],
    ids=lambda change: "-".join(f"{name}={value}"[:30] for name, value in change.items()),
)
def test_nobody_is_asked_where_it_is_not_safe_not_fitting_or_not_in_time(
    force: ForceFile, change: dict[str, Any]
) -> None:
    swept = Swept(force)
    swept.change(**change)
    assert swept.ask() == []


def test_a_safe_contact_rule_a_marker_of_the_conversation_or_a_newer_case_forbid_it(force: ForceFile) -> None:
    changes: tuple[dict[str, Any], ...] = (
        {"rule": SafeContact(ok=True, how="text only")},
        {"markers": ("domestic_abuse",)},
        {"case_id": case_id(2)},
        {"state": CaseState.OPEN},
    )
    for change in changes:
        swept = Swept(force)
        swept.change_conversation(**change)
        assert swept.ask() == [], change


def test_nobody_is_asked_in_public_or_by_a_form_that_cannot_be_written_to(force: ForceFile) -> None:
    for channel in ("facebook_page", "report_form"):
        assert Swept(force, contact(channel=channel)).ask() == []


def test_a_force_without_a_survey_asks_nobody_and_one_with_a_share_asks_that_share(force: ForceFile) -> None:
    assert Swept(force.model_copy(update={"survey": None})).ask() == []
    assert force.survey
    some = force.survey.model_copy(update={"share_percent": 40})
    chosen = [some.chosen(case_id(number)) for number in range(1_000)]
    assert 350 < sum(chosen) < 450
    assert chosen == [some.chosen(case_id(number)) for number in range(1_000)]
