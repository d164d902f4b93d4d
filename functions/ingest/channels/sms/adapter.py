"""Reads text messages: whatever a person sends is a contact, the words that stop and start messages too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from contact_desk.confirmations import Confirmation, ConfirmationKind
from contact_desk.contacts import Act, Attachment, Contact, Person, Surface
from functions.ingest.channels.sms.payload import TextMessage
from functions.ingest.payload_fields import Url
from functions.ingest.platforms import sms
from functions.ingest.reading import ATTACHMENTS, UNSUPPORTED, Channel, Event, Finding, Ignored, Reason

NAME = "sms"
MEDIA_TYPE = re.compile(r"([a-z]{1,20})/[\w.+-]{1,100}", re.ASCII)
STATES = {
    "delivered": ConfirmationKind.DELIVERY,
    **dict.fromkeys(("failed", "undelivered", "canceled"), ConfirmationKind.FAILURE),
}
URL = TypeAdapter[str](Url)


def claims(event: Event) -> bool:
    """Everything that is posted for a message."""
    return event.topic in ("message", "status")


def read(event: Event) -> Sequence[Finding]:
    """What one form holds."""
    message = TextMessage.model_validate(event.fields)
    if event.topic == "status":
        return [_state(event, message)]
    attachments = tuple(_attachments(event.fields))
    return [
        Contact(
            act=Act.CREATED,
            channel=NAME,
            account=event.account or "",
            surface=Surface.PRIVATE,
            native_id=message.sid,
            person=Person(message.sender) if message.sender else None,
            text=message.body,
            occurred_at=event.received_at,  # the form tells no time
            received_at=event.received_at,
            archive_key="",
            attachments=attachments or (() if message.body else (UNSUPPORTED,)),
        )
    ]


def _state(event: Event, message: TextMessage) -> Finding:
    kind = STATES.get((message.state or "").lower())
    if kind is None:
        return Ignored(Reason.DELIVERY_STATUS)
    return Confirmation(
        kind=kind,
        channel=NAME,
        account=event.account or "",
        native_id=message.sid,
        person=message.receiver,
        occurred_at=event.received_at,
        received_at=event.received_at,
        error_code=message.error_code if kind is ConfirmationKind.FAILURE else None,
    )


def _attachments(form: Mapping[str, Any]) -> Iterator[Attachment]:
    """The media by their numbers, as many as there are: `NumMedia` may say otherwise."""
    for number in range(ATTACHMENTS):
        address, media_type = form.get(f"MediaUrl{number}"), form.get(f"MediaContentType{number}")
        if address is None and media_type is None:
            continue
        kind = MEDIA_TYPE.fullmatch(media_type) if isinstance(media_type, str) else None
        yield Attachment(kind[1] if kind else "unknown", kind[0] if kind else None, _address(address))


def _address(address: object) -> str | None:
    try:
        return URL.validate_python(address)
    except ValidationError:
        return None


SMS = Channel(name=NAME, platform=sms.PLATFORM, claims=claims, read=read)
