"""What goes into the zips: a function's own folder with the force file, the core layer, the vendor layer. No Docker.

The template is the same for either target; only the assets' hashes differ.
"""

from __future__ import annotations

import hashlib
import shutil
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_

from contact_desk.errors import ContactDeskError
from infra import bytecode, vendor_layer
from infra.bytecode import BytecodeError, Compiler

ROOT = Path(__file__).resolve().parents[1]
NOT_SHIPPED = shutil.ignore_patterns("__pycache__", "*.pyc")


class BundleTarget(StrEnum):
    """Where the code will run: on Lambda, or under this machine's own interpreter."""

    LAMBDA = "lambda"
    HOST = "host"


class BundleTargetError(ContactDeskError):
    """DESK_BUNDLE names no target."""


@dataclass(frozen=True, slots=True)
class Bundles:
    """Makes the code assets for one target; without a `compiler` they carry no bytecode."""

    target: BundleTarget
    compiler: Compiler | None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Bundles:
        """The target that DESK_BUNDLE names (`lambda` unless set).

        Raises BundleTargetError for any other name, and BytecodeError where DESK_RELEASE=1 and this machine has no
        interpreter of Lambda's version.
        """
        name = environ.get("DESK_BUNDLE") or BundleTarget.LAMBDA
        if name not in list(BundleTarget):
            raise BundleTargetError(f"DESK_BUNDLE={name}: allowed are {', '.join(BundleTarget)}")
        target = BundleTarget(name)
        if target is BundleTarget.HOST:
            return cls(target, bytecode.running_compiler())
        compiler = bytecode.lambda_compiler(environ)
        if compiler is None and environ.get("DESK_RELEASE") == "1":
            version = ".".join(map(str, bytecode.LAMBDA_VERSION))
            raise BytecodeError(
                f"a release ships bytecode: install Python {version}, or name one in {bytecode.INTERPRETER_VARIABLE}"
            )
        return cls(target, compiler)

    def function_code(self, folder: str, force_file: str) -> lambda_.Code:
        """The zip of functions/<folder>: that folder alone, under its own name, and the force file."""
        source = ROOT / "functions" / folder
        force = ROOT / force_file

        def build(output: Path) -> None:
            shutil.copytree(source, output / "functions" / folder, ignore=NOT_SHIPPED)
            (output / force_file).parent.mkdir(parents=True)
            shutil.copy(force, output / force_file)
            self._compile(output, runs_in="/var/task")

        return self._code(source, build, inputs=[*_files(source), force])

    def core_layer(self) -> lambda_.Code:
        """The layer of the domain, which lies in the repository as it does in the layer."""
        source = ROOT / "layers/core"

        def build(output: Path) -> None:
            shutil.copytree(source / "python", output / "python", ignore=NOT_SHIPPED)
            self._compile(output, runs_in="/opt")

        return self._code(source, build, inputs=list(_files(source / "python")))

    def vendor_layer(self) -> lambda_.Code:
        """The layer of the pinned libraries, for the target's platform."""
        return self._libraries("vendor")

    def triage_layer(self) -> lambda_.Code:
        """The layer of what triage alone needs to read, for the target's platform."""
        return self._libraries("triage")

    def _libraries(self, name: str) -> lambda_.Code:
        source = ROOT / "layers" / name
        requirements = source / "requirements.txt"
        on_lambda = self.target is BundleTarget.LAMBDA

        def build(output: Path) -> None:
            vendor_layer.install_vendor(
                output / "python",
                requirements=requirements,
                wheels=ROOT / ".wheels" / self.target,
                platform=vendor_layer.LAMBDA_PLATFORM if on_lambda else (),
            )
            self._compile(output, runs_in="/opt")

        return self._code(source, build, inputs=[requirements])

    def _compile(self, output: Path, *, runs_in: str) -> None:
        if self.compiler is not None:
            self.compiler.compile(output, runs_in=runs_in)

    def _code(self, source: Path, build: Callable[[Path], None], *, inputs: list[Path]) -> lambda_.Code:
        recipe = [Path(__file__), Path(bytecode.__file__), Path(vendor_layer.__file__)]
        platform = (
            sysconfig.get_platform() if self.target is BundleTarget.HOST else lambda_.Architecture.ARM_64.name
        )
        cache_tag = self.compiler.cache_tag if self.compiler else "no bytecode"
        return lambda_.Code.from_asset(
            str(source),
            asset_hash=_fingerprint([*recipe, *inputs], facts=(self.target, platform, cache_tag)),
            bundling=cdk.BundlingOptions(
                # CDK asks for an image; it is never pulled, since the local bundling below always answers.
                image=cdk.DockerImage.from_registry("not-used"),
                local=_LocalBundling(build),
            ),
        )


@jsii.implements(cdk.ILocalBundling)
class _LocalBundling:
    def __init__(self, build: Callable[[Path], None]) -> None:
        self._build = build

    def try_bundle(self, output_dir: str, *, image: cdk.DockerImage, **_options: Any) -> bool:
        """Build into the folder; True tells CDK that no image is needed."""
        del image
        self._build(Path(output_dir))
        return True


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc":
            yield path


def _fingerprint(files: list[Path], *, facts: tuple[str, ...]) -> str:
    digest = hashlib.sha256("\n".join(facts).encode())
    for path in files:
        content = path.read_bytes()
        digest.update(f"\n{path.relative_to(ROOT).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
