"""The meter knows each item that a call writes."""

from __future__ import annotations

from typing import Any

import pytest

from bench.cost.meter import items_written

KEY: dict[str, Any] = {"pk": {"S": "case#1"}, "sk": {"S": "0"}}
ITEM = {**KEY, "text": {"S": "words"}}


@pytest.mark.parametrize(
    ("name", "params", "items"),
    [
        ("PutItem", {"Item": ITEM}, 1),
        ("TransactWriteItems", {"TransactItems": [{"Put": {"Item": ITEM}}, {"Delete": {"Key": KEY}}]}, 2),
        (
            "BatchWriteItem",
            {"RequestItems": {"desk": [{"PutRequest": {"Item": ITEM}}, {"DeleteRequest": {"Key": KEY}}]}},
            2,
        ),
        ("GetItem", {"Key": KEY}, 0),
    ],
)
def test_a_call_writes_these_items(name: str, params: dict[str, Any], items: int) -> None:
    assert list(items_written(name, params)) == [KEY] * items
