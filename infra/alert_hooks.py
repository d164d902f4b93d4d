"""Web hooks that are told of operator alerts: each with a queue, a Lambda and a secret of its own."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration
from constructs import Construct

from contact_desk.alert_rules import AlertHook
from contact_desk.alerts import AlertRoute
from functions.notify.settings import AlertHookSettings
from infra.alarms import Alarms
from infra.alerts_topic import OperatorAlerts, pascal_case
from infra.credentials import Credential
from infra.desk_table import DeskTable
from infra.keys import Keys
from infra.monitoring import WatchedCount
from infra.python_function import House, InvokedBy, PythonFunction
from infra.runbooks import Runbook
from infra.work_queue import WorkQueue


class AlertHooks(Construct):
    """One Lambda, queue and secret for each web hook of the force file, so that one that hangs holds up no other."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        house: House,
        keys: Keys,
        alarms: Alarms,
        table: DeskTable,
        operator_alerts: OperatorAlerts,
        hooks: Mapping[str, AlertHook],
    ) -> None:
        super().__init__(scope, construct_id)
        self.functions: list[PythonFunction] = []
        self.queues: list[WorkQueue] = []
        self.secrets: dict[str, Credential] = {}
        for name, hook in hooks.items():
            self._tell(
                name,
                hook,
                house=house,
                keys=keys,
                alarms=alarms,
                table=table,
                operator_alerts=operator_alerts,
            )

    def _tell(
        self,
        name: str,
        hook: AlertHook,
        *,
        house: House,
        keys: Keys,
        alarms: Alarms,
        table: DeskTable,
        operator_alerts: OperatorAlerts,
    ) -> None:
        pascal = pascal_case(name)
        timeout = Duration.seconds(60)
        queue = WorkQueue(
            self,
            f"{pascal}Alerts",
            key=keys.messages,
            alarms=alarms,
            consumer_timeout=timeout,
            late_after=Duration.minutes(5),
            hears_topic=True,
            runbook=Runbook.OUTSIDE_SYSTEMS,
        )
        secret = Credential(
            self,
            f"AlertHook{pascal}",
            key=keys.secrets,
            description=f"The web hook {name}: its url, the key that signs, and PagerDuty's routing_key",
        )
        function = PythonFunction(
            self,
            f"Tell{pascal}",
            house=house,
            description=f"Tells the web hook {name} of operator alerts",
            runbook=Runbook.OUTSIDE_SYSTEMS,
            handler="functions.notify.alert_hook.handle",
            settings=AlertHookSettings(
                force_file=house.force_file,
                table_name=table.table.table_name,
                hook=name,
                hook_queue_url=queue.queue.queue_url,
                hook_secret_arn=secret.arn,
            ),
            invoked_by=InvokedBy.QUEUE,
            timeout=timeout,
            memory_size=256,
            reserved=2,
        )
        table.allow(function, table=["GetItem", "PutItem"])
        secret.allow_read(function)
        function.allow(["sqs:ChangeMessageVisibility"], [queue.queue.queue_arn])
        queue.feed(function, max_concurrency=2)
        operator_alerts.feed(queue, ranks=hook.ranks, route=AlertRoute.HOOK)
        self.functions.append(function)
        self.queues.append(queue)
        self.secrets[secret.node.id] = secret

    def counts(self) -> list[WatchedCount]:
        """What somebody must look at, of each hook."""
        means = {
            "AlertHookFailed": (
                3,
                "a web hook does not take alerts; they are told again, with growing pauses.",
            ),
            "AlertHookNotSet": (
                1,
                "the force file names a web hook whose secret holds no address: nobody is told.",
            ),
            "AlertHookUnreadable": (1, "what lay in the queue of a web hook was no alert."),
        }
        return [
            WatchedCount(
                metric=metric,
                function=function,
                at_least=at_least,
                means=text,
                runbook=Runbook.OUTSIDE_SYSTEMS,
            )
            for function in self.functions
            for metric, (at_least, text) in means.items()
        ]
