"""The cues in a message: which rules fire in which sentence, and what the words around make of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contact_desk.contacts import Surface
from contact_desk.decisions import Reason
from functions.triage.patterns import Patterns
from functions.triage.rule_set import Context, Raise, Rule, RuleSet, Scope
from functions.triage.wording import clause_around, sentences

MOST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Cue:
    """A rule that fired, and how high it goes after the contexts around it; a `hint` waits for the model's word."""

    rule: Rule
    raises: Raise
    words: tuple[str, ...]
    lowered_by: Context | None
    hint: bool = False

    @property
    def reason(self) -> Reason:
        """The rule's sentence, with what was made of it."""
        told = f" ({self.lowered_by.told})" if self.lowered_by else " (perhaps)" if self.hint else ""
        return Reason(self.rule.rule, self.rule.reason + told, self.words[:MOST_WORDS])


@dataclass(frozen=True, slots=True)
class CueReader:
    """Finds cues by one rule set."""

    rules: RuleSet

    def cues(self, spelt: str, said: Sequence[str], surface: Surface, *, calm: bool) -> list[Cue]:
        """What raises, the highest first; then in the order of the rules.

        Only where the conversation is `calm`, and not red already, does a context lower anything.
        """
        literal = self.rules.idioms.without(spelt)
        lines = sentences(literal)
        whole = [" ".join(lines)]
        # A line may end a sentence or run on into the next one: read both ways, and the stronger reading holds.
        parts = list(dict.fromkeys([*lines, *sentences(literal.replace("\n", " "))]))
        around = [context for context in self.rules.contexts if calm and context.scope is Scope.MESSAGE]
        lowering = next((context for context in around if context.holds_in(spelt)), None)
        cues = []
        for rule in self.rules.cues:
            if rule.surface not in {None, surface}:
                continue
            if needed := rule.made_of(said):
                cues.append(Cue(rule, rule.raises or Raise.AMBER, needed, None))
                continue
            stretches = whole if rule.whole_message else parts
            sure = self._strongest(rule, rule.any_of, stretches, lowering, calm=calm)
            hint = self._strongest(rule, rule.hints, stretches, lowering, calm=calm)
            cues += [cue for cue in (sure, hint) if cue]
        return sorted(cues, key=lambda cue: cue.raises.rank)

    def _strongest(
        self,
        rule: Rule,
        patterns: Patterns,
        stretches: Iterable[str],
        lowering: Context | None,
        *,
        calm: bool,
    ) -> Cue | None:
        """The strongest cue that these patterns of a rule give, if any."""
        hint = patterns is rule.hints
        best: Cue | None = None
        for stretch in stretches:
            fired = rule.hinted_in(stretch) if hint else rule.words_in(stretch)
            if not fired:
                continue
            context = self._context_of(rule, patterns, stretch, lowering) if rule.context and calm else None
            raises = _lowered(rule) if context else rule.raises
            if raises and (best is None or raises.rank < best.raises.rank):
                best = Cue(rule, raises, fired, context, hint)
        return best

    def _context_of(
        self, rule: Rule, patterns: Patterns, stretch: str, lowering: Context | None
    ) -> Context | None:
        """The context that lowers every one of the places where the rule fired."""
        if lowering:
            return lowering
        found: Context | None = None
        for place in patterns.finditer(stretch):
            begins, _ = clause_around(stretch, place.start(), place.end())
            before = stretch[begins : place.start()]
            found = next(
                (
                    context
                    for context in self.rules.contexts
                    if rule.raises in context.lowers
                    and (
                        (context.scope is Scope.BEFORE and context.holds_in(before))
                        or (context.scope is Scope.SENTENCE and context.holds_in(stretch))
                    )
                ),
                None,
            )
            if found is None:
                return None
        return found


def _lowered(rule: Rule) -> Raise | None:
    """A risk to life stays at least amber; any other emergency is for a person to see soon, and the rest is let go."""
    if rule.raises is Raise.PRIORITY:
        return None
    if rule.life_risk:
        return Raise.AMBER
    return Raise.PRIORITY if rule.raises is Raise.RED else None
