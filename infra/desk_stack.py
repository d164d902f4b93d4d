"""The stack of one force's desk: wiring, parameters and outputs."""

from __future__ import annotations

from aws_cdk import CfnOutput, DefaultStackSynthesizer, Environment, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from contact_desk.contacts import REPORT_FORM
from contact_desk.force_file import Email, load_force_file
from contact_desk.stage_rules import Shift
from infra import http_api
from infra.addresses import Addresses
from infra.alarms import Alarms
from infra.alert_hooks import AlertHooks
from infra.alerts_topic import OperatorAlerts
from infra.archive import Archive
from infra.assets import ROOT, Bundles
from infra.attachments import Attachments, stand_in_host
from infra.audit import Audit
from infra.canary import Canary
from infra.copy_lists import CopyLists
from infra.credentials import Credentials, platform_id
from infra.data_deletion import DataDeletion
from infra.desk_table import DeskTable
from infra.edge_stack import EdgeStack
from infra.front_door import FrontDoor
from infra.http_api import DeskApi
from infra.ingest import Ingest
from infra.keys import Keys
from infra.landing_zone import land
from infra.monitoring import Watched, watch_counts
from infra.notify import Notify
from infra.open_routes import open_routes
from infra.operate import Operate
from infra.origin import Origin
from infra.pages import Pages
from infra.python_function import ARCHITECTURE, RUNTIME, House, metrics_namespace
from infra.report import Report
from infra.second_reader import SecondReader
from infra.shifting import Shifting
from infra.sign_in import SignIn
from infra.stage import Stage
from infra.sweep import Sweep
from infra.triage import Triage
from infra.watched_counts import watched_counts
from infra.work_queue import WorkQueue

STACK_ID = "Desk"


