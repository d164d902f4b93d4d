"""What a force file says of records: how long they are kept, and how much reading is unusual."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contact_desk.cases import Disposition
from contact_desk.retention import Regime

SEVEN_YEARS = 2557
LONGEST_AUDIT_DAYS = 365 * 14
"""As long as a seal is locked: without its seal an entry proves nothing."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ReadingLimits(_Section):
    """From how many on the reading of one person in an hour is unusual: the auditor is told.

    `opened_an_hour` counts different cases; `without_work` those of somebody who works on none, in that hour and the
    one before.
    """

    opened_an_hour: Annotated[int, Field(ge=1, le=10_000)]
    without_work: Annotated[int, Field(ge=1, le=10_000)]


class RetentionClass(_Section):
    """How long a case that ended so is kept after its closing, under which law, and whether a person decides then.

    `audit_days` is how long the audit of such a case stays once the case itself is disposed of. `erasable` says whether
    a person's request alone has it erased; else it is restricted instead.
    """

    dispositions: frozenset[Disposition]
    regime: Regime
    keep_days: Annotated[int, Field(ge=1, le=366 * 100)]
    review: bool
    erasable: bool
    audit_days: Annotated[int, Field(ge=365, le=LONGEST_AUDIT_DAYS)] = SEVEN_YEARS

    @property
    def audit_kept(self) -> timedelta:
        """How long what the audit says of its cases stays after they are disposed of."""
        return timedelta(days=self.audit_days)


class Retention(_Section):
    """The classes, of which each disposition has one; cases are on the review list so many days before their date.

    `audit_days` is how long audit entries of no case stay.
    """

    audit_days: Annotated[int, Field(ge=365, le=LONGEST_AUDIT_DAYS)] = SEVEN_YEARS
    review_days_ahead: Annotated[int, Field(ge=0, le=366)]
    classes: Annotated[
        dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], RetentionClass], Field(min_length=1)
    ]

    @model_validator(mode="after")
    def _each_disposition_has_one(self) -> Retention:
        named = [one for rule in self.classes.values() for one in rule.dispositions]
        twice = sorted({one for one in named if named.count(one) > 1})
        lacking = sorted(set(Disposition) - set(named))
        if twice or lacking:
            wrong = [f"in no class: {', '.join(lacking)}"] if lacking else []
            wrong += [f"in two classes: {', '.join(twice)}"] if twice else []
            raise ValueError(f"classes: each disposition has one class; {'; '.join(wrong)}")
        return self

    @property
    def audit_kept(self) -> timedelta:
        """How long audit entries of no case stay."""
        return timedelta(days=self.audit_days)

    @property
    def review_ahead(self) -> timedelta:
        """How long before its date a case is put on the review list."""
        return timedelta(days=self.review_days_ahead)

    def class_of(self, disposition: Disposition) -> str:
        """The name of the class of cases that ended so."""
        return next(name for name, rule in self.classes.items() if disposition in rule.dispositions)

    def dispose_at(self, retention_class: str, closed_at: datetime) -> datetime:
        """When the time of a case of the class is up."""
        return closed_at + timedelta(days=self.classes[retention_class].keep_days)
