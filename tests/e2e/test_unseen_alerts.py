"""An alert does not go quiet until a person has seen it."""

from __future__ import annotations

from local.stack_file import Stack
from tests.builders import Json
from tests.e2e.outside import Operators, until


def test_an_alert_is_nudged_again_until_a_person_acknowledges_it(
    unseen_emergency: str, operators: Operators, stack: Stack
) -> None:
    queue = stack.queues["operator_alerts"]
    case = operators.case_with(unseen_emergency)
    [alert] = [one for one in operators.alerts() if one["case_reference"] == case["reference"]]

    def published(event: str) -> list[Json]:
        messages = operators.alert_messages(queue, seconds=0)
        return [one for one in messages if (one["alert_id"], one["event"]) == (alert["alert_id"], event)]

    nudge = until(lambda: published("nudged"), seconds=150)[0]
    answer = operators.post(f"/desk/alerts/{alert['alert_id']}/acknowledge")
    acknowledged = until(lambda: published("acknowledged"))

    assert nudge["nudge"] >= 1
    assert answer.status_code == 200
    assert len(acknowledged) == 1
    assert alert["alert_id"] not in {one["alert_id"] for one in operators.alerts()}
