"""canary: each minute a contact of the desk's own on every channel, and an alarm for each where it does not arrive."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from constructs import Construct

from functions.ingest.settings import CanarySettings
from infra.alarms import FIVE_MINUTES, Alarms
from infra.credentials import Credentials
from infra.desk_table import DeskTable
from infra.python_function import House, InvokedBy, PythonFunction, service_of
from infra.runbooks import Runbook
from infra.schedules import Schedules


class Canary(Construct):
    """`canary` signs as platforms sign and calls the webhooks from outside; of the table it reads when triage had them.

    `reached_at` is where platforms reach the API.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        house: House,
        key: kms.IKey,
        alarms: Alarms,
        table: DeskTable,
        credentials: Credentials,
        reached_at: str,
        channels: Sequence[str],
    ) -> None:
        super().__init__(scope, construct_id)
        self.canary = PythonFunction(
            self,
            "Canary",
            house=house,
            description="Sends a contact of the desk's own on every channel and sees whether triage has it",
            runbook=Runbook.CANARY,
            handler="functions.ingest.canary.handle",
            settings=CanarySettings(
                force_file=house.force_file,
                table_name=table.table.table_name,
                webhook_secret_arns=Stack.of(self).to_json_string(
                    {platform: credential.arn for platform, credential in credentials.webhooks.items()}
                ),
                public_url=reached_at,
            ),
            invoked_by=InvokedBy.SCHEDULE,
            # Less than the schedule's minute, so that a round never overtakes the one before it.
            timeout=Duration.seconds(50),
            memory_size=512,
            reserved=1,
        )
        for credential in credentials.webhooks.values():
            credential.allow_read(self.canary)
        table.allow(self.canary, table=["GetItem"], only_items=["channel#*"])
        Schedules(self, "Schedules", owner="Canary", key=key, alarms=alarms).run(
            self.canary, every=Duration.minutes(1)
        )
        for channel in channels:
            self._watch(alarms, channel)

    def _watch(self, alarms: Alarms, channel: str) -> None:
        """Five rounds in a row: one canary that is lost or late is a deploy or a cold start, and no fault yet."""
        name = "".join(part.capitalize() for part in channel.split("_"))
        alarms.add_heartbeat(
            f"CanaryMissing{name}",
            cloudwatch.Metric(
                namespace=self.canary.metrics_namespace,
                metric_name="CanaryArrived",
                dimensions_map={"service": service_of(self.canary.node.id), "channel": channel},
                statistic="Sum",
                period=FIVE_MINUTES,
            ),
            means=f"Canary: for five minutes no canary on {channel} reached triage within 30 seconds.",
            runbook=Runbook.CANARY,
        )
