"""The locks say what the requirements say: checked from the files alone, so that `make check` needs no network."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = (
    "layers/vendor/requirements",
    "layers/triage/requirements",
    "requirements/audit",
    "requirements/dev",
    "requirements/emulator",
    "requirements/fuzz",
    "requirements/training",
    "requirements/web",
)
NODE_LOCKS = ("infra/cdk", "web/console", "web/report")
SHIPPED = ("layers/vendor/requirements.txt", "layers/triage/requirements.txt")


def asked_for(path: Path) -> dict[str, SpecifierSet]:
    lines = [line.split(" #")[0].strip() for line in path.read_text().splitlines()]
    requirements = [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]
    return {canonicalize_name(requirement.name): requirement.specifier for requirement in requirements}


def blocks(lock: Path) -> dict[str, str]:
    """Each pinned package's own lines of a lock: pin, hashes and what asked for it."""
    found = re.split(r"^(?=[a-z0-9])", lock.read_text(), flags=re.MULTILINE)[1:]
    return {canonicalize_name(block.split("==")[0]): block for block in found}


def pins(lock: Path) -> dict[str, str]:
    return {name: block.split("==")[1].split()[0] for name, block in blocks(lock).items()}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_what_its_requirements_allow(name: str) -> None:
    asked, pinned = asked_for(ROOT / f"{name}.in"), pins(ROOT / f"{name}.txt")
    outside = {
        package: f"{pinned.get(package)} is not {specifier}"
        for package, specifier in asked.items()
        if not specifier.contains(pinned.get(package, "0"), prereleases=True)
    }
    assert not outside, "run `make lock`"


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_was_made_from_these_requirements_and_no_others(name: str) -> None:
    asked = asked_for(ROOT / f"{name}.in")
    source = re.compile(rf"-r {re.escape(name)}\.in$", re.MULTILINE)
    made_from = {package for package, block in blocks(ROOT / f"{name}.txt").items() if source.search(block)}
    assert made_from == set(asked), "run `make lock`"


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_carries_hashes(name: str) -> None:
    assert [
        package for package, block in blocks(ROOT / f"{name}.txt").items() if "--hash=sha256:" not in block
    ] == []


@pytest.mark.parametrize("lock", SHIPPED)
def test_the_workstation_runs_the_versions_that_ship(lock: str) -> None:
    shipped, dev = pins(ROOT / lock), pins(ROOT / "requirements/dev.txt")
    assert {package: dev.get(package) for package in shipped} == shipped


@pytest.mark.parametrize("lock", SHIPPED)
def test_what_ships_is_the_same_on_every_platform(lock: str) -> None:
    # Set-up downloads the wheels for Lambda on another interpreter, which would read a marker as its own.
    assert " ; " not in (ROOT / lock).read_text()


@pytest.mark.parametrize("folder", NODE_LOCKS)
def test_a_lock_of_node_says_what_and_never_from_where(folder: str) -> None:
    lock, asked = (
        json.loads((ROOT / folder / name).read_text()) for name in ("package-lock.json", "package.json")
    )
    root = lock["packages"].pop("")
    for kind in ("dependencies", "devDependencies"):
        assert root.get(kind) == asked.get(kind)
        assert all(re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", pin) for pin in asked.get(kind, {}).values())
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
    assert [name for name, package in lock["packages"].items() if "integrity" not in package] == []


def test_the_cdk_command_line_is_no_mistaken_release() -> None:
    # On npm the latest of aws-cdk is a 3.0.0 that cannot read what the library writes.
    assert json.loads((ROOT / "infra/cdk/package.json").read_text())["dependencies"]["aws-cdk"].startswith(
        "2."
    )


def test_a_lock_takes_nothing_that_was_published_within_the_week() -> None:
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    compiling = [line for line in makefile.splitlines() if "pip compile" in line]
    assert compiling
    assert [line for line in compiling if "--exclude-newer '$(AGE)'" not in line] == []
    (age,) = re.findall(r"^AGE := (\d+) days$", makefile, re.MULTILINE)
    assert int(age) >= 7


def test_every_lock_is_made_by_make_lock() -> None:
    recipe = (ROOT / "Makefile").read_text().partition("\nlock: ")[2].partition("\n\n")[0]
    assert [
        name
        for name in LOCKS
        if not re.search(rf"{re.escape(name)}(?![\w.-]|/)|{re.escape(name)}\.in", recipe)
    ] == []
