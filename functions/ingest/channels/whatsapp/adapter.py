"""Reads WhatsApp's events: messages, edits and revocations are contacts, statuses and echoes confirmations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from contact_desk.confirmations import Confirmation, ConfirmationKind, hash_of
from contact_desk.contacts import Act, Attachment, Contact, Location, Person, Surface
from functions.ingest.channels.whatsapp.payload import (
    Card,
    Content,
    Echo,
    Interactive,
    Media,
    Message,
    SharedContact,
    Status,
)
from functions.ingest.payload_fields import read_identifier
from functions.ingest.platforms import meta
from functions.ingest.reading import (
    UNSUPPORTED,
    Channel,
    Event,
    Finding,
    Ignored,
    Reason,
    UnreadableEventError,
)

NAME = "whatsapp"
PRODUCT = "whatsapp_business_account"
FIELDS = ("messages", "smb_message_echoes", "standby")
LISTS = ("messages", "message_echoes", "statuses", "errors")
MEDIA = ("image", "video", "audio", "voice", "document", "sticker")
TYPES = ("text", *MEDIA, "location", "contacts", "button", "interactive", "order", "edit", "revoke")
WORDS = ("text", "button", "interactive")
NOTHING_TO_SEE = ("text", "edit", "revoke", "unknown", "unsupported")

IGNORED = {
    "reaction": Reason.REACTION,
    "request_welcome": Reason.REFERRAL,
    "system": Reason.SYSTEM_NOTICE,
}
STATUSES = {
    "sent": ConfirmationKind.ECHO,
    "delivered": ConfirmationKind.DELIVERY,
    "read": ConfirmationKind.DELIVERY,
    "played": ConfirmationKind.DELIVERY,
    "failed": ConfirmationKind.FAILURE,
}


def claims(event: Event) -> bool:
    """What is said to and from a number; what is told of the business account is not."""
    return event.product == PRODUCT and event.topic in FIELDS


def split(event: Event) -> Sequence[Event]:
    """A message, echo, status or error each, of the number that it belongs to; none where the change is empty."""
    if not isinstance(event.fields, dict) or "field" not in event.fields:
        raise UnreadableEventError("not_a_change")
    value = event.fields.get("value")
    if not value:
        return ()
    if not isinstance(value, dict):
        raise UnreadableEventError("value_unknown")
    metadata = value.get("metadata")
    account = read_identifier(metadata.get("phone_number_id")) if isinstance(metadata, dict) else None
    frame = {name: part for name, part in value.items() if name not in (*LISTS, "contacts")}
    cards = _Cards(_listed(value.get("contacts")))
    return [
        replace(
            event,
            topic=name,
            account=account,
            fields={
                "field": event.topic,
                "value": {**frame, "contacts": cards.of(item), name: [item]},
            },
        )
        for name in LISTS
        for item in _listed(value.get(name))
    ]


def read(event: Event) -> Sequence[Finding]:
    """What one of them holds."""
    (item,) = event.fields["value"][event.topic]
    return [READERS[event.topic](event, item)]


def _listed(items: Any) -> list[Any]:
    if items is None:
        return []
    return items if isinstance(items, list) else [items]


class _Cards:
    """Who the writers of a change are; where there is one card only, nobody else's it can be."""

    def __init__(self, cards: list[Any]) -> None:
        self._only = cards if len(cards) == 1 else None
        # A thousand messages may come with a thousand cards, so each is found by its names.
        self._named = {
            name: card
            for card in cards
            if isinstance(card, dict)
            for name in (read_identifier(card.get("wa_id")), read_identifier(card.get("user_id")))
            if name
        }

    def of(self, item: Any) -> list[Any]:
        """The card of a message's writer, in a list as the platform has it; none where it is not there."""
        if self._only is not None or not isinstance(item, dict):
            return self._only or []
        names = (read_identifier(item.get("from_user_id")), read_identifier(item.get("from")))
        return next(([self._named[name]] for name in names if name in self._named), [])


