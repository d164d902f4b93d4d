"""docs/deploy.md, followed from a fresh clone by two forces side by side: its own commands, in its own order."""

from __future__ import annotations

import json
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from uuid import uuid4

import httpx
import pytest
from botocore.exceptions import ClientError

from local.deploy import EmulatedAccount, start_functions
from tests.deploy.account import Stack, common, inventory, log_groups_since, stack_of
from tests.deploy.terminal import Terminal
from tests.pages import Block, blocks_of

ON_THE_PAGE = "exampleshire"
# The force that the page makes from the example, and one whose file is in the clone.
FORCES = (ON_THE_PAGE, "merseyside")
STAGE = "dev"
# They ask the platforms, which an emulated AWS has not.
OF_PLATFORMS = {"secrets", "channel", "doctor"}
# A function that starts cold on a busy machine takes its time.
PATIENCE_SECONDS = 240.0
SECONDS_BETWEEN_REPORTS = 2.0


@pytest.mark.timeout(3_600)
def test_two_forces_follow_the_page_side_by_side(
    terminal: Terminal, clone: Path, account: EmulatedAccount
) -> None:
    follow = Followed(terminal)
    follow.section("", "")

    for force in FORCES:
        for section in ("The force file", "The account", "Deploy", "Signing in", "The first contact"):
            follow.section(section, force)
    stacks = {force: stack_of(account, f"contact-desk-{force}-{STAGE}") for force in FORCES}
    assert all(map(owns_nothing_of, stacks.values(), reversed(stacks.values())))
    for force in FORCES:
        start(account, stacks[force])
        assert stacks[force].parameters["JwtIssuer"] == f"https://login.{force}.example"
        assert name_of(force, clone) in page(account, stacks[force])
        reported = report(account, stacks[force])
        assert {other for other in FORCES if arrives(account, stacks[other], reported)} == {force}

    before = {force: name_of(force, clone) for force in FORCES}
    for force in FORCES:
        with reports_coming(account, stacks[force]) as told:
            shown = follow.section("A change", force)
        assert "RefreshFeed" in shown, "the difference names the functions whose code changes"
        assert name_of(force, clone) != before[force]
        start(account, stacks[force])
        assert name_of(force, clone) in page(account, stacks[force])
        # What people wrote is where it was, and what the stack was told once it still knows.
        changed = stack_of(account, f"contact-desk-{force}-{STAGE}")
        assert (changed.retained, changed.parameters) == (stacks[force].retained, stacks[force].parameters)
        # Nor was anything lost or doubled of what people wrote while functions changed under them.
        assert told
        assert [report_id for report_id in told if not arrives(account, changed, report_id)] == []
        assert cases_on(account, changed) == 1 + len(told)

    for force, other in (FORCES, FORCES[::-1]):
        held, of_force, began = inventory(account), stacks[force].things, time.time()
        stays = common(held, stacks[other].things)
        shown = follow.section("Taking it down", force)
        with pytest.raises(ClientError, match="does not exist"):
            stack_of(account, f"contact-desk-{force}-{STAGE}")
        left = inventory(account)
        left["AWS::Logs::LogGroup"] -= log_groups_since(account, began)
        assert common(left, of_force) == common(held, stacks[force].retained)
        assert common(left, stacks[other].things) == stays
        assert stacks[force].outputs["TableName"] in shown


class Followed:
    """A page as somebody follows it who puts the name of their own force in the place of the page's."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.blocks = blocks_of("deploy.md")

    def section(self, title: str, force: str) -> str:
        """Type a section's commands; gives what the terminal showed."""
        blocks = [block for block in self.blocks if block.section == title]
        assert blocks, f"the page has no commands under {title!r}"
        texts = ["\n".join(lines(block, force)) for block in blocks]
        return "".join(self.terminal.run(text) for text in texts if text)


def lines(block: Block, force: str) -> Iterator[str]:
    for line in block.text.splitlines():
        words = line.split()
        if words[:1] == ["cp"] and force != ON_THE_PAGE:
            continue  # its file is there
        if words[:1] == [".venv/bin/desk"] and words[1] in OF_PLATFORMS:
            continue
        # AWS makes up a password by the pool's own rule, the emulator one that the rule refuses.
        more = " --temporary-password For-1-day-of-2026" if "admin-create-user" in words else ""
        yield line.replace(ON_THE_PAGE, force) + more


def owns_nothing_of(one: Stack, other: Stack) -> bool:
    return not any(common(one.things, other.things).values())


def name_of(force: str, clone: Path) -> str:
    name: str = tomllib.loads((clone / f"forces/{force}.toml").read_text())["name"]
    return name


def api(account: EmulatedAccount, stack: Stack) -> str:
    """Where the emulator answers for the stack's API."""
    name = stack.outputs["ApiUrl"].split("//")[1].split(".")[0]
    return f"{account.endpoint_url}/_aws/execute-api/{name}/$default"


def start(account: EmulatedAccount, stack: Stack) -> None:
    """Have the functions that answer here ready: cold, on a busy machine, they take longer than they may."""
    functions = stack.things["AWS::Lambda::Function"]
    start_functions(
        account, [name for name in functions if {"Report", "Triage"} & set(name.split("-"))], lambda *_: None
    )


def page(account: EmulatedAccount, stack: Stack) -> str:
    answer = httpx.get(f"{api(account, stack)}/report", timeout=PATIENCE_SECONDS, trust_env=False)
    assert answer.status_code == httpx.codes.OK, answer.text
    return answer.text


def report(account: EmulatedAccount, stack: Stack) -> str:
    """Report something, and again as long as no 201 comes, as the form does."""
    report_id, deadline = str(uuid4()), time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = httpx.post(
            f"{api(account, stack)}/reports",
            json={"report_id": report_id, "what": "A bicycle was taken from outside the station."},
            timeout=PATIENCE_SECONDS,
            trust_env=False,
        )
        if answer.status_code == httpx.codes.CREATED:
            return report_id
        assert time.monotonic() < deadline, answer.text
        time.sleep(1.0)


@contextmanager
def reports_coming(account: EmulatedAccount, stack: Stack) -> Iterator[list[str]]:
    """People report things for as long as the block lasts; gives the ids of what was answered 201."""
    told: list[str] = []
    over = Event()

    def keep_reporting() -> None:
        while not over.wait(SECONDS_BETWEEN_REPORTS):
            told.append(report(account, stack))

    with ThreadPoolExecutor(1) as people:
        reporting = people.submit(keep_reporting)
        try:
            yield told
        finally:
            over.set()
            reporting.result()


def cases_on(account: EmulatedAccount, stack: Stack) -> int:
    """How many cases the desk has: of reports each has one of its own."""
    pages = account.client("dynamodb").get_paginator("scan").paginate(TableName=stack.outputs["TableName"])
    return sum(item["sk"]["S"] == "case" for page in pages for item in page["Items"])


def arrives(account: EmulatedAccount, stack: Stack, report_id: str) -> bool:
    """Whether triage has put the report on this desk; waits for it as long as the desk has anything to do."""
    table = account.client("dynamodb")
    queue = account.client("sqs")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        # The queue first: what leaves it is on the desk already.
        waiting = queue.get_queue_attributes(
            QueueUrl=stack.outputs["PrivateContactsQueueUrl"], AttributeNames=["All"]
        )["Attributes"]
        items = table.scan(TableName=stack.outputs["TableName"])["Items"]
        if any(report_id in json.dumps(item, default=str) for item in items):
            return True
        if not any(
            int(waiting.get(name, 0))
            for name in ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        ):
            return False
        time.sleep(0.5)
    return False
