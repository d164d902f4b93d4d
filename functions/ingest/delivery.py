"""Reads one delivery: from its bytes to contacts, confirmations, and what is ignored. Pure, and it never raises."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pydantic import ValidationError

from contact_desk.archive_keys import archive_key
from contact_desk.confirmations import Confirmation
from contact_desk.contacts import Act, Contact, Surface
from contact_desk.errors import UnreadableJsonError
from contact_desk.force_file import ForceFile
from functions.ingest.as_sent import excerpt, excerpt_of, raw_of
from functions.ingest.reading import (
    ATTACHMENTS,
    Channel,
    Event,
    Finding,
    Ignored,
    Reason,
    SealedEventError,
    UnreadableEventError,
)
from functions.ingest.registry import CHANNELS, PLATFORMS

UNKNOWN_ACCOUNT = "unknown"


@dataclass(frozen=True, slots=True)
class Reading:
    """What is in a delivery. `ignored` counts events by reason, `unreadable` the causes by their code."""

    archive_key: str
    contacts: tuple[Contact, ...] = field(repr=False)
    confirmations: tuple[Confirmation, ...] = field(repr=False)
    ignored: Mapping[str, int]
    unreadable: Mapping[str, int]


def read_delivery(
    webhook: str,
    body: bytes,
    received_at: datetime,
    force: ForceFile,
    *,
    archived_as: str | None = None,
    caught_up: bool = False,
) -> Reading:
    """Everything in one delivery to a webhook (`meta`), in its order.

    `archived_as` is its archive key where it has one already, `caught_up` says that no webhook brought it. What cannot
    be read, the body or an event in it, becomes an unreadable contact; the same bytes always give the same contacts.
    """
    return _Reader(webhook, body, received_at, force).read(archived_as, caught_up=caught_up)


class _Reader:
    def __init__(self, webhook: str, body: bytes, received_at: datetime, force: ForceFile) -> None:
        self._webhook = webhook
        self._body = body
        self._received_at = received_at
        self._force = force
        self._digest = hashlib.sha256(body).hexdigest()
        self._causes: Counter[str] = Counter()

    def read(self, archived_as: str | None, *, caught_up: bool) -> Reading:
        findings = self._findings()
        contacts = [finding for finding in findings if isinstance(finding, Contact)]
        key = archived_as or archive_key(
            self._webhook, self._body, len(contacts), self._received_at, caught_up=caught_up
        )
        return Reading(
            archive_key=key,
            contacts=tuple(
                replace(contact, archive_key=key, part=part, last=part == len(contacts))
                for part, contact in enumerate(contacts, start=1)
            ),
            confirmations=tuple(finding for finding in findings if isinstance(finding, Confirmation)),
            ignored=Counter[str](finding.reason for finding in findings if isinstance(finding, Ignored)),
            unreadable=self._causes,
        )

    def _findings(self) -> Sequence[Finding]:
        try:
            platform = PLATFORMS[self._webhook]
            events = list(platform.events(platform.load(self._body), self._received_at))
        except UnreadableJsonError as error:
            return [self._unreadable(0, str(error), text=excerpt(self._body))]
        if not events:
            return [Ignored(Reason.EMPTY)]
        findings: list[Finding] = []
        index = 0
        for event in events:
            channel = self._channel_of(event)
            try:
                parts = channel.split(event) if channel else (event,)
            except Exception as error:  # noqa: BLE001 a slip in one adapter costs one card, never the delivery around it
                parts = ()
                findings.append(self._card(index, error, event, channel))
                index += 1
            else:
                findings += [] if parts else [Ignored(Reason.EMPTY)]
            for part in parts:
                findings += self._findings_in(part, index, channel)
                index += 1
        return findings

    def _findings_in(self, event: Event, index: int, channel: Channel | None) -> Sequence[Finding]:
        try:
            return self._read_event(event, channel)
        except Exception as error:  # noqa: BLE001 as above
            return [self._card(index, error, event, channel)]

    def _card(self, index: int, error: Exception, event: Event, channel: Channel | None) -> Contact:
        text = error.shown if isinstance(error, SealedEventError) else excerpt_of(event.fields)
        return self._unreadable(index, _cause(error), text=text, event=event, channel=channel)

    def _read_event(self, event: Event, channel: Channel | None) -> Sequence[Finding]:
        if why := PLATFORMS[self._webhook].no_contacts.get(event.product):
            return [Ignored(why)]
        if event.topic is None:
            raise UnreadableEventError("not_framed")
        if channel is None:
            return [Ignored(Reason.CHANNEL_UNKNOWN)]
        if event.account is None:
            raise UnreadableEventError("no_account")
        if not self._is_ours(channel, event.account):
            return [Ignored(Reason.ACCOUNT_UNKNOWN)]
        return [
            self._completed(finding, channel, event) if isinstance(finding, Contact) else finding
            for finding in channel.read(event)
        ]

    def _channel_of(self, event: Event) -> Channel | None:
        platform = PLATFORMS[self._webhook]
        return next(
            (channel for channel in CHANNELS if channel.platform is platform and channel.claims(event)), None
        )

    def _is_ours(self, channel: Channel, account: str) -> bool:
        ours = self._force.channels.get(channel.name)
        return ours is not None and ours.account == account

    def _completed(self, contact: Contact, channel: Channel, event: Event) -> Contact:
        # Windows are for private messages: what is public can be answered as long as it stands.
        private = contact.surface is Surface.PRIVATE
        hours = self._force.channels[channel.name].reply_window_hours if private else None
        return replace(
            contact,
            attachments=contact.attachments[:ATTACHMENTS],
            raw=raw_of(event.fields),
            reply_until=contact.occurred_at + timedelta(hours=hours) if hours else None,
        )

    def _unreadable(
        self,
        index: int,
        cause: str | None,
        *,
        text: str,
        event: Event | None = None,
        channel: Channel | None = None,
    ) -> Contact:
        if cause is not None:
            self._causes[cause] += 1
        return Contact(
            act=Act.UNREADABLE,
            channel=channel.name if channel else self._webhook,
            account=(event.account if event else None) or UNKNOWN_ACCOUNT,
            surface=Surface.PRIVATE,
            native_id=f"{self._digest}.{index}",
            person=None,
            text=text,
            occurred_at=(event.framed_at if event else None) or self._received_at,
            received_at=self._received_at,
            archive_key="",
            raw=raw_of(event.fields) if event else None,
        )


def _cause(error: Exception) -> str | None:
    """A code for the log: what an adapter refused, or the name of what befell it; None where nothing is wrong."""
    if isinstance(error, SealedEventError):
        return None
    if isinstance(error, UnreadableEventError):
        return str(error)
    if isinstance(error, ValidationError):
        return f"{error.title}_invalid".lower()
    return type(error).__name__
