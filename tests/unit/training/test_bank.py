"""The written bank: every line is of its shape, and nobody wrote what another hand had written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.builders import Json
from training.bank import CATEGORIES, FOLDER, GRADES, BankError, hands_of, labelled, load_bank
from training.counting import counted
from training.gathering import AGREEMENT, gather

LINE: Json = {
    "id": "h99-001",
    "hand": "h99",
    "channel": "messenger",
    "surface": "private",
    "text": "the back gate is swinging and the shed lock is on the lawn",
    "lang": "en",
    "category": "crime_burglary",
    "grade": "scheduled",
    "emergency": False,
    "significant": True,
    "signpost": None,
}


def test_the_bank_has_every_category_and_grade_from_at_least_24_hands() -> None:
    bank = load_bank()

    assert len(bank) >= 6_000
    assert len(hands_of(bank)) >= 24
    assert len({line.id for line in bank}) == len(bank)
    for hand in hands_of(bank):
        own = [line for line in bank if line.hand == hand]
        assert {line.category for line in own} == set(CATEGORIES)
        assert {line.grade for line in own} == set(GRADES)


def test_every_hand_was_read_a_second_time() -> None:
    noted = json.loads((FOLDER / AGREEMENT).read_text(encoding="utf-8"))

    assert {figure["hand"] for figure in noted["second_reading"]} == set(hands_of(load_bank()))


def test_it_is_counted_hand_by_hand() -> None:
    told = counted([labelled(LINE)])

    assert told[0] == "h99  lines=1 emergencies=0  en=1"
    assert told[-1] == "all  lines=1 hands=1"


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"category": "theft"}, "category"),
        ({"grade": "urgent"}, "grade"),
        ({"emergency": True}, "emergency and grade"),
        ({"signpost": "999"}, "emergency and signpost"),
        ({"category": "chatter"}, "significant"),
        ({"text": " "}, "text"),
    ],
)
def test_a_line_that_contradicts_the_guide_is_refused_by_name(changed: dict[str, Any], named: str) -> None:
    with pytest.raises(BankError, match=f"h99-001: .*{named}"):
        labelled({**LINE, **changed})


def test_what_another_hand_wrote_too_is_dropped_and_counted(tmp_path: Path) -> None:
    source, bank = tmp_path / "read", tmp_path / "bank"
    source.mkdir()
    near = "The back gate is swinging, and the shed lock is on the lawn!"
    other = "we have lost a grey parrot near the war memorial, answers to Kevin"
    write(source, "h98", [LINE | {"hand": "h98", "id": "h98-001"}])
    write(source, "h99", [LINE | {"text": near}, LINE | {"id": "h99-002", "text": other}])

    counts = gather(source, bank)

    assert counts == {"hands": 2, "lines": 2, "exact": 1, "near": 0}
    assert [line.id for line in load_bank(bank)] == ["h98-001", "h99-002"]


def write(folder: Path, hand: str, lines: list[Json]) -> None:
    (folder / f"{hand}.jsonl").write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    (folder / f"{hand}.agreement.json").write_text(
        json.dumps({"hand": hand, "reader": "r1", "rows": len(lines)})
    )
