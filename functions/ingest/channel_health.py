"""Looks after what brings contacts in: are webhooks still subscribed, do credentials live, is a channel too quiet?

Meta takes its webhook away after an hour of failures and tells nobody; a token ends on a day that nobody has noted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from contact_desk.alerts import Alert, AlertEvent, AlertKind, AlertRank, account_alert_id, announcement
from contact_desk.clock import Clock, to_rfc3339
from contact_desk.errors import StoreError
from contact_desk.force_file import ForceFile
from contact_desk.ports import AlertStore, ChannelLog
from functions.ingest.payload_fields import read_identifier, read_moment
from functions.ingest.readers.graph_reading import GraphReading, entries_of
from functions.ingest.readers.reader import ReadingStoppedError, StopCause, TimeLeft
from functions.ingest.readers.x_reading import XReading

# What a page's webhook must send for each of the channels on it. Source: the Graph API's webhook reference for pages.
SUBSCRIPTIONS: Mapping[str, frozenset[str]] = {
    "messenger": frozenset(
        {
            "message_deliveries",
            "message_echoes",
            "message_edits",
            "messages",
            "messaging_policy_enforcement",
            "messaging_postbacks",
            "standby",
        }
    ),
    "facebook_page": frozenset({"feed", "mention", "ratings"}),
}


class ChannelHealth(NamedTuple):
    """What the look after channels works with."""

    force: ForceFile
    graph: GraphReading
    x: XReading
    channel_log: ChannelLog
    alerts: AlertStore
    clock: Clock


@dataclass(slots=True)
class Findings:
    """What one look found.

    `days_left` has each channel whose credential ends one day, 0 where it is dead; `failed` the looks that could not be
    had, with the cause.
    """

    repaired: list[str] = field(default_factory=list)
    days_left: dict[str, int] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def look(desk: ChannelHealth, time_left: TimeLeft) -> Findings:
    """Look at every channel; a look that fails never stops another."""
    found = Findings()
    channels = desk.force.channels
    pages: dict[str, list[str]] = {}
    for name in sorted(SUBSCRIPTIONS.keys() & channels.keys()):
        pages.setdefault(channels[name].account, []).append(name)
    for page, names in pages.items():
        _attempt(f"page {'+'.join(names)}", found, partial(_page, desk, page, names, found, time_left))
    if "x" in channels:
        _attempt("account x", found, partial(_x_account, desk, found, time_left))
    for name in sorted(channels):
        _attempt(f"silence {name}", found, partial(_silence, desk, name, found))
    return found


def _attempt(what: str, found: Findings, look_at: Callable[[], None]) -> None:
    try:
        look_at()
    except ReadingStoppedError as stopped:
        found.failed[what] = stopped.cause.value
    except StoreError as error:
        found.failed[what] = type(error).__name__
    except Exception as error:  # noqa: BLE001 a slip in one look must not keep the others from being had
        found.failed[what] = type(error).__name__


def _page(desk: ChannelHealth, page: str, names: list[str], found: Findings, time_left: TimeLeft) -> None:
    now = desk.clock.now()
    try:
        token = _inspected(desk.graph, page, time_left)
    except ReadingStoppedError as stopped:
        if stopped.cause is not StopCause.CREDENTIALS:
            raise
        token = {"is_valid": False}
    days_left = _days_left(token, now)
    if days_left is not None:
        found.days_left |= dict.fromkeys(names, days_left)
    if token.get("is_valid") is not True:
        for name in names:
            # One alert for each day that it is dead, should it be acknowledged and forgotten.
            _tell(desk, name, AlertKind.CREDENTIAL_DEAD, f"{now:%Y-%m-%d}", now)
        return
    wanted = frozenset[str]().union(*(SUBSCRIPTIONS[name] for name in names))
    if _subscribe(desk.graph, page, read_identifier(token.get("app_id")), wanted, time_left):
        found.repaired.append(page)


def _x_account(desk: ChannelHealth, found: Findings, time_left: TimeLeft) -> None:
    """Ask X whose keys ours are: keys of OAuth 1.0a live until somebody takes them away, so no days are counted."""
    account, now = desk.force.channels["x"].account, desk.clock.now()
    try:
        answer = desk.x.get(account, ("users", "me"), {}, time_left)
    except ReadingStoppedError as stopped:
        if stopped.cause is not StopCause.CREDENTIALS:
            raise
        found.days_left["x"] = 0
        _tell(desk, "x", AlertKind.CREDENTIAL_DEAD, f"{now:%Y-%m-%d}", now)
        return
    told = answer.get("data")
    if not isinstance(told, Mapping) or read_identifier(told.get("id")) != account:
        raise ReadingStoppedError(StopCause.REFUSED)


def _inspected(graph: GraphReading, page: str, time_left: TimeLeft) -> Mapping[str, Any]:
    """What Meta says of the page's own token; a token may always be used to look at itself."""
    answer = graph.get(page, ("debug_token",), {"input_token": graph.token(page)}, time_left)
    told = answer.get("data")
    if not isinstance(told, Mapping):
        raise ReadingStoppedError(StopCause.REFUSED)
    return told


def _days_left(token: Mapping[str, Any], now: datetime) -> int | None:
    """Whole days until the token ends, or what it may read does; None where it never ends."""
    if token.get("is_valid") is not True:
        return 0
    ends = [
        end
        for name in ("expires_at", "data_access_expires_at")
        if (end := read_moment(token.get(name)))  # 0 means never
    ]
    return max((min(ends) - now) // timedelta(days=1), 0) if ends else None


def _subscribe(
    graph: GraphReading, page: str, app: str | None, wanted: frozenset[str], time_left: TimeLeft
) -> bool:
    """Subscribe the page's webhook again where it lacks a field; whether it did."""
    apps = entries_of(
        graph.get(page, (page, "subscribed_apps"), {"fields": "id,subscribed_fields"}, time_left)
    )
    ours = next((each for each in apps if app and read_identifier(each.get("id")) == app), {})
    told = ours.get("subscribed_fields")
    has = (
        frozenset(name for name in told if isinstance(name, str))
        if isinstance(told, list)
        else frozenset[str]()
    )
    if wanted <= has:
        return False
    # The call replaces the list, so what somebody subscribed beyond ours stays in it.
    fields = ",".join(sorted(wanted | has))
    graph.post(page, (page, "subscribed_apps"), {"subscribed_fields": fields}, time_left)
    return True


def _silence(desk: ChannelHealth, name: str, found: Findings) -> None:
    channel = desk.force.channels[name]
    if channel.odd_silence is None:
        return
    last = desk.channel_log.last_heard(name, channel.account)
    now = desk.clock.now()
    odd_after = channel.odd_silence.odd_after(now.astimezone(ZoneInfo(desk.force.time_zone)))
    # A channel that was never heard of is not connected yet, which `desk doctor` and its runbook are for.
    if last is None or now - last < odd_after:
        return
    found.silent.append(name)
    _tell(desk, name, AlertKind.CHANNEL_SILENT, to_rfc3339(last), now)


def _tell(desk: ChannelHealth, name: str, kind: AlertKind, cause: str, now: datetime) -> None:
    alert_id = account_alert_id(name, desk.force.channels[name].account, kind)
    step = desk.force.alerts[AlertRank.A2].next_nudge(0)
    alert = Alert(alert_id, AlertRank.A2, kind, now, next_nudge_at=now + step if step else None)
    desk.alerts.raise_alert(
        alert, announcement(alert, AlertEvent.OPENED, cause=f"{alert_id}#{cause}", now=now)
    )
