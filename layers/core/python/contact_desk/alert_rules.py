"""What a force file says of alerts: who hears of them, how often, and when a backlog is one."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contact_desk.alerts import AlertRank, AlertRoute

Seconds = Annotated[int, Field(ge=1, le=7 * 24 * 3600)]
Routes = frozenset[AlertRoute]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class LadderStep(_Section):
    """One nudge: how long after the opening, and by which routes beside the queues."""

    after_seconds: Seconds
    on: Routes = frozenset()


class AlertLadder(_Section):
    """When an unacknowledged alert is nudged again, at each step and then at a steady pace, and on which routes.

    `opens_on` are the routes of its opening; the steady pace keeps to those of the last step.
    """

    opens_on: Routes = frozenset()
    steps: tuple[LadderStep, ...] = ()
    then_every_seconds: Seconds | None = None

    @model_validator(mode="after")
    def _climbs(self) -> AlertLadder:
        after = [step.after_seconds for step in self.steps]
        if after != sorted(set(after)):
            raise ValueError("steps must climb: after_seconds grows from each to the next")
        return self

    def next_nudge(self, nudges_so_far: int) -> timedelta | None:
        """How long after its opening the next nudge of an alert is due; None where the ladder has ended."""
        steps = self.steps
        if nudges_so_far < len(steps):
            return timedelta(seconds=steps[nudges_so_far].after_seconds)
        if self.then_every_seconds is None:
            return None
        beyond = nudges_so_far - len(steps) + 1
        return timedelta(seconds=(steps[-1].after_seconds if steps else 0) + beyond * self.then_every_seconds)

    def routes(self, nudge: int) -> Routes:
        """The routes that its opening (0) or its so-manieth nudge takes."""
        if nudge <= 0 or not self.steps:
            return self.opens_on
        return self.steps[min(nudge, len(self.steps)) - 1].on


class AlertRecipient(_Section):
    """Who is called by e-mail or text message; the address is a parameter of the stack, for it is a person's."""

    by: Literal["email", "sms"]
    ranks: Annotated[frozenset[AlertRank], Field(min_length=1)]


class AlertHook(_Section):
    """A web hook that is told of alerts, in the form its service reads; its address and key are in a secret."""

    form: Literal["plain", "slack", "teams", "pagerduty"]
    ranks: Annotated[frozenset[AlertRank], Field(min_length=1)]


class Backlog(_Section):
    """From how many on: cases that wait for an answer, and among them those whose time to answer has passed."""

    waiting: Annotated[int, Field(ge=1, le=100_000)]
    overdue: Annotated[int, Field(ge=1, le=100_000)]
    again_after_hours: Annotated[int, Field(ge=1, le=24)]
