"""The chain of the audit: each hour's entries under keyed hashes, each hour bound to the one before it.

A seal holds no id and no word: two keyed hashes for each entry, of its name and of all that it says. So what a seal
speaks of can be disposed of lawfully, and whoever has no key can neither make a seal nor learn anything from one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from contact_desk.case_desk import AuditEntry
from contact_desk.clock import from_rfc3339, to_rfc3339
from contact_desk.errors import UnreadableJsonError
from contact_desk.untrusted_json import load_json

HOUR = timedelta(hours=1)
SETTLED_AFTER = timedelta(minutes=10)
"""How long after its end an hour is sealed: no act still writes into it, and the index has caught up."""
OVERDUE_AFTER = timedelta(hours=2)
"""How long after its end an hour without a seal is a break in the chain."""
FORMAT = 1
SEALS_PREFIX = "seals/"
"""What the keys of seals in their bucket begin with."""


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """One entry under seal: the keyed hash of its name, and of its whole content."""

    name: str
    content: str


@dataclass(frozen=True, slots=True)
class Seal:
    """One hour of the audit; `previous` is the `chain` of the hour before, empty for the first of all."""

    hour: datetime
    previous: str
    entries: tuple[SealedEntry, ...]
    chain: str

    def as_bytes(self) -> bytes:
        """The seal as it is kept."""
        return json.dumps({**_said(self.hour, self.previous, self.entries), "chain": self.chain}).encode(
            "ascii"
        )

    @classmethod
    def read(cls, body: bytes) -> Seal:
        """The seal of its bytes; raises UnreadableJsonError where they are none."""
        fields = load_json(body)
        try:
            return cls(
                hour=from_rfc3339(fields["hour"]),
                previous=str(fields["previous"]),
                entries=tuple(SealedEntry(name, content) for name, content in fields["entries"]),
                chain=str(fields["chain"]),
            )
        except (KeyError, TypeError, ValueError):
            raise UnreadableJsonError("not a seal") from None


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain breaks: the hour, what is wrong there, and the entry's subject and time where that is known."""

    hour: datetime
    what: str
    subject: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What a look at the chain found: how many seals and entries hold up to the first break, if there is one."""

    seals: int
    entries: int
    first_break: Break | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing is broken."""
        return self.first_break is None


def hour_of(moment: datetime) -> datetime:
    """The beginning of the moment's hour."""
    return moment.replace(minute=0, second=0, microsecond=0)


def last_settled(now: datetime) -> datetime:
    """The last hour that can be sealed by now."""
    return hour_of(now - SETTLED_AFTER) - HOUR


def seal_of(hour: datetime, previous: str, entries: Iterable[AuditEntry], key: bytes) -> Seal:
    """The seal of an hour's entries."""
    sealed = tuple(sealed_entry(entry, key) for entry in sorted(entries, key=_name))
    return Seal(hour, previous, sealed, _chain(hour, previous, sealed, key))


def sealed_entry(entry: AuditEntry, key: bytes) -> SealedEntry:
    """An entry's two keyed hashes."""
    content = {
        "subject": entry.subject,
        "at": to_rfc3339(entry.at),
        "by": entry.by,
        "act": entry.act,
        "request_id": entry.request_id,
        "shown": list(entry.shown),
    }
    return SealedEntry(keyed(key, "name", _name(entry)), keyed(key, "content", content))


class Auditor:
    """Follows the chain hour by hour; `look` is told each hour's seal and entries, in order, from the first seal on."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._previous = ""
        self.seals = self.entries = 0

    def look(
        self,
        hour: datetime,
        body: bytes | None,
        writings: int,
        kept: Iterable[AuditEntry],
        disposed: Callable[[], frozenset[str]] = frozenset,
    ) -> Break | None:
        """What is broken in this hour; `writings` counts how often its seal was written, which must be once.

        `disposed` names the sealed entries that were lawfully disposed of; it is asked only where some are gone.
        """
        if body is None or writings > 1:
            return Break(hour, "the seal was written over" if body else "the hour has no seal")
        try:
            seal = Seal.read(body)
        except UnreadableJsonError:
            return Break(hour, "the seal cannot be read")
        chain = _chain(seal.hour, seal.previous, seal.entries, self._key)
        right = {
            "the seal is another hour's": seal.hour == hour,
            "the seal was changed": seal.as_bytes() == body and hmac.compare_digest(seal.chain, chain),
            "the seal does not follow the one before it": seal.previous == self._previous,
        }
        wrong = next((Break(hour, what) for what, holds in right.items() if not holds), None)
        if broken := wrong or _compared(hour, seal, kept, self._key, disposed):
            return broken
        self._previous = seal.chain
        self.seals += 1
        self.entries += len(seal.entries)
        return None

    def proof(self, first_break: Break | None = None) -> Proof:
        """What was found so far."""
        return Proof(self.seals, self.entries, first_break)


def hours_between(first: datetime, last: datetime) -> Iterator[datetime]:
    """Each hour from the first to the last, both included."""
    while first <= last:
        yield first
        first += HOUR


def _compared(
    hour: datetime,
    seal: Seal,
    kept: Iterable[AuditEntry],
    key: bytes,
    disposed: Callable[[], frozenset[str]],
) -> Break | None:
    """The first entry, by time, that is not as it was sealed; then whatever was sealed and is gone."""
    sealed: Mapping[str, str] = {one.name: one.content for one in seal.entries}
    found = set()
    for entry in sorted(kept, key=_name):
        now = sealed_entry(entry, key)
        found.add(now.name)
        if now.name not in sealed:
            return Break(hour, "an entry is not under seal", entry.subject, entry.at)
        if not hmac.compare_digest(sealed[now.name], now.content):
            return Break(hour, "an entry was changed", entry.subject, entry.at)
    missing = sealed.keys() - found
    gone = len(missing - disposed()) if missing else 0
    return Break(hour, f"{gone} sealed {'entry is' if gone == 1 else 'entries are'} gone") if gone else None


def _name(entry: AuditEntry) -> str:
    return f"{to_rfc3339(entry.at)}#{entry.subject}#{entry.request_id}"


def _chain(hour: datetime, previous: str, entries: tuple[SealedEntry, ...], key: bytes) -> str:
    return keyed(key, "seal", _said(hour, previous, entries))


def _said(hour: datetime, previous: str, entries: tuple[SealedEntry, ...]) -> dict[str, object]:
    return {
        "v": FORMAT,
        "hour": to_rfc3339(hour),
        "previous": previous,
        "entries": [[one.name, one.content] for one in entries],
    }


def keyed(key: bytes, kind: str, content: object) -> str:
    """The keyed hash of something of a kind: no two kinds can be taken for each other."""
    written = json.dumps([kind, content], sort_keys=True, separators=(",", ":")).encode("ascii")
    return hmac.new(key, written, hashlib.sha256).hexdigest()
