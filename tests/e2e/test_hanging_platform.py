"""A platform that hangs holds up nobody's emergency text but its own."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator

import pytest

from local.stack_file import Stack
from tests.builders import whatsapp_delivery, whatsapp_message
from tests.e2e.outside import Operators, Outside, until
from tests.e2e.test_writing_back import open_again

KNIFE = "there is a man with a knife outside my house"


@pytest.fixture
def hang(stack: Stack, outside: Outside, operators: Operators) -> Iterator[Callable[[int], None]]:
    """Has so many messages of the page hang, each until its caller gives up; all is well again afterwards."""
    open_again(operators)

    def plan(times: int) -> None:
        fault = {"platform": "messenger", "act": "message", "fault": "hang", "times": times}
        assert outside.http.post(f"{stack.platforms_url}/faults", json=fault).status_code == 201

    yield plan
    outside.http.delete(f"{stack.platforms_url}/faults")
    open_again(operators)


def attempts_on(outside: Outside, people: list[str]) -> int:
    """How many calls have been made to write to these people, whatever came of them."""
    received = outside.http.get(f"{outside.stack.platforms_url}/received").json()["received"]
    return sum(one["to"] in people for one in received)


def write(outside: Outside, text: str, count: int) -> list[str]:
    people = [outside.new_person() for _ in range(count)]
    for person in people:
        outside.deliver(outside.message(text, sender=person))
    return people


def test_a_hanging_platform_delays_no_emergency_text_on_another(
    outside: Outside, hang: Callable[[int], None]
) -> None:
    hang(100)
    held_up = write(outside, KNIFE, 2)
    until(lambda: attempts_on(outside, held_up) >= 2)

    person = outside.new_person()
    said = {"from": person, "timestamp": str(int(time.time()))}
    delivery = whatsapp_delivery(
        whatsapp_message(f"wamid.{uuid.uuid4().hex}", "text", {"body": KNIFE}, **said)
    )
    delivery["entry"][0]["changes"][0]["value"]["contacts"] = [{"profile": {"name": "Ada"}, "wa_id": person}]
    outside.deliver(delivery)

    until(lambda: outside.received(person))
    assert [outside.received(other) for other in held_up] == [[], []]


def test_ordinary_texts_that_hang_delay_no_emergency_text_of_the_same_account(
    outside: Outside, hang: Callable[[int], None]
) -> None:
    hang(2)
    held_up = write(outside, "when is the station open?", 2)
    until(lambda: attempts_on(outside, held_up) >= 2)

    [person] = write(outside, KNIFE, 1)

    [emergency] = until(lambda: outside.received(person))
    # Those that hung are tried again, and on a slow machine their turn may have come by now.
    assert all(one["at"] > emergency["at"] for other in held_up for one in outside.received(other))
