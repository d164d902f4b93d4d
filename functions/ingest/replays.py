"""Takes an archived delivery in again: the same bytes, read by the same adapters, queued under the same archive key."""

from __future__ import annotations

from typing import NamedTuple

from contact_desk import parked
from contact_desk.archive_keys import channel_of, parked_channel_of
from contact_desk.contacts import REPORT_FORM, Contact
from contact_desk.errors import MalformedMessageError
from contact_desk.force_file import ForceFile
from contact_desk.ports import Archive, ArchivedBody, ArchiveReader, ContactQueue
from contact_desk.reports import report_contact
from functions.ingest.delivery import read_delivery
from functions.ingest.registry import PLATFORMS


class Replays(NamedTuple):
    """What the replay of archived deliveries works with; `released` takes in parked ones."""

    force: ForceFile
    archive: ArchiveReader
    released: Archive
    contacts: ContactQueue


def take_in_again(archive_key: str, replays: Replays) -> int:
    """Queue the contacts of one archived delivery once more; how many they are.

    They were received when the archive took them in. A parked delivery, whose signature somebody has verified since, is
    archived first, as it would have been then. Raises MalformedMessageError for a key that names no
    delivery, StoreError where archive or queue do not answer.
    """
    archived = replays.archive.get(archive_key)
    if archived is None:
        raise MalformedMessageError("there is no such delivery in the archive")
    is_parked = bool(parked_channel_of(archive_key))
    contacts = _release(archived, replays) if is_parked else contacts_of(archived, replays.force)
    replays.contacts.send(contacts)
    return len(contacts)


def _release(archived: ArchivedBody, replays: Replays) -> tuple[Contact, ...]:
    webhook = parked_channel_of(archived.key)
    if webhook not in PLATFORMS:
        raise MalformedMessageError("the parked delivery came to no webhook of this desk")
    body = parked.from_bytes(archived.body).body
    reading = read_delivery(webhook, body, archived.stored_at, replays.force)
    replays.released.put(reading.archive_key, body)
    return reading.contacts


def contacts_of(archived: ArchivedBody, force: ForceFile) -> tuple[Contact, ...]:
    """The contacts of an archived delivery; raises MalformedMessageError where no webhook here could have taken it."""
    webhook = channel_of(archived.key)
    if webhook == REPORT_FORM:
        return (report_contact(archived.body, force, archived.stored_at, archived_as=archived.key),)
    if webhook not in PLATFORMS:
        raise MalformedMessageError("the archive key names no webhook of this desk")
    return read_delivery(webhook, archived.body, archived.stored_at, force, archived_as=archived.key).contacts
