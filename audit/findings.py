"""What the tools find, and which of it is accepted: in one list, each with a reason, none of them stale."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from contact_desk.errors import ContactDeskError

ACKNOWLEDGED = Path(__file__).with_name("acknowledged.toml")
SHORTEST_REASON = 40


class AcknowledgementError(ContactDeskError):
    """An entry of the list of acknowledgements is not of its form."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What one tool has against one place: a resource's logical id in a template, or a file and job."""

    tool: str
    rule: str
    where: str
    says: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A rule that need not hold at some places, by patterns as of file names, and why."""

    tool: str
    rule: str
    where: tuple[str, ...]
    reason: str

    def answers(self, finding: Finding) -> bool:
        """Whether this is what the finding is accepted for."""
        return (self.tool, self.rule) == (finding.tool, finding.rule) and any(
            fnmatchcase(finding.where, pattern) for pattern in self.where
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Findings that nobody has accepted, and acceptances (`tool rule pattern`) that answer no finding any more."""

    open: tuple[Finding, ...]
    stale: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing is left to explain."""
        return not self.open and not self.stale


def acknowledged(path: Path = ACKNOWLEDGED) -> tuple[Acknowledgement, ...]:
    """The list. Raises AcknowledgementError where an entry lacks its reason, or has no place."""
    entries = tomllib.loads(path.read_text())["acknowledged"]
    return tuple(map(_entry, entries))


def judge(findings: Iterable[Finding], accepted: Iterable[Acknowledgement]) -> Verdict:
    """Put findings and acceptances side by side."""
    found, accepted = sorted(set(findings)), tuple(accepted)
    unanswered = [one for one in found if not any(each.answers(one) for each in accepted)]
    stale = [
        f"{each.tool} {each.rule} {pattern}"
        for each in accepted
        for pattern in each.where
        if not any(
            (each.tool, each.rule) == (one.tool, one.rule) and fnmatchcase(one.where, pattern)
            for one in found
        )
    ]
    return Verdict(tuple(unanswered), tuple(stale))


def of_checkov(output: str) -> list[Finding]:
    """The failed checks of checkov's JSON, which is a list where it read several kinds of file."""
    read: Any = json.loads(output)
    reports = read if isinstance(read, list) else [read]
    return [
        Finding("checkov", check["check_id"], check["resource"].split(".")[-1], check["check_name"])
        for report in reports
        for check in report.get("results", {}).get("failed_checks", [])
    ]


def of_cfn_lint(output: str) -> list[Finding]:
    """The matches of cfn-lint's JSON, at the resource that they lie in."""
    return [
        Finding(
            "cfn-lint", match["Rule"]["Id"], _resource(match["Location"].get("Path") or []), match["Message"]
        )
        for match in json.loads(output or "[]")
    ]


def of_zizmor(output: str) -> list[Finding]:
    """The findings of zizmor's JSON, at the file that they lie in."""
    return [
        Finding("zizmor", finding["ident"], _workflow(finding), finding["desc"])
        for finding in json.loads(output or "[]")
        if not finding.get("ignored")
    ]


def _workflow(finding: Mapping[str, Any]) -> str:
    for location in finding["locations"]:
        given = location["symbolic"]["key"].get("Local", {}).get("given_path")
        if given:
            return Path(str(given)).name
    return ""


def _resource(path: list[Any]) -> str:
    return str(path[1]) if len(path) > 1 and path[0] == "Resources" else "/".join(map(str, path))


def _entry(entry: Mapping[str, Any]) -> Acknowledgement:
    where, reason = tuple(entry.get("where", ())), str(entry.get("reason", ""))
    name = f"{entry.get('tool')} {entry.get('rule')}"
    if not where:
        raise AcknowledgementError(f"{name}: says nowhere where it holds")
    if len(reason) < SHORTEST_REASON or not reason.endswith("."):
        raise AcknowledgementError(f"{name}: a reason is a sentence of {SHORTEST_REASON} characters or more")
    return Acknowledgement(str(entry["tool"]), str(entry["rule"]), where, reason)
