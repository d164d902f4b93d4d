"""The contacts of a case as evidence: each event as received, its hash, when it was captured, in which delivery."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from contact_desk.clock import from_rfc3339
from contact_desk.contacts import Contact
from contact_desk.decisions import Reason
from contact_desk.intake import cause_of
from contact_desk.references import digest_id
from contact_desk.stores import keys
from contact_desk.stores.decision_fields import reasons_from_field
from contact_desk.stores.dynamo import Table
from contact_desk.stores.items import Plain, attribute, contact_from_item
from contact_desk.stores.tombstones import is_blanked, is_tombstone


@dataclass(frozen=True, slots=True)
class Original:
    """One event as its platform sent it.

    `sha256` is the hash that was written down when it came, of the event's own UTF-8 bytes; `body` those bytes, None
    where they are in the evidence under `pointer`, were too large to travel, or were taken back (`blanked`).
    """

    contact: Contact
    admitted_at: datetime
    grade: str
    band: str
    rules_version: str
    reasons: tuple[Reason, ...]
    sha256: str | None
    body: bytes | None = field(repr=False)
    pointer: str | None
    blanked: bool

    @property
    def name(self) -> str:
        """What the event is called among others, saying nothing of anybody."""
        return digest_id(cause_of(self.contact))

    @property
    def delivery_sha256(self) -> str:
        """The hash of the whole delivery that brought it, which may have held other people too."""
        return self.contact.archive_key.rpartition("/")[2].partition(".")[0]


def originals(table: Table, case_id: str) -> list[Original]:
    """The case's contacts and what became of each, by the platform's time (consistent reads)."""
    entries = table.query(
        KeyConditionExpression="pk = :case AND begins_with(sk, :timeline)",
        ExpressionAttributeValues={
            ":case": attribute(keys.case(case_id)["pk"]),
            ":timeline": attribute(keys.TIMELINE_PREFIX),
        },
        ConsistentRead=True,
    )
    wanted = {
        (one["contact_key"], one.get("event_id")): keys.contact_event(one["contact_key"], one["event_id"])
        if one.get("event_id")
        else keys.contact(one["contact_key"])
        for one in entries
        if one.get("contact_key")
    }
    found = [_original(item) for item in table.get_all(list(wanted.values())) if not is_tombstone(item)]
    return sorted(found, key=lambda one: (one.contact.occurred_at, one.name))


def _original(item: Plain) -> Original:
    decision, raw = item["decision"], item.get("raw")
    return Original(
        contact=contact_from_item(item),
        admitted_at=from_rfc3339(item["admitted_at"]),
        grade=decision["grade"],
        band=decision["band"],
        rules_version=decision["rules_version"],
        reasons=reasons_from_field(decision["reasons"]),
        sha256=item.get("raw_hash"),
        body=raw.encode("utf-8", errors="replace") if raw is not None else None,
        pointer=item.get("raw_pointer"),
        blanked=is_blanked(item),
    )
