"""Copying: what is kept, what is tried again and for how long, and what is left when a worker dies."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from contact_desk.attachments import (
    AttachmentCopy,
    ContactAttachments,
    CopyFailure,
    CopyState,
    NotCopiedError,
    attachments_of,
)
from contact_desk.contacts import Attachment
from contact_desk.errors import StoreBusyError
from functions.attachments.copying import LEASE, MOST_CLAIMS, ONE_FILE_TAKES, TRY_AGAIN_AFTER, Copier
from functions.attachments.fetching import Fetched
from local.platforms.media import PAGE, PICTURE
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON, CountedIds, FrozenClock
from local.twins.in_memory_attachments import InMemoryAttachmentFiles, InMemoryAttachments
from tests.builders import contact

LINK = "https://scontent.xx.fbcdn.net/v/alley.jpg"
PICTURE_FILE = Fetched(PICTURE, "image/png")
PLENTY = timedelta(minutes=2)


class Answers:
    """A source that gives what it is told to, in order; the last one for ever."""

    def __init__(self, *answers: Fetched | CopyFailure) -> None:
        self.answers = deque(answers)
        self.asked: list[str | None] = []

    def fetch(self, attachment: AttachmentCopy) -> Fetched:
        self.asked.append(attachment.ref)
        answer = self.answers.popleft() if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, CopyFailure):
            raise NotCopiedError(answer)
        return answer


@dataclass
class CopyDesk:
    """Copying over records in memory, of one contact's attachments."""

    source: Answers
    attachments: Sequence[Attachment] = (Attachment("image", None, LINK),)
    records: DeskRecords = field(default_factory=DeskRecords)
    files: InMemoryAttachmentFiles = field(default_factory=InMemoryAttachmentFiles)
    clock: FrozenClock = field(default_factory=FrozenClock)

    def __post_init__(self) -> None:
        came = contact(attachments=tuple(self.attachments))
        record = attachments_of(came, came.key, NOON)
        assert record is not None
        self.name = record.attachments_id
        self.records.attachments[self.name] = record
        self.store = InMemoryAttachments(self.records)
        self.copier = Copier(self.store, self.files, {"messenger": self.source}, self.clock, CountedIds())

    def copy(self, time_left: timedelta = PLENTY) -> tuple[AttachmentCopy, ...] | None:
        return self.copier.copy(self.name, lambda: time_left)

    @property
    def record(self) -> ContactAttachments:
        return self.records.attachments[self.name]

    @property
    def only(self) -> AttachmentCopy:
        (copy,) = self.record.copies
        return copy


def photos(number: int) -> list[Attachment]:
    return [Attachment("image", None, f"{LINK}?{n}") for n in range(number)]


def test_a_picture_is_kept_as_it_came_with_its_hash_its_size_and_its_type() -> None:
    desk = CopyDesk(Answers(PICTURE_FILE))
    desk.copy()

    sha256 = hashlib.sha256(PICTURE).hexdigest()
    assert desk.only.state is CopyState.KEPT
    assert (desk.only.sha256, desk.only.size, desk.only.media_type) == (sha256, len(PICTURE), "image/png")
    assert desk.files.files == {desk.only.key: PICTURE}
    assert desk.record.due_at is None


def test_the_key_says_nothing_of_the_person_and_names_the_bytes() -> None:
    desk = CopyDesk(Answers(PICTURE_FILE))
    desk.copy()

    (key,) = desk.files.files
    assert key == f"attachments/{desk.name}/0-{desk.only.sha256}"
    came = contact()
    assert came.person is not None
    assert not [known for known in (came.native_id, came.person.address) if known in key]


def test_what_is_no_file_is_left_alone() -> None:
    desk = CopyDesk(
        Answers(PICTURE_FILE),
        [Attachment("location"), Attachment("fallback", None, "https://news.example/"), *photos(1)],
    )
    desk.copy()

    assert [copy.state for copy in desk.record.copies] == [
        CopyState.NOT_A_FILE,
        CopyState.NOT_A_FILE,
        CopyState.KEPT,
    ]
    assert len(desk.source.asked) == 1


