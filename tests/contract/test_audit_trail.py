"""The audit by subject and by time, and the vault of its seals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from contact_desk.audit_chain import HOUR
from contact_desk.audit_sealing import prove, seal_hour
from contact_desk.case_desk import AuditEntry
from contact_desk.ports import AuditTrail, SealVault
from contact_desk.stores.audit_trail import DynamoAuditTrail
from contact_desk.stores.seal_vault import S3SealVault
from local.addresses import REGION
from local.twins.held_still import NOON
from local.twins.in_memory_audit import InMemoryAuditTrail, InMemorySeals
from tests.contract.conftest import Backend

KEY = b"key"


@pytest.fixture
def trail(backend: Backend) -> AuditTrail:
    return InMemoryAuditTrail(backend.records) if backend.records else DynamoAuditTrail(backend.table)


@pytest.fixture
def vault(backend: Backend) -> SealVault:
    if backend.records:
        return InMemorySeals()
    s3, bucket = backend.client("s3"), f"{backend.table_name}-audit"
    s3.create_bucket(
        Bucket=bucket,
        CreateBucketConfiguration={"LocationConstraint": REGION},
        ObjectLockEnabledForBucket=True,
    )
    return S3SealVault(s3, bucket)


def entry(subject: str, minutes: float, by: str = "sub-alex", shown: Sequence[str] = ()) -> AuditEntry:
    at = NOON + timedelta(minutes=minutes)
    return AuditEntry(subject, at, by, "open", f"request-{minutes}", tuple(shown))


def test_entries_are_found_by_subject_and_by_time_across_days(trail: AuditTrail) -> None:
    entries = [entry("case-1", 5), entry("case-2", 5), entry("sub-alex", 60, shown=["case-1"])]
    entries += [entry("case-1", 24 * 60), entry("case-1", 49 * 60)]
    for one in reversed(entries):
        trail.note(one)

    assert list(trail.of("case-1")) == [entries[0], entries[3], entries[4]]
    assert list(trail.of("case-9")) == []
    assert list(trail.between(NOON, NOON + timedelta(days=9))) == entries
    assert list(trail.between(NOON + timedelta(minutes=5), NOON + HOUR)) == entries[:2]
    assert list(trail.between(NOON + HOUR, NOON + timedelta(days=1))) == entries[2:3]


def test_a_seal_is_kept_once_and_read_back(vault: SealVault) -> None:
    assert (vault.first(), vault.last(NOON), vault.seal_of(NOON), vault.writings(NOON)) == (
        None,
        None,
        None,
        0,
    )

    for hour in (NOON, NOON + HOUR, NOON + 40 * 24 * HOUR):
        vault.keep(hour, b"a seal")
        vault.keep(hour, b"another")

    assert (vault.seal_of(NOON), vault.writings(NOON)) == (b"a seal", 1)
    assert vault.first() == NOON
    assert vault.last(NOON) == NOON
    assert vault.last(NOON + 30 * 24 * HOUR) == NOON + HOUR
    assert vault.last(NOON + 90 * 24 * HOUR) == NOON + 40 * 24 * HOUR


def test_a_chain_is_sealed_and_proved(trail: AuditTrail, vault: SealVault) -> None:
    for minutes in (1, 2, 30, 61, 62):
        trail.note(entry(f"case-{minutes}", minutes))
    assert [seal_hour(NOON + n * HOUR, trail, vault, KEY) for n in range(3)] == [3, 2, 0]

    proof = prove(trail, vault, KEY, NOON + 4 * HOUR)
    assert (proof.whole, proof.seals, proof.entries) == (True, 3, 5)

    trail.note(entry("case-late", 61.5))
    broken = prove(trail, vault, KEY, NOON + 4 * HOUR).first_break
    assert broken
    assert (broken.hour, broken.subject) == (NOON + HOUR, "case-late")


def test_a_seal_that_was_written_over_is_still_there_and_told_of(table_backend: Backend) -> None:
    s3, bucket = table_backend.client("s3"), f"{table_backend.table_name}-over"
    s3.create_bucket(
        Bucket=bucket,
        CreateBucketConfiguration={"LocationConstraint": REGION},
        ObjectLockEnabledForBucket=True,
    )
    vault = S3SealVault(s3, bucket)
    vault.keep(NOON, b"a seal")
    s3.put_object(Bucket=bucket, Key="seals/2026/11/02/12.json", Body=b"another", ChecksumAlgorithm="SHA256")

    assert vault.seal_of(NOON) == b"a seal"
    assert vault.writings(NOON) == 2
