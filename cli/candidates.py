"""The first reader as it ships, and a candidate for its place: a folder with its own `rules` or `model`."""

from __future__ import annotations

from pathlib import Path

from cli.labelled import Read
from contact_desk.decisions import TriageDecision
from contact_desk.force_file import load_force_file
from functions.triage.first_reader import FirstReader, Utterance
from functions.triage.rule_set import FOLDER, load_rules
from functions.triage.trained_model import load_model
from local.addresses import REPOSITORY


def shipped_reader(force: str) -> FirstReader:
    """The reader that decides today."""
    return candidate_reader(FOLDER.parent, force)


def candidate_reader(folder: Path, force: str) -> FirstReader:
    """The reader of a folder that is laid out as functions/triage is; raises RuleError for rules that are none."""
    own = load_force_file(REPOSITORY / "forces" / f"{force}.toml")
    model = load_model(folder / "model") if (folder / "model").is_dir() else load_model()
    return FirstReader(load_rules(folder / "rules"), model, own.signposts.keys(), own.place_names)


def by(reader: FirstReader) -> Read:
    """How the reader reads, with its chance of an emergency where it has a trained model that gives one."""

    def read(utterance: Utterance) -> tuple[TriageDecision, float | None]:
        reading = getattr(reader, "reading", None)
        if reading is None:
            return reader.read(utterance), None
        told = reading(utterance)
        return told.decision, float(told.chances.emergency)

    return read
