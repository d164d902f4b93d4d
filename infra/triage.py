"""triage: decides on each contact and puts it, with all that follows from it, into the table."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from functions.triage.settings import NO_QUEUE, TriageSettings
from infra.alarms import Alarms
from infra.archive import Archive
from infra.desk_table import DeskTable
from infra.python_function import ARCHITECTURE, RUNTIME, House, InvokedBy, PythonFunction
from infra.runbooks import Runbook
from infra.work_queue import WorkQueue


class Triage(Construct):
    """`triage` and its queues, private and public apart, so that a storm of comments delays no message.

    `second_reads` is None where the force has no second reader.
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
        archive: Archive,
        outbox_urgent: WorkQueue,
        outbox: WorkQueue,
        attachments: WorkQueue,
        second_reads: WorkQueue | None,
    ) -> None:
        super().__init__(scope, construct_id)
        libraries = lambda_.LayerVersion(
            self,
            "Libraries",
            code=house.bundles.triage_layer(),
            description="What the first reader needs",
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[ARCHITECTURE],
        )
        self.triage = PythonFunction(
            self,
            "Triage",
            house=house,
            description="Decides on contacts",
            runbook=Runbook.TRIAGE,
            handler="functions.triage.handler.handle",
            settings=TriageSettings(
                force_file=house.force_file,
                table_name=table.table.table_name,
                evidence_bucket_name=archive.evidence.bucket_name,
                outbox_urgent_queue_url=outbox_urgent.queue.queue_url,
                outbox_queue_url=outbox.queue.queue_url,
                attachments_queue_url=attachments.queue.queue_url,
                second_reads_queue_url=second_reads.queue.queue_url if second_reads else NO_QUEUE,
            ),
            invoked_by=InvokedBy.QUEUE,
            timeout=Duration.seconds(15),
            memory_size=1769,  # one whole processor: the first reader's work is arithmetic
            reserved=40,
            own_layers=[libraries],
        )
        table.allow(
            self.triage,
            table=["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "ConditionCheckItem"],
        )
        archive.allow_keep_evidence(self.triage)
        outbox_urgent.allow_send(self.triage)
        outbox.allow_send(self.triage)
        attachments.allow_send(self.triage)
        if second_reads:
            second_reads.allow_send(self.triage)

        self.private_contacts = WorkQueue(
            self,
            "PrivateContacts",
            key=key,
            alarms=alarms,
            consumer_timeout=self.triage.timeout,
            late_after=Duration.minutes(2),
            runbook=Runbook.TRIAGE,
        )
        self.private_contacts.feed(self.triage, max_concurrency=25)
        self.public_contacts = WorkQueue(
            self,
            "PublicContacts",
            key=key,
            alarms=alarms,
            consumer_timeout=self.triage.timeout,
            late_after=Duration.minutes(5),
            runbook=Runbook.TRIAGE,
        )
        self.public_contacts.feed(self.triage, max_concurrency=15)
