"""The scripted day adds up, is played again and changes nothing, and none of what people say is in a log."""

from __future__ import annotations

from collections.abc import Iterator

from contact_desk.archive_keys import contacts_in
from contact_desk.pointers import replay_message
from local.day import play
from local.stack_file import Stack
from tests.builders import Json
from tests.e2e.outside import Operators, Outside, until


def test_the_scripted_day_adds_up(stack: Stack) -> None:
    day = play(stack)

    assert len(day.rows) >= 36
    assert day.balance.adds_up


def test_playing_the_whole_archive_again_leaves_the_table_as_it_is(
    operators: Operators, stack: Stack
) -> None:
    for alert in operators.alerts():
        operators.post(f"/desk/alerts/{alert['alert_id']}/acknowledge")
    until(operators.at_rest, seconds=120)
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


def test_no_word_and_no_name_is_in_any_log(outside: Outside, operators: Operators, stack: Stack) -> None:
    word, name = "CANARYWORDS", "CANARYNAME"
    person, comment_id = outside.new_person(), outside.new_comment_id()
    outside.deliver(outside.message(f"{word} there is a man with a knife", sender=person))
    outside.deliver(outside.message(f"{word}" * 3, sender=person))
    comment = outside.comment(f"{word} in public", comment_id=comment_id)
    comment["entry"][0]["changes"][0]["value"]["from"]["name"] = name
    outside.deliver(comment)
    outside.deliver(f'{{"object": "{word}"'.encode())
    outside.report(what=f"{word} reported", name=name, contact={"email": f"{name}@example.org", "phone": "1"})
    outside.report(what=f"{word} reported", unknown=word)
    case = operators.case_with(f"{word} in public")
    path = f"/desk/cases/{case['case_id']}"
    claimed = operators.post(f"{path}/claim").json()
    operators.post(f"{path}/notes", {"text": word}, version=claimed["version"])
    operators.post(f"{path}/grade", {"grade": word, "reason": word}, version=claimed["version"])
    operators.post(f"{path}/replies", {"text": f"{word} back", "answers": None}, version=claimed["version"])
    until(operators.intake_at_rest, seconds=60)

    lines = list(log_lines(operators))

    assert len(lines) > 100
    assert [line[:200] for line in lines if word in line or name in line] == []


def table(operators: Operators, stack: Stack) -> dict[tuple[str, str], Json]:
    """Every item of the table by its key, but what moves by itself: paces, echoes to expect, and hours counted anew."""
    pages = (
        operators.aws("dynamodb")
        .get_paginator("scan")
        .paginate(TableName=stack.table_name, ConsistentRead=True)
    )
    items = {(item["pk"]["S"], item["sk"]["S"]): item for page in pages for item in page["Items"]}
    return {
        (name, sort): item
        for (name, sort), item in items.items()
        if sort not in {"pace", "echo"} and name.partition("#")[0] != "totals"
    }


def archive(operators: Operators, stack: Stack) -> Iterator[str]:
    """The keys of every archived delivery."""
    for page in operators.aws("s3").get_paginator("list_objects_v2").paginate(Bucket=stack.archive_bucket):
        yield from (stored["Key"] for stored in page.get("Contents", ()))


def log_lines(operators: Operators) -> Iterator[str]:
    """Every line that any function wrote."""
    logs = operators.aws("logs")
    for groups in logs.get_paginator("describe_log_groups").paginate():
        for group in groups["logGroups"]:
            events = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
            yield from (event["message"] for page in events for event in page["events"])
