"""The written bank from a terminal: bring hands in, and count what it holds.

`python -m training gather FOLDER` takes the second reading's `<hand>.jsonl` and `<hand>.agreement.json`.
`python -m training count` prints each hand's lines, emergencies and languages, and the bank's grades and categories.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from training.bank import Labelled, hands_of, load_bank
from training.gathering import gather


def main() -> None:
    """Run one of the two."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__.split("\n\n")[0])
    acts = parser.add_subparsers(dest="act", required=True)
    acts.add_parser("gather", help="bring hands into the bank").add_argument("folder", type=Path)
    acts.add_parser("count", help="what the bank holds")
    asked = parser.parse_args()
    if asked.act == "gather":
        print(" ".join(f"{name}={count}" for name, count in gather(asked.folder).items()))
    else:
        print("\n".join(counted(load_bank())))


def counted(bank: list[Labelled]) -> list[str]:
    """The bank in figures, a line for each hand and one each for grades and categories."""
    lines = []
    for hand in hands_of(bank):
        own = [line for line in bank if line.hand == hand]
        spoken = Counter(line.lang for line in own)
        languages = " ".join(f"{language}={count}" for language, count in spoken.most_common(5))
        lines.append(
            f"{hand}  lines={len(own)} emergencies={sum(line.emergency for line in own)}  {languages}"
        )
    for facet in ("grade", "category"):
        found = Counter(str(getattr(line, facet)) for line in bank)
        lines.append(f"{facet}  " + " ".join(f"{name}={count}" for name, count in found.most_common()))
    return [*lines, f"all  lines={len(bank)} hands={len(hands_of(bank))}"]


if __name__ == "__main__":
    main()
