"""Finding our own words among those that a platform shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from contact_desk.send_failures import SendFailure
from functions.notify.platform_answers import Absent, Found, Unclear
from functions.notify.senders.look_up import SHOWN, SKEW, entries_of, find, more_of
from functions.notify.senders.x import find_in_timeline
from local.twins.held_still import NOON
from tests.builders import PAGE, PERSON, outbox_item

ITEM = replace(outbox_item(), started_at=NOON)


def shown(
    text: str | None = ITEM.text, at: datetime = NOON, by: str = PAGE, native_id: str = "m_2"
) -> dict[str, Any]:
    return {
        "id": native_id,
        "message": text,
        "created_time": at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
        "from": {"id": by},
    }


def test_our_words_since_the_start_are_found() -> None:
    entries = [shown("something else", native_id="m_3"), shown(), shown("hello", by=PERSON, native_id="m_1")]

    assert find(ITEM, entries, more=False) == Found("m_2")


def test_a_platform_that_trims_our_words_is_understood() -> None:
    assert find(replace(ITEM, text="  Hello.\n"), [shown("Hello.")], more=False) == Found("m_2")


def test_a_clock_that_is_a_little_behind_ours_hides_nothing() -> None:
    assert find(ITEM, [shown(at=NOON - SKEW)], more=False) == Found("m_2")


@pytest.mark.parametrize(
    "other",
    [
        shown(at=NOON - SKEW - timedelta(seconds=1)),
        shown(by=PERSON),
        shown(ITEM.text + "!"),
        shown(None),
        {**shown(), "from": None},
    ],
    ids=["before the start", "by the person", "other words", "no words", "by nobody"],
)
def test_words_that_are_not_this_item_s_are_not_taken_for_it(other: dict[str, Any]) -> None:
    assert find(ITEM, [other], more=False) == Absent()


def test_a_full_page_that_does_not_reach_back_to_the_start_proves_nothing() -> None:
    entries = [shown("other", at=NOON + timedelta(seconds=n)) for n in range(SHOWN)]

    assert find(ITEM, entries, more=False) == Unclear(SendFailure.NOT_FOUND)
    assert find(ITEM, [*entries[1:], shown("older", at=NOON - timedelta(minutes=1))], more=False) == Absent()


def test_a_short_page_with_another_behind_it_proves_nothing_unless_it_reaches_back() -> None:
    recent, older = shown("other"), shown("older", at=NOON - timedelta(minutes=1))

    assert find(ITEM, [recent], more=True) == Unclear(SendFailure.NOT_FOUND)
    assert find(ITEM, [], more=True) == Unclear(SendFailure.NOT_FOUND)
    assert find(ITEM, [recent, older], more=True) == Absent()


@pytest.mark.parametrize(
    ("page", "more"),
    [
        ({"data": [], "paging": {"next": "https://graph.facebook.com/next"}}, True),
        ({"data": [], "paging": {"cursors": {"after": "7"}}}, False),
        ({"data": []}, False),
        ({"data": [], "paging": None}, False),
        (None, False),
    ],
)
def test_another_page_is_where_the_platform_says_so(page: object, more: bool) -> None:
    assert more_of(page) is more


@pytest.mark.parametrize(
    "entry",
    [{}, {"id": "m_2"}, shown() | {"created_time": "noon"}, shown() | {"message": 7}, shown() | {"from": 7}],
)
def test_an_entry_that_cannot_be_read_proves_nothing(entry: dict[str, Any]) -> None:
    assert find(ITEM, [entry], more=False) == Unclear(SendFailure.UNREADABLE_ANSWER)


def test_an_item_that_was_never_started_cannot_be_looked_up() -> None:
    assert find(outbox_item(), [shown()], more=False) == Unclear(SendFailure.UNREADABLE_ANSWER)


@pytest.mark.parametrize("fields", [None, [], {}, {"data": None}, {"data": [7]}])
def test_what_is_no_page_is_not_taken_for_an_empty_one(fields: object) -> None:
    with pytest.raises(ValueError, match="not a page"):
        entries_of(fields)


def test_a_timeline_that_goes_on_elsewhere_proves_nothing_either() -> None:
    other = {"id": "7", "text": "other", "created_at": "2026-11-02T12:00:00.000Z"}

    def seen(**page: Any) -> object:
        return find_in_timeline(ITEM, page, lambda _: True)

    assert seen(meta={"result_count": 0, "next_token": "7140"}) == Unclear(SendFailure.NOT_FOUND)
    assert seen(data=[other], meta={"next_token": "7140"}) == Unclear(SendFailure.NOT_FOUND)
    assert seen(data=[other], meta={"result_count": 1}) == Absent()
    assert seen() == Unclear(SendFailure.UNREADABLE_ANSWER)
