"""Sealing the audit hour by hour, and proving the chain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import groupby

from contact_desk.audit_chain import (
    HOUR,
    OVERDUE_AFTER,
    Auditor,
    Break,
    Proof,
    Seal,
    hour_of,
    hours_between,
    last_settled,
    seal_of,
)
from contact_desk.audit_disposals import AuditDisposals
from contact_desk.case_desk import AuditEntry
from contact_desk.errors import UnreadableJsonError
from contact_desk.ports import AuditTrail, SealVault


def hours_to_seal(vault: SealVault, now: datetime) -> list[datetime]:
    """The settled hours without a seal, oldest first; a desk that has none yet begins with the last settled one."""
    last = last_settled(now)
    sealed = vault.last(last)
    return list(hours_between(sealed + HOUR if sealed else last, last))


def seal_hour(hour: datetime, trail: AuditTrail, vault: SealVault, key: bytes) -> int:
    """Seal one hour, which follows the one before it; how many entries it has. Raises UnreadableJsonError.

    Two that seal at once make one seal: the first stays.
    """
    before = vault.seal_of(hour - HOUR)
    previous = Seal.read(before).chain if before is not None else ""
    if before is None and vault.first() is not None:
        raise UnreadableJsonError("the hour before has no seal")
    entries = list(trail.between(hour, hour + HOUR))
    vault.keep(hour, seal_of(hour, previous, entries, key).as_bytes())
    return len(entries)


def prove(
    trail: AuditTrail,
    vault: SealVault,
    key: bytes,
    now: datetime,
    watched: Callable[[datetime], None] = lambda _hour: None,
    *,
    disposals: AuditDisposals | None = None,
) -> Proof:
    """Follow the whole chain up to now; `watched` is told each hour as it is looked at.

    Without `disposals` an entry that was disposed of is a break like any that is gone.

    An hour without a seal is a break once it is overdue, so that cutting off the chain's end is found too.
    """
    auditor, first = Auditor(key), vault.first()
    overdue = hour_of(now - OVERDUE_AFTER) - HOUR
    if first is None:
        return auditor.proof(Break(overdue, "there is no seal at all"))
    last = max(vault.last(now) or first, overdue)
    hours = _by_hour(trail.between(first, last + HOUR))
    hour_and_entries = next(hours, None)
    for hour in hours_between(first, last):
        watched(hour)
        entries: list[AuditEntry] = []
        if hour_and_entries and hour_and_entries[0] == hour:
            entries = hour_and_entries[1]
            hour_and_entries = next(hours, None)
        disposed = partial(_disposed, disposals, hour, key)
        if broken := auditor.look(hour, vault.seal_of(hour), vault.writings(hour), entries, disposed):
            return auditor.proof(broken)
    return auditor.proof()


def _disposed(disposals: AuditDisposals | None, hour: datetime, key: bytes) -> frozenset[str]:
    """The names of an hour's entries that were disposed of, by records that hold."""
    found = disposals.of(hour) if disposals else ()
    return frozenset(name for one in found if one.hour == hour and one.holds(key) for name in one.names)


def _by_hour(entries: Iterator[AuditEntry]) -> Iterator[tuple[datetime, list[AuditEntry]]]:
    for hour, found in groupby(entries, key=lambda entry: hour_of(entry.at)):
        yield hour, list(found)
