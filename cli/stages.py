"""Which stage of which force a command is about: its force file, its account, and the stack that stands there."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import boto3
import typer

from cli.account import Account, AwsAccount, StandingStack
from contact_desk.errors import ContactDeskError
from contact_desk.force_file import STAGE_NAME, ForceFile, load_force_file
from contact_desk.stage_rules import LONDON, StageRules
from local.addresses import REPOSITORY, Addresses
from local.stack_file import Stack

FORCES = REPOSITORY / "forces"
FORCE_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
LOCAL_STACK = re.compile(r"contact-desk-(?P<force>.+)-(?P<stage>[a-z][a-z0-9]*)")

ForceOption = Annotated[
    str | None,
    typer.Option("--force", help="The force, by its file in forces/; the desk on this machine without it."),
]
StageOption = Annotated[str | None, typer.Option("--stage", help="Its stage, such as dev or live.")]


class NoSuchDeskError(ContactDeskError):
    """There is no desk of that force and stage, or none on this machine."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One deployment of one force's desk; `account` is whose credentials the command runs with.

    `is_emulated` says that it is an emulated account, which lacks what only AWS can run: alarms, Scheduler's own runs.
    """

    force_name: str
    name: str
    account: Account
    is_emulated: bool = False
    is_local: bool = False

    @property
    def force_path(self) -> Path:
        """Where the force file is."""
        return FORCES / f"{self.force_name}.toml"

    @property
    def stack_name(self) -> str:
        """The name of the desk's stack."""
        return f"contact-desk-{self.force_name}-{self.name}"

    @property
    def options(self) -> str:
        """What a command needs to be about this stage, with a space before it."""
        return "" if self.is_local else f" --force {self.force_name} --stage {self.name}"

    @property
    def stack_option(self) -> str:
        """The same for commands that take the name of a stack."""
        return "" if self.is_local else f" --stack-name {self.stack_name}"

    def force(self) -> ForceFile:
        """The force file; raises ForceFileError."""
        return load_force_file(self.force_path)

    def stack(self) -> StandingStack:
        """The stack that stands; raises NoSuchDeskError where there is none."""
        found = self.account.stack(self.stack_name)
        if found is None:
            raise NoSuchDeskError(
                f"there is no stack {self.stack_name} in this account and region: "
                f"make deploy FORCE={self.force_name} STAGE={self.name}"
            )
        return found


def find(force: str | None, stage: str | None) -> Stage:
    """The stage of that force in the account of the shell's credentials; without both, the desk on this machine.

    Raises typer.BadParameter for names that are none, StackFileError and NoSuchDeskError where no desk is.
    """
    if force is None and stage is None:
        return _on_this_machine()
    if force is None or stage is None:
        raise typer.BadParameter("--force and --stage go together")
    if not FORCE_NAME.fullmatch(force) or not re.fullmatch(STAGE_NAME, stage):
        raise typer.BadParameter("a force or stage is a name of a-z, 0-9 and -")
    session = boto3.Session(region_name=_region(force, stage))
    emulated = any(name.startswith("AWS_ENDPOINT_URL") for name in os.environ)
    return Stage(force, stage, AwsAccount(session), is_emulated=emulated)


def public_url(stack: StandingStack) -> str:
    """Where platforms reach the desk's API, without a closing slash."""
    return stack.parameters.get("PublicUrl") or stack.outputs["ApiUrl"]


def _region(force: str, stage: str) -> str:
    """Where the force file says that the stage lives, even where something else is wrong in it."""
    try:
        return load_force_file(FORCES / f"{force}.toml").stages.get(stage, StageRules()).region
    except ContactDeskError:
        return os.environ.get("AWS_REGION") or LONDON


def _on_this_machine() -> Stage:
    stack = Stack.read(Addresses.from_environment(os.environ).stack_file)
    session = boto3.Session(
        aws_access_key_id=stack.credentials.access_key_id,
        aws_secret_access_key=stack.credentials.secret_access_key,
        region_name=stack.region,
    )
    account = AwsAccount(session, stack.aws_endpoint_url)
    for name in account.stack_names():
        match = LOCAL_STACK.fullmatch(name)
        found = account.stack(name) if match else None
        if match and found and found.outputs.get("TableName") == stack.table_name:
            return Stage(match["force"], match["stage"], account, is_emulated=True, is_local=True)
    raise NoSuchDeskError("the desk on this machine has no stack: make up")
