"""The one dashboard: whether the desk is well on its first screen, and what goes on in it below."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from contact_desk.cases import Disposition
from infra.alarms import ONE_MINUTE
from infra.monitoring import Watched, desk_metric, dimension_metric
from infra.runbooks import PAGE_OF_RUNBOOKS

WHOLE_WIDTH = 24
HOUR = Duration.hours(1)
HOW_TO_READ = f"""## Is the desk well?
It is when every tile of the first two rows is green and the numbers beneath are small. A red tile of the first row has
called somebody; its description names the section of `{PAGE_OF_RUNBOOKS}` to open.
"""


class Dashboard(Construct):
    """The dashboard; `pages` and `notices` are the composite alarms that call somebody now and in the morning."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        watched: Watched,
        pages: Sequence[cloudwatch.IAlarm],
        notices: Sequence[cloudwatch.IAlarm],
    ) -> None:
        super().__init__(scope, construct_id)
        self._watched = watched
        self._by_name = {function.node.id: function for function in watched.functions}
        dashboard = cloudwatch.Dashboard(self, "Dashboard", default_interval=Duration.hours(12))
        dashboard.add_widgets(
            cloudwatch.TextWidget(markdown=HOW_TO_READ, width=WHOLE_WIDTH, height=2),
        )
        for title, alarms in (("Calls somebody now", pages), ("To read in the morning", notices)):
            dashboard.add_widgets(
                cloudwatch.AlarmStatusWidget(title=title, alarms=list(alarms), width=WHOLE_WIDTH, height=4)
            )
        dashboard.add_widgets(*self._numbers())
        for row in self._graphs():
            dashboard.add_widgets(*row)

    def _numbers(self) -> list[cloudwatch.SingleValueWidget]:
        """How many came, how long the longest waits, how many wait for a person, how many went out."""
        queues = {queue.node.id: queue.queue for queue in self._watched.queues}
        waits = [
            queues[name].metric_approximate_age_of_oldest_message(
                period=ONE_MINUTE, statistic="Maximum", label=label
            )
            for name, label in (
                ("PrivateContacts", "messages, s"),
                ("PublicContacts", "comments, s"),
                ("OutboxUrgent", "urgent texts, s"),
            )
        ]
        return [
            _numbers("In the last hour", [self._count(*one) for one in TAKEN_AND_SENT], period=HOUR),
            _numbers("The longest wait", waits, period=ONE_MINUTE),
            _numbers(
                "Before operators",
                [
                    self._count("CasesWaiting", "SweepBacklog", statistic="Maximum"),
                    self._count("CasesOverdue", "SweepBacklog", statistic="Maximum"),
                ],
                period=ONE_MINUTE,
            ),
            _numbers(
                "Errors in the last hour",
                [self._watched.api.api.metric_server_error(label="API, 5xx", statistic="Sum")],
                period=HOUR,
            ),
        ]

    def _graphs(self) -> list[list[cloudwatch.GraphWidget]]:
        functions, queues, table, api = (
            [each.function for each in self._watched.functions],
            self._watched.queues,
            self._watched.table.table,
            self._watched.api.api,
        )
        by_name, senders = self._by_name, ("NotifyUrgent", "Notify")
        return [
            [
                _graph(
                    "Taken in",
                    [
                        self._count("ContactsReceived", "Webhooks"),
                        self._count("ContactsReceived", "Report"),
                        self._count("DeliveriesReplayed", "Replay"),
                    ],
                ),
                _graph(
                    "Contacts triaged",
                    [
                        self._count(name, "Triage")
                        for name in ("ContactsAdmitted", "ContactDuplicates", "Emergencies")
                    ],
                ),
                _graph("Sent", [self._count("OutboxSent", name) for name in senders]),
            ],
            [
                _graph(
                    "Needs somebody",
                    [desk_metric(count.metric, count.function) for count in self._watched.counts],
                ),
                _graph(
                    "Oldest message",
                    [each.queue.metric_approximate_age_of_oldest_message() for each in queues],
                ),
                _graph(
                    "Dead letters",
                    [each.dlq.metric_approximate_number_of_messages_visible() for each in queues],
                ),
            ],
            [
                _graph("API", [api.metric_count(), api.metric_client_error(), api.metric_server_error()]),
                _graph("Errors", [each.metric_errors() for each in functions]),
                _graph("p99 duration", [each.metric_duration(statistic="p99") for each in functions]),
            ],
            [
                _graph(
                    "Contacts by channel",
                    [
                        dimension_metric("ContactsByChannel", by_name["Triage"], "channel", name)
                        for name in self._watched.channels
                    ],
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
                    [self._count(name, "SweepBacklog") for name in ("CasesWaiting", "CasesOverdue")],
                    statistic="Maximum",
                ),
            ],
            [
                _graph(
                    "Claims lost and clocks breached",
                    [
                        self._count("ClaimsExpired", "SweepExpiredClaims"),
                        self._count("ClocksBreached", "SweepBreachedClocks"),
                    ],
                ),
                _graph(
                    "Surveys",
                    [
                        self._count("SurveysAsked", "SweepSurveys"),
                        self._count("SurveysAnswered", "Survey"),
                    ],
                ),
                _graph(
                    "Counting",
                    [
                        self._count(name, "SweepHourTotals")
                        for name in ("HoursCounted", "CountingBehindMinutes")
                    ],
                    statistic="Maximum",
                ),
            ],
            [
                _graph(
                    "Table",
                    [
                        table.metric_consumed_read_capacity_units(),
                        table.metric_consumed_write_capacity_units(),
                    ],
                ),
                _graph(
                    "Concurrency",
                    [each.metric("ConcurrentExecutions", statistic="Maximum") for each in functions],
                ),
                _graph("Throttles", [each.metric_throttles() for each in functions]),
            ],
        ]

    def _count(self, metric: str, function: str, *, statistic: str = "Sum") -> cloudwatch.Metric:
        return desk_metric(metric, self._by_name[function], statistic=statistic)


TAKEN_AND_SENT = (
    ("ContactsReceived", "Webhooks"),
    ("ContactsReceived", "Report"),
    ("Emergencies", "Triage"),
    ("OutboxSent", "NotifyUrgent"),
    ("OutboxSent", "Notify"),
)


def _numbers(
    title: str, metrics: Sequence[cloudwatch.IMetric], *, period: Duration
) -> cloudwatch.SingleValueWidget:
    return cloudwatch.SingleValueWidget(
        title=title, metrics=list(metrics), period=period, width=6, height=4, full_precision=False
    )


def _graph(
    title: str, metrics: Sequence[cloudwatch.IMetric], *, statistic: str | None = None
) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=8, statistic=statistic)
