"""Demand as the reference model has it: steady profiles, and surges S0 to S5 over them.

A surge is what a force would meet; what a run can deliver of it is held to the caller's rate.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from local.demand.curve import arrivals
from local.demand.matters import EMERGENCY, PUBLIC, SPAM, Matter, Message, Population


class Profile(StrEnum):
    """How many contacts a day one force has: as in 2018, a tenth, a quarter and half of its non-urgent calls."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


A_DAY: Mapping[Profile, float] = {Profile.A: 47, Profile.B: 190, Profile.C: 475, Profile.D: 950}


class SurgeName(StrEnum):
    """S0 planned peak, S1 major incident, S2 national, S3 campaign, S4 outage then replay, S5 read storm."""

    S0 = "S0"
    S1 = "S1"
    S2 = "S2"
    S3 = "S3"
    S4 = "S4"
    S5 = "S5"


@dataclass(frozen=True, slots=True)
class Surge:
    """What comes on top: so many an hour in public and in private, and what of it is what.

    `copies` is the share of public items that only repeat, `emergencies` the share of private ones; `times` multiplies
    the steady load; `replayed` delivers everything twice and out of order, as after an outage; `reads` are pages read
    a second, in place of anything written.
    """

    public: float = 0.0
    private: float = 0.0
    copies: float = 0.0
    emergencies: float = 0.02
    times: float = 1.0
    abuse: bool = False
    replayed: bool = False
    reads: float = 0.0


SURGES: Mapping[SurgeName, Surge] = {
    SurgeName.S0: Surge(times=2.3),
    SurgeName.S1: Surge(public=50_000, private=3_000, copies=0.8),
    SurgeName.S2: Surge(public=500_000, private=40_000, copies=0.8),
    SurgeName.S3: Surge(public=100_000, private=500, copies=1.0, abuse=True),
    SurgeName.S4: Surge(times=6.0, replayed=True),
    SurgeName.S5: Surge(reads=20_000),
}
COPY = "has anybody heard what is happening at the docks? shared"
INCIDENT = "What is going on at the docks, is it safe to go home?"
ABUSE = "Useless, the lot of you. Shut it down."
RAMP = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Demanded:
    """One message that somebody wants to send now, with its matter."""

    at: datetime
    matter: Matter
    message: Message

    @property
    def public(self) -> bool:
        """Whether everybody can read it."""
        return self.matter.way in PUBLIC


def demanded(
    population: Population,
    first: datetime,
    last: datetime,
    zone: ZoneInfo,
    *,
    profile: Profile,
    surge: Surge | None,
) -> Iterator[Demanded]:
    """Everything that people send from the first moment to the last, each kind in its order."""
    times = surge.times if surge else 1.0
    for at in arrivals(
        population.chance, first, last, zone, a_day=A_DAY[profile] * times, over_dispersed=False
    ):
        matter = population.matter(at)
        yield from (Demanded(one.at, matter, one) for one in matter.messages if one.at < last)
    if surge:
        yield from _surging(population, first, last, surge)


def _surging(population: Population, first: datetime, last: datetime, surge: Surge) -> Iterator[Demanded]:
    chance = population.chance
    public = [way for way in population.ways if way in PUBLIC] or ["facebook_page"]
    private = [way for way in population.ways if way not in PUBLIC]
    for at in _ramped(chance, first, last, surge.public):
        text = ABUSE if surge.abuse else COPY if chance.random() < surge.copies else INCIDENT
        matter = population.matter(at, kind=SPAM, way=chance.choice(public))
        yield _alone(matter, text)
    for at in _ramped(chance, first, last, surge.private):
        kind = EMERGENCY if chance.random() < surge.emergencies else "suspicious"
        matter = population.matter(at, kind=kind, way=chance.choice(private))
        yield _alone(matter, matter.messages[0].text)


def _alone(matter: Matter, text: str) -> Demanded:
    message = replace(matter.messages[0], text=text)
    return Demanded(message.at, matter, message)


def _ramped(chance: random.Random, first: datetime, last: datetime, an_hour: float) -> Iterator[datetime]:
    """Arrivals whose rate climbs evenly to so many an hour within ten minutes, and stays there (by thinning)."""
    if an_hour <= 0:
        return
    at = first
    while (at := at + timedelta(hours=chance.expovariate(an_hour))) < last:
        if chance.random() < min(1.0, (at - first) / RAMP):
            yield at
