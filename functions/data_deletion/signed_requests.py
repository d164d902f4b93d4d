"""Meta's signed request: `base64url(signature).base64url(JSON)`, without padding, in a form's field.

The signature is an HMAC-SHA256 of the second part as it stands, under the app secret. Source: Meta's pages on the data
deletion callback and on parsing a signed request.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from contact_desk.errors import UnreadableJsonError
from contact_desk.untrusted_json import load_json

LONGEST_FORM = 8 * 1024
ALGORITHM = "HMAC-SHA256"
PLATFORM_ID = re.compile(r"[0-9]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """The words that were signed, and the app's own id of the person they speak of."""

    signed: str
    person: str = field(repr=False)


def signed_part(body: bytes) -> str | None:
    """The signed request in a form; None where there is none."""
    if len(body) > LONGEST_FORM:
        return None
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=10)
    except ValueError:
        return None
    return fields.get("signed_request", [None])[0]


def read_signed(signed: str, secrets: Iterable[Mapping[str, Any]]) -> SignedRequest | None:
    """What was signed with one of the secrets; None where it was not, or says nothing of anybody."""
    signature, dot, payload = signed.partition(".")
    given = _decoded(signature)
    if not dot or given is None or not any(_signs(secret, payload, given) for secret in secrets):
        return None
    try:
        fields = load_json(_decoded(payload) or b"")
    except UnreadableJsonError:
        return None
    if not isinstance(fields, dict) or str(fields.get("algorithm", "")).upper() != ALGORITHM:
        return None
    person = str(fields.get("user_id", ""))
    return SignedRequest(signed, person) if PLATFORM_ID.fullmatch(person) else None


def _signs(secret: Mapping[str, Any], payload: str, given: bytes) -> bool:
    app_secret = secret.get("app_secret")
    if not isinstance(app_secret, str) or not app_secret:
        return False  # anybody can sign with an empty secret
    expected = hmac.new(app_secret.encode("utf-8"), payload.encode("utf-8"), hashlib.sha256).digest()
    return hmac.compare_digest(expected, given)


def _decoded(part: str) -> bytes | None:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
