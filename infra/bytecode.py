"""Bytecode for the interpreter that will run the code, made where such an interpreter is found.

The code folder is read-only on Lambda, so what ships without bytecode is compiled again at every cold start.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from contact_desk.errors import ContactDeskError

LAMBDA_VERSION = (3, 13)
INTERPRETER_VARIABLE = "DESK_TARGET_PYTHON"


class BytecodeError(ContactDeskError):
    """The code does not compile, or a release lacks the interpreter that compiles it."""


@dataclass(frozen=True, slots=True)
class Compiler:
    """An interpreter that makes bytecode; `cache_tag` is its part of the file names, such as `cpython-313`."""

    python: Path
    cache_tag: str

    def compile(self, folder: Path, *, runs_in: str) -> None:
        """Put bytecode beside every module of the folder, which will lie at `runs_in` when it runs.

        The bytecode is never checked against its source, so that the file times of a zip do not matter. Raises
        BytecodeError where a module does not compile.
        """
        command = [str(self.python), "-I", "-m", "compileall", "-q", "-j", "0"]
        placement = ["--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", runs_in]
        done = subprocess.run(
            [*command, *placement, str(folder)], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise BytecodeError(
                f"{self.python.name} cannot compile {folder.name}:\n{done.stdout}{done.stderr}"
            )


def running_compiler() -> Compiler:
    """The interpreter that runs this code, for bundles that the same interpreter will run."""
    return Compiler(Path(sys.executable), str(sys.implementation.cache_tag))


def lambda_compiler(environ: Mapping[str, str]) -> Compiler | None:
    """An interpreter of Lambda's version, or None where this machine has none.

    Looked for in DESK_TARGET_PYTHON, in the one that runs this, on the path, and where pyenv and uv keep theirs.
    """
    if sys.version_info[:2] == LAMBDA_VERSION:
        return running_compiler()
    for candidate in _candidates(environ):
        if (cache_tag := _cache_tag_of(candidate)) == f"cpython-{''.join(map(str, LAMBDA_VERSION))}":
            return Compiler(candidate, cache_tag)
    return None


def _candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    version = ".".join(map(str, LAMBDA_VERSION))
    if named := environ.get(INTERPRETER_VARIABLE):
        yield Path(named)
    if found := shutil.which(f"python{version}", path=environ.get("PATH")):
        yield Path(found)
    home = Path(environ.get("HOME", "~")).expanduser()
    pyenv = Path(environ.get("PYENV_ROOT", home / ".pyenv"))
    yield from sorted(pyenv.glob(f"versions/{version}*/bin/python{version}"))
    yield from sorted((home / ".local/share/uv/python").glob(f"cpython-{version}*/bin/python{version}"))


def _cache_tag_of(python: Path) -> str | None:
    # A pyenv shim exists for versions that are not switched on, and fails when run: only an answer counts.
    try:
        answer = subprocess.run(
            [str(python), "-I", "-c", "import sys; print(sys.implementation.cache_tag)"],
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None
