"""Templates of a live desk, synthesised here: as a force file has it, and with everything that settings can ask for."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

# Before anything of CDK: this chooses the node that CDK runs on.
import infra  # noqa: F401
from infra.app import build_app
from infra.console_stack import ConsoleStack
from infra.desk_stack import DeskStack
from tests.infra.everything import with_everything


def synthesised(folder: Path, *, force: str, stage: str, everything: bool = False) -> list[Path]:
    """The templates of the stacks of one desk, written into the folder.

    With `everything` the stage has an edge, a second reader and a landing zone's settings, whatever its file says. The
    operators' screen is a made-up one: its stack is what counts here.
    """
    variables = {
        "DESK_BUNDLE": "host",
        "DESK_FORCE": force,
        "DESK_STAGE": stage,
        "CDK_VALIDATION": "false",
    }
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, variables))
        if everything:
            for module in ("infra.app", "infra.desk_stack"):
                stack.enter_context(patch(f"{module}.load_force_file", with_everything))
        app = build_app(os.environ, outdir=str(folder))
        (desk,) = (one for one in app.node.children if isinstance(one, DeskStack))
        ConsoleStack.beside(app, desk, built=_screen(folder / "screen"), release=True)
        app.synth()
    return sorted(folder.glob("*.template.json"))


def _screen(folder: Path) -> Path:
    (folder / "assets").mkdir(parents=True, exist_ok=True)
    (folder / "assets/main.js").write_text("1")
    (folder / "index.html").write_text("<!doctype html>")
    return folder
