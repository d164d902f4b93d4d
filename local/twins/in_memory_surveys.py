"""Surveys in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from contact_desk.conversations import Conversation
from contact_desk.numbers.surveys import Survey, SurveyAnswer
from contact_desk.outbox import OutboxItem
from contact_desk.timeline import TimelineEntry
from local.twins.desk_records import DeskRecords


class InMemorySurveys:
    """The side of the survey that asks, over records in memory."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def asked(self, tokens: Sequence[str]) -> frozenset[str]:
        """Those of the tokens under which somebody was asked."""
        with self._records.lock:
            return frozenset(token for token in tokens if token in self._records.surveys)

    def ask(self, survey: Survey, item: OutboxItem, entry: TimelineEntry, conversation: Conversation) -> bool:
        """Record the question with the item that sends it; False where it was asked, or somebody wrote meanwhile."""
        records = self._records
        with records.lock:
            stands = records.conversations[conversation.key].revision == conversation.revision
            if survey.token in records.surveys or item.outbox_id in records.outbox or not stands:
                return False
            records.surveys[survey.token] = survey
            records.outbox[item.outbox_id] = item
            records.add_entry(survey.case_id, entry)
            return True


class InMemorySurveyAnswers:
    """The side that takes answers, over records in memory."""

    def __init__(self, records: DeskRecords) -> None:
        self._records = records

    def take(self, token: str, answer: SurveyAnswer, now: datetime) -> bool:
        """Keep the first answer under the token; False where nobody was asked under it."""
        with self._records.lock:
            survey = self._records.surveys.get(token)
            if survey and survey.answer is None:
                self._records.surveys[token] = replace(survey, answer=answer, answered_at=now)
            return survey is not None
