"""The form's two files, its style and its script, served beside its pages under names that their content gives them."""

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


def file_named(name: str, force: ForceFile) -> tuple[StaticFile, str] | None:
    """The file that a name asks for, of whatever release, and how long it may be kept; None for any other name."""
    for file in (style(force.report_form.colour), script()):
        if name == file.name:
            return file, FOR_EVER
        if name.partition("-")[0] == file.name.partition("-")[0]:
            return file, NOT_KEPT
    return None


def _static_file(kind: str, ending: str, media_type: str, body: bytes) -> StaticFile:
    digest = hashlib.sha256(body).hexdigest()[:16]
    return StaticFile(f"{kind}-{digest}.{ending}", media_type, body, gzip.compress(body, 9, mtime=0))
