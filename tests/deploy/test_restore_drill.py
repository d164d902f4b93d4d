"""The restore drill of docs/operate.md on this machine's desk: the page's own commands, and nobody hears twice.

Named any second, the emulator restores a table as it stands now; a backup is the earlier point that it does keep, and
takes the place of the second here.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contact_desk.outbox import UNSENT, OutboxKind
from contact_desk.stores.items import unmarshal
from local.addresses import Addresses
from local.deploy import EmulatedAccount
from local.stack_file import Stack
from tests.deploy.terminal import Terminal
from tests.e2e.outside import Outside, until
from tests.pages import ROOT

FORCE, STACK = "merseyside", "contact-desk-merseyside-dev"
RESTORED = f"{STACK}-restored"
UP = ".venv/bin/python -m local.up"
KNIFE, QUESTION = "there is a man with a knife outside my house", "When is your front desk open on a Sunday?"
SECTION = re.compile(r"^### Restore from backup$(.*?)^### ", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FIRST = re.compile(r"^## First, once a terminal$.*?^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATIENCE_SECONDS = 400.0
SHOWN = ("state", "grade", "band", "category", "preview", "last_contact")


@pytest.fixture
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Addresses:
    return Addresses.on_free_ports(tmp_path_factory.mktemp("drill"))


@pytest.fixture
def drill(clone: Path, addresses: Addresses, shell_environment: dict[str, str]) -> Iterator[Terminal]:
    """A terminal in the clone, with a desk of its own on this machine."""
    account = EmulatedAccount(addresses.emulator_url)
    environment = shell_environment | addresses.environment()
    environment |= {"AWS_ENDPOINT_URL": account.endpoint_url}
    try:
        with Terminal(clone, environment) as terminal:
            terminal.run("make setup")
            terminal.run(f"{UP} --no-day")
            yield terminal
    finally:
        # The terminal ends with the first command that fails, the desk does not.
        with Terminal(clone, environment) as terminal:
            terminal.run(".venv/bin/python -m local.down --reset")


@pytest.mark.timeout(3_600)
def test_a_table_restored_by_the_page_is_as_it_was_and_nobody_hears_twice(
    drill: Terminal, addresses: Addresses, clone: Path
) -> None:
    dynamodb = EmulatedAccount(addresses.emulator_url).client("dynamodb")
    stack = Stack.read(addresses.stack_file)
    with Outside(stack) as outside:
        people = [outside.new_person() for _ in range(4)]
        write(outside, people[0], QUESTION)
        backup = dynamodb.create_backup(TableName=stack.table_name, BackupName="earlier")
        arn, point = backup["BackupDetails"]["BackupArn"], now()
        time.sleep(1.0)
        write(outside, people[1], KNIFE)
        write(outside, people[2], QUESTION)
        write(outside, people[3], "my cat is up a tree, it is no emergency")
        assert outside.report(what="A bicycle was taken from outside the station.").status_code == 201
        until(lambda: at_rest(dynamodb, stack.table_name), seconds=PATIENCE_SECONDS)
        before, heard = comparable(dynamodb, stack.table_name), heard_by(outside, people)
        assert len(before["contacts"]) == 5

        stop_and_restore, bring_back = page(stack, arn=arn, point=point)
        shown = drill.run(stop_and_restore)
        sent_until = re.findall(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", shown)[-1]
        use_restored(clone, sent_until)
        drill.run(f"{UP} --no-day")
        assert Stack.read(addresses.stack_file).table_name == RESTORED
        assert comparable(dynamodb, RESTORED) != before
        drill.run(bring_back)
        until(
            lambda: at_rest(dynamodb, RESTORED) and len(comparable(dynamodb, RESTORED)["contacts"]) == 5,
            seconds=PATIENCE_SECONDS,
        )

        assert comparable(dynamodb, RESTORED) == before
        assert heard_by(outside, people) == heard
        assert set(heard.values()) == {1}


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def page(stack: Stack, *, arn: str, point: str) -> tuple[str, str]:
    """What the page says to type, before the deploy and after it, for this desk, this backup and this point."""
    text = (ROOT / "docs/operate.md").read_text()
    (section,) = SECTION.findall(text)
    (first,) = FIRST.findall(text)
    before, after = BLOCK.findall(section)
    typed = []
    for block in (f"{first}\nDESK_TOKEN={stack.tokens.supervisor}\n{before}", after):
        lines = [
            f'aws dynamodb restore-table-from-backup --backup-arn {arn} --target-table-name "{RESTORED}"'
            if "restore-table-to-point-in-time" in line
            else line
            for line in block.splitlines()
            # A table is there at once, and a desk of minutes has sealed nothing yet.
            if not re.search("dynamodb wait|audit verify", line)
        ]
        changed = "\n".join(lines).replace("$(out ApiUrl)", stack.api_url).replace("sleep 30", "sleep 2")
        changed = changed.replace("contact-desk-merseyside-live", STACK)
        changed = changed.replace("2026-11-02T09:55Z", point).replace(" --to 2026-11-02T11:30Z", "")
        assert "2026-11-02" not in changed
        typed.append(changed)
    return typed[0], typed[1]


def use_restored(clone: Path, sent_until: str) -> None:
    """The lines that the page shows, in the stage's section of the force file."""
    path = clone / f"forces/{FORCE}.toml"
    assert "[stages.dev]" not in path.read_text()
    path.write_text(
        f'{path.read_text()}\n[stages.dev]\nrestored_table = "{RESTORED}"\nsent_until = {sent_until}\n'
    )


def write(outside: Outside, person: str, text: str) -> None:
    """Write to the page, and wait for what the desk answers by itself."""
    assert outside.deliver(outside.message(text, sender=person)).status_code == 200
    until(lambda: outside.received(person), seconds=PATIENCE_SECONDS)


def heard_by(outside: Outside, people: list[str]) -> Counter[tuple[str, str]]:
    return Counter((person, sent["text"]) for person in people for sent in outside.received(person))


def items_of(dynamodb: Any, table: str) -> list[dict[str, Any]]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table)
    return [unmarshal(item) for page in pages for item in page["Items"]]


def at_rest(dynamodb: Any, table: str) -> bool:
    """Whether nothing is left to send."""
    return not any(one["sk"] == "outbox" and one["state"] in UNSENT for one in items_of(dynamodb, table))


def comparable(dynamodb: Any, table: str) -> dict[str, Any]:
    """Contacts, cases and texts without what is new each time: cases' own ids, moments, revisions."""
    items = items_of(dynamodb, table)
    cases = {one["case_id"]: one for one in items if one["sk"] == "case"}
    return {
        "contacts": {
            one["pk"]: [one.get("text"), cases[one["case_id"]]["reference"]]
            for one in items
            if one["sk"] == "contact"
        },
        "cases": {one["reference"]: {name: one.get(name) for name in SHOWN} for one in cases.values()},
        "texts": {
            one["pk"]: json.dumps([one["target"], one.get("text"), one["purpose"], one["state"]])
            for one in items
            if one["sk"] == "outbox" and one["kind"] != OutboxKind.OPERATOR_ALERT
        },
    }
