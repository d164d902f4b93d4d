"""Two watches at once each show everything, and one that is killed loses nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from local.stack_file import Stack
from tests.builders import Json
from tests.e2e.outside import Operators, Outside, until


def reached_by(stack: Stack) -> dict[str, str]:
    """How a process outside reaches the account."""
    return {
        "AWS_ACCESS_KEY_ID": stack.credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": stack.credentials.secret_access_key,
        "AWS_REGION": stack.region,
        "AWS_DEFAULT_REGION": stack.region,
        "AWS_ENDPOINT_URL": stack.aws_endpoint_url,
    }


class Watch:
    """One `desk watch --json`, and what it has told so far."""

    def __init__(self, stack: Stack, token: str, *more: str) -> None:
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            # Tests that a shell runs in the background ignore it, and so would what they start.
            signal.signal(signal.SIGINT, signal.default_int_handler)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "watch", "--json", "--api", stack.api_url, *more],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **reached_by(stack), "DESK_TOKEN": token},
        )
        self.events: list[Json] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def told(self, event: str, alert_id: str) -> list[Json]:
        """What it told of one alert."""
        return [one for one in list(self.events) if (one["event"], one.get("alert_id")) == (event, alert_id)]

    def end(self, by: signal.Signals) -> int:
        """End it, and how it left."""
        self.process.send_signal(by)
        code = self.process.wait(30)
        self._reader.join(5)
        assert self.process.stdout
        self.process.stdout.close()
        return code


@contextmanager
def watching(stack: Stack, token: str, *more: str) -> Iterator[Watch]:
    watch = Watch(stack, token, *more)
    try:
        yield watch
    finally:
        if watch.process.poll() is None:
            watch.end(signal.SIGKILL)


def test_two_watches_show_everything_and_one_killed_loses_nothing(
    stack: Stack, outside: Outside, operators: Operators
) -> None:
    outside.deliver(
        outside.message(outside.new("he has a knife and nobody looks"), sender=outside.new_person())
    )
    with watching(stack, stack.tokens.operator) as first, watching(stack, stack.tokens.operator2) as second:
        until(lambda: all(any("alert_id" in one for one in watch.events) for watch in (first, second)))
        text = outside.new("somebody has a gun at the school gate")
        outside.deliver(outside.message(text, sender=outside.new_person()))
        case = operators.case_with(text)
        [alert] = [one for one in operators.alerts() if one["case_reference"] == case["reference"]]
        name = alert["alert_id"]

        for watch in (first, second):
            [opened] = until(lambda watch=watch: watch.told("opened", name))  # type: ignore[misc]
            assert (opened["rank"], opened["case_reference"]) == ("A1", case["reference"])
        second.end(signal.SIGKILL)
        with watching(stack, stack.tokens.operator2) as again:
            assert until(lambda: again.told("opened", name))
            assert operators.post(f"/desk/alerts/{name}/acknowledge").status_code == 200
            for watch in (first, again):
                assert until(lambda watch=watch: watch.told("closed", name))  # type: ignore[misc]
        assert text not in json.dumps(first.events)
        assert first.end(signal.SIGINT) == 0


@pytest.fixture
def own_queue(operators: Operators) -> Iterator[str]:
    """A queue on the alerts' topic that is one watch's own."""
    sqs, sns = operators.aws("sqs"), operators.aws("sns")
    (stack,) = operators.aws("cloudformation").describe_stacks()["Stacks"]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    queue = sqs.create_queue(QueueName=f"watch-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    subscribed = sns.subscribe(
        TopicArn=outputs["OperatorAlertsTopicArn"],
        Protocol="sqs",
        Endpoint=attributes["QueueArn"],
        Attributes={"RawMessageDelivery": "true"},
        ReturnSubscriptionArn=True,
    )
    yield queue
    sns.unsubscribe(SubscriptionArn=subscribed["SubscriptionArn"])
    sqs.delete_queue(QueueUrl=queue)


def test_a_watch_with_a_queue_of_its_own_takes_its_news_off_and_tells_what_the_desk_says(
    stack: Stack, outside: Outside, operators: Operators, own_queue: str
) -> None:
    with watching(stack, stack.tokens.operator, "--queue", own_queue) as watch:
        text = outside.new("somebody has a gun by the bank")
        outside.deliver(outside.message(text, sender=outside.new_person()))
        case = operators.case_with(text)

        def told() -> list[Json]:
            events = list(watch.events)
            return [one for one in events if one.get("case_reference") == case["reference"]]

        assert until(told)[0]["event"] == "opened"
        until(lambda: waiting(operators, own_queue) == 0)
    assert not [one for one in watch.events if one["event"] == "note"]


def waiting(operators: Operators, queue: str) -> int:
    counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = operators.aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=counts)
    return sum(int(answer["Attributes"][name]) for name in counts)
