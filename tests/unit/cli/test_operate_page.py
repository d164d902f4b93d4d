"""The page of runbooks: every command on it exists, with the options that it is given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import botocore.session
import pytest
import typer
from botocore import xform_name
from botocore.exceptions import UnknownServiceError

from cli.main import app

PAGE = Path(__file__).parents[3] / "docs/operate.md"
# What the AWS command line adds to every call.
GLOBAL_OPTIONS = {"--query", "--output", "--region"}
# What it calls otherwise than the service does: an endpoint is its own.
RENAMED = {"--notification-endpoint": "--endpoint"}
DESK, AWS = re.compile(r"\bdesk (?=[a-z])[^\n;]+"), re.compile(r"\baws (?=[a-z])[^\n;]+")


def commands(pattern: re.Pattern[str]) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)
    # One command may stand in another: "$(aws …)".
    return sorted({found for block in blocks for found in _nested(block, pattern)})


def _nested(text: str, pattern: re.Pattern[str]) -> Iterator[str]:
    for match in pattern.finditer(text):
        whole = _up_to_its_bracket(match.group())
        yield whole
        yield from _nested(whole[4:], pattern)


def _up_to_its_bracket(command: str) -> str:
    """The command without what follows the bracket in which it stands."""
    depth = 0
    for at, letter in enumerate(command):
        depth += (letter == "(") - (letter == ")")
        if depth < 0 or (letter == "}" and command[at - 2 : at] == "; "):
            return command[:at]
    return command


def options_of(command: str) -> list[str]:
    """The options, without those of commands within it."""
    while (simpler := re.sub(r"\$\([^()]*\)", "x", command)) != command:
        command = simpler
    return re.findall(r"(?<![\w-])--[a-z-]+", command)


@lru_cache
def session() -> botocore.session.Session:
    return botocore.session.Session()


@lru_cache
def operations(service: str) -> dict[str, set[str]]:
    """The options of each operation of a service, as the AWS command line writes them."""
    model = session().get_service_model(service)
    return {
        xform_name(name, "-"): {
            f"--{xform_name(member, '-')}"
            for member in getattr(model.operation_model(name).input_shape, "members", {})
        }
        for name in model.operation_names
    }


@pytest.mark.parametrize("command", commands(AWS))
def test_a_command_of_aws_exists_with_its_options(command: str) -> None:
    _, service, operation, *_ = command.split()
    if operation == "wait":
        waiters = session().get_waiter_model(service).waiter_names
        assert command.split()[3] in {xform_name(name, "-") for name in waiters}
        return
    try:
        known = operations(service)[operation]
    except UnknownServiceError:
        pytest.fail(f"no service {service}")
    # A yes or no is given as --deletion-protection-enabled or --no-enabled.
    given = {option.replace("--no-", "--", 1) for option in options_of(command)} - GLOBAL_OPTIONS
    given = {RENAMED.get(option, option) for option in given}
    assert given <= known, command


@pytest.mark.parametrize("command", commands(DESK))
def test_a_command_of_the_desks_exists_with_its_options(command: str) -> None:
    found = typer.main.get_command(app)
    words = command.split()[1:]
    while hasattr(found, "get_command"):
        found = found.get_command(typer.Context(found), words.pop(0))
    known = {option for parameter in found.params for option in parameter.opts}
    assert set(options_of(command)) <= known, command


def test_the_page_has_commands_of_both() -> None:
    assert len(commands(AWS)) > 15
    assert len(commands(DESK)) > 8


def test_every_link_within_the_page_leads_to_a_heading_of_it() -> None:
    text = PAGE.read_text()
    headings = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^##+ (.+)$", text, flags=re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= headings


def test_every_function_that_the_page_looks_into_is_one_of_the_desks() -> None:
    templates = (PAGE.parents[1] / "infra").glob("*.py")
    sources = "".join(path.read_text() for path in templates)
    for name in set(re.findall(r"`?errors (\w+)", PAGE.read_text())):
        assert f'"{name}"' in sources, name
