"""A stage: one deployment of one force's desk, and what differs between a trial and the live desk."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from aws_cdk import aws_logs as logs

from contact_desk.errors import ContactDeskError
from contact_desk.stage_rules import Shift, StageRules

TRIAL = "dev"


class StageNameError(ContactDeskError):
    """The stage's name cannot be part of a stack's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage by name, with the rules that the force file has for it.

    `log_retention` is how long function and access logs stay (they hold ids and codes only), `shift` how new versions
    of functions take over.
    """

    name: str
    log_retention: logs.RetentionDays
    shift: Shift
    rules: StageRules = field(default_factory=StageRules)

    @property
    def is_trial(self) -> bool:
        """Whether nobody's contacts are at stake."""
        return self.name == TRIAL

    @property
    def has_canaries(self) -> bool:
        """Whether the desk writes to itself on every channel: where contacts are at stake, unless the rules say."""
        return not self.is_trial if self.rules.canaries is None else self.rules.canaries

    @classmethod
    def named(cls, name: str, rules: StageRules | None = None, *, shift: Shift | None = None) -> Stage:
        """The stage of that name: `dev` keeps its logs for two weeks, every other stage for three months.

        `shift` is for this one deploy; without it the rules say, and without them all but `dev` shift gradually.
        """
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,19}", name):
            raise StageNameError(f"stage {name!r}: 1 to 20 of a-z, 0-9 and -, the first one a letter")
        rules = rules or StageRules()
        trial = name == TRIAL
        return cls(
            name=name,
            log_retention=logs.RetentionDays.TWO_WEEKS if trial else logs.RetentionDays.THREE_MONTHS,
            shift=shift or rules.shift or (Shift.NONE if trial else Shift.GRADUAL),
            rules=rules,
        )
