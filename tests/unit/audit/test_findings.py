"""What tools find against what the desk accepts: nothing unexplained, and no explanation without a finding."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audit.findings import (
    Acknowledgement,
    AcknowledgementError,
    Finding,
    acknowledged,
    judge,
    of_cfn_lint,
    of_checkov,
    of_zizmor,
)

REASON = "Here it is as it should be, for a reason that takes a sentence."
ON_TRIAGE = Finding("checkov", "CKV_AWS_117", "Triage", "inside a VPC")
ON_NOTIFY = Finding("checkov", "CKV_AWS_117", "Notify", "inside a VPC")


def accepted(*where: str, rule: str = "CKV_AWS_117", tool: str = "checkov") -> Acknowledgement:
    return Acknowledgement(tool, rule, where, REASON)


def test_a_finding_is_open_until_it_is_accepted_where_it_lies() -> None:
    assert judge([ON_TRIAGE, ON_NOTIFY], [accepted("Tri*")]).open == (ON_NOTIFY,)
    assert judge([ON_TRIAGE, ON_NOTIFY], [accepted("*")]).clean


@pytest.mark.parametrize(
    "other", [accepted("Triage", rule="CKV_AWS_116"), accepted("Triage", tool="cfn-lint"), accepted("triage")]
)
def test_another_rule_tool_or_place_answers_nothing(other: Acknowledgement) -> None:
    verdict = judge([ON_TRIAGE], [other])
    assert verdict.open == (ON_TRIAGE,)
    assert verdict.stale


def test_an_acceptance_without_a_finding_is_stale_place_by_place() -> None:
    verdict = judge([ON_TRIAGE], [accepted("Triage", "Notify")])
    assert verdict.open == ()
    assert verdict.stale == ("checkov CKV_AWS_117 Notify",)
    assert not verdict.clean


def test_the_desks_own_list_has_a_reason_for_each_rule_and_place() -> None:
    entries = acknowledged()
    assert entries
    named = [(entry.tool, entry.rule, place) for entry in entries for place in entry.where]
    assert len(named) == len(set(named))


@pytest.mark.parametrize(
    "entry",
    [
        'tool = "checkov"\nrule = "CKV_AWS_1"\nwhere = []\nreason = "' + REASON + '"',
        'tool = "checkov"\nrule = "CKV_AWS_1"\nwhere = ["*"]',
        'tool = "checkov"\nrule = "CKV_AWS_1"\nwhere = ["*"]\nreason = "Not needed."',
    ],
)
def test_an_entry_without_a_place_or_a_reason_is_refused(entry: str, tmp_path: Path) -> None:
    (tmp_path / "list.toml").write_text(f"[[acknowledged]]\n{entry}\n")
    with pytest.raises(AcknowledgementError):
        acknowledged(tmp_path / "list.toml")


def test_each_tools_own_words_are_read() -> None:
    check = {
        "check_id": "CKV_AWS_117",
        "resource": "AWS::Lambda::Function.Triage",
        "check_name": "inside a VPC",
    }
    report = {"check_type": "cloudformation", "results": {"failed_checks": [check]}}
    assert of_checkov(json.dumps(report)) == of_checkov(json.dumps([report])) == [ON_TRIAGE]
    match = {
        "Rule": {"Id": "W3005"},
        "Message": "twice",
        "Location": {"Path": ["Resources", "Triage", "DependsOn"]},
    }
    assert of_cfn_lint(json.dumps([match])) == [Finding("cfn-lint", "W3005", "Triage", "twice")]
    place = {"symbolic": {"key": {"Local": {"given_path": ".github/workflows/ci.yml"}}}}
    found = {"ident": "artipacked", "desc": "keeps a token", "ignored": False, "locations": [place]}
    assert of_zizmor(json.dumps([found])) == [Finding("zizmor", "artipacked", "ci.yml", "keeps a token")]
    assert of_zizmor(json.dumps([{**found, "ignored": True}])) == []
