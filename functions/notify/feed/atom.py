"""The Atom index (RFC 4287): one entry per notice, newest change first, with its CAP message beside its page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from contact_desk.clock import to_rfc3339
from functions.notify.feed.cap import MEANINGS, cap_key, cap_messages
from functions.notify.feed.notices import Notice, NoticeState, changed_at
from functions.notify.feed.plain_text import line, plain
from functions.notify.feed.publisher import Publisher, language_tag

ATOM_KEY = "feed/atom.xml"
ATOM_TYPE = "application/atom+xml"
CAP_TYPE = "application/cap+xml"
NAMESPACE = "http://www.w3.org/2005/Atom"
XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
# A feed with nothing in it has changed when it began.
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
ENDED_AS = {
    NoticeState.EXPIRED: "Ended: ",
    NoticeState.CANCELLED: "Withdrawn: ",
}


def render_atom(shown: Sequence[Notice], publisher: Publisher) -> bytes:
    """All notices of the last 30 days; what has ended stays, and says so."""
    feed = ET.Element("feed", {"xmlns": NAMESPACE, XML_LANGUAGE: "en-GB"})
    trial = "TRIAL, not real: " if publisher.trial else ""
    _add(feed, "id", f"tag:{_authority(publisher)},2020:feed")
    _add(feed, "title", f"{trial}Live from {line(publisher.name)}")
    _add(feed, "updated", to_rfc3339(changed_at(shown) or BEGINNING))
    author = ET.SubElement(feed, "author")
    _add(author, "name", line(publisher.name))
    _link(feed, "self", f"{publisher.base_url}/{ATOM_KEY}", ATOM_TYPE)
    _link(feed, "alternate", f"{publisher.base_url}/live", "text/html")
    for notice in sorted(shown, key=lambda one: (one.changed_at, one.reference), reverse=True):
        feed.append(_entry(notice, publisher))
    ET.indent(feed)
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _entry(notice: Notice, publisher: Publisher) -> ET.Element:
    issue, wording = notice.newest, notice.newest.broadcast.wording
    entry = ET.Element("entry", {XML_LANGUAGE: language_tag(wording.language)})
    _add(entry, "id", f"tag:{_authority(publisher)},2020:{notice.reference}")
    corrected = "Corrected: " if notice.live and len(notice.issues) > 1 else ""
    title = line(wording.what) or MEANINGS[wording.kind].event
    _add(entry, "title", ENDED_AS.get(issue.state, corrected) + title)
    _add(entry, "published", to_rfc3339(notice.published_at))
    _add(entry, "updated", to_rfc3339(notice.changed_at))
    page_url = publisher.page_url(notice.reference)
    _link(entry, "alternate", page_url, "text/html")
    message = cap_messages(notice)[-1]
    _link(entry, "enclosure", f"{publisher.base_url}/{cap_key(message)}", CAP_TYPE)
    for one in notice.issues:
        for post in one.posts:
            if address := publisher.post_url(*post):
                # What is found here has a page of its own, so that the index changes with the pages.
                _link(entry, "related", address, "text/html")
    ET.SubElement(entry, "category", {"term": wording.kind.value, "label": MEANINGS[wording.kind].event})
    words = "\n\n".join(part for part in map(plain, (wording.what, wording.where, wording.do)) if part)
    _add(entry, "summary", words)
    return entry


def _authority(publisher: Publisher) -> str:
    """What a tag URI (RFC 4151) is named after: a domain or an e-mail address."""
    return publisher.sender


def _add(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text


def _link(parent: ET.Element, relation: str, address: str, media_type: str) -> None:
    ET.SubElement(parent, "link", {"rel": relation, "href": address, "type": media_type})
