"""Request units of DynamoDB, by the rules of its documentation on read and write operations and on global indexes.

A write unit is 1 KB of the larger of an item before and after, a read unit 4 KB read consistently. Transactions take
double, on the table alone; an index takes a write for each entry that comes, goes or changes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Item = Mapping[str, Any]
"""An item as DynamoDB writes it: `{"pk": {"S": "contact#1"}}`."""
WRITE_BYTES, READ_BYTES = 1024, 4096
# What a number, a list or a map takes beside what is in it.
NUMBER_BYTES, NESTED_BYTES = 1, 3


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index: its keys, and the attributes that it shows beside the table's keys."""

    name: str
    keys: tuple[str, ...]
    shows: tuple[str, ...] | None
    """None where it shows everything."""

    @classmethod
    def described(cls, told: Mapping[str, Any]) -> Index:
        """From CloudFormation's or `DescribeTable`'s words."""
        projection = told["Projection"]
        shows = (
            None if projection["ProjectionType"] == "ALL" else tuple(projection.get("NonKeyAttributes", ()))
        )
        return cls(told["IndexName"], tuple(key["AttributeName"] for key in told["KeySchema"]), shows)

    def entry(self, item: Item | None) -> Item | None:
        """The item as the index shows it; None where it is not in it."""
        if item is None or not all(key in item for key in self.keys):
            return None
        if self.shows is None:
            return item
        return {name: value for name, value in item.items() if name in {"pk", "sk", *self.keys, *self.shows}}

    def write_units(self, before: Item | None, after: Item | None) -> int:
        """What a change of one item takes here."""
        old, new = self.entry(before), self.entry(after)
        if old == new:
            return 0
        moved = old is not None and new is not None and any(old[key] != new[key] for key in self.keys)
        if moved:
            return _writes(old) + _writes(new)
        return max(_writes(old), _writes(new))


def write_units(
    before: Item | None, after: Item | None, indexes: Iterable[Index], *, transaction: bool
) -> int:
    """What a change of one item takes, of a condition alone too (nothing changes)."""
    table = max(1, _writes(before), _writes(after)) * (2 if transaction else 1)
    return table + sum(index.write_units(before, after) for index in indexes)


def read_units(items: Iterable[Item], *, consistent: bool, each: bool = False) -> float:
    """What a read of these items takes: of their sum, as a query reads, or of `each` by itself."""
    sizes = [size(item) for item in items]
    units = sum(math.ceil(one / READ_BYTES) for one in sizes) if each else math.ceil(sum(sizes) / READ_BYTES)
    return max(1, units) * (1.0 if consistent else 0.5)


def size(item: Item) -> int:
    """Bytes of an item, names included."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _writes(item: Item | None) -> int:
    return 0 if item is None else math.ceil(size(item) / WRITE_BYTES)


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, held),) = value.items()
    match kind:
        case "S":
            length = len(held.encode())
        case "N":
            length = math.ceil(len(held.strip("-")) / 2) + NUMBER_BYTES
        case "BOOL" | "NULL":
            length = 1
        case "B":
            length = len(held)
        case "L":
            length = NESTED_BYTES + sum(1 + _value_size(each) for each in held)
        case "M":
            length = NESTED_BYTES + sum(
                1 + len(name.encode()) + _value_size(each) for name, each in held.items()
            )
        case "SS" | "NS" | "BS":
            length = sum(len(str(each)) for each in held)
        case _:
            raise ValueError(f"no attribute value is of kind {kind}")
    return length
