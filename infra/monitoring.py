"""What is watched of the desk: its own counts that call a person, and what the dashboard shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch

from infra.alarms import FIVE_MINUTES, Alarms
from infra.desk_table import DeskTable
from infra.http_api import DeskApi
from infra.python_function import PythonFunction, service_of
from infra.runbooks import Runbook, Severity
from infra.work_queue import WorkQueue


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedCount:
    """A count of one function's that calls a person when it reaches `at_least` within five minutes.

    With `at_most` in its place it is a state, and its lowest value in that time calls one by being no higher.
    """

    metric: str
    function: PythonFunction
    at_least: int | None = None
    at_most: int | None = None
    means: str
    runbook: Runbook
    severity: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """All of a desk that its alarms and its dashboard look at."""

    alarms: Alarms
    counts: Sequence[WatchedCount]
    functions: Sequence[PythonFunction]
    queues: Sequence[WorkQueue]
    table: DeskTable
    api: DeskApi
    channels: Sequence[str]


def watch_counts(alarms: Alarms, counts: Iterable[WatchedCount]) -> None:
    """Have an alarm for each count."""
    for count in counts:
        by = count.function.node.id
        means = f"{by}: {count.means}"
        if count.at_least is not None:
            alarms.add(
                f"{count.metric}By{by}",
                desk_metric(count.metric, count.function),
                at_least=count.at_least,
                means=means,
                runbook=count.runbook,
                severity=count.severity,
            )
        if count.at_most is not None:
            alarms.add_floor(
                f"{count.metric}By{by}AtMost{count.at_most}",
                desk_metric(count.metric, count.function, statistic="Minimum"),
                at_most=count.at_most,
                means=means,
                runbook=count.runbook,
                severity=count.severity,
            )


def desk_metric(name: str, function: PythonFunction, *, statistic: str = "Sum") -> cloudwatch.Metric:
    """A count that a function's code keeps, summed over five minutes unless `statistic` says otherwise."""
    return cloudwatch.Metric(
        namespace=function.metrics_namespace,
        metric_name=name,
        dimensions_map={"service": service_of(function.node.id)},
        statistic=statistic,
        period=FIVE_MINUTES,
    )


def dimension_metric(name: str, function: PythonFunction, dimension: str, value: str) -> cloudwatch.Metric:
    """The same under one value of a dimension, whose values are few and known beforehand."""
    return cloudwatch.Metric(
        namespace=function.metrics_namespace,
        metric_name=name,
        dimensions_map={"service": service_of(function.node.id), dimension: value},
        label=value.replace("_", " "),
        statistic="Sum",
        period=FIVE_MINUTES,
    )
