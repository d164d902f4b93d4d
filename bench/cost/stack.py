"""What the templates of one desk say that is paid for by the month: read from them, never typed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

MINUTES = {"minute": 1, "hour": 60, "day": 1440}
RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
CONTEXT = re.compile(r"\$context\.(\w+)")
# How long the values of the gateway's access log are, in characters.
LOGGED = {
    "requestTimeEpoch": 13,
    "routeKey": 22,
    "status": 3,
    "responseLatency": 3,
    "integrationLatency": 3,
    "responseLength": 4,
}
OTHERWISE_LOGGED = 16
OWN_METRICS = "ContactDesk/"
ROUTE_METRICS = 6
"""4xx, 5xx, Count, DataProcessed, IntegrationLatency, Latency: what the gateway tells of a route."""


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda of the template; `every` is after how many minutes a schedule runs it, None where none does."""

    name: str
    memory_mb: int
    traced: bool
    every: int | None
    behind_http: bool


@dataclass(frozen=True)
class Stacks:
    """The templates of all stacks of one desk, by the stack's name."""

    templates: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, files: Iterable[Path]) -> Stacks:
        """From the files of an assembly."""
        return cls({path.name.removesuffix(".template.json"): json.loads(path.read_text()) for path in files})

    def of_type(self, kind: str, stack: str | None = None) -> dict[str, Mapping[str, Any]]:
        """Properties by logical id, of all stacks or of one."""
        return {
            name: resource.get("Properties", {})
            for stack_name, template in self.templates.items()
            if stack in {None, stack_name}
            for name, resource in template["Resources"].items()
            if resource["Type"] == kind
        }

    @cached_property
    def functions(self) -> dict[str, Function]:
        """The desk's own functions."""
        schedules = {
            name: _minutes(schedule["ScheduleExpression"])
            for schedule in self.of_type("AWS::Scheduler::Schedule").values()
            for name in _references(schedule["Target"]["Arn"])
        }
        behind_http = {
            name.removesuffix("Alias")
            for integration in self.of_type("AWS::ApiGatewayV2::Integration").values()
            for name in _references(integration["IntegrationUri"])
        }
        return {
            name: Function(
                name,
                function["MemorySize"],
                function.get("TracingConfig", {}).get("Mode") == "Active",
                schedules.get(name),
                name in behind_http,
            )
            for name, function in self.of_type("AWS::Lambda::Function", "Desk").items()
        }

    @property
    def jobs(self) -> dict[str, int]:
        """Each function that a schedule runs, with its minutes."""
        return {name: function.every for name, function in self.functions.items() if function.every}

    def count(self, kind: str) -> int:
        """How many there are of a type, in all stacks."""
        return len(self.of_type(kind))

    @property
    def alarmed_metrics(self) -> int:
        """Metrics that alarms look at: an alarm on an expression is paid by each metric in it."""
        return sum(
            sum("MetricStat" in one for one in alarm["Metrics"]) if "Metrics" in alarm else 1
            for alarm in self.of_type("AWS::CloudWatch::Alarm").values()
        )

    @property
    def notices(self) -> int:
        """Alarms that nobody is woken by."""
        return sum(
            "severity: notice" in str(alarm.get("AlarmDescription", "")).lower()
            for alarm in self.of_type("AWS::CloudWatch::Alarm").values()
        )

    @cached_property
    def own_series(self) -> set[str]:
        """The desk's own metrics that its alarms look at, as the meter writes them: `Webhooks SignatureRefused`.

        A count by version is not among them: it is paid for the hours in which something of a version failed.
        """
        return {
            f"{_pascal(dimensions['service'])} {metric}"
            for namespace, metric, dimensions in self._watched()
            if namespace.startswith(OWN_METRICS) and "service" in dimensions and "version" not in dimensions
        }

    def _watched(self) -> Iterator[tuple[str, str, dict[str, str]]]:
        for alarm in self.of_type("AWS::CloudWatch::Alarm").values():
            told = [one["MetricStat"]["Metric"] for one in alarm.get("Metrics", ()) if "MetricStat" in one]
            for metric in told or [alarm]:
                dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", ())}
                yield str(metric.get("Namespace", "")), str(metric["MetricName"]), dimensions

    @cached_property
    def route_series(self) -> int:
        """Metrics that the gateway tells of single routes, where the stage asks for them."""
        stages = self.of_type("AWS::ApiGatewayV2::Stage").values()
        detailed = any(
            stage.get("DefaultRouteSettings", {}).get("DetailedMetricsEnabled") for stage in stages
        )
        return ROUTE_METRICS * self.count("AWS::ApiGatewayV2::Route") if detailed else 0

    @cached_property
    def access_log_bytes(self) -> int:
        """A line of the gateway's access log."""
        (stage,) = self.of_type("AWS::ApiGatewayV2::Stage").values()
        text = str(stage["AccessLogSettings"]["Format"])
        values = sum(LOGGED.get(name, OTHERWISE_LOGGED) for name in CONTEXT.findall(text))
        return len(CONTEXT.sub("", text)) + values

    @property
    def log_days(self) -> int:
        """How long logs are kept."""
        return max(
            int(group.get("RetentionInDays", 0))
            for group in self.of_type("AWS::Logs::LogGroup", "Desk").values()
        )

    @property
    def users_of_keys(self) -> int:
        """What asks for data keys by itself: functions, queues, topics."""
        return len(self.functions) + self.count("AWS::SQS::Queue") + self.count("AWS::SNS::Topic")

    @property
    def web_acl_rules(self) -> int:
        """Rules of all web ACLs, a managed group as one."""
        return sum(len(acl.get("Rules", ())) for acl in self.of_type("AWS::WAFv2::WebACL").values())


def _minutes(expression: str) -> int:
    match = RATE.fullmatch(expression)
    if match is None:
        raise ValueError(f"{expression} is no rate")
    return int(match[1]) * MINUTES[match[2]]


def _pascal(service: str) -> str:
    return "".join(part.capitalize() for part in service.split("_"))


def _references(value: Any) -> set[str]:
    match value:
        case {"Ref": str(name)}:
            return {name}
        case {"Fn::GetAtt": [str(name), *_]}:
            return {name}
        case dict():
            return set().union(*map(_references, value.values()))
        case list():
            return set().union(*map(_references, value))
    return set()
