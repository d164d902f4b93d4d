"""Cases and alerts as operators read them: C2, the timeline, and the list of alerts, as fields ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from contact_desk.alerts import Alert
from contact_desk.attachments import AttachmentCopy, CopyState, copies_to_make
from contact_desk.case_desk import AuditEntry, CaseFile, Happening
from contact_desk.cases import Case
from contact_desk.clock import to_rfc3339
from contact_desk.contacts import Act, Contact, Surface
from contact_desk.decisions import Place
from contact_desk.force_file import ForceFile
from contact_desk.message_lengths import Count, limit_of, size, units
from contact_desk.outbox import has_sender
from contact_desk.promises import promises_in
from contact_desk.send_failures import SendFailure
from contact_desk.timeline import EntryKind
from contact_desk.x_weight import weight
from functions.operate.replies import kind_of_reply

Fields = dict[str, Any]

COUNTINGS: Mapping[Count, str] = {len: "characters", units: "units", size: "bytes", weight: "x"}
ORIGINAL_NOT_SEEN = "original not seen"
EDITED = "edited"
DELETED = "deleted"
UNREADABLE = "unreadable"
MOST_PLACES = 8


def case_fields(case: Case, now: datetime) -> Fields:
    """C2: a case as the list shows it; the owner is whoever holds it now."""
    held = case.claim if case.claim and case.claim.live(now) else None
    return {
        "case_id": case.case_id,
        "reference": case.reference,
        "state": case.state.value,
        "grade": case.grade.value,
        "band": case.band.value,
        "category": case.category,
        "emergency": case.emergency,
        "reason": case.reasons[0].reason if case.reasons else "",
        "preview": case.preview,
        "channel": case.channel,
        "surface": case.surface.value,
        "opened_at": to_rfc3339(case.opened_at),
        "answer_by": to_rfc3339(case.answer_by),
        "last_contact_at": to_rfc3339(case.last_contact_at),
        "owner": {"name": held.name, "until": to_rfc3339(held.until)} if held else None,
        "version": case.version,
        "about": list(case.places),
    }


def case_file_fields(found: CaseFile, force: ForceFile, now: datetime) -> Fields:
    """The whole case: C2, what an answer has to heed, why it is graded so, and what happened."""
    case, safe = found.case, found.conversation.safe_contact if found.conversation else None
    return {
        **case_fields(case, now),
        "account": case.account,
        "person_name": case.person_name,
        "language": case.language,
        "markers": list(case.markers),
        "safe_contact": {"ok": safe.ok, "how": safe.how, "not_when": safe.not_when} if safe else None,
        "reply_until": to_rfc3339(case.reply_until) if case.reply_until else None,
        "reply_limit": limit_fields(case, force, now),
        "disposition": case.disposition.value if case.disposition else None,
        "closed_at": to_rfc3339(case.closed_at) if case.closed_at else None,
        "previous_case": case.previous_case,
        "places": place_fields(found, force),
        "reasons": [
            {"rule": one.rule, "reason": one.reason, "words": list(one.words)} for one in case.reasons
        ],
        "timeline": timeline_fields(found, force),
    }


def place_fields(found: CaseFile, force: ForceFile) -> list[Fields]:
    """The places that triage read in words that still stand, the surest first, each name once."""
    hidden, surest = hidden_contacts(found, force), dict[str, Place]()
    for one in found.timeline:
        for place in () if one.entry.contact_key in hidden else one.places:
            known = surest.setdefault(place.name.casefold(), place)
            if place.confidence > known.confidence:
                surest[place.name.casefold()] = place
    ranked = sorted(surest.values(), key=lambda place: (-place.confidence, place.name))
    return [asdict(place) for place in ranked[:MOST_PLACES]]


def earlier_fields(case: Case) -> Fields:
    """A case of the same conversation, as the one after it names it."""
    return {
        "case_id": case.case_id,
        "reference": case.reference,
        "state": case.state.value,
        "opened_at": to_rfc3339(case.opened_at),
        "closed_at": to_rfc3339(case.closed_at) if case.closed_at else None,
        "disposition": case.disposition.value if case.disposition else None,
    }


def limit_fields(case: Case, force: ForceFile, now: datetime) -> Fields | None:
    """What one reply to this case may hold at this moment; None on a channel that the desk only reads."""
    kind = kind_of_reply(case)
    if not has_sender(kind, case.channel):
        return None
    channel = force.channels.get(case.channel)
    closed = case.surface is Surface.PRIVATE and case.reply_until is not None and case.reply_until <= now
    limit = limit_of(
        kind, case.channel, in_template=closed and channel is not None and channel.template is not None
    )
    return {"most": limit.most, "unit": limit.unit, "counting": COUNTINGS[limit.count]}


def house_fields(force: ForceFile) -> Fields:
    """How the desk of a force is set up, as far as its operators' screen has to know."""
    return {
        "time_zone": force.time_zone,
        "languages": list(force.languages),
        "lease_seconds": force.claims.lease_seconds,
        "grades": {
            grade.value: {"name": rule.name, "target_minutes": rule.target_minutes}
            for grade, rule in force.grades.items()
        },
        "thrive": {
            "model": force.thrive.model,
            "elements": list(force.thrive.elements),
            "prompts": list(force.thrive.prompts),
        },
        "broadcast_channels": sorted(force.broadcasts.channels),
    }


