"""Functions die at any moment; what was answered 200 is on the desk afterwards, once."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from local.stack import LocalDesk
from tests.e2e.outside import INTAKE_QUEUES, Operators, Outside, contact_entries, until
from tests.proving import Share

SENDERS = 3
TRIES = 20
OUT_OF_SIGHT_SECONDS = 15


@pytest.fixture
def quick_returns(operators: Operators) -> Iterator[None]:
    """Has what a dead worker held come back in seconds, not in the minute and a half that the template gives it.

    A living worker that takes longer is then overtaken by another, which must change nothing either.
    """
    sqs, kept = operators.aws("sqs"), {}
    for queue in INTAKE_QUEUES:
        url, asked_for = operators.stack.queues[queue], ["VisibilityTimeout"]
        kept[url] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=asked_for)["Attributes"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(OUT_OF_SIGHT_SECONDS)})
    yield
    for url, attributes in kept.items():
        sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)


@pytest.mark.usefixtures("quick_returns")
def test_no_delivery_answered_200_is_lost_when_functions_are_killed(
    desk: LocalDesk, outside: Outside, operators: Operators, share: Share
) -> None:
    kills, chance, done = share(5, 50), random.Random(20261102), threading.Event()
    people = [outside.new_person() for _ in range(20)]
    answered: list[str] = []

    def write_without_end(sender: int) -> None:
        own = random.Random(sender)
        while not done.is_set():
            text = outside.new("under fire")
            delivery = outside.message(text, sender=own.choice(people))
            # A platform sends again what was not answered 200.
            if any(outside.deliver(delivery).status_code == 200 for _ in range(TRIES)):
                answered.append(text)
            time.sleep(0.1)

    with ThreadPoolExecutor(SENDERS) as pool:
        senders = [pool.submit(write_without_end, number) for number in range(SENDERS)]
        try:
            killed: Counter[str] = Counter()
            while killed.total() < kills:
                time.sleep(chance.uniform(0.3, 0.9))
                workers = [
                    (name, pid)
                    for name, pids in desk.function_pids().items()
                    for pid in pids
                    if any(function in name for function in ("Webhooks", "Triage", "Notify"))
                ]
                if not workers:
                    continue  # all dead just now: the next delivery starts them again
                name, pid = chance.choice(workers)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed[name] += 1
            # Functions that start anew take their time: people go on writing until enough was taken in.
            until(lambda: len(answered) > kills, seconds=60)
        finally:
            done.set()
    for sender in senders:
        sender.result()

    def texts_on_desk() -> Counter[str]:
        cases = [
            operators.case(case["case_id"]) for case in operators.cases() if "under fire" in case["preview"]
        ]
        return Counter(entry["text"] for case in cases for entry in contact_entries(case))

    def all_there() -> Counter[str] | None:
        there = texts_on_desk()
        return there if set(answered) <= set(there) else None

    # A message whose worker died comes back when its time out of sight is over.
    there = until(all_there, seconds=240)
    assert {text: number for text, number in there.items() if number != 1} == {}
