"""CAP 1.2 (OASIS, 1 July 2010): each wording of a notice is a message, and so is the end that has no next wording."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import NamedTuple
from xml.etree import ElementTree as ET

from contact_desk.broadcasts import BroadcastKind, LanguageVersion, Wording
from functions.notify.feed.geometry import cap_polygon
from functions.notify.feed.notices import Issue, Notice, NoticeState
from functions.notify.feed.plain_text import line, plain, unmarked
from functions.notify.feed.publisher import Publisher, language_tag

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
HEADLINE_CHARACTERS = 160
# What has no end of its own is repeated by nobody for longer than this; what ends something, for a day.
WITHOUT_END = timedelta(days=30)
END_HOLDS = timedelta(days=1)


class Meaning(NamedTuple):
    """What a kind of broadcast is in the words of CAP."""

    event: str
    categories: tuple[str, ...]
    response: str
    urgency: str
    certainty: str


MEANINGS: Mapping[BroadcastKind, Meaning] = {
    BroadcastKind.INCIDENT: Meaning(
        "Live incident", ("Safety", "Transport"), "Avoid", "Immediate", "Observed"
    ),
    BroadcastKind.APPEAL: Meaning(
        "Police appeal", ("Security", "Rescue"), "Monitor", "Immediate", "Observed"
    ),
    BroadcastKind.ADVICE: Meaning("Police advice", ("Security",), "Prepare", "Future", "Likely"),
    BroadcastKind.MESSAGE: Meaning("Police message", ("Security",), "None", "Unknown", "Unknown"),
    BroadcastKind.HOLDING: Meaning("Police statement", ("Security",), "Monitor", "Immediate", "Observed"),
    BroadcastKind.RUMOUR: Meaning("Rumour corrected", ("Security",), "None", "Unknown", "Observed"),
}


@dataclass(frozen=True, slots=True)
class CapMessage:
    """One message; `identifier` and `sent` never change, and no other message of this sender has them."""

    identifier: str
    kind: str
    sent: datetime
    issue: Issue

    def reference(self, sender: str) -> str:
        """How later messages refer to it."""
        return f"{sender},{self.identifier},{cap_time(self.sent)}"


def cap_messages(notice: Notice) -> Sequence[CapMessage]:
    """The messages of a notice, oldest first: Alert, an Update for each correction, and a Cancel once it is over."""
    messages = [
        CapMessage(issue.broadcast.reference, "Update" if position else "Alert", issue.published_at, issue)
        for position, issue in enumerate(notice.issues)
    ]
    newest = notice.newest
    if newest.state in {NoticeState.EXPIRED, NoticeState.CANCELLED} and newest.ended_at:
        sent = max(newest.ended_at, newest.published_at)
        messages.append(CapMessage(f"{newest.broadcast.reference}.end", "Cancel", sent, newest))
    return messages


def cap_key(message: CapMessage) -> str:
    """Where the message lies on the public origin, without the opening slash."""
    return f"feed/alerts/{message.identifier}.cap.xml"


def render_cap(message: CapMessage, notice: Notice, publisher: Publisher) -> bytes:
    """The message as a file; the same message gives the same bytes for ever."""
    alert = ET.Element("alert", xmlns=NAMESPACE)
    _add(alert, "identifier", message.identifier)
    _add(alert, "sender", publisher.sender)
    _add(alert, "sent", cap_time(message.sent))
    _add(alert, "status", "Test" if publisher.trial else "Actual")
    _add(alert, "msgType", message.kind)
    _add(alert, "scope", "Public")
    _add(alert, "note", _note(message))
    # The last one before, and no other: readers drop what was replaced, and stumble over what they dropped long ago.
    before = takewhile(lambda one: one.identifier != message.identifier, cap_messages(notice))
    _add(alert, "references", "".join(one.reference(publisher.sender) for one in list(before)[-1:]))
    said = set()
    for version in _versions(message.issue.broadcast.wording):
        info = _info(message, version, notice, publisher)
        words = tuple(info.findtext(tag) for tag in ("headline", "description", "instruction"))
        if words not in said:  # two languages that say the same in the same words are one
            alert.append(info)
        said.add(words)
    ET.indent(alert)
    written: bytes = ET.tostring(alert, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def cap_time(moment: datetime) -> str:
    """`YYYY-MM-DDThh:mm:ss-00:00`: seconds, never a Z, and UTC written as -00:00 (CAP 1.2, 3.3.2)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def _versions(wording: Wording) -> Iterator[LanguageVersion]:
    """The wording in its own language, then in each further one."""
    yield LanguageVersion(wording.language, wording.what, wording.where, wording.do)
    for version in wording.versions:
        if version.language != wording.language:
            yield version


