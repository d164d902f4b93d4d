"""The papers of one case: a page to read, the timeline as data, the originals, the files, and who saw it."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from contact_desk.attachments import AttachmentCopy
from contact_desk.case_desk import AuditEntry, CaseFile, Happening
from contact_desk.clock import to_rfc3339
from contact_desk.masking import PersonalData, personal_data
from contact_desk.retention import Regime
from contact_desk.stores.originals import Original
from contact_desk.timeline import EntryKind

ReadEvidence = Callable[[str], bytes | None]
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("papers_templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
STAFF = "staff"
BY_STAFF = frozenset(EntryKind) - {EntryKind.CONTACT, EntryKind.EDIT, EntryKind.DELETED, EntryKind.AUTOMATIC}


@dataclass(frozen=True, slots=True)
class CasePapers:
    """What the papers of a case are made of.

    `for_subject` makes them for the person themselves: staff have no names, and what may be about others is marked, for
    a person to take out before it is handed over. Else everything is as it is, with who saw the case.
    """

    file: CaseFile
    originals: Sequence[Original]
    seen: Sequence[AuditEntry]
    read_evidence: ReadEvidence
    zone: ZoneInfo
    made_at: datetime
    for_subject: bool
    regime: Regime

    def files(self) -> dict[str, bytes]:
        """Every file of the papers by its name."""
        kept = dict(self._originals())
        kept |= dict(self._attachments())
        fields = self._fields(kept)
        page = TEMPLATES.get_template("case.html").render(fields, mark=self._marked, local=self._local)
        data = json.dumps(fields, indent=2, ensure_ascii=False, default=str)
        return {"case.html": page.encode(), "case.json": data.encode(), **kept}

    def _originals(self) -> Iterator[tuple[str, bytes]]:
        for one in self.originals:
            body = one.body if one.body is not None else one.pointer and self.read_evidence(one.pointer)
            if body:
                yield f"originals/{one.name}.json", body

    def _copies(self) -> Iterator[AttachmentCopy]:
        for happening in self.file.timeline:
            yield from happening.attachments.copies if happening.attachments else ()

    def _attachments(self) -> Iterator[tuple[str, bytes]]:
        for copy in self._copies():
            if copy.key and copy.sha256 and (body := self.read_evidence(copy.key)):
                yield _file_name(copy), body

    def _fields(self, kept: Mapping[str, bytes]) -> dict[str, Any]:
        case = self.file.case
        return {
            "made_at": to_rfc3339(self.made_at),
            "for_subject": self.for_subject,
            "case": {
                "reference": case.reference,
                "case_id": case.case_id,
                "channel": case.channel,
                "account": case.account,
                "surface": case.surface.value,
                "person": case.person_name,
                "opened_at": to_rfc3339(case.opened_at),
                "closed_at": case.closed_at and to_rfc3339(case.closed_at),
                "state": case.state.value,
                "grade": case.grade.value,
                "disposition": case.disposition and case.disposition.value,
                "retention_class": case.retention_class,
                "regime": self.regime.value,
                "dispose_at": case.dispose_at and to_rfc3339(case.dispose_at),
            },
            "timeline": [self._happening(one) for one in self.file.timeline],
            "originals": [self._original(one, kept) for one in self.originals],
            "attachments": [_attachment(copy, kept) for copy in self._copies()],
            "seen": [
                {"at": to_rfc3339(one.at), "by": one.by, "act": one.act, "request_id": one.request_id}
                for one in self.seen
            ],
        }

    def _happening(self, one: Happening) -> dict[str, Any]:
        entry = one.entry
        words = one.event or one.contact if entry.contact_key else None
        text = one.outbox.text if one.outbox else words.text if words else entry.text
        by = entry.by
        if self.for_subject and by and entry.kind in BY_STAFF:
            by = STAFF
        return {
            "at": to_rfc3339(entry.at),
            "kind": entry.kind.value,
            "by": by,
            "text": text,
            "state": one.outbox.state.value if one.outbox else None,
            "others": self._others(text or "") if self.for_subject else [],
        }

    def _original(self, one: Original, kept: Mapping[str, bytes]) -> dict[str, Any]:
        name = f"originals/{one.name}.json"
        contact = one.contact
        return {
            "act": contact.act.value,
            "platform_id": contact.native_id,
            "event_id": contact.event_id,
            "permalink": contact.permalink,
            "occurred_at": to_rfc3339(contact.occurred_at),
            "received_at": to_rfc3339(contact.received_at),
            "admitted_at": to_rfc3339(one.admitted_at),
            "text": contact.text,
            "report": dict(contact.report) if contact.report else None,
            "sha256": one.sha256,
            "file": name if name in kept else None,
            "blanked": one.blanked,
            "delivery_sha256": one.delivery_sha256,
            "delivery": contact.archive_key,
            "grade": one.grade,
            "band": one.band,
            "rules_version": one.rules_version,
            "reasons": [{"reason": each.reason, "words": list(each.words)} for each in one.reasons],
        }

    def _others(self, text: str) -> list[dict[str, Any]]:
        """Where a text may speak of others: what says who somebody is, and is not this person's own."""
        return [
            {"start": span.start, "end": span.end, "kind": span.kind.value}
            for span in personal_data(text)
            if not self._own(text[span.start : span.end], span.kind)
        ]

    def _own(self, written: str, kind: PersonalData) -> bool:
        own = {self.file.case.person_name or ""}
        for one in self.originals:
            report = one.contact.report or {}
            reached = report.get("contact")
            own |= {str(report.get("name") or ""), one.contact.person.address if one.contact.person else ""}
            own |= {str(value) for value in reached.values() if value} if isinstance(reached, dict) else set()
        if kind is PersonalData.NAME:
            return any(written.casefold() in name.casefold() for name in own if name)
        return written.casefold().replace(" ", "") in {
            name.casefold().replace(" ", "") for name in own if name
        }

    def _marked(self, text: str | None, others: Sequence[Mapping[str, Any]]) -> Markup:
        """The text with what may be about others marked."""
        parts, at = [], 0
        for span in others:
            parts.append(escape((text or "")[at : span["start"]]))
            marked = (text or "")[span["start"] : span["end"]]
            parts.append(Markup("<mark title='{}'>{}</mark>").format(span["kind"], marked))
            at = span["end"]
        return Markup("").join([*parts, escape((text or "")[at:])])

    def _local(self, moment: str) -> str:
        """A moment on the force's clock."""
        return f"{datetime.fromisoformat(moment).astimezone(self.zone):%d %b %Y %H:%M:%S %Z}"


def _attachment(copy: AttachmentCopy, kept: Mapping[str, bytes]) -> dict[str, Any]:
    name = _file_name(copy) if copy.sha256 else None
    return {
        "kind": copy.kind,
        "state": copy.state.value,
        "failure": copy.failure and copy.failure.value,
        "media_type": copy.media_type,
        "size": copy.size,
        "sha256": copy.sha256,
        "file": name if name in kept else None,
    }


def _file_name(copy: AttachmentCopy) -> str:
    return f"attachments/{copy.sha256}{mimetypes.guess_extension(copy.media_type or '') or '.bin'}"
