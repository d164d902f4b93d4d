"""The archive is played again, all of it, and nothing changes."""

from __future__ import annotations

from collections.abc import Iterator

from contact_desk.archive_keys import contacts_in
from contact_desk.pointers import replay_message
from local.stack_file import Stack
from tests.builders import Json
from tests.e2e.outside import Operators, until


def test_replaying_the_whole_archive_leaves_the_table_as_it_is(operators: Operators, stack: Stack) -> None:
    for alert in operators.alerts():
        operators.post(f"/desk/alerts/{alert['alert_id']}/acknowledge")
    until(operators.at_rest, seconds=60)
    before = table(operators, stack)

    sqs = operators.aws("sqs")
    keys = [key for key in archive(operators, stack) if contacts_in(key)]
    for key in keys:
        sqs.send_message(QueueUrl=stack.queues["replays"], MessageBody=replay_message(key))
    until(operators.at_rest, seconds=120)

    assert len(keys) >= 36
    after = table(operators, stack)
    assert after.keys() == before.keys()
    # What is in the due index waits for its time, and the sweep moves it on with or without a replay.
    assert [key for key in before if "due_pk" not in before[key] and after[key] != before[key]] == []


def table(operators: Operators, stack: Stack) -> dict[tuple[str, str], Json]:
    """Every item of the table by its key, but what moves with each sending: paces, and echoes to expect."""
    pages = (
        operators.aws("dynamodb")
        .get_paginator("scan")
        .paginate(TableName=stack.table_name, ConsistentRead=True)
    )
    items = [item for page in pages for item in page["Items"] if item["sk"]["S"] not in {"pace", "echo"}]
    return {(item["pk"]["S"], item["sk"]["S"]): item for item in items}


def archive(operators: Operators, stack: Stack) -> Iterator[str]:
    """The keys of every archived delivery."""
    for page in operators.aws("s3").get_paginator("list_objects_v2").paginate(Bucket=stack.archive_bucket):
        yield from (stored["Key"] for stored in page.get("Contents", ()))
