"""The second reader over the whole desk: whatever call goes wrong, what it raises is raised once and none is lost."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from unittest.mock import patch

import pytest
from botocore.awsrequest import AWSResponse
from moto.core.botocore_stubber import BotocoreStubber

from contact_desk.stores.items import unmarshal
from local.addresses import REPOSITORY
from tests.proving import Share
from tests.simulation import desk_on_moto as desks
from tests.simulation.desk_on_moto import Desk, desk_on_moto
from tests.simulation.faults import QUOTED, FaultKind
from tests.simulation.lambdas import HANDLERS
from tests.simulation.story import message
from tests.simulation.test_call_counts import QUEUE, READ, TRANSACTION, calls, forget_calls, messages
from tests.unit.triage.second_reading import GREEN, RED, Recorded

WORDS = "What time does your front desk open on a Sunday, please?"
SAID = message(1, WORDS)
SECTION = """
[second_reader]
model = "anthropic.a-model-v1:0"
reads_a_day = 1000
"""
ASK, COUNT_IN = "bedrock-runtime Converse", "dynamodb UpdateItem"
FAULTS = (
    FaultKind.CRASH_BEFORE,
    FaultKind.CRASH_AFTER,
    FaultKind.REPLY_LOST,
    FaultKind.REFUSED,
    FaultKind.OVERTAKEN,
)


class Model:
    """Plays Amazon Bedrock at the edge of the SDK; it answers red unless told otherwise."""

    def __init__(self) -> None:
        self.network = Recorded([RED])

    def before_moto(self) -> Callable[..., AWSResponse | None]:
        """What takes the place of moto's hook, which knows the service's name and nothing of `Converse`."""
        moto = BotocoreStubber.__call__

        def call(stubber: BotocoreStubber, event_name: str, request: Any, **more: Any) -> AWSResponse | None:
            if event_name.endswith(".Converse"):
                return self.network.answer(request)
            return moto(stubber, event_name, request, **more)

        return call


@pytest.fixture(scope="module")
def model() -> Model:
    return Model()


@pytest.fixture(scope="module")
def standing(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk whose force has a second reader."""
    force = tmp_path_factory.mktemp("force") / "reading.toml"
    force.write_text((REPOSITORY / "forces/merseyside.toml").read_text() + SECTION)
    with (
        patch("tests.simulation.aws_in_process.WORK_QUEUES", (*_queues(), "second_reads")),
        patch.dict(desks.MAPPINGS, {"second_reads": "ReadAgain"}),
        patch.dict(HANDLERS, {"ReadAgain": "functions.triage.second_reads.handler"}),
        desk_on_moto() as desk,
        patch.dict(os.environ, {"FORCE_FILE": str(force), "MODEL_ID": "anthropic.a-model-v1:0"}),
        patch.object(BotocoreStubber, "__call__", model.before_moto()),
    ):
        yield desk


def _queues() -> tuple[str, ...]:
    from tests.simulation.aws_in_process import WORK_QUEUES

    return WORK_QUEUES


@pytest.fixture
def reading(standing: Desk, model: Model) -> Desk:
    begin(standing, model)
    return standing


def begin(desk: Desk, model: Model, plan: Mapping[int, FaultKind] | None = None) -> None:
    desk.reset(plan)
    model.network = Recorded([RED])


def stored(desk: Desk) -> list[dict[str, Any]]:
    return [unmarshal(item) for item in desk.aws.items()]


def contact_of(desk: Desk) -> dict[str, Any]:
    (found,) = (item for item in stored(desk) if item["sk"] == "contact")
    return found


def play(desk: Desk) -> None:
    desk.deliver(SAID.body)
    desk.rest()


