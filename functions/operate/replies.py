"""A person's reply to a person: recorded as an outbox item, which notify sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from contact_desk.broadcasts import AnsweredWith, Broadcast, link_of
from contact_desk.case_desk import CaseChange
from contact_desk.cases import Case
from contact_desk.clock import to_rfc3339
from contact_desk.contacts import REPORT_FORM, Surface
from contact_desk.message_lengths import limit_of
from contact_desk.outbox import OutboxItem, OutboxKind, Purpose, has_sender, outbox_id
from contact_desk.timeline import EntryKind
from functions.operate.acts import Scene, next_version, renewed_claim
from functions.operate.email_replies import email_address
from functions.operate.refusals import InvalidFieldsError, NoSenderError, TextTooLongError, WindowClosedError


@dataclass(frozen=True, slots=True)
class Reply:
    """Words to the person: a message in private, a comment under theirs in public.

    `answers` names the contact that a public reply answers, by its key or the platform's own id; the newest contact
    that still stands where it is None.
    """

    name: ClassVar[str] = "reply"
    text: str
    answers: str | None = None

    @property
    def kept_text(self) -> str | None:
        """The words."""
        return self.text

    def change(self, scene: Scene) -> CaseChange:
        """The state stays: a reply is no close, and what the machine answered still waits for a person's word."""
        claim, case = renewed_claim(scene), scene.case
        if case.reply_until and case.reply_until <= scene.now and not _has_template(scene):
            raise WindowClosedError(
                "The platform takes no more answers to this person.", until=to_rfc3339(case.reply_until)
            )
        kind, target = self._target(scene)
        if not has_sender(kind, case.channel):
            raise NoSenderError(
                "The desk reads this channel but cannot write to it. Answer with the platform's own tool."
            )
        closing = case.reply_until if case.surface is Surface.PRIVATE else None
        limit = limit_of(kind, case.channel, in_template=closing is not None and closing <= scene.now)
        if not limit.takes(self.text):
            raise TextTooLongError(limit, self.text)
        item = OutboxItem(
            outbox_id=outbox_id(f"{scene.cause}#{to_rfc3339(scene.now)}", kind, Purpose.REPLY),
            kind=kind,
            purpose=Purpose.REPLY,
            channel=case.channel,
            account=case.account,
            target=target,
            text=self.text,
            urgent=False,
            created_at=scene.now,
            due_at=scene.now,
            case_id=case.case_id,
            author=scene.operator.subject,
            reply_until=closing,
        )
        entry = scene.entry(EntryKind.REPLY, outbox_id=item.outbox_id)
        return CaseChange(
            case,
            next_version(scene, claim=claim),
            (entry,),
            outbox=item,
            answered_with=self._linked(scene, item),
        )

    def _linked(self, scene: Scene, item: OutboxItem) -> tuple[AnsweredWith, ...]:
        """The broadcasts whose link the words carry: who was answered with one is told when it is taken back."""
        if f"{scene.live_url}/" not in self.text:
            return ()
        shown = {one.broadcast_id: one for one in scene.read_shown()}
        linked = [one for one in shown.values() if link_of(scene.live_url, one) in self.text]
        # The address of what was corrected shows its correction: it is the one that was published first, and stays.
        current = [_newest(one, shown) for one in linked]
        over = [one.reference for one, newest in zip(linked, current, strict=True) if not newest.on_air]
        if over:
            raise InvalidFieldsError({"text": f"what {', '.join(over)} says is over: link to what is live"})
        return tuple(
            AnsweredWith(name, item.outbox_id, scene.case.case_id, scene.now)
            for name in dict.fromkeys(one.broadcast_id for one in current)
        )

    def _target(self, scene: Scene) -> tuple[OutboxKind, str]:
        case, answered, kind = scene.case, self._answered(scene), kind_of_reply(scene.case)
        if kind is OutboxKind.EMAIL:
            return kind, email_address(scene)
        if kind is OutboxKind.MESSAGE:
            return kind, _address(case)
        if answered is None:
            raise InvalidFieldsError({"answers": "there is no comment left to answer: all were taken back"})
        return kind, answered.removeprefix(f"{case.channel}#")

    def _answered(self, scene: Scene) -> str | None:
        """The key of the contact answered; None where none is left, and in private where none is named."""
        if self.answers is None and scene.case.surface is Surface.PRIVATE:
            return None
        standing = scene.read_contacts()
        if self.answers is None:
            return standing[-1] if standing else None
        names = {self.answers, f"{scene.case.channel}#{self.answers}"}
        named = [key for key in standing if key in names]
        if not named:
            raise InvalidFieldsError({"answers": "a contact of this case that its writer has not taken back"})
        return named[-1]


def _newest(broadcast: Broadcast, shown: Mapping[str, Broadcast]) -> Broadcast:
    """What has taken the broadcast's place, as far as it is shown; itself where nothing has."""
    while broadcast.corrected_by and (later := shown.get(broadcast.corrected_by)):
        broadcast = later
    return broadcast


def kind_of_reply(case: Case) -> OutboxKind:
    """As what a reply to the case is sent."""
    if case.channel == REPORT_FORM:
        return OutboxKind.EMAIL
    return OutboxKind.MESSAGE if case.surface is Surface.PRIVATE else OutboxKind.COMMENT_REPLY


def _has_template(scene: Scene) -> bool:
    channel = scene.force.channels.get(scene.case.channel)
    return channel is not None and channel.template is not None


def _address(case: Case) -> str:
    """The person's address on a private channel, as the conversation's key has it."""
    address = case.conversation_key.removeprefix(f"{case.channel}#{case.account}#")
    address = address.removesuffix(f"#{case.surface.value}")
    # An unreadable delivery has no person whom the desk could write to: its own name stands in their place.
    if case.last_contact == f"{case.channel}#{address}":
        raise InvalidFieldsError({"text": "nobody knows who sent this, so nobody can be written to"})
    return address
