"""Builds the real adapters of operate, once, from its environment."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import NamedTuple

from contact_desk.clock import RandomIds, SystemClock
from contact_desk.force_file import load_force_file
from contact_desk.settings import read_settings
from contact_desk.stores.alert_store import DynamoAlertStore
from contact_desk.stores.archive import S3ArchiveReader
from contact_desk.stores.audit_trail import DynamoAuditTrail
from contact_desk.stores.aws_clients import dynamodb_client, s3_client, sqs_client
from contact_desk.stores.broadcast_store import DynamoBroadcasts, DynamoSwitch
from contact_desk.stores.case_desk import DynamoCaseDesk
from contact_desk.stores.dynamo import Table
from contact_desk.stores.hour_totals import DynamoHourTotals
from contact_desk.stores.outbox_store import DynamoOutboxStore
from contact_desk.stores.queues import SqsNudges
from functions.operate.broadcasting import Broadcasting
from functions.operate.desk import Desk
from functions.operate.settings import OperateSettings

CODE_ROOT = Path(__file__).resolve().parents[2]


class Operate(NamedTuple):
    """The desk, and the token claim that lists a caller's roles."""

    desk: Desk
    roles_claim: str


@cache
def desk() -> Operate:
    """The table as operators see it, alerts, the outbox with the queues that wake notify, files, and the force."""
    settings = read_settings(OperateSettings, os.environ)
    table = Table(dynamodb_client(), settings.table_name)
    cases, alerts, clock, ids = DynamoCaseDesk(table), DynamoAlertStore(table), SystemClock(), RandomIds()
    force = load_force_file(CODE_ROOT / settings.force_file)
    nudges = SqsNudges(
        sqs_client(),
        urgent_queue_url=settings.outbox_urgent_queue_url,
        queue_url=settings.outbox_queue_url,
    )
    broadcasting = Broadcasting(
        broadcasts=DynamoBroadcasts(table),
        switch=DynamoSwitch(table),
        requests=cases,
        alerts=alerts,
        nudges=nudges,
        force=force,
        live_url=settings.live_url,
        clock=clock,
        ids=ids,
    )
    return Operate(
        Desk(
            cases=cases,
            alerts=alerts,
            outbox=DynamoOutboxStore(table),
            nudges=nudges,
            broadcasting=broadcasting,
            audit=DynamoAuditTrail(table),
            totals=DynamoHourTotals(table),
            files=S3ArchiveReader(s3_client(), settings.evidence_bucket_name),
            force=force,
            clock=clock,
            ids=ids,
        ),
        settings.roles_claim,
    )
