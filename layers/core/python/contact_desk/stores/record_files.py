"""Removing objects of a case from the archive and the evidence, with every version of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contact_desk.errors import ArchiveBusyError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3RecordFiles:
    """Both buckets are versioned: a deletion that leaves versions behind would only hide what was to be removed."""

    def __init__(self, client: S3Client, *, archive: str, evidence: str) -> None:
        self._client = client
        self._archive, self._evidence = archive, evidence

    def delete_evidence(self, key: str) -> int:
        """Remove an object of the evidence with every version of it; 1, or 0 where it was not there."""
        return self._delete(self._evidence, key)

    def delete_delivery(self, key: str) -> int:
        """Remove an archived delivery with every version of it; 1, or 0 where it was not there."""
        return self._delete(self._archive, key)

    def _delete(self, bucket: str, key: str) -> int:
        try:
            pages = self._client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key)
            versions: list[Any] = [
                one
                for page in pages
                for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
                if one["Key"] == key
            ]
            for one in versions:
                self._client.delete_object(Bucket=bucket, Key=key, VersionId=one["VersionId"])
        except ClientError as error:
            raise ArchiveBusyError(
                f"an object could not be removed: {error.response['Error']['Code']}"
            ) from None
        except BotoCoreError as error:
            raise ArchiveBusyError(f"an object could not be removed: {type(error).__name__}") from None
        return min(len(versions), 1)
