"""What a platform asks in a person's name: delete what you have of them. Taken in at once, settled by the sweep.

What is kept of a request while it waits is the platform's own id of the person and the names that their cases may be
found by (`contact_desk.subjects`); once it is settled neither is left.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contact_desk.references import digest_id
from contact_desk.subjects import address_name

ASKED_AGAIN_AFTER = timedelta(days=1)
"""How soon the sweep looks again where a case is open or on hold: a platform is not told to ask again."""
STATUS_KEPT = timedelta(days=180)
"""How long after it was settled the status page still knows of a request."""


@dataclass(frozen=True, slots=True)
class DeletionRequest:
    """One request; `matched` says whether the platform told us which of our own addresses are the person's.

    `code` is what the platform and the person are given for it. `look_at` is when the sweep looks next: None once it
    is settled, and where nothing was found of a person whom the platform did not match, so that somebody has to look.
    """

    code: str
    platform: str
    asked_at: datetime
    matched: bool
    person: str | None = field(default=None, repr=False)
    names: tuple[str, ...] = ()
    look_at: datetime | None = None
    settled_at: datetime | None = None


def confirmation_code(signed: str) -> str:
    """The code of a request: the same signed words have the same code, and nobody guesses one who cannot sign them."""
    return digest_id("deletion", signed)


def names_on(channels: Iterable[str], ids: Iterable[str]) -> tuple[str, ...]:
    """The names of whoever goes by any of the ids on any of the channels."""
    return tuple(dict.fromkeys(address_name(channel, one) for one in ids for channel in channels))
