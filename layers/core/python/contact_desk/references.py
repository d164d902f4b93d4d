"""The reference a person is given, computed alike wherever it is needed: `MP-7K3Q-9DXR-C`."""

from __future__ import annotations

import hashlib

from contact_desk.clock import CROCKFORD_BASE32


def reference(short_code: str, key: str) -> str:
    """The force's short code, 40 bits of the key's SHA-256 in Crockford base 32, and one check letter.

    `key` is a contact's key (`messenger#m_1`) or a broadcast's (`broadcast#01J…`).
    """
    bits = int.from_bytes(hashlib.sha256(key.encode("utf-8")).digest()[:5], "big")
    body = "".join(CROCKFORD_BASE32[(bits >> shift) & 31] for shift in range(35, -1, -5))
    return f"{short_code}-{body[:4]}-{body[4:]}-{check_letter(body)}"


def check_letter(body: str) -> str:
    """A position-weighted sum modulo 31, so that one wrong letter or two swapped ones are noticed."""
    total = sum(position * CROCKFORD_BASE32.index(letter) for position, letter in enumerate(body, start=1))
    return CROCKFORD_BASE32[total % 31]


def digest_id(*parts: str) -> str:
    """A 26-character name derived from its cause, so that the same cause always has the same name."""
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8")).digest()
    bits = int.from_bytes(digest[:17], "big") >> 6
    return "".join(CROCKFORD_BASE32[(bits >> shift) & 31] for shift in range(125, -1, -5)).lower()
