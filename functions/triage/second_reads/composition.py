"""Builds what the second reader works with, once, from its environment."""

from __future__ import annotations

import os
import time
from functools import cache
from pathlib import Path

from contact_desk.clock import SystemClock
from contact_desk.errors import ForceFileError
from contact_desk.force_file import load_force_file
from contact_desk.settings import read_settings
from contact_desk.stores.aws_clients import dynamodb_client, sqs_client
from contact_desk.stores.dynamo import Table
from contact_desk.stores.queues import SqsNudges
from functions.triage.automatic_texts import OwnTexts
from functions.triage.second_reads.allowance import DynamoAllowance
from functions.triage.second_reads.bedrock import BedrockModel, bedrock_client
from functions.triage.second_reads.raising import Raising
from functions.triage.second_reads.reading import SecondReadDesk
from functions.triage.second_reads.store import DynamoSecondReads
from functions.triage.settings import SecondReaderSettings

CODE_ROOT = Path(__file__).resolve().parents[3]


@cache
def second_read_desk() -> SecondReadDesk:
    """The table, the model, the queues that nudge notify; raises ForceFileError for a force that has it off."""
    settings = read_settings(SecondReaderSettings, os.environ)
    force = load_force_file(CODE_ROOT / settings.force_file)
    if force.second_reader is None:
        raise ForceFileError(f"{settings.force_file}: second_reader: this force has none")
    table = Table(dynamodb_client(), settings.table_name)
    return SecondReadDesk(
        store=DynamoSecondReads(table),
        model=BedrockModel(bedrock_client(force.second_reader.answer_within_seconds), settings.model_id),
        model_id=settings.model_id,
        allowance=DynamoAllowance(table, force.second_reader.reads_a_day),
        raising=Raising(force, OwnTexts(force)),
        nudges=SqsNudges(
            sqs_client(),
            urgent_queue_url=settings.outbox_urgent_queue_url,
            queue_url=settings.outbox_queue_url,
        ),
        clock=SystemClock(),
        pause=time.sleep,
    )
