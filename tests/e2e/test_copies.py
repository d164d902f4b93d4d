"""One road closure on Facebook, X, the feed, the map and the page within five seconds, and everywhere to its end."""

from __future__ import annotations

import time

import pytest

from local.stack_file import Stack
from tests.builders import Json
from tests.e2e.outside import Operators, Outside
from tests.e2e.test_public_feed import Public, act, closure, on_air, soon


@pytest.fixture
def public(stack: Stack) -> Public:
    return Public(stack)


CHANNELS: Json = {"facebook_page": {}, "x": {}, "whatsapp": {}, "sms_list": {}, "email_list": {}}


def shown(outside: Outside, words: str) -> dict[str, list[str]]:
    """What everybody can see of it on Facebook and X."""
    received = outside.http.get(f"{outside.stack.platforms_url}/received").json()["received"]
    seen: dict[str, list[str]] = {"facebook": [], "x": []}
    for one in received:
        if one["visible"] and words in str(one["text"]) and one["platform"] in seen:
            seen[one["platform"]].append(one["text"])
    return seen


def now(operators: Operators, stack: Stack, one: Json) -> Json:
    """The broadcast as the desk tells of it."""
    answer = operators.http.get(
        f"{stack.api_url}/desk/broadcasts/{one['broadcast_id']}",
        headers={"authorization": f"Bearer {stack.tokens.publisher}"},
    )
    told: Json = answer.json()
    return told


def states(operators: Operators, stack: Stack, one: Json) -> set[str]:
    """How its copies stand."""
    return {copy["state"] for copy in now(operators, stack, one)["copies"]}


def test_a_road_closure_is_everywhere_within_five_seconds_and_every_copy_follows_it(
    stack: Stack, operators: Operators, outside: Outside, public: Public
) -> None:
    words = f"Dale Street is closed {time.time_ns()}"

    live = on_air(operators, stack, "/desk/broadcasts", closure(words, copies=CHANNELS))
    approved_at = time.monotonic()
    soon(lambda: all(len(texts) == 1 for texts in shown(outside, words).values()))
    soon(lambda: live["reference"] in public.features())
    soon(lambda: words in public.get("/live").text)
    soon(lambda: public.entry(live["reference"]) is not None)
    assert time.monotonic() - approved_at < 5.0
    soon(lambda: states(operators, stack, live) == {"live"})
    soon(lambda: now(operators, stack, live)["state"] == "live")
    assert now(operators, stack, live)["version"] == live["version"]

    corrected = on_air(
        operators,
        stack,
        f"/desk/broadcasts/{live['broadcast_id']}/correct",
        closure(f"{words}, northbound only", copies=CHANNELS),
        now(operators, stack, live)["version"],
    )
    soon(lambda: all("northbound only" in "".join(texts) for texts in shown(outside, words).values()))
    assert all(len(texts) == 1 for texts in shown(outside, words).values())
    # What is cancelled before its list was told is withdrawn from it and has no end there.
    soon(lambda: states(operators, stack, corrected) == {"live"})

    act(
        operators,
        stack,
        f"/desk/broadcasts/{corrected['broadcast_id']}/cancel",
        {"reason": "The road is open again."},
        "supervisor",
        now(operators, stack, corrected)["version"],
    )
    soon(lambda: states(operators, stack, corrected) == {"ended"})
    after = shown(outside, words)
    assert not any("northbound only." in text and "Withdrawn" not in text for text in after["facebook"])
    assert after["x"] == []
