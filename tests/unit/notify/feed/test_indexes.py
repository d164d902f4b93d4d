"""Atom and GeoJSON: what they list, and that the libraries of others take them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import feedparser
import pytest
from geojson_pydantic import Feature, FeatureCollection, Polygon
from hypothesis import given
from hypothesis import strategies as st

from contact_desk.broadcasts import Area, Broadcast, BroadcastKind, BroadcastState, Point, Severity
from functions.notify.feed.atom import render_atom
from functions.notify.feed.geojson import render_geojson
from functions.notify.feed.geometry import cap_polygon, geojson_ring
from tests.atom_schema import atom_faults
from tests.feed_builders import NOON, PUBLISHER, STRAND, broadcast, corrected_chain, shown_as

LATER = NOON + timedelta(minutes=30)
HOSTILE = st.text(max_size=120)
DEGREES = st.floats(-80, 80, allow_nan=False)
RINGS = st.lists(st.builds(Point, DEGREES, DEGREES), min_size=3, max_size=12).map(
    lambda corners: (*corners, corners[0])
)


def atom(*broadcasts: Broadcast) -> Any:
    feed = render_atom(shown_as(*broadcasts), PUBLISHER)
    assert atom_faults(feed) == []
    read = feedparser.parse(feed)
    assert not read.bozo, read.get("bozo_exception")
    assert read.version == "atom10"
    return read


Incidents = FeatureCollection[Feature[Polygon, dict[str, Any]]]


def geojson(*broadcasts: Broadcast) -> Incidents:
    return Incidents.model_validate_json(render_geojson(shown_as(*broadcasts), PUBLISHER))


def test_an_empty_feed_is_a_feed() -> None:
    read = atom()

    assert (read.entries, read.feed.title) == ([], "Live from Merseyside Police")
    assert read.feed.id
    assert read.feed.updated
    assert geojson().features == []


@pytest.mark.parametrize(
    ("sound", "broken"),
    [
        ("<updated>2026-07-14T12:00:00.000Z", "<updated>2026-07-14 12:00"),
        ("<author>", "<author><name>Another</name>"),
        ('xml:lang="en-GB"', 'xml:lang="en_GB"'),
        ('type="application/cap+xml"', 'type="cap"'),
        ("<summary>", "<abstract/><summary>"),
        ('rel="alternate"', 'rel="related"'),
        ('rel="self"', 'rel="via"'),
        ('href="https://desk.example/live"', 'href="/live"'),
        (f"2020:{broadcast().reference}", "2020:feed"),
    ],
)
def test_what_is_no_atom_is_found_out(sound: str, broken: str) -> None:
    feed = render_atom(shown_as(broadcast()), PUBLISHER).decode()
    assert atom_faults(feed.encode()) == []
    assert sound in feed

    assert atom_faults(feed.replace(sound, broken).encode())


def test_an_entry_leads_to_its_page_and_its_newest_alert() -> None:
    first, second = corrected_chain()
    (entry,) = atom(first, second).entries

    links = {link.rel: link.href for link in entry.links}
    assert links == {
        "alternate": f"https://desk.example/live/{first.reference}",
        "enclosure": f"https://desk.example/feed/alerts/{second.reference}.cap.xml",
    }
    assert entry.title == "Corrected: The Strand is closed southbound only"
    assert entry.id.endswith(first.reference)


def test_the_newest_change_comes_first_and_what_has_ended_stays() -> None:
    entries = atom(
        broadcast("01", state=BroadcastState.CANCELLED, ended_at=LATER),
        broadcast("02", published_at=NOON + timedelta(minutes=5)),
        broadcast("03", state=BroadcastState.EXPIRED, expires_at=NOON + timedelta(minutes=10)),
    ).entries

    assert [entry.title.partition(":")[0] for entry in entries] == [
        "Withdrawn",
        "Ended",
        "The Strand is closed in both directions after a crash",
    ]
    assert [entry.updated for entry in entries] == sorted((entry.updated for entry in entries), reverse=True)


@given(what=HOSTILE, where=HOSTILE, do=HOSTILE)
def test_no_text_breaks_an_index(what: str, where: str, do: str) -> None:
    hostile = broadcast(what=what, where=where, do=do)

    assert len(atom(hostile).entries) == 1
    assert len(geojson(hostile).features) == 1


def test_the_map_holds_live_incidents_gravest_first_and_nothing_else() -> None:
    shown = geojson(
        broadcast("01", severity=Severity.MINOR),
        broadcast("02", severity=Severity.EXTREME, area=Area(("Bootle",))),
        broadcast("03", state=BroadcastState.CANCELLED, ended_at=LATER),
        broadcast("04", kind=BroadcastKind.APPEAL),
        broadcast("05", expires_at=NOON + timedelta(minutes=10)),
    ).features

    assert [one.properties and one.properties["severity"] for one in shown] == ["extreme", "minor"]
    assert [one.geometry and one.geometry.type for one in shown] == [None, "Polygon"]


def test_a_feature_says_what_an_app_needs() -> None:
    (feature,) = json.loads(render_geojson(shown_as(broadcast()), PUBLISHER))["features"]
    reference = broadcast().reference

    assert feature["id"] == reference
    assert feature["geometry"]["coordinates"][0][0] == [-2.996, 53.405]
    assert feature["properties"] == {
        "reference": reference,
        "what": "The Strand is closed in both directions after a crash",
        "where": "The Strand, between James Street and Water Street, Liverpool",
        "do": "Use the Queensway tunnel or Leeds Street. Allow 20 minutes more.",
        "places": ["Liverpool city centre"],
        "severity": "moderate",
        "language": "en-GB",
        "corrected": False,
        "published_at": "2026-07-14T12:00:00.000Z",
        "updated_at": "2026-07-14T12:00:00.000Z",
        "starts_at": "2026-07-14T12:00:00.000Z",
        "expires_at": "2026-07-14T16:00:00.000Z",
        "url": f"https://desk.example/live/{reference}",
        "cap_url": f"https://desk.example/feed/alerts/{reference}.cap.xml",
    }


@pytest.mark.parametrize("ring", [STRAND, STRAND[::-1]])
def test_a_ring_goes_round_its_inside_to_the_left(ring: tuple[Point, ...]) -> None:
    (feature,) = geojson(broadcast(area=Area((), ring))).features
    assert feature.geometry is not None
    corners = feature.geometry.coordinates[0]

    # RFC 7946, 3.1.6: counterclockwise, by the sum over the edges of (x2 - x1)(y2 + y1).
    assert sum((b[0] - a[0]) * (b[1] + a[1]) for a, b in pairwise(corners)) < 0


@given(RINGS)
def test_both_formats_name_the_same_corners_each_in_its_own_order(ring: tuple[Point, ...]) -> None:
    cap = [tuple(map(float, pair.split(","))) for pair in cap_polygon(ring).split()]
    geo = geojson_ring(ring)

    assert geo[0] == geo[-1]
    assert {(round(y, 7) + 0.0, round(x, 7) + 0.0) for x, y in geo} == {(y + 0.0, x + 0.0) for y, x in cap}


def test_states_that_differ_never_have_the_same_bytes() -> None:
    live = broadcast("01")
    states = [
        (),
        (live,),
        (replace(live, state=BroadcastState.CANCELLED, ended_at=LATER),),
        corrected_chain(),
    ]

    for render in (render_atom, render_geojson):
        assert len({render(shown_as(*state), PUBLISHER) for state in states}) == len(states)
