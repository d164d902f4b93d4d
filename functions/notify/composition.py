"""Builds the real adapters of notify's Lambdas, once, from their environment."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import NamedTuple

from contact_desk.alerts import AlertRank
from contact_desk.clock import RandomIds, SystemClock
from contact_desk.force_file import load_force_file
from contact_desk.outbox import OutboxKind, is_written_to
from contact_desk.ports import OutboxStore
from contact_desk.settings import read_settings
from contact_desk.stores.alert_store import DynamoAlertStore
from contact_desk.stores.aws_clients import dynamodb_client, secrets_client, sns_client
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
from functions.notify.settings import ConfirmSettings, NotifySettings
from functions.notify.troubles import Troubles

CODE_ROOT = Path(__file__).resolve().parents[2]


class Confirmed(NamedTuple):
    """What a confirmation is matched to."""

    outbox: OutboxStore
    notes: CaseNotes


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
                sns_client(), settings.operator_alerts_topic_arn, alerts, settings.console_url
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
