"""What a person has answered so far, and the seal under which their own pages carry it from one to the next.

The desk keeps nothing of a report before it is sent, so each page carries the answers in a hidden field:
`<answers>.<seal>`, both base64url, the seal an HMAC-SHA256. It shows that the report's id and the moment it was begun
are ours. The answers themselves are what the person typed, and are judged as such wherever they are used.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from contact_desk.clock import from_rfc3339, to_rfc3339
from contact_desk.errors import SecretNotSetError
from contact_desk.ports import Secret
from contact_desk.reports import UUID

# A night, a shift and the way home: long enough for anybody, and short enough for a machine that others use too.
GOOD_FOR = timedelta(hours=24)
_PURPOSE = b"contact-desk report form 1\n"
_OF_FOREIGN = uuid.UUID("5f4f6a3e-3c1b-5d0e-9a35-6d1f0c7b2a11")


class Seal(Enum):
    """What the seal of a draft says of it."""

    GOOD = "it is ours"
    OLD = "it is ours, and was begun too long ago to go on with unasked"
    FOREIGN = "nothing that we sealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A report on its way: `answers` as typed by field, `checking` once the person has seen them all together."""

    report_id: str
    begun_at: datetime
    language: str
    answers: Mapping[str, str] = field(default_factory=dict, repr=False)
    checking: bool = False


def seal(draft: Draft, secret: Secret) -> str:
    """The draft as a hidden field carries it; raises SecretUnavailableError where there is no key for it."""
    payload = json.dumps(
        {
            "id": draft.report_id,
            "begun": to_rfc3339(draft.begun_at),
            "language": draft.language,
            "answers": dict(draft.answers),
            "checking": draft.checking,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode("utf-8", errors="replace")
    return f"{_to_text(payload)}.{_to_text(_mac(payload, _keys(secret)[0]))}"


def unseal(text: str, secret: Secret, now: datetime) -> tuple[Draft | None, Seal]:
    """The draft in a hidden field, and what its seal says; None where there is nothing to read in it.

    Of a foreign one the answers are what somebody typed, no more: it is begun now, and its id is made from its bytes,
    so that sending it twice is one report. Raises SecretUnavailableError where there is no key to judge it by.
    """
    written, _, sealed = text.partition(".")
    payload = _from_text(written)
    fields = _fields(payload)
    if fields is None:
        return None, Seal.FOREIGN
    mac = _from_text(sealed)
    ours = [hmac.compare_digest(_mac(payload, key), mac) for key in _keys(secret)]
    draft = _draft(fields, payload, now)
    if not any(ours):
        return foreign(draft, payload, now), Seal.FOREIGN
    return draft, Seal.GOOD if now - draft.begun_at <= GOOD_FOR else Seal.OLD


def unsealed(text: str, now: datetime) -> Draft | None:
    """The draft in a hidden field that nobody can judge, for an emergency: its id is kept where it is one."""
    payload = _from_text(text.partition(".")[0])
    fields = _fields(payload)
    if fields is None:
        return None
    draft = _draft(fields, payload, now)
    return draft if UUID.fullmatch(draft.report_id) else foreign(draft, payload, now)


def foreign(draft: Draft, payload: bytes, now: datetime) -> Draft:
    """The same answers in a draft of our own."""
    return Draft(
        report_id=str(uuid.uuid5(_OF_FOREIGN, hashlib.sha256(payload).hexdigest())),
        begun_at=now,
        language=draft.language,
        answers=draft.answers,
    )


def _keys(secret: Secret) -> list[bytes]:
    """The key that seals, then the one before it."""
    keys = [str(version["key"]).encode() for version in secret.versions() if version.get("key")]
    if not keys:
        raise SecretNotSetError("the secret of the report form holds no key")
    return keys


def _mac(payload: bytes, key: bytes) -> bytes:
    return hmac.digest(key, _PURPOSE + payload, "sha256")


def _fields(payload: bytes) -> Mapping[str, Any] | None:
    try:
        fields = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _draft(fields: Mapping[str, Any], payload: bytes, now: datetime) -> Draft:
    """The draft that the fields describe; what is not as we write it counts as not there."""
    answers = fields.get("answers")
    try:
        begun_at = from_rfc3339(str(fields.get("begun")))
    except ValueError:
        begun_at = now
    return Draft(
        report_id=str(fields.get("id")),
        begun_at=begun_at,
        language=str(fields.get("language")),
        answers={str(name): value for name, value in answers.items() if isinstance(value, str)}
        if isinstance(answers, dict)
        else {},
        checking=fields.get("checking") is True,
    )


def _to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _from_text(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""
