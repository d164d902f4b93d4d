"""What is left of audit entries whose time is up: keyed hashes that say they went lawfully.

A seal speaks of its hour's entries for fourteen years. An entry that is gone without such a record is a break in the
chain; only whoever has the key of the seals can make one.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Protocol

from contact_desk.audit_chain import hour_of, keyed, sealed_entry
from contact_desk.case_desk import AuditEntry
from contact_desk.clock import to_rfc3339

GONE_WITHIN = timedelta(days=2)
"""How long after its disposal the table may still show an entry that it forgets by itself."""


@dataclass(frozen=True, slots=True)
class AuditDisposal:
    """Some sealed entries of one hour that were disposed of: their keyed names, and the proof that this is ours."""

    hour: datetime
    names: tuple[str, ...]
    disposed_at: datetime
    proof: str

    def holds(self, key: bytes) -> bool:
        """Whether it was made with the key."""
        return hmac.compare_digest(self.proof, _proof(self.hour, self.names, self.disposed_at, key))


class AuditDisposals(Protocol):
    """The disposal of audit entries over the table; raises StoreError where it fails."""

    def due(self, retention_class: str | None, before: datetime) -> Iterator[str]:
        """The cases of the class that were disposed of before the moment and whose audit is still there."""
        ...

    def keep(self, disposal: AuditDisposal, entries: Iterable[AuditEntry]) -> None:
        """Keep the record and have the table forget the entries, in one transaction: 25 of them at most."""
        ...

    def settled(self, case_id: str) -> None:
        """Note that the audit of a case is done with."""
        ...

    def of(self, hour: datetime) -> Iterator[AuditDisposal]:
        """The records of an hour."""
        ...


def disposals_of(
    entries: Iterable[AuditEntry], at: datetime, key: bytes, at_most: int
) -> Iterator[tuple[AuditDisposal, list[AuditEntry]]]:
    """The records that dispose of entries, so many to each, with the entries."""
    in_order = sorted(entries, key=lambda entry: entry.at)
    for hour, found in groupby(in_order, key=lambda entry: hour_of(entry.at)):
        all_of_it = list(found)
        for start in range(0, len(all_of_it), at_most):
            some = all_of_it[start : start + at_most]
            names = tuple(sealed_entry(entry, key).name for entry in some)
            yield AuditDisposal(hour, names, at, _proof(hour, names, at, key)), some


def _proof(hour: datetime, names: tuple[str, ...], at: datetime, key: bytes) -> str:
    return keyed(key, "disposal", [to_rfc3339(hour), list(names), to_rfc3339(at)])
