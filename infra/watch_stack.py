"""The stack that watches a desk: its alarms, the composites that call people, and the dashboard.

Apart from the desk, because a stack has room for 500 resources, because composite alarms are more than a workstation's
CloudFormation knows, and because a threshold must be free to change without the desk. It reads what to watch from the
desk stack's outputs, by name, so that neither stack keeps the other from changing.
"""

from __future__ import annotations

from collections import defaultdict

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.alarms import Alarms, WantedAlarm
from infra.dashboard import Dashboard
from infra.desk_stack import DeskStack
from infra.landing_zone import land
from infra.logical_ids import pin_logical_id
from infra.runbooks import CAUSES, PAGE_OF_RUNBOOKS, Runbook, Severity

STACK_ID = "Watch"
# How long a consequence waits for its cause to be noticed, and how long after the cause is mended it stays quiet.
WAIT_SECONDS, EXTENSION_SECONDS = 120, 300
Group = tuple[Runbook, Severity]


class WatchStack(cdk.Stack):
    """An alarm for each that is wanted, without actions; one composite for each runbook and severity calls people."""

    def __init__(self, scope: Construct, desk: DeskStack) -> None:
        super().__init__(
            scope,
            STACK_ID,
            stack_name=f"{desk.stack_name}-watch",
            description=f"{desk.template_options.description}: its alarms and dashboard",
            env=cdk.Environment(region=desk.stage.rules.region),
            # Taken down first of all, it would leave a desk that nobody may delete without its alarms.
            termination_protection=not desk.stage.is_trial,
            synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
        )
        land(self, stage=desk.stage, force=desk.force)
        self._page = desk.stage.rules.runbooks or PAGE_OF_RUNBOOKS
        self._alarms: Alarms = desk.watched.alarms
        self._members: dict[Group, list[cloudwatch.Alarm]] = defaultdict(list)
        for wanted in self._alarms.wanted:
            self._members[wanted.runbook, wanted.severity].append(self._alarm(wanted))
        self._composites: dict[Group, cloudwatch.CfnCompositeAlarm] = {}
        self._causes: dict[tuple[Group, ...], str] = {}
        for group in self._members:
            self._composite(group)
        by_severity: dict[Severity, list[cloudwatch.IAlarm]] = {each: [] for each in Severity}
        for (runbook, severity), composite in self._composites.items():
            by_severity[severity].append(
                cloudwatch.Alarm.from_alarm_arn(
                    self, f"Shown{runbook.pascal}{severity.capitalize()}", composite.attr_arn
                )
            )
        Dashboard(
            self,
            "Dashboard",
            watched=desk.watched,
            pages=by_severity[Severity.PAGE],
            notices=by_severity[Severity.NOTICE],
        )

    def _alarm(self, wanted: WantedAlarm) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            wanted.name,
            metric=wanted.metric,
            threshold=wanted.threshold,
            evaluation_periods=wanted.periods,
            comparison_operator=wanted.comparison,
            treat_missing_data=wanted.missing,
            alarm_description=self._described(wanted.means, wanted.runbook, wanted.severity),
        )
        pin_logical_id(alarm, wanted.name)
        return alarm

    def _composite(self, group: Group) -> cloudwatch.CfnCompositeAlarm:
        """The composite of a group, made after those of its causes, whose names it needs."""
        if group in self._composites:
            return self._composites[group]
        runbook, severity = group
        topic = self._alarms.topic if severity is Severity.PAGE else self._alarms.notices
        suppressor = self._suppressor(group)
        name = f"{runbook.pascal}{severity.capitalize()}"
        composite = cloudwatch.CfnCompositeAlarm(
            self,
            name,
            alarm_rule=" OR ".join(f'ALARM("{alarm.alarm_name}")' for alarm in self._members[group]),
            alarm_description=self._described(f"{runbook.heading}.", runbook, severity),
            alarm_actions=[topic.topic_arn],
            ok_actions=[topic.topic_arn],
            actions_suppressor=suppressor,
            actions_suppressor_wait_period=WAIT_SECONDS if suppressor else None,
            actions_suppressor_extension_period=EXTENSION_SECONDS if suppressor else None,
        )
        composite.override_logical_id(name)
        self._composites[group] = composite
        return composite

    def _suppressor(self, group: Group) -> str | None:
        """The name of the alarm that rings while a cause of the group's does; None for a group without a cause.

        What only a notice tells of is quiet while the same runbook pages: somebody is at it.
        """
        runbook, severity = group
        causes = (runbook,) if severity is Severity.NOTICE else CAUSES.get(runbook, ())
        there = tuple((each, Severity.PAGE) for each in causes if (each, Severity.PAGE) in self._members)
        if not there:
            return None
        names = [self._composite(cause).ref for cause in there]
        if len(there) == 1:
            return names[0]
        if there not in self._causes:
            helper = cloudwatch.CfnCompositeAlarm(
                self,
                "".join(["Any", *(cause.pascal for cause, _ in there)]),
                alarm_rule=" OR ".join(f'ALARM("{name}")' for name in names),
                alarm_description="Calls nobody: it keeps the alarms of consequences quiet while a cause rings.",
            )
            helper.override_logical_id(helper.node.id)
            self._causes[there] = helper.ref
        return self._causes[there]

    def _described(self, means: str, runbook: Runbook, severity: Severity) -> str:
        return (
            f"{means} Severity: {severity}. Owner: {runbook.owner}. Runbook: {self._page}#{runbook.anchor}."
        )
