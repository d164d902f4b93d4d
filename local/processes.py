"""The processes of a local desk: started detached, found again by pid files, stopped only if we started them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil

from contact_desk.errors import ContactDeskError
from local.addresses import REPOSITORY

START_SECONDS = 120.0
# The emulator writes its whole state on a clean stop; with a long day behind it that takes seconds.
STOP_SECONDS = 45.0
POLL_SECONDS = 0.05

# Children of this very process, by pid: one that is waited for leaves no zombie behind.
_children: dict[int, subprocess.Popen[bytes]] = {}


class LocalProcessError(ContactDeskError):
    """A process of the local desk did not start, or did not stop in time; the message names its log."""


class AddressTakenError(LocalProcessError):
    """Something that we did not start already answers on a port that the desk needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A process to run: `health_url` answers 200 once it serves, `environment` is all that it inherits.

    `reads` are the files that it reads once, when it starts.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    health_url: str
    reads: tuple[Path, ...] = ()

    @property
    def fingerprint(self) -> str:
        """What a running process must have been started with to be this service."""
        digest = hashlib.sha256("\0".join(self.command).encode())
        for path in self.reads:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Processes:
    """The services whose pid files and logs are kept under `home`."""

    home: Path

    def log_of(self, name: str) -> Path:
        """Where a service's output goes; each start begins it anew."""
        return self.home / "logs" / f"{name}.log"

    def names(self) -> list[str]:
        """Every service that has a pid file, running or not."""
        return sorted(path.stem for path in (self.home / "run").glob("*.json"))

    def find(self, name: str) -> psutil.Process | None:
        """The service's process if it runs and is the very one that we started.

        A pid alone does not say that: numbers are used again. The start time beside it does.
        """
        try:
            record = json.loads(self._pid_file(name).read_text())
            process = psutil.Process(record["pid"])
            ours = process.create_time() == record["created"] and process.status() != psutil.STATUS_ZOMBIE
        except (OSError, ValueError, KeyError, psutil.NoSuchProcess):
            return None
        return process if ours else None

    def start(self, service: Service, *, deadline_seconds: float = START_SECONDS) -> psutil.Process:
        """Start a service and wait until it answers, unless it runs already just as it would be started.

        Raises AddressTakenError where something else answers at its address, LocalProcessError where it ends or stays
        silent past the deadline.
        """
        running = self.find(service.name)
        if running is not None and self._fingerprint_of(service.name) == service.fingerprint:
            self._await(service, running, deadline_seconds)
            return running
        self.stop(service.name)
        if _answers(service.health_url):
            raise AddressTakenError(f"{service.name}: something else already answers at {service.health_url}")
        log = self.log_of(service.name)
        for folder in (log.parent, self._pid_file(service.name).parent):
            folder.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            # A session of its own: Ctrl-C in the terminal that ran `make up` must not end the desk.
            child = subprocess.Popen(
                service.command,
                cwd=REPOSITORY,
                env=dict(service.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        process = psutil.Process(child.pid)
        _children[child.pid] = child
        record = {"pid": child.pid, "created": process.create_time(), "fingerprint": service.fingerprint}
        self._pid_file(service.name).write_text(json.dumps(record))
        try:
            self._await(service, process, deadline_seconds)
        except LocalProcessError:
            self._kill(service.name, process)
            raise
        return process

    def stop(self, name: str, *, deadline_seconds: float = STOP_SECONDS) -> bool:
        """Ask a service to stop and wait for it; gives whether it was running.

        Raises LocalProcessError where it outlives the deadline; it is then killed, and what it had not saved is lost.
        """
        process = self.find(name)
        if process is None:
            _reap()
            self._pid_file(name).unlink(missing_ok=True)
            return False
        process.terminate()
        _, alive = psutil.wait_procs([process], timeout=deadline_seconds)
        self._kill(name, process)
        if alive:
            raise LocalProcessError(f"{name} did not stop within {deadline_seconds:.0f} s and was killed")
        return True

    def _kill(self, name: str, process: psutil.Process) -> None:
        with suppress(psutil.NoSuchProcess):
            process.kill()
        if child := _children.pop(process.pid, None):
            child.wait()
        self._pid_file(name).unlink(missing_ok=True)

    def _pid_file(self, name: str) -> Path:
        return self.home / "run" / f"{name}.json"

    def _fingerprint_of(self, name: str) -> str | None:
        fingerprint: str | None = json.loads(self._pid_file(name).read_text()).get("fingerprint")
        return fingerprint

    def _await(self, service: Service, process: psutil.Process, deadline_seconds: float) -> None:
        def answers() -> bool:
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                raise LocalProcessError(f"{service.name} ended at once{self._last_words(service.name)}")
            # What answers may be another desk's, started at the same moment: ours then finds its port taken and ends.
            return listens(process, service.health_url) and _answers(service.health_url)

        if not wait_until(answers, deadline_seconds=deadline_seconds):
            raise LocalProcessError(
                f"{service.name} did not answer within {deadline_seconds:.0f} s"
                f"{self._last_words(service.name)}"
            )

    def _last_words(self, name: str) -> str:
        log = self.log_of(name)
        lines = log.read_text(errors="replace").strip().splitlines()[-1:] if log.exists() else []
        return f" ({log}{': ' + lines[0] if lines else ''})"


def _reap() -> None:
    """Forget the children that have ended by themselves."""
    for pid in [pid for pid, child in _children.items() if child.poll() is not None]:
        del _children[pid]


def wait_until(holds: Callable[[], bool], *, deadline_seconds: float) -> bool:
    """Ask again and again until it holds; gives False once the deadline has passed."""
    deadline = time.monotonic() + deadline_seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def listens(process: psutil.Process, url: str) -> bool:
    """Whether it is this process that takes connections at the URL's port."""
    port = urlsplit(url).port
    with suppress(psutil.NoSuchProcess):
        return any(
            connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
            for connection in process.net_connections(kind="tcp")
        )
    return False


def _answers(url: str) -> bool:
    try:
        # Proxies of the shell have no business on loopback.
        with httpx.Client(trust_env=False, timeout=5) as client:
            return client.get(url).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
