"""Takes in what webhooks missed: what readers find goes through the same adapters, archive and queues as a delivery.

Triage knows every contact by its native id, so what a webhook brought too changes nothing. The archive key says that no
webhook brought it; a contact that is new under such a key is one that the webhook missed, and triage counts it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from contact_desk.catching_up import Cursor
from contact_desk.clock import Clock
from contact_desk.errors import StoreError
from contact_desk.force_file import ForceFile
from contact_desk.ports import Archive, ContactQueue, Cursors
from functions.ingest.delivery import read_delivery
from functions.ingest.readers.reader import Delivery, Reader, ReadingStoppedError, Span, TimeLeft

# What is younger may still be on its way to the webhook, and would be counted as missed.
SETTLED = timedelta(minutes=2)
# Platforms show some things late: each run reads again what the last ten minutes of the one before it held.
OVERLAP = timedelta(minutes=10)
FIRST_LOOK_BACK = timedelta(hours=1)
# Longer than any outage of the desk; beyond it most windows to answer have closed.
FURTHEST = timedelta(days=7)


class CatchUp(NamedTuple):
    """What catching up works with."""

    force: ForceFile
    readers: Sequence[Reader]
    cursors: Cursors
    archive: Archive
    contacts: ContactQueue
    clock: Clock


@dataclass(slots=True)
class CaughtUp:
    """What one run did: contacts queued by reader, and the readers that did not read to the end, with the cause."""

    contacts: Counter[str] = field(default_factory=Counter)
    stopped: dict[str, str] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)


def catch_up(desk: CatchUp, time_left: TimeLeft) -> CaughtUp:
    """Read every account that the force has, each with its share of the time; one that fails never stops another."""
    done = CaughtUp()
    readers = [reader for reader in desk.readers if reader.channel in desk.force.channels]
    for left, reader in zip(range(len(readers), 0, -1), readers, strict=True):
        share = time_left() / left
        ends_with = time_left() - share
        try:
            _read_one(desk, reader, partial(_until, time_left, ends_with), done)
        except ReadingStoppedError as stopped:
            done.stopped[reader.name] = stopped.cause.value
        except StoreError as error:
            done.stopped[reader.name] = type(error).__name__
        except Exception as error:  # noqa: BLE001 a slip in one reader must not keep the others from reading
            done.stopped[reader.name] = type(error).__name__
    return done


def _until(time_left: TimeLeft, ends_with: timedelta) -> timedelta:
    return time_left() - ends_with


def _read_one(desk: CatchUp, reader: Reader, time_left: TimeLeft, done: CaughtUp) -> None:
    account, now = desk.force.channels[reader.channel].account, desk.clock.now()
    cursor = desk.cursors.get(reader.name, account) or Cursor(now - SETTLED - FIRST_LOOK_BACK + OVERLAP)
    if cursor.not_before is not None and now < cursor.not_before:
        done.waiting.append(reader.name)
        return
    span = Span(max(cursor.read_until - OVERLAP, now - FURTHEST), now - SETTLED)
    try:
        for delivery in reader.read(account, span, time_left):
            done.contacts[reader.name] += _take_in(desk, reader.webhook, delivery, now)
    except ReadingStoppedError as stopped:
        if stopped.wait:
            desk.cursors.put(reader.name, account, Cursor(cursor.read_until, now + stopped.wait))
        raise
    # Only now: what was not read to the end is read again, and triage knows what it has.
    desk.cursors.put(reader.name, account, Cursor(span.until))


def _take_in(desk: CatchUp, webhook: str, delivery: Delivery, now: datetime) -> int:
    body = as_bytes(delivery)
    reading = read_delivery(webhook, body, now, desk.force, caught_up=True)
    if reading.contacts:
        desk.archive.put(reading.archive_key, body)
        desk.contacts.send(reading.contacts)
    return len(reading.contacts)


def as_bytes(delivery: Mapping[str, object]) -> bytes:
    """A delivery as bytes, the same for the same delivery: within an hour it is archived once, however often read."""
    return json.dumps(delivery, separators=(",", ":"), sort_keys=True).encode("ascii")
