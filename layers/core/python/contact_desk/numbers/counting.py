"""From facts to counts: what each contact and each case adds to the total of its hour. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contact_desk.cases import CaseState, Disposition
from contact_desk.numbers.definitions import VERSION, Measure, Standing, standing
from contact_desk.numbers.durations import duration_class
from contact_desk.numbers.facts import CaseFacts, ContactFacts, HourFacts
from contact_desk.numbers.origins import Origin

UNKNOWN = "unknown"
SEPARATOR = "|"

Figure = tuple[str, ...]
"""The name of one count: its measure, then what it is counted by."""
Figures = Counter[Figure]


@dataclass(frozen=True, slots=True)
class HourTotal:
    """The counts of one hour (UTC), when they were made, and by which version of the definitions."""

    hour: datetime
    figures: Figures = field(hash=False)
    counted_at: datetime
    version: int = VERSION


def total_of(facts: HourFacts) -> Figures:
    """The counts of an hour's facts."""
    counted = Counter(
        [
            *(figure for contact in facts.contacts for figure in of_contact(contact)),
            *(figure for case in facts.cases for figure in of_case(case)),
        ]
    )
    return counted + facts.kept


def added(totals: Iterable[HourTotal]) -> Figures:
    """The counts of several hours together."""
    together: Figures = Counter()
    for total in totals:
        together.update(total.figures)
    return together


def of_contact(contact: ContactFacts) -> Iterator[Figure]:
    """What a contact adds."""
    yield Measure.CONTACTS, contact.channel
    yield Measure.CONTACT_LANGUAGES, contact.language or UNKNOWN
    if contact.origin:
        yield Measure.CONTACT_ORIGINS, *_of_origin(contact.origin)


def of_case(case: CaseFacts) -> Iterator[Figure]:
    """What a case adds."""
    yield Measure.CASES, case.channel
    counts_as = standing(case)
    if counts_as.significant:
        yield from _of_significant(case, counts_as)
    else:
        yield Measure.NOT_SIGNIFICANT, counts_as
    if case.state is CaseState.CLOSED and case.disposition:
        yield Measure.DISPOSITIONS, case.disposition
    else:
        yield (Measure.OPEN,)
    if case.machine_signpost:
        yield Measure.MACHINE_SIGNPOSTS, case.machine_signpost
    if case.disposition is Disposition.SIGNPOSTED and counts_as is not Standing.MACHINE:
        yield (Measure.PERSONS_SIGNPOSTS,)
    yield from _times(case)
    yield from ((Measure.CLAIMS_LOST,) for _ in range(case.claims_lost))
    yield from _alerts(case)
    if case.asked:
        yield (Measure.SURVEYS_ASKED,)
    if case.survey:
        yield Measure.SURVEYS, case.survey


def _of_significant(case: CaseFacts, counts_as: Standing) -> Iterator[Figure]:
    yield Measure.SIGNIFICANT, counts_as
    yield Measure.BY_CHANNEL, case.channel
    yield Measure.BY_CATEGORY, case.category or UNKNOWN
    yield Measure.BY_GRADE, case.grade
    yield Measure.BY_LANGUAGE, case.language or UNKNOWN
    if case.origin:
        yield Measure.BY_ORIGIN, *_of_origin(case.origin)


def _times(case: CaseFacts) -> Iterator[Figure]:
    for measure, until in (
        (Measure.TO_ACKNOWLEDGEMENT, case.acknowledged_at),
        (Measure.TO_EYES, case.seen_at),
        (Measure.TO_REPLY, case.replied_at),
        (Measure.TO_CLOSE, case.closed_at),
    ):
        if until is not None:
            yield measure, case.grade, case.channel, _class(case.opened_at, until)


def _alerts(case: CaseFacts) -> Iterator[Figure]:
    for alert in case.alerts:
        yield Measure.ALERTS, alert.rank
        if alert.acknowledged_at is None:
            yield Measure.ALERTS_OPEN, alert.rank
        else:
            yield Measure.TO_ALERT_SEEN, alert.rank, _class(alert.opened_at, alert.acknowledged_at)


def _class(since: datetime, until: datetime) -> str:
    return str(duration_class(max(until - since, timedelta(0))))


def _of_origin(origin: Origin) -> tuple[str, str]:
    return origin.country, origin.learnt_from


def named(figures: Figures) -> dict[str, int]:
    """The counts under names of one text each, as they are stored."""
    return {SEPARATOR.join(figure): number for figure, number in sorted(figures.items())}


def from_named(stored: dict[str, int]) -> Figures:
    """The counts of stored names."""
    return Counter({tuple(name.split(SEPARATOR)): number for name, number in stored.items()})
