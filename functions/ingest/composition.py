"""Builds the real adapters of ingest's Lambdas, once, from their environment."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from contact_desk.clock import SystemClock
from contact_desk.contacts import Surface
from contact_desk.errors import SecretUnavailableError
from contact_desk.force_file import load_force_file
from contact_desk.settings import read_settings
from contact_desk.stores.alert_store import DynamoAlertStore
from contact_desk.stores.archive import S3Archive, S3ArchiveReader
from contact_desk.stores.aws_clients import (
    dynamodb_client,
    s3_client,
    secrets_client,
    sqs_client,
    ssm_client,
)
from contact_desk.stores.channel_log import DynamoChannelLog
from contact_desk.stores.cursors import ParameterCursors
from contact_desk.stores.dynamo import Table
from contact_desk.stores.holds import ParameterHolds
from contact_desk.stores.parking import S3Parking
from contact_desk.stores.queues import SqsContactQueue, SqsPointerQueue
from contact_desk.stores.secrets import SecretsManagerSecret
from functions.ingest.canary_rounds import CanaryRounds, Posting
from functions.ingest.catching_up import CatchUp
from functions.ingest.channel_health import ChannelHealth
from functions.ingest.readers.conversations import ConversationsReader
from functions.ingest.readers.graph_reading import GraphReading
from functions.ingest.readers.page_comments import PageCommentsReader
from functions.ingest.readers.x_mentions import XMentionsReader
from functions.ingest.readers.x_messages import XMessagesReader
from functions.ingest.readers.x_reading import XReading
from functions.ingest.replays import Replays
from functions.ingest.settings import (
    CanarySettings,
    CatchUpSettings,
    ChannelHealthSettings,
    ReplaySettings,
    WebhooksSettings,
)
from functions.ingest.webhook_secrets import addressed
from functions.ingest.webhooks import Webhooks

CODE_ROOT = Path(__file__).resolve().parents[2]


@cache
def webhooks() -> Webhooks:
    """The archive to write, the queues, the platforms' secrets (read once here) and the force."""
    settings = read_settings(WebhooksSettings, os.environ)
    clock, s3, sqs, secrets_manager = SystemClock(), s3_client(), sqs_client(), secrets_client()
    secrets = {
        platform: SecretsManagerSecret(secrets_manager, arn, clock)
        for platform, arn in json.loads(settings.webhook_secret_arns).items()
    }
    for secret in secrets.values():
        with suppress(SecretUnavailableError):  # then the first request that needs it tries, and says so
            secret.versions()
    return Webhooks(
        force=load_force_file(CODE_ROOT / settings.force_file),
        archive=S3Archive(s3, settings.archive_bucket_name),
        contacts=SqsContactQueue(
            sqs,
            {
                Surface.PRIVATE: settings.private_contacts_queue_url,
                Surface.PUBLIC: settings.public_contacts_queue_url,
            },
        ),
        confirmations=SqsPointerQueue(sqs, settings.confirmations_queue_url),
        secrets=addressed(secrets, settings.public_url),
        parking=S3Parking(s3, settings.archive_bucket_name),
        holds=ParameterHolds(ssm_client(), settings.hold_parameter_name, clock),
        clock=clock,
    )


@cache
def replays() -> Replays:
    """The archive to read, the queues and the force."""
    settings, s3 = read_settings(ReplaySettings, os.environ), s3_client()
    return Replays(
        force=load_force_file(CODE_ROOT / settings.force_file),
        archive=S3ArchiveReader(s3, settings.archive_bucket_name),
        released=S3Archive(s3, settings.archive_bucket_name),
        contacts=SqsContactQueue(
            sqs_client(),
            {
                Surface.PRIVATE: settings.private_contacts_queue_url,
                Surface.PUBLIC: settings.public_contacts_queue_url,
            },
        ),
    )


@cache
def catch_up() -> CatchUp:
    """The readers, their cursors, and the archive and queues that take in what they find."""
    settings = read_settings(CatchUpSettings, os.environ)
    force, clock = load_force_file(CODE_ROOT / settings.force_file), SystemClock()
    graph = _graph(settings.graph_api_url, settings.meta_publishing_secret_arn)
    x = _x(settings.x_api_url, settings.x_publishing_secret_arn)
    page = force.channels["messenger"].account if "messenger" in force.channels else None
    return CatchUp(
        force=force,
        readers=(
            ConversationsReader(graph, channel="messenger", platform="messenger", product="page"),
            PageCommentsReader(graph),
            # The conversations of an Instagram account are read in the name of the page that it is linked to.
            ConversationsReader(
                graph, channel="instagram", platform="instagram", product="instagram", page=page
            ),
            XMentionsReader(x),
            XMessagesReader(x),
        ),
        cursors=ParameterCursors(ssm_client(), settings.cursors_parameter_name),
        archive=S3Archive(s3_client(), settings.archive_bucket_name),
        contacts=SqsContactQueue(
            sqs_client(),
            {
                Surface.PRIVATE: settings.private_contacts_queue_url,
                Surface.PUBLIC: settings.public_contacts_queue_url,
            },
        ),
        clock=clock,
    )


@cache
def canary_rounds() -> CanaryRounds:
    """The webhooks' secrets to sign with, the webhooks to call, and the log of what triage had."""
    settings = read_settings(CanarySettings, os.environ)
    clock, secrets_manager = SystemClock(), secrets_client()
    secrets = {
        platform: SecretsManagerSecret(secrets_manager, arn, clock)
        for platform, arn in json.loads(settings.webhook_secret_arns).items()
    }
    return CanaryRounds(
        force=load_force_file(CODE_ROOT / settings.force_file),
        secrets=addressed(secrets, settings.public_url),
        post=Posting(),
        public_url=settings.public_url,
        channel_log=DynamoChannelLog(Table(dynamodb_client(), settings.table_name)),
        clock=clock,
    )


@cache
def channel_health() -> ChannelHealth:
    """The Graph API and X to ask, the log of when each channel was heard, and the alerts."""
    settings = read_settings(ChannelHealthSettings, os.environ)
    table = Table(dynamodb_client(), settings.table_name)
    return ChannelHealth(
        force=load_force_file(CODE_ROOT / settings.force_file),
        graph=_graph(settings.graph_api_url, settings.meta_publishing_secret_arn),
        x=_x(settings.x_api_url, settings.x_publishing_secret_arn),
        channel_log=DynamoChannelLog(table),
        alerts=DynamoAlertStore(table),
        clock=SystemClock(),
    )


def _graph(base_url: str, secret_arn: str) -> GraphReading:
    return GraphReading(
        base_url, SecretsManagerSecret(secrets_client(), secret_arn, SystemClock()), time.sleep
    )


def _x(base_url: str, secret_arn: str) -> XReading:
    clock = SystemClock()
    return XReading(base_url, SecretsManagerSecret(secrets_client(), secret_arn, clock), clock, time.sleep)
