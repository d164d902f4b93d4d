"""The audit's chain: it holds for what was written, and one byte or entry elsewhere breaks it by name."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from contact_desk.audit_chain import HOUR, Proof, Seal
from contact_desk.audit_sealing import hours_to_seal, prove, seal_hour
from contact_desk.case_desk import AuditEntry
from contact_desk.errors import UnreadableJsonError
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON
from local.twins.in_memory_audit import InMemoryAuditTrail, InMemorySeals
from tests.proving import Share

KEY = b"the key of the seals"
HOURS = 6
NOW = NOON + HOURS * HOUR + timedelta(minutes=11)
FLIPS = 150


class Chain:
    """Some hours of an audit, sealed."""

    def __init__(self) -> None:
        self.records, self.vault = DeskRecords(), InMemorySeals()
        self.trail = InMemoryAuditTrail(self.records)
        for hour in range(HOURS):
            for n in range(hour % 3 * 2):  # some hours are quiet
                at = NOON + hour * HOUR + timedelta(minutes=7 * n)
                shown = ("case-7", "case-8") if n else ()
                self.trail.note(
                    AuditEntry(f"case-{n}", at, f"sub-{hour}", "open", f"request-{hour}-{n}", shown)
                )
            seal_hour(NOON + hour * HOUR, self.trail, self.vault, KEY)

    def proof(self) -> Proof:
        return prove(self.trail, self.vault, KEY, NOW)

    def change(self, subject: str, number: int, **changes: object) -> None:
        entries = self.records.audit[subject]
        entries[number] = replace(entries[number], **changes)  # type: ignore[arg-type]


@pytest.fixture
def chain() -> Chain:
    return Chain()


def test_what_was_sealed_as_it_was_written_holds(chain: Chain) -> None:
    assert chain.proof() == Proof(seals=HOURS, entries=12)


def test_a_seal_is_the_same_whoever_makes_it_and_another_keys_is_none(chain: Chain) -> None:
    again = InMemorySeals()
    for hour in sorted(chain.vault.kept):
        seal_hour(hour, chain.trail, again, KEY)

    assert again.kept == chain.vault.kept
    assert (broken := prove(chain.trail, chain.vault, b"another key", NOW).first_break)
    assert (broken.hour, broken.what) == (NOON, "the seal was changed")


def test_one_byte_changed_anywhere_in_the_chain_is_found_and_its_hour_named(
    chain: Chain, share: Share
) -> None:
    everywhere = [(hour, place) for hour, (body,) in chain.vault.kept.items() for place in range(len(body))]
    chance = random.Random(2026)
    flips = chance.sample(everywhere, share(FLIPS, len(everywhere)))
    for hour, place in flips:
        body = chain.vault.kept[hour][0]
        changed = bytes([body[place] ^ chance.randrange(1, 256)])
        chain.vault.kept[hour] = [body[:place] + changed + body[place + 1 :]]

        broken = chain.proof().first_break
        assert broken, (hour, place)
        assert broken.hour == hour
        assert "seal" in broken.what

        chain.vault.kept[hour] = [body]


@pytest.mark.parametrize(
    "changes",
    [{"by": "sub-somebody"}, {"act": "close"}, {"shown": ("case-7",)}, {"request_id": "request-9"}],
    ids=str,
)
def test_an_entry_that_was_changed_is_named(chain: Chain, changes: dict[str, object]) -> None:
    chain.change("case-1", 1, **changes)

    broken = chain.proof().first_break
    assert broken
    assert (broken.hour, broken.subject) == (NOON + 2 * HOUR, "case-1")
    assert broken.at == NOON + 2 * HOUR + timedelta(minutes=7)


def test_an_entry_that_was_taken_away_or_added_is_found_in_its_hour(chain: Chain) -> None:
    added = AuditEntry("case-3", NOON + 3 * HOUR, "sub-x", "open", "later")
    chain.trail.note(added)
    broken = chain.proof().first_break
    assert broken
    assert (broken.what, broken.subject, broken.hour) == (
        "an entry is not under seal",
        "case-3",
        NOON + 3 * HOUR,
    )

    chain.records.audit["case-3"].remove(added)
    del chain.records.audit["case-2"][0]
    broken = chain.proof().first_break
    assert broken
    assert (broken.what, broken.hour) == ("1 sealed entry is gone", NOON + 2 * HOUR)


def test_a_seal_that_is_gone_written_over_or_cut_off_at_the_end_is_found(chain: Chain) -> None:
    middle, last = NOON + 2 * HOUR, NOON + (HOURS - 1) * HOUR

    kept = chain.vault.kept.pop(middle)
    assert (broken := chain.proof().first_break)
    assert (broken.hour, broken.what) == (middle, "the hour has no seal")

    chain.vault.kept[middle] = [*kept, b"{}"]
    assert (broken := chain.proof().first_break)
    assert (broken.hour, broken.what) == (middle, "the seal was written over")

    chain.vault.kept[middle] = kept
    del chain.vault.kept[last]
    late = prove(chain.trail, chain.vault, KEY, last + 4 * HOUR).first_break
    assert late
    assert (late.hour, late.what) == (last, "the hour has no seal")


def test_a_chain_made_anew_without_its_beginning_is_no_chain(chain: Chain) -> None:
    del chain.vault.kept[NOON]

    broken = chain.proof().first_break
    assert broken
    assert broken.what == "the seal does not follow the one before it"


def test_a_desk_without_any_seal_is_told_so() -> None:
    proof = prove(InMemoryAuditTrail(DeskRecords()), InMemorySeals(), KEY, NOW)

    assert proof.first_break
    assert proof.first_break.what == "there is no seal at all"


def test_hours_are_sealed_once_settled_and_each_that_was_missed(chain: Chain) -> None:
    assert hours_to_seal(chain.vault, NOW) == []
    assert hours_to_seal(chain.vault, NOW + timedelta(minutes=58)) == []
    assert hours_to_seal(chain.vault, NOW + 2 * HOUR) == [NOON + HOURS * HOUR, NOON + (HOURS + 1) * HOUR]
    assert hours_to_seal(InMemorySeals(), NOW) == [NOON + (HOURS - 1) * HOUR]


def test_an_hour_is_never_sealed_past_one_that_has_no_seal(chain: Chain) -> None:
    with pytest.raises(UnreadableJsonError):
        seal_hour(NOON + (HOURS + 1) * HOUR, chain.trail, chain.vault, KEY)


def test_a_seal_holds_no_id(chain: Chain) -> None:
    for (body,) in chain.vault.kept.values():
        assert Seal.read(body).as_bytes() == body
        for word in (b"case-", b"sub-", b"request-", b"open"):
            assert word not in body