@pytest.mark.parametrize("failure", [each for each in CopyFailure if not each.passing])
def test_what_another_try_does_not_change_is_settled_at_once(failure: CopyFailure) -> None:
    desk = CopyDesk(Answers(failure))
    desk.copy()

    gone = failure is CopyFailure.LINK_EXPIRED
    assert desk.only.state is (CopyState.GONE if gone else CopyState.REFUSED)
    assert desk.only.failure is failure
    assert desk.record.due_at is None


def test_bytes_that_are_not_of_the_kind_are_refused_and_not_stored() -> None:
    desk = CopyDesk(Answers(Fetched(PAGE, "image/png")))
    desk.copy()

    assert (desk.only.state, desk.only.failure) == (CopyState.REFUSED, CopyFailure.TYPE_DIFFERS)
    assert desk.files.files == {}


@pytest.mark.parametrize("failure", [each for each in CopyFailure if each.passing])
def test_what_may_pass_is_tried_again_with_growing_delay_and_then_stands(failure: CopyFailure) -> None:
    desk = CopyDesk(Answers(failure))
    delays: list[timedelta] = []
    while (due_at := desk.record.due_at) is not None:
        if delays or desk.only.tries:
            assert (desk.only.state, desk.only.failure) == (CopyState.WAITING, failure)
            delays.append(due_at - desk.clock.at)
        desk.clock.at = max(desk.clock.at, due_at)
        desk.copy()

    assert tuple(delays) == TRY_AGAIN_AFTER
    assert delays == sorted(delays)
    assert (desk.only.state, desk.only.failure) == (CopyState.REFUSED, failure)
    assert len(desk.source.asked) == len(TRY_AGAIN_AFTER) + 1


def test_what_passes_is_kept_in_the_end_and_forgets_its_failure() -> None:
    desk = CopyDesk(Answers(CopyFailure.PLATFORM_FAILING, CopyFailure.TOOK_TOO_LONG, PICTURE_FILE))
    for _ in range(3):
        assert desk.record.due_at is not None
        desk.clock.at = max(desk.clock.at, desk.record.due_at)
        desk.copy()

    assert (desk.only.state, desk.only.failure, desk.only.tries) == (CopyState.KEPT, None, 3)


def test_a_store_that_takes_nothing_is_our_own_trouble_and_passes() -> None:
    desk = CopyDesk(Answers(PICTURE_FILE))
    desk.files.busy = True
    desk.copy()
    assert (desk.only.state, desk.only.failure) == (CopyState.WAITING, CopyFailure.NOT_STORED)

    desk.files.busy = False
    desk.clock.advance(minutes=1)
    desk.copy()
    assert desk.only.state is CopyState.KEPT


def test_nobody_copies_before_it_is_due_or_once_it_is_done() -> None:
    desk = CopyDesk(Answers(CopyFailure.TOOK_TOO_LONG, PICTURE_FILE))
    desk.copy()
    assert desk.copy() is None

    desk.clock.advance(minutes=1)
    assert desk.copy() is not None
    assert desk.copy() is None
    assert len(desk.source.asked) == 2


def test_of_an_unknown_record_nothing_is_made() -> None:
    desk = CopyDesk(Answers(PICTURE_FILE))

    assert desk.copier.copy("another", lambda: PLENTY) is None
    assert set(desk.records.attachments) == {desk.name}


def test_one_that_fails_keeps_none_of_the_others_back() -> None:
    desk = CopyDesk(Answers(PICTURE_FILE, CopyFailure.TOO_LARGE, PICTURE_FILE), photos(3))
    desk.copy()

    states = [copy.state for copy in desk.record.copies]
    assert states == [CopyState.KEPT, CopyState.REFUSED, CopyState.KEPT]


def test_without_time_the_rest_waits_and_is_due_at_once_the_least_tried_first() -> None:
    desk = CopyDesk(Answers(CopyFailure.TOOK_TOO_LONG), photos(3))
    left = iter([PLENTY, PLENTY, ONE_FILE_TAKES - timedelta(seconds=1)])
    desk.copier.copy(desk.name, lambda: next(left))

    assert [copy.tries for copy in desk.record.copies] == [1, 1, 0]
    assert desk.record.due_at == desk.clock.now()
    desk.source.asked.clear()
    desk.copy()
    assert desk.source.asked[0] == f"{LINK}?2"