def _info(message: CapMessage, version: LanguageVersion, notice: Notice, publisher: Publisher) -> ET.Element:
    wording, over = message.issue.broadcast.wording, message.kind == "Cancel"
    meaning = MEANINGS[wording.kind]
    info = ET.Element("info")
    _add(info, "language", language_tag(version.language))
    for category in meaning.categories:
        _add(info, "category", category)
    _add(info, "event", meaning.event)
    _add(info, "responseType", _response(message, meaning))
    _add(info, "urgency", "Past" if over else meaning.urgency)
    _add(info, "severity", "Minor" if over else wording.severity.value.capitalize())
    _add(info, "certainty", meaning.certainty)
    if not over and wording.starts_at and wording.starts_at > message.sent:
        _add(info, "onset", cap_time(wording.starts_at))
    _add(info, "expires", cap_time(_expires(message)))
    _add(info, "senderName", unmarked(publisher.name))
    _add(info, "headline", _headline(message, version))
    _add(info, "description", _description(version))
    _add(info, "instruction", "" if over else unmarked(version.do))
    _add(info, "web", publisher.page_url(notice.reference))
    for picture in () if over else wording.pictures:
        resource = ET.SubElement(info, "resource")
        _add(resource, "resourceDesc", unmarked(picture.alt) or "Picture")
        _add(resource, "mimeType", picture.media_type)
        _add(resource, "uri", publisher.picture_url(picture))
    area = ET.SubElement(info, "area")
    names = ", ".join(line(name) for name in wording.area.names)
    _add(area, "areaDesc", unmarked(names) or unmarked(version.where) or unmarked(publisher.name))
    if wording.area.polygon:
        _add(area, "polygon", cap_polygon(wording.area.polygon))
    return info


def _response(message: CapMessage, meaning: Meaning) -> str:
    """Only a person can say that all is clear: what its time has run out of is merely said no longer."""
    if message.kind != "Cancel":
        return meaning.response
    cancelled_incident = (
        message.issue.state is NoticeState.CANCELLED
        and message.issue.broadcast.wording.kind is BroadcastKind.INCIDENT
    )
    return "AllClear" if cancelled_incident else "None"


def _expires(message: CapMessage) -> datetime:
    if message.kind == "Cancel":
        return message.sent + END_HOLDS
    expires_at = message.issue.broadcast.wording.expires_at
    # Both are written in whole seconds, and an end must come after its beginning.
    return max(expires_at, message.sent + timedelta(seconds=1)) if expires_at else message.sent + WITHOUT_END


def _note(message: CapMessage) -> str:
    if message.kind == "Update":
        return "This corrects what was said before."
    if message.kind == "Cancel":
        expired = message.issue.state is NoticeState.EXPIRED
        return "Its time has run out." if expired else "This was withdrawn."
    return ""


def _headline(message: CapMessage, version: LanguageVersion) -> str:
    """What it is; of a Cancel in English also that it is over, for readers that show nothing else."""
    text = line(unmarked(version.what))
    if message.kind == "Cancel" and version.language == "en":
        text = f"{'Ended' if message.issue.state is NoticeState.EXPIRED else 'Withdrawn'}: {text}"
    return text if len(text) <= HEADLINE_CHARACTERS else text[: HEADLINE_CHARACTERS - 1].rstrip() + "\u2026"


def _description(version: LanguageVersion) -> str:
    # As one text: a bracket at the end of a line and a letter at the beginning of the next look like markup too.
    return unmarked("\n".join(part for part in map(plain, (version.what, version.where)) if part))


def _add(parent: ET.Element, tag: str, text: str) -> None:
    """An element with the text; none where there is no text."""
    if text:
        ET.SubElement(parent, tag).text = text
