"""Hour totals in the desk's table, and the facts that they are made of, by indexes `hours` and `changes`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from contact_desk.alerts import AlertRank
from contact_desk.cases import CaseState, Disposition
from contact_desk.clock import from_rfc3339
from contact_desk.grades import Grade
from contact_desk.numbers.counting import HourTotal, from_named, named
from contact_desk.numbers.facts import (
    CaseFacts,
    ContactFacts,
    CountedAlert,
    CountedEntry,
    CountedText,
    HourFacts,
    survey_answer,
)
from contact_desk.numbers.surveys import SurveyAnswer
from contact_desk.outbox import Purpose
from contact_desk.stores import keys
from contact_desk.stores.counted import origin_from_item
from contact_desk.stores.dynamo import Table
from contact_desk.stores.items import Plain, attribute
from contact_desk.stores.kept_figures import contact_facts_of, kept_figures
from contact_desk.timeline import EntryKind

A_MINUTE = timedelta(minutes=1)


class DynamoHourTotals:
    """Hour totals over the desk's table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def changed_hours(self, first: datetime, last: datetime) -> Iterable[datetime]:
        """The hours in which something that is counted changed from the first minute to the last, each once."""
        hours: set[str] = set()
        minute = first
        while minute <= last:
            hours.update(self._hours_changed_in(keys.changed_at(minute)))
            minute += A_MINUTE
        return sorted(map(_moment_of_hour, hours))

    def _hours_changed_in(self, minute: str) -> Iterable[str]:
        """Each hour once, by a query for the next hour each time: a storm's minute has thousands of changes."""
        # No hour has an empty name, and a key may not be compared with one.
        hour = self._first_after(minute, "0")
        while hour:
            yield hour
            hour = self._first_after(minute, hour)

    def _first_after(self, minute: str, after: str) -> str | None:
        found = self._table.query(
            IndexName=keys.CHANGES_INDEX,
            KeyConditionExpression="#changed = :minute AND #hour > :after",
            ExpressionAttributeNames={"#changed": "changed", "#hour": "hour"},
            ExpressionAttributeValues={":minute": attribute(minute), ":after": attribute(after)},
            Limit=1,
        )
        return next((item["hour"] for item in found), None)

    def facts(self, hour: datetime) -> HourFacts:
        """All that counts in the hour."""
        found = self._table.query(
            IndexName=keys.HOURS_INDEX,
            KeyConditionExpression="#hour = :hour",
            ExpressionAttributeNames={"#hour": "hour"},
            ExpressionAttributeValues={":hour": attribute(keys.hour_of(hour))},
        )
        return replace(
            facts_of(found), kept=kept_figures(self._table.get(keys.kept_figures(keys.hour_of(hour))))
        )

    def put(self, total: HourTotal) -> None:
        """Write the hour's total in place of the one before."""
        self._table.attempt(self._table.put(total_item(total)))

    def totals(self, first: datetime, last: datetime) -> Sequence[HourTotal]:
        """The totals of the hours from the first moment up to, not including, the last, oldest first."""
        found: list[HourTotal] = []
        for month in _months(first, last):
            found += map(
                total_from_item,
                self._table.query(
                    KeyConditionExpression="pk = :month AND sk BETWEEN :first AND :last",
                    ExpressionAttributeValues={
                        ":month": attribute(keys.totals_of_month(month)),
                        ":first": attribute(keys.hour_of(first)),
                        ":last": attribute(keys.hour_of(last)),
                    },
                    ConsistentRead=True,
                ),
            )
        return [total for total in found if first <= total.hour < last]

    def counted_until(self) -> datetime | None:
        """The minute until which changes have been counted; None before the first count."""
        fields = self._table.get(keys.counted_until())
        return from_rfc3339(fields["minute"]) if fields else None

    def note_counted_until(self, minute: datetime) -> None:
        """Remember it."""
        self._table.attempt(self._table.put({**keys.counted_until(), "minute": minute}))


def total_item(total: HourTotal) -> Plain:
    """A total as an item."""
    return {
        **keys.total(total.hour),
        "figures": named(total.figures),
        "counted_at": total.counted_at,
        "version": total.version,
    }


