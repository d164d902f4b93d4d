"""Alarms: does each lead to a topic that somebody has confirmed, does any ring, are operators' alerts heard outside?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cli.account import StandingAlarm
from cli.examination.examined import Examined
from cli.examination.findings import Finding, fault, unknown, well

MEMBER = re.compile(r'ALARM\("([^"]+)"\)')
NOBODY_HERE = "the desk on this machine has no alarms and calls nobody"
CALLS_NOBODY = "Calls nobody:"
TOPICS = {"AlarmsTopic": "page", "NoticesTopic": "notice"}
RUNBOOK = re.compile(r"Runbook: (?P<where>\S+?)\.?$")
SUBSCRIBE = "aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint platform-team@force.example"


def look_at_routes(on: Examined) -> Iterator[Finding]:
    """Whether every alarm tells a topic, by itself or by a composite, and whether somebody hears of each topic."""
    if on.stage.is_local:
        yield unknown("alarm routes", NOBODY_HERE)
        return
    for topic, severity in TOPICS.items():
        arn = on.stack.physical_id(topic) or ""
        confirmed = [one for one in on.account.subscribers(arn) if one.confirmed]
        if confirmed:
            yield well("alarm routes", f"{topic} has {len(confirmed)} confirmed subscribers")
        else:
            waiting = bool(on.account.subscribers(arn))
            found = f"nobody hears of {topic}: every alarm of severity {severity} calls nobody"
            found += ", since who subscribed has not confirmed" if waiting else ""
            step = "follow the link in the e-mail of AWS, or: " if waiting else ""
            yield fault("alarm routes", found, step + SUBSCRIBE.format(topic=arn))
    if on.stage.is_emulated:
        yield unknown("alarms", "an emulated account has no alarms")
        return
    alarms = on.account.alarms(f"{on.stack.name}-watch")
    yield from _unrouted(on, list(alarms))
    yield from _ringing(list(alarms))


def _unrouted(on: Examined, alarms: list[StandingAlarm]) -> Iterator[Finding]:
    calling = [one for one in alarms if one.actions and one.is_on]
    routed = {name for one in calling for name in [one.name, *MEMBER.findall(one.rule)]}
    unrouted = [
        one.name for one in alarms if one.name not in routed and not one.says.startswith(CALLS_NOBODY)
    ]
    for name in sorted(unrouted):
        yield fault("alarms", f"{name} has no route: it may ring, and calls nobody", on.deploy)
    if not alarms:
        yield fault("alarms", "there are none: nobody is called when something fails", on.deploy)
    elif not unrouted:
        yield well("alarms", f"all {len(alarms)} lead to a topic")


def _ringing(alarms: list[StandingAlarm]) -> Iterator[Finding]:
    # Composites say what their members say; each member leads to its own section.
    for one in alarms:
        if one.rings and not one.rule:
            runbook = RUNBOOK.search(one.says)
            where = runbook["where"] if runbook else "docs/operate.md"
            yield fault("alarms", f"{one.name} rings: {one.says.partition(' Severity:')[0]}", f"see {where}")


def look_at_recipients(on: Examined) -> Iterator[Finding]:
    """Whether whoever the force file has called about operators' alerts can be called."""
    if not on.force.alert_recipients:
        return
    if on.stage.is_local:
        yield unknown("alert recipients", NOBODY_HERE)
        return
    topic = on.stack.outputs["OperatorAlertsTopicArn"]
    subscribers = on.account.subscribers(topic)
    for name, recipient in on.force.alert_recipients.items():
        pascal = "".join(part.capitalize() for part in name.split("_"))
        parameter = f"{pascal}{recipient.by.capitalize()}"
        about, there = "alert recipients", on.stack.physical_id(f"To{parameter}")
        confirmed = any(one.confirmed and one.protocol == recipient.by for one in subscribers)
        if there is None:
            found = f"{name} has no address: nobody is called by {recipient.by}"
            yield fault(about, found, f"set the stack's parameter {parameter}, then: {on.deploy}")
        elif not confirmed:
            found = f"{name} has not confirmed: nobody is called by {recipient.by}"
            yield fault(about, found, "have them follow the link in the message of AWS")
        else:
            yield well(about, f"{name} is called by {recipient.by}")
