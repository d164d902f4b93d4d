"""The privacy notice of a force and its impact assessment, from its force file and the data map."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cli.data_map.stored import kinds
from cli.data_map.words import of_kind, words
from contact_desk.archive_keys import ARCHIVE_DAYS
from contact_desk.cases import Disposition
from contact_desk.force_file import ForceFile

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parents[1] / "privacy_templates"),
    autoescape=False,  # noqa: S701 - Markdown, of a force file that its force has written
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
CHANNEL_NAMES = {
    "messenger": "Facebook Messenger",
    "facebook_page": "our Facebook page",
    "instagram": "Instagram",
    "whatsapp": "WhatsApp",
    "x": "X",
    "sms": "text message",
}
DAYS_A_YEAR = 365
SEVERAL_YEARS = 2
ENDED_AS = {
    Disposition.SPAM: "advertisements",
    Disposition.THANKS: "thanks",
    Disposition.REPEAT: "something you had told us already",
    Disposition.SIGNPOSTED: "something somebody else could help with",
    Disposition.NO_POLICE_MATTER: "no matter for the police",
    Disposition.ADVICE_GIVEN: "advice",
    Disposition.UPDATE_GIVEN: "news of an existing matter",
    Disposition.ANSWERED_ELSEWHERE: "answered by another of our teams",
    Disposition.INCIDENT_RECORDED: "an incident",
    Disposition.EMERGENCY_TRANSFER: "an emergency",
    Disposition.TRANSFERRED: "passed to another force or service",
    Disposition.CRIME_RECORDED: "a crime",
    Disposition.INTELLIGENCE_RECORDED: "information about crime",
}


def privacy_notice(force: ForceFile) -> str:
    """What a force tells people who write to it, in Markdown."""
    return TEMPLATES.get_template("notice.md").render(
        force=force,
        channels=listed([CHANNEL_NAMES.get(name, name) for name in force.channels], "or"),
        classes=_classes(force),
        taken_back=listed(
            [CHANNEL_NAMES.get(name, name) for name, one in force.channels.items() if not one.keep_deleted],
            "or",
        ),
        meta="meta" in force.platforms,
        archive_days=ARCHIVE_DAYS,
    )


def impact_assessment(force: ForceFile) -> str:
    """The assessment with what the code knows filled in, in Markdown; what the force must say is left open."""
    known = kinds()
    marked = set(words()["personal"]["fields"])
    said = [of_kind(one.name) for one in known]
    return TEMPLATES.get_template("dpia.md").render(
        force=force,
        channels=listed([CHANNEL_NAMES.get(name, name) for name in force.channels], "and"),
        classes=_classes(force),
        kinds=known,
        personal=[of_kind(one.name)["title"] for one in known if marked.intersection(one.fields)],
        purposes=list(dict.fromkeys(one["purpose"].rstrip(".") for one in said if one["basis"] == "task")),
        second_reader=force.second_reader,
        archive_days=ARCHIVE_DAYS,
    )


def listed(names: list[str], last: str) -> str:
    """Names as a sentence has them: `a, b or c`."""
    return f"{', '.join(names[:-1])} {last} {names[-1]}" if len(names) > 1 else "".join(names)


def _classes(force: ForceFile) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "ended": listed([ENDED_AS[one] for one in Disposition if one in rule.dispositions], "or"),
            "regime": rule.regime.value.replace("_", " "),
            "days": rule.keep_days,
            "kept": _told(rule.keep_days),
            "review": rule.review,
            "erasable": rule.erasable,
        }
        for name, rule in force.retention.classes.items()
    ]


def _told(days: int) -> str:
    years = round(days / DAYS_A_YEAR)
    if years >= SEVERAL_YEARS and abs(days - years * DAYS_A_YEAR) <= years:
        return f"{years} years"
    return "one year" if days == DAYS_A_YEAR else f"{days} days"
