"""The pages: what they say of each state, that no text is markup, and that the same state is the same bytes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_desk.broadcasts import (
    Broadcast,
    BroadcastKind,
    BroadcastState,
    LanguageVersion,
    Picture,
    Severity,
)
from functions.notify.feed.pages import render_live, render_notice
from tests.feed_builders import NOON, PUBLISHER, broadcast, corrected_chain, shown_as

NOW = NOON + timedelta(hours=1)
LATER = NOON + timedelta(minutes=30)


class Page(HTMLParser):
    """The elements and the words of a page."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(body.decode())
        self.words = " ".join(self.words.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def live(*broadcasts: Broadcast, now: Any = NOW) -> Page:
    return Page(render_live(shown_as(*broadcasts, now=now), PUBLISHER, now))


def page(*broadcasts: Broadcast) -> Page:
    (notice,) = shown_as(*broadcasts)
    return Page(render_notice(notice, PUBLISHER))


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "nothing to report"), (1, "One message is current."), (40, "40 messages are current.")],
)
def test_the_page_says_how_much_is_current(count: int, said: str) -> None:
    shown = live(*(broadcast(f"{number:02}") for number in range(count)))

    assert said in shown.words
    assert len(shown.all("article")) == count
    assert len({attributes["href"] for attributes in shown.all("a")}) == count + 4


def test_a_live_incident_says_where_until_when_and_what_to_do_on_the_forces_clock() -> None:
    words = live(broadcast()).words

    assert "Where The Strand, between James Street and Water Street, Liverpool" in words
    assert "Until 17:00 on Tuesday 14 July 2026" in words
    assert "What to do Use the Queensway tunnel" in words
    assert f"Reference {broadcast().reference}." in words


def test_kinds_stand_under_their_headings_and_the_gravest_first() -> None:
    shown = live(
        broadcast("01", kind=BroadcastKind.APPEAL),
        broadcast("02", severity=Severity.MINOR, what="Minor"),
        broadcast("03", severity=Severity.EXTREME, what="Extreme"),
    )

    assert shown.words.index("Live incidents (2)") < shown.words.index("Can you help? (1)")
    assert shown.words.index("Extreme Extreme danger") < shown.words.index("Minor Where")


def test_what_has_ended_says_how_and_goes_after_a_day() -> None:
    over = [
        broadcast("01", state=BroadcastState.CANCELLED, ended_at=LATER),
        broadcast("02", expires_at=LATER),
    ]

    words = live(*over).words
    assert "Withdrawn 13:30 on Tuesday 14 July 2026. Please do not share it." in words
    assert "Ended 13:30 on Tuesday 14 July 2026. It is no longer current." in words
    assert "nothing to report" in words
    assert "Withdrawn" not in live(*over, now=LATER + timedelta(hours=24)).words


def test_a_correction_stands_in_the_place_of_what_it_corrects() -> None:
    shown = live(*corrected_chain())

    assert "Corrected 13:10 on Tuesday 14 July 2026. This is what counts now." in shown.words
    assert "both directions" not in shown.words
    assert f"/live/{corrected_chain()[0].reference}" in {one["href"] for one in shown.all("a")}


def test_a_notice_answers_whether_it_is_from_the_police() -> None:
    assert "Yes, this is from Merseyside Police, and it is current." in page(broadcast()).words
    over = page(broadcast(state=BroadcastState.CANCELLED, ended_at=LATER)).words
    assert "Yes, this was from Merseyside Police. It is no longer current." in over


def test_a_notice_shows_what_was_posted_and_what_was_said_before() -> None:
    words = page(*corrected_chain()).words

    assert "What we posted" in words
    assert "The Strand is closed after a crash. https://desk.example/live/x" in words
    before = words[words.index("What we said before") :]
    assert "The Strand is closed in both directions after a crash" in before
    assert "Published 13:00 on Tuesday 14 July 2026, corrected 13:10 on Tuesday 14 July 2026." in before
    assert all(one.reference in words for one in corrected_chain())


def test_each_language_is_marked_as_what_it_is() -> None:
    welsh = LanguageVersion("cy", "Ffordd ar gau", "Y Strand", "Osgowch yr ardal.")
    shown = page(broadcast(versions=(welsh,)))

    assert shown.all("html") == [{"lang": "en-GB"}]
    assert shown.all("h1") == [{"lang": "en-GB", "dir": "auto"}]
    assert {"lang": "cy-GB", "dir": "auto"} in shown.all("section")
    assert "Ffordd ar gau" in shown.words


def test_pictures_carry_their_words_and_go_with_the_end() -> None:
    picture = Picture("ab" * 32, "image/jpeg", "A queue on the Strand")
    shown = page(broadcast(pictures=(picture,)))

    assert shown.all("img") == [{"src": f"/live/pictures/{picture.name}", "alt": "A queue on the Strand"}]
    over = broadcast(pictures=(picture,), state=BroadcastState.CANCELLED, ended_at=LATER)
    assert page(over).all("img") == []


@pytest.mark.parametrize("made", [live, page])
def test_there_is_no_script_no_inline_style_and_nothing_of_another_origin(made: Any) -> None:
    elements = made(broadcast()).elements

    assert not {"script", "style", "iframe", "object", "base"} & {tag for tag, _ in elements}
    for tag, attributes in elements:
        assert not [name for name in attributes if name == "style" or name.startswith("on")], tag
        if tag not in {"a", "link"} or attributes.get("rel") == "stylesheet":
            addresses = [attributes[name] or "" for name in ("src", "action", "href") if name in attributes]
            assert all(address.startswith("/") for address in addresses)


@pytest.mark.parametrize("made", [live, page])
@given(hostile=st.text(max_size=80))
def test_nothing_in_a_text_is_markup(made: Any, hostile: str) -> None:
    harmless = made(broadcast(what="x", where="x", do="x"))
    shown = made(broadcast(what=f"{hostile}", where=f"<b>{hostile}", do=f'"><script>{hostile}'))

    assert [tag for tag, _ in shown.elements] == [tag for tag, _ in harmless.elements]
    assert [sorted(attributes) for _, attributes in shown.elements] == [
        sorted(attributes) for _, attributes in harmless.elements
    ]


def test_no_text_turns_the_line_that_it_stands_in() -> None:
    body = render_live(
        shown_as(broadcast(what="Closed \u202edesolc\u2066\u200f\x00")), PUBLISHER, NOW
    ).decode()

    assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069\x00]", body)
    assert "Closed desolc" in body


def test_the_same_state_is_the_same_bytes_whenever_it_is_rendered() -> None:
    chain = corrected_chain()
    (early,), (late,) = shown_as(*chain), shown_as(*chain, now=NOW + timedelta(minutes=5))

    assert render_notice(early, PUBLISHER) == render_notice(late, PUBLISHER)
    assert render_live([early], PUBLISHER, NOW) == render_live([late], PUBLISHER, NOW + timedelta(minutes=5))


def test_a_trial_says_that_nothing_is_real() -> None:
    trial = replace(PUBLISHER, trial=True)

    assert b"This is a trial." in render_live(shown_as(broadcast()), trial, NOW)
    assert b"This is a trial." not in render_live(shown_as(broadcast()), PUBLISHER, NOW)
