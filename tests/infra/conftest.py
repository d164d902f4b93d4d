"""Four syntheses, each made once: AWS's and that of everything with every check on, this machine's, another force's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

# Before anything of CDK: this chooses the node that CDK runs on.
import infra  # noqa: F401
from infra.app import build_app
from infra.checks import add_rule_packs
from infra.console_stack import ConsoleStack
from infra.desk_stack import DeskStack
from tests.infra.assembly import Assembly
from tests.infra.everything import with_everything

ROOT = Path(__file__).parents[2]
DESK_VARIABLES = ("CDK_", "DESK_")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            # The first test waits for the syntheses, which on a busy machine take minutes.
            item.add_marker(pytest.mark.timeout(400))


def synthesis(folder: Path, **variables: str) -> subprocess.Popen[str]:
    """Start `python -m infra.app` with these variables and no others of the desk's or of CDK's."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(DESK_VARIABLES)}
    return subprocess.Popen(
        [sys.executable, "-m", "infra.app"],
        cwd=ROOT,
        env={**inherited, "CDK_VALIDATION": "false", "DESK_CDK_OUT": str(folder), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


class Syntheses:
    """The quick syntheses, which run in processes of their own while the checked one runs in this one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host_run = synthesis(folder / "host", DESK_BUNDLE="host")
        self.example_run = synthesis(
            folder / "example", DESK_BUNDLE="host", DESK_FORCE="example", DESK_STAGE="live"
        )

    def finished(self, run: subprocess.Popen[str], name: str) -> Assembly:
        output, _ = run.communicate()
        assert run.returncode == 0, output
        return Assembly(self.folder / name)


@pytest.fixture(scope="session")
def syntheses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Syntheses]:
    started = Syntheses(tmp_path_factory.mktemp("assemblies"))
    yield started
    for run in (started.host_run, started.example_run):
        with run:
            run.kill()


@pytest.fixture(scope="session")
def built_console(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make console` builds, as far as the stack that lays it out is concerned."""
    folder = tmp_path_factory.mktemp("console")
    (folder / "assets").mkdir()
    (folder / "assets/main.js").write_text("1")
    (folder / "index.html").write_text("<!doctype html>")
    return folder


@pytest.fixture(scope="session")
def desk(syntheses: Syntheses, built_console: Path) -> Assembly:
    """The desk as it goes to AWS: both rule packs and CDK's own check have passed, or there is no assembly."""
    folder = syntheses.folder / "desk"
    app = build_app({**os.environ, "DESK_BUNDLE": "lambda"}, outdir=str(folder))
    (own,) = (one for one in app.node.children if isinstance(one, DeskStack))
    ConsoleStack.beside(app, own, built=built_console, release=True)
    add_rule_packs(app)
    app.synth()
    return Assembly(folder)


@pytest.fixture(scope="session")
def host_desk(syntheses: Syntheses, desk: Assembly) -> Assembly:
    """The same desk, bundled for this machine."""
    return syntheses.finished(syntheses.host_run, "host")


@pytest.fixture(scope="session")
def example_desk(syntheses: Syntheses, desk: Assembly) -> Assembly:
    """The desk of another force, at a stage that is not a trial."""
    return syntheses.finished(syntheses.example_run, "example")


@pytest.fixture(scope="session")
def full_desk(syntheses: Syntheses) -> Assembly:
    """A live desk with everything that settings can ask for, in a landing zone, with every check on."""
    folder = syntheses.folder / "full"
    with (
        patch("infra.app.load_force_file", with_everything),
        patch("infra.desk_stack.load_force_file", with_everything),
    ):
        app = build_app({**os.environ, "DESK_BUNDLE": "host", "DESK_STAGE": "live"}, outdir=str(folder))
        add_rule_packs(app)
        app.synth()
    return Assembly(folder)
