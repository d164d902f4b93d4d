"""The bill of materials of a release, in CycloneDX: what the layers, the functions and the screen are made of."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from packaging.utils import canonicalize_name

from audit.shipped import LAYERS, Package
from contact_desk.errors import ContactDeskError
from infra.assets import ROOT

SCHEMA = "1.6"
VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read())
sys.exit(str(error) if error else None)
"""


class BillError(ContactDeskError):
    """The bill of materials is not one."""


def bill(packages: Sequence[Package], *, tools: Path) -> str:
    """The bill as JSON, the same for the same release. Raises BillError where it is not valid."""
    made = _of_locks(tools)
    by_name = {canonicalize_name(one.name): one for one in packages if one.ecosystem == "pypi"}
    components = [_with_licence(one, by_name[canonicalize_name(one["name"])]) for one in made["components"]]
    known = {canonicalize_name(one["name"]) for one in components}
    components += [_component(one) for one in packages if canonicalize_name(one.name) not in known]
    components += list(_own())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    root = {
        "type": "application",
        "bom-ref": project["name"],
        "name": project["name"],
        "version": project["version"],
        "description": project["description"],
        "licenses": [{"license": {"id": project["license"]}}],
    }
    made["metadata"]["component"] = root
    made["components"] = sorted(components, key=lambda one: one["bom-ref"])
    made["dependencies"] = [
        {"ref": root["bom-ref"], "dependsOn": [one["bom-ref"] for one in made["components"]]},
        *({"ref": one["bom-ref"]} for one in made["components"]),
    ]
    written = json.dumps(made, indent=2, sort_keys=True) + "\n"
    checked = subprocess.run(
        [tools / "python", "-c", VALIDATE], input=written, capture_output=True, text=True, check=False
    )
    if checked.returncode:
        raise BillError(checked.stderr.strip())
    return written


def licence_list(packages: Iterable[Package]) -> str:
    """A line for each package, for people: licence, name, version, where it ships."""
    rows = [(one.licence, f"{one.name} {one.version}", one.into) for one in packages]
    width = max(len(licence) for licence, *_ in rows)
    return "".join(f"{licence:<{width}}  {name:<32}  {into}\n" for licence, name, into in sorted(rows))


def _of_locks(tools: Path) -> dict[str, Any]:
    locks = "".join((ROOT / "layers" / layer / "requirements.txt").read_text() for layer in LAYERS)
    run = subprocess.run(
        [tools / "cyclonedx-py", "requirements", "--schema-version", SCHEMA, "--output-reproducible", "-"],
        input=locks, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if run.returncode:
        raise BillError(run.stderr.strip())
    made: dict[str, Any] = json.loads(run.stdout)
    return made


def _with_licence(component: dict[str, Any], package: Package) -> dict[str, Any]:
    told = {name: value for name, value in component.items() if name != "description"}  # the lock's own lines
    return {
        **told,
        "bom-ref": component["purl"],
        "licenses": [{"expression": package.licence}],
        "properties": _where(package.into),
    }


def _component(package: Package) -> dict[str, Any]:
    url = f"pkg:{package.ecosystem}/{quote(package.name, safe='/')}@{package.version}"
    hashes = {"hashes": [{"alg": "SHA-512", "content": package.sha512}]} if package.sha512 else {}
    return {
        "type": "library",
        "bom-ref": url,
        "name": package.name,
        "version": package.version,
        "purl": url,
        "licenses": [{"expression": package.licence}],
        "properties": _where(package.into),
        **hashes,
    }


def _own() -> Iterable[dict[str, Any]]:
    """Each folder of the desk's own that is zipped, with a digest of what is in it."""
    for folder in [
        ROOT / "layers/core/python",
        *sorted(path.parent for path in (ROOT / "functions").glob("*/__init__.py")),
    ]:
        name = folder.relative_to(ROOT).as_posix()
        digest = hashlib.sha256()
        for path in sorted(one for one in folder.rglob("*") if one.is_file() and one.suffix != ".pyc"):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
        yield {
            "type": "application",
            "bom-ref": name,
            "name": name,
            "hashes": [{"alg": "SHA-256", "content": digest.hexdigest()}],
            "properties": _where(name),
        }


def _where(into: str) -> list[dict[str, str]]:
    return [{"name": "contact-desk:ships-in", "value": into}]
