"""The small messages that only point: at an archived delivery to take in again, at what waits to be sent or copied."""

from __future__ import annotations

import json

from contact_desk.errors import MalformedMessageError, NewerMessageError

VERSION = 1


def replay_message(archive_key: str) -> str:
    """The message that has an archived delivery taken in again."""
    return _message("archive_key", archive_key)


def archive_key_of(body: str) -> str:
    """The archive key of a replay message; raises MalformedMessageError or NewerMessageError."""
    return _pointer(body, "archive_key")


def nudge_message(outbox_id: str) -> str:
    """The message that tells notify of an outbox item."""
    return _message("outbox_id", outbox_id)


def outbox_id_of(body: str) -> str:
    """The outbox item's name of a nudge; raises MalformedMessageError or NewerMessageError."""
    return _pointer(body, "outbox_id")


def attachments_message(attachments_id: str) -> str:
    """The message that has the attachments of a contact copied."""
    return _message("attachments_id", attachments_id)


def attachments_id_of(body: str) -> str:
    """The record's name of an attachments message; raises MalformedMessageError or NewerMessageError."""
    return _pointer(body, "attachments_id")


def _message(field: str, value: str) -> str:
    return json.dumps({"v": VERSION, field: value}, separators=(",", ":"))


def _pointer(body: str, field: str) -> str:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedMessageError("the message is not JSON") from None
    if not isinstance(fields, dict) or not isinstance(fields.get("v"), int):
        raise MalformedMessageError("the message is not a pointer")
    if fields["v"] > VERSION:
        raise NewerMessageError(f"the message is of version {fields['v']}, this reader knows {VERSION}")
    pointer = fields.get(field)
    if not isinstance(pointer, str) or not pointer:
        raise MalformedMessageError(f"the message has no {field}")
    return pointer
