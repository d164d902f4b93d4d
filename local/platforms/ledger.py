"""What the stand-ins were asked to send: the truth for people and tests about what reached the public."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contact_desk.clock import to_rfc3339

KEPT = 20_000


@dataclass(slots=True)
class Received:
    """One attempt to send: who asked, to whom, in what words, and what came of it.

    `status` is the HTTP status answered, None until then; `visible` says whether the person or the
    public can see it; `sent_id` is the platform's name for what was sent.
    """

    at: datetime
    platform: str
    act: str
    method: str
    path: str
    account: str | None
    to: str | None
    text: str | None
    body: Mapping[str, Any]
    status: int | None = None
    visible: bool = False
    sent_id: str | None = None

    def fields(self) -> dict[str, Any]:
        """The entry as `GET /received` shows it."""
        return {
            "at": to_rfc3339(self.at),
            "platform": self.platform,
            "act": self.act,
            "method": self.method,
            "path": self.path,
            "account": self.account,
            "to": self.to,
            "text": self.text,
            "body": self.body,
            "status": self.status,
            "visible": self.visible,
            "id": self.sent_id,
        }


class Ledger:
    """Every attempt to send, oldest first; beyond `KEPT` the oldest are forgotten."""

    def __init__(self) -> None:
        self._entries: deque[Received] = deque(maxlen=KEPT)

    def note(self, entry: Received) -> Received:
        """Keep an attempt; its outcome is filled in once it is known."""
        self._entries.append(entry)
        return entry

    def show(self, sent_id: str) -> None:
        """What was sent under this name can be seen from now on."""
        for entry in self._entries:
            if entry.sent_id == sent_id and entry.text is not None:
                entry.visible = True

    def hide(self, sent_id: str) -> None:
        """Nobody can see any more what was sent under this name so far."""
        for entry in self._entries:
            if entry.sent_id == sent_id:
                entry.visible = False

    def received(self) -> Iterator[Received]:
        """Every attempt as it is kept."""
        return iter(self._entries)

    def entries(self, *, to: str | None = None) -> list[dict[str, Any]]:
        """All attempts as `GET /received` shows them, or those to one person or comment."""
        return [entry.fields() for entry in self._entries if to is None or entry.to == to]
