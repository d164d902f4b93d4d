"""What goes over the wire, in and out: C2 and C12, as the OpenAPI document shows them (safe contact is C7's own)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from contact_desk.alerts import AlertKind, AlertRank
from contact_desk.attachments import CopyFailure, CopyState
from contact_desk.cases import CaseState, Disposition
from contact_desk.contacts import Surface
from contact_desk.force_file import MESSAGE_CHARACTERS
from contact_desk.grades import Band, Grade
from contact_desk.message_lengths import LONGEST_TEXT
from contact_desk.outbox import Resolution
from contact_desk.promises import PromiseKind
from contact_desk.timeline import EntryKind
from functions.operate.moments import Instant

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
VISIBLE = r"\S"

MessageText = Annotated[str, StringConstraints(min_length=1, max_length=MESSAGE_CHARACTERS, pattern=VISIBLE)]
# The longest that any channel takes; which channel takes how much is for the reply itself to say.
ReplyText = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT, pattern=VISIBLE)]
Remark = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=VISIBLE)]
Told = Annotated[str, StringConstraints(max_length=500)] | None


def _as_text(value: object) -> object:
    return str(value) if type(value) is int else value  # 101 as readily as "101"


class Sent(BaseModel):
    """What a caller sends: nothing but the fields that are there."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Nothing(Sent):
    """An act that says all by its path."""


class AcknowledgeBody(Sent):
    """Which raising of the alert was seen, by its `opened_at`; without it the one that stands."""

    opened_at: Instant | None = None


class ReplyBody(Sent):
    """Words to the person; in public also which contact they answer."""

    text: ReplyText
    answers: Annotated[str, StringConstraints(min_length=1, max_length=300)] | None = None


class DraftBody(Sent):
    """Words that nobody has sent yet."""

    text: MessageText


class NoteBody(Sent):
    """Words to colleagues."""

    text: MessageText


class GradeBody(Sent):
    """A grade, and why."""

    grade: Grade
    reason: Remark


class AssessmentBody(Sent):
    """What is written on one element of the force's model."""

    element: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    text: Remark


class PromptBody(Sent):
    """The answer to one of the questions that the force's model asks."""

    prompt: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    answer: Literal["yes", "no", "unknown"]


class ThriveBody(Sent):
    """A risk assessment: the grade that it comes to, and what it rests on."""

    level: Grade
    assessments: Annotated[list[AssessmentBody], Field(min_length=1, max_length=12)]
    prompts: Annotated[list[PromptBody], Field(max_length=12)] = []


class HandoverBody(Sent):
    """What whoever takes it over has to know; `accepted` is their own reference, the one proof that they have it."""

    what: Remark
    where: Told = None
    when: Told = None
    who: Told = None
    weapons: Told = None
    injuries: Told = None
    description: Told = None
    direction: Told = None
    informant: Told = None
    safe_to_ring: Told = None
    accepted: Told = None


class TransferBody(Sent):
    """A hand-over to the control room, another force or a partner."""

    to: Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=VISIBLE)]
    handover: HandoverBody


class CloseBody(Sent):
    """How the case ended, and the newest contact that was read before saying so."""

    disposition: Disposition
    last_contact_at: Instant
    survey: Annotated[Literal["101", "999", "none", "unknown"], BeforeValidator(_as_text)] | None = None


class ResolveBody(Sent):
    """What became of something that was sent: it arrived, or it is to be sent again."""

    outcome: Resolution


class Owner(BaseModel):
    """Who holds a case, until when."""

    name: str
    until: Moment


class CaseShape(BaseModel):
    """C2: a case as the list shows it."""

    case_id: str
    reference: str
    state: CaseState
    grade: Grade
    band: Band
    category: str | None
    emergency: bool
    reason: str
    preview: str
    channel: str
    surface: Surface
    opened_at: Moment
    answer_by: Moment
    last_contact_at: Moment
    owner: Owner | None
    version: int
    about: list[str]


class ActedOnShape(CaseShape):
    """A case after an act, with the outbox item that the act made or resolved."""

    outbox_id: str


class PromiseShape(BaseModel):
    """Words that promise what the desk cannot keep, and why they should not be said."""

    kind: PromiseKind
    words: str
    reason: str


class PromisesShape(BaseModel):
    """What a text promises; empty where it promises nothing."""

    promises: list[PromiseShape]


class RepliedShape(ActedOnShape):
    """A case after a reply: `promises` warns of what the reply, which is sent all the same, should not have said."""

    promises: list[PromiseShape]


class CaseListShape(BaseModel):
    """A page of cases, most urgent first."""

    cases: list[CaseShape]
    next_cursor: str | None


class ReasonShape(BaseModel):
    """A rule that fired, and the words that fired it."""

    rule: str
    reason: str
    words: list[str]


class LocationShape(BaseModel):
    """A place that a person sent, in WGS 84 degrees."""

    lat: float
    lon: float
    name: str | None


class AttachmentShape(BaseModel):
    """Something that came with a contact, and what became of our copy of it.

    `media_type` is what the bytes of a kept copy tell, else what the platform said; `size` is in bytes.
    """

    kind: str
    media_type: str | None
    state: CopyState | None
    reason: CopyFailure | None
    sha256: str | None
    size: int | None


