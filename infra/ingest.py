"""ingest: takes in what platforms send, and takes archived deliveries in again."""

from __future__ import annotations

from aws_cdk import Duration, Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from functions.ingest.settings import ReplaySettings, WebhooksSettings
from infra.alarms import Alarms
from infra.archive import Archive
from infra.credentials import Credentials
from infra.python_function import House, InvokedBy, PythonFunction
from infra.work_queue import WorkQueue


class Ingest(Construct):
    """`webhooks` faces the internet: it can put into the archive and the queues, and read neither them nor the table.

    `replay` reads the archive; its queue `replays` holds keys of archived deliveries.
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
        private_contacts: WorkQueue,
        public_contacts: WorkQueue,
        confirmations: WorkQueue,
        public_url: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self.webhooks = PythonFunction(
            self,
            "Webhooks",
            house=house,
            description="Verifies, archives and queues what platforms send",
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
            ),
            invoked_by=InvokedBy.HTTP,
            timeout=Duration.seconds(10),
            memory_size=512,
            reserved=100,
        )
        archive.allow_keep(self.webhooks)
        for queue in (private_contacts, public_contacts, confirmations):
            queue.allow_send(self.webhooks)
        for credential in credentials.webhooks.values():
            credential.allow_read(self.webhooks)

        self.replay = PythonFunction(
            self,
            "Replay",
            house=house,
            description="Takes archived deliveries in again",
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
        private_contacts.allow_send(self.replay)
        public_contacts.allow_send(self.replay)
        self.replays = WorkQueue(
            self,
            "Replays",
            key=key,
            alarms=alarms,
            consumer_timeout=self.replay.timeout,
            late_after=Duration.minutes(15),
        )
        self.replays.feed(self.replay, max_concurrency=5)
