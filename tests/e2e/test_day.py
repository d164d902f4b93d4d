"""The scripted day adds up, and nothing of what people say is in a log."""

from __future__ import annotations

from collections.abc import Iterator

from local.day import play
from local.stack_file import Stack
from tests.e2e.outside import Operators, Outside, until


def test_the_scripted_day_adds_up(stack: Stack) -> None:
    day = play(stack)

    assert len(day.rows) >= 36
    assert day.balance.adds_up


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
    until(operators.at_rest, seconds=60)

    lines = list(log_lines(operators))

    assert len(lines) > 100
    assert [line[:200] for line in lines if word in line or name in line] == []


def log_lines(operators: Operators) -> Iterator[str]:
    """Every line that any function wrote."""
    logs = operators.aws("logs")
    for groups in logs.get_paginator("describe_log_groups").paginate():
        for group in groups["logGroups"]:
            events = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
            yield from (event["message"] for page in events for event in page["events"])
