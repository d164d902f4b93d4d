"""Rules are fit to ship: none dead, none named twice, none slow whatever is thrown at it."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pytest
import yaml

from functions.triage.patterns import Patterns, compile_patterns
from functions.triage.rule_checks import ALLOWED_SECONDS, adversarial_texts, mistakes, seconds_of
from functions.triage.rule_set import FOLDER
from tests.proving import PROVING, Share
from tests.unit.triage.readings import rules


def each_pattern() -> list[tuple[str, str]]:
    files = {path.stem: yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("*.yaml"))}
    return [
        (rule["id"], pattern)
        for file in files.values()
        for rule in file.get("rules", [])
        for pattern in (*rule.get("any_of", []), *rule.get("unless", []))
    ]


def test_the_rules_that_ship_have_no_mistakes() -> None:
    assert list(mistakes(rules())) == []


def test_a_dead_rule_and_one_that_misses_its_examples_are_named() -> None:
    first, second, *others = rules().cues
    wrong = replace(second, examples={"yes": ["nothing to see here"], "no": []})
    found = list(mistakes(replace(rules(), cues=(replace(first, examples={}), wrong, *others))))

    assert found[0] == f"{first.rule}: dead, it has no example that fires it"
    assert found[1].startswith(f"{second.rule}: does not fire on one of its examples")


def test_no_pattern_is_slow(share: Share) -> None:
    groups = yaml.safe_load((FOLDER / "words.yaml").read_text())
    patterns = each_pattern()
    slow = {}
    for rule, pattern in itertools.islice(patterns, 0, None, 1 if PROVING else len(patterns) // share(40, 1)):
        compiled = compile_patterns([pattern], groups)
        worst = max(seconds_of(compiled, text) for text in adversarial_texts(compiled))
        if worst > ALLOWED_SECONDS * (
            1 if PROVING else 3
        ):  # a busy machine is forgiven, a careless pattern is not
            slow[rule, pattern] = worst
    assert slow == {}


def test_a_careless_pattern_would_be_found() -> None:
    careless = Patterns(re.compile(r"(?:\w+\W+){0,60}?knife"))

    assert max(seconds_of(careless, text) for text in adversarial_texts(careless)) > ALLOWED_SECONDS


@pytest.mark.parametrize("rule", rules().cues, ids=lambda rule: rule.rule)
def test_every_cue_has_a_sentence_for_an_operator(rule: object) -> None:
    assert len(getattr(rule, "reason", "").split()) > 1
