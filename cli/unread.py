"""What a person wrote that is no case: messages in quarantine, and parked deliveries that nobody could verify.

Neither has a case by which it would be found, so the words themselves are looked through for the person's addresses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cli.replay import is_verified
from contact_desk import parked
from contact_desk.archive_keys import PARKED_PREFIX, parked_channel_of
from contact_desk.errors import MalformedMessageError
from contact_desk.force_file import ForceFile
from contact_desk.ports import ArchivedDelivery, ArchiveReader, RecordFiles, Repairs, Secret
from functions.ingest.delivery import read_delivery
from functions.ingest.registry import PLATFORMS

PHONE_FIGURES = 9
BETWEEN_FIGURES = r"[^0-9A-Za-z\"]{0,3}"


class Waits(StrEnum):
    """Why it is not erased yet."""

    QUARANTINED = "nobody has read it: desk replay quarantine --send, then ask again"
    NOT_TAKEN_IN = "it is not on the desk yet: desk replay parked --send, then ask again"


@dataclass(frozen=True, slots=True)
class Unread:
    """A message or delivery with the person's address in it; `waits` says why it stays, None where it may go."""

    name: str
    waits: Waits | None


@dataclass(frozen=True, slots=True)
class UnreadWords:
    """Looks through what is no case; `on_the_desk` says whether every contact of these keys is there, or was."""

    repairs: Repairs
    archive: ArchiveReader
    files: RecordFiles
    secrets: Mapping[str, Secret]
    force: ForceFile
    on_the_desk: Callable[[Sequence[str]], bool]

    def find(self, addresses: Iterable[str]) -> Iterator[Unread]:
        """Whatever has one of the addresses in it: platform ids, e-mail addresses, telephone numbers."""
        theirs = pattern_of(addresses)
        for letter in self.repairs.quarantined():
            if theirs.search(letter.body):
                yield Unread(f"quarantine/{letter.queue}/{letter.message_id}", Waits.QUARANTINED)
        for delivery in self.archive.keys(PARKED_PREFIX):
            stored = self.archive.get(delivery.key)
            if stored and theirs.search(stored.body.decode("utf-8", "replace")):
                yield Unread(delivery.key, self._waits(delivery, stored.body))

    def erase(self, found: Iterable[Unread]) -> list[Unread]:
        """Remove what may go; what still waits."""
        still = []
        for one in found:
            if one.waits:
                still.append(one)
            else:
                self.files.delete_delivery(one.name)
        return still

    def _waits(self, delivery: ArchivedDelivery, stored: bytes) -> Waits | None:
        """What a secret of today verifies is people's: it goes only once all of it is on the desk, or was."""
        webhook = parked_channel_of(delivery.key)
        try:
            if not is_verified(webhook, stored, self.secrets) or webhook not in PLATFORMS:
                return None
            body = parked.from_bytes(stored).body
        except MalformedMessageError:
            return None
        reading = read_delivery(webhook, body, delivery.stored_at, self.force)
        keys = [contact.key for contact in reading.contacts]
        return None if self.on_the_desk(keys) else Waits.NOT_TAKEN_IN


def pattern_of(addresses: Iterable[str]) -> re.Pattern[str]:
    """Any of the addresses as a word of its own; a telephone number however it is written, by its last nine figures."""
    return re.compile("|".join(map(_written, addresses)) or r"(?!)", re.IGNORECASE)


def _written(address: str) -> str:
    figures = re.sub(r"[^0-9]", "", address)
    if "@" not in address and address.strip().startswith(("+", "0")) and len(figures) >= PHONE_FIGURES:
        return rf"{BETWEEN_FIGURES.join(figures[-PHONE_FIGURES:])}(?![0-9])"
    return rf"(?<![0-9A-Za-z]){re.escape(address.strip())}(?![0-9A-Za-z])"
