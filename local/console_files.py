"""The operators' screen as `make console` built it, laid into the pages bucket as the deployment does on AWS."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from contact_desk.web_pages import CONSOLE_PAGE
from local.addresses import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

BUILT = REPOSITORY / "build/console"
FOLDER = CONSOLE_PAGE.partition("/")[0]
FOR_EVER = "public, max-age=31536000, immutable"
ASKED_ANEW = "no-cache"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
NOT_BUILT = (
    '<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>Not built</title><main>'
    "<h1>The operators&rsquo; screen is not built</h1><p>make console builds it; then make up again.</p></main></html>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSettings:
    """Who signs operators in: the issuer, and the console's name and wishes there."""

    authority: str
    client_id: str
    scope: str = "openid profile"


@dataclass(frozen=True, slots=True)
class ConsoleFile:
    """One file of the console as the bucket keeps it."""

    key: str
    body: bytes
    media_type: str
    cache_control: str


def console_files(built: Path, settings: ConsoleSettings) -> Iterator[ConsoleFile]:
    """The files in the order in which they can be put: the page that names the others is the last."""
    html = MEDIA_TYPES[".html"]
    if not (built / "index.html").is_file():
        yield ConsoleFile(CONSOLE_PAGE, NOT_BUILT.encode(), html, ASKED_ANEW)
        return
    body = json.dumps(asdict(settings)).encode()
    yield ConsoleFile(f"{FOLDER}/config.json", body, MEDIA_TYPES[".json"], ASKED_ANEW)
    for path in sorted(built.rglob("*"), key=lambda one: one.suffix == ".html"):
        if path.is_file() and path.suffix in MEDIA_TYPES:
            name = path.relative_to(built).as_posix()
            kept = FOR_EVER if name.startswith("assets/") else ASKED_ANEW
            yield ConsoleFile(f"{FOLDER}/{name}", path.read_bytes(), MEDIA_TYPES[path.suffix], kept)


def lay_out(client: S3Client, bucket_name: str, built: Path, settings: ConsoleSettings) -> int:
    """Put what is not there yet as it is; gives how many files were put."""
    there = client.list_objects_v2(Bucket=bucket_name, Prefix=f"{FOLDER}/").get("Contents", [])
    tags = {one["Key"]: one["ETag"].strip('"') for one in there}
    new = [
        file
        for file in console_files(built, settings)
        if tags.get(file.key) != hashlib.md5(file.body, usedforsecurity=False).hexdigest()
    ]
    for file in new:
        client.put_object(
            Bucket=bucket_name,
            Key=file.key,
            Body=file.body,
            ContentType=file.media_type,
            CacheControl=file.cache_control,
        )
    return len(new)