class ShownFileShape(BaseModel):
    """A picture, its bytes in base64."""

    media_type: str
    content: str


class EntryShape(BaseModel):
    """Something that happened to a case; `state` is how far a sending has come, or what became of a contact.

    `trouble` says in words why a sending failed, waits or is in doubt. `report` holds the form's other fields where the
    contact is a report.
    """

    at: Moment
    kind: EntryKind
    by: str | None
    text: str | None
    report: dict[str, Any] | None
    location: LocationShape | None
    permalink: str | None
    outbox_id: str | None
    state: str | None
    trouble: str | None
    contact_id: str | None
    attachments: list[AttachmentShape]


class PlaceShape(BaseModel):
    """A place that the words may speak of, read by triage: a candidate, with how sure the machine is (0 to 1)."""

    name: str
    confidence: float


class EarlierCaseShape(BaseModel):
    """A case of the same conversation before this one."""

    case_id: str
    reference: str
    state: CaseState
    opened_at: Moment
    closed_at: Moment | None
    disposition: Disposition | None


class SafeContactShape(BaseModel):
    """How it is safe to reach the person."""

    ok: bool
    how: str | None
    not_when: str | None


class OfferShape(BaseModel):
    """A live broadcast about the same place and matter: an answer may link to it."""

    broadcast_id: str
    reference: str
    what: str
    where: str
    expires_at: Moment | None
    link: str


class ReplyLimitShape(BaseModel):
    """How much one reply may hold, and how it is counted: characters, UTF-16 units, UTF-8 bytes, or as X weighs."""

    most: int
    unit: str
    counting: Literal["characters", "units", "bytes", "x"]


class CaseFileShape(CaseShape):
    """The whole case; without `reply_limit` the desk cannot write to the person.

    `earlier` are the cases of the conversation before it, newest first, each opened within 72 hours of the last one's
    end; `places` are candidates, the surest first.
    """

    account: str
    person_name: str | None
    language: str | None
    markers: list[str]
    safe_contact: SafeContactShape | None
    reply_until: Moment | None
    reply_limit: ReplyLimitShape | None
    disposition: Disposition | None
    closed_at: Moment | None
    previous_case: str | None
    earlier: list[EarlierCaseShape]
    places: list[PlaceShape]
    reasons: list[ReasonShape]
    timeline: list[EntryShape]
    broadcasts: list[OfferShape]


class AlertShape(BaseModel):
    """An alert as operators list it."""

    alert_id: str
    rank: AlertRank
    kind: AlertKind
    case_id: str | None
    case_reference: str | None
    grade: Grade | None
    opened_at: Moment
    nudge: int


class AlertListShape(BaseModel):
    """The open alerts: worst rank first, then oldest."""

    alerts: list[AlertShape]


class AuditEntryShape(BaseModel):
    """Who did or saw what, when; `shown` names the cases that a list showed."""

    at: Moment
    by: str
    act: str
    subject: str
    request_id: str
    shown: list[str]


class AuditShape(BaseModel):
    """Entries of the audit, oldest first; where there are `more`, ask again from the last one's time on."""

    entries: list[AuditEntryShape]
    more: bool


class GradeShape(BaseModel):
    """A grade as this force calls it."""

    name: str
    target_minutes: int


class ThriveModelShape(BaseModel):
    """What a risk assessment of this force is made of."""

    model: str
    elements: list[str]
    prompts: list[str]


class HouseShape(BaseModel):
    """How this desk is set up."""

    time_zone: str
    languages: list[str]
    lease_seconds: int
    grades: dict[Grade, GradeShape]
    thrive: ThriveModelShape
    broadcast_channels: list[str]


class MeShape(BaseModel):
    """Who is signed in, as the desk knows them, and at which desk."""

    subject: str
    name: str
    roles: list[str]
    force: dict[str, str]
    desk: HouseShape


class ApprovedShape(BaseModel):
    """A text to answer with; `{reference}` in it stands for the case's own."""

    name: str
    title: str
    language: str
    text: str


class ApprovedListShape(BaseModel):
    """The force's approved texts and its signposts."""

    texts: list[ApprovedShape]


class ProblemShape(BaseModel):
    """RFC 9457: what went wrong; further members by `type`."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str | None = None
    errors: list[dict[str, str]] | None = None


def problems(*statuses: int) -> dict[int, Any]:
    """The problems that a route may answer, for its description."""
    described = {
        400: "The call cannot be read, or lacks its Idempotency-Key",
        401: "Not signed in",
        403: "`urn:contact-desk:forbidden`",
        404: "There is no such thing",
        409: "`case-held`, `not-holder`, `new-contact`, `window-closed`, `no-sender`, `case-closed`, "
        "`unshowable-file` or `not-waiting`; of a broadcast `own-approval`, `bytes-changed`, `approval-lapsed`, "
        "`publishing-stopped` or `wrong-state`",
        412: "`stale-version`; the caller's words are in `text`",
        422: "`validation` with its `errors`, `text-too-long` with its `parts`, or `key-reused`",
        428: "If-Match is missing",
        503: "Busy: the same call again, with the same key",
    }
    content = {"application/problem+json": {"model": ProblemShape}}
    return {status: {"description": described[status], "content": content} for status in statuses}
