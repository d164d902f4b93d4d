"""`desk explain`: what triage decides on a text and why, read by the rules and the model of this checkout."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from cli.local_reader import local_reader
from contact_desk.contacts import Surface
from contact_desk.decisions import Reason, TriageDecision
from contact_desk.grades import Band, Grade
from functions.triage.first_reader import Reading, Utterance

MEANS = {
    Band.RED: "An emergency: the 999 text goes out at once, and an alert stays open until a person has looked.",
    Band.AMBER: "It may be one: it comes next before an operator, who has the 999 text at hand.",
    Band.GREEN: "No emergency was found: it waits its turn.",
}
SOON = "No emergency was found, but a person is to look soon."
NAMES = {
    "crime_violence": "violence",
    "crime_domestic": "abuse by a partner or relative",
    "crime_sexual": "a sexual offence",
    "crime_harassment": "harassment or stalking",
    "crime_hate": "hate",
    "crime_burglary": "a burglary",
    "crime_vehicle": "vehicle crime",
    "crime_theft": "a theft",
    "crime_fraud": "fraud",
    "crime_damage": "damage",
    "asb": "nuisance behaviour",
    "welfare": "somebody's safety or health",
    "missing": "somebody missing",
    "suspicious": "something suspicious",
    "road": "a road",
    "public_safety": "a danger to the public",
    "advice": "a question",
    "case_update": "an existing report",
    "intelligence": "information about offending",
    "complaint": "a complaint",
    "praise": "thanks",
    "lost_property": "lost property",
    "not_police": "a matter for another body",
    "chatter": "talk",
    "spam": "advertising",
    "abuse": "insults",
}
EXAMPLE = 'Example: desk explain "there is a man with a knife outside my house"'


def explain(
    text: Annotated[str, typer.Argument(help="The message; - reads it from standard input.")],
    *,
    public: Annotated[bool, typer.Option("--public", help="A comment or mention, not a message.")] = False,
    force: Annotated[str, typer.Option(help="Whose signposts.")] = "merseyside",
    as_json: Annotated[bool, typer.Option("--json", help="The whole decision as JSON.")] = False,
) -> None:
    """The decision on a message with its reasons, the words that fired and where they stand."""
    said = sys.stdin.read() if text == "-" else text
    surface = Surface.PUBLIC if public else Surface.PRIVATE
    reading = local_reader(force).reading(
        Utterance(said, "facebook_page" if public else "messenger", surface)
    )
    decision = reading.decision
    if as_json:
        print(json.dumps({**asdict(decision), "candidates": list(reading.candidates)}, default=str))
        return
    console = Console(highlight=False, soft_wrap=True)
    for line in told(reading):
        console.print(line, style=_style(decision.band) if line.isupper() else None, markup=False)


def told(reading: Reading) -> Iterator[str]:
    """The decision in lines that need no knowledge of the machine."""
    decision = reading.decision
    yield decision.band.upper()
    soon = decision.band is Band.GREEN and decision.grade is Grade.PRIORITY
    yield f"{SOON if soon else MEANS[decision.band]} Graded {decision.grade}."
    if not decision.significant:
        yield "Nobody needs to answer it: it lies folded away, and can be opened."
    yield _about(decision)
    yield "Why:"
    for reason in decision.reasons:
        yield f"- {reason.reason}{_from_words(reason)}  [{reason.rule}]"
    if not any(reason.rule in {"model", "calm_line"} for reason in decision.reasons):
        yield f"The trained model, which goes by wording alone, {_model_says(decision)}."
    facts = [
        ("Heed", ", ".join(marker.replace("_", " ") for marker in decision.markers)),
        ("Language", decision.language or ""),
        ("Can help", decision.signpost or ""),
        ("Places, perhaps", ", ".join(f"{one.name} ({one.confidence:.0%})" for one in decision.places)),
        (
            "Says who somebody is",
            ", ".join(f"{one.kind} at letter {one.start + 1}" for one in reading.personal),
        ),
        ("Decided by", decision.rules_version),
    ]
    yield from (f"{name}: {value}" for name, value in facts if value)


def _about(decision: TriageDecision) -> str:
    if decision.category:
        return f"About: {NAMES.get(decision.category, decision.category)}."
    if decision.candidates:
        return f"About one of: {', '.join(NAMES.get(name, name) for name in decision.candidates)}."
    return "What it is about is left open."


def _model_says(decision: TriageDecision) -> str:
    likely = f"an emergency {decision.confidence:.0%} likely"
    if decision.band is Band.GREEN:
        return f"holds {likely}"
    return f"holds {likely}; what raises it is the reason above, and nothing lowers that"


def _from_words(reason: Reason) -> str:
    """The words that fired, with where each begins."""
    places = [
        f'"{word}" (letter {place + 1})' if place >= 0 else f'"{word}"'
        for word, place in zip(reason.words, reason.at, strict=True)
    ]
    return f", from {', '.join(places)}" if places else ""


def _style(band: str) -> str:
    return {"red": "red", "amber": "yellow"}.get(band, "green")
