"""The force file: can it be read, is its clock the country's, has every signpost an owner who looks after it?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cli.examination.examined import Examined
from cli.examination.findings import Finding, fault, unknown, well
from cli.force import stale_signposts
from cli.stages import Stage
from contact_desk.stage_rules import StageRules

OWNERLESS = re.compile(r": signposts\.(?P<name>\w+)\.owner: ")
NOBODY = frozenset({"", "-", "?", "n/a", "nobody", "none", "tba", "tbc", "tbd", "todo", "unknown"})
# The clock that people have around each region in which a British force may keep its data.
CLOCKS: Mapping[str, str] = {"eu-west-1": "Europe/Dublin", "eu-west-2": "Europe/London"}


def unreadable(stage: Stage, mistakes: str) -> Iterator[Finding]:
    """What is wrong with a force file that cannot be used: a finding for each mistake."""
    check = f"desk force check {stage.force_path.relative_to(stage.force_path.parents[1])}"
    for mistake in mistakes.splitlines():
        signpost = OWNERLESS.search(mistake)
        if signpost:
            found = f"signpost {signpost['name']} has no owner, so nobody keeps it right ({mistake.split(' ')[0]})"
            yield fault("signposts", found, f"name an owner there, then: {check}")
        else:
            yield fault("force file", mistake, f"change that line, then: {check}")


def look_at_clock(on: Examined) -> Iterator[Finding]:
    """Whether the force's clock is that of the country around its region, summer time included."""
    region = on.force.stages.get(on.stage.name, StageRules()).region
    zone, expected = on.force.time_zone, CLOCKS.get(region)
    if expected is None:
        yield unknown("clock", f"{zone}; which clock people have around {region} is not known here")
        return
    now = on.clock.now()
    days = [datetime(now.year, month, 15, 12, tzinfo=UTC) for month in (1, 7)]
    off = [day for day in days if day.astimezone(ZoneInfo(zone)).utcoffset() != _offset(day, expected)]
    if off:
        when = " and ".join("in winter" if day.month == 1 else "in summer" for day in off)
        file = on.stage.force_path.name
        yield fault(
            "clock",
            f"time_zone is {zone}, which differs {when} from {expected}, the clock around {region}: hours, targets "
            "and texts would be wrong by that",
            f'set time_zone = "{expected}" in forces/{file}, then: {on.deploy}',
        )
    else:
        yield well("clock", f"{zone}")


def look_at_signposts(on: Examined) -> Iterator[Finding]:
    """Whether each signpost has an owner, who has looked at it within half a year."""
    file = f"forces/{on.stage.force_path.name}"
    check = f"desk force check {file}"
    faults = 0
    for name, signpost in sorted(on.force.signposts.items()):
        if signpost.owner.strip().lower() in NOBODY:
            faults += 1
            found = f"signpost {name} has no owner, so nobody keeps it right"
            yield fault("signposts", found, f"name an owner in {file}, then: {check}")
    for name in stale_signposts(on.force, on.clock.now().date()):
        faults += 1
        signpost = on.force.signposts[name]
        yield fault(
            "signposts",
            f"signpost {name} was last checked on {signpost.checked_on}",
            f"have {signpost.owner} check it, set checked_on in {file}, then: {on.deploy}",
        )
    if not faults:
        yield well(
            "signposts", f"all {len(on.force.signposts)} have an owner and were checked within half a year"
        )


def _offset(day: datetime, zone: str) -> object:
    return day.astimezone(ZoneInfo(zone)).utcoffset()