def approved_fields(force: ForceFile) -> list[Fields]:
    """The force's texts to answer with, then where else it points people, each language by itself."""
    reference = {"reference": "{reference}"}
    approved = [
        {"name": name, "title": one.title, "language": language, "text": force.write(text, **reference)}
        for name, one in force.approved_texts.items()
        for language, text in one.text.items()
    ]
    signposts = [
        {
            "name": f"signpost_{name}",
            "title": f"{one.who}: {one.matter}",
            "language": language,
            "text": force.write(force.texts[language].signpost, who=one.who, how=one.how, **reference),
        }
        for name, signpost in force.signposts.items()
        for language in force.languages
        for one in (signpost.words(language),)
    ]
    return approved + signposts


def timeline_fields(found: CaseFile, force: ForceFile) -> list[Fields]:
    """What happened, oldest first, in words.

    What its writer took back says so; it can be read no more where the channel's terms ask for that (`keep_deleted`).
    """
    taken_back = _named_by(found, EntryKind.DELETED)
    edited = _named_by(found, EntryKind.EDIT)
    hidden = hidden_contacts(found, force)
    return [
        {
            "at": to_rfc3339(one.entry.at),
            "kind": one.entry.kind.value,
            "by": _by(one),
            "text": None if one.entry.contact_key in hidden else _text(one),
            **_beside_words(None if one.entry.contact_key in hidden else one.event or one.contact),
            "outbox_id": one.entry.outbox_id,
            "state": _state(one, edited, taken_back),
            "trouble": _trouble(one),
            "contact_id": one.entry.contact_key,
            "attachments": [] if one.entry.contact_key in hidden else _attachments(one),
        }
        for one in found.timeline
    ]


def hidden_contacts(found: CaseFile, force: ForceFile) -> frozenset[str]:
    """The keys of contacts that were taken back where the channel's terms let nobody read them any more."""
    channel = force.channels.get(found.case.channel)
    if channel is None or channel.keep_deleted:
        return frozenset()
    return _named_by(found, EntryKind.DELETED)


def contacts_that_stand(found: CaseFile) -> tuple[str, ...]:
    """The keys of the case's contacts that their writers have not taken back, oldest first."""
    taken_back = _named_by(found, EntryKind.DELETED)
    named = [one.entry.contact_key for one in found.timeline if one.entry.contact_key]
    return tuple(dict.fromkeys(key for key in named if key not in taken_back))


