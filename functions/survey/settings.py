"""What the survey Lambda reads from its environment: field `table_name` is the variable `TABLE_NAME`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveySettings:
    """Settings of the Lambda behind the survey's page; `force_file` is relative to the code root."""

    force_file: str
    table_name: str
