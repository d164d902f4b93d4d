"""From two people's approval to what the public reads: feed, map, alert and page, within five seconds of each act."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import httpx
import pytest
from geojson_pydantic import Feature, FeatureCollection, Polygon

from functions.notify.feed.cap_rules import breaches
from local.stack_file import Stack
from tests.atom_schema import atom_faults
from tests.builders import Json
from tests.e2e.outside import Operators

WITHIN_SECONDS = 5.0


class Public:
    """A member of the public before the one origin."""

    def __init__(self, stack: Stack) -> None:
        self._origin = stack.live_url.removesuffix("/live")

    def get(self, path: str) -> httpx.Response:
        address = path if path.startswith("http") else self._origin + path
        # Proxies of the shell have no business on loopback.
        return httpx.get(address, trust_env=False, timeout=10)

    def features(self) -> dict[str, Json]:
        found = self.get("/feed/incidents.geojson").json()
        FeatureCollection[Feature[Polygon, Json]].model_validate(found)
        return {one["id"]: one for one in found["features"]}

    def entry(self, reference: str) -> Any:
        feed = self.get("/feed/atom.xml").content
        assert atom_faults(feed) == []
        read = feedparser.parse(feed)
        assert not read.bozo
        return next((one for one in read.entries if one.id.endswith(reference)), None)


@pytest.fixture
def public(stack: Stack) -> Public:
    return Public(stack)


def closure(words: str, **changes: Any) -> Json:
    expires_at = datetime.now(UTC) + timedelta(hours=2)
    return {
        "kind": "incident",
        "what": words,
        "where": "The Strand, Liverpool",
        "do": "Use Leeds Street.",
        "severity": "moderate",
        "area": {"names": ["Liverpool city centre"], "polygon": None},
        "language": "en",
        "expires_at": expires_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "copies": {"facebook_page": {}},
        **changes,
    }


def act(
    operators: Operators, stack: Stack, path: str, body: Json, who: str, version: int | None = None
) -> Json:
    answer = operators.post(path, body, token=getattr(stack.tokens, who), version=version)
    assert answer.status_code in {200, 201}, answer.text
    done: Json = answer.json()
    return done


def on_air(operators: Operators, stack: Stack, path: str, body: Json, version: int | None = None) -> Json:
    """Drafted by one person and approved by another."""
    draft = act(operators, stack, path, body, "publisher", version)
    one = f"/desk/broadcasts/{draft['broadcast_id']}"
    handed_in = act(operators, stack, f"{one}/submit", {}, "publisher", draft["version"])
    return act(
        operators, stack, f"{one}/approve", {"hash": handed_in["hash"]}, "supervisor", handed_in["version"]
    )


def version_of(operators: Operators, stack: Stack, broadcast_id: str) -> int:
    """Its version as it stands: it settles by itself."""
    answer = operators.get(f"/desk/broadcasts/{broadcast_id}", token=stack.tokens.supervisor)
    version: int = answer.json()["version"]
    return version


def soon(look: Callable[[], bool]) -> None:
    began = time.monotonic()
    while not look():
        assert time.monotonic() - began < WITHIN_SECONDS, "the public still sees the old state"
        time.sleep(0.05)


def test_an_approved_closure_is_public_corrected_and_withdrawn_within_five_seconds(
    stack: Stack, operators: Operators, public: Public
) -> None:
    words = f"The Strand is closed both ways {time.time_ns()}"
    live = on_air(operators, stack, "/desk/broadcasts", closure(words))
    reference = live["reference"]

    soon(lambda: reference in public.features())
    soon(lambda: words in public.get("/live").text)
    soon(lambda: "and it is current" in public.get(f"/live/{reference}").text)
    soon(lambda: public.entry(reference) is not None)
    (alert,) = [one.href for one in public.entry(reference).links if one.rel == "enclosure"]
    assert breaches(public.get(alert).content) == frozenset()

    corrected = on_air(
        operators,
        stack,
        f"/desk/broadcasts/{live['broadcast_id']}/correct",
        closure(f"{words}, southbound only"),
        version_of(operators, stack, live["broadcast_id"]),
    )
    soon(lambda: public.features()[reference]["properties"]["corrected"])
    soon(lambda: "southbound only" in public.get(f"/live/{reference}").text)
    soon(lambda: "southbound only" in public.get(f"/live/{corrected['reference']}").text)

    act(
        operators,
        stack,
        f"/desk/broadcasts/{corrected['broadcast_id']}/cancel",
        {"reason": "The road is open again."},
        "supervisor",
        version_of(operators, stack, corrected["broadcast_id"]),
    )
    soon(lambda: reference not in public.features())
    soon(lambda: "no longer current" in public.get(f"/live/{reference}").text)
    soon(lambda: public.entry(reference).title.startswith("Withdrawn: "))


def test_every_page_carries_the_headers_of_the_one_origin(public: Public) -> None:
    page = public.get("/live")

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "max-age=3"
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert public.get("/feed/atom.xml").headers["access-control-allow-origin"] == "*"
    assert (
        b"--band" in public.get(page.text.partition('rel="stylesheet" href="')[2].partition('"')[0]).content
    )


def test_a_reference_that_nobody_published_is_said_to_be_none_of_ours(public: Public) -> None:
    unknown = public.get("/live/MP-14X5-4M5T-3")
    asked = public.get("/live/look-up?reference=mp+14x5+4m5t+3")

    assert unknown.status_code == 404
    assert "We did not publish this" in unknown.text
    assert (asked.status_code, asked.headers["location"]) == (303, "/live/MP-14X5-4M5T-3")
