"""A candidate beside the live desk: what it would have made of the contacts decided on there. Rows hold no words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cli.labelled import Read
from contact_desk.cases import Disposition
from contact_desk.contacts import Act
from contact_desk.grades import Band, Grade, higher_band
from contact_desk.overrides import OverriddenField, Override
from contact_desk.references import digest_id
from contact_desk.reports import is_emergency_now
from contact_desk.stores.override_log import RecordedContact
from functions.triage.first_reader import Utterance
from functions.triage.said import words_of

WRITTEN = frozenset({Act.CREATED, Act.EDITED})


@dataclass(frozen=True, slots=True)
class ShadowRow:
    """One live decision and the candidate's: `emergency` is what people made of the case, None where nobody said."""

    contact: str
    channel: str
    surface: str
    language: str | None
    was_version: str
    was_band: Band
    was_grade: Grade
    would_band: Band
    would_grade: Grade
    emergency: bool | None

    @property
    def lost(self) -> bool:
        """An emergency that was raised and would not have been."""
        raised, would = self.was_band is not Band.GREEN, self.would_band is not Band.GREEN
        return self.emergency is True and raised and not would


def shadowed(case: Sequence[RecordedContact], overrides: Iterable[Override], read: Read) -> list[ShadowRow]:
    """The rows of one case, its contacts in the order in which they came; each is read with what was known by then."""
    rows: list[ShadowRow] = []
    emergency, stands = truth_of(overrides), None
    for one in case:
        if one.contact.act in WRITTEN:
            contact = one.contact
            would, _ = read(
                Utterance(
                    text=words_of(contact),
                    channel=contact.channel,
                    surface=contact.surface,
                    language=contact.language,
                    emergency_now=is_emergency_now(contact),
                    case_band=stands,
                )
            )
            rows.append(
                ShadowRow(
                    contact=digest_id("shadow", contact.key, contact.event_id or "")[:16],
                    channel=contact.channel,
                    surface=contact.surface.value,
                    language=one.language,
                    was_version=one.rules_version,
                    was_band=one.band,
                    was_grade=one.grade,
                    would_band=would.band,
                    would_grade=would.grade,
                    emergency=emergency,
                )
            )
        stands = one.band if stands is None else higher_band(stands, one.band)
    return rows


def truth_of(overrides: Iterable[Override]) -> bool | None:
    """Whether people held the case for an emergency: their last word counts, and silence is none."""
    truth: bool | None = None
    for one in sorted(overrides, key=lambda one: one.at):
        if one.field is OverriddenField.GRADE:
            truth = one.after == Grade.EMERGENCY
        elif one.after == Disposition.EMERGENCY_TRANSFER:
            truth = True
    return truth


def told(rows: Sequence[ShadowRow]) -> dict[str, Any]:
    """The comparison in numbers, and each contact on which the two differ, by a name that tells nobody who it was."""
    bands = Counter(f"{row.was_band} to {row.would_band}" for row in rows)
    return {
        "rows": len(rows),
        "versions": sorted({row.was_version for row in rows}),
        "bands": dict(sorted(bands.items())),
        "raised_more": sum(row.would_band.rank < row.was_band.rank for row in rows),
        "raised_less": sum(row.would_band.rank > row.was_band.rank for row in rows),
        "graded_lower": sum(row.would_grade.rank > row.was_grade.rank for row in rows),
        "known_emergencies": sum(row.emergency is True for row in rows),
        "lost": [row.contact for row in rows if row.lost],
        "differ": [
            asdict(row) for row in rows if (row.was_band, row.was_grade) != (row.would_band, row.would_grade)
        ],
    }


def lost_in(shadow: Mapping[str, Any]) -> list[str]:
    """The emergencies that a shadow run, as `told` wrote it, says would be lost."""
    return [str(name) for name in shadow["lost"]]
