"""`desk replay`: put archived deliveries or quarantined messages through the desk again.

Replaying changes nothing that is on the desk already: triage knows every contact it has taken in.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from cli import deployed
from contact_desk import parked
from contact_desk.archive_keys import (
    PARKED_PREFIX,
    channel_of,
    contacts_in,
    hour_prefixes,
    parked_channel_of,
)
from contact_desk.pointers import replay_message
from contact_desk.ports import ArchiveReader, PointerQueue, Repairs, Secret
from contact_desk.repairs import QuarantinedMessage
from contact_desk.stores.archive import S3ArchiveReader
from contact_desk.stores.dynamo import Table
from contact_desk.stores.queues import SqsPointerQueue
from contact_desk.stores.repairs import DynamoRepairs
from functions.ingest.registry import PLATFORMS

WHAT_HELP = "archive: all of it; orphans: what triage never closed; parked: what a secret verifies now."
MOMENT = ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%d"]
DELIVERIES_A_CALL = 100


class What(StrEnum):
    """What is put through again."""

    ARCHIVE = "archive"
    ORPHANS = "orphans"
    QUARANTINE = "quarantine"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Found:
    """What a replay found and whether it sent it; `by` counts by channel, in quarantine by queue.

    `unverified` is what is parked and stays so, because no secret of today verifies it either.
    """

    what: str
    found: int
    contacts: int
    sent: bool
    by: dict[str, int]
    unverified: int = 0


def replay(
    what: Annotated[What, typer.Argument(help=WHAT_HELP)],
    *,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=MOMENT, help="UTC; an hour ago without it.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=MOMENT, help="UTC; now without it.")
    ] = None,
    channel: Annotated[str | None, typer.Option(help="Only this webhook: meta, x, report_form.")] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Do it; without this it only says what it would do.")
    ] = False,
    stack_name: Annotated[
        str | None, typer.Option(help="A stack of your AWS account; the desk on this machine without it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Put archived deliveries, orphans or quarantined messages through the desk again. A dry run without --send.

    Example: desk replay orphans --from 2026-11-02T10:00Z --to 2026-11-02T12:00Z --send
    """
    desk = deployed.find(stack_name)
    sqs = desk.client("sqs")
    repairs = DynamoRepairs(Table(desk.client("dynamodb"), desk.table_name))
    if what is What.QUARANTINE:
        found = replay_quarantine(repairs, lambda queue: SqsPointerQueue(sqs, desk.queues[queue]), send=send)
    else:
        last = until.replace(tzinfo=UTC) if until else datetime.now(UTC)
        first = since.replace(tzinfo=UTC) if since else last - timedelta(hours=1)
        if first > last:
            raise typer.BadParameter("--from must lie before --to")
        archive = S3ArchiveReader(desk.client("s3"), desk.archive_bucket)
        if what is What.PARKED:
            keys, unverified = verified_between(archive, desk.webhook_secrets(), first, last, channel)
            found = replay_parked(
                keys, unverified, SqsPointerQueue(sqs, desk.queues["replays"]), send=send, quiet=as_json
            )
            typer.echo(json.dumps(asdict(found)) if as_json else told(found))
            return
        keys = archived_between(archive, first, last, channel)
        if what is What.ORPHANS:
            keys = list(repairs.without_receipt([key for key in keys if contacts_in(key)]))
        found = replay_archive(
            what, keys, SqsPointerQueue(sqs, desk.queues["replays"]), send=send, quiet=as_json
        )
    typer.echo(json.dumps(asdict(found)) if as_json else told(found))


def archived_between(
    archive: ArchiveReader, first: datetime, last: datetime, channel: str | None = None
) -> list[str]:
    """The keys of the deliveries that were archived from the first moment to the last, oldest first."""
    found = [
        delivery
        for prefix in hour_prefixes(first, last)
        for delivery in archive.keys(prefix)
        if first <= delivery.stored_at <= last and channel in {None, channel_of(delivery.key)}
    ]
    return [delivery.key for delivery in sorted(found, key=lambda delivery: delivery.stored_at)]


