"""The first reader: rules and a trained model, local, deterministic, explainable, in milliseconds. It decides at once.

Its input and its answer are plain, so that its inside can be replaced. Danger is looked for before anything else;
either half may raise what the other left low, and nothing lowers: uncertain goes up, never down.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from contact_desk.contacts import Surface
from contact_desk.decisions import Reason, TriageDecision
from contact_desk.grades import Band, Grade, higher_band, higher_grade
from contact_desk.masking import Span, personal_data
from functions.triage.cue_reading import MOST_WORDS, Cue, CueReader
from functions.triage.language import HEARD, language_of
from functions.triage.meanings import lexicon
from functions.triage.offsets import offsets_of
from functions.triage.place_names import places_in
from functions.triage.rule_set import Kind, Raise, Rule, RuleSet, has_only_pictures
from functions.triage.trained_model import Chances, TrainedModel
from functions.triage.wording import in_one_spelling, sentences, shortened, words

BAND = {Raise.RED: Band.RED, Raise.AMBER: Band.AMBER, Raise.PRIORITY: Band.GREEN}
GRADE = {Band.RED: Grade.EMERGENCY, Band.AMBER: Grade.PRIORITY, Band.GREEN: Grade.RESOLVE}
MOST_REASONS = 6
CANDIDATES = 3
PLAIN_WORDS, SURE_OF_DANGER = 16, 0.95
"""Of what length a plain sentence is, and from which chance on even one for another body is raised."""
MARKING = {"crime_domestic": "domestic_abuse", "crime_hate": "hate"}
MARKS = 0.4
"""From which chance of such a category on a contact is marked: better a text too few than one too many."""
MOST_MASKED = 10_000
"""How much of a text is searched for personal data."""
MOST_LETTERS = 3000
"""How much the rules read of a text, half at each end, so that no pattern takes a millisecond; the model reads more."""
KIND_PICTURES = frozenset(
    "👍🏻🏼🏽🏾🏿🙏❤🧡💛💚💙💜🖤🤍\ufe0f😊🙂😀😃😄😁😂🤣😆😉😍🥰😘🤗👏🙌👌✅🎉💐🌹😎🤝🥲"
)
"""Pictures that by themselves ask for nothing: thanks, laughter, agreement."""
SILENT_SOLUTION = "55"
"""What those press who cannot speak: never a mere number."""
CALM_WORDS = 10
"""Up to how many words a line of calm words alone is raised by rules only."""
FEWEST_WORDS = 3
"""Fewer words than this say too little for the model to put aside or to grade as nothing."""
DEBRIS_FROM = 100
"""From how many signs a text may be debris; a plea among many emoji is shorter, and its words are a cue."""
EMERGENCY_NOW = Reason("emergency_now", "The person said on the form that it is an emergency now")
NO_WORDS = Reason("no_words", "No words to read, only what came with them: a person looks")
ONLY_PICTURES = Reason("only_pictures", "Only pictures, which the machine does not read: a person looks")
UNHEARD = Reason("unheard_language", "In a language that the machine has hardly heard: a person reads it")
ABSTENTIONS = frozenset({NO_WORDS.rule, ONLY_PICTURES.rule, UNHEARD.rule})
"""The reasons for which a person looks soon because the machine cannot tell, not because it found something."""
CALM = Reason("calm_line", "Only says which, where or when: a person reads it with what it answers")
NOTHING_FIRED = Reason("nothing_fired", "No rule fired: a person reads it")


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a person said, and where.

    `language` is the one they chose themselves, `emergency_now` what they ticked on the form; `case_band` is the band
    of the open case that the words will join, None where there is none, and `joined` the words together with
    the last others of that case.
    """

    text: str
    channel: str
    surface: Surface
    language: str | None = None
    emergency_now: bool = False
    case_band: Band | None = None
    joined: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What both halves saw in one utterance."""

    spelt: str
    said: Sequence[str]
    cues: Sequence[Cue]
    chances: Chances
    danger: float
    band: Band
    language: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A decision, the likeliest categories whatever the decision shows, all chances, and where personal data stands."""

    decision: TriageDecision
    candidates: tuple[str, ...]
    chances: Chances
    personal: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class FirstReader:
    """Reads by one rule set and one model, for one force.

    Matters that the force has no signpost for go to a person; its `gazetteer` names places as people there do.
    """

    rules: RuleSet
    model: TrainedModel
    signposts: Collection[str]
    gazetteer: Collection[str] = ()

    @property
    def version(self) -> str:
        """Which rules and which model it reads by."""
        return f"{self.rules.version} {self.model.version}"

    def read(self, utterance: Utterance) -> TriageDecision:
        """The decision on what was said. Never raises: any text has one."""
        return self.reading(utterance).decision

    def reading(self, utterance: Utterance) -> Reading:
        """The decision, and what a person who looks into it may ask for."""
        read = self._read(utterance)
        decision = self._decided(utterance, read)
        return Reading(
            decision=replace(
                decision,
                reasons=tuple(
                    replace(reason, at=offsets_of(reason.words, utterance.text))
                    for reason in decision.reasons
                ),
                places=places_in(utterance.text, self.gazetteer),
            ),
            candidates=tuple(name for name, _ in read.chances.likeliest_categories(CANDIDATES))
            if read.said
            else (),
            chances=read.chances,
            personal=personal_data(utterance.text[:MOST_MASKED]),
        )

    def _decided(self, utterance: Utterance, read: Read) -> TriageDecision:
        if read.band is not Band.GREEN or read.cues or utterance.emergency_now:
            return self._raised(utterance, read)
        if not read.said or (self._opens_in_private(utterance) and self._cannot_tell(read)):
            return self._for_a_person(utterance, read)
        if plain := self._first(self.rules.plain, utterance.surface, read):
            rule, fired = plain
            return self._decision(
                read,
                Reason(rule.rule, rule.reason, fired[:MOST_WORDS]),
                grade=Grade.RESOLVE,
                category=rule.category,
                significant=False,
                thanks=rule.kind is Kind.THANKS,
            )
        return self._signposted(utterance, read) or self._by_the_model(read)

    def _opens_in_private(self, utterance: Utterance) -> bool:
        """Whether it is said to the desk alone, in no open case, which a person would look at anyway."""
        return utterance.surface is Surface.PRIVATE and utterance.case_band is None

    def _cannot_tell(self, read: Read) -> bool:
        """Pictures alone that are more than kind ones, and languages that were hardly heard."""
        if has_only_pictures(read.spelt):
            return not KIND_PICTURES.issuperset(read.said)
        if read.language is None:
            return not any("a" <= letter <= "z" for letter in read.spelt) and any(
                map(str.isalpha, read.spelt)
            )
        return read.language not in HEARD

    def _for_a_person(self, utterance: Utterance, read: Read) -> TriageDecision:
        """What the machine cannot tell: in private it may be a cry for help, so that a person looks at it soon."""
        reason = NO_WORDS if not read.said else ONLY_PICTURES if has_only_pictures(read.spelt) else UNHEARD
        category = self._category(read) if reason is UNHEARD else None
        decided = self._decision(read, reason, category=category)
        if not self._opens_in_private(utterance):
            return decided
        return replace(decided, band=Band.AMBER, grade=Grade.PRIORITY)

    def _read(self, utterance: Utterance) -> Read:
        spelt = in_one_spelling(shortened(utterance.text, MOST_LETTERS))
        said = words(spelt)
        meant = self.rules.spelling.corrected(spelt)
        cues = CueReader(self.rules).cues(
            meant, words(meant), utterance.surface, calm=utterance.case_band is not Band.RED
        )
        chances = self._chances(utterance, spelt)
        danger = 0.0
        if cues or (said and not any(rule.made_of(said) for rule in self.rules.plain)):
            by_itself = 0.0 if not cues and self._is_calm(said) else chances.emergency
            danger = max(by_itself, self._danger_of_all(utterance))
        cues = _strongest_of_each(self._weighed(cue, danger) for cue in cues)
        language = utterance.language or language_of(utterance.text)
        band = self._band_of(danger) if said else Band.GREEN
        read = Read(spelt, said, cues, chances, danger, band, language)
        if cues:
            band = higher_band(band, BAND[cues[0].raises])
        elif band is Band.RED and _is_debris(spelt):
            band = Band.AMBER
        elif danger < SURE_OF_DANGER and self._plainly_for_others(utterance, read):
            band = Band.GREEN
        return replace(read, band=Band.RED if utterance.emergency_now else band)

    def _is_calm(self, said: Sequence[str]) -> bool:
        """Whether it only says where, which or when in a few words; the same word over and over may be a safe word."""
        short = len(said) <= CALM_WORDS and len(set(said)) > len(said) // 2 and SILENT_SOLUTION not in said
        return short and all(word in self.rules.calm or word.isdigit() for word in said)

    def _plainly_for_others(self, utterance: Utterance, read: Read) -> bool:
        """Whether one short sentence, with no cue in it, is another body's matter: there a wording alone deceives."""
        if len(read.said) > PLAIN_WORDS or len(sentences(read.spelt)) != 1 or utterance.joined:
            return False
        if self.rules.police_matter.search(read.spelt):
            return False
        return self._first(self.rules.signposts, utterance.surface, read) is not None

    def _chances(self, utterance: Utterance, spelt: str) -> Chances:
        """What the model makes of the words without idioms, and with and without courtesies."""
        literal = self.rules.idioms.without(spelt)
        bare = self.rules.courtesies.without(literal)
        return self.model.chances(
            utterance.text if literal == spelt else literal,
            utterance.surface.value,
            bare if bare != literal and words(bare) else None,
        )

    def _danger_of_all(self, utterance: Utterance) -> float:
        """How likely an emergency is with what else was said in the same case; one that is red has nothing to gain."""
        if utterance.joined is None or utterance.case_band is Band.RED:
            return 0.0
        if self._is_calm(words(in_one_spelling(utterance.joined))):
            return 0.0
        return self.model.chances(utterance.joined, utterance.surface.value).emergency

    def _weighed(self, cue: Cue, danger: float) -> Cue:
        """A hint by itself asks for a person soon, unless the model holds danger possible."""
        if cue.hint and danger < self.model.thresholds.possible:
            return replace(cue, raises=Raise.PRIORITY)
        return cue

    def _band_of(self, danger: float) -> Band:
        if danger >= self.model.thresholds.red:
            return Band.RED
        return Band.AMBER if danger >= self.model.thresholds.amber else Band.GREEN

    def _raised(self, utterance: Utterance, read: Read) -> TriageDecision:
        reasons = [cue.reason for cue in read.cues]
        if utterance.emergency_now:
            reasons.insert(0, EMERGENCY_NOW)
        if self._band_of(read.danger) is not Band.GREEN:
            reasons.append(self._heard(utterance, read))
        grade = GRADE[read.band] if read.band is not Band.GREEN else Grade.PRIORITY
        return replace(
            self._decision(
                read, reasons[0], grade=grade, category=self._category(read, *(cue.rule for cue in read.cues))
            ),
            band=read.band,
            reasons=tuple(reasons[:MOST_REASONS]),
        )

    def _heard(self, utterance: Utterance, read: Read) -> Reason:
        """The model's reason: how likely, and the words that weigh most."""
        heaviest = self.model.ngrams.heaviest(lexicon().hear(utterance.text), utterance.surface.value)
        return Reason(
            "model",
            f"Sounds like an emergency ({read.danger:.0%} likely by its wording)",
            self._telling(heaviest)[:MOST_WORDS],
        )

    def _telling(self, heaviest: Sequence[str]) -> tuple[str, ...]:
        """The heaviest words without marks of where a text begins and ends, and without those that say nothing."""
        bare = dict.fromkeys(
            " ".join(word for word in one.split() if word not in {"<", ">"}) for one in heaviest
        )
        told = [one for one in bare if not self.rules.calm.issuperset(set(one.split()) - {"…"})]
        return tuple(told or [one for one in bare if one.strip("… ")])

    def _category(self, read: Read, *ruled: Rule) -> str | None:
        """The likeliest where the model is sure, else that of the first rule that has one; None leaves it open."""
        category, chance = read.chances.likeliest_categories(1)[0]
        if chance >= self.model.thresholds.category:
            return category
        return next((rule.category for rule in ruled if rule.category), None)

    def _candidates(self, read: Read, category: str | None) -> tuple[str, ...]:
        """The three likeliest, to be offered where none is shown and the model has an idea."""
        likeliest = read.chances.likeliest_categories(CANDIDATES)
        if category or not read.said or likeliest[0][1] < self.model.thresholds.categories:
            return ()
        return tuple(name for name, _ in likeliest)

    def _likeliest_grade(self, read: Read) -> Grade:
        """The likeliest below an emergency, which the bands decide."""
        grades = {
            Grade(name): chance for name, chance in read.chances.grades.items() if name != Grade.EMERGENCY
        }
        return max(grades, key=lambda grade: (grades[grade], -grade.rank))

    def _by_the_model(self, read: Read) -> TriageDecision:
        """What no rule knows: graded by the model, and put aside only where it is sure that nobody needs to answer."""
        found = self._first(self.rules.matters, None, read)
        few = len(read.said) < FEWEST_WORDS
        calm = self._is_calm(read.said)
        category = None if calm else self._category(read, *(found[:1] if found else ()))
        folded = read.chances.significant < self.model.thresholds.folded
        reason = CALM if calm else NOTHING_FIRED
        if found:
            reason = Reason(found[0].rule, found[0].reason, found[1][:MOST_WORDS])
        if folded:
            reason = Reason("model", "Seems to ask nothing of the desk")
        grade = self._likeliest_grade(read)
        if few and not folded:
            grade = higher_grade(grade, Grade.SCHEDULED)
        return self._decision(read, reason, grade=grade, category=category, significant=not folded)

    def _first(
        self, rules: Iterable[Rule], surface: Surface | None, read: Read
    ) -> tuple[Rule, tuple[str, ...]] | None:
        """The first rule that the whole message fires, and the words that did."""
        for rule in rules:
            if rule.surface not in {None, surface} or (rule.max_words and len(read.said) > rule.max_words):
                continue
            if rule.pictures_only and has_only_pictures(read.spelt):
                return rule, tuple(read.said)
            fired = rule.made_of(read.said) or rule.words_in(read.spelt)
            if fired:
                return rule, fired
        return None

    def _signposted(self, utterance: Utterance, read: Read) -> TriageDecision | None:
        """Another body's matter, where no word of it is a matter for the police."""
        if self.rules.police_matter.search(read.spelt):
            return None
        known = [rule for rule in self.rules.signposts if rule.signpost in self.signposts]
        found = self._first(known, utterance.surface, read)
        if found is None:
            return None
        rule, fired = found
        return self._decision(
            read,
            Reason(rule.rule, rule.reason, fired[:MOST_WORDS]),
            grade=Grade.RESOLVE,
            category=rule.category,
            signpost=rule.signpost,
        )

    def _markers(self, read: Read) -> tuple[str, ...]:
        """Of every rule that fired, and of the model where it is rather sure of a category that is one."""
        fired = [rule for rule in self.rules.marks if rule.words_in(read.spelt)]
        found = [marker for rule in (*(cue.rule for cue in read.cues), *fired) for marker in rule.markers]
        found += [marker for name, marker in MARKING.items() if read.chances.categories[name] >= MARKS]
        return tuple(dict.fromkeys(found))

    def _decision(
        self,
        read: Read,
        reason: Reason,
        *,
        category: str | None,
        grade: Grade = Grade.SCHEDULED,
        significant: bool = True,
        signpost: str | None = None,
        thanks: bool = False,
    ) -> TriageDecision:
        """A green decision."""
        return TriageDecision(
            band=Band.GREEN,
            grade=grade,
            category=category,
            candidates=self._candidates(read, category),
            significant=significant,
            reasons=(reason,),
            rules_version=self.version,
            signpost=signpost,
            markers=self._markers(read),
            language=read.language,
            confidence=read.danger,
            thanks=thanks,
        )


def _is_debris(text: str) -> bool:
    """Whether it is mostly signs and hardly writing, as of a broken delivery: the model learnt from people."""
    signs = "".join(text.split())
    return len(signs) >= DEBRIS_FROM and 3 * sum(map(str.isalnum, signs)) < len(signs)


def _strongest_of_each(cues: Iterable[Cue]) -> list[Cue]:
    """One cue of each rule, the highest first."""
    best: dict[str, Cue] = {}
    for cue in sorted(cues, key=lambda cue: cue.raises.rank):
        best.setdefault(cue.rule.rule, cue)
    return list(best.values())
