"""What triage decided about one contact, with its reasons."""

from __future__ import annotations

from dataclasses import dataclass, replace

from contact_desk.grades import Band, Grade

DOMESTIC_ABUSE = "domestic_abuse"
"""The marker under which nothing automatic is said in public."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that fired: its id, its sentence for an operator, and the words of the contact that fired it.

    `at` holds the offset of each of the words in the contact's text, -1 where they are not written there as such.
    """

    rule: str
    reason: str
    words: tuple[str, ...] = ()
    at: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a contact may speak of, with how sure the machine is (0 to 1)."""

    name: str
    confidence: float


WITHHELD = "withheld"
"""The category where a platform's terms forbid to keep one."""


@dataclass(frozen=True, slots=True)
class TriageDecision:
    """The machine's reading of one contact: it may raise a case, and nothing in it lowers or closes one.

    Where it is not sure of a category, `category` is None and `candidates` offers the three likeliest; where it has no
    idea, it offers none.
    """

    band: Band
    grade: Grade
    category: str | None
    significant: bool
    reasons: tuple[Reason, ...]
    rules_version: str
    signpost: str | None = None
    markers: tuple[str, ...] = ()
    language: str | None = None
    places: tuple[Place, ...] = ()
    confidence: float = 1.0
    thanks: bool = False
    candidates: tuple[str, ...] = ()

    @property
    def emergency(self) -> bool:
        """Whether the 999 text goes out: red, and only red."""
        return self.band is Band.RED

    def withheld(self) -> TriageDecision:
        """The decision without what it says of the crime or of the person; how urgent it is stays."""
        reasons = tuple(replace(reason, words=(), at=()) for reason in self.reasons)
        return replace(self, category=WITHHELD, candidates=(), markers=(), reasons=reasons)

    @property
    def headline(self) -> str:
        """The first reason, as the list of cases shows it."""
        return self.reasons[0].reason if self.reasons else ""
