"""Builds the real adapters of survey, once, from its environment."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from contact_desk.clock import SystemClock
from contact_desk.force_file import load_force_file
from contact_desk.settings import read_settings
from contact_desk.stores.aws_clients import dynamodb_client
from contact_desk.stores.dynamo import Table
from contact_desk.stores.survey_store import DynamoSurveyAnswers
from functions.survey.question import SurveyPage
from functions.survey.settings import SurveySettings

CODE_ROOT = Path(__file__).resolve().parents[2]


@cache
def survey_page() -> SurveyPage:
    """Where answers go, and the force that asks."""
    settings = read_settings(SurveySettings, os.environ)
    return SurveyPage(
        force=load_force_file(CODE_ROOT / settings.force_file),
        answers=DynamoSurveyAnswers(Table(dynamodb_client(), settings.table_name)),
        clock=SystemClock(),
    )
