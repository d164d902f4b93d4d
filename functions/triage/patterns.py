"""The small language of the rules' patterns, compiled to regular expressions.

- a space: any break between two words; ` ?`: a break or none; `..` up to three words between, `...` up to six
- `{group}`: any of the group's words; `*` at a word's end: any ending
- `( | )`: alternatives, of one word or several; `( )?` standing alone: words that may be left out
- within a word `?`, `[ ]` and `{1,2}` are those of regular expressions
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from contact_desk.errors import ContactDeskError
from functions.triage.wording import in_one_spelling

BREAK = r"\W+"
BREAK_OR_NONE = "~"
GAPS = {"..": 3, "...": 6}
GROUP = re.compile(r"\{([a-z_][a-z_0-9]*)\}")
BRACKETS = re.compile(r"[()]")
MARKS = {"|": re.compile(r"[()\[\]|]"), " ": re.compile(r"[()\[\] ]")}
DEPTH = {"(": 1, ")": -1, "[": 1, "]": -1}
NESTING = 6


class RuleError(ContactDeskError):
    """A rule of triage is written wrongly; the message names it."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """Any of several patterns, as one compiled expression; none at all never matches."""

    expression: re.Pattern[str] | None

    def search(self, text: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        """The first place where one of them matches, between start and end."""
        if self.expression is None:
            return None
        return self.expression.search(text, start, len(text) if end is None else end)

    def without(self, text: str) -> str:
        """The text with every match taken out."""
        return text if self.expression is None else self.expression.sub(" ", text)

    def finditer(self, text: str) -> list[re.Match[str]]:
        """Every place where one of them matches, none overlapping another."""
        return [] if self.expression is None else list(self.expression.finditer(text))


def compile_patterns(
    patterns: Sequence[str], groups: Mapping[str, Sequence[str]], *, ends: str = ""
) -> Patterns:
    """The patterns as one; `ends` is an expression that must follow. Raises RuleError for a group nobody knows."""
    if not patterns:
        return Patterns(None)
    alternatives = "|".join(_expression(pattern, groups) for pattern in patterns)
    try:
        return Patterns(re.compile(rf"(?<!\w)(?:{alternatives})(?!\w){ends}"))
    except re.error as error:
        raise RuleError(f"not a pattern: {error}") from None


def _expression(pattern: str, groups: Mapping[str, Sequence[str]]) -> str:
    return _alternatives(in_one_spelling(_with_groups(pattern, groups)).replace(" ?", BREAK_OR_NONE))


@cache
def _alternatives(text: str) -> str:
    """Kept, since the same groups of words stand in many patterns."""
    return "|".join(_sequence(part) for part in _split(text, "|"))


def _sequence(text: str) -> str:
    items = [item for item in _split(text, " ") if item]
    while items and (items[-1] in GAPS or _may_be_left_out(items[-1])):
        # At the end these would change nothing but the words shown.
        items.pop()
    parts = []
    for item in items[:-1]:
        if item in GAPS:
            parts.append(rf"(?:\w+{BREAK}){{0,{GAPS[item]}}}?")
        elif _may_be_left_out(item):
            parts.append(f"(?:{_word(item[:-1])}{BREAK})?")
        else:
            parts.append(_word(item) + BREAK)
    return "".join([*parts, *map(_word, items[-1:])])


def _may_be_left_out(item: str) -> bool:
    return item.startswith("(") and item.endswith(")?") and _closing(item, 0) == len(item) - 2


def _word(item: str) -> str:
    """One word, in which round brackets hold alternatives and a star stands for any ending."""
    opens = item.find("(")
    if opens < 0:
        return re.sub(r"(\w)\*", r"\1\\w*", item).replace(BREAK_OR_NONE, r"\W?")
    closes = _closing(item, opens)
    inside = _alternatives(item[opens + 1 : closes])
    return f"{_word(item[:opens])}(?:{inside}){_word(item[closes + 1 :])}"


def _closing(text: str, opens: int) -> int:
    depth = 0
    for found in BRACKETS.finditer(text, opens):
        depth += DEPTH[found[0]]
        if depth == 0:
            return found.start()
    raise RuleError("a bracket is not closed")


def _split(text: str, separator: str) -> list[str]:
    """The parts between separators that stand in no bracket."""
    parts, depth, begun = [], 0, 0
    for found in MARKS[separator].finditer(text):
        depth += DEPTH.get(found[0], 0)
        if found[0] == separator and depth == 0:
            parts.append(text[begun : found.start()])
            begun = found.end()
    if depth:
        raise RuleError("brackets do not pair")
    return [part.strip() for part in (*parts, text[begun:])]


def _with_groups(pattern: str, groups: Mapping[str, Sequence[str]]) -> str:
    for _ in range(NESTING):
        if not GROUP.search(pattern):
            return pattern
        pattern = GROUP.sub(lambda name: f"({'|'.join(_group(name[1], groups))})", pattern)
    raise RuleError("groups of words that name each other in a circle")


def _group(name: str, groups: Mapping[str, Sequence[str]]) -> Sequence[str]:
    if name not in groups:
        raise RuleError(f"no group of words is called {name}")
    return groups[name]
