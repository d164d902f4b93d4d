"""The whole desk, deployed from its own template to an emulated AWS that enforces IAM: one for the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.addresses import Addresses
from local.stack import LocalDesk, Silent
from local.stack_file import Stack
from tests.e2e.outside import Operators, Outside


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalDesk]:
    """The processes of the desk."""
    home = tmp_path_factory.mktemp("desk")
    standing = LocalDesk(addresses=Addresses.on_free_ports(home), enforce_iam=True)
    try:
        standing.bring_up(Silent())
        yield standing
    finally:
        standing.take_down()


@pytest.fixture(scope="session")
def stack(desk: LocalDesk) -> Stack:
    """Everything that a stranger needs to know about it: `stack.json` and nothing else."""
    return Stack.read(desk.addresses.stack_file)


@pytest.fixture(scope="session")
def outside(stack: Stack) -> Iterator[Outside]:
    """The public and the platforms."""
    with Outside(stack) as outside:
        yield outside


@pytest.fixture(scope="session")
def operators(stack: Stack, desk: LocalDesk) -> Iterator[Operators]:
    """The people of the desk."""
    with Operators(stack, desk.addresses) as operators:
        yield operators
