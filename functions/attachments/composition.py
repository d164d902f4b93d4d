"""Builds what copies attachments, once, from its environment."""

from __future__ import annotations

import os
from functools import cache

from contact_desk.clock import RandomIds, SystemClock
from contact_desk.settings import read_settings
from contact_desk.stores.archive import S3AttachmentFiles
from contact_desk.stores.attachment_store import DynamoAttachments
from contact_desk.stores.aws_clients import dynamodb_client, s3_client, secrets_client
from contact_desk.stores.dynamo import Table
from contact_desk.stores.secrets import SecretsManagerSecret
from functions.attachments.copying import Copier
from functions.attachments.fetching import Fetcher
from functions.attachments.settings import AttachmentsSettings
from functions.attachments.sources import OpenLinks, Source, TwilioMedia, WhatsAppMedia


@cache
def copier() -> Copier:
    """The records, the evidence bucket, and a source for each channel whose files can be fetched."""
    settings = read_settings(AttachmentsSettings, os.environ)
    clock, secrets = SystemClock(), secrets_client()
    fetcher = Fetcher(stand_in=settings.stand_in_host)
    sources: dict[str, Source] = {
        channel: OpenLinks(fetcher, channel) for channel in ("messenger", "facebook_page", "instagram", "x")
    }
    sources["whatsapp"] = WhatsAppMedia(
        fetcher,
        settings.graph_api_url,
        SecretsManagerSecret(secrets, settings.meta_media_secret_arn, clock),
    )
    sources["sms"] = TwilioMedia(fetcher, SecretsManagerSecret(secrets, settings.sms_media_secret_arn, clock))
    return Copier(
        records=DynamoAttachments(Table(dynamodb_client(), settings.table_name)),
        files=S3AttachmentFiles(s3_client(), settings.evidence_bucket_name),
        sources=sources,
        clock=clock,
        ids=RandomIds(),
    )
