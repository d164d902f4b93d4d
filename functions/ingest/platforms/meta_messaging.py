"""Reads the items of `messaging` and `standby`, alike for Messenger and Instagram.

Messages, edits, unsends and taps are contacts, echoes and deliveries confirmations.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from contact_desk.confirmations import Confirmation, ConfirmationKind, hash_of
from contact_desk.contacts import Act, Attachment, Contact, Location, Person, Surface
from functions.ingest.platforms.meta_messaging_payload import (
    DeliveryStatus,
    Message,
    MessageAttachment,
    MessageEdit,
    MessagingEvent,
    Postback,
)
from functions.ingest.reading import UNSUPPORTED, Event, Finding, Ignored, Reason, UnreadableEventError

TOPICS = ("messaging", "standby")

# Kinds that are known and no contact. `policy-enforcement` really has a hyphen; older deliveries have none.
IGNORED = {
    "account_linking": Reason.OPT_IN,
    "app_roles": Reason.THREAD_CONTROL,
    "call_permission_reply": Reason.OPT_IN,
    "checkout_update": Reason.COMMERCE,
    "delivery": Reason.DELIVERY_STATUS,
    "game_play": Reason.COMMERCE,
    "message_context": Reason.REFERRAL,
    "message_reactions": Reason.REACTION,
    "messaging_customer_information": Reason.COMMERCE,
    "messaging_feedback": Reason.REACTION,
    "optin": Reason.OPT_IN,
    "optout": Reason.OPT_IN,
    "order": Reason.COMMERCE,
    "pass_metadata": Reason.THREAD_CONTROL,
    "pass_thread_control": Reason.THREAD_CONTROL,
    "payment": Reason.COMMERCE,
    "policy-enforcement": Reason.POLICY_ENFORCEMENT,
    "policy_enforcement": Reason.POLICY_ENFORCEMENT,
    "pre_checkout": Reason.COMMERCE,
    "reaction": Reason.REACTION,
    "read": Reason.READ_RECEIPT,
    "referral": Reason.REFERRAL,
    "request_thread_control": Reason.THREAD_CONTROL,
    "response_feedback": Reason.REACTION,
    "seen": Reason.READ_RECEIPT,
    "take_thread_control": Reason.THREAD_CONTROL,
    "typing": Reason.TYPING,
}


def read(event: Event, channel: str) -> Sequence[Finding]:
    """What one item holds, for the channel of that name."""
    return _Item(event, channel).findings()


class _Item:
    def __init__(self, event: Event, channel: str) -> None:
        self._event = event
        self._channel = channel
        self._item = MessagingEvent.model_validate(event.fields)
        self._account = event.account or ""
        self._at = self._item.timestamp or event.framed_at or event.received_at

    def findings(self) -> Sequence[Finding]:
        item = self._item
        if item.message is not None:
            return [self._echo(item.message) if self._is_ours(item.message) else self._message(item.message)]
        if item.message_edit is not None:
            return [self._edit(item.message_edit)]
        if item.postback is not None:
            return [self._postback(item.postback)]
        if item.delivery is not None:
            return self._delivered(item.delivery)
        reasons = [reason for kind, reason in IGNORED.items() if kind in self._event.fields]
        if not reasons:
            raise UnreadableEventError("messaging_kind_unknown")
        return [Ignored(reasons[0])]

    def _is_ours(self, message: Message) -> bool:
        return bool(message.is_echo) or self._sender == self._account

    @property
    def _sender(self) -> str | None:
        return self._item.sender.id if self._item.sender else None

    def _message(self, message: Message) -> Contact:
        mid = _mid(message.mid)
        if message.is_deleted:
            return self._contact(Act.DELETED, mid, event_id="deleted")
        attachments = (*map(_attachment, message.attachments), *_story_answered(message))
        text = message.text or (message.quick_reply and message.quick_reply.payload) or ""
        nothing_to_see = message.is_unsupported or not (text or attachments)
        return self._contact(
            Act.CREATED,
            mid,
            text=text,
            answers=message.reply_to.mid if message.reply_to else None,
            attachments=(UNSUPPORTED,) if nothing_to_see else attachments,
            location=next(filter(None, map(_location, message.attachments)), None),
        )

    def _edit(self, edit: MessageEdit) -> Finding:
        if self._sender == self._account:
            return Ignored(Reason.OUR_OWN)
        if edit.text is None:  # words that are not told cannot stand in place of those that were
            return Ignored(Reason.NO_WORDS)
        event_id = edit.num_edit or str(int(self._at.timestamp() * 1000))
        return self._contact(Act.EDITED, edit.mid, text=edit.text, event_id=f"edit-{event_id}")

    def _postback(self, postback: Postback) -> Contact:
        mid = postback.mid or self._tapped_at()
        return self._contact(Act.CREATED, _mid(mid), text=postback.title or postback.payload or "")

    def _tapped_at(self) -> str | None:
        """Older taps have no id of their own: who and when is the only name they have."""
        at, sender = self._item.timestamp or self._event.framed_at, self._item.sender
        who = sender and (sender.id or sender.user_ref)
        return f"{who}-{int(at.timestamp() * 1000)}" if who and at else None

    def _contact(
        self,
        act: Act,
        mid: str,
        *,
        text: str = "",
        event_id: str | None = None,
        answers: str | None = None,
        attachments: tuple[Attachment, ...] = (),
        location: Location | None = None,
    ) -> Contact:
        return Contact(
            act=act,
            channel=self._channel,
            account=self._account,
            surface=Surface.PRIVATE,
            native_id=mid,
            person=Person(self._sender) if self._sender else None,
            text=text,
            occurred_at=self._at,
            received_at=self._event.received_at,
            archive_key="",
            answers=answers,
            attachments=attachments,
            location=location,
            event_id=event_id,
        )

    def _echo(self, message: Message) -> Finding:
        person = self._item.recipient.id if self._item.recipient else None
        if message.mid is None or message.is_deleted:
            return Ignored(Reason.OUR_OWN)
        return self._confirmation(
            ConfirmationKind.ECHO,
            message.mid,
            person,
            self._at,
            metadata=message.metadata,
            app_id=message.app_id,
            text_hash=hash_of(message.text) if message.text else None,
        )

    def _delivered(self, delivery: DeliveryStatus) -> Sequence[Finding]:
        if not delivery.mids:
            return [Ignored(Reason.DELIVERY_STATUS)]
        at = delivery.watermark or self._at
        return [self._confirmation(ConfirmationKind.DELIVERY, mid, self._sender, at) for mid in delivery.mids]

    def _confirmation(
        self,
        kind: ConfirmationKind,
        mid: str,
        person: str | None,
        at: datetime,
        *,
        metadata: str | None = None,
        app_id: str | None = None,
        text_hash: str | None = None,
    ) -> Confirmation:
        return Confirmation(
            kind=kind,
            channel=self._channel,
            account=self._account,
            native_id=mid,
            person=person,
            occurred_at=at,
            received_at=self._event.received_at,
            metadata=metadata,
            app_id=app_id,
            text_hash=text_hash,
        )


def _mid(mid: str | None) -> str:
    if mid is None:
        raise UnreadableEventError("message_without_id")
    return mid


def _attachment(attachment: MessageAttachment) -> Attachment:
    payload = attachment.payload
    return Attachment(
        kind=attachment.type or "unknown",
        ref=attachment.url or (payload and (payload.url or payload.sticker_id)) or None,
    )


def _story_answered(message: Message) -> tuple[Attachment, ...]:
    story = message.reply_to.story if message.reply_to else None
    return (Attachment("story", ref=story.url),) if story else ()


def _location(attachment: MessageAttachment) -> Location | None:
    coordinates = attachment.payload.coordinates if attachment.payload else None
    if coordinates is None:
        return None
    return Location(coordinates.lat, coordinates.long, attachment.title)
