"""The archive of deliveries and the evidence store, on S3: what is put is kept once and never overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from contact_desk.errors import ArchiveBusyError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ALREADY_THERE = 412
ANOTHER_WRITER = 409


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """An archived delivery as a listing shows it."""

    key: str
    stored_at: datetime


@dataclass(frozen=True, slots=True)
class StoredBody(StoredDelivery):
    """An archived delivery with its bytes."""

    body: bytes = field(repr=False)


class S3Archive:
    """Takes in the bytes of deliveries; its role may write and nothing else."""

    def __init__(self, client: S3Client, bucket_name: str) -> None:
        self._client = client
        self._bucket_name = bucket_name

    def put(self, key: str, body: bytes) -> None:
        """Keep the body under its key, once; raises ArchiveBusyError when the bytes are not provably kept."""
        _put_once(self._client, self._bucket_name, key, body, "application/octet-stream")


class S3Evidence:
    """Keeps events as received that are too large for the table."""

    def __init__(self, client: S3Client, bucket_name: str) -> None:
        self._client = client
        self._bucket_name = bucket_name

    def put(self, key: str, body: str) -> None:
        """Keep the text under its key, once; raises ArchiveBusyError when it is not provably kept."""
        _put_once(self._client, self._bucket_name, key, body.encode("utf-8"), "application/json")


class S3AttachmentFiles:
    """Keeps copies of what people attached, their bytes as they came; its role may write and nothing else."""

    def __init__(self, client: S3Client, bucket_name: str) -> None:
        self._client = client
        self._bucket_name = bucket_name

    def keep(self, key: str, content: bytes) -> None:
        """Keep the bytes under their key, once; raises ArchiveBusyError when they are not provably kept.

        Whatever they are, they are stored as bytes of no type, so that no browser ever shows them in place.
        """
        _put_once(self._client, self._bucket_name, key, content, "application/octet-stream")


class S3ArchiveReader:
    """Reads the bytes of deliveries back; raises ArchiveBusyError when it cannot."""

    def __init__(self, client: S3Client, bucket_name: str) -> None:
        self._client = client
        self._bucket_name = bucket_name

    def get(self, key: str) -> StoredBody | None:
        """The delivery with its body, or None where there is no such object."""
        try:
            answer = self._client.get_object(Bucket=self._bucket_name, Key=key)
            return StoredBody(key, answer["LastModified"], answer["Body"].read())
        except self._client.exceptions.NoSuchKey:
            return None
        except (ClientError, BotoCoreError) as error:
            raise ArchiveBusyError(f"the archive could not be read: {_code(error)}") from None

    def keys(self, prefix: str) -> Iterator[StoredDelivery]:
        """The objects whose key starts with the prefix, in the order of their keys."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket_name, Prefix=prefix
        )
        try:
            for page in pages:
                for stored in page.get("Contents", ()):
                    yield StoredDelivery(stored["Key"], stored["LastModified"])
        except (ClientError, BotoCoreError) as error:
            raise ArchiveBusyError(f"the archive could not be listed: {_code(error)}") from None


def _put_once(client: S3Client, bucket_name: str, key: str, body: bytes, content_type: str) -> None:
    """Put unless the key is taken.

    412: it is there already, and a key names its bytes, so they are kept. 409: another writer of the same key is
    under way, so one more try, which then finds it there. Anything else: nothing is proved.
    """
    for may_try_again in (True, False):
        try:
            client.put_object(
                Bucket=bucket_name, Key=key, Body=body, ContentType=content_type, IfNoneMatch="*"
            )
            return
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if status == ALREADY_THERE:
                return
            if status != ANOTHER_WRITER or not may_try_again:
                raise ArchiveBusyError(f"the archive did not take the bytes: {_code(error)}") from None
        except BotoCoreError as error:
            raise ArchiveBusyError(f"the archive did not take the bytes: {_code(error)}") from None


def _code(error: ClientError | BotoCoreError) -> str:
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