def broken(desk: Desk) -> list[str]:
    """What is not as it must be once the same delivery has come again."""
    items = stored(desk)
    (case,) = (item for item in items if item["sk"] == "case")
    texts = [item for item in items if item["sk"] == "outbox" and item["purpose"] == "emergency"]
    alerts = [item for item in items if item["sk"] == "alert"]
    seen = [
        entry for entry in desk.graph.ledger.entries() if entry["visible"] and "999" in (entry["text"] or "")
    ]
    told = [alert for alert in desk.alerts if (alert["event"], alert["rank"]) == ("opened", "A1")]
    found = {
        "the case is red": case["band"] == "red" and case["grade"] == "emergency",
        "one emergency text is recorded and sent": [item["state"] for item in texts] == ["sent"],
        "the person has the text": 1 <= len([one for one in seen if one["text"] == texts[0]["text"]]) <= 2,
        "one A1 stands": [alert["rank"] for alert in alerts] == ["A1"],
        "operators were told": bool(told),
        "the reading is kept": contact_of(desk)["second_read"]["outcome"] == "read",
        "nothing of it is due": "second_read_due" not in contact_of(desk),
    }
    return [what for what, holds in found.items() if not holds]


def test_what_the_second_reader_finds_red_gets_its_alert_and_its_text(reading: Desk, model: Model) -> None:
    play(reading)

    assert broken(reading) == []
    assert len(model.network.requests) == 1
    assert SAID.person not in model.network.sent


def test_a_replay_of_the_archive_changes_nothing(reading: Desk, model: Model) -> None:
    play(reading)
    before = [item for item in stored(reading) if item["sk"] != "heard"]
    reading.deliver(SAID.body)
    reading.rest()

    assert [item for item in stored(reading) if item["sk"] != "heard"] == before
    assert len(model.network.requests) == 1


def test_any_one_fault_is_survived_once_the_delivery_has_come_again(
    standing: Desk, model: Model, share: Share
) -> None:
    begin(standing, model)
    play(standing)
    points = list(standing.injector.calls)
    ours = [point for point in points if point.function in {"Triage", "ReadAgain"}]
    every = [(point, kind) for point in ours for kind in FAULTS if kind in {*point.faults(), *FAULTS[3:]}]
    assert {point.function for point, _ in every} == {"Triage", "ReadAgain"}
    wrong = {}
    step = max(1, len(every) // share(14, len(every)))
    for point, kind in every[::step]:
        begin(standing, model, {point.number: kind})
        play(standing)
        assert standing.injector.struck, (point, kind)
        standing.deliver(SAID.body)
        standing.rest()
        if found := broken(standing):
            wrong[f"{kind.value}: {point}"] = found
    assert wrong == {}


def test_triage_makes_one_more_queue_call_for_every_ten_contacts_that_are_not_red(reading: Desk) -> None:
    play(reading)  # the channel's first contact of the minute costs a note
    reading.deliver(messages(["is the road open?"] * 10))
    forget_calls(reading)
    reading.hand_over("private_contacts")

    assert calls(reading) == {READ: 10, TRANSACTION: 10, QUEUE: 1 + 1}


@pytest.mark.parametrize(
    ("answer", "urgent_calls", "conversation_reads"), [(RED, 1, 2), (GREEN, 0, 2)], ids=["red", "green"]
)
def test_a_second_reading_costs_so_many_calls_and_no_more(
    reading: Desk, model: Model, answer: dict[str, Any], urgent_calls: int, conversation_reads: int
) -> None:
    model.network = Recorded([answer])
    reading.deliver(SAID.body)
    reading.hand_over("private_contacts")
    forget_calls(reading)
    reading.hand_over("second_reads")

    expected = {READ: 1 + conversation_reads, COUNT_IN: 1, ASK: 1, TRANSACTION: 1, QUEUE: urgent_calls}
    assert calls(reading) == {name: number for name, number in expected.items() if number}


def test_nobody_is_named_in_the_log(reading: Desk, model: Model) -> None:
    answers = json.loads(json.dumps(RED))
    answers["body"]["output"]["message"]["content"][0]["toolUse"]["input"]["reason"] = "canary-of-the-model"
    model.network = Recorded([answers])
    play(reading)
    log = reading.lambdas.log.getvalue()

    assert "contacts read again" in log
    for canary in (WORDS[:20], SAID.person, "canary-of-the-model", QUOTED):
        assert canary not in log
