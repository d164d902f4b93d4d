"""Everything from others that ships, with its licence: the layers' wheels, the screen's packages, what is built in."""

from __future__ import annotations

import base64
import email
import json
import re
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.utils import canonicalize_name

from contact_desk.errors import ContactDeskError
from infra.assets import ROOT

LICENCES = Path(__file__).with_name("licences.toml")
LAYERS = ("vendor", "triage")
SCREEN = "web/console/package-lock.json"
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)


class UnknownLicenceError(ContactDeskError):
    """A package does not say its licence in words that are known."""


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """One package of others at its locked version; `licence` is an SPDX expression, `into` where it ships."""

    name: str
    version: str
    licence: str
    into: str
    ecosystem: str
    """As in package URLs: `pypi` or `npm`."""
    sha512: str | None = None
    """What the lock holds it to, in hexadecimal, where that is one digest."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The licences that may ship, and what is to be known of packages that do not say theirs plainly."""

    allowed: frozenset[str]
    concluded: dict[str, dict[str, str]]
    built_in: tuple[dict[str, str], ...]

    def permits(self, expression: str) -> bool:
        """Whether an SPDX expression can be kept with what is allowed; one that nests is nobody's to guess at."""
        choices = [choice.split(" AND ") for choice in expression.strip("()").split(" OR ")]
        return any(all(name in self.allowed for name in choice) for choice in choices)


def rules(path: Path = LICENCES) -> Rules:
    """What `licences.toml` says."""
    read = tomllib.loads(path.read_text())
    return Rules(frozenset(read["allowed"]), read["concluded"], tuple(read["built_in"]))


def shipped(known: Rules, *, wheels: Path = ROOT / ".wheels/lambda") -> list[Package]:
    """All packages, by name. Raises UnknownLicenceError where one does not say its licence and nobody concluded it."""
    return sorted({*_layers(known, wheels), *_screen(), *_built_in(known)})


def pins(lock: Path) -> dict[str, str]:
    """The versions of a lock of Python packages, by name."""
    return {canonicalize_name(name): version for name, version in PIN.findall(lock.read_text())}


def _layers(known: Rules, wheels: Path) -> Iterator[Package]:
    metadata: dict[str, Any] = {
        canonicalize_name(str(one["Name"])): one for one in map(_metadata, wheels.glob("*.whl"))
    }
    for layer in LAYERS:
        lock = ROOT / "layers" / layer / "requirements.txt"
        for name, version in pins(lock).items():
            told = metadata.get(name)
            if told is None or told["Version"] != version:
                raise UnknownLicenceError(f"{name} {version} is not among the wheels: make setup")
            yield Package(name, version, _licence(known, name, told), f"layers/{layer}", "pypi")


def _licence(known: Rules, name: str, told: Any) -> str:
    words = [
        *(str(told[field]).strip() for field in ("License-Expression", "License") if told[field]),
        *(each for each in told.get_all("Classifier", []) if each.startswith("License ::")),
    ]
    concluded = known.concluded.get(name)
    if concluded:
        if concluded["words"] not in words:
            raise UnknownLicenceError(f"{name} says {words} by now: conclude anew in licences.toml")
        return concluded["licence"]
    try:
        return str(canonicalize_license_expression(words[0]))
    except (IndexError, InvalidLicenseExpression):
        raise UnknownLicenceError(f"{name} says {words}: conclude in licences.toml what that means") from None


def _screen() -> Iterator[Package]:
    for path, one in _npm(ROOT / SCREEN).items():
        if not one.get("dev") and not one.get("optional"):
            yield _npm_package(path, one, "web/console")


def _built_in(known: Rules) -> Iterator[Package]:
    for part in known.built_in:
        lock = ROOT / part["lock"]
        if lock.suffix == ".json":
            path = f"node_modules/{part['name']}"
            yield _npm_package(path, _npm(lock)[path], part["into"])
        else:
            yield Package(part["name"], pins(lock)[part["name"]], part["licence"], part["into"], "pypi")


def _npm_package(path: str, one: dict[str, Any], into: str) -> Package:
    name = path.rpartition("node_modules/")[2]
    if "license" not in one:
        raise UnknownLicenceError(f"{name} says no licence in its lock")
    digest = base64.b64decode(one["integrity"].removeprefix("sha512-")).hex()
    return Package(name, one["version"], one["license"], into, "npm", digest)


def _npm(lock: Path) -> dict[str, dict[str, Any]]:
    packages: dict[str, dict[str, Any]] = json.loads(lock.read_text())["packages"]
    return {path: one for path, one in packages.items() if path}


def _metadata(wheel: Path) -> Any:
    with zipfile.ZipFile(wheel) as opened:
        (name,) = (one for one in opened.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", one))
        return email.message_from_bytes(opened.read(name))
