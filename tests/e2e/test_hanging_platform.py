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
# A text that waited behind a call that hangs would come after its eight seconds at the soonest.
BEFORE_A_CALL_IS_GIVEN_UP = 6.0


@pytest.fixture
def hang(stack: Stack, outside: Outside, operators: Operators) -> Iterator[Callable[[int], None]]:
    """Has so many messages of the page hang; all is well again afterwards."""
    open_again(operators)

    def plan(times: int) -> None:
        fault = {"platform": "messenger", "act": "message", "fault": "hang", "times": times}
        assert outside.http.post(f"{stack.platforms_url}/faults", json=fault).status_code == 201

    yield plan
    outside.http.delete(f"{stack.platforms_url}/faults")
    until(operators.at_rest, seconds=60)
    open_again(operators)


def all_hang(outside: Outside) -> bool:
    return not outside.http.get(f"{outside.stack.platforms_url}/faults").json()["faults"]


def test_a_hanging_platform_delays_no_emergency_text_on_another(
    outside: Outside, stack: Stack, hang: Callable[[int], None]
) -> None:
    hang(2)
    for _ in range(2):
        outside.deliver(outside.message(KNIFE, sender=outside.new_person()))
    until(lambda: all_hang(outside))

    person, asked_at = outside.new_person(), time.monotonic()
    said = {"from": person, "timestamp": str(int(time.time()))}
    delivery = whatsapp_delivery(
        whatsapp_message(f"wamid.{uuid.uuid4().hex}", "text", {"body": KNIFE}, **said)
    )
    delivery["entry"][0]["changes"][0]["value"]["contacts"] = [{"profile": {"name": "Ada"}, "wa_id": person}]
    outside.deliver(delivery)

    until(lambda: outside.received(person), seconds=BEFORE_A_CALL_IS_GIVEN_UP)
    assert time.monotonic() - asked_at < BEFORE_A_CALL_IS_GIVEN_UP


def test_ordinary_texts_that_hang_delay_no_emergency_text_of_the_same_account(
    outside: Outside, hang: Callable[[int], None]
) -> None:
    hang(2)
    for _ in range(2):
        outside.deliver(outside.message("when is the station open?", sender=outside.new_person()))
    until(lambda: all_hang(outside))

    person = outside.new_person()
    outside.deliver(outside.message(KNIFE, sender=person))

    until(lambda: outside.received(person), seconds=BEFORE_A_CALL_IS_GIVEN_UP)
