"""Builds the real adapters of ingest's Lambdas, once, from their environment."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from contact_desk.clock import SystemClock
from contact_desk.contacts import Surface
from contact_desk.errors import SecretUnavailableError
from contact_desk.force_file import load_force_file
from contact_desk.settings import read_settings
from contact_desk.stores.archive import S3Archive, S3ArchiveReader
from contact_desk.stores.aws_clients import s3_client, secrets_client, sqs_client
from contact_desk.stores.queues import SqsContactQueue, SqsPointerQueue
from contact_desk.stores.secrets import SecretsManagerSecret
from functions.ingest.replays import Replays
from functions.ingest.settings import ReplaySettings, WebhooksSettings
from functions.ingest.webhook_secrets import addressed
from functions.ingest.webhooks import Webhooks

CODE_ROOT = Path(__file__).resolve().parents[2]


@cache
def webhooks() -> Webhooks:
    """The archive to write, the queues, the platforms' secrets (read once here) and the force."""
    settings = read_settings(WebhooksSettings, os.environ)
    clock, sqs, secrets_manager = SystemClock(), sqs_client(), secrets_client()
    secrets = {
        platform: SecretsManagerSecret(secrets_manager, arn, clock)
        for platform, arn in json.loads(settings.webhook_secret_arns).items()
    }
    for secret in secrets.values():
        with suppress(SecretUnavailableError):  # then the first request that needs it tries, and says so
            secret.versions()
    return Webhooks(
        force=load_force_file(CODE_ROOT / settings.force_file),
        archive=S3Archive(s3_client(), settings.archive_bucket_name),
        contacts=SqsContactQueue(
            sqs,
            {
                Surface.PRIVATE: settings.private_contacts_queue_url,
                Surface.PUBLIC: settings.public_contacts_queue_url,
            },
        ),
        confirmations=SqsPointerQueue(sqs, settings.confirmations_queue_url),
        secrets=addressed(secrets, settings.public_url),
        clock=clock,
    )


@cache
def replays() -> Replays:
    """The archive to read, the queues and the force."""
    settings = read_settings(ReplaySettings, os.environ)
    return Replays(
        force=load_force_file(CODE_ROOT / settings.force_file),
        archive=S3ArchiveReader(s3_client(), settings.archive_bucket_name),
        contacts=SqsContactQueue(
            sqs_client(),
            {
                Surface.PRIVATE: settings.private_contacts_queue_url,
                Surface.PUBLIC: settings.public_contacts_queue_url,
            },
        ),
    )
