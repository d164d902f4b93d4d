"""The numbers as the OpenAPI document shows them; what each figure means stands among the definitions."""

from __future__ import annotations

from pydantic import BaseModel, Field

from functions.operate.shapes import Moment

Counts = dict[str, int]


class TimesShape(BaseModel):
    """How long something took in so many cases, in seconds, to within 5 per cent; null where it never happened."""

    cases: int
    p50: float | None
    p90: float | None
    p99: float | None


class MeasuredShape(BaseModel):
    """One measure of time, for all cases, by grade and by channel."""

    all: TimesShape
    by_grade: dict[str, TimesShape]
    by_channel: dict[str, TimesShape]


class ContactCountsShape(BaseModel):
    """What came in."""

    all: int
    by_channel: Counts
    by_language: Counts
    by_country: Counts
    country_learnt_from: Counts


class CaseCountsShape(BaseModel):
    """Pieces of desk work."""

    all: int
    by_channel: Counts
    open: int
    oldest_open_from: Moment | None
    oldest_open_hours: int | None
    by_disposition: Counts
    claims_lost: int


class SignificantShape(BaseModel):
    """Significant contacts: final once a person has closed the case, provisional before."""

    all: int
    final: int
    provisional: int
    by_channel: Counts
    by_category: Counts
    by_grade: Counts
    by_language: Counts
    by_country: Counts
    country_learnt_from: Counts


class SignpostsShape(BaseModel):
    """Who was pointed to another body, by the machine (by signpost) and by a person."""

    by_machine: Counts
    by_person: int


class AlertCountsShape(BaseModel):
    """Alerts of one rank."""

    all: int
    open: int
    to_seen: TimesShape


class EstimateShape(BaseModel):
    """A number of contacts with its interval of 95 per cent."""

    share: float
    number: int
    lowest: int
    highest: int


class OffsetShape(BaseModel):
    """What the survey says of the significant contacts: calls that were not made, and contacts that were not there."""

    contacts: int
    answers: int
    off_101: EstimateShape
    off_999: EstimateShape
    new_demand: EstimateShape
    unknown: EstimateShape


class SurveyShape(BaseModel):
    """The question after a case; `told` is false where too few have answered for the offset to be told."""

    asked: int
    answers: Counts
    offset: OffsetShape | None
    told: bool


class FiguresShape(BaseModel):
    """Every figure of the period."""

    contacts: ContactCountsShape
    cases: CaseCountsShape
    significant: SignificantShape
    not_significant: Counts
    signposts: SignpostsShape
    times: dict[str, MeasuredShape]
    alerts: dict[str, AlertCountsShape]
    survey: SurveyShape


class DefinitionShape(BaseModel):
    """What a measure means, with its version."""

    title: str
    means: str
    version: int


class DefinitionsShape(BaseModel):
    """What the figures mean, and what the offset assumes."""

    version: int
    measures: dict[str, DefinitionShape]
    offset_assumptions: list[str]


class StatsShape(FiguresShape):
    """The numbers of a period of local days, by hour of the week too: `week` is Monday to Sunday by 24 hours."""

    first: Moment = Field(alias="from")
    last: Moment = Field(alias="to")
    definitions_versions: list[int]
    week: list[list[int]]
    definitions: DefinitionsShape
