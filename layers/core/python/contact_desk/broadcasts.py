"""A broadcast: one message to the public, two people behind it, one copy on each channel, and an end.

draft ──submit──> submitted ──approve──> approved ──start──> publishing ──settle──> live
  ^                   │                     └──schedule──> scheduled ──start──┘         │ correct, expire, cancel
  └── edit, lapse ────┴─────────────────── edit, lapse ───────┘           corrected | expired | cancelled
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from contact_desk.clock import to_rfc3339
from contact_desk.copy_orders import CopyAct, CopyCause, copy_item_id
from contact_desk.references import reference

APPROVED_WITHIN = timedelta(minutes=15)
STARTED_WITHIN = timedelta(minutes=15)
SHOWN_AFTER_END = timedelta(days=30)


class BroadcastKind(StrEnum):
    """What it is; an incident is live and must say when it ends."""

    INCIDENT = "incident"
    APPEAL = "appeal"
    ADVICE = "advice"
    MESSAGE = "message"
    HOLDING = "holding"
    RUMOUR = "rumour"


class Severity(StrEnum):
    """How much it matters to those in its area, in the words of CAP."""

    UNKNOWN = "unknown"
    MINOR = "minor"
    MODERATE = "moderate"
    SEVERE = "severe"
    EXTREME = "extreme"


class BroadcastState(StrEnum):
    """Where a broadcast stands; `approved` passes at once into publishing or scheduled."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    PUBLISHING = "publishing"
    LIVE = "live"
    CORRECTED = "corrected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class BroadcastAct(StrEnum):
    """What happens to a broadcast, by a person or by the clock."""

    DRAFT = "draft"
    EDIT = "edit"
    SUBMIT = "submit"
    APPROVE = "approve"
    SCHEDULE = "schedule"
    START = "start"
    SETTLE = "settle"
    LAPSE = "lapse"
    CORRECT = "correct"
    EXPIRE = "expire"
    CANCEL = "cancel"


_STATE, _ACT = BroadcastState, BroadcastAct
TRANSITIONS: Mapping[BroadcastState, Mapping[BroadcastAct, BroadcastState]] = {
    _STATE.DRAFT: {
        _ACT.EDIT: _STATE.DRAFT,
        _ACT.SUBMIT: _STATE.SUBMITTED,
        _ACT.CANCEL: _STATE.CANCELLED,
    },
    _STATE.SUBMITTED: {
        _ACT.EDIT: _STATE.DRAFT,
        _ACT.SUBMIT: _STATE.SUBMITTED,
        _ACT.LAPSE: _STATE.DRAFT,
        _ACT.APPROVE: _STATE.APPROVED,
        _ACT.CANCEL: _STATE.CANCELLED,
    },
    _STATE.APPROVED: {_ACT.SCHEDULE: _STATE.SCHEDULED, _ACT.START: _STATE.PUBLISHING},
    _STATE.SCHEDULED: {
        _ACT.EDIT: _STATE.DRAFT,
        _ACT.LAPSE: _STATE.DRAFT,
        _ACT.START: _STATE.PUBLISHING,
        _ACT.CANCEL: _STATE.CANCELLED,
    },
    _STATE.PUBLISHING: {
        _ACT.SETTLE: _STATE.LIVE,
        _ACT.CORRECT: _STATE.CORRECTED,
        _ACT.EXPIRE: _STATE.EXPIRED,
        _ACT.CANCEL: _STATE.CANCELLED,
    },
    _STATE.LIVE: {
        _ACT.CORRECT: _STATE.CORRECTED,
        _ACT.EXPIRE: _STATE.EXPIRED,
        _ACT.CANCEL: _STATE.CANCELLED,
    },
    _STATE.CORRECTED: {},
    _STATE.EXPIRED: {},
    _STATE.CANCELLED: {},
}
"""The one table of the life of a broadcast: what may happen in each state, and what it becomes."""

ON_AIR = frozenset({BroadcastState.PUBLISHING, BroadcastState.LIVE})
ENDED = frozenset({BroadcastState.CORRECTED, BroadcastState.EXPIRED, BroadcastState.CANCELLED})
CHANGEABLE = frozenset({BroadcastState.DRAFT, BroadcastState.SUBMITTED, BroadcastState.SCHEDULED})


class CopyState(StrEnum):
    """How one copy stands, read from its outbox items (`contact_desk.copy_progress`).

    `planned`: nothing was asked of the channel. `publishing`: asked, not known to be up. `live`: up, with proof.
    `failed`: the channel refused it, nothing is up. `lapsed`: not started in time, nothing is up. `needs_human`: only
    a person can say. `ending`: its end is asked for. `ended`: deleted, or edited or followed up to say that it is
    over, or another broadcast's copy has taken its place. `withdrawn`: it ended before anything was up.
    """

    PLANNED = "planned"
    PUBLISHING = "publishing"
    LIVE = "live"
    FAILED = "failed"
    LAPSED = "lapsed"
    NEEDS_HUMAN = "needs_human"
    ENDING = "ending"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


