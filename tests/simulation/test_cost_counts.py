"""The bill's counts are those of the real handlers: one contact's whole way, played again."""

from __future__ import annotations

import json

import pytest

from bench.cost.counting import COUNTED, Counted, one_contact, one_receipt
from bench.cost.meter import Use, metered_desk


@pytest.fixture(scope="module")
def counted() -> Counted:
    return Counted.of_json(json.loads(COUNTED.read_text()))


def same(fresh: Use, kept: Use) -> None:
    assert fresh.invocations == kept.invocations, "make cost"
    assert fresh.calls == kept.calls, "make cost"
    assert fresh.write_units == pytest.approx(kept.write_units, rel=0.05), "make cost"
    assert fresh.read_units == pytest.approx(kept.read_units, rel=0.05), "make cost"
    assert fresh.log_bytes == pytest.approx(kept.log_bytes, rel=0.10), "make cost"


def test_one_contacts_whole_way_takes_what_the_bill_says(counted: Counted) -> None:
    with metered_desk() as (desk, meter):
        way, left = one_contact(desk, meter)
        receipt = one_receipt(desk, meter)

    same(way, counted.way)
    same(receipt, counted.receipt)
    assert left == pytest.approx(counted.table_bytes, rel=0.05), "make cost"
    assert way.invocations["Triage"] == 14
    assert meter.series <= set(counted.series), "make cost"
