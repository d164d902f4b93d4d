"""The emulator as a service of the local desk, and the worker processes in which it runs the functions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import psutil

from local.addresses import REGION, REPOSITORY, Addresses
from local.emulator.host import KEPT_VARIABLES
from local.processes import Service

NAME = "emulator"
WORKER_SCRIPT = "_worker.py"
WORKER_FOLDER_PREFIX = "ministack-lambda-"


def emulator_service(addresses: Addresses, *, enforce_iam: bool, environ: Mapping[str, str]) -> Service:
    """Describe the emulator's process; `DESK_EMULATOR_PYTHON` names another interpreter than set-up's own."""
    interpreter = environ.get("DESK_EMULATOR_PYTHON") or str(REPOSITORY / ".venv-emulator" / "bin" / "python")
    state = addresses.home / "emulator"
    options = ["--state", str(state), "--port", str(addresses.emulator_port), "--region", REGION]
    options += ["--bedrock-url", f"{addresses.platforms_url}/bedrock"]
    return Service(
        name=NAME,
        command=(
            interpreter,
            "-m",
            "local.emulator.host",
            *options,
            *(["--enforce-iam"] if enforce_iam else []),
        ),
        environment={name: environ[name] for name in KEPT_VARIABLES if name in environ},
        health_url=f"{addresses.emulator_url}/_ministack/health",
    )


def worker_pids(host_pid: int) -> dict[str, list[int]]:
    """The processes in which functions run now, by function name.

    The emulator keeps one for every invocation that ran at the same time as another of the same function.
    """
    workers: dict[str, list[int]] = {}
    for child in psutil.Process(host_pid).children():
        try:
            command = child.cmdline()
        except psutil.NoSuchProcess:
            continue
        script = Path(command[-1]) if command else Path()
        if script.name == WORKER_SCRIPT and script.parent.name.startswith(WORKER_FOLDER_PREFIX):
            function = script.parent.name.removeprefix(WORKER_FOLDER_PREFIX).rpartition("-")[0]
            workers.setdefault(function, []).append(child.pid)
    return workers
