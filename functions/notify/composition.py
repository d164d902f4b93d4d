"""Builds the real adapters of notify's Lambdas, once, from their environment."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from contact_desk.alerts import AlertRank, Ladder
from contact_desk.clock import Clock, RandomIds, SystemClock
from contact_desk.force_file import load_force_file
from contact_desk.outbox import OutboxKind, is_written_to
from contact_desk.ports import AlertStore, OutboxStore
from contact_desk.settings import read_settings
from contact_desk.stores.alert_store import DynamoAlertStore
from contact_desk.stores.aws_clients import dynamodb_client, secrets_client, sns_client, sqs_client
from contact_desk.stores.dynamo import Table
from contact_desk.stores.outbox_store import DynamoOutboxStore
from contact_desk.stores.secrets import SecretsManagerSecret
from functions.notify.case_notes import CaseNotes, DynamoCaseNotes
from functions.notify.dispatch import Dispatcher
from functions.notify.graph_api import GraphApi
from functions.notify.senders.comment_replies import CommentReplySender
from functions.notify.senders.messages import MessageSender
from functions.notify.senders.operator_alerts import OperatorAlertSender
from functions.notify.senders.private_replies import PrivateReplySender
from functions.notify.settings import AlertHookSettings, ConfirmSettings, NotifySettings
from functions.notify.troubles import Troubles
from functions.notify.web_hook import WebHook

CODE_ROOT = Path(__file__).resolve().parents[2]


class Confirmed(NamedTuple):
    """What a confirmation is matched to."""

    outbox: OutboxStore
    notes: CaseNotes


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
    publishing = SecretsManagerSecret(secrets_client(), settings.meta_publishing_secret_arn, clock)
    graph = GraphApi(settings.graph_api_url, publishing)
    for account in {
        channel.account
        for name, channel in force.channels.items()
        if channel.platform == "meta" and is_written_to(name)
    }:
        graph.prepare(account)  # a token that is lacking shows again, and is told, when an item needs it
    return Dispatcher(
        outbox=DynamoOutboxStore(table),
        troubles=Troubles(alerts, DynamoCaseNotes(table), force.alerts[AlertRank.A2]),
        senders={
            OutboxKind.MESSAGE: MessageSender(graph),
            OutboxKind.COMMENT_REPLY: CommentReplySender(graph),
            OutboxKind.PRIVATE_REPLY: PrivateReplySender(graph),
            OutboxKind.OPERATOR_ALERT: OperatorAlertSender(
                sns_client(),
                settings.operator_alerts_topic_arn,
                alerts,
                settings.console_url,
                force.alerts,
            ),
        },
        clock=clock,
        ids=RandomIds(),
    )


@cache
def confirmed() -> Confirmed:
    """The outbox, and the timelines."""
    table = Table(dynamodb_client(), read_settings(ConfirmSettings, os.environ).table_name)
    return Confirmed(DynamoOutboxStore(table), DynamoCaseNotes(table))


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
