"""notify: sends what the table says is to be sent, and matches the platforms' confirmations to it."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from constructs import Construct

from contact_desk.clock import to_rfc3339
from functions.notify.settings import (
    NEVER_RESTORED,
    ConfirmSettings,
    NotifySettings,
    RefreshFeedSettings,
)
from infra.alarms import Alarms
from infra.alerts_topic import OperatorAlerts
from infra.copy_lists import CopyLists
from infra.credentials import Credentials
from infra.desk_table import DeskTable
from infra.pages import Pages
from infra.python_function import House, InvokedBy, PythonFunction
from infra.runbooks import Runbook, Severity
from infra.schedules import Schedules
from infra.work_queue import WorkQueue

FEED_READS = ("GetItem", "BatchGetItem", "Query")
TIMEOUT = Duration.seconds(30)


class Notify(Construct):
    """Two senders of one code, each with its queue: `notify_urgent` for emergency texts and A1 alerts, `notify`.

    They alone write by the publishing credentials; catch-up reads by them. `confirm` reads queue `confirmations`;
    `refresh_feed` looks after the public feed, which the senders bring up to date with each change.
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
        operator_alerts: OperatorAlerts,
        copy_lists: CopyLists,
        graph_api_url: str,
        x_api_url: str,
        twilio_api_url: str,
        public_url: str,
        console_url: str,
        email_identities: Sequence[str],
        pages: Pages,
        pages_url: str,
    ) -> None:
        super().__init__(scope, construct_id)
        feed_status = "Test" if house.stage.is_trial else "Actual"
        sent_until = house.stage.rules.sent_until
        self.outbox_urgent = WorkQueue(
            self,
            "OutboxUrgent",
            key=key,
            alarms=alarms,
            consumer_timeout=TIMEOUT,
            late_after=Duration.minutes(1),
            runbook=Runbook.SENDING,
        )
        self.outbox = WorkQueue(
            self,
            "Outbox",
            key=key,
            alarms=alarms,
            consumer_timeout=TIMEOUT,
            late_after=Duration.minutes(10),
            runbook=Runbook.SENDING,
        )
        settings = NotifySettings(
            force_file=house.force_file,
            table_name=table.table.table_name,
            meta_publishing_secret_arn=credentials.meta_publishing.arn,
            x_publishing_secret_arn=credentials.x_publishing.arn,
            sms_publishing_secret_arn=credentials.sms_publishing.arn,
            operator_alerts_topic_arn=operator_alerts.topic.topic_arn,
            outbox_urgent_queue_url=self.outbox_urgent.queue.queue_url,
            graph_api_url=graph_api_url,
            x_api_url=x_api_url,
            twilio_api_url=twilio_api_url,
            public_url=public_url,
            console_url=console_url,
            pages_bucket_name=pages.bucket.bucket_name,
            pages_url=pages_url,
            feed_status=feed_status,
            sms_list_topic_arn=copy_lists.arn("sms_list"),
            email_list_topic_arn=copy_lists.arn("email_list"),
            sent_until=to_rfc3339(sent_until) if sent_until else NEVER_RESTORED,
        )
        self.notify_urgent = PythonFunction(
            self,
            "NotifyUrgent",
            house=house,
            description="Sends emergency texts and A1 alerts",
            runbook=Runbook.SENDING,
            handler="functions.notify.handler.handle",
            settings=settings,
            invoked_by=InvokedBy.QUEUE,
            timeout=TIMEOUT,
            memory_size=512,
            reserved=20,
            reminds_itself=True,
        )
        self.notify = PythonFunction(
            self,
            "Notify",
            house=house,
            description="Sends replies, acknowledgements, signposts, copies of broadcasts and alerts",
            runbook=Runbook.SENDING,
            handler="functions.notify.handler.handle",
            settings=settings,
            invoked_by=InvokedBy.QUEUE,
            timeout=TIMEOUT,
            memory_size=512,
            reserved=10,
        )
        for sender in (self.notify_urgent, self.notify):
            table.allow(sender, table=["GetItem", "PutItem", "UpdateItem"])
            for credential in (
                credentials.meta_publishing,
                credentials.x_publishing,
                credentials.sms_publishing,
            ):
                credential.allow_read(sender)
            if email_identities:
                sender.allow(["ses:SendEmail"], email_identities)
            operator_alerts.allow_publish(sender)
            self.outbox_urgent.allow_send(sender)
        # Copies of broadcasts are no urgent items, updates of the feed are.
        copy_lists.allow_publish(self.notify)
        table.allow(self.notify_urgent, table=FEED_READS)
        pages.allow_update_feed(self.notify_urgent)
        self.confirm = PythonFunction(
            self,
            "Confirm",
            house=house,
            description="Matches platforms' confirmations to what was sent",
            runbook=Runbook.SENDING,
            severity=Severity.NOTICE,
            handler="functions.notify.confirm.handle",
            settings=ConfirmSettings(force_file=house.force_file, table_name=table.table.table_name),
            invoked_by=InvokedBy.QUEUE,
            timeout=Duration.seconds(10),
            memory_size=256,
            reserved=5,
        )
        table.allow(self.confirm, table=["GetItem", "PutItem", "UpdateItem"])

        self.refresh_feed = PythonFunction(
            self,
            "RefreshFeed",
            house=house,
            description="Looks whether the public feed says what the table says",
            runbook=Runbook.FEED,
            handler="functions.notify.refresh_feed.handle",
            settings=RefreshFeedSettings(
                force_file=house.force_file,
                table_name=table.table.table_name,
                pages_bucket_name=pages.bucket.bucket_name,
                pages_url=pages_url,
                feed_status=feed_status,
            ),
            invoked_by=InvokedBy.SCHEDULE,
            # Less than the schedule's minute, so that a run never overtakes the one before it.
            timeout=Duration.seconds(50),
            memory_size=512,
        )
        table.allow(self.refresh_feed, table=FEED_READS)
        pages.allow_update_feed(self.refresh_feed)
        Schedules(self, "Schedules", owner="Notify", key=key, alarms=alarms).run(
            self.refresh_feed, every=Duration.minutes(1)
        )

        # One by one: behind a text to a platform that hangs, the others of its batch would wait.
        self.outbox_urgent.feed(self.notify_urgent, max_concurrency=20, batch_size=1)
        self.outbox.feed(self.notify, max_concurrency=10)
        self.confirmations = WorkQueue(
            self,
            "Confirmations",
            key=key,
            alarms=alarms,
            consumer_timeout=self.confirm.timeout,
            late_after=Duration.minutes(15),
            runbook=Runbook.SENDING,
            severity=Severity.NOTICE,
        )
        self.confirmations.feed(self.confirm, max_concurrency=5)
