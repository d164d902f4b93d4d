"""Danger is answered at once, and alerts until a person has seen it; what is no danger is not."""

from __future__ import annotations

import time

import pytest

from contact_desk.force_file import load_force_file
from local.addresses import REPOSITORY
from local.stack import DEFAULT_FORCE
from local.stack_file import Stack
from tests.builders import Json
from tests.e2e.outside import Operators, Outside, until

KNIFE = "there is a man with a knife outside my house"
FORCE = load_force_file(REPOSITORY / "forces" / f"{DEFAULT_FORCE}.toml")
TEXTS = FORCE.texts["en"]


@pytest.fixture
def alerts(stack: Stack, operators: Operators) -> str:
    """The queue of operator alerts, empty."""
    url = stack.queues["operator_alerts"]
    operators.alert_messages(url)
    return url


def test_a_knife_in_private_gets_the_emergency_text_once_and_an_a1(
    outside: Outside, operators: Operators, alerts: str
) -> None:
    person = outside.new_person()
    outside.deliver(outside.message(KNIFE, sender=person))

    received = until(lambda: outside.received(person))
    published = until(lambda: opened(operators, alerts))

    assert [message["text"] for message in received] == [FORCE.write(TEXTS.emergency)]
    assert [(one["rank"], one["event"], one["kind"]) for one in published] == [("A1", "opened", "emergency")]
    assert KNIFE not in str(published)
    time.sleep(2)
    assert len(outside.received(person)) == 1


def test_a_second_emergency_in_the_conversation_alerts_without_a_second_text(
    outside: Outside, operators: Operators, alerts: str
) -> None:
    person = outside.new_person()
    outside.deliver(outside.message(KNIFE, sender=person))
    until(lambda: outside.received(person))
    outside.deliver(outside.message("he is trying to break in now please help", sender=person))

    until(lambda: operators.case_with("he is trying to break in now please help"))
    time.sleep(2)

    assert len(outside.received(person)) == 1


def test_a_cat_up_a_tree_gets_the_signpost_and_nothing_else(
    outside: Outside, operators: Operators, alerts: str
) -> None:
    person = outside.new_person()
    outside.deliver(outside.message("not an emergency, my cat is up a tree", sender=person))

    [message] = until(lambda: outside.received(person))
    time.sleep(2)

    assert FORCE.signposts["rspca"].how in message["text"]
    assert len(outside.received(person)) == 1
    assert not [one for one in opened(operators, alerts) if one["rank"] == "A1"]


def test_a_knife_in_a_comment_gets_the_public_text_and_a_private_reply(outside: Outside) -> None:
    comment_id = outside.new_comment_id()
    outside.deliver(outside.comment(KNIFE, comment_id=comment_id))

    def both() -> list[Json] | None:
        sent = outside.received(comment_id)
        return sent if len(sent) >= 2 else None

    sent = until(both)
    time.sleep(2)

    assert len(outside.received(comment_id)) == 2
    assert {message["text"] for message in sent} == {FORCE.write(TEXTS.public), FORCE.write(TEXTS.emergency)}


def opened(operators: Operators, alerts: str) -> list[Json]:
    """The alerts that were opened since the queue was last read; nudges of others may lie between them."""
    return [one for one in operators.alert_messages(alerts, seconds=0) if one["event"] == "opened"]
