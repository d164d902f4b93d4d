"""Builds what triage works with, once, from its environment."""

from __future__ import annotations

import os
import time
from functools import cache
from pathlib import Path

from contact_desk.clock import RandomIds, SystemClock
from contact_desk.force_file import load_force_file
from contact_desk.settings import read_settings
from contact_desk.stores.archive import S3Evidence
from contact_desk.stores.aws_clients import dynamodb_client, s3_client, sqs_client
from contact_desk.stores.channel_log import DynamoChannelLog
from contact_desk.stores.dynamo import Table
from contact_desk.stores.intake import DynamoIntake
from contact_desk.stores.queues import SqsNudges, SqsPointerQueue
from functions.triage.admission import Admissions
from functions.triage.automatic_texts import OwnTexts
from functions.triage.desk import TriageDesk
from functions.triage.first_reader import FirstReader
from functions.triage.language import identifier
from functions.triage.listening import Listener
from functions.triage.rule_set import load_rules
from functions.triage.settings import NO_QUEUE, TriageSettings
from functions.triage.trained_model import load_model

CODE_ROOT = Path(__file__).resolve().parents[2]


@cache
def triage_desk() -> TriageDesk:
    """The table, the evidence bucket, the queues that nudge notify, the force, and the rules compiled."""
    settings = read_settings(TriageSettings, os.environ)
    identifier()  # at the start, where a processor is to be had for nothing
    force = load_force_file(CODE_ROOT / settings.force_file)
    sqs = sqs_client()
    table = Table(dynamodb_client(), settings.table_name)
    return TriageDesk(
        intake=DynamoIntake(table),
        evidence=S3Evidence(s3_client(), settings.evidence_bucket_name),
        nudges=SqsNudges(
            sqs,
            urgent_queue_url=settings.outbox_urgent_queue_url,
            queue_url=settings.outbox_queue_url,
        ),
        attachments=SqsPointerQueue(sqs, settings.attachments_queue_url),
        listener=Listener(DynamoChannelLog(table)),
        reader=FirstReader(load_rules(), load_model(), force.signposts.keys(), force.place_names),
        admissions=Admissions(force, OwnTexts(force), RandomIds()),
        clock=SystemClock(),
        pause=time.sleep,
        second_reads=(
            None
            if settings.second_reads_queue_url == NO_QUEUE
            else SqsPointerQueue(sqs, settings.second_reads_queue_url)
        ),
    )
