"""The published description of the operators' API, held to the handler: every answer is one that it describes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.proving import Share
from tests.unit.operate.described_api import OPERATIONS, calls, held_to_its_description

SLOW_TO_DRAW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_one_that_the_document_describes(label: str, share: Share) -> None:
    @settings(
        max_examples=share(5, 1_000),
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=SLOW_TO_DRAW,
    )
    @given(calls(label))
    def holds(call) -> None:  # type: ignore[no-untyped-def]
        held_to_its_description(*call)

    holds()
