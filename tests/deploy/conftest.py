"""A fresh clone, an emulated account of its own, and a terminal in which to follow docs/deploy.md."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.addresses import REGION, REPOSITORY, Addresses
from local.deploy import EmulatedAccount
from local.emulator.service import NAME, emulator_service
from local.processes import Processes
from tests.deploy.terminal import Terminal

# Writes "again" behind the force's name: the smallest change that people would see.
EDITOR = r"""
import re, sys
from pathlib import Path
path = Path(sys.argv[1])
path.write_text(re.sub(r'(?m)^name = "(.*)"$', r'name = "\1 again"', path.read_text(), count=1))
"""


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository as a clone would have it, what is not committed yet included: nothing is set up in it."""
    folder = tmp_path_factory.mktemp("clone") / "contact-desk"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (REPOSITORY / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAccount]:
    """An empty account."""
    addresses = Addresses.on_free_ports(tmp_path_factory.mktemp("account"))
    processes = Processes(addresses.home)
    processes.start(emulator_service(addresses, enforce_iam=False, environ=os.environ))
    try:
        yield EmulatedAccount(addresses.emulator_url)
    finally:
        processes.stop(NAME)


@pytest.fixture(scope="session")
def shell_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a shell knows whose owner has credentials of an emulated account, and programs in the place of AWS's."""
    tools = tmp_path_factory.mktemp("tools")
    _program(tools / "aws", REPOSITORY / "tests/aws_command.py")
    (tools / "edit.py").write_text(EDITOR)
    _program(tools / "edit", tools / "edit.py")
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DESK_", "CDK_"))
    }
    for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "VIRTUAL_ENV"):
        kept.pop(name, None)
    return kept | {
        "AWS_ACCESS_KEY_ID": EmulatedAccount("").access_key_id,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": EmulatedAccount("").secret_access_key,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "CDK_HOME": str(tools / "cdk"),
        "CDK_VALIDATION": "false",  # tests/infra has it on
        "EDITOR": str(tools / "edit"),
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHON": sys._base_executable,  # type: ignore[attr-defined]  # the emulator runs functions on it too
    }


@pytest.fixture(scope="session")
def terminal(clone: Path, account: EmulatedAccount, shell_environment: dict[str, str]) -> Iterator[Terminal]:
    """A shell in the clone with credentials of the account, and with what the emulator asks for beside it.

    Of the stacks the emulator knows the desk's own, functions run on this machine, and nobody is there to say yes.
    """
    environment = shell_environment | {
        "AWS_ENDPOINT_URL": account.endpoint_url,
        "DESK_BUNDLE": "host",
        "STACKS": "Desk",
        "YES": "1",
    }
    with Terminal(clone, environment) as shell:
        yield shell


def _program(path: Path, script: Path) -> None:
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(script))} "$@"\n')
    path.chmod(0o755)