def test_a_worker_that_died_is_followed_by_another_once_its_lease_ends() -> None:
    desk = CopyDesk(Answers(PICTURE_FILE))
    desk.store.claim(desk.name, token="of-the-dead", now=NOON, lease_until=NOON + LEASE)

    assert desk.copy() is None
    desk.clock.at = NOON + LEASE
    desk.copy()
    assert desk.only.state is CopyState.KEPT


def test_a_worker_that_was_overtaken_writes_nothing() -> None:
    desk = CopyDesk(Answers(PICTURE_FILE), photos(2))

    class Overtaking(Answers):
        def fetch(self, attachment: AttachmentCopy) -> Fetched:
            later = desk.clock.now() + LEASE
            desk.store.claim(desk.name, token="of-another", now=later, lease_until=later + LEASE)
            return super().fetch(attachment)

    slow = replace(desk.copier, sources={"messenger": Overtaking(PICTURE_FILE)})

    assert slow.copy(desk.name, lambda: PLENTY) is None
    assert [copy.state for copy in desk.record.copies] == [CopyState.WAITING] * 2


def test_what_kills_every_worker_is_given_up_and_says_so() -> None:
    desk = CopyDesk(Answers(PICTURE_FILE))
    desk.records.attachments[desk.name] = replace(desk.record, claims=MOST_CLAIMS)
    desk.copy()

    assert (desk.only.state, desk.only.failure) == (CopyState.REFUSED, CopyFailure.GIVEN_UP)
    assert desk.source.asked == []


def test_a_file_that_our_own_code_stumbles_over_costs_none_of_the_others() -> None:
    class Stumbling(Answers):
        def fetch(self, attachment: AttachmentCopy) -> Fetched:
            if attachment.ref == f"{LINK}?0":
                raise KeyError(attachment.ref)
            return super().fetch(attachment)

    desk = CopyDesk(Stumbling(PICTURE_FILE), photos(2))
    desk.copy()

    assert [copy.state for copy in desk.record.copies] == [CopyState.REFUSED, CopyState.KEPT]
    assert desk.record.copies[0].failure is CopyFailure.GIVEN_UP


def test_a_channel_without_a_source_is_refused() -> None:
    desk = CopyDesk(Answers(PICTURE_FILE))
    replace(desk.copier, sources={}).copy(desk.name, lambda: PLENTY)

    assert (desk.only.state, desk.only.failure) == (CopyState.REFUSED, CopyFailure.HOST_NOT_ALLOWED)


def test_a_busy_table_is_raised_for_the_queue_to_deliver_again(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = CopyDesk(Answers(PICTURE_FILE))

    def busy(_self: Any, _record: Any) -> bool:
        raise StoreBusyError("throttled")

    monkeypatch.setattr(InMemoryAttachments, "record", busy)

    with pytest.raises(StoreBusyError):
        desk.copy()


@pytest.mark.parametrize(
    ("channel", "attachment", "waits"),
    [
        ("messenger", Attachment("image", None, LINK), True),
        ("messenger", Attachment("sticker", None, "369239263222822"), False),
        ("messenger", Attachment("image"), False),
        ("messenger", Attachment("fallback", None, "https://news.example/"), False),
        ("facebook_page", Attachment("link", None, "https://news.example/"), False),
        ("whatsapp", Attachment("image", "image/jpeg", "770000000000001"), True),
        ("whatsapp", Attachment("location"), False),
        ("sms", Attachment("image", "image/jpeg", "https://api.twilio.com/2010-04-01/A"), True),
    ],
)
def test_what_is_a_file_waits_to_be_copied(channel: str, attachment: Attachment, waits: bool) -> None:
    came = contact(channel=channel, attachments=(attachment,))

    assert (attachments_of(came, came.key, NOON) is not None) is waits


def test_a_record_shows_no_link() -> None:
    desk = CopyDesk(Answers(PICTURE_FILE))

    assert LINK not in repr(desk.record)
