"""The written bank: whole messages by independent hands, each label read by two people, one file for each hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contact_desk.errors import ContactDeskError

FOLDER = Path(__file__).parent / "bank"
GRADES = ("emergency", "priority", "scheduled", "resolve")
CATEGORIES = (
    "crime_violence", "crime_domestic", "crime_sexual", "crime_harassment", "crime_hate", "crime_burglary",
    "crime_vehicle", "crime_theft", "crime_fraud", "crime_damage", "asb", "welfare", "missing", "suspicious", "road",
    "public_safety", "advice", "case_update", "intelligence", "complaint", "praise", "lost_property", "not_police",
    "chatter", "spam", "abuse",
)  # fmt: skip
SIGNPOSTS = (
    "999", "council", "force_website", "online_crime_report", "online_road_report", "report_fraud", "bank_159",
    "crimestoppers", "anti_terror_hotline", "professional_standards", "iopc", "citizens_advice", "nhs_111",
    "samaritans", "domestic_abuse_helpline", "childrens_services", "adult_services", "streetlink", "fire_service",
    "rspca", "vet", "water_company", "power_105", "national_highways", "train_operator", "dvla", "royal_mail",
    "landlord",
)  # fmt: skip
CHANNELS = ("messenger", "facebook_page", "instagram", "whatsapp", "x", "sms", "report_form")
LANGUAGE_CODE = (2, 3)
"""How long a language's code may be: ISO 639-1, and 639-3 for one that has none there (Nigerian Pidgin)."""
NEVER_SIGNIFICANT = ("chatter", "spam", "abuse")


class BankError(ContactDeskError):
    """A line of the bank is not of its shape; the message names the line."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One message with its labels (`tests/triage/TRIAGE_LABELS.md` says what they mean)."""

    id: str
    hand: str
    channel: str
    surface: str
    text: str
    lang: str
    category: str
    grade: str
    emergency: bool
    significant: bool
    signpost: str | None


def labelled(entry: dict[str, Any]) -> Labelled:
    """The line as a message; raises BankError where a label is none of the guide's, or two contradict each other."""
    try:
        line = Labelled(
            **{name: entry[name] for name in Labelled.__slots__ if name != "hand"}, hand=entry.get("hand", "")
        )
    except KeyError as error:
        raise BankError(f"{entry.get('id', 'a line')}: no {error.args[0]}") from None
    wrong = [name for name, holds in _rules(line) if not holds]
    if wrong:
        raise BankError(f"{line.id}: {', '.join(wrong)}")
    return line


def _rules(line: Labelled) -> Iterator[tuple[str, bool]]:
    yield "text", bool(line.text.strip())
    yield "lang", len(line.lang) in LANGUAGE_CODE
    yield "category", line.category in CATEGORIES
    yield "grade", line.grade in GRADES
    yield "channel", line.channel in CHANNELS
    yield "surface", line.surface in {"private", "public"}
    yield "emergency and grade", line.emergency == (line.grade == "emergency")
    yield "emergency and signpost", line.emergency == (line.signpost == "999")
    yield "signpost", line.signpost is None or line.signpost in SIGNPOSTS
    yield "significant", not (line.significant and line.category in NEVER_SIGNIFICANT)


def read_lines(path: Path) -> list[Labelled]:
    """The messages of one file; raises BankError naming file and line."""
    lines = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            lines.append(labelled(json.loads(line)))
        except (ValueError, BankError) as error:
            raise BankError(f"{path.name}:{number}: {error}") from None
    return lines


def load_bank(folder: Path = FOLDER) -> list[Labelled]:
    """Every message of every hand, in the order of hands and lines."""
    return [line for path in sorted(folder.glob("*.jsonl")) for line in read_lines(path)]


def hands_of(bank: Sequence[Labelled]) -> tuple[str, ...]:
    """The hands by name, each once."""
    return tuple(sorted({line.hand for line in bank}))
