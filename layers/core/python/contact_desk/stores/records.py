"""Records management over the desk's one table: holds, decisions, and the end of a case with all that belongs to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contact_desk.alerts import AlertKind, case_alert_id
from contact_desk.attachments import attachments_id
from contact_desk.case_desk import AuditEntry
from contact_desk.cases import Case, CaseState, preview
from contact_desk.clock import to_rfc3339
from contact_desk.errors import StoreBusyError
from contact_desk.intake import cause_of
from contact_desk.numbers.surveys import survey_token
from contact_desk.retention import (
    Belongings,
    CaseRecord,
    Decision,
    DisposalRecord,
    Fate,
    LegalHold,
    TakenBack,
)
from contact_desk.stores import keys
from contact_desk.stores.act_records import audit_item
from contact_desk.stores.dynamo import Table, Write, assignments
from contact_desk.stores.items import Plain, attribute, case_from_item, contact_from_item
from contact_desk.stores.kept_figures import figures_of_case, figures_of_contacts, keep
from contact_desk.stores.keys import Key
from contact_desk.stores.override_log import overrides_between
from contact_desk.stores.record_items import (
    decision_from_item,
    decision_item,
    disposal_from_item,
    disposal_item,
    hold_from_item,
    hold_item,
    restriction_item,
)
from contact_desk.stores.tombstones import BLANKED_AT, STANDS, is_tombstone, tombstone
from contact_desk.subjects import names_of, person_names

READ_AT_ONCE = 50
WRITTEN_AT_ONCE = 25
CLOSED_AND_STANDING = "#state = :closed AND attribute_not_exists(#disposing)"


@dataclass(frozen=True, slots=True)
class Found:
    """The items that belong to a case, read to be disposed of."""

    case: Case
    timeline: tuple[Plain, ...]
    contacts: tuple[Plain, ...]

    @property
    def outbox_ids(self) -> list[str]:
        """Every outbox item that its timeline or its contacts name."""
        named = [entry["outbox_id"] for entry in self.timeline if entry.get("outbox_id")]
        return [*named, *(one for contact in self.contacts for one in contact.get("outbox_ids", ()))]

    @property
    def attachments_ids(self) -> list[str]:
        """The records of what came with its contacts."""
        return [entry["attachments_id"] for entry in self.timeline if entry.get("attachments_id")]


class DynamoRecords:
    """The records manager's side of the table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def record(self, case_id: str) -> CaseRecord | None:
        """A case's record; None where there is no such case, or no more."""
        return next(self._records([case_id]), None)

    def due(self, before: datetime) -> Iterator[CaseRecord]:
        """Closed cases whose date lies before the moment, earliest date first."""
        places = self._table.query(
            IndexName=keys.DUE_INDEX,
            KeyConditionExpression="due_pk = :retention AND due_sk < :before",
            ExpressionAttributeValues={
                ":retention": attribute(keys.RETENTION),
                ":before": attribute(to_rfc3339(before)),
            },
        )
        names = [place["due_sk"].split("#", 1)[1] for place in places]
        for start in range(0, len(names), READ_AT_ONCE):
            yield from self._records(names[start : start + READ_AT_ONCE])

    def _records(self, case_ids: Sequence[str]) -> Iterator[CaseRecord]:
        wanted = [key for one in case_ids for key in (keys.case(one), keys.hold(one))]
        found = {(item["pk"], item["sk"]): item for item in self._table.get_all(wanted)}
        for case_id in case_ids:
            if case := found.get((keys.case(case_id)["pk"], keys.case(case_id)["sk"])):
                held = found.get((keys.hold(case_id)["pk"], keys.hold(case_id)["sk"]))
                yield _record(case, held)

    def hold(self, hold: LegalHold, audit: AuditEntry) -> bool:
        """Put a case on hold, or change its hold; False where there is no such case or its disposal has begun."""
        table = self._table
        return not table.transact(
            [
                table.put(hold_item(hold)),
                table.check(
                    keys.case(hold.case_id), "attribute_exists(#pk) AND attribute_not_exists(#disposing)"
                ),
                table.put(audit_item(audit)),
            ]
        )

    def lift(self, case_id: str, audit: AuditEntry) -> bool:
        """Take the hold off a case; False where it has none."""
        table = self._table
        lifted = table.delete(keys.hold(case_id), "attribute_exists(#pk)")
        return not table.transact([lifted, table.put(audit_item(audit))])

    def holds(self) -> Sequence[LegalHold]:
        """Every hold, by the date on which somebody looks at it again."""
        return [hold_from_item(item) for item in self._listed(keys.HOLDS)]

    def decide(self, case_id: str, decision: Decision, audit: AuditEntry) -> bool:
        """Record a person's decision on a closed case, and move its date where it says so."""
        table, until = self._table, decision.until
        if decision.fate is Fate.KEEP and until:
            place = keys.retention_in_due_index(case_id, until)
            change = "SET #dispose_at = :until, #due_pk = :due_pk, #due_sk = :due_sk REMOVE #decided"
            values: dict[str, Any] = {"until": until, **place}
        else:
            change, values = "SET #decided = :decided", {"decided": True}
        decided = table.update(
            keys.case(case_id), change, CLOSED_AND_STANDING, closed=CaseState.CLOSED, **values
        )
        return not table.transact(
            [decided, table.put(decision_item(case_id, decision)), table.put(audit_item(audit))]
        )

    def decisions(self, case_id: str) -> Sequence[Decision]:
        """Every decision on a case, oldest first."""
        found = self._table.query(
            KeyConditionExpression="pk = :case AND begins_with(sk, :decision)",
            ExpressionAttributeValues={
                ":case": attribute(keys.disposal_partition(case_id)),
                ":decision": attribute(keys.DECISION_PREFIX),
            },
            ConsistentRead=True,
        )
        return [decision_from_item(item) for item in found]

    def begin(self, case_id: str, at: datetime) -> bool:
        """Begin the disposal of a closed case that nothing holds; True too where it has begun before.

        In the same transaction the case is counted no more, and what it counts for is kept.
        """
        table, figures = self._table, figures_of_case(self._table, case_id)
        begun = table.update(
            keys.case(case_id),
            "SET #disposing = :yes REMOVE #hour, #changed",
            CLOSED_AND_STANDING,
            yes=True,
            closed=CaseState.CLOSED,
        )
        free = table.check(keys.hold(case_id), "attribute_not_exists(#pk)")
        refused = table.transact([begun, free, *keep(table, figures, at)])
        return not refused or (0 in refused and refused[0].old.get("disposing", False))

    def belongings(self, case_id: str) -> Belongings:
        """What belongs to the case outside the table."""
        found = self._found(case_id)
        if found is None:
            return Belongings((), ())
        return self._belongings(found.contacts)

    def _belongings(self, contacts: Sequence[Plain]) -> Belongings:
        named = _once(keys.attachments(attachments_id(_cause(one))) for one in contacts)
        attachments = self._table.get_all(named)
        copies = [copy["key"] for one in attachments for copy in one["copies"] if copy.get("key")]
        pointers = [one["raw_pointer"] for one in contacts if one.get("raw_pointer")]
        deliveries = {one["archive_key"] for one in contacts if one.get("archive_key")}
        # A delivery whose contacts are not all on the desk is still to be replayed: the archive's own time ends it.
        done = self._table.get_all(_once(map(keys.receipt, sorted(deliveries))))
        return Belongings(
            tuple(sorted({*copies, *pointers})), tuple(sorted(one["archive_key"] for one in done))
        )

    def empty(self, case_id: str, at: datetime) -> int:
        """Remove all that belongs to the case but itself; how many items. Contacts leave a tombstone."""
        found = self._found(case_id)
        if found is None:
            return 0
        table, case = self._table, found.case
        gone = [keys.outbox(one) for one in found.outbox_ids]
        gone += [keys.attachments(one) for one in found.attachments_ids]
        gone += [
            keys.subject(name, case_id)
            for one in found.contacts
            for name in names_of(contact_from_item(one), case.reference)
        ]
        gone += [keys.alert(case_alert_id(case_id, kind)) for kind in AlertKind]
        gone += [keys.survey(survey_token(case_id))]
        gone += [
            keys.override(one.at, one.override_id)
            for one in overrides_between(table, case.opened_at, case.closed_at or at)
            if one.case_id == case_id
        ]
        gone += [
            keys.restriction(name) for one in found.contacts for name in person_names(contact_from_item(one))
        ]
        there = [
            _key(item)
            for item in table.get_all(_once(gone))
            if item["sk"] != keys.RESTRICTED or item["case_id"] == case_id
        ]
        for start in range(0, len(found.contacts), WRITTEN_AT_ONCE):
            some = found.contacts[start : start + WRITTEN_AT_ONCE]
            gone_for_good = [table.put(tombstone(_key(one), at), STANDS) for one in some]
            self._write([*gone_for_good, *keep(table, figures_of_contacts(some), at)], len(some) * 2)
        self._write([table.delete(key) for key in there])
        table.attempt(
            table.delete(
                keys.conversation(case.conversation_key), "#current.#case_id = :case_id", case_id=case_id
            )
        )
        # The pointers last: while they are there, an interrupted disposal still finds what they point to.
        self._write([table.delete(_key(entry)) for entry in found.timeline])
        return len(found.contacts) + len(there) + len(found.timeline)

    def note(self, audit: AuditEntry) -> None:
        """Keep an audit entry of something that changed nothing."""
        self._table.attempt(self._table.put(audit_item(audit)))

    def cases_of(self, name: str) -> Sequence[str]:
        """The cases of the person of a name, oldest first."""
        found = self._partition(keys.subject_partition(name))
        return [item["case_id"] for item in found if item["sk"] != keys.RESTRICTED]

    def restrict(self, case_id: str, to: Sequence[str] | None, audit: AuditEntry) -> bool:
        """Let the named people alone see a case and new ones of its person, or everybody again.

        False where there is no such case. Where nobody is named, new ones are like anybody's: somebody must see them.
        """
        table, found = self._table, self._found(case_id)
        if found is None:
            return False
        change, values = assignments({"restricted_to": list(to) if to is not None else None})
        changed = table.update(keys.case(case_id), change, "attribute_exists(#pk)", **values)
        names = dict.fromkeys(name for one in found.contacts for name in person_names(contact_from_item(one)))
        marks = [self._mark(name, case_id, to) for name in names]
        return not table.transact([changed, table.put(audit_item(audit)), *marks])

    def _mark(self, name: str, case_id: str, to: Sequence[str] | None) -> Write:
        """What a case's restriction makes of that of its person: it, or that of another case of theirs, or none."""
        others = [one for one in self.cases_of(name) if one != case_id]
        standing = [(one.case_id, one.restricted_to) for one in self._records(others) if one.restricted_to]
        if named := [(case_id, tuple(to))] if to else standing[-1:]:
            return self._table.put(restriction_item(name, *named[0]))
        return self._table.delete(keys.restriction(name))

    def taken_back(self, before: datetime) -> Iterator[TakenBack]:
        """What its writers took back before the moment and nobody has settled, oldest first."""
        places = self._table.query(
            IndexName=keys.DUE_INDEX,
            KeyConditionExpression="due_pk = :taken_back AND due_sk < :before",
            ExpressionAttributeValues={
                ":taken_back": attribute(keys.TAKEN_BACK),
                ":before": attribute(to_rfc3339(before)),
            },
        )
        for place in places:
            item = self._table.get(_key(place))
            if item and not is_tombstone(item):
                yield TakenBack(
                    contact_key=place["pk"].removeprefix("contact#"),
                    event_id=item["event_id"],
                    channel=item["channel"],
                    case_id=item["case_id"],
                    held=self._table.get(keys.hold(item["case_id"])) is not None,
                )

    def keep_taken_back(self, taken: TakenBack) -> None:
        """Settle that the words stay."""
        event = keys.contact_event(taken.contact_key, taken.event_id)
        self._table.attempt(self._table.update(event, "REMOVE #due_pk, #due_sk", STANDS))

    def belongings_of_contact(self, contact_key: str) -> Belongings:
        """What belongs to one contact outside the table."""
        return self._belongings(self._standing(contact_key))

    def blank(self, taken: TakenBack, at: datetime) -> None:
        """Take the words out of a contact, its edits and what its case shows of them, for good."""
        table, contacts = self._table, self._standing(taken.contact_key)
        cases = table.get_all(_once(keys.case(one["case_id"]) for one in contacts))
        shown = {preview(one["text"]) for one in contacts if one.get("text")}
        for case in cases:
            # Nobody knows any more which of its contacts named the places.
            none: Plain = {**({"preview": ""} if case["preview"] in shown else {}), "places": None}
            change, values = assignments(none)
            table.attempt(table.update(_key(case), change, "attribute_exists(#pk)", **values))
        original = keys.contact(taken.contact_key)
        if all(_key(one) != original for one in contacts):
            # Its original never came; should it yet, it says nothing new.
            table.attempt(table.put(tombstone(original, at), "attribute_not_exists(#pk)"))
        for one in contacts:
            table.attempt(table.put(_blanked(one, at), STANDS))
        there = _once(keys.attachments(attachments_id(_cause(one))) for one in contacts)
        self._write([table.delete(_key(one)) for one in table.get_all(there)])

    def _standing(self, contact_key: str) -> list[Plain]:
        return [one for one in self._partition(keys.contact(contact_key)["pk"]) if not is_tombstone(one)]

    def end(self, done: DisposalRecord, audit: AuditEntry) -> None:
        """Remove the case itself and keep the record of its disposal, in one transaction."""
        table = self._table
        table.transact(
            [
                table.delete(keys.case(done.case_id), "attribute_exists(#disposing)"),
                table.put(disposal_item(done)),
                table.put(audit_item(audit)),
            ]
        )

    def disposed(self, since: datetime) -> Iterator[DisposalRecord]:
        """The records of disposals from the moment on, oldest first."""
        yield from map(disposal_from_item, self._listed(keys.DISPOSALS, since=to_rfc3339(since)))

    def _found(self, case_id: str) -> Found | None:
        items = self._partition(keys.case(case_id)["pk"])
        case = next((case_from_item(item) for item in items if item["sk"] == keys.case(case_id)["sk"]), None)
        if case is None:
            return None
        timeline = tuple(item for item in items if item["sk"].startswith(keys.TIMELINE_PREFIX))
        named = dict.fromkeys(entry["contact_key"] for entry in timeline if entry.get("contact_key"))
        contacts = [
            item
            for key in named
            for item in self._partition(keys.contact(key)["pk"])
            if not is_tombstone(item) and item["case_id"] == case_id
        ]
        return Found(case, timeline, tuple(contacts))

    def _partition(self, name: str) -> list[Plain]:
        return list(
            self._table.query(
                KeyConditionExpression="pk = :name",
                ExpressionAttributeValues={":name": attribute(name)},
                ConsistentRead=True,
            )
        )

    def _listed(self, partition: str, since: str = "") -> Iterator[Plain]:
        return self._table.query(
            IndexName=keys.DESK_INDEX,
            KeyConditionExpression="desk_pk = :partition AND desk_sk >= :since",
            ExpressionAttributeValues={":partition": attribute(partition), ":since": attribute(since or " ")},
        )

    def _write(self, writes: Sequence[Write], at_once: int = WRITTEN_AT_ONCE) -> None:
        for start in range(0, len(writes), at_once):
            if self._table.transact(writes[start : start + at_once]):
                raise StoreBusyError("what belongs to the case could not be removed")


