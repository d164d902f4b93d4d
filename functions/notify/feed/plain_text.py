"""Text as it may stand in a file for the public: nothing invisible that turns or ends what stands around it."""

from __future__ import annotations

import re

from contact_desk.hidden_signs import ILLEGAL

# Explicit turns of direction reach beyond the text that they are in; letters turn the line by themselves.
_TURNS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")
TAG = re.compile(r"<\s*[/!?]?\s*[A-Za-z]")
ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]*);")


def plain(text: str) -> str:
    """The text without control characters and turns of direction, its lines ended by newlines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _TURNS.sub("", ILLEGAL.sub("", lines)).strip()


def line(text: str) -> str:
    """The text on one line."""
    return " ".join(plain(text).split())


def unmarked(text: str) -> str:
    """Plain text that no reader of CAP can take for markup: brackets and ampersands that look so are replaced."""
    clean = plain(text)
    if ENTITY.search(clean):
        clean = clean.replace("&", "+")
    if TAG.search(clean):
        clean = clean.replace("<", "\u2039").replace(">", "\u203a")
    return clean
