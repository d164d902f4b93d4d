"""The ports through which the numbers meet the table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from contact_desk.conversations import Conversation
from contact_desk.numbers.counting import HourTotal
from contact_desk.numbers.facts import HourFacts
from contact_desk.numbers.surveys import Survey, SurveyAnswer
from contact_desk.outbox import OutboxItem
from contact_desk.timeline import TimelineEntry


class HourTotals(Protocol):
    """What is counted, by hours; every method raises StoreBusyError or StoreRefusedError where it fails."""

    def changed_hours(self, first: datetime, last: datetime) -> Iterable[datetime]:
        """The hours in which something that is counted changed from the first minute to the last, each once.

        A little behind the table: whoever must miss nothing looks at the last minutes again.
        """
        ...

    def facts(self, hour: datetime) -> HourFacts:
        """All that counts in the hour; a little behind the table."""
        ...

    def put(self, total: HourTotal) -> None:
        """Write the hour's total in place of the one before."""
        ...

    def totals(self, first: datetime, last: datetime) -> Sequence[HourTotal]:
        """The totals of the hours from the first moment up to, not including, the last, oldest first."""
        ...

    def counted_until(self) -> datetime | None:
        """The minute until which changes have been counted; None before the first count."""
        ...

    def note_counted_until(self, minute: datetime) -> None:
        """Remember it."""
        ...


class Surveys(Protocol):
    """The side of the survey that asks; raises StoreBusyError or StoreRefusedError where it fails."""

    def asked(self, tokens: Sequence[str]) -> frozenset[str]:
        """Those of the tokens under which somebody was asked (consistent reads)."""
        ...

    def ask(self, survey: Survey, item: OutboxItem, entry: TimelineEntry, conversation: Conversation) -> bool:
        """Record the question with the item that sends it; False where it was asked, or somebody wrote meanwhile."""
        ...


class SurveyAnswers(Protocol):
    """The side that takes answers; raises StoreBusyError or StoreRefusedError where it fails."""

    def take(self, token: str, answer: SurveyAnswer, now: datetime) -> bool:
        """Keep the first answer under the token; False where nobody was asked under it."""
        ...
