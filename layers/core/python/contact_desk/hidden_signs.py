"""Signs that a reader does not see, or that make a text read otherwise than it is written."""

from __future__ import annotations

import re
import unicodedata

# XML 1.0 allows none of these, in any spelling; lone surrogates cannot even be written.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# Turns of direction that reach beyond a word: two readers may see two texts in the same bytes. The marks that only say
# how a single sign leans (U+200E, U+200F, U+061C) belong to some languages and stay.
_TURNS = "\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
HIDDEN = re.compile(f"{ILLEGAL.pattern[:-1]}{_TURNS}]")
# The categories of Unicode whose signs leave no ink: controls and formats, separators.
_WITHOUT_INK = frozenset("CZ")


def hidden_in(text: str) -> str | None:
    """The first hidden sign, as `U+202E`; None where there is none."""
    found = HIDDEN.search(text)
    return _named(found) if found else None


def has_ink(text: str) -> bool:
    """Whether there is anything to be seen."""
    return any(unicodedata.category(sign)[0] not in _WITHOUT_INK for sign in text)


def spelt_out(text: str) -> str:
    """The text with each hidden sign spelt out, as `<U+202E>`: a terminal would obey it."""
    return HIDDEN.sub(lambda found: f"<{_named(found)}>", text)


def _named(found: re.Match[str]) -> str:
    return f"U+{ord(found[0]):04X}"
