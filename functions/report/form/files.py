"""The files of the form, its style, script and icon, served beside its pages; the first two under names by content."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from contact_desk.force_file import ForceFile

STATIC = Path(__file__).with_name("static")
# A page that was rendered by the release before may ask for that release's file: it gets today's, and does not keep it.
FOR_EVER = "public, max-age=31536000, immutable"
NOT_KEPT = "no-store"
# A browser asks for one whatever a page says, and this name stands in pages that are rendered once.
ICON = "icon.svg"
A_DAY = "public, max-age=86400"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is served: its name, what it is, its bytes as they are and compressed."""

    name: str
    media_type: str
    body: bytes
    compressed: bytes


@cache
def style(colour: str) -> StaticFile:
    """GOV.UK Frontend's style with the force's colour in the place of GOV.UK's."""
    colours = f":root{{--govuk-brand-colour:{colour}}}"
    body = (STATIC / "form.css").read_bytes() + colours.encode()
    return _static_file("style", "css", "text/css; charset=utf-8", body)


@cache
def script() -> StaticFile:
    """What pages gain where scripts run."""
    body = (STATIC / "form.js").read_bytes()
    return _static_file("script", "js", "text/javascript; charset=utf-8", body)


@cache
def icon(colour: str) -> StaticFile:
    """The picture in a browser's tab: a speech bubble in the force's colour."""
    body = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="6" fill="{colour}"/>'
        '<path d="M7 8h18v13H15l-5 4v-4H7z" fill="#fff"/></svg>'
    ).encode()
    return StaticFile(ICON, "image/svg+xml", body, gzip.compress(body, 9, mtime=0))


def file_named(name: str, force: ForceFile) -> tuple[StaticFile, str] | None:
    """The file that a name asks for, of whatever release, and how long it may be kept; None for any other name."""
    if name == ICON:
        return icon(force.report_form.colour), A_DAY
    for file in (style(force.report_form.colour), script()):
        if name == file.name:
            return file, FOR_EVER
        if name.partition("-")[0] == file.name.partition("-")[0]:
            return file, NOT_KEPT
    return None


def _static_file(kind: str, ending: str, media_type: str, body: bytes) -> StaticFile:
    digest = hashlib.sha256(body).hexdigest()[:16]
    return StaticFile(f"{kind}-{digest}.{ending}", media_type, body, gzip.compress(body, 9, mtime=0))
