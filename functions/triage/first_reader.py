"""The first reader: rules alone, local, deterministic, explainable, in milliseconds. It decides at once.

Its input and its answer are plain, so that its inside can be replaced by a larger engine. Danger is looked for before
anything else; uncertain goes up, never down.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from contact_desk.contacts import Surface
from contact_desk.decisions import Reason, TriageDecision
from contact_desk.grades import Band, Grade
from functions.triage.language import language_of
from functions.triage.rule_set import Context, Kind, Raise, Rule, RuleSet, Scope, has_only_pictures
from functions.triage.wording import clause_around, in_one_spelling, sentences, words

BAND = {Raise.RED: Band.RED, Raise.AMBER: Band.AMBER, Raise.PRIORITY: Band.GREEN}
MOST_REASONS = 6
MOST_WORDS = 4
EMERGENCY_NOW = Reason("emergency_now", "The person said on the form that it is an emergency now")
NO_WORDS = Reason("no_words", "No words to read, only what came with them")
NOTHING_FIRED = Reason("nothing_fired", "No rule fired: a person reads it")


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a person said, and where.

    `language` is the one they chose themselves, `emergency_now` what they ticked on the form; `case_band` is the band
    of the open case that the words will join, None where there is none.
    """

    text: str
    channel: str
    surface: Surface
    language: str | None = None
    emergency_now: bool = False
    case_band: Band | None = None


@dataclass(frozen=True, slots=True)
class Cue:
    """A rule that fired, and how high it goes after the contexts around it."""

    rule: Rule
    raises: Raise
    words: tuple[str, ...]
    lowered_by: Context | None

    @property
    def reason(self) -> Reason:
        """The rule's sentence, with what was made of it."""
        told = f" ({self.lowered_by.told})" if self.lowered_by else ""
        return Reason(self.rule.rule, self.rule.reason + told, self.words[:MOST_WORDS])


