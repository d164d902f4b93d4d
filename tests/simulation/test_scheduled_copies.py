"""A scheduled broadcast goes out at its minute and comes down at its expiry, whoever dies in between."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contact_desk.broadcasts import BroadcastState, CopyState
from contact_desk.copy_orders import CopyAct
from local.twins.held_still import NOON
from tests.copy_desk import publishing

STARTS, EXPIRES = NOON + timedelta(minutes=10), NOON + timedelta(minutes=40)


@pytest.mark.parametrize("dies_at_start", [None, 0, 1])
@pytest.mark.parametrize("dies_at_end", [None, 0])
@pytest.mark.parametrize("channel", ["facebook_page", "x"])
def test_it_is_up_from_its_minute_to_its_end(
    channel: str, dies_at_start: int | None, dies_at_end: int | None
) -> None:
    with publishing(channel, ends={"on_expiry": CopyAct.DELETE}) as desk:
        one = desk.publish(starts_at=STARTS, expires_at=EXPIRES)
        assert desk.stands(one).state is BroadcastState.SCHEDULED
        seen: dict[int, int] = {}
        for minute in range(1, 60):
            if minute in {10, 40}:
                desk.crash = dies_at_start if minute == 10 else dies_at_end
            desk.pass_time(1)
            seen[minute] = len(desk.platforms.copies(channel))

        # Whoever takes over waits for the dead worker's lease, and for what its call may still do.
        slack = 3
        assert not any(seen[minute] for minute in range(1, 10))
        assert all(
            seen[minute] == 1 for minute in range(10 + (slack if dies_at_start is not None else 0), 40)
        )
        assert not any(seen[minute] for minute in range(40 + (slack if dies_at_end is not None else 0), 60))
        assert desk.stands(one).state is BroadcastState.EXPIRED
        assert desk.progress(one).state is CopyState.ENDED
