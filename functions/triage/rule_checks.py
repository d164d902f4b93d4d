"""What a rule set is held to before it may ship: every rule fires on its own examples and on no other, none is slow."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

from contact_desk.contacts import Surface
from functions.triage.cue_reading import CueReader
from functions.triage.first_reader import MOST_LETTERS
from functions.triage.patterns import BREAK, Patterns
from functions.triage.rule_set import Rule, RuleSet, has_only_pictures
from functions.triage.wording import in_one_spelling, shortened, words

LETTERS = 10_000
ALLOWED_SECONDS = 0.001
TRIES = 5


def fires(rules: RuleSet, rule: Rule, text: str) -> bool:
    """Whether a rule fires on a text, in whatever context."""
    spelt = in_one_spelling(text)
    said = words(spelt)
    if rule.raises:
        cues = CueReader(rules).cues(spelt, said, rule.surface or Surface.PRIVATE, calm=True)
        return any(cue.rule.rule == rule.rule for cue in cues)
    if rule.max_words and len(said) > rule.max_words:
        return False
    if rule.pictures_only:
        return has_only_pictures(spelt)
    return bool(rule.made_of(said) or rule.words_in(spelt))


def mistakes(rules: RuleSet) -> Iterator[str]:
    """What is wrong with the rules, each in a sentence; none in a set that may ship."""
    named: set[str] = set()
    for rule in (*rules.cues, *rules.plain, *rules.signposts, *rules.matters, *rules.marks):
        if rule.rule in named:
            yield f"{rule.rule}: named twice"
        named.add(rule.rule)
        if not rule.examples.get("yes"):
            yield f"{rule.rule}: dead, it has no example that fires it"
        for kind, wanted in (("yes", True), ("no", False)):
            for text in rule.examples.get(kind, ()):
                if fires(rules, rule, text) is not wanted:
                    yield f"{rule.rule}: {'does not fire' if wanted else 'fires'} on one of its examples: {text}"


def adversarial_texts(patterns: Patterns) -> Iterator[str]:
    """Texts of the words of a pattern over and over, which make a careless one try every way there is."""
    source = patterns.expression.pattern if patterns.expression else ""
    plain = re.sub(r"\(\?[^()]*\)|\[[^\]]*\]|\\.", " ", source.replace(BREAK, " "))
    found = list(dict.fromkeys(re.findall(r"[a-z]{2,}", plain)))[:60]
    for repeated in (*found[:8], " ".join(found)):
        yield (f"{repeated} " * LETTERS)[:LETTERS]
    yield "a" * LETTERS
    yield "a " * (LETTERS // 2)
    yield " ." * (LETTERS // 2)


def seconds_of(patterns: Patterns, text: str) -> float:
    """Processor time to look through a text as the desk does, shortened; the quickest of a few tries."""
    text = shortened(text, MOST_LETTERS)
    times = []
    for _ in range(TRIES):
        began = time.process_time()
        patterns.finditer(text)
        times.append(time.process_time() - began)
    return min(times)
