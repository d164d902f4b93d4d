"""Audit what is to be released: `make audit`, or `python -m audit`.

Each step says what it looked at and what is left to explain; the exit code is 1 where anything is. `acknowledged.toml`
has what tools find and the desk accepts. The bill of materials and the list of licences are left in `build/audit`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from audit.bill import bill, licence_list
from audit.findings import Finding, acknowledged, judge, of_cfn_lint, of_checkov, of_zizmor
from audit.shipped import rules, shipped
from contact_desk.errors import ContactDeskError
from infra.assets import ROOT

TOOLS = ROOT / ".venv-audit/bin"
LEFT = ROOT / "build/audit"
FORCE, STAGE = "merseyside", "live"


class ToolError(ContactDeskError):
    """A tool did not do its work."""


def main() -> int:
    """Run every step; gives the exit code."""
    LEFT.mkdir(parents=True, exist_ok=True)
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for step in (materials, lambda: templates_and_workflows(Path(folder))):
            try:
                problems = step()
            except ContactDeskError as error:
                problems = [f"{type(error).__name__}: {error}"]
            for problem in problems:
                print(f"    {problem}")
            bad += len(problems)
    print(f"==> {bad} to explain" if bad else "==> nothing left to explain")
    return 1 if bad else 0


def materials() -> list[str]:
    """The bill of materials and the licences; gives what may not ship."""
    known = rules()
    packages = shipped(known)
    (LEFT / "contact-desk.cdx.json").write_text(bill(packages, tools=TOOLS))
    (LEFT / "licences.txt").write_text(licence_list(packages))
    print(f"==> {len(packages)} packages of others ship; {LEFT.relative_to(ROOT)} has the bill of materials")
    return [
        f"{one.name} {one.version}: {one.licence} may not ship"
        for one in packages
        if not known.permits(one.licence)
    ]


def templates_and_workflows(folder: Path) -> list[str]:
    """What checkov, cfn-lint and zizmor find that nobody has accepted, and acceptances that are stale."""
    # Imported here: CDK takes a while, and a mistake among the materials should not wait for it.
    from audit.assemblies import synthesised

    plain = synthesised(folder / "plain", force=FORCE, stage=STAGE)
    full = synthesised(folder / "full", force=FORCE, stage=STAGE, everything=True)
    templates = [*plain, *full]
    workflows = ROOT / ".github/workflows"
    found = [
        *_told("checkov", checkov(templates), of_checkov),
        *_told("cfn-lint", cfn_lint(templates), of_cfn_lint),
        *_told(
            "zizmor",
            [TOOLS / "zizmor", "--offline", "--no-progress", "--persona=auditor", "--format=json", workflows],
            of_zizmor,
        ),
    ]
    accepted = acknowledged()
    verdict = judge(found, accepted)
    print(
        f"==> {len(set(found))} findings in {len(templates)} templates and the workflows, "
        f"{len(set(found)) - len(verdict.open)} of them accepted"
    )
    return [
        *(f"{one.tool} {one.rule} {one.where}: {one.says}" for one in verdict.open),
        *(f"acknowledged, and not found any more: {one}" for one in verdict.stale),
    ]


def checkov(templates: Iterable[Path]) -> list[str | Path]:
    """The command; without `--skip-download` it would look for the rules of a service that nobody here has."""
    files: list[str | Path] = [part for path in templates for part in ("--file", path)]
    return [
        TOOLS / "checkov",
        *files,
        "--framework=cloudformation",
        "--skip-download",
        "--compact",
        "--quiet",
        "--output=json",
    ]


def cfn_lint(templates: Iterable[Path]) -> list[str | Path]:
    """The command; regions are those that the stacks are for."""
    return [TOOLS / "cfn-lint", "--format=json", "--regions", "eu-west-2", "us-east-1", "--", *templates]


def _told(name: str, command: Sequence[str | Path], read: Callable[[str], list[Finding]]) -> list[Finding]:
    began = time.monotonic()
    # The exit code of each says whether it found something; what it could not do, it says on the other channel.
    run = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, check=False,
        env={**os.environ, "LOG_LEVEL": "ERROR", "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    try:
        findings = read(run.stdout)
    except (ValueError, KeyError, TypeError) as error:
        raise ToolError(
            f"{name} ended with {run.returncode}: {run.stderr.strip()[-2000:] or error!r}"
        ) from None
    print(f"==> {name}: {len(set(findings))} findings in {time.monotonic() - began:.0f} s")
    return findings


if __name__ == "__main__":
    sys.exit(main())
