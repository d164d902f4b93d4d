"""C11 over the wire, in and out: what a broadcast is filled in with, and how it is answered."""

from __future__ import annotations

from typing import Annotated

from pydantic import Base64Bytes, BaseModel, Field, StringConstraints

from contact_desk.broadcast_flags import FlagKind
from contact_desk.broadcasts import BroadcastKind, BroadcastState, CopyState, Severity
from contact_desk.copy_orders import CopyAct
from functions.operate.moments import Instant
from functions.operate.shapes import Moment, Remark, Sent

MOST_PICTURE_BYTES = 350_000  # an item of the table takes 400 KB
LONGEST_FIELD = 200
LONGEST_ADVICE = 1000
LONGEST_COPY = 10_000

Short = Annotated[str, StringConstraints(max_length=LONGEST_FIELD)]
Place = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"\S")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Channel = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")]
Corner = tuple[float, float]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class AreaBody(Sent):
    """Where it is: names of places, and the corners of a closed polygon as GeoJSON has them, longitude first."""

    names: list[Place] = Field(default_factory=list, max_length=20)
    polygon: Annotated[list[Corner], Field(max_length=251)] | None = None


class CopyBody(Sent):
    """A copy: its text, else it is written from the fields; the picture by its SHA-256, else the first one there is."""

    text: Annotated[str, StringConstraints(max_length=LONGEST_COPY)] | None = None
    alt: Annotated[str, StringConstraints(max_length=1000)] | None = None
    picture: Sha256 | None = None


class VersionBody(Sent):
    """The words of the fields in a further language."""

    language: Language
    what: Short
    where: Short = ""
    do: Annotated[str, StringConstraints(max_length=LONGEST_ADVICE)] = ""


class PictureBody(Sent):
    """A picture with its alternative text: its bytes (JPEG or PNG, base64), or the SHA-256 of one sent before."""

    alt: Annotated[str, StringConstraints(max_length=1000)]
    content: Annotated[Base64Bytes, Field(max_length=MOST_PICTURE_BYTES)] | None = None
    sha256: Sha256 | None = None


class BroadcastBody(Sent):
    """C11: a broadcast as it is filled in."""

    kind: BroadcastKind
    what: Short
    where: Short = ""
    do: Annotated[str, StringConstraints(max_length=LONGEST_ADVICE)] = ""
    force_reference: Annotated[str, StringConstraints(max_length=60)] | None = None
    severity: Severity = Severity.UNKNOWN
    area: AreaBody = AreaBody()
    language: Language | None = None
    versions: list[VersionBody] = Field(default_factory=list, max_length=8)
    pictures: list[PictureBody] = Field(default_factory=list, max_length=4)
    starts_at: Instant | None = None
    expires_at: Instant | None = None
    copies: dict[Channel, CopyBody] = Field(default_factory=dict, max_length=8)


class SubmitBody(Sent):
    """Whether the approvers on call are to be paged."""

    urgent: bool = False


class ApproveBody(Sent):
    """The hash of what was read."""

    hash: Annotated[str, StringConstraints(min_length=1, max_length=128)]


class CancelBody(Sent):
    """Why, for the record; the public reads the words that were approved for this."""

    reason: Remark | None = None


class PublishingBody(Sent):
    """On or off, and why."""

    on: bool
    reason: Remark


class CopyEndShape(BaseModel):
    """What is done to a copy at its end."""

    act: CopyAct
    text: str


class CopyShape(BaseModel):
    """A copy on one channel, and how it stands; `trouble` says in words why it failed, waits or is in doubt.

    `typed`: its words are a person's; those of other copies were written from the fields.
    """

    channel: str
    text: str
    typed: bool
    alt: str | None
    picture: str | None
    state: CopyState
    platform_id: str | None
    outbox_id: str | None
    trouble: str | None
    published_at: Moment | None
    ended_at: Moment | None
    expired: CopyEndShape
    cancelled: CopyEndShape


class AreaShape(BaseModel):
    """Where it is; longitude first."""

    names: list[str]
    polygon: list[Corner] | None


class VersionShape(BaseModel):
    """The words in a further language."""

    language: str
    what: str
    where: str
    do: str


class PictureShape(BaseModel):
    """A picture by its bytes' SHA-256."""

    sha256: str
    media_type: str
    alt: str


class FlagShape(BaseModel):
    """Words that the approver should look at twice, and why."""

    field: str
    kind: FlagKind
    words: str
    reason: str


class BroadcastShape(BaseModel):
    """C11: a broadcast as it stands. `root` is the broadcast that its chain of corrections began with."""

    broadcast_id: str
    reference: str
    link: str
    state: BroadcastState
    version: int
    hash: str
    kind: BroadcastKind
    what: str
    where: str
    do: str
    force_reference: str | None
    severity: Severity
    area: AreaShape
    language: str
    versions: list[VersionShape]
    pictures: list[PictureShape]
    starts_at: Moment | None
    expires_at: Moment | None
    drafted_by: str
    submitted_by: str | None
    submitted_at: Moment | None
    urgent: bool
    approved_by: str | None
    approved_at: Moment | None
    published_at: Moment | None
    ended_at: Moment | None
    ended_by: str | None
    end_reason: str | None
    root: str
    corrects: str | None
    corrected_by: str | None
    flags: list[FlagShape]
    copies: list[CopyShape]


class BroadcastListShape(BaseModel):
    """A page of broadcasts, newest first."""

    broadcasts: list[BroadcastShape]
    next_cursor: str | None


class PublishingShape(BaseModel):
    """The switch of all publishing: who turned it last, when and why."""

    on: bool
    by: str | None
    at: Moment | None
    reason: str | None
    version: int
