"""Synthesises the desk: `python -m infra.app`, or through the CDK command line.

Force and stage come from the context (`-c force=merseyside -c stage=dev`), else from DESK_FORCE and DESK_STAGE; the
stage's rules from the force file, of which `-c shift=at_once` or DESK_SHIFT sets one aside for one deploy.
The code assets are made for DESK_BUNDLE (`lambda`, or `host` for the local desk) into DESK_CDK_OUT (`cdk.out`
unless set). What watches the desk, the edge where the stage has a domain, and what `make console` built are stacks
beside the desk's, for AWS alone. DESK_NAG=1 adds the cdk-nag packs; CDK_VALIDATION=false leaves CDK's own template
check out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

import aws_cdk as cdk

from contact_desk.errors import ContactDeskError
from contact_desk.force_file import load_force_file
from contact_desk.stage_rules import Shift
from infra.assets import ROOT, Bundles, BundleTarget
from infra.console_stack import ConsoleStack
from infra.desk_stack import DeskStack
from infra.edge_stack import EdgeStack
from infra.stage import Stage
from infra.watch_stack import WatchStack

DEFAULT_FORCE = "merseyside"
DEFAULT_STAGE = "dev"


class ShiftNameError(ContactDeskError):
    """There is no such way for a new version to take over."""


def build_app(environ: Mapping[str, str], *, outdir: str | None = None) -> cdk.App:
    """The app with the desk and what watches it, not yet synthesised.

    Raises ForceFileError where the force file is absent or wrong, and the errors of `Stage.named` and
    `Bundles.from_environment`.
    """
    app, _ = _build(environ, outdir=outdir)
    return app


def _build(environ: Mapping[str, str], *, outdir: str | None) -> tuple[cdk.App, DeskStack]:
    app = cdk.App(context=_feature_flags(), outdir=outdir, analytics_reporting=False, stack_traces=False)
    force = _choice(app, environ, "force", DEFAULT_FORCE)
    stage = _choice(app, environ, "stage", DEFAULT_STAGE)
    shift = _choice(app, environ, "shift", "")
    rules = load_force_file(ROOT / "forces" / f"{force}.toml").stages.get(stage)
    bundles = Bundles.from_environment(environ)
    at = Stage.named(stage, rules, shift=_shift_named(shift) if shift else None)
    edge = EdgeStack(app, force=force, stage=at, edge=at.rules.edge) if at.rules.edge else None
    desk = DeskStack(app, stage=at, force=force, bundles=bundles, edge=edge)
    WatchStack(app, desk)
    return app, desk


def main(environ: Mapping[str, str]) -> None:
    """Synthesise; raises SystemExit with the message alone for mistakes in the force file or the environment."""
    outdir = environ.get("DESK_CDK_OUT") or environ.get("CDK_OUTDIR") or str(ROOT / "cdk.out")
    try:
        app, desk = _build(environ, outdir=outdir)
        if environ.get("DESK_BUNDLE") != BundleTarget.HOST:
            ConsoleStack.beside(
                app, desk, built=ROOT / "build/console", release=environ.get("DESK_RELEASE") == "1"
            )
    except ContactDeskError as error:
        raise SystemExit(str(error)) from None
    if environ.get("DESK_NAG") == "1":
        # Imported here: loading the packs costs more than the rest of a quick synthesis.
        from infra.checks import add_rule_packs

        add_rule_packs(app)
    app.synth()


def _feature_flags() -> dict[str, object]:
    """The context of cdk.json, which only the CDK command line would load by itself."""
    context: dict[str, object] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return context


def _shift_named(name: str) -> Shift:
    try:
        return Shift(name)
    except ValueError:
        raise ShiftNameError(f"shift {name!r}: one of {', '.join(Shift)}") from None


def _choice(app: cdk.App, environ: Mapping[str, str], name: str, default: str) -> str:
    return str(app.node.try_get_context(name) or environ.get(f"DESK_{name.upper()}") or default)


if __name__ == "__main__":
    main(os.environ)
