"""Processes are started once, found again, and stopped only where they are ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local import processes
from local.processes import AddressTakenError, LocalProcessError, Processes, Service

WAITS = (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)")
ENDS = (sys.executable, "-c", "raise SystemExit('no licence to serve')")
DEAF = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)",
)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Processes]:
    kept = Processes(tmp_path)
    # A service answers here once it has written to its log: no socket is needed to tell.
    monkeypatch.setattr(
        processes, "_answers", lambda url: "up" in Path(url).read_text() if Path(url).exists() else False
    )
    monkeypatch.setattr(processes, "listens", lambda _process, _url: True)
    yield kept
    for name in kept.names():
        kept.stop(name)


def service(kept: Processes, command: tuple[str, ...] = WAITS) -> Service:
    return Service(
        name="it", command=command, environment={"PATH": os.defpath}, health_url=str(kept.log_of("it"))
    )


def test_a_started_process_is_found_again_and_not_started_twice(kept: Processes) -> None:
    started = kept.start(service(kept))

    assert Processes(kept.home).find("it") == started
    assert kept.start(service(kept)) == started


def test_another_command_takes_the_place_of_the_running_one(kept: Processes) -> None:
    first = kept.start(service(kept))
    kept.log_of("it").unlink()
    second = kept.start(service(kept, (*WAITS, "--other")))

    assert not first.is_running()
    assert second.is_running()


def test_a_changed_file_that_it_reads_starts_it_anew(kept: Processes, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens.json"
    tokens.write_text("{}")
    reader = replace(service(kept), reads=(tokens,))
    first = kept.start(reader)
    again = kept.start(reader)
    tokens.write_text('{"page": "token"}')
    kept.log_of("it").unlink()

    assert again == first
    assert kept.start(reader) != first


def test_what_ends_at_once_is_an_error_with_its_last_words(kept: Processes) -> None:
    with pytest.raises(LocalProcessError, match="no licence to serve"):
        kept.start(service(kept, ENDS))


def test_a_silent_one_is_given_up_after_its_deadline(kept: Processes) -> None:
    silent = (sys.executable, "-c", "import time; time.sleep(600)")

    with pytest.raises(LocalProcessError, match="did not answer"):
        kept.start(service(kept, silent), deadline_seconds=0.2)


def test_an_address_that_somebody_else_serves_is_left_alone(kept: Processes) -> None:
    kept.log_of("it").parent.mkdir(parents=True)
    kept.log_of("it").write_text("up")

    with pytest.raises(AddressTakenError):
        kept.start(service(kept))
    assert kept.find("it") is None


def test_stopping_waits_until_it_has_ended(kept: Processes) -> None:
    started = kept.start(service(kept))

    assert kept.stop("it")
    assert not started.is_running()
    assert kept.names() == []
    assert not kept.stop("it")


def test_one_that_does_not_stop_is_killed_and_said_to_have_been(kept: Processes) -> None:
    started = kept.start(service(kept, DEAF))

    with pytest.raises(LocalProcessError, match="was killed"):
        kept.stop("it", deadline_seconds=0.2)
    assert not started.is_running()


def test_one_that_died_by_itself_is_forgotten(kept: Processes) -> None:
    died = kept.start(service(kept))
    died.kill()
    died.wait()

    assert not kept.stop("it")
    assert died.pid not in processes._children


def test_a_process_that_merely_has_the_number_is_not_ours(kept: Processes) -> None:
    stranger = subprocess.Popen(WAITS, stdout=subprocess.DEVNULL)
    try:
        (kept.home / "run").mkdir()
        record = {"pid": stranger.pid, "created": 1.0, "fingerprint": ""}
        (kept.home / "run" / "it.json").write_text(json.dumps(record))

        assert kept.find("it") is None
        assert not kept.stop("it")
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
