"""The restore drill: the table goes back to an earlier point, the archive is replayed, and nobody hears twice."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from cli.replay import What, archived_between, replay_archive
from contact_desk.clock import to_rfc3339
from contact_desk.outbox import OutboxKind
from contact_desk.stores.archive import S3ArchiveReader
from contact_desk.stores.queues import SqsPointerQueue
from tests.simulation.aws_in_process import ARCHIVE, TABLE
from tests.simulation.desk_on_moto import Desk
from tests.simulation.graph_in_process import Outage
from tests.simulation.operator_at_work import OperatorAtWork
from tests.simulation.promises import Records
from tests.simulation.story import (
    EMERGENCY,
    ORDINARY,
    PUBLIC_EMERGENCY,
    REPLY,
    REPORTED,
    SECOND,
    SIGNPOSTED,
    message,
)

EARLIER = message(8, "is the counter open at Easter?", *ORDINARY.texts)


@pytest.fixture
def desk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The desk, which is started anew afterwards with a table that nobody has restored."""
    monkeypatch.setattr(os, "environ", dict(os.environ))
    yield desk
    monkeypatch.undo()
    desk.lambdas.reset()


def told_people(desk: Desk) -> Counter[tuple[str, str]]:
    return Counter((entry["to"], entry["text"]) for entry in desk.graph.seen_by_public())


def comparable(desk: Desk) -> dict[str, Any]:
    """The desk's contacts, cases and texts without what is new each time: cases' own ids, moments, revisions."""
    records = Records(desk)
    cases = records.of("case")
    contacts = {
        key: {name: contact[name] for name in ("text", "decision", "archive_key", "raw") if name in contact}
        | {"case": cases[contact["case_id"]]["reference"]}
        for key, contact in records.of("contact").items()
    }
    shown = ("state", "grade", "band", "category", "markers", "preview", "last_contact", "answer_by")
    texts = {
        name: {part: item[part] for part in ("target", "text", "kind", "purpose", "state")}
        for name, item in records.of("outbox").items()
        if item["kind"] != OutboxKind.OPERATOR_ALERT
    }
    return {
        "contacts": contacts,
        "cases": {case["reference"]: {name: case.get(name) for name in shown} for case in cases.values()},
        "texts": texts,
        "urgent": {(cases[one["case_id"]]["reference"], one["rank"]) for one in records.of("alert").values()},
        "receipts": sorted(records.of("receipt")),
    }


def restore(desk: Desk, items: list[dict[str, Any]], sent_until: datetime | None) -> None:
    """The table as it was, taken into use by functions that start anew, as the deploy of the runbook does."""
    dynamodb = desk.aws.client("dynamodb")
    for item in desk.aws.items():
        dynamodb.delete_item(TableName=TABLE, Key={name: item[name] for name in ("pk", "sk")})
    for item in items:
        dynamodb.put_item(TableName=TABLE, Item=item)
    os.environ["SENT_UNTIL"] = to_rfc3339(sent_until) if sent_until else "none"
    desk.lambdas.reset()


def replay_since(desk: Desk, point: datetime) -> int:
    """`desk replay archive --from … --send`; how many deliveries were queued."""
    archive = S3ArchiveReader(desk.aws.client("s3"), ARCHIVE)
    keys = archived_between(archive, point, desk.clock.now())
    queue = SqsPointerQueue(desk.aws.client("sqs"), desk.aws.queues["replays"])
    return replay_archive(What.ARCHIVE, keys, queue, send=True, quiet=True).found


def a_morning(desk: Desk) -> tuple[datetime, list[dict[str, Any]]]:
    """Work before the point, some of it not yet sent there, and after it; the point and the table at it."""
    desk.deliver(EARLIER.body)
    desk.rest()
    desk.graph.outage = Outage.UNREACHABLE
    desk.deliver(SIGNPOSTED.body)
    desk.pump()
    desk.minute()
    point, items = desk.clock.now(), desk.aws.items()
    desk.graph.outage = None
    desk.minute()
    for said in (EMERGENCY, PUBLIC_EMERGENCY, ORDINARY, SECOND):
        desk.deliver(said.body)
        desk.minute()
    desk.report(REPORTED.body)
    desk.rest()
    return point, items


def test_after_a_restore_and_a_replay_all_is_as_it_was_and_nothing_was_sent_twice(desk: Desk) -> None:
    point, items = a_morning(desk)
    before, told, attempts = comparable(desk), told_people(desk), len(desk.graph.ledger.entries())
    assert len(told) == len(before["texts"]) == 6
    sent_until = desk.clock.now()
    desk.clock.advance(minutes=40)

    restore(desk, items, sent_until)
    assert comparable(desk) != before
    assert replay_since(desk, point) == 5
    desk.rest()

    assert comparable(desk) == before
    assert told_people(desk) == told
    assert len(desk.graph.ledger.entries()) == attempts
    assert desk.lambdas.errors == []


def test_what_the_platform_cannot_show_is_put_before_a_person_and_not_sent(desk: Desk) -> None:
    point, items = a_morning(desk)
    told = told_people(desk)
    sent_until = desk.clock.now()
    desk.clock.advance(minutes=40)
    desk.graph.outage = Outage.FAILING

    restore(desk, items, sent_until)
    replay_since(desk, point)
    desk.minute()
    desk.rest()

    assert told_people(desk) == told
    texts = [
        item for item in Records(desk).of("outbox").values() if item["kind"] != OutboxKind.OPERATOR_ALERT
    ]
    unsure = [item for item in texts if item["state"] != "sent"]
    assert len(unsure) == 5
    assert {(item["state"], item["failure"]) for item in unsure} == {("needs_human", "table_restored")}
    asked = {one["case_id"] for one in Records(desk).of("alert").values() if one["kind"] == "needs_person"}
    assert asked == {item["case_id"] for item in unsure}


def test_who_writes_after_sending_was_stopped_is_answered_and_operators_work_on(desk: Desk) -> None:
    point, items = a_morning(desk)
    sent_until = desk.clock.now()
    desk.clock.advance(minutes=1)
    waited = message(9, "can I bring a dog to the counter?", *ORDINARY.texts)
    desk.deliver(waited.body)
    desk.clock.advance(minutes=40)
    restore(desk, items, sent_until)
    replay_since(desk, point)
    desk.rest()
    OperatorAtWork(desk).reply(ORDINARY, REPLY)
    desk.rest()

    told = told_people(desk)
    assert sum(times for (person, _), times in told.items() if person == waited.person) == 1
    assert told[ORDINARY.person, REPLY] == 1
    assert set(told.values()) == {1}
    assert json.dumps(sorted({item["state"] for item in Records(desk).of("outbox").values()})) == '["sent"]'
