"""Synthesis of the CDK app for this machine, and the cloud assembly that it leaves behind."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from contact_desk.errors import ContactDeskError
from local.addresses import REPOSITORY

Template = dict[str, Any]

# Present in the desk stack and in no other: stacks of what only AWS can run are left out of a local deploy.
DESK_STACK_OUTPUT = "TableName"
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)

# What the app and its code assets are made of; the import rules keep it from anything else of this repository.
MADE_OF = ("cdk.json", "forces", "functions", "infra", "layers", "requirements/dev.txt")
NOT_OURS = {"__pycache__", "node_modules"}
MADE_FROM = "made-from"


class SynthesisError(ContactDeskError):
    """The CDK app refused to synthesise, or its assembly holds no desk stack; the message carries what it said."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file or folder that the template refers to by `object_key`; a folder travels as a zip."""

    path: Path
    object_key: str
    zipped: bool

    def read(self) -> bytes:
        """The bytes to upload; the same folder always gives the same ones."""
        if not self.zipped:
            return self.path.read_bytes()
        archive = BytesIO()
        # Stored, not squeezed: the emulator unpacks it for every process of every function.
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as zipped:
            for file in sorted(path for path in self.path.rglob("*") if path.is_file()):
                entry = zipfile.ZipInfo(file.relative_to(self.path).as_posix(), ZIP_EPOCH)
                entry.external_attr = (0o100000 | (file.stat().st_mode & 0o777)) << 16
                zipped.writestr(entry, file.read_bytes())
        return archive.getvalue()


@dataclass(frozen=True, slots=True)
class DeskAssembly:
    """The desk stack of a cloud assembly: its name, its template and the assets that it refers to."""

    stack_name: str
    template: Template
    assets: tuple[Asset, ...]


def synthesise(folder: Path, *, force: str, stage: str, environ: Mapping[str, str]) -> DeskAssembly:
    """Synthesise the app with its functions bundled for this host; raises SynthesisError with the app's own words.

    The template is the one that AWS gets: `DESK_BUNDLE=host` only chooses which wheels fill the vendor layer, since the
    emulator runs functions on its own interpreter. What the folder holds already is taken as it is where nothing has
    changed that it was made from.
    """
    environment = {
        **environ,
        "CDK_OUTDIR": str(folder),
        # Validation costs two thirds of a synthesis and has nothing to say of an emulator; `make check` has it on.
        "CDK_VALIDATION": "false",
        "DESK_BUNDLE": "host",
        "DESK_FORCE": force,
        "DESK_STAGE": stage,
    }
    note, made_from = folder / MADE_FROM, fingerprint(environment)
    if not note.is_file() or note.read_text() != made_from:
        # Whatever comes in between, a note never stands beside an assembly of something else.
        note.unlink(missing_ok=True)
        _run(environment)
        note.write_text(made_from)
    return read_assembly(folder)


def fingerprint(environment: Mapping[str, str]) -> str:
    """One digest of what a synthesis hangs on: files, interpreter, our own variables and CDK's."""
    digest = hashlib.sha256(sys.version.encode())
    for name in sorted(environment):
        if name.startswith(("CDK_", "DESK_")):
            digest.update(f"\n{name}={environment[name]}".encode())
    for path in sources():
        content = path.read_bytes()
        digest.update(f"\n{path.relative_to(REPOSITORY).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def sources() -> Iterator[Path]:
    """Every file that the app and its assets are made of."""
    for name in MADE_OF:
        top = REPOSITORY / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and not NOT_OURS & set(path.parts):
                yield path


def _run(environment: Mapping[str, str]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "infra.app"],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise SynthesisError(f"synthesis failed:\n{run.stderr.strip() or run.stdout.strip()}")


def read_assembly(folder: Path) -> DeskAssembly:
    """Read the desk stack out of a cloud assembly; raises SynthesisError where there is none."""
    artifacts: dict[str, Any] = json.loads((folder / "manifest.json").read_text())["artifacts"]
    for artifact in artifacts.values():
        if artifact["type"] != "aws:cloudformation:stack":
            continue
        template: Template = json.loads((folder / artifact["properties"]["templateFile"]).read_text())
        if DESK_STACK_OUTPUT in template.get("Outputs", {}):
            name = artifact["properties"].get("stackName") or artifact["displayName"]
            manifests = [
                artifacts[dependency]
                for dependency in artifact.get("dependencies", ())
                if artifacts[dependency]["type"] == "cdk:asset-manifest"
            ]
            assets = [
                asset for manifest in manifests for asset in _assets(folder, manifest["properties"]["file"])
            ]
            return DeskAssembly(name, template, tuple(assets))
    raise SynthesisError(f"{folder} holds no stack with an output {DESK_STACK_OUTPUT}")


def _assets(folder: Path, manifest: str) -> list[Asset]:
    files: dict[str, Any] = json.loads((folder / manifest).read_text())["files"]
    assets = []
    for file in files.values():
        source = file["source"]
        # The template itself is listed too; it travels by its own way.
        if source["path"].endswith(".template.json"):
            continue
        assets += [
            Asset(folder / source["path"], destination["objectKey"], source["packaging"] == "zip")
            for destination in file["destinations"].values()
        ]
    return assets