class Point(NamedTuple):
    """A place on the globe, in degrees; CAP writes it so, GeoJSON the other way round."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Area:
    """Where it is: names of places, and the corners of a polygon, closed: the last corner is the first."""

    names: tuple[str, ...] = ()
    polygon: tuple[Point, ...] | None = None


@dataclass(frozen=True, slots=True)
class LanguageVersion:
    """The words of the fields in one further language."""

    language: str
    what: str
    where: str
    do: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by the SHA-256 of its bytes, which `Broadcasts.picture` gives; `alt` says what is to be seen in it."""

    sha256: str
    media_type: str
    alt: str

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{self.sha256}.{'png' if self.media_type == 'image/png' else 'jpg'}"


@dataclass(frozen=True, slots=True)
class CopyEnd:
    """What is done to a copy when it ends: edit or follow_up with these words, or delete without any."""

    act: CopyAct
    text: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """What stands on one channel: every word that may ever be put there by this broadcast.

    `picture` is the name of the picture that goes with it, `alt` its alternative text there.
    """

    channel: str
    text: str
    expired: CopyEnd
    cancelled: CopyEnd
    alt: str | None = None
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """What two people stand behind: the fields, the copies, the times. Every byte of it is in the hash.

    Times are aware, in UTC. `starts_at` is None where it is published as soon as it is approved. `corrects` names
    the broadcast that this one takes the place of.
    """

    kind: BroadcastKind
    what: str
    where: str
    do: str
    severity: Severity
    area: Area
    language: str
    copies: tuple[Copy, ...]
    force_reference: str | None = None
    versions: tuple[LanguageVersion, ...] = ()
    pictures: tuple[Picture, ...] = ()
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    corrects: str | None = None

    @property
    def hash(self) -> str:
        """SHA-256 over exactly these bytes, in hexadecimal: what is approved is what was read."""
        fields = asdict(self)
        fields["starts_at"] = to_rfc3339(self.starts_at) if self.starts_at else None
        fields["expires_at"] = to_rfc3339(self.expires_at) if self.expires_at else None
        written = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(written.encode("ascii")).hexdigest()

    def copy(self, channel: str) -> Copy | None:
        """The copy for a channel."""
        return next((one for one in self.copies if one.channel == channel), None)


@dataclass(frozen=True, slots=True)
class Signature:
    """Who stood behind which bytes, and when: a submission or an approval."""

    by: str
    name: str
    at: datetime
    hash: str


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A broadcast as it stands; `version` counts every change of it, but for its settling.

    `submitted` and `approved` hold only for the bytes whose hash they carry, and any change takes them away.
    `published_at` is when it first was public; `ended_at` and `ended_by` when and by whom it stopped being current
    (None for `ended_by`: the clock), `end_reason` is for the desk alone. `corrected_by` names the broadcast that has
    taken its place. `root` is the broadcast that a chain of corrections began with, itself where there is none: its
    `/live/{reference}` is the address of the whole chain. `urgent` says that its submission paged the approvers,
    `told_at` when everybody who was answered with it had been told of its correction or cancel.
    """

    broadcast_id: str
    reference: str
    state: BroadcastState
    version: int
    wording: Wording
    drafted_by: str
    drafted_at: datetime
    changed_at: datetime
    root: str
    submitted: Signature | None = None
    approved: Signature | None = None
    urgent: bool = False
    published_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    end_reason: str | None = None
    corrected_by: str | None = None
    told_at: datetime | None = None

    @property
    def hash(self) -> str:
        """The hash of its bytes as they are now."""
        return self.wording.hash

    @property
    def on_air(self) -> bool:
        """Whether it is current: it is public, or being made so."""
        return self.state in ON_AIR

    @property
    def approved_now(self) -> bool:
        """Whether two people stand behind exactly these bytes."""
        return (
            self.submitted is not None
            and self.approved is not None
            and self.submitted.by != self.approved.by
            and self.submitted.hash == self.approved.hash == self.hash
        )

    @property
    def start_by(self) -> datetime | None:
        """Until when a copy of it must have been started; after that it lapses. None before its approval."""
        if self.approved is None:
            return None
        return max(self.approved.at, self.wording.starts_at or self.approved.at) + STARTED_WITHIN

    def outbox_id(self, channel: str, cause: CopyCause = CopyCause.START) -> str:
        """The name of the outbox item of one of its copies."""
        return copy_item_id(self.broadcast_id, channel, cause)


@dataclass(frozen=True, slots=True)
class PublishingSwitch:
    """The one switch of all publishing: `on` unless a person stopped it; `version` 0 where nobody ever touched it."""

    on: bool = True
    by: str | None = None
    name: str | None = None
    at: datetime | None = None
    reason: str | None = None
    version: int = 0


def broadcast_reference(short_code: str, broadcast_id: str) -> str:
    """The reference of a broadcast, which people can look up: `MP-7K3Q-9DXR-C`."""
    return reference(short_code, f"broadcast#{broadcast_id}")


def may(state: BroadcastState, act: BroadcastAct) -> bool:
    """Whether the act is possible in the state."""
    return act in TRANSITIONS[state]


def link_of(live_url: str, broadcast: Broadcast) -> str:
    """Where the public reads it; `live_url` is the address of the live page, without a closing slash."""
    return f"{live_url}/{broadcast.reference}"


@dataclass(frozen=True, slots=True)
class AnsweredWith:
    """A person who was answered with the broadcast's link: the outbox item of that answer, and its case."""

    broadcast_id: str
    outbox_id: str
    case_id: str
    answered_at: datetime
