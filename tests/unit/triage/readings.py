"""Decisions and contacts for the tests of triage, with the one reader that all of them share."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from contact_desk.contacts import Surface
from contact_desk.decisions import Reason, TriageDecision
from contact_desk.grades import Band, Grade
from functions.triage.admission import Admissions
from functions.triage.automatic_texts import OwnTexts
from functions.triage.desk import TriageDesk
from functions.triage.first_reader import FirstReader, Utterance
from functions.triage.listening import Listener
from functions.triage.rule_set import RuleSet, load_rules
from functions.triage.trained_model import Chances, TrainedModel, load_model
from local.twins.desk_records import DeskRecords
from local.twins.held_still import CountedIds, FrozenClock
from local.twins.in_memory_archive import InMemoryEvidence
from local.twins.in_memory_channel_log import InMemoryChannelLog
from local.twins.in_memory_intake import InMemoryIntake
from local.twins.in_memory_queues import InMemoryNudges, InMemoryPointerQueue
from tests.builders import force


@cache
def rules() -> RuleSet:
    return load_rules()


@cache
def model() -> TrainedModel:
    return load_model()


class SilentModel(TrainedModel):
    """A model that holds nothing likely, so that rules are on their own."""

    def __init__(self) -> None:
        for name in TrainedModel.__dataclass_fields__:
            object.__setattr__(self, name, getattr(model(), name))

    def chances(self, text: str, surface: str, bare: str | None = None) -> Chances:
        labels = self.labels
        return Chances(
            emergency=0.0,
            significant=1.0,
            grades=dict.fromkeys(labels["grade"], 1 / len(labels["grade"])),
            categories=dict.fromkeys(labels["category"], 1 / len(labels["category"])),
        )


class Remembering(FirstReader):
    """Reads each utterance once: tests of order and repetition deliver the same words over and over."""

    def read(self, utterance: Utterance) -> TriageDecision:
        return decided(utterance)


@cache
def decided(utterance: Utterance) -> TriageDecision:
    return FirstReader(rules(), model(), force().signposts.keys()).read(utterance)


@cache
def first_reader() -> FirstReader:
    return Remembering(rules(), model(), force().signposts.keys())


def read(text: str, surface: Surface = Surface.PRIVATE, **changed: Any) -> TriageDecision:
    channel = "messenger" if surface is Surface.PRIVATE else "facebook_page"
    return first_reader().read(Utterance(text, channel, surface, **changed))


def decision(**changed: Any) -> TriageDecision:
    """A green decision that nothing fired, for a person to read."""
    fields: dict[str, Any] = {
        "band": Band.GREEN,
        "grade": Grade.SCHEDULED,
        "category": None,
        "significant": True,
        "reasons": (Reason("nothing_fired", "No rule fired"),),
        "rules_version": "rules-test",
    }
    return TriageDecision(**{**fields, **changed})


def red(**changed: Any) -> TriageDecision:
    return decision(
        **{
            "band": Band.RED,
            "grade": Grade.EMERGENCY,
            "category": "crime_violence",
            "reasons": (Reason("weapon_in_hand", "Somebody has a weapon", ("a knife",)),),
            **changed,
        }
    )


def amber(**changed: Any) -> TriageDecision:
    reasons = (Reason("threat", "A threat of violence", ("threatened to",)),)
    return decision(**{"band": Band.AMBER, "grade": Grade.PRIORITY, "reasons": reasons, **changed})


def signposted(code: str = "rspca", **changed: Any) -> TriageDecision:
    return decision(**{"grade": Grade.RESOLVE, "category": "not_police", "signpost": code, **changed})


@dataclass
class Desk:
    """Triage over records in memory, with a clock and names that stand still."""

    records: DeskRecords = field(default_factory=DeskRecords)
    clock: FrozenClock = field(default_factory=FrozenClock)
    nudges: InMemoryNudges = field(default_factory=InMemoryNudges)
    attachments: InMemoryPointerQueue = field(default_factory=InMemoryPointerQueue)
    evidence: InMemoryEvidence = field(default_factory=InMemoryEvidence)
    channel_log: InMemoryChannelLog = field(default_factory=InMemoryChannelLog)
    pauses: list[float] = field(default_factory=list)
    force_name: str = "merseyside"

    def __post_init__(self) -> None:
        whose = force(self.force_name)
        self.triage = TriageDesk(
            intake=InMemoryIntake(self.records),
            evidence=self.evidence,
            nudges=self.nudges,
            attachments=self.attachments,
            listener=Listener(self.channel_log),
            reader=first_reader(),
            admissions=Admissions(whose, OwnTexts(whose), CountedIds()),
            clock=self.clock,
            pause=self.pauses.append,
        )
