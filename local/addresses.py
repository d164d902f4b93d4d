"""Where the parts of a local desk stand: the folder that holds its state and the loopback ports it serves on."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contact_desk.errors import ContactDeskError

LOOPBACK = "127.0.0.1"
HIGHEST_PORT = 65535
REGION: Final = "eu-west-2"
REPOSITORY = Path(__file__).resolve().parents[1]


class LocalAddressError(ContactDeskError):
    """A port is none, or not the one at which the state in the home folder was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """One local desk: `home` holds all of its state, the ports are fixed so that addresses survive a restart."""

    home: Path
    emulator_port: int = 4599
    front_door_port: int = 8780
    platforms_port: int = 8781
    oidc_port: int = 8782

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Addresses:
        """Read `DESK_HOME` and the `DESK_*_PORT` variables; raises LocalAddressError for a port that is none."""
        ports = {
            field: _port(name, environ[name]) for field, name in PORT_VARIABLES.items() if environ.get(name)
        }
        return cls(home=Path(environ.get("DESK_HOME") or REPOSITORY / ".desk").resolve(), **ports)

    @classmethod
    def on_free_ports(cls, home: Path) -> Addresses:
        """Choose ports that nobody listens on now, so that several desks can stand side by side."""
        with ExitStack() as taken:
            ports = {}
            for field in PORT_VARIABLES:
                probe = taken.enter_context(socket.socket())
                probe.bind((LOOPBACK, 0))
                ports[field] = int(probe.getsockname()[1])
        return cls(home=home.resolve(), **ports)

    @property
    def emulator_url(self) -> str:
        """The endpoint of the emulated AWS."""
        return f"http://{LOOPBACK}:{self.emulator_port}"

    @property
    def front_door_url(self) -> str:
        """The one origin of the API and of every page."""
        return f"http://{LOOPBACK}:{self.front_door_port}"

    @property
    def platforms_url(self) -> str:
        """The stand-ins for the platforms."""
        return f"http://{LOOPBACK}:{self.platforms_port}"

    @property
    def oidc_url(self) -> str:
        """The issuer of operators' tokens."""
        return f"http://{LOOPBACK}:{self.oidc_port}"

    @property
    def stack_file(self) -> Path:
        """What people and tools read to find the running desk."""
        return self.home / "stack.json"

    def environment(self) -> dict[str, str]:
        """These addresses as the variables that `from_environment` reads, for a child process."""
        ports = {name: str(getattr(self, field)) for field, name in PORT_VARIABLES.items()}
        return {"DESK_HOME": str(self.home), **ports}


PORT_VARIABLES = {
    "emulator_port": "DESK_EMULATOR_PORT",
    "front_door_port": "DESK_FRONT_DOOR_PORT",
    "platforms_port": "DESK_PLATFORMS_PORT",
    "oidc_port": "DESK_OIDC_PORT",
}


def _port(name: str, value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= HIGHEST_PORT:
        raise LocalAddressError(f"{name} must be a port number from 1 to {HIGHEST_PORT}")
    return int(value)