def replay_archive(
    what: What, keys: Sequence[str], replays: PointerQueue, *, send: bool, quiet: bool = False
) -> Found:
    """Queue a replay of each delivery that holds contacts."""
    wanted = [key for key in keys if contacts_in(key)]
    if send:
        chunks = range(0, len(wanted), DELIVERIES_A_CALL)
        for start in _shown(chunks, quiet=quiet):
            chunk = wanted[start : start + DELIVERIES_A_CALL]
            replays.send([replay_message(key) for key in chunk])
    by_channel = Counter(channel_of(key) for key in wanted)
    return Found(what.value, len(wanted), sum(map(contacts_in, wanted)), send, dict(by_channel))


def verified_between(
    archive: ArchiveReader,
    secrets: Mapping[str, Secret],
    first: datetime,
    last: datetime,
    channel: str | None = None,
) -> tuple[list[str], int]:
    """The keys of those parked deliveries of a time that a secret of today verifies, and the number of the others."""
    verified, unverified = [], 0
    for delivery in archive.keys(PARKED_PREFIX):
        webhook = parked_channel_of(delivery.key)
        if not first <= delivery.stored_at <= last or channel not in {None, webhook}:
            continue
        stored = archive.get(delivery.key)
        if stored is not None and is_verified(webhook, stored.body, secrets):
            verified.append(delivery.key)
        else:
            unverified += 1
    return verified, unverified


def is_verified(webhook: str, stored: bytes, secrets: Mapping[str, Secret]) -> bool:
    """Whether a secret of today, or the one before it, verifies what was parked."""
    if webhook not in PLATFORMS or webhook not in secrets:
        return False
    delivery = parked.from_bytes(stored)
    versions = secrets[webhook].versions()
    return any(PLATFORMS[webhook].is_signed(delivery.headers, delivery.body, version) for version in versions)


def replay_parked(
    keys: Sequence[str], unverified: int, replays: PointerQueue, *, send: bool, quiet: bool = False
) -> Found:
    """Queue the release of each delivery; those that nobody verifies stay where they are and expire."""
    if send:
        for start in _shown(range(0, len(keys), DELIVERIES_A_CALL), quiet=quiet):
            replays.send([replay_message(key) for key in keys[start : start + DELIVERIES_A_CALL]])
    by_channel = Counter(map(parked_channel_of, keys))
    return Found(What.PARKED.value, len(keys), 0, send, dict(by_channel), unverified)


def replay_quarantine(repairs: Repairs, queue_named: Callable[[str], PointerQueue], *, send: bool) -> Found:
    """Put each quarantined message back on its queue; its record in quarantine stays."""
    letters: Sequence[QuarantinedMessage] = repairs.quarantined()
    if send:
        for letter in letters:
            queue_named(letter.queue).send([letter.body])
            repairs.release(letter)
    by_queue = Counter(letter.queue for letter in letters)
    return Found(What.QUARANTINE.value, len(letters), by_queue.total(), send, dict(by_queue))


def told(found: Found) -> str:
    """What was found, for a person."""
    each = ", ".join(f"{name} {number}" for name, number in sorted(found.by.items()))
    thing = "quarantined messages" if found.what == What.QUARANTINE else "deliveries"
    counted = f", {found.contacts} contacts" if found.what != What.PARKED else ""
    lines = [f"{found.found} {thing}{f' ({each})' if each else ''}{counted}"]
    if found.unverified:
        lines.append(f"{found.unverified} more are parked that no secret of today verifies; they expire")
    if found.sent:
        lines.append("queued; what is on the desk already stays as it is")
    elif found.found:
        lines.append("nothing was sent: this was a dry run, --send does it")
    return "\n".join(lines)


def _shown(chunks: Iterable[int], *, quiet: bool) -> Iterable[int]:
    return chunks if quiet else track(chunks, "replaying", console=Console(stderr=True))
