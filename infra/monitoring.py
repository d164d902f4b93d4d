"""What the desk itself counts: an alarm for each count that somebody must look at, and one dashboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from contact_desk.cases import Disposition
from infra.alarms import FIVE_MINUTES, Alarms
from infra.desk_table import DeskTable
from infra.http_api import DeskApi
from infra.python_function import METRICS_NAMESPACE, PythonFunction, service_of
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


class Monitoring(Construct):
    """Alarms on the watched counts, and the dashboard."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        alarms: Alarms,
        counts: Sequence[WatchedCount],
        functions: Sequence[PythonFunction],
        queues: Sequence[WorkQueue],
        table: DeskTable,
        api: DeskApi,
        channels: Sequence[str],
    ) -> None:
        super().__init__(scope, construct_id)
        self._channels = channels
        for count in counts:
            by = count.function.node.id
            name, description = f"{count.metric}By{by}", f"{by}: {count.means}"
            if count.at_least is not None:
                metric = desk_metric(count.metric, count.function)
                alarms.add(self, name, metric, at_least=count.at_least, description=description)
            if count.at_most is not None:
                metric = desk_metric(count.metric, count.function, statistic="Minimum")
                alarms.add_floor(self, name, metric, at_most=count.at_most, description=description)
        self._draw(counts, functions, queues, table, api)

    def _draw(
        self,
        counts: Sequence[WatchedCount],
        functions: Sequence[PythonFunction],
        queues: Sequence[WorkQueue],
        table: DeskTable,
        api: DeskApi,
    ) -> None:
        by_name = {function.node.id: function for function in functions}
        takers = [by_name[name] for name in ("Webhooks", "Report")]
        senders = [by_name[name] for name in ("NotifyUrgent", "Notify")]
        triage = by_name["Triage"]
        dashboard = cloudwatch.Dashboard(self, "Dashboard", default_interval=Duration.hours(12))
        dashboard.add_widgets(
            _graph(
                "Taken in",
                [
                    *(desk_metric("ContactsReceived", each) for each in takers),
                    desk_metric("DeliveriesReplayed", by_name["Replay"]),
                ],
            ),
            _graph(
                "Contacts triaged",
                [
                    desk_metric(name, triage)
                    for name in ("ContactsAdmitted", "ContactDuplicates", "Emergencies")
                ],
            ),
            _graph("Sent", [desk_metric("OutboxSent", each) for each in senders]),
        )
        dashboard.add_widgets(
            _graph("Needs somebody", [desk_metric(count.metric, count.function) for count in counts]),
            _graph(
                "Oldest message", [each.queue.metric_approximate_age_of_oldest_message() for each in queues]
            ),
            _graph(
                "Dead letters", [each.dlq.metric_approximate_number_of_messages_visible() for each in queues]
            ),
        )
        dashboard.add_widgets(
            _graph(
                "API", [api.api.metric_count(), api.api.metric_client_error(), api.api.metric_server_error()]
            ),
            _graph("Errors", [each.function.metric_errors() for each in functions]),
            _graph("p99 duration", [each.function.metric_duration(statistic="p99") for each in functions]),
        )
        dashboard.add_widgets(
            _graph(
                "Contacts by channel",
                [dimension_metric("ContactsByChannel", triage, "channel", name) for name in self._channels],
            ),
            _graph(
                "Cases closed",
                [
                    dimension_metric("CasesClosed", by_name["Operate"], "disposition", disposition)
                    for disposition in Disposition
                ],
            ),
            _graph(
                "Waiting",
                [desk_metric(name, by_name["SweepBacklog"]) for name in ("CasesWaiting", "CasesOverdue")],
                statistic="Maximum",
            ),
        )
        dashboard.add_widgets(
            _graph(
                "Claims lost and clocks breached",
                [
                    desk_metric("ClaimsExpired", by_name["SweepExpiredClaims"]),
                    desk_metric("ClocksBreached", by_name["SweepBreachedClocks"]),
                ],
            ),
            _graph(
                "Surveys",
                [
                    desk_metric("SurveysAsked", by_name["SweepSurveys"]),
                    desk_metric("SurveysAnswered", by_name["Survey"]),
                ],
            ),
            _graph(
                "Counting",
                [
                    desk_metric(name, by_name["SweepHourTotals"])
                    for name in ("HoursCounted", "CountingBehindMinutes")
                ],
                statistic="Maximum",
            ),
        )
        dashboard.add_widgets(
            _graph(
                "Table",
                [
                    table.table.metric_consumed_read_capacity_units(),
                    table.table.metric_consumed_write_capacity_units(),
                ],
            ),
            _graph(
                "Concurrency",
                [each.function.metric("ConcurrentExecutions", statistic="Maximum") for each in functions],
            ),
            _graph("Throttles", [each.function.metric_throttles() for each in functions]),
        )


def desk_metric(name: str, function: PythonFunction, *, statistic: str = "Sum") -> cloudwatch.Metric:
    """A count that a function's code keeps, summed over five minutes unless `statistic` says otherwise."""
    return cloudwatch.Metric(
        namespace=METRICS_NAMESPACE,
        metric_name=name,
        dimensions_map={"service": service_of(function.node.id)},
        statistic=statistic,
        period=FIVE_MINUTES,
    )


def dimension_metric(name: str, function: PythonFunction, dimension: str, value: str) -> cloudwatch.Metric:
    """The same under one value of a dimension, whose values are few and known beforehand."""
    return cloudwatch.Metric(
        namespace=METRICS_NAMESPACE,
        metric_name=name,
        dimensions_map={"service": service_of(function.node.id), dimension: value},
        label=value.replace("_", " "),
        statistic="Sum",
        period=FIVE_MINUTES,
    )


def _graph(
    title: str,
    metrics: list[cloudwatch.IMetric] | list[cloudwatch.Metric],
    *,
    statistic: str | None = None,
) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=8, statistic=statistic)
