"""Races on one conversation, on the emulator alone: moto lets two writers win one condition."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from contact_desk.cases import CaseState
from contact_desk.contacts import Contact, Person
from contact_desk.decisions import TriageDecision
from contact_desk.intake import Admission, Admitted, Duplicate
from contact_desk.stores import keys
from contact_desk.stores.items import conversation_item
from contact_desk.timeline import EntryKind
from local.twins.held_still import NOON
from tests.builders import contact
from tests.contract.conftest import Backend
from tests.contract.taking import Taking
from tests.proving import Share
from tests.unit.triage.readings import decision, red


def admit_until_in(taking: Taking, one: Contact, decided: TriageDecision) -> str | None:
    """Admit a contact as triage does, reading again whenever somebody was quicker; None for a duplicate."""
    for _ in range(60):
        admission = taking.compose(one, decided)
        outcome = taking.intake.admit(admission)
        if outcome == Admitted():
            return admission.case.case_id
        if isinstance(outcome, Duplicate):
            return None
    raise AssertionError("the conversation never rested")


def at_once(*works: Callable[[], str | None]) -> list[str | None]:
    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result() for future in [pool.submit(work) for work in works]]


def test_contacts_of_one_new_person_that_come_at_once_share_one_case(
    racing_backend: Backend, share: Share
) -> None:
    for number in range(share(10, 300)):
        taking = Taking(racing_backend)
        person = Person(f"person-{number}")
        ones = [contact(native_id=f"m_{number}_{part}", person=person) for part in range(4)]
        cases = at_once(*[partial(admit_until_in, Taking(racing_backend), one, decision()) for one in ones])

        assert len(set(cases)) == 1
        kept = taking.intake.conversation(ones[0].conversation_key)
        assert kept is not None
        assert kept.revision == 4
        kinds = [entry.kind for entry in taking.rows.timeline(str(cases[0]))]
        assert kinds.count(EntryKind.CONTACT) == 4
        assert kinds.count(EntryKind.AUTOMATIC) == 1


def test_one_contact_that_comes_many_times_at_once_is_admitted_once(
    racing_backend: Backend, share: Share
) -> None:
    for number in range(share(10, 300)):
        one = contact(native_id=f"m_{number}", person=Person(f"person-{number}"))
        cases = at_once(*[partial(admit_until_in, Taking(racing_backend), one, red()) for _ in range(8)])

        assert len([case for case in cases if case]) == 1


def test_a_contact_that_races_a_close_is_on_an_open_case(racing_backend: Backend, share: Share) -> None:
    for number in range(share(20, 1_000)):
        person = Person(f"person-{number}")
        taking = Taking(racing_backend)
        first = taking.admit(contact(native_id=f"first-{number}", person=person))
        late = contact(native_id=f"late-{number}", person=person)

        _, case_id = at_once(
            partial(close_if_as_read, racing_backend, first),
            partial(admit_until_in, Taking(racing_backend), late, decision()),
        )

        assert case_id is not None
        assert taking.rows.case(case_id).state is CaseState.OPEN


def close_if_as_read(backend: Backend, first: Admission) -> str | None:
    """Close a case as an operator's act does: the case and the conversation in one transaction, each as it was read."""
    table, current = backend.table, first.after.current
    assert current is not None
    closed = replace(
        first.after, revision=2, current=replace(current, state=CaseState.CLOSED, closed_at=NOON)
    )
    refused = table.transact(
        [
            table.update(
                keys.case(first.case.case_id),
                "SET #state = :closed, #closed_at = :at",
                "#last_contact = :read",
                closed=CaseState.CLOSED,
                at=NOON,
                read=first.cause,
            ),
            table.put(conversation_item(closed), "#revision = :one", one=1),
        ]
    )
    return None if refused else first.case.case_id
