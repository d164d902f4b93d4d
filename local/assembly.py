"""Synthesis of the CDK app for this machine, and the cloud assembly that it leaves behind."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Mapping
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
    emulator runs functions on its own interpreter.
    """
    run = subprocess.run(
        [sys.executable, "-m", "infra.app"],
        cwd=REPOSITORY,
        env={
            **environ,
            "CDK_OUTDIR": str(folder),
            # Validation costs two thirds of a synthesis and has nothing to say of an emulator; `make check` has it on.
            "CDK_VALIDATION": "false",
            "DESK_BUNDLE": "host",
            "DESK_FORCE": force,
            "DESK_STAGE": stage,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise SynthesisError(f"synthesis failed:\n{run.stderr.strip() or run.stdout.strip()}")
    return read_assembly(folder)


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