def total_from_item(fields: Plain) -> HourTotal:
    """The total of an item."""
    return HourTotal(
        hour=_moment_of_hour(fields["sk"]),
        figures=from_named(fields["figures"]),
        counted_at=from_rfc3339(fields["counted_at"]),
        version=fields["version"],
    )


@dataclass(slots=True)
class _CaseParts:
    """What index `hours` shows of one case, item by item."""

    case: Plain | None = None
    entries: list[CountedEntry] = field(default_factory=list)
    texts: list[CountedText] = field(default_factory=list)
    alerts: list[CountedAlert] = field(default_factory=list)
    survey: Plain | None = None


def facts_of(items: Iterable[Plain]) -> HourFacts:
    """The facts of what index `hours` shows of an hour; what belongs to a case that is not shown yet is left out."""
    contacts: list[ContactFacts] = []
    parts: defaultdict[str, _CaseParts] = defaultdict(_CaseParts)
    for item in items:
        kind = item["pk"].partition("#")[0]
        if kind == "contact":
            contacts.append(contact_facts_of(item))
        elif kind in _PART_OF:
            _PART_OF[kind](parts[_case_of(item)], item)
    shown = [part for _, part in sorted(parts.items()) if part.case is not None]
    return HourFacts(tuple(contacts), tuple(map(_case_facts, shown)))


def _case_of(item: Plain) -> str:
    return str(item["case_id"]) if "case_id" in item else item["pk"].removeprefix("case#")


def _add_case(parts: _CaseParts, item: Plain) -> None:
    if item["sk"] == "case":
        parts.case = item
    else:
        at = item["sk"].removeprefix(keys.TIMELINE_PREFIX).partition("#")[0]
        parts.entries.append(CountedEntry(EntryKind(item["kind"]), from_rfc3339(at)))


def _add_text(parts: _CaseParts, item: Plain) -> None:
    parts.texts.append(CountedText(Purpose(item["purpose"]), _moment(item, "sent_at"), item.get("signpost")))


def _add_alert(parts: _CaseParts, item: Plain) -> None:
    opened_at, seen_at = from_rfc3339(item["opened_at"]), _moment(item, "acknowledged_at")
    parts.alerts.append(CountedAlert(AlertRank(item["rank"]), opened_at, seen_at))


def _add_survey(parts: _CaseParts, item: Plain) -> None:
    parts.survey = item


_PART_OF: Mapping[str, Callable[[_CaseParts, Plain], None]] = {
    "case": _add_case,
    "outbox": _add_text,
    "alert": _add_alert,
    "survey": _add_survey,
}


def _case_facts(parts: _CaseParts) -> CaseFacts:
    case, survey = parts.case or {}, parts.survey or {}
    return CaseFacts(
        case_id=case["case_id"],
        opened_at=from_rfc3339(case["opened_at"]),
        channel=case["channel"],
        state=CaseState(case["state"]),
        grade=Grade(case["grade"]),
        category=case.get("category"),
        language=case.get("language"),
        significant=case["significant"],
        origin=origin_from_item(case),
        disposition=Disposition(case["disposition"]) if case.get("disposition") else None,
        closed_at=_moment(case, "closed_at"),
        previous_case=case.get("previous_case"),
        asked=bool(survey),
        survey=survey_answer(
            case.get("survey"), SurveyAnswer(survey["answer"]) if "answer" in survey else None
        ),
        entries=tuple(parts.entries),
        texts=tuple(parts.texts),
        alerts=tuple(parts.alerts),
    )


def _moment(fields: Plain, name: str) -> datetime | None:
    return from_rfc3339(fields[name]) if fields.get(name) else None


def _moment_of_hour(hour: str) -> datetime:
    return datetime.strptime(hour, "%Y-%m-%dT%H").replace(tzinfo=UTC)


def _months(first: datetime, last: datetime) -> list[str]:
    """The months from the first moment to the last, as hours of theirs are named."""
    months, at = [], first.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while at < last:
        months.append(keys.hour_of(at))
        at = at.replace(year=at.year + at.month // 12, month=at.month % 12 + 1)
    return months
