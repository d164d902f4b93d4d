"""What each channel takes at once, and how a longer text is offered in parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_desk.message_lengths import LIMITS, Limit, limit_of, split
from contact_desk.outbox import CHANNELS_WRITTEN_TO, OutboxKind
from contact_desk.x_weight import weight

POST = limit_of(OutboxKind.COMMENT_REPLY, "x")


def test_there_is_a_limit_wherever_there_is_a_sender() -> None:
    written = {(kind, channel) for kind, channels in CHANNELS_WRITTEN_TO.items() for channel in channels}

    # The feed is told that a broadcast has changed, in no words at all.
    assert set(LIMITS) == {one for one in written if one[0] is not OutboxKind.FEED}


@pytest.mark.parametrize(
    ("text", "weighs"),
    [
        ("hello", 5),
        ("h\u00e9llo, na\u00efve", 12),
        ("e\u0301", 1),
        ("\u65e5\u672c", 4),
        ("\U0001f693", 2),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", 2),
        ("https://example.org/a/very/long/path/indeed?with=a&query=too", 23),
        ("see police.uk/report now", 31),
        ("see merseyside.police.uk.", 28),
        ("write to desk@police.example", 28),
        ("something.unheardof", 23),
        ("something.unheardof/with/a/long/path", 36),
        ("a full stop.Then more", 35),
        ("1.5 miles e.g. here", 19),
        ("\U0001f1ec\U0001f1e7", 2),
        ("\U0001f44d\U0001f3fd", 2),
        ("1\ufe0f\u20e3 2", 4),
        ("\u2764\ufe0f", 2),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f", 2),
        ("\u10e5\u10d0", 2),
        ("\u1100", 2),
        ("\u201cquoted\u201d \u2014 dash", 15),
    ],
)
def test_x_weighs_as_it_says(text: str, weighs: int) -> None:
    assert weight(text) == weighs


@pytest.mark.parametrize("limit", LIMITS.values(), ids=map(str, LIMITS))
def test_a_text_at_the_limit_is_taken_and_one_more_is_not(limit: Limit) -> None:
    assert limit.takes("a" * limit.most)
    assert not limit.takes("a" * (limit.most + 1))
    assert split("a" * (limit.most + 1), limit) == ["a" * limit.most, "a"]


def test_a_text_is_parted_where_it_reads_best() -> None:
    ten = Limit(40, "characters", len)

    assert split("First paragraph of it.\n\nThe second one. And more of it.", ten) == [
        "First paragraph of it.",
        "The second one. And more of it.",
    ]
    assert (
        split("A sentence that is here. Another that goes on and on.", ten)[0] == "A sentence that is here."
    )
    assert (
        split("words and words and words and words and words", ten)[0]
        == "words and words and words and words and"
    )


def test_an_address_is_never_parted() -> None:
    text = "word " * 50 + "https://example.org/" + "a" * 60 + " and " + "word " * 30

    assert any("https://example.org/" + "a" * 60 in part for part in split(text, POST))


@given(text=st.text(max_size=200), most=st.integers(4, 60))
def test_nothing_is_lost_and_every_part_is_taken(text: str, most: int) -> None:
    limit = Limit(most, "bytes", lambda one: len(one.encode("utf-8", errors="surrogatepass")))
    parts = split(text, limit)

    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(limit.takes(part) and part for part in parts)
