"""Every minute: who had a case closed a while ago is asked one question, where it is safe to ask."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from contact_desk.case_desk import CaseQuery
from contact_desk.cases import Case, CaseState
from contact_desk.clock import Clock, SystemClock
from contact_desk.force_file import ForceFile
from contact_desk.intake import Nudge
from contact_desk.numbers.number_ports import Surveys
from contact_desk.numbers.survey_rules import SurveyRules, is_safe_to_ask, may_be_asked
from contact_desk.numbers.surveys import Survey, survey_token
from contact_desk.observability import count, logger, metrics
from contact_desk.outbox import OutboxItem, OutboxKind, Purpose, outbox_id
from contact_desk.ports import CaseDesk, Nudges
from contact_desk.timeline import EntryKind, TimelineEntry
from functions.sweep import composition

ASKED_WITHIN = timedelta(hours=3)
"""After that a question comes as a surprise: who was missed while the sweep stood still is not asked."""
LISTED_AT_ONCE = 200
ENGLISH = "en"


def ask(
    cases: CaseDesk,
    surveys: Surveys,
    nudges: Nudges,
    force: ForceFile,
    *,
    survey_url: str,
    clock: Clock,
) -> int:
    """Ask everybody whose time it is, each once; how many were asked. `survey_url` is without a closing slash."""
    rules = force.survey
    if rules is None:
        return 0
    now = clock.now()
    chosen = [case for case in _closed(cases, rules, now) if rules.chosen(case.case_id)]
    wanted = [case for case in chosen if may_be_asked(case, now)]
    asked = surveys.asked([survey_token(case.case_id) for case in wanted])
    sent = []
    for case in wanted:
        conversation = cases.conversation(case.conversation_key)
        if survey_token(case.case_id) in asked or not is_safe_to_ask(case, conversation):
            continue
        survey, item, entry = question_about(case, force, rules, survey_url=survey_url, now=now)
        if conversation and surveys.ask(survey, item, entry, conversation):
            sent.append(Nudge(item.outbox_id, item.urgent))
    nudges.send(sent)
    count("SurveysAsked", len(sent))
    return len(sent)


def question_about(
    case: Case, force: ForceFile, rules: SurveyRules, *, survey_url: str, now: datetime
) -> tuple[Survey, OutboxItem, TimelineEntry]:
    """The question, the message that carries it, and what the case's timeline shows of it."""
    item = _message(case, force, rules, survey_url, now)
    entry = TimelineEntry(now, EntryKind.AUTOMATIC, f"automatic#{item.outbox_id}", outbox_id=item.outbox_id)
    return Survey(case.case_id, now), item, entry


def _closed(cases: CaseDesk, rules: SurveyRules, now: datetime) -> Iterator[Case]:
    """The cases whose time has come, last closed first."""
    query = CaseQuery(now, frozenset({CaseState.CLOSED}), limit=LISTED_AT_ONCE)
    while True:
        page = cases.cases(query)
        for case in page.cases:
            ago = now - case.closed_at if case.closed_at else ASKED_WITHIN
            if ago > rules.after + ASKED_WITHIN:
                return
            if ago >= rules.after:
                yield case
        if page.next_place is None:
            return
        query = replace(query, after=page.next_place)


def _message(case: Case, force: ForceFile, rules: SurveyRules, survey_url: str, now: datetime) -> OutboxItem:
    person = case.conversation_key.removeprefix(f"{case.channel}#{case.account}#")
    language, question = rules.text_for(case.language)
    # The page is English unless the link says otherwise.
    ends = "" if language == ENGLISH else f".{language}"
    link = f"{survey_url}/{survey_token(case.case_id)}{ends}"
    return OutboxItem(
        outbox_id=outbox_id(case.case_id, OutboxKind.MESSAGE, Purpose.SURVEY),
        kind=OutboxKind.MESSAGE,
        purpose=Purpose.SURVEY,
        channel=case.channel,
        account=case.account,
        target=person.removesuffix(f"#{case.surface.value}"),
        text=force.write(question, reference=case.reference, link=link),
        urgent=False,
        created_at=now,
        due_at=min(now, case.closed_at + rules.after) if case.closed_at else now,
        case_id=case.case_id,
        reply_until=case.reply_until,
    )


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(_event: dict[str, Any], _context: object) -> None:
    """One run of the job."""
    cases, surveys, nudges, force, survey_url = composition.surveys()
    asked = ask(cases, surveys, nudges, force, survey_url=survey_url, clock=SystemClock())
    logger.info("people asked", asked=asked)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.surveys()
