"""Canaries over the real handlers: they go all the way, and leave nothing that anybody sees or counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from contact_desk.force_file import load_force_file
from tests.simulation.desk_on_moto import Desk
from tests.simulation.public_address import public_address_of

CHANNELS = set(load_force_file(Path(__file__).parents[2] / "forces/merseyside.toml").channels)
# The desk in this process has no secret for text messages.
CONNECTED = CHANNELS - {"sms"}


@pytest.fixture
def looped(desk: Desk) -> Iterator[Desk]:
    """The desk, whose public address leads to its own webhooks."""
    with public_address_of(desk):
        yield desk


def told(desk: Desk, metric: str) -> dict[str, int]:
    """What a metric was last told of each channel."""
    lines = [json.loads(line) for line in desk.lambdas.log.getvalue().splitlines() if "_aws" in line]
    return {line["channel"]: int(line[metric][0]) for line in lines if metric in line and "channel" in line}


def kinds(desk: Desk) -> set[str]:
    return {item["sk"]["S"] for item in desk.aws.items()}


def rounds(desk: Desk, number: int = 2) -> None:
    for _ in range(number):
        desk.lambdas.invoke("Canary", {})
        desk.pump()
        desk.clock.advance(minutes=1)


def test_a_canary_reaches_triage_on_every_channel_that_is_connected(looped: Desk) -> None:
    rounds(looped)

    assert told(looped, "CanaryArrived") == {**dict.fromkeys(CONNECTED, 1), "sms": 0}
    assert told(looped, "CanariesSeen") == dict.fromkeys(CONNECTED, 1)
    assert looped.lambdas.errors == []


def test_it_leaves_its_note_and_its_receipt_and_nothing_else(looped: Desk) -> None:
    rounds(looped)
    looped.minute(6)
    for job in ("SweepHourTotals", "ChannelHealth"):
        looped.lambdas.invoke(job, {})
    looped.rest()

    items = looped.aws.items()
    assert sum(item["sk"]["S"] == "canary" for item in items) == len(CONNECTED)
    assert sum(item["sk"]["S"] == "receipt" for item in items) == 2 * len(CONNECTED)
    assert not kinds(looped) & {"contact", "conversation", "case", "outbox", "alert", "heard", "attachments"}
    assert looped.alerts == []
    assert looped.graph.ledger.entries() == []
    for counted in ("ContactsReceived", "ContactsAdmitted", "ContactsByChannel", "OrphansFound"):
        assert f'"{counted}"' not in looped.lambdas.log.getvalue()


def test_a_channel_whose_contacts_are_lost_on_the_way_has_no_canary_either(looped: Desk) -> None:
    rounds(looped)
    looped.lambdas.reset(cold=False)
    looped.lambdas.invoke("Canary", {})
    looped.aws.client("sqs").purge_queue(QueueUrl=looped.aws.queues["private_contacts"])
    looped.pump()
    looped.clock.advance(minutes=3)
    looped.lambdas.reset(cold=False)
    looped.lambdas.invoke("Canary", {})

    arrived = told(looped, "CanaryArrived")
    assert set(arrived) == CHANNELS
    assert set(arrived.values()) == {0}
