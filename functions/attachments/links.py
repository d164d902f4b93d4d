"""Reads a link as strictly as no browser does: what is not written plainly is not followed.

The parts that are read here are the parts that are used: nobody parses the link again, so nobody can read it otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin

from contact_desk.attachments import CopyFailure, NotCopiedError
from functions.attachments.allowed_hosts import is_allowed

LINK = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){1,10})"  # no user, no brackets, no closing dot
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:[/?][!-\[\]-~]*)?)",  # printable ASCII without a backslash, which some take for a slash
    re.IGNORECASE | re.ASCII,
)
LONGEST_LINK = 8_192
HTTPS_PORT = 443


@dataclass(frozen=True, slots=True)
class Target:
    """Where one request goes. `port` is None for the scheme's own, `path` begins with a slash and holds the query."""

    secure: bool
    host: str
    port: int | None
    path: str = field(repr=False)

    @property
    def authority(self) -> str:
        """The host as the request's `Host` header writes it."""
        return self.host if self.port is None else f"{self.host}:{self.port}"

    @property
    def link(self) -> str:
        """The target as a link again."""
        return f"{'https' if self.secure else 'http'}://{self.authority}{self.path}"


def read_link(link: str, allowed: Sequence[str], stand_in: str = "") -> Target:
    """The target of a link: https on its own port, on an allowed host; or the stand-in, by host and port.

    Raises NotCopiedError (link_not_allowed, host_not_allowed) for any other.
    """
    found = LINK.fullmatch(link.partition("#")[0]) if len(link) <= LONGEST_LINK else None
    if found is None:
        raise NotCopiedError(CopyFailure.LINK_NOT_ALLOWED)
    path = found["path"]
    target = Target(
        secure=found["scheme"].lower() == "https",
        host=found["host"].lower(),
        port=int(found["port"]) if found["port"] else None,
        path=path if path.startswith("/") else f"/{path}",
    )
    if stand_in and target.authority == stand_in:
        return target
    if not target.secure or target.port not in {None, HTTPS_PORT}:
        raise NotCopiedError(CopyFailure.LINK_NOT_ALLOWED)
    if not is_allowed(target.host, allowed):
        raise NotCopiedError(CopyFailure.HOST_NOT_ALLOWED)
    return target


def redirected(target: Target, location: str | None) -> str:
    """The link that a redirect leads to, not yet read; raises NotCopiedError where it leads nowhere."""
    if not location:
        raise NotCopiedError(CopyFailure.PLATFORM_REFUSED)
    try:
        return urljoin(target.link, location)
    except ValueError:
        raise NotCopiedError(CopyFailure.LINK_NOT_ALLOWED) from None
