"""The seals of the audit, on S3 under object lock: written once, never deleted before their time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from contact_desk.audit_chain import SEALS_PREFIX
from contact_desk.errors import ArchiveBusyError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LOOKED_BACK = timedelta(days=35)
ALREADY_THERE = 412
ANOTHER_WRITER = 409


class S3SealVault:
    """The bucket's own default retention locks what is put; `seals/2026/11/23/12.json` is the hour from noon."""

    def __init__(self, client: S3Client, bucket_name: str) -> None:
        self._client = client
        self._bucket_name = bucket_name

    def keep(self, hour: datetime, seal: bytes) -> None:
        """Keep the hour's seal, once: where there is one already, that stays."""
        try:
            self._client.put_object(
                Bucket=self._bucket_name,
                Key=_key(hour),
                Body=seal,
                ContentType="application/json",
                IfNoneMatch="*",
                # A bucket under object lock takes nothing without a checksum.
                ChecksumAlgorithm="SHA256",
            )
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if status not in {ALREADY_THERE, ANOTHER_WRITER}:
                raise _busy(error) from None
        except BotoCoreError as error:
            raise _busy(error) from None

    def seal_of(self, hour: datetime) -> bytes | None:
        """The hour's seal as it was first written."""
        versions = self._versions(hour)
        if not versions:
            return None
        try:
            answer = self._client.get_object(
                Bucket=self._bucket_name, Key=_key(hour), VersionId=versions[0][1]
            )
            return answer["Body"].read()
        except (ClientError, BotoCoreError) as error:
            raise _busy(error) from None

    def writings(self, hour: datetime) -> int:
        """How often the hour's seal was written, markers of a deletion included."""
        return len(self._versions(hour, deletions=True))

    def first(self) -> datetime | None:
        """The first hour that has a seal."""
        try:
            page = self._client.list_object_versions(Bucket=self._bucket_name, Prefix=SEALS_PREFIX, MaxKeys=1)
        except (ClientError, BotoCoreError) as error:
            raise _busy(error) from None
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        return _hour(found[0]["Key"]) if found else None

    def last(self, before: datetime) -> datetime | None:
        """The last hour up to this one that has a seal."""
        # The last month holds it, unless nothing was sealed for as long: then all of them are looked through.
        return self._last(before, _key(before - LOOKED_BACK)) or self._last(before, SEALS_PREFIX)

    def _last(self, before: datetime, after: str) -> datetime | None:
        last = None
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket_name, Prefix=SEALS_PREFIX, StartAfter=after
        )
        try:
            for page in pages:
                for stored in page.get("Contents", ()):
                    last = max(last or "", stored["Key"]) if stored["Key"] <= _key(before) else last
        except (ClientError, BotoCoreError) as error:
            raise _busy(error) from None
        return _hour(last) if last else None

    def _versions(self, hour: datetime, *, deletions: bool = False) -> list[tuple[datetime, str]]:
        """When each version of the hour's seal was written, and its name; the first first."""
        try:
            page = self._client.list_object_versions(Bucket=self._bucket_name, Prefix=_key(hour))
        except (ClientError, BotoCoreError) as error:
            raise _busy(error) from None
        found = [(one["LastModified"], one["VersionId"]) for one in page.get("Versions", ())]
        if deletions:
            found += [(one["LastModified"], one["VersionId"]) for one in page.get("DeleteMarkers", ())]
        # The listing has the newest first: of two in one second the later listed was the earlier written.
        found.reverse()
        return sorted(found, key=lambda version: version[0])


def _key(hour: datetime) -> str:
    return f"{SEALS_PREFIX}{hour.astimezone(UTC):%Y/%m/%d/%H}.json"


def _hour(key: str) -> datetime:
    return datetime.strptime(key, f"{SEALS_PREFIX}%Y/%m/%d/%H.json").replace(tzinfo=UTC)


def _busy(error: ClientError | BotoCoreError) -> ArchiveBusyError:
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
    return ArchiveBusyError(f"the seals could not be reached: {code}")