class _Said(NamedTuple):
    """What a message says."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    location: Location | None = None
    answers: str | None = None


def _message(event: Event, item: Any) -> Finding:
    message = Message.model_validate(item)
    kind = _type_of(message, item)
    if kind in IGNORED:
        return Ignored(IGNORED[kind])
    if kind == "edit" and message.edit:
        said = _said(message.edit.message, item["edit"].get("message"))
        return _contact(event, message, Act.EDITED, message.edit.original_message_id, said)
    if kind == "revoke" and message.revoke:
        return _contact(event, message, Act.DELETED, message.revoke.original_message_id, _Said())
    return _contact(event, message, Act.CREATED, message.id, _said(message, item))


def _contact(event: Event, message: Message, act: Act, native_id: str, said: _Said) -> Contact:
    return Contact(
        act=act,
        channel=NAME,
        account=event.account or "",
        surface=Surface.PRIVATE,
        native_id=native_id,
        person=_person(event, message),
        text=said.text,
        occurred_at=message.timestamp or event.framed_at or event.received_at,
        received_at=event.received_at,
        archive_key="",
        answers=said.answers,
        attachments=said.attachments,
        location=said.location,
        # An edit is a message with an id of its own; a message is taken back once.
        event_id={Act.EDITED: f"edit-{message.id}", Act.DELETED: "revoked"}.get(act),
    )


def _said(content: Content, item: Any) -> _Said:
    kind, place = _type_of(content, item), content.location
    return _Said(
        text=_words(content, kind),
        attachments=_attachments(content, kind),
        location=Location(place.latitude, place.longitude, place.name or place.address) if place else None,
        answers=content.context.id if content.context else None,
    )


def _type_of(content: Content, item: Any) -> str:
    """The type, or where it is not said the first part that is there."""
    if content.type:
        return content.type
    return next((name for name in TYPES if isinstance(item, dict) and item.get(name)), "unknown")


def _person(event: Event, message: Message) -> Person | None:
    cards = [
        Card.model_validate(card) for card in event.fields["value"]["contacts"] if isinstance(card, dict)
    ]
    card = cards[0] if cards else Card()
    address = message.user_id or card.user_id or message.phone or card.wa_id
    name = card.profile and (card.profile.name or card.profile.username)
    return Person(address, name or None) if address else None


def _words(content: Content, kind: str) -> str:
    if kind == "text":
        return (content.text.body if content.text else None) or ""
    if kind == "button" and content.button:
        return content.button.text or content.button.payload or ""
    if kind == "interactive" and content.interactive:
        return _answer(content.interactive)
    if kind == "contacts":
        return "\n".join(filter(None, map(_line, content.contacts)))
    if kind == "order" and content.order:
        return content.order.text or ""
    media = _media(content, kind)
    return (media.caption if media else None) or ""


def _answer(interactive: Interactive) -> str:
    choice, form = interactive.button_reply or interactive.list_reply, interactive.nfm_reply
    if choice:
        return "\n".join(filter(None, (choice.title or choice.id, choice.description)))
    return (form.response_json or form.body or "") if form else ""


def _line(shared: SharedContact) -> str:
    name = shared.name.formatted_name if shared.name else None
    return " ".join(filter(None, (name, *(phone.phone for phone in shared.phones))))


def _media(content: Content, kind: str) -> Media | None:
    found: Media | None = getattr(content, kind) if kind in MEDIA else None
    return found


def _attachments(content: Content, kind: str) -> tuple[Attachment, ...]:
    """What came beside the words; never nothing where there are no words either."""
    media = _media(content, kind)
    if media:
        return (Attachment(kind, media_type=media.mime_type, ref=media.id),)
    if kind in WORDS and _words(content, kind):
        return ()
    return (UNSUPPORTED,) if kind in NOTHING_TO_SEE else (Attachment(kind),)


def _echo(event: Event, item: Any) -> Finding:
    echo = Echo.model_validate(item)
    if echo.type in ("edit", "revoke"):
        return Ignored(Reason.OUR_OWN)
    text = _words(echo, _type_of(echo, item))
    return _confirmation(
        event,
        ConfirmationKind.ECHO,
        echo.id,
        echo.to_user_id or echo.to,
        echo.timestamp,
        text_hash=hash_of(text) if text else None,
    )


def _status(event: Event, item: Any) -> Finding:
    status = Status.model_validate(item)
    kind = STATUSES.get(status.status or "")
    if kind is None:
        return Ignored(Reason.DELIVERY_STATUS)
    person = status.recipient_user_id or status.recipient_id
    failed = status.errors if kind is ConfirmationKind.FAILURE else None
    return _confirmation(
        event,
        kind,
        status.id,
        person,
        status.timestamp,
        error_code=failed[0].code if failed else None,
        metadata=status.biz_opaque_callback_data,
    )


def _confirmation(
    event: Event,
    kind: ConfirmationKind,
    native_id: str,
    person: str | None,
    at: datetime | None,
    *,
    error_code: int | None = None,
    **sent: str | None,
) -> Confirmation:
    return Confirmation(
        kind=kind,
        channel=NAME,
        account=event.account or "",
        native_id=native_id,
        person=person,
        occurred_at=at or event.framed_at or event.received_at,
        received_at=event.received_at,
        error_code=error_code,
        **sent,
    )


def _error(_event: Event, _item: Any) -> Finding:
    return Ignored(Reason.PLATFORM_ERROR)


READERS: Mapping[str | None, Callable[[Event, Any], Finding]] = {
    "messages": _message,
    "message_echoes": _echo,
    "statuses": _status,
    "errors": _error,
}

WHATSAPP = Channel(name=NAME, platform=meta.PLATFORM, claims=claims, read=read, split=split)
