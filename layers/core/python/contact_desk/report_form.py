"""What the public report form has from its force: its colour, where "Exit this page" leads, whom else to ask."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

READABLE = 4.5
"""The contrast that WCAG 2.2 wants of text at level AA."""
STRAIGHT_UP_TO = 0.04045
"""Where the curve of sRGB begins."""


class Matter(StrEnum):
    """What a report may be about, in the order in which the form offers it."""

    LOST_PROPERTY = "lost_property"
    SUSPICIOUS = "suspicious"
    ANTISOCIAL = "antisocial"
    ROAD = "road"
    CONCERN = "concern"
    PAST_CRIME = "past_crime"
    ADVICE = "advice"
    OTHER = "other"


def _white_is_readable_on(colour: str) -> str:
    if contrast_with_white(colour) < READABLE:
        raise ValueError(f"white text on it needs a contrast of {READABLE}: take a darker one")
    return colour


class ReportForm(BaseModel):
    """The form's own part of the force file.

    White text stands on `colour`. `exit_to` is a site that nobody asks questions about. `signposts` names, for a
    matter, those of the force's signposts that may help with it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    colour: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$"), AfterValidator(_white_is_readable_on)]
    exit_to: Annotated[str, Field(pattern=r"^https://[a-z0-9.-]+/[\w./-]*$")]
    signposts: Mapping[Matter, tuple[str, ...]] = {}

    def signposts_for(self, matter: str | None) -> tuple[str, ...]:
        """The names of the signposts for a matter, none for what is none."""
        return self.signposts.get(Matter(matter), ()) if matter in set(Matter) else ()


def contrast_with_white(colour: str) -> float:
    """The contrast of `#rrggbb` with white, from 1 to 21, as WCAG 2.2 defines it."""
    red, green, blue = (_linear(int(colour[start : start + 2], 16) / 255) for start in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= STRAIGHT_UP_TO else float(((channel + 0.055) / 1.055) ** 2.4)
