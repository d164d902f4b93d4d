"""Builds the real adapters of notify's Lambdas, once, from their environment."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from contact_desk.alerts import AlertRank, Ladder
from contact_desk.clock import Clock, RandomIds, SystemClock, from_rfc3339
from contact_desk.force_file import ForceFile, MessageTemplate, load_force_file
from contact_desk.outbox import OutboxKind, is_written_to
from contact_desk.ports import AlertStore, OutboxStore
from contact_desk.settings import read_settings
from contact_desk.stores.alert_store import DynamoAlertStore
from contact_desk.stores.aws_clients import (
    dynamodb_client,
    s3_client,
    secrets_client,
    ses_client,
    sns_client,
    sns_lists_client,
    sqs_client,
)
from contact_desk.stores.broadcast_store import DynamoBroadcasts, DynamoSwitch
from contact_desk.stores.dynamo import Table
from contact_desk.stores.outbox_store import DynamoOutboxStore
from contact_desk.stores.secrets import SecretsManagerSecret
from functions.notify.case_notes import CaseNotes, DynamoCaseNotes
from functions.notify.dispatch import Dispatcher
from functions.notify.feed.page_bucket import S3PageBucket
from functions.notify.feed.publisher import PhoneNumbers, Publisher
from functions.notify.feed.updating import FeedUpdate
from functions.notify.graph_api import GraphApi
from functions.notify.pace_store import DynamoPaces
from functions.notify.paces import Paces
from functions.notify.reminders import SqsReminders
from functions.notify.senders.by_channel import ByChannel
from functions.notify.senders.comment_replies import CommentReplySender
from functions.notify.senders.copies.copy_sender import CopySender
from functions.notify.senders.copies.facebook_page import FacebookPageCopies
from functions.notify.senders.copies.instagram import InstagramCopies
from functions.notify.senders.copies.lists import ListCopies, WhatsAppCopies
from functions.notify.senders.copies.sending import Records
from functions.notify.senders.copies.x import XCopies
from functions.notify.senders.emails import EmailSender
from functions.notify.senders.feed_updates import FeedUpdateSender
from functions.notify.senders.messages import InstagramSender, MessageSender
from functions.notify.senders.operator_alerts import OperatorAlertSender
from functions.notify.senders.private_replies import PrivateReplySender
from functions.notify.senders.text_messages import TextMessageSender
from functions.notify.senders.whatsapp_messages import WhatsAppSender
from functions.notify.senders.x import DirectMessageSender, PostReplySender
from functions.notify.settings import (
    NEVER_RESTORED,
    AlertHookSettings,
    ConfirmSettings,
    NotifySettings,
    RefreshFeedSettings,
)
from functions.notify.troubles import Troubles
from functions.notify.twilio_api import TwilioApi
from functions.notify.web_hook import WebHook
from functions.notify.x_api import XApi

CODE_ROOT = Path(__file__).resolve().parents[2]


class Confirmed(NamedTuple):
    """What a confirmation is matched to."""

    outbox: OutboxStore
    notes: CaseNotes
    troubles: Troubles


class HookDesk(NamedTuple):
    """One web hook by its name; `pause` hides a message of its queue, by receipt handle, for so many seconds."""

    name: str
    hook: WebHook
    alerts: AlertStore
    ladder: Ladder
    pause: Callable[[str, int], None]
    clock: Clock


@cache
def dispatcher() -> Dispatcher:
    """The outbox, the alerts, and one sender for each kind of item."""
    settings = read_settings(NotifySettings, os.environ)
    force = load_force_file(CODE_ROOT / settings.force_file)
    clock, table = SystemClock(), Table(dynamodb_client(), settings.table_name)
    alerts = DynamoAlertStore(table)
    graph = GraphApi(settings.graph_api_url, _secret(settings.meta_publishing_secret_arn, clock))
    x = XApi(settings.x_api_url, _secret(settings.x_publishing_secret_arn, clock), clock)
    twilio = TwilioApi(settings.twilio_api_url, _secret(settings.sms_publishing_secret_arn, clock))
    for account in {
        channel.account
        for name, channel in force.channels.items()
        if channel.platform == "meta" and is_written_to(name)
    }:
        graph.prepare(account)  # a token that is lacking shows again, and is told, when an item needs it
    copies = _copies(settings, force, table, clock, graph=graph, x=x)
    return Dispatcher(
        outbox=DynamoOutboxStore(table),
        troubles=Troubles(alerts, DynamoCaseNotes(table), force.alerts[AlertRank.A2], force.short_code),
        senders={
            OutboxKind.MESSAGE: ByChannel(
                {
                    "messenger": MessageSender(graph, human_agent=_human_agent(force, "messenger")),
                    "instagram": InstagramSender(graph, human_agent=_human_agent(force, "instagram")),
                    "whatsapp": WhatsAppSender(graph, _template(force), clock),
                    "x": DirectMessageSender(x),
                    "sms": TextMessageSender(twilio, f"{settings.public_url}/webhooks/sms"),
                }
            ),
            OutboxKind.COMMENT_REPLY: ByChannel(
                {"facebook_page": CommentReplySender(graph), "x": PostReplySender(x)}
            ),
            OutboxKind.COPY: copies,
            OutboxKind.EMAIL: EmailSender(ses_client(), force.email),
            OutboxKind.FEED: FeedUpdateSender(_feed_update(settings, force, table, clock), clock),
            OutboxKind.PRIVATE_REPLY: PrivateReplySender(graph),
            OutboxKind.OPERATOR_ALERT: OperatorAlertSender(
                sns_client(),
                settings.operator_alerts_topic_arn,
                alerts,
                settings.console_url,
                force.alerts,
            ),
        },
        paces=Paces(DynamoPaces(table)),
        reminders=SqsReminders(sqs_client(), settings.outbox_urgent_queue_url),
        clock=clock,
        ids=RandomIds(),
        go_on=copies.go_on,
        sent_until=None if settings.sent_until == NEVER_RESTORED else from_rfc3339(settings.sent_until),
    )


def _copies(
    settings: NotifySettings, force: ForceFile, table: Table, clock: Clock, *, graph: GraphApi, x: XApi
) -> CopySender:
    """The sender of copies, with every channel that there is; the force file says which of them are used."""
    lists, whatsapp = sns_lists_client(), force.broadcasts.channels.get("whatsapp")
    return CopySender(
        Records(DynamoBroadcasts(table), DynamoSwitch(table), DynamoOutboxStore(table)),
        {
            "facebook_page": FacebookPageCopies(graph),
            "instagram": InstagramCopies(graph, lambda name: f"{settings.pages_url}/live/pictures/{name}"),
            "x": XCopies(x),
            "whatsapp": WhatsAppCopies(graph, whatsapp.group if whatsapp else None),
            "sms_list": ListCopies(lists, settings.sms_list_topic_arn, force.name),
            "email_list": ListCopies(lists, settings.email_list_topic_arn, force.name),
        },
        clock,
    )


def _secret(arn: str, clock: Clock) -> SecretsManagerSecret:
    return SecretsManagerSecret(secrets_client(), arn, clock)


def _human_agent(force: ForceFile, name: str) -> bool:
    return name in force.channels and force.channels[name].human_agent


def _template(force: ForceFile) -> MessageTemplate | None:
    return force.channels["whatsapp"].template if "whatsapp" in force.channels else None


@cache
def feed_update() -> FeedUpdate:
    """What the public feed is made of, and where it is put."""
    settings = read_settings(RefreshFeedSettings, os.environ)
    force, table = (
        load_force_file(CODE_ROOT / settings.force_file),
        Table(dynamodb_client(), settings.table_name),
    )
    return _feed_update(settings, force, table, SystemClock())


def _feed_update(
    settings: NotifySettings | RefreshFeedSettings, force: ForceFile, table: Table, clock: Clock
) -> FeedUpdate:
    return FeedUpdate(
        broadcasts=DynamoBroadcasts(table),
        bucket=S3PageBucket(s3_client(), settings.pages_bucket_name),
        publisher=Publisher(
            name=force.name,
            short_code=force.short_code,
            sender=force.broadcasts.sender,
            base_url=settings.pages_url,
            zone=ZoneInfo(force.time_zone),
            phones=PhoneNumbers(force.phones.non_emergency, force.phones.from_abroad),
            trial=settings.feed_status != "Actual",
            x_handle=(force.channels["x"].handle or "") if "x" in force.channels else "",
        ),
        clock=clock,
    )


@cache
def confirmed() -> Confirmed:
    """The outbox, the timelines, and the alerts for what did not arrive."""
    settings = read_settings(ConfirmSettings, os.environ)
    force = load_force_file(CODE_ROOT / settings.force_file)
    table = Table(dynamodb_client(), settings.table_name)
    notes = DynamoCaseNotes(table)
    troubles = Troubles(DynamoAlertStore(table), notes, force.alerts[AlertRank.A2])
    return Confirmed(DynamoOutboxStore(table), notes, troubles)


@cache
def alert_hook() -> HookDesk:
    """One web hook, the alerts, and how a message of its queue is left to rest."""
    settings = read_settings(AlertHookSettings, os.environ)
    force, clock, sqs = load_force_file(CODE_ROOT / settings.force_file), SystemClock(), sqs_client()

    def pause(receipt_handle: str, seconds: int) -> None:
        # Where it cannot be hidden it comes again when the queue's own time is over.
        with suppress(BotoCoreError, ClientError):
            sqs.change_message_visibility(
                QueueUrl=settings.hook_queue_url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
            )

    return HookDesk(
        settings.hook,
        WebHook(
            force.alert_hooks[settings.hook].form,
            SecretsManagerSecret(secrets_client(), settings.hook_secret_arn, clock),
            clock,
            urllib3.PoolManager(retries=False),
        ),
        DynamoAlertStore(Table(dynamodb_client(), settings.table_name)),
        force.alerts[AlertRank.A2],
        pause,
        clock,
    )
