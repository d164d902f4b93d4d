"""What the front door serves from the pages bucket, as CloudFront does on AWS: reads alone, the page's own headers."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from starlette.responses import Response

from contact_desk.web_pages import CONSOLE_PAGE, CONSOLE_PATHS, OPEN_FEED, PAGE_HEADERS, console_policy

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROOT_PAGE = "live"
"""What stands at the origin itself."""
FOR_EVERY_ORIGIN = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, HEAD",
    "access-control-allow-headers": "*",
}


class PagesUnreachableError(Exception):
    """The emulated bucket does not answer."""


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A file of the bucket as it stands now."""

    body: bytes
    media_type: str
    tag: str
    cache_control: str


class StoredPages(Protocol):
    """The bucket, to be read."""

    def read(self, key: str) -> StoredPage | None:
        """The file, None where there is none; raises PagesUnreachableError where the bucket does not answer."""
        ...


class BucketPages:
    """The pages bucket of the emulated AWS."""

    def __init__(self, client: S3Client, bucket_name: str) -> None:
        self._client = client
        self._bucket_name = bucket_name

    def read(self, key: str) -> StoredPage | None:
        """The file as it stands now."""
        try:
            found = self._client.get_object(Bucket=self._bucket_name, Key=key)
            return StoredPage(
                found["Body"].read(), found["ContentType"], found["ETag"], found.get("CacheControl", "")
            )
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.NOT_FOUND:
                return None
            raise PagesUnreachableError(error.response["Error"]["Code"]) from None
        except BotoCoreError as error:
            raise PagesUnreachableError(type(error).__name__) from None


def key_of(path: str) -> str:
    """The file that a path leads to: every address of the console that names no file is the console itself."""
    if fnmatchcase(path, CONSOLE_PATHS) and "." not in path.rpartition("/")[2]:
        return CONSOLE_PAGE
    return path.removeprefix("/") or ROOT_PAGE


def served(page: StoredPage, path: str, if_none_match: str | None, sign_in: str = "") -> Response:
    """The page as an answer: 304 where the caller has it already."""
    same = if_none_match is not None and page.tag in {tag.strip() for tag in if_none_match.split(",")}
    headers = {"etag": page.tag, "cache-control": page.cache_control, **page_headers(path, sign_in)}
    if same:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(page.body, headers={**headers, "content-type": page.media_type})


def page_headers(path: str, sign_in: str = "") -> dict[str, str]:
    """What the distribution adds to every answer at the path; `sign_in` is the origin that signs people in."""
    if fnmatchcase(path, CONSOLE_PATHS):
        return {**PAGE_HEADERS, "content-security-policy": console_policy(sign_in)}
    return {**PAGE_HEADERS, **(FOR_EVERY_ORIGIN if fnmatchcase(path, OPEN_FEED) else {})}
