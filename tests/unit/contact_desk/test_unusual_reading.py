"""Reading that an auditor is told of, and reading that is nobody's business."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from contact_desk.audit_chain import HOUR
from contact_desk.case_desk import AuditEntry
from contact_desk.unusual_reading import OPEN, OWN_NAME, UnusualReading, same_name, unusual
from local.twins.held_still import NOON


@dataclass(frozen=True)
class Limits:
    opened_an_hour: int = 10
    without_work: int = 4


def opened(person: str, *cases: int, act: str = OPEN, hour: int = 0) -> list[AuditEntry]:
    at = NOON + hour * HOUR
    return [
        AuditEntry(f"case-{case}", at + timedelta(minutes=case), person, act, f"{person}-{case}")
        for case in cases
    ]


def acted(person: str, act: str, hour: int = 0) -> list[AuditEntry]:
    return [AuditEntry("case-1", NOON + hour * HOUR, person, act, f"{person}-{act}")]


def found(*entries: list[AuditEntry]) -> list[UnusualReading]:
    return unusual([one for some in entries for one in some], NOON, Limits())


def test_so_many_different_cases_in_an_hour_are_too_many_even_at_work() -> None:
    assert found(opened("alex", *range(9)), opened("alex", *range(9)), acted("alex", "claim")) == []

    (told,) = found(opened("alex", *range(10)), acted("alex", "claim"))
    assert (told.person, told.told) == ("alex", "unusual reading: opened 10")


@pytest.mark.parametrize(("act", "hour"), [("claim", 0), ("reply", -1), ("acknowledge", -1)])
def test_whoever_works_in_the_hour_or_the_one_before_reads_on_shift(act: str, hour: int) -> None:
    assert found(opened("alex", 1, 2, 3, 4), acted("alex", act, hour)) == []


@pytest.mark.parametrize("act", ["list", "open", "audit", "claim refused: CaseHeld"])
def test_reading_and_being_refused_are_no_work(act: str) -> None:
    (told,) = found(opened("alex", 1, 2, 3, 4), acted("alex", act, -1))
    assert told.told == "unusual reading: opened 4 and worked on none"
    assert found(opened("alex", 1, 2, 3), acted("alex", act, -1)) == []


def test_a_case_of_ones_own_name_is_always_told_and_each_person_alone() -> None:
    told = found(
        opened("alex", 1, act=OWN_NAME), acted("alex", "claim"), opened("bo", 1), acted("bo", "claim")
    )
    assert [(one.person, one.told) for one in told] == [("alex", "unusual reading: own name 1")]


def test_what_was_read_in_another_hour_is_told_of_with_that_hour() -> None:
    assert found(opened("alex", *range(20), hour=-1)) == []


def test_the_alert_is_one_for_a_person_and_an_hour_and_names_neither() -> None:
    (told,), (again,) = found(opened("alex", *range(10))), found(opened("alex", *range(12)))
    assert told.alert() == again.alert()
    assert "alex" not in repr(told.alert())
    assert told.alert() != found(opened("bo", *range(10)))[0].alert()


@pytest.mark.parametrize(
    ("reader", "person", "same"),
    [
        ("Ceri Pritchard", "ceri pritchard", True),
        ("Ceri Pritchard", "Ceri Ann Pritchard", True),
        ("Pritchard Ceri", "Ceri Pritchard", True),
        ("Ceri Pritchard", "Ceri Evans", False),
        ("Ceri Pritchard", "Ceri", False),
        ("Ceri", "Ceri", True),
        ("Ceri", None, False),
        ("", "", False),
    ],
)
def test_ones_own_name_is_every_word_of_the_shorter(reader: str, person: str | None, same: bool) -> None:
    assert same_name(reader, person) is same