@dataclass(frozen=True, slots=True)
class FirstReader:
    """Reads by one rule set; `signposts` are the force's own, and matters it has none for go to a person."""

    rules: RuleSet
    signposts: Collection[str]

    @property
    def version(self) -> str:
        """Which rules it reads by."""
        return self.rules.version

    def read(self, utterance: Utterance) -> TriageDecision:
        """The decision on what was said. Never raises: any text has one."""
        spelt = in_one_spelling(utterance.text)
        said = words(spelt)
        language = utterance.language or language_of(utterance.text)
        cues = self._cues(utterance, spelt, said)
        if cues or utterance.emergency_now:
            return self._raised(utterance, cues, language)
        if not said:
            return self._decision(language, NO_WORDS)
        plain = self._first(self.rules.plain, utterance.surface, spelt, said)
        if plain:
            rule, fired = plain
            return self._decision(
                language,
                Reason(rule.rule, rule.reason, fired[:MOST_WORDS]),
                grade=Grade.RESOLVE,
                category=rule.category,
                significant=False,
                thanks=rule.kind is Kind.THANKS,
            )
        return self._signposted(utterance, spelt, said, language) or self._for_a_person(spelt, said, language)

    def _for_a_person(self, spelt: str, said: Sequence[str], language: str | None) -> TriageDecision:
        """Scheduled, with what it seems to be about where a rule has an idea."""
        found = self._first(self.rules.matters, None, spelt, said)
        if found is None:
            return self._decision(language, NOTHING_FIRED)
        rule, fired = found
        return self._decision(
            language, Reason(rule.rule, rule.reason, fired[:MOST_WORDS]), category=rule.category
        )

    def _raised(self, utterance: Utterance, cues: Sequence[Cue], language: str | None) -> TriageDecision:
        reasons = [cue.reason for cue in cues]
        if utterance.emergency_now:
            reasons.insert(0, EMERGENCY_NOW)
        highest = Raise.RED if utterance.emergency_now else cues[0].raises
        return TriageDecision(
            band=BAND[highest],
            grade=Grade.EMERGENCY if highest is Raise.RED else Grade.PRIORITY,
            category=next((cue.rule.category for cue in cues if cue.rule.category), None),
            significant=True,
            reasons=tuple(reasons[:MOST_REASONS]),
            rules_version=self.rules.version,
            markers=tuple(dict.fromkeys(marker for cue in cues for marker in cue.rule.markers)),
            language=language,
        )

    def _cues(self, utterance: Utterance, spelt: str, said: Sequence[str]) -> list[Cue]:
        """What raises, the highest first; then in the order of the rules."""
        literal = self._without_idioms(spelt)
        lines = sentences(literal)
        whole = [" ".join(lines)]
        # A line may end a sentence or run on into the next one: read both ways, and the stronger reading holds.
        parts = list(dict.fromkeys([*lines, *sentences(literal.replace("\n", " "))]))
        calm = utterance.case_band is not Band.RED
        around = [context for context in self.rules.contexts if calm and context.scope is Scope.MESSAGE]
        lowering = next((context for context in around if context.holds_in(spelt)), None)
        cues = []
        for rule in self.rules.cues:
            if rule.surface not in {None, utterance.surface}:
                continue
            if needed := rule.made_of(said):
                cues.append(Cue(rule, rule.raises or Raise.AMBER, needed, None))
                continue
            stretches = whole if rule.whole_message else parts
            cues += self._cues_of(rule, stretches, lowering, calm=calm)
        return sorted(cues, key=lambda cue: cue.raises.rank)

    def _cues_of(
        self, rule: Rule, stretches: Iterable[str], lowering: Context | None, *, calm: bool
    ) -> Iterable[Cue]:
        """The strongest cue that one rule gives, if any."""
        best: Cue | None = None
        for stretch in stretches:
            fired = rule.words_in(stretch)
            if not fired:
                continue
            context = self._context_of(rule, stretch, lowering) if rule.context and calm else None
            raises = _lowered(rule) if context else rule.raises
            if raises and (best is None or raises.rank < best.raises.rank):
                best = Cue(rule, raises, fired, context)
        return [best] if best else []

    def _context_of(self, rule: Rule, stretch: str, lowering: Context | None) -> Context | None:
        """The context that lowers every one of the places where the rule fired."""
        if lowering:
            return lowering
        found: Context | None = None
        for place in rule.any_of.finditer(stretch):
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

    def _without_idioms(self, spelt: str) -> str:
        """The text with each idiom taken out, so that "my back is killing me" kills nobody."""
        expression = self.rules.idioms.expression
        return expression.sub(" ", spelt) if expression else spelt

    def _first(
        self, rules: Iterable[Rule], surface: Surface | None, spelt: str, said: Sequence[str]
    ) -> tuple[Rule, tuple[str, ...]] | None:
        """The first rule that the whole message fires, and the words that did."""
        for rule in rules:
            if rule.surface not in {None, surface} or (rule.max_words and len(said) > rule.max_words):
                continue
            if rule.pictures_only and has_only_pictures(spelt):
                return rule, tuple(said)
            fired = rule.made_of(said) or rule.words_in(spelt)
            if fired:
                return rule, fired
        return None

    def _signposted(
        self, utterance: Utterance, spelt: str, said: Sequence[str], language: str | None
    ) -> TriageDecision | None:
        """Another body's matter, where no word of it is a matter for the police."""
        if self.rules.police_matter.search(spelt):
            return None
        known = [rule for rule in self.rules.signposts if rule.signpost in self.signposts]
        found = self._first(known, utterance.surface, spelt, said)
        if found is None:
            return None
        rule, fired = found
        return self._decision(
            language,
            Reason(rule.rule, rule.reason, fired[:MOST_WORDS]),
            grade=Grade.RESOLVE,
            category=rule.category,
            signpost=rule.signpost,
        )

    def _decision(
        self,
        language: str | None,
        reason: Reason,
        *,
        grade: Grade = Grade.SCHEDULED,
        category: str | None = None,
        significant: bool = True,
        signpost: str | None = None,
        thanks: bool = False,
    ) -> TriageDecision:
        """A green decision."""
        return TriageDecision(
            band=Band.GREEN,
            grade=grade,
            category=category,
            significant=significant,
            reasons=(reason,),
            rules_version=self.rules.version,
            signpost=signpost,
            language=language,
            thanks=thanks,
        )


def _lowered(rule: Rule) -> Raise | None:
    """A risk to life stays at least amber; any other emergency is for a person to see soon, and the rest is let go."""
    if rule.raises is Raise.PRIORITY:
        return None
    if rule.life_risk:
        return Raise.AMBER
    return Raise.PRIORITY if rule.raises is Raise.RED else None
