"""Looking for our own words among those that a platform shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from contact_desk.clock import from_rfc3339
from contact_desk.outbox import OutboxItem
from contact_desk.send_failures import SendFailure
from functions.notify.platform_answers import (
    Absent,
    CredentialsRefused,
    Found,
    LookUpAnswer,
    Refusal,
    RetryLater,
    Unclear,
)

# Platforms cut their times to the second, and their clocks are not ours.
SKEW = timedelta(seconds=15)
SHOWN = 50


def find(item: OutboxItem, entries: Sequence[Mapping[str, Any]], *, more: bool) -> LookUpAnswer:
    """Look for the item's exact words, sent by its account since it was started, among one page of entries.

    The page shows the newest, at most `SHOWN`: where there are `more` and it does not reach back to the start, it
    proves nothing, however short it is, since platforms leave out of a page what nobody may see. Each entry has
    `id`, `message`, `created_time` and `from`.
    """
    if item.started_at is None:
        return Unclear(SendFailure.UNREADABLE_ANSWER)
    since = item.started_at - SKEW
    try:
        shown = [(from_rfc3339(entry["created_time"]), entry) for entry in entries]
        for created_at, entry in shown:
            if created_at >= since and _words_of(item.account, entry) == item.text.strip():
                return Found(str(entry["id"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return Unclear(SendFailure.UNREADABLE_ANSWER)
    whole = (len(shown) < SHOWN and not more) or any(created_at < since for created_at, _ in shown)
    return Absent() if whole else Unclear(SendFailure.NOT_FOUND)


def _words_of(account: str, entry: Mapping[str, Any]) -> str | None:
    """What the account itself said there; None for somebody else's words."""
    author = entry.get("from") or {}
    return (entry.get("message") or "").strip() if author.get("id") == account else None


def entries_of(fields: object) -> Sequence[Mapping[str, Any]]:
    """The entries of a page of the Graph API (`{"data": […]}`); raises ValueError where it is none."""
    entries = fields.get("data") if isinstance(fields, Mapping) else None
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise ValueError("not a page of entries")
    return entries


def more_of(fields: object) -> bool:
    """Whether a page of the Graph API says that there is another: its `paging.next` alone tells."""
    paging = fields.get("paging") if isinstance(fields, Mapping) else None
    return isinstance(paging, Mapping) and bool(paging.get("next"))


def not_seen(refusal: Refusal) -> LookUpAnswer:
    """A look-up that was refused; one that only has to wait says so, because it is not to be counted."""
    if isinstance(refusal, RetryLater | CredentialsRefused):
        return refusal
    return Unclear(refusal.failure)
