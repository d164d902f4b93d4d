"""ingest: takes in what platforms send, takes it in again, reads what webhooks missed, looks after the channels."""

from __future__ import annotations

from aws_cdk import Duration, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from functions.ingest.settings import (
    CatchUpSettings,
    ChannelHealthSettings,
    ReplaySettings,
    WebhooksSettings,
)
from infra.alarms import Alarms
from infra.archive import Archive
from infra.credentials import Credentials
from infra.desk_table import DeskTable
from infra.python_function import House, InvokedBy, PythonFunction
from infra.runbooks import Runbook
from infra.schedules import Schedules
from infra.work_queue import WorkQueue

HOLD_PATTERN = "^(none|[a-z_]+(,[a-z_]+)*)$"
CATCH_UP_EVERY = Duration.minutes(5)


class Ingest(Construct):
    """`webhooks` faces the internet: it can put into the archive and the queues, and read neither them nor the table.

    `replay` reads the archive; its queue `replays` holds keys of archived deliveries. `catch_up` and `channel_health`
    run every five minutes; of the table, the second may touch channels, alerts and what tells of them. `hold` is the
    parameter by which people put a webhook on hold.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        house: House,
        key: kms.IKey,
        alarms: Alarms,
        archive: Archive,
        credentials: Credentials,
        table: DeskTable,
        graph_api_url: str,
        x_api_url: str,
        private_contacts: WorkQueue,
        public_contacts: WorkQueue,
        confirmations: WorkQueue,
        public_url: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self._names = f"/contact-desk/{house.force}/{house.stage.name}"
        self.hold = self._parameter(
            "Hold",
            "hold",
            value="none",
            allowed_pattern=HOLD_PATTERN,
            description="Webhooks on hold: none, or names such as meta,x. People change it; a deploy does not",
        )
        cursors = self._parameter(
            "CatchUpCursors",
            "catch-up",
            value="{}",
            allowed_pattern=None,
            description="How far catch-up has read. Catch-up changes it; a deploy does not",
        )
        self.webhooks = PythonFunction(
            self,
            "Webhooks",
            house=house,
            description="Verifies, archives and queues what platforms send",
            runbook=Runbook.INTAKE,
            handler="functions.ingest.handler.handle",
            settings=WebhooksSettings(
                force_file=house.force_file,
                archive_bucket_name=archive.archive.bucket_name,
                private_contacts_queue_url=private_contacts.queue.queue_url,
                public_contacts_queue_url=public_contacts.queue.queue_url,
                confirmations_queue_url=confirmations.queue.queue_url,
                webhook_secret_arns=Stack.of(self).to_json_string(
                    {platform: credential.arn for platform, credential in credentials.webhooks.items()}
                ),
                public_url=public_url,
                hold_parameter_name=self.hold.ref,
            ),
            invoked_by=InvokedBy.HTTP,
            timeout=Duration.seconds(10),
            memory_size=512,
            reserved=100,
        )
        archive.allow_keep(self.webhooks)
        archive.allow_park(self.webhooks)
        self._allow_parameter(self.webhooks, ["ssm:GetParameter"], self.hold)
        for queue in (private_contacts, public_contacts, confirmations):
            queue.allow_send(self.webhooks)
        for credential in credentials.webhooks.values():
            credential.allow_read(self.webhooks)

        self.replay = PythonFunction(
            self,
            "Replay",
            house=house,
            description="Takes archived deliveries in again",
            runbook=Runbook.REPLAY,
            handler="functions.ingest.replay.handle",
            settings=ReplaySettings(
                force_file=house.force_file,
                archive_bucket_name=archive.archive.bucket_name,
                private_contacts_queue_url=private_contacts.queue.queue_url,
                public_contacts_queue_url=public_contacts.queue.queue_url,
            ),
            invoked_by=InvokedBy.QUEUE,
            timeout=Duration.seconds(30),
            memory_size=512,
            reserved=5,
        )
        archive.allow_read(self.replay)
        archive.allow_release(self.replay)
        private_contacts.allow_send(self.replay)
        public_contacts.allow_send(self.replay)
        self.replays = WorkQueue(
            self,
            "Replays",
            key=key,
            alarms=alarms,
            consumer_timeout=self.replay.timeout,
            late_after=Duration.minutes(15),
            runbook=Runbook.REPLAY,
        )
        self.replays.feed(self.replay, max_concurrency=5)

        self.catch_up = PythonFunction(
            self,
            "CatchUp",
            house=house,
            description="Reads from the platforms what their webhooks may have missed",
            runbook=Runbook.JOBS,
            handler="functions.ingest.catch_up.handle",
            settings=CatchUpSettings(
                force_file=house.force_file,
                cursors_parameter_name=cursors.ref,
                archive_bucket_name=archive.archive.bucket_name,
                private_contacts_queue_url=private_contacts.queue.queue_url,
                public_contacts_queue_url=public_contacts.queue.queue_url,
                meta_publishing_secret_arn=credentials.meta_publishing.arn,
                graph_api_url=graph_api_url,
                x_publishing_secret_arn=credentials.x_publishing.arn,
                x_api_url=x_api_url,
            ),
            invoked_by=InvokedBy.SCHEDULE,
            # Less than the schedule's five minutes, so that a run never overtakes the one before it.
            timeout=Duration.seconds(280),
            memory_size=512,
            reserved=1,
        )
        archive.allow_keep(self.catch_up)
        private_contacts.allow_send(self.catch_up)
        public_contacts.allow_send(self.catch_up)
        for credential in (credentials.meta_publishing, credentials.x_publishing):
            credential.allow_read(self.catch_up)
        self._allow_parameter(self.catch_up, ["ssm:GetParameter", "ssm:PutParameter"], cursors)

        self.channel_health = PythonFunction(
            self,
            "ChannelHealth",
            house=house,
            description="Looks after subscriptions, credentials and silence of the channels",
            runbook=Runbook.JOBS,
            handler="functions.ingest.channel_watch.handle",
            settings=ChannelHealthSettings(
                force_file=house.force_file,
                table_name=table.table.table_name,
                meta_publishing_secret_arn=credentials.meta_publishing.arn,
                graph_api_url=graph_api_url,
                x_publishing_secret_arn=credentials.x_publishing.arn,
                x_api_url=x_api_url,
            ),
            invoked_by=InvokedBy.SCHEDULE,
            timeout=Duration.seconds(60),
            memory_size=512,
            reserved=1,
        )
        for credential in (credentials.meta_publishing, credentials.x_publishing):
            credential.allow_read(self.channel_health)
        table.allow(
            self.channel_health,
            table=["GetItem", "PutItem"],
            only_items=["channel#*", "alert#*", "outbox#*"],
        )
        schedules = Schedules(self, "Schedules", owner="Ingest", key=key, alarms=alarms)
        schedules.run(self.catch_up, every=CATCH_UP_EVERY)
        schedules.run(self.channel_health, every=CATCH_UP_EVERY)

    def _parameter(
        self, construct_id: str, name: str, *, value: str, allowed_pattern: str | None, description: str
    ) -> ssm.CfnParameter:
        """A parameter with a name of its own: whoever is on call types it."""
        parameter = ssm.CfnParameter(
            self,
            construct_id,
            name=f"{self._names}/{name}",
            type="String",
            value=value,
            allowed_pattern=allowed_pattern,
            description=description,
        )
        parameter.override_logical_id(f"{construct_id}Parameter")
        return parameter

    def _allow_parameter(
        self, function: PythonFunction, actions: list[str], parameter: ssm.CfnParameter
    ) -> None:
        arn = Stack.of(self).format_arn(service="ssm", resource=f"parameter{parameter.name}")
        function.allow(actions, [arn])
