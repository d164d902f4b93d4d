"""What the bank holds, counted."""

from __future__ import annotations

from collections import Counter

from training.bank import Labelled, hands_of


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
