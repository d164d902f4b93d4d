"""The records of attachments: written with their contact, claimed by one worker at a time, due until they are done."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from contact_desk.attachments import AttachmentCopy, ContactAttachments, CopyFailure, CopyState
from contact_desk.contacts import Act, Attachment, Contact
from contact_desk.intake import Admission, Duplicate
from contact_desk.ports import AttachmentFiles, AttachmentStore, CaseDesk
from contact_desk.stores.archive import S3AttachmentFiles
from contact_desk.stores.attachment_store import DynamoAttachments
from contact_desk.stores.case_desk import DynamoCaseDesk
from local.addresses import REGION
from local.twins.held_still import NOON
from local.twins.in_memory_attachments import InMemoryAttachmentFiles, InMemoryAttachments
from local.twins.in_memory_case_desk import InMemoryCaseDesk
from tests.builders import contact
from tests.contract.conftest import Backend
from tests.contract.taking import Taking

LEASE = NOON + timedelta(minutes=3)
LATER = NOON + timedelta(minutes=20)
PHOTO = Attachment("image", "image/jpeg", "https://scontent.xx.fbcdn.net/v/1.jpg")
KEPT = AttachmentCopy(
    "image",
    "image/jpeg",
    PHOTO.ref,
    CopyState.KEPT,
    tries=1,
    media_type="image/png",
    sha256="ab" * 32,
    size=26_214_400,
    key="attachments/a/0-ab",
)
REFUSED = replace(
    KEPT, state=CopyState.REFUSED, failure=CopyFailure.TOO_LARGE, sha256=None, size=None, key=None
)


@dataclass(frozen=True)
class Copying:
    """The ports over one backend."""

    taking: Taking
    store: AttachmentStore
    cases: CaseDesk

    def admit(self, *attachments: Attachment, **changed: str) -> Admission:
        return self.taking.admit(contact(attachments=attachments, **changed))

    def claim(self, name: str, by: str = "mine", *, now: datetime = NOON) -> ContactAttachments | None:
        return self.store.claim(name, token=by, now=now, lease_until=LEASE)

    def shown(self, admission: Admission) -> ContactAttachments | None:
        file = self.cases.case_file(admission.case.case_id)
        assert file is not None
        return next(one.attachments for one in file.timeline if one.contact)


def over(backend: Backend) -> Copying:
    if records := backend.records:
        return Copying(Taking(backend), InMemoryAttachments(records), InMemoryCaseDesk(records))
    return Copying(Taking(backend), DynamoAttachments(backend.table), DynamoCaseDesk(backend.table))


@pytest.fixture
def desk(backend: Backend) -> Copying:
    return over(backend)


def name_of(admission: Admission) -> str:
    assert admission.attachments is not None
    return admission.attachments.attachments_id


def test_what_came_with_a_contact_is_on_its_case_and_due_at_once(desk: Copying) -> None:
    admission = desk.admit(PHOTO, Attachment("location"))

    assert desk.shown(admission) == admission.attachments
    assert desk.store.due(NOON + timedelta(seconds=1), 10) == [name_of(admission)]


def test_a_contact_without_files_has_no_record(desk: Copying) -> None:
    admission = desk.admit(Attachment("location"))

    assert desk.shown(admission) is None
    assert desk.store.due(LATER, 10) == []


def test_a_claim_gives_what_is_to_be_copied_and_keeps_others_off_until_its_lease_ends(desk: Copying) -> None:
    name = name_of(desk.admit(PHOTO))
    mine = desk.claim(name)

    assert mine is not None
    assert [copy.ref for copy in mine.copies] == [PHOTO.ref]
    assert (mine.token, mine.claims, mine.due_at) == ("mine", 1, LEASE)
    assert desk.claim(name, "yours", now=LEASE - timedelta(seconds=1)) is None
    assert desk.store.due(LEASE, 10) == []
    yours = desk.claim(name, "yours", now=LEASE)
    assert yours is not None
    assert yours.claims == 2


def test_a_claim_that_the_sdk_sent_twice_is_still_ours(table_backend: Backend) -> None:
    """Its answer was lost, so it is sent again, and refused: by the lease that it took itself."""
    desk = over(table_backend)
    name = name_of(desk.admit(PHOTO))

    assert desk.claim(name) == desk.claim(name)
    assert desk.claim(name, "yours") is None


def test_of_an_unknown_name_nothing_is_claimed_and_nothing_made(desk: Copying) -> None:
    assert desk.claim("nobodys") is None
    assert desk.store.due(LATER, 10) == []


def test_what_is_recorded_is_what_the_case_shows(desk: Copying) -> None:
    admission = desk.admit(PHOTO, PHOTO)
    mine = desk.claim(name_of(admission))
    assert mine is not None
    done = replace(mine, copies=(KEPT, REFUSED), due_at=None)

    assert desk.store.record(done)
    assert desk.store.record(done)
    assert desk.shown(admission) == done
    assert desk.store.due(LATER + timedelta(days=1), 10) == []
    assert desk.claim(name_of(admission), now=LATER) is None


def test_what_is_to_be_tried_again_is_due_when_it_says(desk: Copying) -> None:
    name = name_of(desk.admit(PHOTO))
    mine = desk.claim(name)
    assert mine is not None
    desk.store.record(replace(mine, due_at=LATER))

    assert desk.store.due(LATER, 10) == []
    assert desk.store.due(LATER + timedelta(seconds=1), 10) == [name]
    assert desk.claim(name, now=LATER - timedelta(seconds=1)) is None
    assert desk.claim(name, now=LATER) is not None


def test_who_was_overtaken_records_nothing(desk: Copying) -> None:
    admission = desk.admit(PHOTO)
    mine = desk.claim(name_of(admission))
    assert mine is not None
    yours = desk.claim(name_of(admission), "yours", now=LEASE)

    assert not desk.store.record(replace(mine, copies=(KEPT,), due_at=None))
    assert desk.shown(admission) == yours


def test_due_records_come_oldest_first_and_no_more_than_asked_for(desk: Copying) -> None:
    names = []
    for minutes in (3, 1, 2):
        one = contact(native_id=f"m_{minutes}", attachments=(PHOTO,))
        names.append(name_of(desk.taking.admit(one, now=NOON + timedelta(minutes=minutes))))

    assert desk.store.due(LATER, 10) == [names[1], names[2], names[0]]
    assert desk.store.due(LATER, 2) == [names[1], names[2]]


def test_a_duplicate_tells_of_what_is_still_to_be_copied(desk: Copying) -> None:
    admission = desk.admit(PHOTO)

    def again() -> Duplicate:
        outcome = desk.taking.intake.admit(desk.taking.compose(contact(attachments=(PHOTO,))))
        assert isinstance(outcome, Duplicate)
        return outcome

    assert again().uncopied == name_of(admission)
    mine = desk.claim(name_of(admission))
    assert mine is not None
    desk.store.record(replace(mine, copies=(KEPT,), due_at=None))
    assert again().uncopied is None


def test_an_edit_has_a_record_of_its_own(desk: Copying) -> None:
    first = desk.admit(PHOTO)
    second: Contact = contact(act=Act.EDITED, event_id="edit-1", attachments=(PHOTO,))

    assert name_of(desk.taking.admit(second)) != name_of(first)


def test_of_sixteen_workers_at_once_one_gets_the_claim(racing_backend: Backend) -> None:
    desk = over(racing_backend)
    name = name_of(desk.admit(PHOTO))
    with ThreadPoolExecutor(16) as pool:
        claims = list(pool.map(lambda worker: desk.claim(name, f"worker-{worker}"), range(16)))

    assert len([claim for claim in claims if claim]) == 1


@dataclass(frozen=True)
class Files:
    """The port, and what it kept."""

    port: AttachmentFiles
    backend: Backend

    def kept(self, key: str) -> tuple[bytes, str]:
        if isinstance(self.port, InMemoryAttachmentFiles):
            return self.port.files[key], "application/octet-stream"
        found = self.backend.client("s3").get_object(Bucket=self.backend.table_name, Key=key)
        return found["Body"].read(), found["ContentType"]


@pytest.fixture
def files(backend: Backend) -> Iterator[Files]:
    if backend.name == "twin":
        yield Files(InMemoryAttachmentFiles(), backend)
        return
    s3, bucket = backend.client("s3"), backend.table_name
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    yield Files(S3AttachmentFiles(s3, bucket), backend)


def test_a_file_is_kept_byte_for_byte_as_bytes_of_no_type_and_never_overwritten(files: Files) -> None:
    content = bytes(range(256)) * 100
    files.port.keep("attachments/a/0-ab", content)
    files.port.keep("attachments/a/0-ab", b"something else")

    assert files.kept("attachments/a/0-ab") == (content, "application/octet-stream")
