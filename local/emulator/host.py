"""Host MiniStack in this process, on one guarded loopback port, until SIGTERM.

Run by the emulator environment's own interpreter (`python -m local.emulator.host`), because MiniStack pins botocore
exactly and because its Lambda workers run on the interpreter that hosts them. A clean stop writes its state; anything
else loses what happened since the last one.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

ACCOUNT = "000000000000"
# MiniStack checks no signature of its root, so this is no secret; what protects it is the guard.
SECRET_ACCESS_KEY = "emulated"
# Workers inherit this process's environment: nothing of the shell's (profiles, tokens, proxies) may reach a handler.
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")


def emulator_environment(
    shell: Mapping[str, str], *, state: Path, port: int, region: str, enforce_iam: bool, bedrock_url: str = ""
) -> dict[str, str]:
    """Compose the whole environment of MiniStack and of every handler it runs.

    `shell` is the caller's environment, of which only `KEPT_VARIABLES` pass; `state` is a directory of our
    own; at `bedrock_url` stands what plays Amazon Bedrock, which MiniStack does not.
    """
    kept = {name: shell[name] for name in KEPT_VARIABLES if name in shell}
    return kept | {
        "AUTH": "true" if enforce_iam else "false",
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        **({"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock_url} if bedrock_url else {}),
        "BIND_HOST": "127.0.0.1",
        # No such socket: the emulator clears away containers where it finds a Docker daemon, and this one is not ours.
        "DOCKER_HOST": f"unix://{state / 'no-docker.sock'}",
        "GATEWAY_PORT": str(port),
        "HOME": str(state / "home"),
        "IOT_MTLS_ENABLED": "0",
        # A burst leaves a process of some 55 MB for each call that ran at the same time as another.
        "LAMBDA_WARM_TTL_SECONDS": "60",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_HOST": "localhost",
        "MINISTACK_REGION": region,
        "PERSIST_STATE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "S3_PERSIST": "1",
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(state / "records"),
        "TMPDIR": str(state / "tmp"),
    }


def prepare(state: Path) -> threading.Thread:
    """Make the state directories, with an empty temporary one: a stopped emulator leaves its handlers' code in it.

    Removing that takes seconds on a slow disk, so it is moved aside and the running thread that this gives removes it.
    """
    state.mkdir(parents=True, exist_ok=True)
    state.chmod(0o700)  # messages and secrets lie in it as they are
    left = state / "left"
    left.mkdir(exist_ok=True)
    with suppress(FileNotFoundError):
        (state / "tmp").rename(left / f"{time.time_ns()}")
    for name in ("home", "layers", "s3", "records", "tmp"):
        (state / name).mkdir(parents=True, exist_ok=True)
    removal = threading.Thread(
        target=shutil.rmtree, args=(left,), kwargs={"ignore_errors": True}, daemon=True
    )
    removal.start()
    return removal


async def serve(port: int) -> None:
    """Serve MiniStack behind the guard until SIGTERM or SIGINT, then let it save its state."""
    # Imported here: MiniStack reads its environment while it is imported.
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config
    from ministack.app import app

    from local.emulator.guard import guarded
    from local.emulator.schedules import count_from_the_start
    from local.emulator.shared_layers import share_layers
    from local.emulator.sparing import spare_processes
    from local.emulator.starting import with_starting

    share_layers(Path(os.environ["TMPDIR"]).with_name("layers"))
    spare_processes()
    count_from_the_start()

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    await hypercorn_serve(guarded(with_starting(app), port=port), config, shutdown_trigger=stop.wait)


def main() -> None:
    """Read the options, replace the environment and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--state", type=Path, required=True, help="directory for state, objects and temporary files"
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--bedrock-url", default="", help="what plays Amazon Bedrock")
    parser.add_argument(
        "--enforce-iam", action="store_true", help="refuse what a role's policies do not allow"
    )
    options = parser.parse_args()
    state = options.state.resolve()
    prepare(state)
    environment = emulator_environment(
        os.environ,
        state=state,
        port=options.port,
        region=options.region,
        enforce_iam=options.enforce_iam,
        bedrock_url=options.bedrock_url,
    )
    os.environ.clear()
    os.environ.update(environment)
    asyncio.run(serve(options.port))


if __name__ == "__main__":
    main()
