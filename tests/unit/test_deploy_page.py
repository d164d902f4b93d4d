"""docs/deploy.md tells people to type nothing that is not there: every command of the page is read and known."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from cli.main import COMMANDS, app
from tests import aws_command
from tests.pages import blocks_of, spans_of

ROOT = Path(__file__).parents[2]
PAGE = "deploy.md"
BLOCKS = blocks_of(PAGE)
PLAIN = {"cp", "echo", "export", "out", "${EDITOR:-vi}"}
TARGETS = set(re.findall(r"^([a-z0-9-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
MAKE_VARIABLES = {"FORCE", "STAGE", "STACKS", "PARAMETERS", "YES", "OPTIONS"}


def commands(*names: str) -> Iterator[list[str]]:
    for block in BLOCKS:
        for words in block.commands():
            if words[0] in names:
                yield words


def parse_desk(words: list[str]) -> None:
    """Read the words as `desk` would; raises click's usage errors."""
    group: object = typer.main.get_command(app)
    names = list(words)
    while isinstance(group, TyperGroup):
        name = names.pop(0)
        found = group.get_command(group.make_context("desk", [name], resilient_parsing=True), name)
        assert found is not None, f"desk has no {name}"
        group = found
    group.make_context(words[-1], names)  # type: ignore[attr-defined]


def test_the_page_is_shell() -> None:
    page = "\n".join(block.text for block in BLOCKS)
    read = subprocess.run(["bash", "-n"], input=page, capture_output=True, text=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")


def test_every_command_is_one_that_is_checked_here() -> None:
    known = PLAIN | {"make", "aws", ".venv/bin/desk"}
    assert {words[0] for block in BLOCKS for words in block.commands()} == known


def test_every_task_of_make_is_there_and_takes_what_it_is_given() -> None:
    for _, task, *given in commands("make"):
        assert task in TARGETS
        assert {each.partition("=")[0] for each in given} <= MAKE_VARIABLES
    for span in spans_of(PAGE):
        if span.startswith("make "):
            assert span.split()[1] in TARGETS, span


def test_every_command_of_desk_is_there_and_takes_what_it_is_given() -> None:
    found = [words for _, *words in commands(".venv/bin/desk")]
    assert found
    for words in found:
        parse_desk(words)
    for span in spans_of(PAGE):
        if span.startswith("desk "):
            assert span.split()[1] in COMMANDS, span


def test_every_command_of_aws_is_there_and_takes_what_it_is_given() -> None:
    calls = [aws_command.read(words[1:]) for words in commands("aws")]
    calls += [
        aws_command.read(span.split()[1:])
        for span in spans_of(PAGE)
        if span.startswith("aws ") and " --" in span
    ]
    assert {call.service for call in calls} >= {"cloudformation", "cognito-idp", "sts"}


def test_a_command_of_aws_that_is_not_there_is_noticed() -> None:
    for words in ("sns tell", "sqss list-queues", "sqs list-queues --colour red"):
        with pytest.raises(aws_command.UnknownAwsCommandError):
            aws_command.read(words.split())


@pytest.mark.parametrize("task", ["bootstrap", "diff", "deploy", "destroy"])
def test_a_task_that_is_not_told_which_desk_does_nothing(task: str) -> None:
    run = make(task, "FORCE=example")
    assert run.returncode != 0
    assert f"Which desk? make {task} FORCE=" in run.stderr


def test_a_deploy_is_of_this_desk_alone() -> None:
    run = make("--dry-run", "deploy", "FORCE=example", "STAGE=live", "PARAMETERS=One=1 Two=2", "STACKS=Watch")
    called = " ".join(run.stdout.replace("\\\n", " ").split())
    assert "/aws-cdk/bin/cdk deploy --exclusively Watch" in called
    assert (
        "--parameters contact-desk-example-live:One=1 --parameters contact-desk-example-live:Two=2" in called
    )
    assert "--context force=example --context stage=live" in called
    assert "--require-approval" not in called


def make(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
