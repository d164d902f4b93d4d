"""Bring hands into the bank: shape checked, exact and near duplicates between hands dropped and counted.

`python -m training gather FOLDER`, whose `<hand>.jsonl` and `<hand>.agreement.json` are the second reading's.
"""

from __future__ import annotations

import json
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from functions.triage.wording import in_one_spelling, words
from training.bank import FOLDER, Labelled, read_lines

SHINGLE = 4
NEAR = 0.5
"""Share of letter sequences in common from which two messages of different hands are one."""
SHORTEST_COMPARED = 12
AGREEMENT = "agreement.json"


def gather(source: Path, folder: Path = FOLDER) -> dict[str, int]:
    """Write each hand's file and the figures of the second reading; gives the counts of what was dropped."""
    hands = {path.stem: read_lines(path) for path in sorted(source.glob("*.jsonl"))}
    kept, dropped = without_repeats(line for lines in hands.values() for line in lines)
    folder.mkdir(exist_ok=True)
    for hand in hands:
        lines = [line for line in kept if line.hand == hand]
        first = {entry["id"]: entry for entry in _entries(source / f"{hand}.jsonl")}
        texts = [json.dumps(_kept_fields(line, first[line.id]), ensure_ascii=False) for line in lines]
        (folder / f"{hand}.jsonl").write_text("\n".join(texts) + "\n", encoding="utf-8")
    figures = [json.loads(path.read_text()) for path in sorted(source.glob("*.agreement.json"))]
    for figure in figures:
        figure.pop("reader", None)
    noted = {"dropped": dict(dropped), "second_reading": figures}
    (folder / AGREEMENT).write_text(json.dumps(noted, indent=1) + "\n", encoding="utf-8")
    return {"hands": len(hands), "lines": len(kept), **dropped}


def without_repeats(lines: Iterable[Labelled]) -> tuple[list[Labelled], Counter[str]]:
    """The lines of which no earlier hand wrote the same or nearly the same, and how many were dropped."""
    kept: list[Labelled] = []
    dropped: Counter[str] = Counter(exact=0, near=0)
    seen: dict[str, Labelled] = {}
    shingled: dict[str, array[int]] = defaultdict(lambda: array("i"))
    sizes: list[int] = []
    for line in lines:
        spelt = " ".join(words(in_one_spelling(line.text)))
        own = frozenset(spelt[start : start + SHINGLE] for start in range(max(1, len(spelt) - SHINGLE + 1)))
        earlier = seen.get(spelt)
        # The bare "help" that many people write is nobody's invention, and so is short.
        if earlier and earlier.hand != line.hand and len(spelt) >= SHORTEST_COMPARED:
            dropped["exact"] += 1
            continue
        places = np.concatenate([np.frombuffer(shingled[shingle], np.int32) for shingle in own])
        shared = np.bincount(places, minlength=len(kept))
        alike = np.flatnonzero(shared >= NEAR * (len(own) + np.array(sizes, np.int32) - shared))
        if len(spelt) >= SHORTEST_COMPARED and any(kept[other].hand != line.hand for other in alike.tolist()):
            dropped["near"] += 1
            continue
        seen.setdefault(spelt, line)
        for shingle in own:
            shingled[shingle].append(len(kept))
        kept.append(line)
        sizes.append(len(own))
    return kept, dropped


def _entries(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _kept_fields(line: Labelled, entry: dict[str, object]) -> dict[str, object]:
    """The line, and its first label where the second reading changed it."""
    fields: dict[str, object] = {name: getattr(line, name) for name in Labelled.__slots__}
    if entry.get("first_label"):
        fields["first_label"] = entry["first_label"]
    return fields
