"""The bucket that the public origin serves: a file is replaced only by whoever has seen what it replaces."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from contact_desk.errors import StoreBusyError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Current within 5 s of a change: what a cache may still hold is at most this old.
CURRENT = "max-age=3"
FOR_EVER = "max-age=31536000, immutable"
LOST = frozenset({HTTPStatus.PRECONDITION_FAILED, HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND})


@dataclass(frozen=True, slots=True)
class PublicFile:
    """A file of the public origin; `key` is its path without the opening slash."""

    key: str
    body: bytes = field(repr=False)
    media_type: str
    cache_control: str = CURRENT


class PageBucket(Protocol):
    """Holds the files; every method raises StoreBusyError where it fails."""

    def tag(self, key: str) -> str | None:
        """The entity tag of the file as it stands now; None where there is none. Of equal bytes it is equal."""
        ...

    def put(self, file: PublicFile, *, replacing: str | None) -> bool:
        """Put the file in the place of that with the tag, None: of none; False where something else is there."""
        ...


class S3PageBucket:
    """The bucket on S3, whose entity tags are MD5: nothing in it is uploaded in parts or under a key of KMS's."""

    def __init__(self, client: S3Client, bucket_name: str) -> None:
        self._client = client
        self._bucket_name = bucket_name

    def tag(self, key: str) -> str | None:
        """The entity tag of the file as it stands now."""
        try:
            return self._client.head_object(Bucket=self._bucket_name, Key=key)["ETag"]
        except ClientError as error:
            if _status(error) == HTTPStatus.NOT_FOUND:
                return None
            raise StoreBusyError(f"the pages could not be read: {error.response['Error']['Code']}") from None
        except BotoCoreError as error:
            raise StoreBusyError(f"the pages could not be read: {type(error).__name__}") from None

    def put(self, file: PublicFile, *, replacing: str | None) -> bool:
        """Put the file while the one that it replaces is still there."""
        try:
            if replacing is None:
                self._client.put_object(
                    Bucket=self._bucket_name,
                    Key=file.key,
                    Body=file.body,
                    ContentType=file.media_type,
                    CacheControl=file.cache_control,
                    IfNoneMatch="*",
                )
            else:
                self._client.put_object(
                    Bucket=self._bucket_name,
                    Key=file.key,
                    Body=file.body,
                    ContentType=file.media_type,
                    CacheControl=file.cache_control,
                    IfMatch=replacing,
                )
        except ClientError as error:
            # 412: it was replaced; 409: it is being replaced; 404: it was deleted. In each case: look again.
            if _status(error) in LOST and error.response["Error"]["Code"] != "NoSuchBucket":
                return False
            raise StoreBusyError(f"the pages were not put: {error.response['Error']['Code']}") from None
        except BotoCoreError as error:
            raise StoreBusyError(f"the pages were not put: {type(error).__name__}") from None
        return True


def _status(error: ClientError) -> int:
    return error.response["ResponseMetadata"]["HTTPStatusCode"]
