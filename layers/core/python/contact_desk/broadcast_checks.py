"""What a broadcast must not be: each fault by the field that has it, in words for the person who fills it in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from contact_desk.broadcasts import Broadcast, BroadcastKind, Copy, Wording
from contact_desk.copy_orders import CopyAct
from contact_desk.force_file import ForceFile
from contact_desk.hidden_signs import has_ink, hidden_in
from contact_desk.message_lengths import FOLLOW_UP_LIMITS, limit_of
from contact_desk.outbox import OutboxKind
from contact_desk.polygons import fault_of


def faults_of(wording: Wording, force: ForceFile, now: datetime) -> dict[str, str]:
    """The fields that break a rule, and the rule; empty where it may be published."""
    return dict(
        [*_hidden(wording), *_of_fields(wording), *_of_times(wording, now), *_of_copies(wording, force)]
    )


def faults_of_correction(wording: Wording, corrected: Broadcast) -> dict[str, str]:
    """What a correction breaks besides: it must reach every channel that its forerunner is on."""
    missing = {one.channel for one in corrected.wording.copies} - {one.channel for one in wording.copies}
    return {
        f"copies.{channel}": "a correction goes to every channel of what it corrects"
        for channel in sorted(missing)
    }


def _hidden(wording: Wording) -> Iterator[tuple[str, str]]:
    """What is approved must read the same to everybody who reads it."""
    for field, text in _texts(wording):
        if sign := hidden_in(text):
            yield field, f"without {sign}, which nobody sees: take it out, or type the words anew"


def _texts(wording: Wording) -> Iterator[tuple[str, str]]:
    yield from (("what", wording.what), ("where", wording.where), ("do", wording.do))
    yield "force_reference", wording.force_reference or ""
    yield "area.names", "".join(wording.area.names)
    for version in wording.versions:
        yield f"versions.{version.language}", f"{version.what}{version.where}{version.do}"
    for number, picture in enumerate(wording.pictures):
        yield f"pictures.{number}.alt", picture.alt
    for copy in wording.copies:
        yield f"copies.{copy.channel}.text", copy.text
        yield f"copies.{copy.channel}.alt", copy.alt or ""


def _of_fields(wording: Wording) -> Iterator[tuple[str, str]]:
    if not has_ink(wording.what):
        yield "what", "what has happened, or what it is about"
    if wording.kind is BroadcastKind.INCIDENT and not has_ink(wording.where):
        yield "where", "an incident is somewhere: say where"
    if wording.area.polygon is not None and (fault := fault_of(wording.area.polygon)):
        yield "area.polygon", fault
    seen = {wording.language}
    for version in wording.versions:
        if version.language in seen:
            yield f"versions.{version.language}", "each language once"
        if not has_ink(version.what) or (version.what, version.do) == (wording.what, wording.do):
            yield f"versions.{version.language}", "words of its own, in that language"
        seen.add(version.language)
    for number, picture in enumerate(wording.pictures):
        if not has_ink(picture.alt):
            yield f"pictures.{number}.alt", "what is to be seen, for people who cannot see it"


def _of_times(wording: Wording, now: datetime) -> Iterator[tuple[str, str]]:
    starts, expires = wording.starts_at, wording.expires_at
    if starts and starts < now:
        yield "starts_at", "not in the past; leave it out to publish on approval"
    if expires is None:
        if wording.kind is BroadcastKind.INCIDENT:
            yield "expires_at", "an incident must say when it ends"
    elif expires <= now:
        yield "expires_at", "in the future"
    elif starts and expires <= starts:
        yield "expires_at", "after starts_at"


def _of_copies(wording: Wording, force: ForceFile) -> Iterator[tuple[str, str]]:
    pictures = {picture.name for picture in wording.pictures}
    for copy in wording.copies:
        place, rules = f"copies.{copy.channel}", force.broadcasts.channels[copy.channel]
        yield from _of_text(place, copy)
        if rules.picture == "needed" and copy.picture is None:
            yield f"{place}.picture", "this channel takes nothing without a picture"
        if copy.picture is not None and copy.picture not in pictures:
            yield f"{place}.picture", "one of the broadcast's pictures"
        if copy.channel == "instagram" and copy.picture is not None and not copy.picture.endswith(".jpg"):
            yield f"{place}.picture", "a JPEG: Instagram takes no other"
        if copy.picture is not None and not has_ink(copy.alt or ""):
            yield f"{place}.alt", "what is to be seen, for people who cannot see it"


def _of_text(place: str, copy: Copy) -> Iterator[tuple[str, str]]:
    limit = limit_of(OutboxKind.COPY, copy.channel)
    if not has_ink(copy.text):
        yield f"{place}.text", "words"
    if not limit.takes(copy.text):
        yield (
            f"{place}.text",
            f"at most {limit.most} {limit.unit}, these are {limit.count(copy.text)}: write it shorter here",
        )
    beside = FOLLOW_UP_LIMITS.get(copy.channel, limit)
    ends = [
        (end, beside if end.act is CopyAct.FOLLOW_UP else limit) for end in (copy.expired, copy.cancelled)
    ]
    if not all(most.takes(end.text) for end, most in ends):
        yield f"{place}.text", "what and where must be shorter: their end would not fit on this channel"
