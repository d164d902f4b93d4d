"""From what a person filled in to the words of a broadcast, checked: every fault at once, each by its field."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from contact_desk.broadcast_checks import faults_of, faults_of_correction
from contact_desk.broadcast_texts import CopyFields, written_copy
from contact_desk.broadcasts import (
    Area,
    Broadcast,
    Copy,
    LanguageVersion,
    Picture,
    Point,
    Wording,
)
from contact_desk.force_file import ForceFile
from functions.operate.broadcast_shapes import BroadcastBody, CopyBody, PictureBody
from functions.operate.refusals import InvalidFieldsError

PLACES = 7
MEDIA_TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class Form:
    """A filled-in form: the words it gives, and the bytes of its pictures by their SHA-256.

    `known` are the pictures that the broadcast had before, which a form may name instead of sending them again.
    """

    def __init__(self, body: BroadcastBody, known: tuple[Picture, ...] = ()) -> None:
        self.body = body
        self.contents: dict[str, bytes] = {}
        self._known = {one.sha256: one for one in known}

    @property
    def sent(self) -> dict[str, Any]:
        """The fields as they came, for a refusal to hand back; not the pictures' bytes."""
        return self.body.model_dump(mode="json", exclude={"pictures"})

    def wording(
        self,
        force: ForceFile,
        now: datetime,
        *,
        reference: str,
        link: str,
        corrected: Broadcast | None = None,
    ) -> Wording:
        """The words; raises InvalidFieldsError naming each field that breaks a rule, and which."""
        body, faults = self.body, self._unknown_channels(force)
        pictures = self._pictures(faults)
        language = body.language or force.languages[0]
        fields = CopyFields(
            kind=body.kind,
            what=body.what,
            where=body.where,
            do=body.do,
            language=language,
            expires_at=_moment(body.expires_at),
            reference=reference,
            link=link,
            correction=corrected is not None,
        )
        wording = Wording(
            kind=body.kind,
            what=body.what,
            where=body.where,
            do=body.do,
            severity=body.severity,
            area=Area(tuple(body.area.names), _polygon(body)),
            language=language,
            copies=tuple(
                _copy(channel, copy, fields, force, pictures)
                for channel, copy in sorted(body.copies.items())
                if channel in force.broadcasts.channels
            ),
            force_reference=body.force_reference,
            versions=tuple(
                LanguageVersion(one.language, one.what, one.where, one.do) for one in body.versions
            ),
            pictures=pictures,
            starts_at=_moment(body.starts_at),
            expires_at=_moment(body.expires_at),
            corrects=corrected.broadcast_id if corrected else None,
        )
        faults |= faults_of(wording, force, now)
        if corrected:
            faults |= faults_of_correction(wording, corrected)
        if faults:
            raise InvalidFieldsError(faults)
        return wording

    def _unknown_channels(self, force: ForceFile) -> dict[str, str]:
        channels = force.broadcasts.channels
        return {
            f"copies.{channel}": f"broadcasts of this force go to {', '.join(sorted(channels))}"
            for channel in self.body.copies
            if channel not in channels
        }

    def _pictures(self, faults: dict[str, str]) -> tuple[Picture, ...]:
        found = []
        for number, one in enumerate(self.body.pictures):
            picture = self._picture(one)
            if picture is None:
                faults[f"pictures.{number}"] = "content: a JPEG or PNG in base64, or the sha256 of one it has"
            else:
                found.append(picture)
        return tuple(found)

    def _picture(self, body: PictureBody) -> Picture | None:
        if body.content is None:
            known = self._known.get(body.sha256 or "")
            return Picture(known.sha256, known.media_type, body.alt) if known else None
        kind = next((kind for start, kind in MEDIA_TYPES.items() if body.content.startswith(start)), None)
        if kind is None:
            return None
        name = hashlib.sha256(body.content).hexdigest()
        self.contents[name] = body.content
        return Picture(name, kind, body.alt)


def _copy(
    channel: str, body: CopyBody, fields: CopyFields, force: ForceFile, pictures: tuple[Picture, ...]
) -> Copy:
    named: Mapping[str, Picture] = {one.sha256: one for one in pictures}
    takes_none = force.broadcasts.channels[channel].picture == "none"
    chosen = None if takes_none else next(iter(pictures), None)
    if body.picture is not None:
        chosen = named.get(body.picture)
    # A name that is nobody's stays, so that the check can say so.
    name = chosen.name if chosen else body.picture
    alt = body.alt or (chosen.alt if chosen else None)
    return written_copy(channel, fields, force, text=body.text, alt=alt, picture=name)


def _polygon(body: BroadcastBody) -> tuple[Point, ...] | None:
    corners = body.area.polygon
    if corners is None:
        return None
    # To a centimetre, as every format writes them: what is checked are the corners that go out.
    return tuple(Point(round(latitude, PLACES), round(longitude, PLACES)) for longitude, latitude in corners)


def _moment(given: datetime | None) -> datetime | None:
    """In UTC, to the millisecond, as it will be kept: the hash must be the same before and after."""
    if given is None:
        return None
    moment = given.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