class DeskStack(Stack):
    """All that the desk of one force needs on AWS, made from the far end of the flow to the near one."""

    def __init__(
        self, scope: Construct, *, stage: Stage, force: str, bundles: Bundles, edge: EdgeStack | None = None
    ) -> None:
        super().__init__(
            scope,
            STACK_ID,
            stack_name=f"contact-desk-{force}-{stage.name}",
            description=f"Contact Desk for {force}, stage {stage.name}",
            env=Environment(region=stage.rules.region),
            termination_protection=not stage.is_trial,
            # The CDK command line checks the bootstrap version itself; a template without that rule deploys anywhere.
            synthesizer=DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
        )
        land(self, stage=stage, force=force)
        self.stage, self.force = stage, force
        addresses = Addresses(self)
        keys = Keys(self, "Keys", brought=stage.rules.keys)
        alarms = Alarms(self, "Alarms", key=keys.messages)
        house = House(
            stage=stage,
            force=force,
            bundles=bundles,
            core_layer=self._layer("CoreLayer", bundles.core_layer(), "The desk's domain"),
            vendor_layer=self._layer("VendorLayer", bundles.vendor_layer(), "The pinned libraries"),
            alarms=alarms,
            shifting=None
            if stage.shift is Shift.NONE
            else Shifting(
                self,
                "Shifting",
                shift=stage.shift,
                namespace=metrics_namespace(force, stage),
                api_logical_id=http_api.LOGICAL_ID,
            ),
        )
        table = DeskTable(
            self, "DeskTable", key=keys.table, alarms=alarms, restored=stage.rules.restored_table
        )
        archive = Archive(self, "Archive", key=keys.objects)
        audit = Audit(
            self,
            "Audit",
            objects_key=keys.objects,
            secrets_key=keys.secrets,
            access_logs=archive.access_logs,
        )
        pages = Pages(self, "Pages", access_logs=archive.access_logs)
        pages_url = addresses.pages(FrontDoor.endpoint(edge))
        live_url = f"{pages_url}/live"
        force_file = load_force_file(ROOT / house.force_file)
        platforms = force_file.platforms
        credentials = Credentials(self, "Credentials", key=keys.secrets, platforms=platforms)
        operator_alerts = OperatorAlerts(
            self,
            "OperatorAlerts",
            key=keys.messages,
            alarms=alarms,
            recipients=force_file.alert_recipients,
        )
        alert_hooks = AlertHooks(
            self,
            "AlertHooks",
            house=house,
            keys=keys,
            alarms=alarms,
            table=table,
            operator_alerts=operator_alerts,
            hooks=force_file.alert_hooks,
        )

        reached_at = addresses.public(DeskApi.endpoint())
        copy_lists = CopyLists(self, "CopyLists", key=keys.messages, channels=force_file.broadcasts.channels)
        notify = Notify(
            self,
            "Notify",
            house=house,
            key=keys.messages,
            alarms=alarms,
            table=table,
            credentials=credentials,
            operator_alerts=operator_alerts,
            copy_lists=copy_lists,
            graph_api_url=addresses.graph_api,
            x_api_url=addresses.x_api,
            twilio_api_url=addresses.twilio_api,
            public_url=reached_at,
            email_identities=self._email_identities(force_file.email),
            console_url=addresses.console(f"{pages_url}/console"),
            pages=pages,
            pages_url=pages_url,
        )
        attachments = Attachments(
            self,
            "Attachments",
            house=house,
            key=keys.messages,
            alarms=alarms,
            table=table,
            archive=archive,
            credentials=credentials,
            graph_api_url=addresses.graph_api,
            stand_in_host=stand_in_host(self, stage),
        )
        second_reader = force_file.second_reader and SecondReader(
            self,
            "SecondReader",
            house=house,
            key=keys.messages,
            alarms=alarms,
            table=table,
            outbox_urgent=notify.outbox_urgent,
            outbox=notify.outbox,
            wanted=force_file.second_reader,
        )
        triage = Triage(
            self,
            "Triage",
            house=house,
            key=keys.messages,
            alarms=alarms,
            table=table,
            archive=archive,
            outbox_urgent=notify.outbox_urgent,
            outbox=notify.outbox,
            attachments=attachments.queue,
            second_reads=second_reader.queue if second_reader else None,
        )
        ingest = Ingest(
            self,
            "Ingest",
            house=house,
            key=keys.messages,
            alarms=alarms,
            archive=archive,
            credentials=credentials,
            table=table,
            graph_api_url=addresses.graph_api,
            x_api_url=addresses.x_api,
            private_contacts=triage.private_contacts,
            public_contacts=triage.public_contacts,
            confirmations=notify.confirmations,
            public_url=reached_at,
        )
        canary = (
            Canary(
                self,
                "CanaryRounds",
                house=house,
                key=keys.messages,
                alarms=alarms,
                table=table,
                credentials=credentials,
                reached_at=reached_at,
                channels=[*force_file.channels],
            )
            if stage.has_canaries
            else None
        )
        report = Report(
            self,
            "Report",
            house=house,
            archive=archive,
            private_contacts=triage.private_contacts,
            secrets_key=keys.secrets,
            table=table,
        )
        data_deletion = (
            DataDeletion(
                self,
                "Deletions",
                house=house,
                table=table,
                meta=credentials.webhooks["meta"],
                graph_api_url=addresses.graph_api,
                pages_url=pages_url,
            )
            if "meta" in credentials.webhooks
            else None
        )
        operate = Operate(
            self,
            "Operate",
            house=house,
            table=table,
            outbox_urgent=notify.outbox_urgent,
            outbox=notify.outbox,
            live_url=live_url,
            archive=archive,
        )
        work_queues = {
            "private_contacts": triage.private_contacts,
            "public_contacts": triage.public_contacts,
            "replays": ingest.replays,
            "confirmations": notify.confirmations,
            "outbox_urgent": notify.outbox_urgent,
            "outbox": notify.outbox,
            "attachments": attachments.queue,
            **({"second_reads": second_reader.queue} if second_reader else {}),
        }
        sweep = Sweep(
            self,
            "Sweep",
            house=house,
            key=keys.messages,
            alarms=alarms,
            table=table,
            archive=archive,
            audit=audit,
            replays=ingest.replays,
            outbox_urgent=notify.outbox_urgent,
            outbox=notify.outbox,
            attachments=attachments.queue,
            work_queues=work_queues,
            live_url=live_url,
            survey_url=f"{pages_url}/survey",
        )
        sign_in = SignIn(self, "SignIn", console_home=f"{pages_url}/console/")
        self.console_outputs = {
            name: f"SignIn{name.title().replace('_', '')}" for name in sign_in.console_settings
        }
        """What the console has to know in order to sign people in, and the outputs that tell it."""
        # Without rules at the edge there is nothing that the API's own address would lead past.
        origin = Origin(self, "FromFrontDoor", house=house, key=keys.secrets) if edge else None
        api = DeskApi(
            self,
            "HttpApi",
            stage=stage,
            alarms=alarms,
            open_routes=open_routes(ingest, report, data_deletion, platforms),
            operate=operate.operate,
            watch=operate.watch,
            issuer=sign_in.issuer,
            audience=sign_in.audience,
            by_the_front_door=origin.authorizer if origin else None,
        )
        FrontDoor(
            self,
            "FrontDoor",
            pages=pages,
            api=api,
            sign_in_origins=sign_in.origins,
            edge=edge,
            origin_headers=origin.headers if origin else None,
        )
        queues = [*work_queues.values(), operator_alerts.alerts, *alert_hooks.queues]
        counts = [
            *watched_counts(ingest, triage, notify, operate, sweep),
            *attachments.watched_counts,
            *alert_hooks.counts(),
            *(second_reader.watched_counts(triage.triage) if second_reader else ()),
            *(data_deletion.watched_counts() if data_deletion else ()),
            *(origin.watched_counts if origin else ()),
        ]
        watch_counts(alarms, counts)
        self.watched = Watched(
            alarms=alarms,
            counts=counts,
            functions=[
                ingest.webhooks,
                ingest.replay,
                ingest.catch_up,
                ingest.channel_health,
                *([canary.canary] if canary else ()),
                report.report,
                report.survey,
                *([data_deletion.data_deletion] if data_deletion else ()),
                triage.triage,
                *([second_reader.read_again] if second_reader else ()),
                notify.notify_urgent,
                notify.notify,
                notify.confirm,
                notify.refresh_feed,
                attachments.copy_attachments,
                *alert_hooks.functions,
                operate.operate,
                operate.watch,
                *([origin.origin] if origin else ()),
                *sweep.jobs,
            ],
            queues=queues,
            table=table,
            api=api,
            channels=[*force_file.channels, REPORT_FORM],
        )

        for name, value in {
            "ApiUrl": api.url,
            "FrontDoorUrl": pages_url,
            "LiveUrl": live_url,
            "FeedUrl": f"{pages_url}/feed/atom.xml",
            "PagesBucketName": pages.bucket.bucket_name,
            "RefreshFeedFunctionName": notify.refresh_feed.function.function_name,
            "TableName": table.table.table_name,
            "ArchiveBucketName": archive.archive.bucket_name,
            "EvidenceBucketName": archive.evidence.bucket_name,
            "AuditBucketName": audit.bucket.bucket_name,
            "AuditKeySecretArn": audit.key.attr_id,
            "OperatorAlertsTopicArn": operator_alerts.topic.topic_arn,
            **{f"{topic.node.id}Arn": topic.topic_arn for topic in copy_lists.topics.values()},
            "HoldParameterName": ingest.hold.ref,
            "UserPoolId": sign_in.pool.user_pool_id,
            "UserPoolClientId": sign_in.client.user_pool_client_id,
            **{self.console_outputs[name]: value for name, value in sign_in.console_settings.items()},
        }.items():
            self._output(name, value)
        for platform, credential in credentials.webhooks.items():
            self._output(f"{platform_id(platform)}SecretArn", credential.arn)
        self._output("MetaPublishingSecretArn", credentials.meta_publishing.arn)
        self._output("XPublishingSecretArn", credentials.x_publishing.arn)
        self._output("MetaMediaSecretArn", credentials.meta_media.arn)
        self._output("SmsMediaSecretArn", credentials.sms_media.arn)
        for name, secret in alert_hooks.secrets.items():
            self._output(f"{name}SecretArn", secret.arn)
        self._output("SmsPublishingSecretArn", credentials.sms_publishing.arn)
        for queue in queues:
            self._output_queue(queue)

    def _email_identities(self, email: Email | None) -> list[str]:
        """The identities of SES that the force's address may be verified as: itself, or its domain."""
        if email is None:
            return []
        names = (email.from_address, email.from_address.partition("@")[2])
        return [self.format_arn(service="ses", resource="identity", resource_name=name) for name in names]

    def _layer(self, construct_id: str, code: lambda_.Code, description: str) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            construct_id,
            code=code,
            description=description,
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[ARCHITECTURE],
        )

    def _output(self, name: str, value: str) -> None:
        CfnOutput(self, name, value=value)

    def _output_queue(self, queue: WorkQueue) -> None:
        self._output(f"{queue.node.id}QueueUrl", queue.queue.queue_url)
        self._output(f"{queue.node.id}DlqUrl", queue.dlq.queue_url)
