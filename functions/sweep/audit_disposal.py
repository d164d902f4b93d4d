"""With the seals: audit entries whose time is up are disposed of, and what proves that they went lawfully is kept.

An entry on a case goes by the class of the case, so long after the case itself; any other so long after its own date.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from contact_desk.audit_disposals import AuditDisposals, disposals_of
from contact_desk.case_desk import AuditEntry
from contact_desk.clock import moment_of_ulid
from contact_desk.observability import count
from contact_desk.ports import AuditTrail
from contact_desk.retention_rules import Retention

AT_ONCE = 25
CASES_A_RUN = 200
DAY = timedelta(days=1)
LOOKED_BACK = 7 * DAY
"""How far before its date it is looked: a job that stood still for a week has missed nothing."""


def dispose(trail: AuditTrail, disposals: AuditDisposals, rules: Retention, key: bytes, now: datetime) -> int:
    """Dispose of what is due; how many entries."""
    done = 0
    for name in (*rules.classes, None):
        rule = rules.classes.get(name or "")
        kept = rule.audit_kept if rule else rules.audit_kept
        for _, case_id in zip(range(CASES_A_RUN), disposals.due(name, now - kept), strict=False):
            done += _forget(trail.of(case_id), disposals, key, now)
            disposals.settled(case_id)
    last = now - rules.audit_kept
    old = [entry for entry in trail.between(last - LOOKED_BACK, last) if is_of_no_case(entry)]
    done += _forget(old, disposals, key, now)
    count("AuditEntriesDisposed", done)
    return done


def is_of_no_case(entry: AuditEntry) -> bool:
    """Whether it speaks of no case: those go by their case."""
    return moment_of_ulid(entry.subject) is None


def _forget(entries: Iterable[AuditEntry], disposals: AuditDisposals, key: bytes, now: datetime) -> int:
    done = 0
    for disposal, some in disposals_of(entries, now, key, AT_ONCE):
        disposals.keep(disposal, some)
        done += len(some)
    return done
