"""What stands behind a port: the in-memory twin, moto, or the emulator. One suite per port runs against each.

`backend` gives a fresh table (and the clients of the other services) to every test, `table_backend` leaves the twin
out; `emulator` is one process for the session. A race is proved on the emulator alone (`racing_backend`): moto lets
two writers win one condition.
"""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from moto import mock_aws

from contact_desk.stores.dynamo import Table
from local.addresses import REGION, REPOSITORY, Addresses
from local.processes import wait_until
from local.twins.desk_records import DeskRecords
from tests.quick_aws import quick_aws
from tests.table import create_table

EMULATOR_PYTHON = REPOSITORY / ".venv-emulator" / "bin" / "python"
ROOT_ACCOUNT = "000000000000"
TABLE_NUMBERS = itertools.count(1)


@cache
def one_session() -> boto3.Session:
    """A session for all clients: each new one reads the descriptions of its services anew, half a test's time."""
    return boto3.Session()


@cache
def client_of(service: str, endpoint_url: str | None) -> Any:
    """The client of a service for all tests; threads may share it."""
    make_client: Any = one_session().client
    return make_client(
        service,
        region_name=REGION,
        endpoint_url=endpoint_url,
        aws_access_key_id=ROOT_ACCOUNT,
        aws_secret_access_key="testing",
        config=Config(retries={"mode": "standard", "max_attempts": 2}, max_pool_connections=32),
    )


@dataclass(frozen=True, slots=True)
class Backend:
    """One place where the desk's records can be: `records` for twins, a table and clients for real adapters."""

    name: str
    records: DeskRecords | None = None
    endpoint_url: str | None = None
    table_name: str = ""

    def client(self, service: str) -> Any:
        """The boto3 client of a service."""
        assert self.records is None, "a twin has no clients"
        return client_of(service, self.endpoint_url)

    @property
    def table(self) -> Table:
        """The desk's table, for a test that looks at what is stored."""
        return Table(self.client("dynamodb"), self.table_name)


def with_table(name: str, endpoint_url: str | None = None) -> Backend:
    """A backend of real adapters with an empty table of its own."""
    backend = Backend(name, endpoint_url=endpoint_url, table_name=f"desk-{next(TABLE_NUMBERS)}")
    create_table(backend.client("dynamodb"), backend.table_name)
    return backend


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of an emulated AWS that lives as long as the session."""
    addresses = Addresses.on_free_ports(tmp_path_factory.mktemp("emulator"))
    command = [EMULATOR_PYTHON, "-m", "local.emulator.host", "--state", addresses.home / "state"]
    command += ["--port", addresses.emulator_port, "--region", REGION]
    with (addresses.home / "emulator.log").open("wb") as log:
        process = subprocess.Popen(
            list(map(str, command)), cwd=REPOSITORY, env={}, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        started = wait_until(lambda: process.poll() is not None or _answers(addresses), deadline_seconds=60)
        if not started or process.poll() is not None:
            pytest.fail(
                f"the emulator did not start: {(addresses.home / 'emulator.log').read_text()[-2000:]}"
            )
        yield addresses.emulator_url
    finally:
        # Not a clean stop: that would write its state, which nobody reads again.
        process.kill()
        process.wait()


def _answers(addresses: Addresses) -> bool:
    try:
        return httpx.get(f"{addresses.emulator_url}/_ministack/health", trust_env=False).is_success
    except httpx.HTTPError:
        return False


@contextmanager
def standing(name: str, request: pytest.FixtureRequest) -> Iterator[Backend]:
    """The named backend, empty."""
    if name == "twin":
        yield Backend("twin", records=DeskRecords())
    elif name == "moto":
        with mock_aws(), quick_aws():
            yield with_table("moto")
    else:
        yield with_table("emulator", request.getfixturevalue("emulator"))


@pytest.fixture(params=["twin", "moto", "emulator"])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Each place in turn: for the behaviour that a twin shares with the real adapter."""
    with standing(request.param, request) as backend:
        yield backend


@pytest.fixture(params=["moto", "emulator"])
def table_backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Moto, then the emulator: for what only the real adapter has, such as keys and expressions."""
    with standing(request.param, request) as backend:
        yield backend


@pytest.fixture
def racing_backend(emulator: str) -> Backend:
    """The emulator alone, empty: its conditional writes are atomic under threads, as those of AWS are."""
    return with_table("emulator", emulator)
