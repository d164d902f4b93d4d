"""Surveys in the desk's table: asked once for a case, answered once by whoever has the link."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from contact_desk.conversations import Conversation
from contact_desk.numbers.surveys import Survey, SurveyAnswer
from contact_desk.outbox import OutboxItem
from contact_desk.stores import keys
from contact_desk.stores.dynamo import Table
from contact_desk.stores.items import outbox_item, timeline_item
from contact_desk.stores.survey_items import survey_item
from contact_desk.timeline import TimelineEntry

ABSENT = "attribute_not_exists(#pk)"


class DynamoSurveys:
    """The side of the survey that asks."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def asked(self, tokens: Sequence[str]) -> frozenset[str]:
        """Those of the tokens under which somebody was asked (consistent reads)."""
        found = self._table.get_all([keys.survey(token) for token in tokens])
        return frozenset(item["pk"].removeprefix("survey#") for item in found)

    def ask(self, survey: Survey, item: OutboxItem, entry: TimelineEntry, conversation: Conversation) -> bool:
        """Record the question with the item that sends it; False where it was asked, or somebody wrote meanwhile."""
        table = self._table
        refused = table.transact(
            [
                table.put(survey_item(survey), ABSENT),
                table.put(outbox_item(item), ABSENT),
                table.put(timeline_item(survey.case_id, entry)),
                table.check(
                    keys.conversation(conversation.key),
                    "#revision = :read",
                    read=conversation.revision,
                ),
            ]
        )
        return not refused


class DynamoSurveyAnswers:
    """The side that takes the answer; it may write there and read nothing."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def take(self, token: str, answer: SurveyAnswer, now: datetime) -> bool:
        """Keep the first answer under the token; False where nobody was asked under it."""
        refused = self._table.attempt(
            self._table.update(
                keys.survey(token),
                "SET #answer = :answer, #answered_at = :now, #changed = :changed",
                "attribute_exists(#pk) AND attribute_not_exists(#answer)",
                answer=answer,
                now=now,
                changed=keys.changed_at(now),
            )
        )
        return refused is None or bool(refused.old)
