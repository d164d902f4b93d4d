"""The table's plumbing: conditions, transactions and what a refusal tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from contact_desk.errors import StoreRefusedError
from contact_desk.stores import keys
from contact_desk.stores.dynamo import BATCH_GET_KEYS, Refused, Table, assignments
from tests.contract.conftest import Backend

ABSENT = "attribute_not_exists(#pk)"
ONE, TWO, THREE = keys.case("1"), keys.case("2"), keys.case("3")


@pytest.fixture
def table(table_backend: Backend) -> Table:
    return table_backend.table


def test_a_put_whose_condition_holds_is_readable_at_once(table: Table) -> None:
    assert table.attempt(table.put({**ONE, "count": 1}, ABSENT)) is None

    assert table.get(ONE) == {**ONE, "count": 1}


def test_a_put_whose_condition_fails_tells_what_stood_there(table: Table) -> None:
    table.attempt(table.put({**ONE, "count": 1}))

    assert table.attempt(table.put({**ONE, "count": 2}, ABSENT)) == Refused({**ONE, "count": 1})
    assert table.get(ONE) == {**ONE, "count": 1}


def test_an_update_of_nothing_is_refused_with_nothing_to_tell(table: Table) -> None:
    update = table.update(ONE, "SET #count = :count", "attribute_exists(#pk)", count=1)

    assert table.attempt(update) == Refused({})


def test_assignments_set_what_is_there_and_remove_what_is_none(table: Table) -> None:
    table.attempt(table.put({**ONE, "owner": "somebody", "count": 1}))
    change, values = assignments({"owner": None, "count": 2, "state": "open"})

    assert table.attempt(table.update(ONE, change, **values)) is None
    assert table.get(ONE) == {**ONE, "count": 2, "state": "open"}


def test_a_transaction_writes_all_of_its_parts(table: Table) -> None:
    table.attempt(table.put({**TWO, "count": 1}))

    refused = table.transact(
        [
            table.put({**ONE, "count": 1}, ABSENT),
            table.update(TWO, "SET #count = #count + :one", "#count = :one", one=1),
        ]
    )

    assert refused == {}
    assert [table.get(ONE), table.get(TWO)] == [{**ONE, "count": 1}, {**TWO, "count": 2}]


def test_a_refused_transaction_writes_nothing_and_tells_each_condition_that_failed(table: Table) -> None:
    table.attempt(table.put({**TWO, "count": 1}))

    refused: Mapping[int, Any] = table.transact(
        [
            table.put({**ONE, "count": 1}),
            table.put({**TWO, "count": 2}, ABSENT),
            table.check(THREE, "attribute_exists(#pk)"),
        ]
    )

    assert dict(refused) == {1: Refused({**TWO, "count": 1}), 2: Refused({})}
    assert table.get(ONE) is None


def test_get_all_reads_more_than_one_call_holds_and_leaves_out_what_is_not_there(table: Table) -> None:
    stored = [keys.case(str(number)) for number in range(BATCH_GET_KEYS + 5)]
    for key in stored:
        table.attempt(table.put(key))

    found = table.get_all([*stored, keys.case("nobody")])

    assert sorted(item["pk"] for item in found) == sorted(key["pk"] for key in stored)


def test_a_query_reads_every_page(table: Table) -> None:
    big = "x" * 300_000
    for number in range(5):
        table.attempt(table.put({"pk": "case#1", "sk": f"timeline#{number}", "text": big}))

    found = table.query(
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "case#1"}},
        ConsistentRead=True,
    )

    assert [item["sk"] for item in found] == [f"timeline#{number}" for number in range(5)]


def test_a_call_that_can_never_succeed_is_refused_by_its_code(table: Table) -> None:
    lost = Table(table.client, "no-such-table")

    with pytest.raises(StoreRefusedError, match="ResourceNotFoundException"):
        lost.get(ONE)


def test_an_item_too_large_is_refused_without_its_content(table: Table) -> None:
    with pytest.raises(StoreRefusedError) as refusal:
        table.attempt(table.put({**ONE, "text": "secret " * 70_000}))

    assert "secret" not in str(refusal.value)
    assert refusal.value.__cause__ is None
