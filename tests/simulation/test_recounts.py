"""Totals hold: whatever goes wrong, they equal a recount from the archive and one from the records of the cases."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest

from cli.recounting import INTAKE, only, recount_cases, recount_intake
from contact_desk.cases import Disposition
from contact_desk.numbers.counting import added
from contact_desk.numbers.definitions import Measure
from contact_desk.stores.archive import S3ArchiveReader
from contact_desk.stores.dynamo import Table
from contact_desk.stores.hour_totals import DynamoHourTotals
from tests import builders
from tests.proving import PROVING, Share
from tests.simulation.aws_in_process import ARCHIVE, TABLE
from tests.simulation.desk_on_moto import BEGINS, Desk
from tests.simulation.faults import FaultKind
from tests.simulation.lambdas import InvocationFailedError
from tests.simulation.operator_at_work import OperatorAtWork
from tests.simulation.story import CAT, KNIFE, QUESTION, Said, comment, message, report

CONTACTS_A_DESK = 100
STEP = 10
WORDS = (
    QUESTION,
    CAT,
    KNIFE,
    "thank you so much",
    "I live in Canada and my sister in Bootle does not answer",
    "buy followers now",
    "lads on bikes outside the shop every night",
)
FAULTS = (FaultKind.CRASH_BEFORE, FaultKind.CRASH_AFTER, FaultKind.REPLY_LOST, FaultKind.REFUSED)
CALLS_A_STEP = 400
FAULTS_A_STEP = 6
JOB = "SweepHourTotals"


@pytest.mark.parametrize("ten", range(5 if PROVING else 1))
def test_totals_equal_both_recounts_whatever_went_wrong(desk: Desk, share: Share, ten: int) -> None:
    contacts = 0
    for seed in range(10 * ten, 10 * ten + share(1, 10)):
        contacts += play(desk, seed, share(20, CONTACTS_A_DESK))
        table = Table(desk.aws.client("dynamodb"), TABLE)
        first, last = BEGINS.replace(minute=0, second=0), desk.clock.now() + timedelta(hours=1)
        totals = DynamoHourTotals(table).totals(first, last)
        counted = added(totals)
        archive = S3ArchiveReader(desk.aws.client("s3"), ARCHIVE)
        arrived, hours = recount_intake(archive, builders.force(), table, first, last)

        assert only(counted, INTAKE) == arrived, seed
        assert only(counted, set(Measure) - INTAKE) == recount_cases(table, first, last), seed
        # Each contact counts in one of the hours that it is archived in, and the platforms repeat across hours.
        came_in = {hour for each in hours.values() for hour in each}
        assert {total.hour for total in totals if only(total.figures, [Measure.CONTACTS])} <= came_in
        assert sum(only(counted, [Measure.CONTACTS]).values()) == len(hours)
        assert sum(only(counted, [Measure.DISPOSITIONS]).values()) > 0
    assert contacts == share(20, 10 * CONTACTS_A_DESK)


def play(desk: Desk, seed: int, contacts: int) -> int:
    """So many contacts, some delivered twice and in other hours, worked by an operator, with faults all the while."""
    chance, operator = random.Random(seed), OperatorAtWork(desk)
    desk.reset()
    said = list(written(chance, contacts))
    for start in range(0, contacts, STEP):
        faults = chance.sample(range(CALLS_A_STEP), FAULTS_A_STEP)
        desk.injector.begin({call: chance.choice(FAULTS) for call in faults})
        step = said[start : start + STEP]
        for one in (*step, *chance.sample(said[: start + 1], 1)):
            deliver(desk, one)
        desk.pump()
        work(desk, operator, chance)
        desk.minute(chance.choice([1, 7, 25]))
        count(desk)
    desk.injector.begin({})
    desk.rest()
    for _ in range(2):
        desk.minute()
        desk.lambdas.invoke(JOB, {})
    return contacts


def written(chance: random.Random, contacts: int) -> Iterator[Said]:
    for number in range(contacts):
        text = chance.choice(WORDS)
        match chance.randrange(4):
            case 0:
                yield report(number + 1, text, emergency=False)
            case 1:
                yield comment(number, text)
            case _:
                writer = message(chance.randrange(max(1, number)), text)
                yield replace(writer, native_id=f"m_recount{number}")


def deliver(desk: Desk, said: Said) -> None:
    if said.channel == "report_form":
        desk.report(said.body)
    else:
        desk.deliver(said.body)


def count(desk: Desk) -> None:
    with suppress(InvocationFailedError):
        desk.lambdas.invoke(JOB, {})


def work(desk: Desk, operator: OperatorAtWork, chance: random.Random) -> None:
    """An operator takes some cases, closes most of those, and lets some of their claims run out."""
    listed = asked(operator, "GET", "/desk/cases")["cases"]
    for case in chance.sample(listed, min(4, len(listed))):
        path = f"/desk/cases/{case['case_id']}"
        key = f"{case['case_id']}-{desk.clock.now():%H%M%S}"
        claimed = asked(operator, "POST", f"{path}/claim", {}, key=f"claim-{key}")
        if not claimed or chance.random() < 0.3:
            continue
        body = {
            "disposition": chance.choice([Disposition.ADVICE_GIVEN, *Disposition]).value,
            "last_contact_at": claimed["last_contact_at"],
            "survey": chance.choice([None, "101", "none"]),
        }
        asked(operator, "POST", f"{path}/close", body, key=f"close-{key}", version=claimed["version"])


def asked(operator: OperatorAtWork, method: str, path: str, body: Any = None, **call: Any) -> dict[str, Any]:
    """The answer, or nothing: this operator does not insist."""
    answer = operator.ask(method, path, body, **call)
    if answer is None or answer["statusCode"] >= HTTPStatus.BAD_REQUEST:
        return {"cases": []} if body is None else {}
    fields: dict[str, Any] = json.loads(answer["body"])
    return fields
