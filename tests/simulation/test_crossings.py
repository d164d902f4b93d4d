"""Two that cross each other on the way: at every call of the one, the other comes first and is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from contact_desk.stores.items import unmarshal
from tests.builders import sqs_event
from tests.simulation.desk_on_moto import Desk
from tests.simulation.faults import FaultKind
from tests.simulation.operator_at_work import OperatorAtWork
from tests.simulation.promises import broken_promises
from tests.simulation.story import ORDINARY, SECOND, TWO_OF_ONE_PERSON

Act = Callable[[], object]
Scene = Callable[[Desk], tuple[Act, Act]]


def test_two_contacts_of_one_conversation_meet_in_one_case(desk: Desk) -> None:
    def scene(desk: Desk) -> tuple[Act, Act]:
        desk.deliver(ORDINARY.body)
        desk.deliver(SECOND.body)
        first, second = (sqs_event(message.body) for message in desk.aws.receive("private_contacts"))
        return (
            lambda: desk.lambdas.invoke("Triage", first),
            lambda: desk.lambdas.invoke("Triage", second, worker=2, watched=False),
        )

    crossed = 0
    for crossed in crossings(desk, scene):
        assert broken_promises(desk, TWO_OF_ONE_PERSON) == [], f"crossed at call {crossed}"
    assert crossed >= 2


def test_a_contact_that_a_close_crosses_is_on_an_open_case(desk: Desk) -> None:
    def scene(desk: Desk) -> tuple[Act, Act]:
        seen = a_case_with_a_contact_on_its_way(desk)
        return lambda: desk.hand_over("private_contacts"), lambda: OperatorAtWork(desk).close(seen)

    crossed = 0
    for crossed in crossings(desk, scene):
        assert_on_an_open_case(desk, f"crossed at call {crossed}")
    assert crossed >= 2


def test_a_contact_that_crosses_a_close_is_on_an_open_case(desk: Desk) -> None:
    def scene(desk: Desk) -> tuple[Act, Act]:
        seen = a_case_with_a_contact_on_its_way(desk)
        return (
            lambda: OperatorAtWork(desk).close(seen),
            lambda: desk.hand_over("private_contacts", worker=2, watched=False),
        )

    crossed = 0
    for crossed in crossings(desk, scene):
        assert_on_an_open_case(desk, f"crossed at call {crossed}")
    assert crossed >= 3


def crossings(desk: Desk, scene: Scene) -> Iterator[int]:
    """Play the scene anew for each call that the one makes, the other coming first at it; calls count from 1."""
    for at_call in count():
        desk.reset()
        one, other = scene(desk)
        if not crossed_at(desk, one, other, at_call):
            return
        desk.rest()
        yield at_call + 1


def crossed_at(desk: Desk, one: Act, other: Act, at_call: int) -> bool:
    """Whether the one made so many calls that the other could cross it there."""
    usual, desk.injector.overtake = desk.injector.overtake, other
    desk.injector.begin({at_call: FaultKind.OVERTAKEN})
    try:
        one()
    finally:
        desk.injector.overtake = usual
    return bool(desk.injector.struck)


def a_case_with_a_contact_on_its_way(desk: Desk) -> dict[str, Any]:
    """The case as its holder has read it; a second contact to it waits in the queue."""
    operator = OperatorAtWork(desk)
    desk.deliver(ORDINARY.body)
    desk.rest()
    desk.clock.advance(minutes=1)
    seen = operator.claim(operator.case_of(ORDINARY)["case_id"])
    desk.deliver(SECOND.body)
    return seen


def assert_on_an_open_case(desk: Desk, told: str) -> None:
    """The second contact is on a case that is open; the conversation and the list of cases say so too."""
    items = [unmarshal(item) for item in desk.aws.items()]
    (contact,) = (item for item in items if item["pk"] == f"contact#{SECOND.key}")
    (case,) = (item for item in items if item["pk"] == f"case#{contact['case_id']}" and item["sk"] == "case")
    (conversation,) = (item for item in items if item["sk"] == "conversation")
    assert case["state"] == "open", told
    assert conversation["current"]["case_id"] == case["case_id"], told
    assert conversation["current"]["state"] == "open", told
    assert case["case_id"] in {listed["case_id"] for listed in OperatorAtWork(desk).cases()}, told
