"""The form's pages: which there are, what each asks, whom it is for, and what is wrong with an answer.

An error is a name that the messages have words for. Limits are those of the report itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from contact_desk.force_file import ForceFile
from contact_desk.report_form import Matter
from contact_desk.reports import (
    EMAIL_CHARACTERS,
    LINE_CHARACTERS,
    PHONE_CHARACTERS,
    PROSE_CHARACTERS,
    WHAT_CHARACTERS,
    says_something,
)

Answers = Mapping[str, str]
YES, NO = "yes", "no"
# Generous: an address that is not one is worth a word to the person, an odd one is none of our business.
_EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+")
_DIGITS_AT_LEAST = 7


class Kind(StrEnum):
    """How a field is asked."""

    CHOICE = "choice"
    LINE = "line"
    PROSE = "prose"
    EMAIL = "email"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: the name that its answer has, how it is asked, and what it takes."""

    name: str
    kind: Kind
    limit: int
    needed: bool = True
    choices: tuple[str, ...] = ()
    rows: int = 5
    autocomplete: str | None = None

    def mistake(self, answer: str) -> str | None:
        """What is wrong with the answer, None where nothing is."""
        if self.kind is Kind.CHOICE:
            return None if answer in self.choices else "missing"
        if len(answer) > self.limit:
            return "too_long"
        if not says_something(answer):
            return "missing" if self.needed else None
        if self.kind is Kind.EMAIL and not _EMAIL.fullmatch(answer):
            return "not_one"
        if self.kind is Kind.PHONE and sum(one.isdigit() for one in answer) < _DIGITS_AT_LEAST:
            return "not_one"
        return None


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its name in the URL, its fields, and whether it is for somebody with these answers."""

    name: str
    fields: tuple[Field, ...] = ()
    asked: Callable[[Answers, ForceFile], bool] = lambda _answers, _force: True
    one_of: tuple[str, ...] = ()
    """Fields of which at least one is needed."""

    def taken(self, typed: Answers) -> dict[str, str]:
        """What somebody typed on this page, as it is kept; a choice that was not made is not among it."""
        return {
            field.name: as_kept(field, typed.get(field.name, ""))
            for field in self.fields
            if field.kind is not Kind.CHOICE or field.name in typed
        }

    def mistakes(self, answers: Answers) -> dict[str, str]:
        """What is wrong with the answers to this page, by field."""
        found = {
            field.name: wrong
            for field in self.fields
            if (wrong := field.mistake(answers.get(field.name, "")))
        }
        if self.one_of and not any(says_something(answers.get(name, "")) for name in self.one_of):
            found.setdefault(self.one_of[0], "one_needed")
        return found


def as_kept(field: Field, typed: str) -> str:
    """An answer as it is kept: browsers send lines with carriage returns, and a line has no blanks around it."""
    text = typed.replace("\r\n", "\n").replace("\r", "\n")
    return text if field.kind is Kind.PROSE else text.strip()


def _choice(name: str, *choices: str) -> Field:
    return Field(name, Kind.CHOICE, 0, choices=choices)


def _happened(answers: Answers, _force: ForceFile) -> bool:
    return answers.get("matter") != Matter.ADVICE


def _has_signposts(answers: Answers, force: ForceFile) -> bool:
    return bool(force.report_form.signposts_for(answers.get("matter")))


def _says_who(answers: Answers, _force: ForceFile) -> bool:
    return answers.get("who") == YES


def _may_be_reached(answers: Answers, force: ForceFile) -> bool:
    return _says_who(answers, force) and answers.get("safe") == YES


EMERGENCY = Page("emergency", (_choice("emergency", YES, NO),))
CALL_999 = Page(
    "call-999",
    (
        Field("what", Kind.PROSE, WHAT_CHARACTERS, needed=False),
        Field("where", Kind.PROSE, PROSE_CHARACTERS, needed=False, rows=2),
        Field("phone", Kind.PHONE, PHONE_CHARACTERS, needed=False, autocomplete="tel"),
    ),
)
CHECK = Page("check")
QUESTIONS: tuple[Page, ...] = (
    EMERGENCY,
    Page("matter", (_choice("matter", *Matter),)),
    Page("signposts", asked=_has_signposts),
    Page("what", (Field("what", Kind.PROSE, WHAT_CHARACTERS, rows=10),)),
    Page("where", (Field("where", Kind.PROSE, PROSE_CHARACTERS, rows=3),), _happened),
    Page("when", (Field("when", Kind.PROSE, PROSE_CHARACTERS, rows=3),), _happened),
    Page("who", (_choice("who", YES, NO),)),
    Page(
        "name",
        (
            Field("name", Kind.LINE, LINE_CHARACTERS, autocomplete="name"),
            Field("country", Kind.LINE, LINE_CHARACTERS, needed=False, autocomplete="country-name"),
        ),
        _says_who,
    ),
    Page("safe", (_choice("safe", YES, NO),), _says_who),
    Page(
        "reach",
        (
            Field("email", Kind.EMAIL, EMAIL_CHARACTERS, needed=False, autocomplete="email"),
            Field("phone", Kind.PHONE, PHONE_CHARACTERS, needed=False, autocomplete="tel"),
            Field("how", Kind.PROSE, PROSE_CHARACTERS, needed=False, rows=2),
            Field("not_when", Kind.PROSE, PROSE_CHARACTERS, needed=False, rows=2),
        ),
        _may_be_reached,
        one_of=("email", "phone"),
    ),
)
PAGES = {page.name: page for page in (*QUESTIONS, CALL_999, CHECK)}
FIELDS = frozenset(field.name for page in PAGES.values() for field in page.fields)


def asked_of(answers: Answers, force: ForceFile) -> Sequence[Page]:
    """The questions for somebody with these answers, in order."""
    return [page for page in QUESTIONS if page.asked(answers, force)]


def first_mistaken(answers: Answers, force: ForceFile) -> Page | None:
    """The first question that has no good answer yet."""
    return next((page for page in asked_of(answers, force) if page.mistakes(answers)), None)


def after(page: Page, answers: Answers, force: ForceFile) -> Page:
    """The page that follows; the last question is followed by the look at all of them."""
    pages = [*asked_of(answers, force), CHECK]
    return pages[pages.index(page) + 1] if page in pages[:-1] else CHECK


def before(page: Page, answers: Answers, force: ForceFile) -> Page:
    """The page that comes before; before the first and before the call for 999 stands the first."""
    pages = [*asked_of(answers, force), CHECK]
    place = pages.index(page) if page in pages else 0
    return pages[max(place - 1, 0)]