def alert_fields(alert: Alert) -> Fields:
    """An open alert: what it is about, and how often it has been nudged; no contact text, no names."""
    return {
        "alert_id": alert.alert_id,
        "rank": alert.rank.value,
        "kind": alert.kind.value,
        "case_id": alert.case_id,
        "case_reference": alert.case_reference,
        "grade": alert.grade.value if alert.grade else None,
        "opened_at": to_rfc3339(alert.opened_at),
        "nudge": alert.nudge,
    }


def audit_fields(entry: AuditEntry) -> Fields:
    """An entry of the audit: ids and acts, never a word of a contact."""
    return {
        "at": to_rfc3339(entry.at),
        "by": entry.by,
        "act": entry.act,
        "subject": entry.subject,
        "request_id": entry.request_id,
        "shown": list(entry.shown),
    }


def _attachments(one: Happening) -> list[Fields]:
    """What came with a contact, and what became of our copy: never a link, which would not live long anyway."""
    written = one.contact if one.entry.kind is EntryKind.CONTACT else one.event
    if written is None:
        return []
    copies = one.attachments.copies if one.attachments else copies_to_make(written)
    return [_attachment(copy, recorded=one.attachments is not None) for copy in copies]


def _attachment(copy: AttachmentCopy, *, recorded: bool) -> Fields:
    # Without a record nobody copies it: it came before attachments were copied at all.
    state = copy.state if recorded or copy.state is CopyState.NOT_A_FILE else None
    return {
        "kind": copy.kind,
        "media_type": copy.media_type or copy.declared_type,
        "state": state.value if state else None,
        "reason": copy.failure.value if copy.failure else None,
        "sha256": copy.sha256,
        "size": copy.size,
    }


def promise_fields(text: str) -> list[Fields]:
    """What a text promises that the desk cannot keep; empty where it promises nothing."""
    return [{"kind": one.kind.value, "words": one.words, "reason": one.reason} for one in promises_in(text)]


def _named_by(found: CaseFile, kind: EntryKind) -> frozenset[str]:
    keys = (one.entry.contact_key for one in found.timeline if one.entry.kind is kind)
    return frozenset(key for key in keys if key)


def _by(one: Happening) -> str | None:
    written = one.contact or one.event
    return one.entry.by or (written.person.name if written and written.person else None)


def _text(one: Happening) -> str | None:
    texts: Mapping[EntryKind, str | None] = {
        EntryKind.CONTACT: one.contact.text if one.contact else None,
        EntryKind.EDIT: one.event.text if one.event else None,
        EntryKind.DELETED: None,
    }
    if one.entry.kind in texts:
        return texts[one.entry.kind]
    return one.entry.text or (one.outbox.text if one.outbox else None)


def _beside_words(written: Contact | None) -> Fields:
    """What a contact says besides its words: the form's other fields, a place that was sent, where it can be seen."""
    location = written.location if written else None
    return {
        "report": written.report if written else None,
        "location": asdict(location) if location else None,
        "permalink": written.permalink if written else None,
    }


def _trouble(one: Happening) -> str | None:
    """What an operator should know of a sending that failed, waits or is in doubt; an older code says nothing."""
    codes = (one.outbox.failure, one.outbox.undelivered_because) if one.outbox else ()
    return " ".join(SendFailure(code).told for code in codes if code in set(SendFailure)) or None


def _state(one: Happening, edited: frozenset[str], taken_back: frozenset[str]) -> str | None:
    key = one.entry.contact_key
    if key is None:
        return one.outbox.state.value if one.outbox else None
    if one.entry.kind is not EntryKind.CONTACT:
        return None if one.contact else ORIGINAL_NOT_SEEN
    if key in taken_back:
        return DELETED
    if one.contact and one.contact.act is Act.UNREADABLE:
        return UNREADABLE
    return EDITED if key in edited else None
