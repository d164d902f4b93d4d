"""Builds the real adapters of the data-deletion Lambda, once, from its environment."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from contact_desk.clock import SystemClock
from contact_desk.force_file import load_force_file
from contact_desk.settings import read_settings
from contact_desk.stores.aws_clients import dynamodb_client, secrets_client
from contact_desk.stores.deletion_requests import DynamoDeletionRequests
from contact_desk.stores.dynamo import Table
from contact_desk.stores.secrets import SecretsManagerSecret
from functions.data_deletion.page_ids import GraphPageIds
from functions.data_deletion.requests import Deletions
from functions.data_deletion.settings import DataDeletionSettings

CODE_ROOT = Path(__file__).resolve().parents[2]


@cache
def deletions() -> Deletions:
    """Where requests go, what signs them, whom to ask whose they are, and the force that answers."""
    settings, clock = read_settings(DataDeletionSettings, os.environ), SystemClock()
    return Deletions(
        force=load_force_file(CODE_ROOT / settings.force_file),
        requests=DynamoDeletionRequests(Table(dynamodb_client(), settings.table_name)),
        secret=SecretsManagerSecret(secrets_client(), settings.meta_secret_arn, clock),
        page_ids=GraphPageIds(settings.graph_api_url),
        clock=clock,
        pages_url=settings.pages_url,
    )
