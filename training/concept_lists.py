"""Packs the lists of concepts (training/concepts) for a quick start: reading YAML of this size takes a second.

With them goes what is left of each listed word without one letter, by which slips are found, and which words are none.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from functions.triage import slips
from functions.triage.meanings import ENGLISH, FILE
from functions.triage.rule_set import KNOWN, LOADER
from functions.triage.slips import BEGINNING, FEWEST_LETTERS, MOST_LETTERS, Slips, left_of, mark
from functions.triage.wording import in_one_spelling, words
from training.bank import Labelled

LISTS = Path(__file__).parent / "concepts"
UNSPACED_LANGUAGES = frozenset({"zh", "ja", "ko", "th", "km", "my"})


def pack(folder: Path, bank: Sequence[Labelled]) -> None:
    """Write them for run time; what anybody wrote in the bank is no slip."""
    lists = packed()
    text = json.dumps(lists, ensure_ascii=False, indent=0, separators=(",", ":"))
    (folder / FILE).write_text(text + "\n", encoding="utf-8")
    found = slips_of(lists, written(bank))
    listed = np.frombuffer("\n".join(found.listed).encode(), np.uint8)
    np.savez(folder / slips.FILE, listed=listed, left=found.left, places=found.places, known=found.known)


def slips_of(lists: Mapping[str, Mapping[str, str]], known: Iterable[str]) -> Slips:
    """How slips of listed words are told; of `known` words and those of the encoder none is a slip."""
    each = [*(one for one in lists["whole"] if " " not in one), *(one + BEGINNING for one in lists["stems"])]
    listed = sorted(one for one in each if FEWEST_LETTERS <= len(one.rstrip(BEGINNING)) <= MOST_LETTERS)
    left = sorted(
        {(mark(rest), place) for place, one in enumerate(listed) for rest in left_of(one.rstrip(BEGINNING))}
    )
    known = {*known, *KNOWN.read_text(encoding="utf-8").split()}
    return Slips(
        listed=listed,
        left=np.array([rest for rest, _ in left], np.uint32),
        places=np.array([place for _, place in left], np.uint16),
        known=np.array(sorted({mark(word) for word in known if len(word) >= FEWEST_LETTERS - 1}), np.uint32),
    )


def written(bank: Sequence[Labelled]) -> set[str]:
    """The words of the bank, which are what people write."""
    return {word for line in bank for word in words(in_one_spelling(line.text))}


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
