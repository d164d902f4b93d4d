"""Words from fields, words that are flagged, and areas that are no areas."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_desk.broadcast_checks import faults_of
from contact_desk.broadcast_flags import MOST_FLAGS, FlagKind, flags_of
from contact_desk.broadcasts import BroadcastKind, CopyEnd, LanguageVersion, Picture, Point
from contact_desk.copy_orders import CopyAct
from contact_desk.errors import ForceFileError
from contact_desk.force_file import parse_force_file
from contact_desk.message_lengths import limit_of
from contact_desk.outbox import OutboxKind
from contact_desk.polygons import fault_of
from local.addresses import REPOSITORY
from local.twins.held_still import NOON
from tests.broadcast_staging import SQUARE, wording
from tests.builders import force

TEXT = (REPOSITORY / "forces" / "merseyside.toml").read_text()
EVERY_CHANNEL = ("facebook_page", "instagram", "x", "whatsapp", "sms_list", "email_list")


@pytest.mark.parametrize("kind", sorted(BroadcastKind))
def test_each_kind_has_words_that_fit_every_channel(kind: BroadcastKind) -> None:
    words = wording(channels=EVERY_CHANNEL, kind=kind, do="Use another route. " * 12)

    for copy in words.copies:
        limit = limit_of(OutboxKind.COPY, copy.channel)
        assert all(limit.takes(text) for text in (copy.text, copy.expired.text, copy.cancelled.text))
        assert "Queensway tunnel" in copy.text
        assert "{" not in copy.text
    assert "Use another route." in words.copies[0].text


def test_a_short_channel_loses_what_matters_least() -> None:
    words = wording(channels=("x",), do="Use another route, which will take you much longer. " * 4)

    assert words.copies[0].text.startswith("Road closed: Queensway tunnel, both ways. Until 14:00 on Monday")


def test_an_end_that_is_a_comment_is_as_short_as_comments_are() -> None:
    words = wording(channels=("instagram",), what="Road closed " * 13, where="Queensway tunnel " * 9)
    (copy,) = words.copies
    end = CopyEnd(CopyAct.FOLLOW_UP, "Over: Road closed. " * 16)
    assert 300 < len(end.text) < limit_of(OutboxKind.COPY, "instagram").most

    def faults(act: CopyAct) -> list[str]:
        changed = replace(copy, picture="a.jpg", alt="A tunnel", expired=replace(end, act=act))
        pictured = (Picture("a", "image/jpeg", "A tunnel"),)
        return list(faults_of(replace(words, copies=(changed,), pictures=pictured), force(), NOON))

    assert faults(CopyAct.FOLLOW_UP) == ["copies.instagram.text"]
    assert faults(CopyAct.EDIT) == []


def test_nothing_is_left_of_a_field_that_is_empty() -> None:
    words = wording(channels=("facebook_page",), kind=BroadcastKind.ADVICE, where="", do="", expires_at=None)

    assert words.copies[0].text.startswith("Road closed. https://")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Mr Jones was driving", FlagKind.VICTIM),
        ("Sam Taylor, 34, from Bootle", FlagKind.VICTIM),
        ("Missing: Sam O'Neill (9)", FlagKind.VICTIM),
        ("a man aged 34", FlagKind.VICTIM),
        ("a 17-year-old", FlagKind.VICTIM),
        ("after a sexual assault", FlagKind.VICTIM),
        ("a boy on a bicycle", FlagKind.VICTIM),
        ("at 12 Acacia Avenue", FlagKind.VICTIM),
        ("his wife called us", FlagKind.VICTIM),
        ("a fatal collision", FlagKind.DEATH),
        ("two people died", FlagKind.DEATH),
        ("a body was found", FlagKind.DEATH),
        ("the murderer fled", FlagKind.GUILT),
        ("he has admitted it", FlagKind.GUILT),
        ("a man was arrested", FlagKind.GUILT),
        ("known to police", FlagKind.GUILT),
    ],
)
def test_words_are_flagged_with_a_reason(text: str, kind: FlagKind) -> None:
    flags = flags_of(wording(channels=(), do=text))

    assert kind in {flag.kind for flag in flags}
    assert all(flag.field == "do" and flag.words in text and flag.reason for flag in flags)


def test_a_page_of_ages_makes_no_more_flags_than_an_answer_holds() -> None:
    ages = " ".join(f"aged {number}" for number in range(999))

    assert len(flags_of(wording(channels=(), do=ages))) == MOST_FLAGS


@pytest.mark.parametrize("text", ["a mur\u00adderer", "he di\u200bed", "the vic\u2060tim"])
def test_a_word_is_flagged_wherever_it_may_be_broken(text: str) -> None:
    assert flags_of(wording(channels=(), do=text))


@pytest.mark.parametrize(
    "text",
    [
        "Use the Kingsway tunnel. Expect delays until 18:00.",
        "Lock your shed and mark your bicycle.",
        "A police cordon is in place. Please stay away.",
        "The A41 is blocked at Bromborough after a crash.",
        "Scotland Road, 200 yards south of Great Homer Street, until 18:00.",
        "Leave the M62 at Junction 6, then Knowsley Expressway, A5300.",
    ],
)
def test_plain_words_are_not_flagged(text: str) -> None:
    assert flags_of(wording(do=text)) == ()


def test_every_field_that_goes_out_is_looked_at() -> None:
    base = wording(channels=("x",))
    copy = replace(base.copies[0], text="He died.", alt="the victim")
    words = replace(
        base,
        copies=(copy,),
        where="the murderer's house",
        versions=(LanguageVersion("fr", "a killer", "", ""),),
    )

    assert {flag.field for flag in flags_of(words)} == {
        "where",
        "versions.fr",
        "copies.x.text",
        "copies.x.alt",
    }


def ring(*corners: tuple[float, float]) -> list[Point]:
    return [Point(*corner) for corner in (*corners, corners[0])]


@pytest.mark.parametrize(
    ("corners", "said"),
    [
        (list(SQUARE), None),
        (list(SQUARE)[:-1], "closed"),
        (ring((0, 0), (1, 1)), "corners"),
        (ring((0, 0), (1, 1), (1, 0), (0, 1)), "cross"),
        (ring((0, 0), (0, 2), (0, 1), (1, 1)), "cross"),
        (ring((0, 0), (0, 2), (2, 2), (2, 0), (0, 1)), "cross"),
        (ring((0, 0), (0, 1), (91, 1)), "degrees"),
        (ring((0, 0), (0, math.nan), (1, 1)), "degrees"),
        (ring((0, 0), (0, 1), (1, 1), (0, 0.0), (1, 0)), "twice"),
        (ring(*[(math.sin(n / 50), math.cos(n / 50)) for n in range(251)]), "corners"),
    ],
)
def test_a_polygon_is_a_simple_closed_ring(corners: list[Point], said: str | None) -> None:
    fault = fault_of(corners)

    assert fault is None if said is None else said in str(fault)


@given(st.lists(st.floats(0.2, 2.0), min_size=3, max_size=40), st.floats(0, 6))
def test_a_star_around_its_middle_is_a_polygon_and_two_corners_swapped_are_none(
    radii: list[float], turned: float
) -> None:
    step = 2 * math.pi / len(radii)
    corners = [
        (radius * math.sin(turned + n * step), radius * math.cos(turned + n * step))
        for n, radius in enumerate(radii)
    ]
    assert fault_of(ring(*corners)) is None
    if len(corners) > 4:
        convex = [(math.sin(n * step), math.cos(n * step)) for n in range(len(corners))]
        convex[1], convex[2] = convex[2], convex[1]
        assert fault_of(ring(*convex)) is not None


@pytest.mark.parametrize(
    ("right", "wrong", "allowed"),
    [
        ('incident = "{what}', 'incident = "{whatever}', "placeholders allowed"),
        ('on_expiry = "edit"', 'on_expiry = "shout"', "edit"),
        ("[broadcasts.channels.x]", "[broadcasts.channels.pigeon]", "pigeon"),
        ('picture = "needed"', 'picture = "allowed"', "needed on instagram"),
    ],
)
def test_the_force_file_says_what_can_be_done(right: str, wrong: str, allowed: str) -> None:
    assert right in TEXT
    with pytest.raises(ForceFileError) as refused:
        parse_force_file(TEXT.replace(right, wrong), "m.toml")
    assert allowed in str(refused.value)


def test_x_cannot_edit() -> None:
    at = TEXT.index("[broadcasts.channels.x]")
    changed = TEXT[:at] + TEXT[at:].replace('on_cancel = "delete"', 'on_cancel = "edit"', 1)
    with pytest.raises(ForceFileError, match=r"channels\.x\.on_cancel"):
        parse_force_file(changed, "m.toml")
