"""The real adapters, built from the environment that the stack gives."""

from __future__ import annotations

from dataclasses import fields

import pytest

from contact_desk.errors import MissingSettingError
from contact_desk.stores.case_desk import DynamoCaseDesk
from functions.operate import composition
from functions.operate.settings import OperateSettings

ENVIRONMENT = {
    "FORCE_FILE": "forces/merseyside.toml",
    "TABLE_NAME": "desk",
    "OUTBOX_URGENT_QUEUE_URL": "https://sqs.eu-west-2.amazonaws.com/1/urgent",
    "OUTBOX_QUEUE_URL": "https://sqs.eu-west-2.amazonaws.com/1/normal",
    "ROLES_CLAIM": "cognito:groups",
    "LIVE_URL": "https://desk.example/live",
    "EVIDENCE_BUCKET_NAME": "evidence",
}


def test_the_desk_is_built_once_from_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {field.name.upper() for field in fields(OperateSettings)} == ENVIRONMENT.keys()
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    composition.desk.cache_clear()

    desk, roles_claim = composition.desk()

    assert isinstance(desk.cases, DynamoCaseDesk)
    assert (desk.force.short_code, roles_claim) == ("MP", "cognito:groups")
    assert composition.desk() is composition.desk()
    composition.desk.cache_clear()


def test_a_missing_setting_is_named() -> None:
    composition.desk.cache_clear()

    with pytest.raises(MissingSettingError, match="TABLE_NAME"):
        composition.desk()
