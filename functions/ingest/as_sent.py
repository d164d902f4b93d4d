"""What a platform sent, for people: the whole event as JSON, or the beginning of what nobody can read."""

from __future__ import annotations

import json

RAW_LIMIT_BYTES = 200 * 1024
EXCERPT_CHARACTERS = 1000


def raw_of(event: object) -> str | None:
    """The event as ASCII JSON; None where it is too large to travel with its contact."""
    raw = json.dumps(event, separators=(",", ":"))
    return raw if len(raw) <= RAW_LIMIT_BYTES else None


def excerpt(body: bytes) -> str:
    """The beginning of a body, with every character that is not plain text escaped."""
    text = body[: 4 * EXCERPT_CHARACTERS].decode("utf-8", errors="backslashreplace")
    plain = (character if character.isprintable() else ascii(character)[1:-1] for character in text)
    return "".join(plain)[:EXCERPT_CHARACTERS]


def excerpt_of(event: object) -> str:
    """The beginning of an event's JSON, its words in their own script, so that triage can screen them."""
    return excerpt(json.dumps(event, ensure_ascii=False).encode("utf-8", errors="surrogatepass"))
