"""The archive and the evidence store: what is put is kept once, and read back as it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from contact_desk.clock import SystemClock
from contact_desk.ports import Archive, ArchiveReader, Evidence
from contact_desk.stores.archive import S3Archive, S3ArchiveReader, S3Evidence
from local.addresses import REGION
from local.twins.in_memory_archive import InMemoryArchive, InMemoryEvidence
from tests.contract.conftest import Backend

KEY = "raw/2026/11/02/12/meta/ab.1"
BODY = b'{"any": "\xff bytes\x00"}'


@dataclass(frozen=True)
class Kept:
    """The ports over one backend; `evidence_of` reads what the evidence port cannot."""

    archive: Archive
    reader: ArchiveReader
    evidence: Evidence
    backend: Backend

    def evidence_of(self, key: str) -> str:
        if isinstance(self.evidence, InMemoryEvidence):
            return self.evidence.events[key]
        kept: bytes = (
            self.backend.client("s3").get_object(Bucket=self.backend.table_name, Key=key)["Body"].read()
        )
        return kept.decode("utf-8")


@pytest.fixture
def kept(backend: Backend) -> Kept:
    if backend.name == "twin":
        twin = InMemoryArchive(SystemClock())
        return Kept(twin, twin, InMemoryEvidence(), backend)
    s3, bucket = backend.client("s3"), backend.table_name  # a name that no other test has
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    return Kept(S3Archive(s3, bucket), S3ArchiveReader(s3, bucket), S3Evidence(s3, bucket), backend)


def test_a_body_is_read_back_as_it_was_put_with_the_time_it_was_kept(kept: Kept) -> None:
    kept.archive.put(KEY, BODY)

    read = kept.reader.get(KEY)
    assert read is not None
    assert (read.key, read.body) == (KEY, BODY)
    assert abs(datetime.now(UTC) - read.stored_at) < timedelta(minutes=1)


def test_a_key_that_is_taken_keeps_what_it_has_and_is_no_error(kept: Kept) -> None:
    kept.archive.put(KEY, BODY)
    kept.archive.put(KEY, b"another")

    read = kept.reader.get(KEY)
    assert read is not None
    assert read.body == BODY


def test_a_key_that_is_not_there_has_no_body(kept: Kept) -> None:
    assert kept.reader.get(KEY) is None


def test_a_body_of_3_megabytes_is_kept(kept: Kept) -> None:
    kept.archive.put(KEY, b"x" * 3_000_000)

    read = kept.reader.get(KEY)
    assert read is not None
    assert len(read.body) == 3_000_000


def test_keys_are_listed_by_prefix_in_their_order(kept: Kept) -> None:
    for key in ("raw/2026/11/02/12/meta/b.1", "raw/2026/11/02/13/meta/c.1", "raw/2026/11/02/12/meta/a.0"):
        kept.archive.put(key, BODY)

    listed = list(kept.reader.keys("raw/2026/11/02/12/"))
    assert [delivery.key for delivery in listed] == [
        "raw/2026/11/02/12/meta/a.0",
        "raw/2026/11/02/12/meta/b.1",
    ]
    assert all(delivery.stored_at.tzinfo for delivery in listed)
    assert list(kept.reader.keys("raw/2027/")) == []


def test_a_listing_goes_on_past_a_thousand_keys(kept: Kept) -> None:
    for number in range(1_001):
        kept.archive.put(f"raw/2026/11/02/12/meta/{number:04d}.1", b"")

    assert len(list(kept.reader.keys("raw/2026/11/02/12/"))) == 1_001


def test_evidence_is_kept_once_in_its_own_characters(kept: Kept) -> None:
    kept.evidence.put("evidence/ab", '{"text":"Tŷ Mawr"}')
    kept.evidence.put("evidence/ab", "another")

    assert kept.evidence_of("evidence/ab") == '{"text":"Tŷ Mawr"}'
