"""Which address a host's name may lead to: a public one, checked here and then used as it is.

The connection goes to the very address that was checked, so a name whose answer changes between two questions gains
nothing by it.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from contact_desk.attachments import CopyFailure, NotCopiedError

Resolve = Callable[[str], Sequence[str]]
"""The addresses of a host's name; raises OSError where there are none."""

# IPv6 ranges that carry an IPv4 address within them, which a router would unwrap: whatever they hold, no platform
# serves files from one.
CARRIERS = [
    ip_network(network)
    for network in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16")
]
# Listed here too, because what Python counts as not global has changed between its versions.
NEVER_PUBLIC = [
    ip_network(network)
    for network in ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "240.0.0.0/4", "fc00::/7")
]


def resolve(host: str) -> Sequence[str]:
    """The IPv4 addresses of a name, by the system: a Lambda reaches the world over IPv4 alone."""
    answers = socket.getaddrinfo(host, None, family=socket.AF_INET, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in answers]


def is_public(address: str) -> bool:
    """Whether it is an address of the public network: not private, loopback, link-local (metadata), or special."""
    try:
        read = ip_address(address)
    except ValueError:
        return False
    if any(_within(read, network) for network in (*CARRIERS, *NEVER_PUBLIC)):
        return False
    return read.is_global and not (read.is_multicast or read.is_reserved or read.is_unspecified)


def is_loopback(address: str) -> bool:
    """Whether it is this machine itself."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def address_of(host: str, resolve: Resolve, may_be: Callable[[str], bool] = is_public) -> str:
    """The address to connect to.

    Raises NotCopiedError (address_not_allowed) where any of the answers is not as it must be: a name that leads into
    two networks is nobody's file server. Raises OSError where the name has no address.
    """
    answers = resolve(host)
    if not answers:
        raise OSError("the name has no address")
    if not all(map(may_be, answers)):
        raise NotCopiedError(CopyFailure.ADDRESS_NOT_ALLOWED)
    return answers[0]


def _within(address: IPv4Address | IPv6Address, network: object) -> bool:
    return address in network  # type: ignore[operator]  # of the other family: simply not in it
