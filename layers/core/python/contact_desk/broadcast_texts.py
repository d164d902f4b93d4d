"""Words written from the fields of a broadcast: what a copy says on its channel, and what it says when it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Formatter
from zoneinfo import ZoneInfo

from contact_desk.broadcast_rules import BroadcastTexts
from contact_desk.broadcasts import Broadcast, BroadcastKind, Copy, CopyEnd
from contact_desk.copy_orders import CopyAct
from contact_desk.force_file import ForceFile
from contact_desk.message_lengths import Limit, limit_of
from contact_desk.outbox import OutboxKind

# What is left out, field by field, until the channel takes the rest.
LEFT_OUT = ((), ("reference",), ("reference", "do"), ("reference", "do", "until"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyFields:
    """What the words of a copy are made of."""

    kind: BroadcastKind
    what: str
    where: str
    do: str
    language: str
    expires_at: datetime | None
    reference: str
    link: str
    correction: bool


def written_copy(
    channel: str,
    fields: CopyFields,
    force: ForceFile,
    *,
    text: str | None,
    alt: str | None,
    picture: str | None,
) -> Copy:
    """The copy for a channel: in the words given, else in words from the fields; ends in words from the fields."""
    texts, rules = force.broadcasts.texts_for(fields.language), force.broadcasts.channels[channel]
    limit = limit_of(OutboxKind.COPY, channel)
    return Copy(
        channel=channel,
        text=text if text is not None else copy_text(fields, force, limit),
        expired=_end(rules.on_expiry, texts.expired, fields, force),
        cancelled=_end(rules.on_cancel, texts.cancelled, fields, force),
        alt=alt,
        picture=picture,
    )


def copy_text(fields: CopyFields, force: ForceFile, limit: Limit) -> str:
    """The fields in the force's words, as many of them as the channel takes; what and where are never left out."""
    texts = force.broadcasts.texts_for(fields.language)
    written = ""
    for left_out in LEFT_OUT:
        values = {**_values(fields, texts, force), **dict.fromkeys(left_out, "")}
        written = _filled(texts.of_kind(fields.kind), values)
        if fields.correction:
            written = _filled(texts.corrected, {"text": written})
        if limit.takes(written):
            break
    return written


def typed_channels(broadcast: Broadcast, link: str, force: ForceFile) -> frozenset[str]:
    """The channels whose words a person typed: they are other ones than its fields would give."""
    words = broadcast.wording
    fields = CopyFields(
        kind=words.kind,
        what=words.what,
        where=words.where,
        do=words.do,
        language=words.language,
        expires_at=words.expires_at,
        reference=broadcast.reference,
        link=link,
        correction=words.corrects is not None,
    )
    return frozenset(
        copy.channel
        for copy in words.copies
        if copy.text != copy_text(fields, force, limit_of(OutboxKind.COPY, copy.channel))
    )


def note(text: str, *, what: str, where: str, reference: str, link: str, force: ForceFile) -> str:
    """Words about a broadcast: `text` is one of the force's, such as `expired` or `tell_corrected`."""
    return _filled(
        text,
        {
            "what": _bare(what),
            "where": _bare(where),
            "reference": reference,
            "link": link,
            "force": force.name,
        },
    )


def told_time(moment: datetime, zone: str) -> str:
    """A time as people read it, on the force's clock: `14:30 on Sunday 22 November`."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%H:%M on %A} {local.day} {local:%B}"


def _end(act: CopyAct, text: str, fields: CopyFields, force: ForceFile) -> CopyEnd:
    if act is CopyAct.DELETE:
        return CopyEnd(act)
    said = note(
        text,
        what=fields.what,
        where=fields.where,
        reference=fields.reference,
        link=fields.link,
        force=force,
    )
    return CopyEnd(act, said)


def _values(fields: CopyFields, texts: BroadcastTexts, force: ForceFile) -> Mapping[str, str]:
    until = fields.expires_at
    return {
        "what": _bare(fields.what),
        "where": _bare(fields.where),
        "do": fields.do.strip(),
        "until": texts.until.format_map({"time": told_time(until, force.time_zone)}) if until else "",
        "reference": fields.reference,
        "link": fields.link,
        "force": force.name,
    }


def _bare(text: str) -> str:
    """A field without the full stop that the force's words put after it."""
    return text.strip().rstrip(".").rstrip()


def _filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled; a part between bars whose placeholders are all empty is left out."""
    parts = []
    for part in text.split("|"):
        used = [field for _, field, _, _ in Formatter().parse(part) if field is not None]
        if not used or any(values[field] for field in used):
            parts.append(part.format_map(values))
    return "".join(parts).strip()
