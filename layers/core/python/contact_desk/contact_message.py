"""C1: a contact as the queues carry it, in ASCII JSON, so that no text can break the transport."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contact_desk.clock import from_rfc3339, to_rfc3339
from contact_desk.contacts import Act, Attachment, Contact, Location, Person, Surface
from contact_desk.errors import MalformedMessageError, NewerMessageError

VERSION = 1


def to_message(contact: Contact) -> str:
    """The contact as C1 (ASCII JSON)."""
    return json.dumps(to_fields(contact), separators=(",", ":"), ensure_ascii=True)


def from_message(body: str) -> Contact:
    """The contact of a C1 message.

    Raises NewerMessageError for a version above ours and MalformedMessageError for anything that is not C1.
    """
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedMessageError("the message is not JSON") from None
    if not isinstance(fields, dict):
        raise MalformedMessageError("the message is not an object")
    return from_fields(fields)


def to_fields(contact: Contact) -> dict[str, Any]:
    """The contact as the fields of C1."""
    return {
        "v": VERSION,
        "act": contact.act.value,
        "channel": contact.channel,
        "account": contact.account,
        "surface": contact.surface.value,
        "native_id": contact.native_id,
        "person": {"address": contact.person.address, "name": contact.person.name}
        if contact.person
        else None,
        "text": contact.text,
        "language": contact.language,
        "occurred_at": to_rfc3339(contact.occurred_at),
        "received_at": to_rfc3339(contact.received_at),
        "answers": contact.answers,
        "root": contact.root,
        "attachments": [
            {"kind": attachment.kind, "media_type": attachment.media_type, "ref": attachment.ref}
            for attachment in contact.attachments
        ],
        "location": (
            {"lat": contact.location.lat, "lon": contact.location.lon, "name": contact.location.name}
            if contact.location
            else None
        ),
        "permalink": contact.permalink,
        "reply_until": to_rfc3339(contact.reply_until) if contact.reply_until else None,
        "event_id": contact.event_id,
        "report": dict(contact.report) if contact.report is not None else None,
        "raw": contact.raw,
        "archive_key": contact.archive_key,
        "part": contact.part,
        "last": contact.last,
    }


def from_fields(fields: Mapping[str, Any]) -> Contact:
    """The contact of C1's fields; raises as `from_message` does."""
    version = fields.get("v")
    if isinstance(version, int) and version > VERSION:
        raise NewerMessageError(f"the message is of version {version}, this reader knows {VERSION}")
    try:
        person, location = fields["person"], fields["location"]
        return Contact(
            act=Act(fields["act"]),
            channel=fields["channel"],
            account=fields["account"],
            surface=Surface(fields["surface"]),
            native_id=fields["native_id"],
            person=Person(person["address"], person["name"]) if person else None,
            text=fields["text"],
            language=fields["language"],
            occurred_at=from_rfc3339(fields["occurred_at"]),
            received_at=from_rfc3339(fields["received_at"]),
            answers=fields["answers"],
            root=fields["root"],
            attachments=tuple(
                Attachment(attachment["kind"], attachment["media_type"], attachment["ref"])
                for attachment in fields["attachments"]
            ),
            location=(
                Location(float(location["lat"]), float(location["lon"]), location["name"])
                if location
                else None
            ),
            permalink=fields["permalink"],
            reply_until=_optional_moment(fields["reply_until"]),
            event_id=fields["event_id"],
            report=fields["report"],
            raw=fields["raw"],
            archive_key=fields["archive_key"],
            part=fields["part"],
            last=fields["last"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        # The cause's own text may quote the person's words: only its kind is told.
        raise MalformedMessageError(f"the message is not a contact: {type(error).__name__}") from None


def _optional_moment(text: str | None) -> datetime | None:
    return from_rfc3339(text) if text else None
