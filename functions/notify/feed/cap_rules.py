"""What CAP 1.2 asks for beyond its schema: each breach by a code. The schema accepts every one of them.

Sources: CAP 1.2 (OASIS, 2010), sections 3.2 and 3.3; and what readers of CAP refuse in practice: a time with a Z or
with fractions, a Cancel that names nothing, markup in text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from itertools import combinations
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from contact_desk.broadcasts import Point
from contact_desk.polygons import fault_of
from functions.notify.feed.cap import NAMESPACE
from functions.notify.feed.plain_text import ENTITY, TAG

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
_NAME = re.compile(r"[^\s,<&]+")
_MEDIA_TYPE = re.compile(r"[a-z]+/[A-Za-z0-9.+-]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_PAIR = re.compile(r"-?\d+(?:\.\d+)?,-?\d+(?:\.\d+)?")
_TEXTS = ("event", "senderName", "headline", "description", "instruction", "contact", "audience")
_NOT_ALONE = frozenset({"Update", "Cancel", "Ack", "Error"})
REFERENCE_PARTS = 3
HIGHEST_LATITUDE, HIGHEST_LONGITUDE = 90.0, 180.0


class Breach(StrEnum):
    """A rule that a message breaks."""

    NOT_XML = "not_xml"
    NAME = "identifier_or_sender"
    TIME = "time"
    LONE = "without_references"
    REFERENCES = "references"
    OWN_REFERENCE = "refers_to_itself"
    LATER_REFERENCE = "refers_to_a_later_message"
    NO_INFO = "without_info"
    NO_AREA = "without_area"
    POLYGON = "polygon"
    CIRCLE = "circle"
    NO_LANGUAGE = "without_language"
    SAME_WORDS = "two_languages_same_words"
    MARKUP = "markup_in_text"
    ADDRESS = "address_not_absolute"
    MEDIA_TYPE = "media_type"
    EXPIRES = "expires"
    SCOPE = "scope"


def breaches(message: bytes) -> frozenset[Breach]:
    """The rules that a message breaks; empty for one that every reader should take."""
    try:
        alert = ET.fromstring(message)  # noqa: S314 - our own bytes, about to be put
    except ET.ParseError:
        return frozenset({Breach.NOT_XML})
    return frozenset((*_alert_breaches(alert), *_info_breaches(alert)))


def _alert_breaches(alert: ET.Element) -> Iterator[Breach]:
    identifier, sender, sent = (_text(alert, tag) for tag in ("identifier", "sender", "sent"))
    if not (_NAME.fullmatch(identifier) and _NAME.fullmatch(sender)):
        yield Breach.NAME
    if not _is_time(sent):
        yield Breach.TIME
    restricted, private = _text(alert, "restriction"), _text(alert, "addresses")
    if {"Restricted": not restricted, "Private": not private}.get(_text(alert, "scope"), False):
        yield Breach.SCOPE
    references = _text(alert, "references").split()
    if _text(alert, "msgType") in _NOT_ALONE and not references:
        yield Breach.LONE
    for reference in references:
        parts = reference.split(",")
        if len(parts) != REFERENCE_PARTS or not (all(map(_NAME.fullmatch, parts)) and _is_time(parts[2])):
            yield Breach.REFERENCES
            continue
        if parts[:2] == [sender, identifier]:
            yield Breach.OWN_REFERENCE
        if _is_time(sent) and _moment(parts[2]) > _moment(sent):
            yield Breach.LATER_REFERENCE


def _info_breaches(alert: ET.Element) -> Iterator[Breach]:
    infos = _all(alert, "info")
    if not infos:
        yield Breach.NO_INFO
    for info in infos:
        yield from _text_breaches(info)
        yield from _time_breaches(info, _text(alert, "sent"))
        yield from _area_breaches(info)
        if not _LANGUAGE.fullmatch(_text(info, "language")):
            yield Breach.NO_LANGUAGE  # a reader would take it for en-US
        addresses = [_text(info, "web"), *(_text(each, "uri") for each in _all(info, "resource"))]
        if any(address and not _is_absolute(address) for address in addresses):
            yield Breach.ADDRESS
        if any(not _MEDIA_TYPE.fullmatch(_text(each, "mimeType")) for each in _all(info, "resource")):
            yield Breach.MEDIA_TYPE
    words = [tuple(_text(info, tag) for tag in ("headline", "description", "instruction")) for info in infos]
    if any(one == other for one, other in combinations(words, 2)):
        yield Breach.SAME_WORDS


def _text_breaches(info: ET.Element) -> Iterator[Breach]:
    texts = [*(_text(info, tag) for tag in _TEXTS), *(_text(area, "areaDesc") for area in _all(info, "area"))]
    if any(TAG.search(text) or ENTITY.search(text) for text in texts):
        yield Breach.MARKUP


def _time_breaches(info: ET.Element, sent: str) -> Iterator[Breach]:
    times = {tag: _text(info, tag) for tag in ("effective", "onset", "expires")}
    if any(time and not _is_time(time) for time in times.values()):
        yield Breach.TIME
    elif not times["expires"] or (_is_time(sent) and _moment(times["expires"]) <= _moment(sent)):
        yield Breach.EXPIRES


def _area_breaches(info: ET.Element) -> Iterator[Breach]:
    areas = _all(info, "area")
    if not any(_text(area, "areaDesc") for area in areas):
        yield Breach.NO_AREA
    for area in areas:
        if not all(_is_polygon(polygon.text or "") for polygon in _all(area, "polygon")):
            yield Breach.POLYGON
        if not all(_is_circle(circle.text or "") for circle in _all(area, "circle")):
            yield Breach.CIRCLE


def _is_polygon(text: str) -> bool:
    pairs = text.split()
    return (
        all(map(_is_pair, pairs))
        and fault_of([Point(*map(float, pair.split(","))) for pair in pairs]) is None
    )


def _is_circle(text: str) -> bool:
    centre, _, radius = text.partition(" ")
    return _is_pair(centre) and radius.replace(".", "", 1).isdecimal()


def _is_pair(text: str) -> bool:
    if not _PAIR.fullmatch(text):
        return False
    latitude, longitude = map(float, text.split(","))
    return abs(latitude) <= HIGHEST_LATITUDE and abs(longitude) <= HIGHEST_LONGITUDE


def _is_absolute(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.scheme and parts.netloc)


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        _moment(text)
    except ValueError:
        return False
    return True


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _text(parent: ET.Element, tag: str) -> str:
    return parent.findtext(f"{{{NAMESPACE}}}{tag}") or ""


def _all(parent: ET.Element, tag: str) -> list[ET.Element]:
    return parent.findall(f"{{{NAMESPACE}}}{tag}")
