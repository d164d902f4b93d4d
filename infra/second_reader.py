"""The second reader: a queue of contacts to read again, and the Lambda that asks a language model about each."""

from __future__ import annotations

from aws_cdk import Aws, Duration
from aws_cdk import aws_kms as kms
from constructs import Construct

from contact_desk.second_reader import SecondReader as Wanted
from functions.triage.settings import SecondReaderSettings
from infra.alarms import Alarms
from infra.desk_table import DeskTable
from infra.monitoring import WatchedCount, desk_metric
from infra.python_function import House, InvokedBy, PythonFunction
from infra.runbooks import Runbook
from infra.work_queue import WorkQueue

TIMEOUT = Duration.seconds(30)
AT_A_TIME = 10


class SecondReader(Construct):
    """`read_again` and its queue `second_reads`; a force without a second reader has neither.

    The function may ask one model of the desk's own region and nothing else of Amazon Bedrock. One contact at a time: a
    model that hangs keeps nobody else waiting.
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
        outbox_urgent: WorkQueue,
        outbox: WorkQueue,
        wanted: Wanted,
    ) -> None:
        super().__init__(scope, construct_id)
        model = f"arn:{Aws.PARTITION}:bedrock:{Aws.REGION}::foundation-model/{wanted.model}"
        profile = (
            f"arn:{Aws.PARTITION}:bedrock:{Aws.REGION}:{Aws.ACCOUNT_ID}"
            f":application-inference-profile/{wanted.inference_profile}"
        )
        by_profile = wanted.inference_profile is not None
        self.read_again = PythonFunction(
            self,
            "ReadAgain",
            house=house,
            description="Reads again what the first reader did not find red",
            runbook=Runbook.SECOND_READER,
            handler="functions.triage.second_reads.handler.handle",
            settings=SecondReaderSettings(
                force_file=house.force_file,
                table_name=table.table.table_name,
                model_id=profile if by_profile else wanted.model,
                outbox_urgent_queue_url=outbox_urgent.queue.queue_url,
                outbox_queue_url=outbox.queue.queue_url,
            ),
            invoked_by=InvokedBy.QUEUE,
            timeout=TIMEOUT,
            memory_size=512,
            reserved=AT_A_TIME,
        )
        table.allow_second_reads(self.read_again)
        # A profile leads to its model, and both must be allowed.
        self.read_again.allow(["bedrock:InvokeModel"], [model, profile] if by_profile else [model])
        outbox_urgent.allow_send(self.read_again)
        outbox.allow_send(self.read_again)
        self.queue = WorkQueue(
            self,
            "SecondReads",
            key=key,
            alarms=alarms,
            consumer_timeout=self.read_again.timeout,
            late_after=Duration.minutes(5),
            runbook=Runbook.SECOND_READER,
        )
        self.queue.feed(self.read_again, max_concurrency=AT_A_TIME, batch_size=1)
        self._watch_for_silence(alarms)

    def _watch_for_silence(self, alarms: Alarms) -> None:
        """Contacts came to be read and none was: each run tells 1 for that and 0 for a reading, so the lowest says it.

        That nothing runs at all while contacts wait is told by their age.
        """
        alarms.add(
            "SecondReaderSilent",
            desk_metric("SecondReaderSilent", self.read_again, statistic="Minimum"),
            at_least=1,
            periods=2,
            means="SecondReader: contacts came to be read again and for ten minutes none was.",
            runbook=Runbook.SECOND_READER,
        )

    def watched_counts(self, triage: PythonFunction) -> list[WatchedCount]:
        """The counts that call a person."""
        own = {
            "SecondReadsUnusable": (5, "the model refuses to answer, or does not keep to the schema."),
            "SecondReadsUnanswered": (
                10,
                "the model is throttled, slow, or not to be reached; the log says which.",
            ),
            "SecondReadsCapped": (
                1,
                "the day's allowance is spent: what comes in is read once until midnight, UTC.",
            ),
            "SecondReadsLate": (
                1,
                "contacts were not read again within a quarter of an hour, and no more will be.",
            ),
            "NudgesLost": (
                1,
                "a case was raised and notify was not told: the sweep tells it within two minutes.",
            ),
        }
        counts = [
            WatchedCount(
                metric=metric,
                function=self.read_again,
                at_least=at_least,
                means=means,
                runbook=Runbook.SECOND_READER,
            )
            for metric, (at_least, means) in own.items()
        ]
        lost = "contacts are on the desk that the second reader was not told of: they are read once."
        return [
            *counts,
            WatchedCount(
                metric="SecondReadsNotQueued",
                function=triage,
                at_least=1,
                means=lost,
                runbook=Runbook.SECOND_READER,
            ),
        ]
