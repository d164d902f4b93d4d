"""Whoever is called knows what to do: each alarm's runbook, and that one fault calls once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from infra.runbooks import CAUSES, Owner, Runbook, Severity, anchor_of
from tests.infra.assembly import Assembly

OPERATE_PAGE = Path(__file__).parents[2] / "docs/operate.md"
DESCRIBED = re.compile(
    r"^(?P<means>.+\.) Severity: (?P<severity>\w+)\. Owner: (?P<owner>[\w ]+)\. "
    r"Runbook: docs/operate\.md#(?P<anchor>[\w-]+)\.$"
)
# Faults, each with the alarms that it sets off, in any order. One page is due for each, and no more.
FAULTS = {
    "the table is throttled": (
        "DeskTableWriteThrottlesTable",
        "TriageErrors",
        "ContactsFailedByTriage",
        "PrivateContactsLate",
        "PrivateContactsDeadLetters",
        "NotifyErrors",
        "OutboxLate",
        "OperateFaultsByOperate",
        "HttpApiServerErrors",
        "SweepUnsentOutboxErrors",
        "RefreshFeedErrors",
        "SweepHourTotalsErrors",
        "SweepFailedRuns",
    ),
    "triage fails on everything": (
        "TriageErrors",
        "ContactsFailedByTriage",
        "PrivateContactsLate",
        "PublicContactsLate",
        "PrivateContactsDeadLetters",
        "DeadLettersQuarantinedBySweepDeadLetters",
        "OrphansFoundBySweepOrphans",
    ),
    "operate answers with faults": ("OperateErrors", "OperateFaultsByOperate", "HttpApiServerErrors"),
    "the webhooks' archive is not to be reached": ("HttpApiServerErrors",),
    "the webhooks crash": ("WebhooksErrors", "HttpApiServerErrors", "ContactsCaughtUpByTriage"),
    "a platform is down": (
        "OutboxPostponedByNotify",
        "OutboxPostponedByNotifyUrgent",
        "OutboxInDoubtByNotify",
        "OutboxNeedsHumanByNotify",
        "CatchUpsStoppedByCatchUp",
        "ChannelLooksFailedByChannelHealth",
    ),
    "a token has died": (
        "CredentialDaysLeftByChannelHealthAtMost0",
        "CredentialDaysLeftByChannelHealthAtMost13",
        "OutboxPostponedByNotify",
        "CatchUpsStoppedByCatchUp",
        "ChannelsSilentByChannelHealth",
    ),
    "a webhook's secret was changed": (
        "SignatureRefusedByWebhooks",
        "DeliveriesParkedByWebhooks",
        "ParkingRefusedByWebhooks",
        "ContactsCaughtUpByTriage",
    ),
    "a subscription was lost": (
        "SubscriptionsRepairedByChannelHealth",
        "ContactsCaughtUpByTriage",
        "ChannelsSilentByChannelHealth",
    ),
    "a job of sweep's crashes": ("SweepOrphansErrors", "SweepFailedRuns"),
    "the scheduler stands still": (
        "SweepOrphansSilent",
        "SweepUnsentOutboxSilent",
        "SweepUnacknowledgedAlertsSilent",
        "SweepHourTotalsSilent",
        "CatchUpSilent",
    ),
    "notify crashes": (
        "NotifyErrors",
        "OutboxLate",
        "OutboxDeadLetters",
        "DeadLettersQuarantinedBySweepDeadLetters",
    ),
    "a control room's hook hangs": (
        "TellControlRoomErrors",
        "AlertHookFailedByTellControlRoom",
        "ControlRoomAlertsLate",
    ),
}
# What waits until the morning.
QUIET = ("SweepRetentionErrors", "SweepFailedRuns", "TriageSlow", "OrphansFoundBySweepOrphans")


@pytest.fixture(scope="module")
def alarms(desk: Assembly) -> dict[str, dict[str, Any]]:
    return desk.watch.of_type("AWS::CloudWatch::Alarm")


@pytest.fixture(scope="module")
def composites(desk: Assembly) -> dict[str, dict[str, Any]]:
    return desk.watch.of_type("AWS::CloudWatch::CompositeAlarm")


def members(composite: dict[str, Any]) -> list[str]:
    """The alarms of which any sets the composite off."""
    separator, parts = composite["AlarmRule"]["Fn::Join"]
    rule = separator.join(part if isinstance(part, str) else part["Ref"] for part in parts)
    assert re.fullmatch(r'ALARM\("\w+"\)( OR ALARM\("\w+"\))*', rule)
    return re.findall(r'"(\w+)"', rule)


def called(composites: dict[str, dict[str, Any]], ringing: tuple[str, ...]) -> list[str]:
    """The composites that call somebody while these alarms ring, and none that another keeps quiet."""
    states = set(ringing)
    while True:
        risen = {name for name, one in composites.items() if states.intersection(members(one))} - states
        if not risen:
            break
        states |= risen
    return [
        name
        for name, one in composites.items()
        if name in states
        and one.get("AlarmActions")
        and one.get("ActionsSuppressor", {}).get("Ref") not in states
    ]


def sections_of(page: str) -> dict[str, str]:
    """The sections of a page by the anchors of their headings."""
    parts = re.split(r"^##+ (.+)$", page, flags=re.MULTILINE)
    return {anchor_of(heading): text for heading, text in zip(parts[1::2], parts[2::2], strict=True)}


def test_every_alarm_says_what_it_means_how_soon_whose_it_is_and_which_section_to_open(
    alarms: dict[str, dict[str, Any]], composites: dict[str, dict[str, Any]]
) -> None:
    sections = sections_of(OPERATE_PAGE.read_text())
    calling = {name: one for name, one in composites.items() if one.get("AlarmActions")}
    for name, alarm in {**alarms, **calling}.items():
        described = DESCRIBED.match(alarm["AlarmDescription"])
        assert described, name
        assert described["severity"] in set(Severity)
        assert described["owner"] in set(Owner)
        assert described["anchor"] in sections, name


def test_every_runbook_has_a_section_that_says_what_to_do(alarms: dict[str, dict[str, Any]]) -> None:
    sections = sections_of(OPERATE_PAGE.read_text())
    led_to = {DESCRIBED.match(alarm["AlarmDescription"])["anchor"] for alarm in alarms.values()}  # type: ignore[index]
    for runbook in Runbook:
        assert len(sections[runbook.anchor].split()) > 30, runbook
        if runbook not in {Runbook.SECOND_READER, Runbook.CANARY}:  # this force, this stage has none
            assert runbook.anchor in led_to, runbook


def test_every_alarm_is_in_one_composite_of_its_runbook_and_severity_and_acts_by_that_alone(
    desk: Assembly, alarms: dict[str, dict[str, Any]], composites: dict[str, dict[str, Any]]
) -> None:
    calling = {name: one for name, one in composites.items() if one.get("AlarmActions")}
    grouped = [member for one in calling.values() for member in members(one)]
    assert sorted(grouped) == sorted(alarms)
    for composite in calling.values():
        topic = "AlarmsTopic" if "Severity: page." in composite["AlarmDescription"] else "NoticesTopic"
        assert composite["AlarmActions"] == composite["OKActions"] == [{"Ref": topic}]
        assert composite.get("ActionsEnabled", True)
        # CloudWatch takes a hundred alarms and 10,240 characters in a rule.
        assert len(members(composite)) <= 60
        says = composite["AlarmDescription"].split(" Severity: ")[1]
        for member in members(composite):
            assert alarms[member]["AlarmDescription"].split(" Severity: ")[1] == says
            assert not {"AlarmActions", "OKActions"} & alarms[member].keys()


@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_pages_once(
    alarms: dict[str, dict[str, Any]], composites: dict[str, dict[str, Any]], fault: str
) -> None:
    ringing = FAULTS[fault]
    assert set(ringing) <= alarms.keys()
    pages = [name for name in called(composites, ringing) if name.endswith("Page")]
    assert len(pages) == 1, pages


def test_what_can_wait_pages_nobody(composites: dict[str, dict[str, Any]]) -> None:
    quiet = called(composites, QUIET)
    assert quiet
    assert [name for name in quiet if name.endswith("Page")] == []


def test_a_consequence_calls_when_its_cause_is_silent(composites: dict[str, dict[str, Any]]) -> None:
    assert called(composites, ("PrivateContactsDeadLetters",)) == ["DeadLettersPage"]
    for consequence, causes in CAUSES.items():
        if consequence is Runbook.CANARY:  # this stage has none
            continue
        composite = composites[f"{consequence.pascal}Page"]
        assert composite["ActionsSuppressorWaitPeriod"] >= 60
        assert composite["ActionsSuppressorExtensionPeriod"] >= 60
        assert causes
