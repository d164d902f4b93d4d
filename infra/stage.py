"""A stage: one deployment of one force's desk, and what differs between a trial and the live desk."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aws_cdk import aws_logs as logs

from contact_desk.errors import ContactDeskError


class StageNameError(ContactDeskError):
    """The stage's name cannot be part of a stack's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage by name; `log_retention` is how long function and access logs stay (they hold ids and codes only)."""

    name: str
    log_retention: logs.RetentionDays

    @classmethod
    def named(cls, name: str) -> Stage:
        """The stage of that name: `dev` keeps its logs for two weeks, every other stage for three months."""
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,19}", name):
            raise StageNameError(f"stage {name!r}: 1 to 20 of a-z, 0-9 and -, the first one a letter")
        trial = name == "dev"
        return cls(
            name=name,
            log_retention=logs.RetentionDays.TWO_WEEKS if trial else logs.RetentionDays.THREE_MONTHS,
        )
