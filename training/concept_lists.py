"""Packs the lists of concepts (training/concepts) for a quick start: reading YAML of this size takes a second."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

from functions.triage.meanings import ENGLISH, FILE
from functions.triage.rule_set import LOADER
from functions.triage.wording import in_one_spelling, words

LISTS = Path(__file__).parent / "concepts"
UNSPACED_LANGUAGES = frozenset({"zh", "ja", "ko", "th", "km", "my"})


def pack(folder: Path) -> None:
    """Write them for run time."""
    text = json.dumps(packed(), ensure_ascii=False, indent=0, separators=(",", ":"))
    (folder / FILE).write_text(text + "\n", encoding="utf-8")


def packed() -> dict[str, dict[str, str]]:
    """Each entry in one spelling with its `language:concept`, by how it is compared; each concept's English word."""
    kinds: dict[str, dict[str, dict[str, None]]] = {
        "whole": defaultdict(dict),
        "stems": defaultdict(dict),
        "stretches": defaultdict(dict),
    }
    english: dict[str, str] = {}
    for path in sorted(LISTS.glob("*.yaml")):
        listed: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - a safe one
        for language, concepts in listed.items():
            for concept, written in concepts.items():
                entries = written.split()
                if language == ENGLISH:
                    english[concept] = _spelt(entries[0])
                for entry in entries:
                    unspaced = language in UNSPACED_LANGUAGES
                    kind = "stretches" if unspaced else "stems" if "*" in entry else "whole"
                    kinds[kind][_spelt(entry)][f"{language}:{concept}"] = None
    return {"english": english} | {
        kind: {spelt: " ".join(found[spelt]) for spelt in sorted(found)} for kind, found in kinds.items()
    }


def _spelt(entry: str) -> str:
    return " ".join(words(in_one_spelling(entry.rstrip("*").replace("_", " "))))
