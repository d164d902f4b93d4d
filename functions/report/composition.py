"""Builds the real adapters of report, once, from its environment."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from contact_desk.clock import SystemClock
from contact_desk.contacts import Surface
from contact_desk.errors import SecretUnavailableError
from contact_desk.force_file import load_force_file
from contact_desk.settings import read_settings
from contact_desk.stores.archive import S3Archive
from contact_desk.stores.aws_clients import s3_client, secrets_client, sqs_client
from contact_desk.stores.queues import SqsContactQueue
from contact_desk.stores.secrets import SecretsManagerSecret
from functions.report.reports import Reports
from functions.report.settings import ReportSettings

CODE_ROOT = Path(__file__).resolve().parents[2]


@cache
def reports() -> Reports:
    """The archive to write, the queue of private contacts, the force, and the form's key (read once here)."""
    settings, clock = read_settings(ReportSettings, os.environ), SystemClock()
    form_seal = SecretsManagerSecret(secrets_client(), settings.form_seal_secret_arn, clock)
    with suppress(SecretUnavailableError):  # then the first page that needs it tries, and says so
        form_seal.versions()
    return Reports(
        force=load_force_file(CODE_ROOT / settings.force_file),
        archive=S3Archive(s3_client(), settings.archive_bucket_name),
        contacts=SqsContactQueue(sqs_client(), {Surface.PRIVATE: settings.private_contacts_queue_url}),
        clock=clock,
        form_seal=form_seal,
    )
