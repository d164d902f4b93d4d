"""A message is read with what else was said in its case: the last words joined, in the platform's order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from contact_desk.contacts import Act
from contact_desk.decisions import TriageDecision
from contact_desk.grades import Band
from functions.triage.first_reader import Utterance
from local.twins.held_still import NOON
from tests.builders import contact
from tests.unit.triage.readings import Desk, decision


class Listening:
    """A reader that decides nothing, and keeps what it was asked."""

    version = "rules-listening"

    def __init__(self) -> None:
        self.heard: list[Utterance] = []

    def read(self, utterance: Utterance) -> TriageDecision:
        self.heard.append(utterance)
        return decision()


@pytest.fixture
def heard() -> Listening:
    return Listening()


@pytest.fixture
def desk(heard: Listening) -> Desk:
    made = Desk()
    made.triage = replace(made.triage, reader=heard)
    return made


def said(desk: Desk, text: str, minute: int, **changed: object) -> None:
    at = NOON + timedelta(minutes=minute)
    desk.triage.take(contact(text, native_id=f"m_{minute}", occurred_at=at, **changed))


def test_the_last_two_messages_are_read_with_the_next(desk: Desk, heard: Listening) -> None:
    for minute, text in enumerate(["one", "two", "three", "four"]):
        said(desk, text, minute)

    assert [one.joined for one in heard.heard] == [None, "one\ntwo", "one\ntwo\nthree", "two\nthree\nfour"]


def test_what_comes_late_is_read_in_the_platforms_order(desk: Desk, heard: Listening) -> None:
    said(desk, "later", 5)
    said(desk, "sooner", 1)

    assert heard.heard[-1].joined == "sooner\nlater"


def test_what_was_taken_back_is_not_read_again(desk: Desk, heard: Listening) -> None:
    said(desk, "my address is here", 0)
    desk.triage.take(contact("", native_id="m_0", act=Act.DELETED, event_id="d1"))
    said(desk, "next", 2)

    assert heard.heard[-1].joined in {None, "next"}


def test_the_same_said_again_is_told_to_the_operator(desk: Desk) -> None:
    said(desk, "has anybody read this?", 0)
    said(desk, "Has  anybody read this?", 1)
    said(desk, "something else", 2)
    reasons = [admission.decision.reasons for admission in desk.records.contacts.values()]

    assert [any(reason.rule == "said_again" for reason in one) for one in reasons] == [False, True, False]


def test_danger_told_in_pieces_is_raised_by_the_pieces_together() -> None:
    desk = Desk()
    pieces = ["i have the tablets", "all forty of them", "im taking them now nobody can stop me"]
    for minute, text in enumerate(pieces):
        said(desk, text, minute)
    (case,) = desk.records.cases.values()

    assert case.band is not Band.GREEN