def _once(wanted: Iterable[Key]) -> list[Key]:
    return list({(key["pk"], key["sk"]): key for key in wanted}.values())


def _key(item: Plain) -> Key:
    return {"pk": item["pk"], "sk": item["sk"]}


def _cause(item: Plain) -> str:
    """The one name of a contact, or of an edit or delete of it, from its item."""
    return cause_of(contact_from_item(item))


def _blanked(item: Plain, at: datetime) -> Plain:
    """A contact's item without its words: what was decided stays, without the words that decided it."""
    gone = {"due_pk", "due_sk", "raw", "raw_pointer", "report", "location", "second_read", "permalink"}
    decision = dict(item["decision"])
    decision["reasons"] = [{**reason, "words": []} for reason in decision["reasons"]]
    decision["places"] = []
    kept = {name: value for name, value in item.items() if name not in gone}
    return {**kept, "text": "", "attachments": [], "decision": decision, BLANKED_AT: at}


def _record(item: Plain, held: Plain | None) -> CaseRecord:
    case = case_from_item(item)
    return CaseRecord(
        case_id=case.case_id,
        reference=case.reference,
        closed_at=case.closed_at,
        retention_class=case.retention_class,
        dispose_at=case.dispose_at,
        hold=hold_from_item(held) if held else None,
        decided=item.get("decided", False),
        begun=item.get("disposing", False),
        restricted_to=case.restricted_to,
        channel=case.channel,
        opened_at=case.opened_at,
    )
