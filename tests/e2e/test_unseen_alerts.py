"""An alert does not go quiet until a person has seen it, or its ladder has ended: with a short ladder, end to end."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from contact_desk.force_file import load_force_file
from local.addresses import REPOSITORY
from local.stack import DEFAULT_FORCE
from local.stack_file import Stack
from tests.builders import Json
from tests.e2e.outside import Operators, Outside, until

# Who tells of the alert, who climbs its ladder, who publishes it: each reads the force file.
READERS = ("Triage", "SweepUnacknowledgedAlerts", "NotifyUrgent")
SHORT = """[alerts.A1]
opens_on = ["hook"]
steps = [
    { after_seconds = 1, on = ["hook"] },
    { after_seconds = 2, on = ["hook", "sms"] },
    { after_seconds = 3, on = ["hook", "sms", "email"] },
]

"""


@pytest.fixture(scope="module")
def short_ladder(operators: Operators, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The force with a ladder of three seconds and no end beyond, as long as this module is tested."""
    whole = (REPOSITORY / "forces" / f"{DEFAULT_FORCE}.toml").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("force") / "short_ladder.toml"
    path.write_text(
        re.sub(r"\[alerts\.A1\].*?(?=\[alerts\.A2\])", SHORT, whole, flags=re.DOTALL), encoding="utf-8"
    )
    assert len(load_force_file(path).alerts) == 3
    with reading(operators, path):
        yield


@contextmanager
def reading(operators: Operators, force_file: Path) -> Iterator[None]:
    """The functions on this machine read that file instead of the one in their zips."""
    lambda_ = operators.aws("lambda")
    before = {}
    for name in READERS:
        function = operators.function(name)
        variables = lambda_.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
        before[function] = variables
        changed = {**variables, "FORCE_FILE": str(force_file)}
        lambda_.update_function_configuration(FunctionName=function, Environment={"Variables": changed})
    yield
    for function, variables in before.items():
        lambda_.update_function_configuration(FunctionName=function, Environment={"Variables": variables})


@pytest.fixture
def sweep(operators: Operators) -> Any:
    """One run of the job that nudges alerts, which else comes by the minute."""
    function = operators.function("SweepUnacknowledgedAlerts")
    return lambda: operators.aws("lambda").invoke(FunctionName=function, Payload=b"{}")


@pytest.mark.usefixtures("short_ladder")
def test_an_alert_climbs_to_the_end_of_its_ladder_and_stays_open_until_a_person_has_seen_it(
    outside: Outside, operators: Operators, stack: Stack, sweep: Any
) -> None:
    text = outside.new("there is a man with a knife and nobody looks")
    outside.deliver(outside.message(text, sender=outside.new_person()))
    case = operators.case_with(text)
    [alert] = [one for one in operators.alerts() if one["case_reference"] == case["reference"]]
    told: list[tuple[str, int, list[str]]] = []

    def listen() -> None:
        for message, routes in alert_calls(operators, stack):
            if message["alert_id"] == alert["alert_id"]:
                told.append((message["event"], message["nudge"], routes))

    def heard(nudge: int) -> bool:
        listen()
        return nudge in {call[1] for call in told}

    def climbed(nudge: int) -> bool:
        sweep()
        [stands] = [one for one in operators.alerts() if one["alert_id"] == alert["alert_id"]]
        return bool(stands["nudge"] == nudge)

    assert until(lambda: heard(0))
    for nudge in (1, 2, 3):
        # One after the other: a call tells how the alert stands when it is made.
        assert until(lambda nudge=nudge: climbed(nudge))  # type: ignore[misc]
        assert until(lambda nudge=nudge: heard(nudge))  # type: ignore[misc]
    ladder = {nudge: (event, routes) for event, nudge, routes in told}
    assert ladder == {
        0: ("opened", ["queue", "hook"]),
        1: ("nudged", ["queue", "hook"]),
        2: ("nudged", ["queue", "hook", "sms"]),
        3: ("nudged", ["queue", "email", "hook", "sms"]),
    }
    sweep()
    time.sleep(1)
    listen()
    assert max(nudge for _, nudge, _ in told) == 3
    [stands] = [one for one in operators.alerts() if one["alert_id"] == alert["alert_id"]]
    assert stands["nudge"] == 3

    assert operators.post(f"/desk/alerts/{alert['alert_id']}/acknowledge").status_code == 200

    def acknowledged() -> bool:
        listen()
        return any(event == "acknowledged" for event, _, _ in told)

    assert until(acknowledged)
    assert alert["alert_id"] not in {one["alert_id"] for one in operators.alerts()}


@pytest.mark.usefixtures("short_ladder")
def test_a_consumer_killed_with_the_alert_in_hand_leaves_it_open_and_is_told_again(
    outside: Outside, operators: Operators, stack: Stack, sweep: Any
) -> None:
    text = outside.new("he has a gun and nobody looks")
    outside.deliver(outside.message(text, sender=outside.new_person()))
    case = operators.case_with(text)
    sqs, queue = operators.aws("sqs"), stack.queues["operator_alerts"]

    def in_hand() -> list[Json]:
        taken = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        bodies = [json.loads(one["Body"]) for one in taken]
        return [one for one in bodies if one["case_reference"] == case["reference"]]

    [opened] = until(in_hand)  # and then the consumer is killed: nothing is deleted

    def nudged() -> list[Json]:
        sweep()
        return [one for one in in_hand() if one["event"] == "nudged"]

    assert until(nudged)[0]["alert_id"] == opened["alert_id"]
    assert opened["alert_id"] in {one["alert_id"] for one in operators.alerts()}
    operators.post(f"/desk/alerts/{opened['alert_id']}/acknowledge")


def alert_calls(operators: Operators, stack: Stack) -> list[tuple[Json, list[str]]]:
    """The messages that wait on the queue of alerts, each with its routes; they are taken off."""
    sqs, queue = operators.aws("sqs"), stack.queues["operator_alerts"]
    calls = []
    while taken := sqs.receive_message(
        QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    ).get("Messages"):
        for one in taken:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=one["ReceiptHandle"])
            routes = json.loads(one["MessageAttributes"]["routes"]["StringValue"])
            calls.append((json.loads(one["Body"]), routes))
    return calls
