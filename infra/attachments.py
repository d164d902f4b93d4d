"""attachments: copies what people attach into the evidence bucket before the platform's link dies."""

from __future__ import annotations

from aws_cdk import CfnParameter, Duration, Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from functions.attachments.settings import AttachmentsSettings
from infra.alarms import Alarms
from infra.archive import Archive
from infra.credentials import Credentials
from infra.desk_table import DeskTable
from infra.monitoring import WatchedCount
from infra.python_function import House, InvokedBy, PythonFunction
from infra.runbooks import Runbook, Severity
from infra.stage import Stage
from infra.work_queue import WorkQueue

NO_STAND_IN = "none"


class Attachments(Construct):
    """`copy_attachments` and its queue. Of the table it may update its own records, of the evidence put files.

    One message at a time: a link that hangs keeps nobody else's file waiting. `stand_in_host` is `none` wherever
    the platforms are the real ones.
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
        credentials: Credentials,
        graph_api_url: str,
        stand_in_host: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self.copy_attachments = PythonFunction(
            self,
            "CopyAttachments",
            house=house,
            description="Copies what people attach",
            runbook=Runbook.ATTACHMENTS,
            handler="functions.attachments.handler.handle",
            settings=AttachmentsSettings(
                table_name=table.table.table_name,
                evidence_bucket_name=archive.evidence.bucket_name,
                meta_media_secret_arn=credentials.meta_media.arn,
                sms_media_secret_arn=credentials.sms_media.arn,
                graph_api_url=graph_api_url,
                stand_in_host=stand_in_host,
            ),
            invoked_by=InvokedBy.QUEUE,
            timeout=Duration.seconds(120),
            memory_size=512,
            reserved=10,
        )
        table.allow_update_attachments(self.copy_attachments)
        archive.allow_keep_attachments(self.copy_attachments)
        credentials.meta_media.allow_read(self.copy_attachments)
        credentials.sms_media.allow_read(self.copy_attachments)

        self.queue = WorkQueue(
            self,
            "Attachments",
            key=key,
            alarms=alarms,
            consumer_timeout=self.copy_attachments.timeout,
            late_after=Duration.minutes(10),
            runbook=Runbook.ATTACHMENTS,
        )
        self.queue.feed(self.copy_attachments, max_concurrency=10, batch_size=1)

    @property
    def watched_counts(self) -> list[WatchedCount]:
        """The counts that call a person."""
        watched = {
            "AttachmentsRefused": (
                10,
                "files were not copied: a platform's new host, or somebody who tries.",
            ),
            "AttachmentsGone": (5, "platforms had files no more by the time that they were to be copied."),
            "AttachmentsNotStored": (1, "files were fetched and the evidence bucket did not take them."),
            "AttachmentsWithoutCredentials": (1, "a platform asks for credentials that it was not given."),
        }
        return [
            WatchedCount(
                metric=metric,
                function=self.copy_attachments,
                at_least=at_least,
                means=means,
                runbook=Runbook.CREDENTIALS
                if metric == "AttachmentsWithoutCredentials"
                else Runbook.ATTACHMENTS,
                severity=Severity.NOTICE,
            )
            for metric, (at_least, means) in watched.items()
        ]


def stand_in_host(stack: Stack, stage: Stage) -> str:
    """Where the platforms' stand-ins serve files, on a workstation; a live desk has no way to name such a host."""
    if not stage.is_trial:
        return NO_STAND_IN
    return CfnParameter(
        stack,
        "StandInHost",
        allowed_pattern="^none$|^127\\.0\\.0\\.1:[0-9]{2,5}$",
        default=NO_STAND_IN,
        description="Loopback address and port of the platforms' stand-ins; none wherever they are the real ones",
    ).value_as_string
