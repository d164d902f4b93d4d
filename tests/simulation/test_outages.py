"""The platform is down for an hour: operators hear of emergencies at once, and nothing is sent twice by guesswork."""

from __future__ import annotations

from collections import Counter

import pytest

from contact_desk.outbox import OutboxKind
from tests.simulation.desk_on_moto import Desk
from tests.simulation.graph_in_process import Outage
from tests.simulation.promises import Records, looked_up_between
from tests.simulation.story import EMERGENCY, ORDINARY, PUBLIC_EMERGENCY, SIGNPOSTED

WRITERS = (EMERGENCY, PUBLIC_EMERGENCY, ORDINARY, SIGNPOSTED)
# Where nothing can have been sent, and where what was sent can be seen, no person has to be asked.
WITHOUT_DOUBT = (Outage.UNREACHABLE, Outage.DEAF)
TEXTS = sum(len(said.texts) for said in WRITERS)


def down_for_an_hour(desk: Desk, outage: Outage) -> dict[str, dict[str, object]]:
    """The hour, the platform's return, and what has become of the texts to people."""
    desk.graph.outage = outage
    for said in WRITERS:
        desk.deliver(said.body)
    desk.pump()
    assert Counter((alert["rank"], alert["event"]) for alert in desk.alerts) == {("A1", "opened"): 2}
    for _ in range(6):
        desk.minute(10)
    desk.graph.outage = None
    desk.rest()
    items = Records(desk).of("outbox")
    return {name: item for name, item in items.items() if item["kind"] != OutboxKind.OPERATOR_ALERT}


@pytest.mark.parametrize("outage", [Outage.UNREACHABLE, Outage.FAILING, Outage.SILENT, Outage.DEAF])
def test_after_an_outage_nothing_was_sent_twice_unless_it_may_be_and_people_know_the_rest(
    desk: Desk, outage: Outage
) -> None:
    texts = down_for_an_hour(desk, outage)

    assert len(texts) == TEXTS
    arrived = Counter((entry["to"], entry["text"]) for entry in desk.graph.seen_by_public())
    asked_of_people = {alert["case_id"] for alert in Records(desk).of("alert").values() if open_a2(alert)}
    for item in texts.values():
        times = arrived[str(item["target"]), str(item["text"])]
        private_emergency = item["purpose"] == "emergency" and item["kind"] != OutboxKind.COMMENT_REPLY
        assert times <= (2 if private_emergency else 1), f"{item['kind']} {item['purpose']}"
        assert times <= 1 or looked_up_between(desk, str(item["target"]), str(item["text"]))
        if item["state"] == "sent":
            assert times >= 1
        else:
            assert item["state"] == "needs_human"
            assert item["case_id"] in asked_of_people
    if outage in WITHOUT_DOUBT:
        assert {item["state"] for item in texts.values()} == {"sent"}
        assert set(arrived.values()) == {1}


def open_a2(alert: dict[str, object]) -> bool:
    return alert["rank"] == "A2" and alert["kind"] == "needs_person" and "acknowledged_at" not in alert
