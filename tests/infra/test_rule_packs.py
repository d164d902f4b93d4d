"""The rule packs: no finding without a reason of its own, and no reason without a finding."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

import infra
from audit import findings
from infra import acknowledgements
from infra.app import build_app
from infra.console_stack import ConsoleStack
from infra.desk_stack import DeskStack
from tests.infra.assembly import Assembly

# Entries of CDK's own template check that are accepted, each with why. There is none.
ACCEPTED: dict[str, str] = {}


def test_the_validation_report_holds_nothing_that_is_not_listed_here(desk: Assembly) -> None:
    report = json.loads((desk.folder / "validation-report.json").read_text())
    entries = [
        violation["ruleName"]
        for plugin in report["pluginReports"]
        for violation in plugin.get("violations", [])
        if violation["ruleName"] not in ACCEPTED
    ]
    assert entries == []


def test_every_acknowledgement_answers_a_finding_on_its_own_resource(
    monkeypatch: pytest.MonkeyPatch, host_desk: Assembly, built_console: Path
) -> None:
    acknowledged: dict[tuple[str, str], str] = {}

    def note(construct: Any, finding: str, reason: str) -> None:
        acknowledged[construct.node.path, finding] = reason

    for module in _modules_that_acknowledge():
        monkeypatch.setattr(module, "acknowledge", note)
    # Its assets are there already, and it is never synthesised.
    app = build_app({**os.environ, "DESK_BUNDLE": "host"}, outdir=str(host_desk.folder))
    (own,) = (one for one in app.node.children if isinstance(one, DeskStack))
    assert ConsoleStack.beside(app, own, built=built_console, release=True)
    found = {
        (resource.construct_path, violation.rule_name)
        for pack in (AwsSolutionsChecks(app), ServerlessChecks(app))
        for violation in pack.validate_scope(app).violations
        for resource in violation.violating_resources
    }
    answered = {
        (path, finding)
        for path, finding in acknowledged
        if any(_answers(path, finding, each) for each in found)
    }
    assert acknowledged.keys() - answered == set()
    assert {each for each in found if not any(_answers(*key, each) for key in acknowledged)} == set()
    assert all(reason.endswith(".") and len(reason) > 40 for reason in acknowledged.values())


def test_the_audit_knows_of_each_function_where_its_failures_go(
    example_desk: Assembly, full_desk: Assembly
) -> None:
    """`make audit` would find it out, and takes minutes."""
    functions = {*example_desk.of_type("AWS::Lambda::Function"), *full_desk.of_type("AWS::Lambda::Function")}
    rule = [one for one in findings.acknowledged() if (one.tool, one.rule) == ("checkov", "CKV_AWS_116")]
    found = [findings.Finding("checkov", "CKV_AWS_116", name, "") for name in functions]
    assert [one.where for one in found if not any(each.answers(one) for each in rule)] == []


def _answers(path: str, finding: str, found: tuple[str | None, str]) -> bool:
    where, rule = found
    return where is not None and f"{where}/".startswith(f"{path}/") and rule == finding


def _modules_that_acknowledge() -> list[Any]:
    modules = [getattr(infra, name) for name in dir(infra)]
    return [
        module for module in modules if getattr(module, "acknowledge", None) is acknowledgements.acknowledge
    ]
