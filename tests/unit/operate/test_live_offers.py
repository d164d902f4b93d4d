"""Who asks about the same place and matter as a live broadcast is answered with its link."""

from __future__ import annotations

import pytest

from contact_desk.broadcast_life import cancelled
from contact_desk.broadcasts import Area, BroadcastKind
from contact_desk.contacts import Person
from local.twins.held_still import NOON
from local.twins.in_memory_broadcasts import InMemoryBroadcasts
from tests.broadcast_staging import AVA, LIVE_URL, done, draft, on_air
from tests.builders import contact, force
from tests.desk_staging import admit
from tests.unit.operate.at_the_desk import AtTheDesk


def offered(at_the_desk: AtTheDesk, text: str) -> list[str]:
    staged = admit(at_the_desk.intake, contact(text, person=Person("7", "Ceri")))
    answer = at_the_desk.get(f"/desk/cases/{staged.case_id}")
    return [one["link"].removeprefix(f"{LIVE_URL}/") for one in answer.fields["broadcasts"]]


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("Is the Queensway tunnel open yet?", True),
        ("whats going on in birkenhead, helicopter overhead", True),
        ("QUEENSWAY shut???", True),
        ("My neighbour in Birkenhead plays loud music", False),
        ("Is the tunnel open?", False),
        ("The A41 is blocked both ways", False),
        ("", False),
    ],
)
def test_place_and_matter_must_both_be_the_same(at_the_desk: AtTheDesk, text: str, answers: bool) -> None:
    live = on_air(InMemoryBroadcasts(at_the_desk.records), area=Area(("Birkenhead",)))

    assert offered(at_the_desk, text) == ([live.reference] if answers else [])


def test_an_appeal_is_offered_to_who_speaks_of_its_matter(at_the_desk: AtTheDesk) -> None:
    broadcasts = InMemoryBroadcasts(at_the_desk.records)
    live = on_air(
        broadcasts,
        kind=BroadcastKind.APPEAL,
        what="Burglaries at allotments",
        where="New Brighton",
        do="",
        area=Area(("Wallasey",)),
        expires_at=None,
    )

    assert offered(at_the_desk, "saw the burglars at the allotment in Wallasey") == [live.reference]


def test_what_is_over_or_not_yet_public_is_not_offered(at_the_desk: AtTheDesk) -> None:
    broadcasts = InMemoryBroadcasts(at_the_desk.records)
    gone = on_air(broadcasts, 1)
    done(broadcasts, cancelled(gone, AVA, force=force(), now=NOON))
    draft(broadcasts, 2)

    assert offered(at_the_desk, "Is the Queensway tunnel closed?") == []
