"""Request units by DynamoDB's own rules."""

from __future__ import annotations

from typing import Any

import pytest

from bench.cost.request_units import Index, read_units, size, write_units

KB = 1024
EVERYTHING = Index("desk", ("desk_pk", "desk_sk"), None)
KEYS_ALONE = Index("due", ("due_pk", "due_sk"), ())
FACTS = Index("hours", ("hour", "pk"), ("grade",))


def item(text: str = "", **attributes: str) -> dict[str, Any]:
    return {"pk": {"S": "case#1"}, "sk": {"S": "case"}, "text": {"S": text}} | {
        name: {"S": value} for name, value in attributes.items()
    }


def test_an_item_is_as_large_as_its_names_and_values() -> None:
    assert size({"pk": {"S": "é"}, "n": {"N": "1234"}, "b": {"BOOL": True}, "l": {"L": [{"S": "ab"}]}}) == (
        (2 + 2) + (1 + 3) + (1 + 1) + (1 + 3 + 1 + 2)
    )


@pytest.mark.parametrize(("length", "units"), [(0, 1), (KB - 50, 1), (KB, 2), (2 * KB, 3)])
def test_a_write_is_paid_by_the_kilobyte_and_in_a_transaction_twice(length: int, units: int) -> None:
    written = item("x" * length)
    assert write_units(None, written, (), transaction=False) == units
    assert write_units(None, written, (), transaction=True) == 2 * units


def test_a_write_is_paid_by_the_larger_of_before_and_after() -> None:
    assert write_units(item("x" * 3 * KB), item(), (), transaction=False) == 4


def test_a_condition_alone_is_paid_in_full() -> None:
    assert write_units(item(), item(), (EVERYTHING,), transaction=True) == 2
    assert write_units(None, None, (EVERYTHING,), transaction=True) == 2


def test_an_index_is_paid_for_what_comes_goes_or_changes_in_it() -> None:
    shown, other = item(desk_pk="queue", desk_sk="1"), item(desk_pk="queue", desk_sk="2")
    indexes = (EVERYTHING,)
    assert write_units(None, item(), indexes, transaction=False) == 1
    assert write_units(None, shown, indexes, transaction=False) == 1 + 1
    assert write_units(shown, item(), indexes, transaction=False) == 1 + 1
    assert write_units(shown, shown | {"text": {"S": "more"}}, indexes, transaction=False) == 1 + 1
    assert write_units(shown, other, indexes, transaction=False) == 1 + 2
    assert write_units(None, shown, indexes, transaction=True) == 2 + 1


def test_an_index_of_keys_does_not_see_what_it_does_not_show() -> None:
    due, counted = item(due_pk="outbox", due_sk="1"), item(hour="2026-11-23T08", grade="priority")
    assert write_units(due, due | {"text": {"S": "more"}}, (KEYS_ALONE,), transaction=False) == 1
    assert write_units(counted, counted | {"text": {"S": "more"}}, (FACTS,), transaction=False) == 1
    assert write_units(counted, counted | {"grade": {"S": "resolve"}}, (FACTS,), transaction=False) == 2


def test_reads_are_paid_by_four_kilobytes_half_where_they_need_not_be_the_newest() -> None:
    four = item("x" * (4 * KB))
    assert read_units([four], consistent=True) == 2
    assert read_units([four], consistent=False) == 1
    assert read_units([], consistent=False) == 0.5
    assert read_units([item(), item()], consistent=True) == 1
    assert read_units([item(), item()], consistent=True, each=True) == 2


def test_an_index_is_read_from_its_description() -> None:
    told = {
        "IndexName": "hours",
        "KeySchema": [
            {"AttributeName": "hour", "KeyType": "HASH"},
            {"AttributeName": "pk", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["grade"]},
    }
    assert Index.described(told) == FACTS
    assert Index.described({**told, "Projection": {"ProjectionType": "ALL"}}).shows is None
