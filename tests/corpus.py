"""The payload corpus: bodies as platforms send them, and beside each what the desk makes of it.

`tests/payloads/<channel>/<event>__<variant>.json` (`.form` where a platform posts forms) is one webhook body, byte for
byte. The folder is a channel's, or a webhook's for what belongs to no channel. `<event>__<variant>.expected.json` says
what comes of it:

    {"contacts": [...], "confirmations": [...], "ignored": {"reaction": 1}, "unreadable": {"not_framed": 1}}

Contacts and confirmations stand in the order of the delivery, in the shape of their queue messages but without what
follows from the delivery alone (`MACHINERY`) and without what is empty. The delivery was received at noon (`NOON`) by
the force of `forces/merseyside.toml`. What is empty as a whole is left out.

`python -m tests.corpus` writes what the adapters make of each body that has no expected result yet: read it, and let it
stand only where it is what the platform's documentation says.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from contact_desk import confirmations
from contact_desk.confirmations import Confirmation
from contact_desk.contact_message import to_message
from contact_desk.contacts import Contact
from functions.ingest.delivery import read_delivery
from functions.ingest.registry import CHANNELS, PLATFORMS
from local.addresses import REPOSITORY
from local.twins.held_still import NOON
from tests.builders import Json, force, meta_event
from tests.sms_deliveries import sms_event
from tests.x_deliveries import x_event

FOLDER = REPOSITORY / "tests" / "payloads"
EXPECTED = ".expected.json"
PAYLOADS = sorted(path for path in FOLDER.glob("*/*") if not path.name.endswith(EXPECTED))
MACHINERY = frozenset({"v", "received_at", "archive_key", "part", "last", "raw"})

# By webhook: the HTTP event of a body, signed over exactly its bytes.
SIGNED: Mapping[str, Callable[[bytes], Json]] = {"meta": meta_event, "x": x_event, "sms": sms_event}


def name_of(path: Path) -> str:
    """A payload's name in test reports."""
    return f"{path.parent.name}/{path.stem}"


def webhook_of(path: Path) -> str:
    """The webhook that takes in a payload: the one of its channel's platform."""
    folder = path.parent.name
    if folder in PLATFORMS:
        return folder
    (platform,) = {channel.platform for channel in CHANNELS if channel.name == folder}
    (webhook,) = {name for name, known in PLATFORMS.items() if known is platform}
    return webhook


def expected_path(path: Path) -> Path:
    """Where a payload's expected result stands."""
    return path.with_name(path.stem + EXPECTED)


def expected_of(path: Path) -> Json:
    """What is to come of a payload."""
    expected: Json = json.loads(expected_path(path).read_text(encoding="utf-8"))
    return expected


def outcome(
    contacts: Iterable[Contact],
    confirmed: Iterable[Confirmation],
    ignored: Mapping[str, int],
    unreadable: Mapping[str, int],
) -> Json:
    """What came of a delivery, as expected results are written."""
    whole = {
        "contacts": [_essential(to_message(contact)) for contact in contacts],
        "confirmations": [_essential(confirmations.to_message(one)) for one in confirmed],
        "ignored": {str(reason): number for reason, number in sorted(ignored.items())},
        "unreadable": dict(sorted(unreadable.items())),
    }
    return {name: part for name, part in whole.items() if part}


def _essential(message: str) -> Json:
    fields: Json = json.loads(message)
    return {
        name: _whole(value) for name, value in fields.items() if name not in MACHINERY and _is_there(value)
    }


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: inner for name, inner in value.items() if _is_there(inner)}
    return [_whole(inner) for inner in value] if isinstance(value, list) else value


def _is_there(value: object) -> bool:
    return value is not None and value not in ("", [])


def write_missing() -> None:
    """Write the expected result of each payload that has none, from what the adapters make of it now."""
    for path in PAYLOADS:
        if expected_path(path).exists():
            continue
        reading = read_delivery(webhook_of(path), path.read_bytes(), NOON, force())
        came = outcome(reading.contacts, reading.confirmations, reading.ignored, reading.unreadable)
        expected_path(path).write_text(
            json.dumps(came, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        sys.stdout.write(f"written, now to be read: {expected_path(path).relative_to(FOLDER)}" + "\n")


if __name__ == "__main__":
    write_missing()
