"""The numbers over HTTP: the totals of local days, with definitions, for the desk and for auditors."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from contact_desk.numbers.counting import HourTotal
from contact_desk.numbers.definitions import DEFINITIONS, Measure
from functions.operate.stat_shapes import StatsShape
from tests.unit.operate.at_the_desk import AtTheDesk

MIDNIGHT_IN_SUMMER = datetime(2026, 6, 30, 23, tzinfo=UTC)


@pytest.fixture
def counted(at_the_desk: AtTheDesk) -> AtTheDesk:
    for hour, number in ((MIDNIGHT_IN_SUMMER, 3), (MIDNIGHT_IN_SUMMER.replace(hour=22), 5)):
        figures = Counter(
            {
                (Measure.CONTACTS, "messenger"): number,
                (Measure.SIGNIFICANT, "final"): number,
                (Measure.SURVEYS, "101"): number,
                (Measure.TO_EYES, "scheduled", "messenger", "40"): number,
                (Measure.ALERTS, "A2"): 1,
            }
        )
        at_the_desk.desk.totals.put(HourTotal(hour, figures, hour))
    return at_the_desk


@pytest.mark.parametrize("role", ["operator", "supervisor", "auditor"])
def test_the_figures_of_local_days_come_with_what_they_mean(counted: AtTheDesk, role: str) -> None:
    answer = counted.get("/desk/stats", role=role, **{"from": "2026-07-01", "to": "2026-07-02"})

    assert answer.status == 200
    StatsShape.model_validate(answer.fields)
    assert answer.fields["contacts"]["by_channel"] == {"messenger": 3}
    assert answer.fields["significant"]["all"] == 3
    assert answer.fields["times"]["to_eyes"]["by_grade"]["scheduled"]["cases"] == 3
    assert answer.fields["survey"]["offset"]["off_101"]["number"] == 3
    assert not answer.fields["survey"]["told"]
    assert answer.fields["week"][2][0] == 3  # Wednesday, 1 July, the hour from midnight in Liverpool
    assert answer.fields["definitions"]["measures"].keys() == set(DEFINITIONS)


def test_a_publisher_has_no_business_with_them(counted: AtTheDesk) -> None:
    asked = {"from": "2026-07-01", "to": "2026-07-02"}
    assert counted.get("/desk/stats", role="publisher", **asked).problem == "forbidden"


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"from": "2026-07-01"},
        {"from": "2026-07-01", "to": "2026-07-01"},
        {"from": "2026-07-02", "to": "2026-07-01"},
        {"from": "2026-01-01", "to": "2026-12-31"},
        {"from": "yesterday", "to": "today"},
        {"from": "0001-01-01", "to": "0001-01-02"},
        {"from": "9999-12-30", "to": "9999-12-31"},
    ],
)
def test_a_period_that_is_none_or_too_long_is_refused(counted: AtTheDesk, asked: dict[str, str]) -> None:
    answer = counted.get("/desk/stats", **asked)
    assert (answer.status, answer.problem) == (422, "validation")
