"""What the last version left in table, queues and archive is read by this one, worked to its end, and sent once.

A version writes only what the one before it can read too: while a deploy shifts, and after one that was taken back,
both are at work. A field that goes away, or a meaning that changes, therefore takes two releases.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest

from contact_desk.operator_alert import OperatorAlert
from contact_desk.outbox import UNSENT, OutboxKind
from contact_desk.second_reads import pointer_of
from contact_desk.stores import keys
from contact_desk.stores.dynamo import Table
from contact_desk.stores.items import unmarshal
from contact_desk.stores.records import DynamoRecords
from contact_desk.stores.repairs import DynamoRepairs
from tests.builders import http_event
from tests.simulation.aws_in_process import TABLE, WORK_QUEUES
from tests.simulation.desk_on_moto import QUARTER_HOURLY, SWEEPS, Desk
from tests.simulation.operator_at_work import CLAIMS
from tests.simulation.previous_version import ON_ITS_WAY, RECORDED, restore

KEPT: dict[str, Any] = json.loads(RECORDED.read_text())
JOBS = (*SWEEPS, *QUARTER_HOURLY, "SweepHourTotals", "SweepSurveys", "ChannelHealth", "CatchUp")
# Kinds of items that are younger than what was recorded; the next recording has them.
YOUNGER = frozenset({"audit#disposed# ", "channel# canary", "deletion# deletion", "subject# restricted"})


@pytest.fixture(scope="module")
def taken_over(standing_desk: Desk) -> Desk:
    """The desk as the last version left it, run by this one until nothing is left to do."""
    standing_desk.reset()
    restore(standing_desk, KEPT)
    standing_desk.rest()
    return standing_desk


def asked(desk: Desk, role: str, path: str, query: dict[str, str] | None = None) -> dict[str, Any]:
    event = http_event("GET", path, query=query)
    claims = {**CLAIMS, "sub": f"{role}-2", "cognito:groups": f"[{role}]"}
    event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    answer = desk.call("Operate", event)
    assert answer is not None
    assert answer["statusCode"] == 200, (path, answer["body"])
    told: dict[str, Any] = json.loads(answer["body"])
    return told


def plain(desk: Desk) -> list[dict[str, Any]]:
    return [unmarshal(item) for item in desk.aws.items()]


def test_there_is_one_of_each_message_and_of_each_kind_of_item() -> None:
    waiting = {queue for queue, bodies in KEPT["queues"].items() if bodies}
    assert waiting == {*WORK_QUEUES, "operator_alerts", "second_reads"}
    rows = [re.split(r"  +", line) for line in str(keys.__doc__).split("\n\n")[1].splitlines()[1:]]
    kinds = {(row[0].split("<")[0], kind.split("<")[0]) for row in rows for kind in row[1].split(" | ")}
    assert len(kinds) > 20
    recorded = {(item["pk"]["S"], item["sk"]["S"]) for item in KEPT["items"]}
    lacking = {
        f"{partition} {kind}"
        for partition, kind in kinds
        if not any(pk.startswith(partition) and sk.startswith(kind) for pk, sk in recorded)
    }
    assert lacking <= YOUNGER


def test_work_that_was_on_its_way_is_done_and_no_text_goes_out_twice(taken_over: Desk) -> None:
    unsent = [
        item
        for item in map(unmarshal, KEPT["items"])
        if item["sk"] == "outbox" and item["state"] in UNSENT and item["kind"] == OutboxKind.MESSAGE
    ]
    stands = plain(taken_over)
    on_the_desk = {item["native_id"] for item in stands if item["sk"] == "contact" and "native_id" in item}

    assert taken_over.lambdas.errors == []
    assert {said.native_id for said in ON_ITS_WAY} <= on_the_desk
    assert not any(taken_over.aws.waiting(queue) for queue in taken_over.aws.queues if queue != "telephone")
    sent = Counter((one["to"], one["text"]) for one in taken_over.graph.seen_by_public())
    assert sent
    assert set(sent.values()) == {1}
    already = {
        (item["target"], item["text"])
        for item in map(unmarshal, KEPT["items"])
        if item["sk"] == "outbox" and item["state"] == "sent"
    }
    assert not already & set(sent)
    assert {(item["target"], item["text"]) for item in unsent} <= set(sent)


def test_operators_auditors_and_publishers_see_all_that_there_was(taken_over: Desk) -> None:
    before = list(map(unmarshal, KEPT["items"]))
    open_cases = [one for one in before if one["sk"] == "case" and one["state"] != "closed"]
    listed = {one["case_id"] for one in asked(taken_over, "operator", "/desk/cases")["cases"]}
    assert {one["case_id"] for one in open_cases} <= listed
    for case in (one for one in before if one["sk"] == "case"):
        shown = asked(taken_over, "operator", f"/desk/cases/{case['case_id']}")
        entries = [one for one in before if one["pk"] == case["pk"] and one["sk"].startswith("timeline#")]
        assert len(shown["timeline"]) >= len(entries)
    broadcasts = asked(taken_over, "publisher", "/desk/broadcasts")["broadcasts"]
    assert len(broadcasts) == sum(one["sk"] == "broadcast" for one in before)
    assert asked(taken_over, "publisher", "/desk/publishing")["on"] is True
    assert asked(taken_over, "operator", "/desk/alerts")["alerts"]
    day = {"from": "2026-11-02", "to": "2026-11-03"}
    assert asked(taken_over, "auditor", "/desk/stats", day)


def test_records_and_messages_for_others_are_read(taken_over: Desk) -> None:
    table = Table(taken_over.aws.client("dynamodb"), TABLE)
    records = DynamoRecords(table)
    (hold,) = records.holds()
    assert records.record(hold.case_id) is not None
    decided = next(one for one in map(unmarshal, KEPT["items"]) if one["sk"].startswith("decision#"))
    assert [one.reason for one in records.decisions(decided["pk"].partition("#")[2])] == ["appeal"]
    assert len(DynamoRepairs(table).quarantined()) == 1
    (alert,) = KEPT["queues"]["operator_alerts"]
    assert OperatorAlert.read(alert).event_id
    (read,) = KEPT["queues"]["second_reads"]
    assert pointer_of(read).contact_key.startswith("messenger#")


def test_every_job_runs_on_what_the_last_version_wrote_and_disposes_of_it_in_its_time(
    taken_over: Desk,
) -> None:
    taken_over.clock.advance(hours=1)
    for job in JOBS:
        taken_over.lambdas.invoke(job, {})
    taken_over.clock.advance(days=400)
    taken_over.lambdas.invoke("SweepRetention", {})
    assert taken_over.lambdas.errors == []
    disposed = [one for one in plain(taken_over) if one["sk"] == "disposal"]
    assert len(disposed) > len([one for one in KEPT["items"] if one["sk"]["S"] == "disposal"])
