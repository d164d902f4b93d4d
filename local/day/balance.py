"""What each delivery came to, and whether all is accounted for: nothing lost, nothing twice, nothing left over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from contact_desk.timeline import EntryKind
from local.day.deliveries import Brought, Delivery, Outcome
from local.day.desk_view import IN_ANSWER, Answered, CaseOpened, CaseSeen

Entries = Counter[tuple[str, EntryKind]]
"""How many timeline entries of each kind a conversation has."""


def expected_entries(deliveries: Iterable[Delivery]) -> Entries:
    """The entries that the deliveries that bring contacts must make, by conversation and kind."""
    return Counter(
        (brought.conversation, brought.kind)
        for delivery in deliveries
        if delivery.outcome is Outcome.CONTACTS
        for brought in delivery.brings
    )


def conversations_by_reference(deliveries: Iterable[Delivery]) -> dict[str, str]:
    """For what the references of the day's cases may end in: whose conversation it is.

    What refused and ignored deliveries would have brought is among them, so that it is found should it be there.
    """
    return {
        ending: brought.conversation
        for delivery in deliveries
        for brought in delivery.brings
        for ending in brought.references()
    }


def case_conversation(case: CaseSeen, by_reference: Mapping[str, str]) -> str | None:
    """The conversation of the day that a case belongs to, None where it is none of the day's."""
    return by_reference.get(case.reference[case.reference.find("-") :])


def entries_on_desk(cases: Mapping[str, Sequence[CaseOpened]]) -> Entries:
    """The entries that the day's conversations have on the desk."""
    return Counter(
        (conversation, entry.kind)
        for conversation, opened in cases.items()
        for case in opened
        for entry in case.timeline
        if entry.kind in IN_ANSWER
    )


def in_flight(case: CaseOpened) -> bool:
    """Whether a text of the case is still to be sent."""
    return any(entry.in_flight for entry in case.timeline)


@dataclass(frozen=True, slots=True)
class Balance:
    """The day's account.

    `contacts` and `changes` (edits and deletions) are what the deliveries brought; `missing` and `surplus` are where
    the desk has less or more than that, `strangers` cases opened meanwhile that no delivery explains, `unsent`
    conversations with a text that did not go out, `astray` deliveries that were answered otherwise than they must be.
    """

    deliveries: int
    outcomes: Mapping[Outcome, int]
    contacts: int
    changes: int
    on_desk: int
    missing: Entries = field(default_factory=Counter)
    surplus: Entries = field(default_factory=Counter)
    strangers: tuple[str, ...] = ()
    unsent: tuple[str, ...] = ()
    astray: tuple[str, ...] = ()

    @property
    def adds_up(self) -> bool:
        """Whether every delivery came to what it must, and the desk holds exactly what they brought."""
        accounted = (
            sum(self.outcomes.values()) == self.deliveries and self.contacts + self.changes == self.on_desk
        )
        return accounted and not (
            self.missing or self.surplus or self.strangers or self.unsent or self.astray
        )

    def faults(self) -> list[str]:
        """What is wrong, one plain sentence each."""
        return [
            *self.astray,
            *(
                f"{conversation}: {number} {kind.value} missing"
                for (conversation, kind), number in self.missing.items()
            ),
            *(
                f"{conversation}: {number} {kind.value} too many"
                for (conversation, kind), number in self.surplus.items()
            ),
            *(f"{conversation}: a text has not been sent" for conversation in self.unsent),
            *(
                f"case {reference} was opened by nothing that the day delivered"
                for reference in self.strangers
            ),
        ]


def balance(
    deliveries: Sequence[Delivery],
    answers: Mapping[int, Answered],
    cases: Mapping[str, Sequence[CaseOpened]],
    strangers: Iterable[CaseSeen],
) -> Balance:
    """Draw the balance; `answers` are by the delivery's place in the script, `cases` by conversation."""
    expected, found = expected_entries(deliveries), entries_on_desk(cases)
    missing, surplus = expected - found, found - expected
    outcomes: Counter[Outcome] = Counter()
    astray = []
    for place, delivery in enumerate(deliveries):
        status = answers[place].status
        if status != delivery.status:
            astray.append(f"{delivery.title}: answered {status}, not {delivery.status}")
        elif not any(_unbalanced(brought, delivery, missing, surplus) for brought in delivery.brings):
            outcomes[delivery.outcome] += 1
    return Balance(
        deliveries=len(deliveries),
        outcomes=outcomes,
        contacts=sum(number for (_, kind), number in expected.items() if kind is EntryKind.CONTACT),
        changes=sum(number for (_, kind), number in expected.items() if kind is not EntryKind.CONTACT),
        on_desk=found.total(),
        missing=missing,
        surplus=surplus,
        strangers=tuple(case.reference for case in strangers),
        unsent=tuple(conversation for conversation, opened in cases.items() if any(map(in_flight, opened))),
        astray=tuple(astray),
    )


def _unbalanced(brought: Brought, delivery: Delivery, missing: Entries, surplus: Entries) -> bool:
    """Whether the desk has something else of this than the delivery must have come to."""
    entry = (brought.conversation, brought.kind)
    return surplus[entry] > 0 or (delivery.outcome is Outcome.CONTACTS and missing[entry] > 0)
