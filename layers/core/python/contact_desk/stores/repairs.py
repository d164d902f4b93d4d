"""The table as sweep repairs it: missing receipts, expired claims, quarantine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from contact_desk.clock import from_rfc3339, to_rfc3339
from contact_desk.repairs import ExpiredClaim, QuarantinedMessage
from contact_desk.stores import keys
from contact_desk.stores.dynamo import Table
from contact_desk.stores.items import attribute, timeline_item
from contact_desk.timeline import EntryKind, TimelineEntry

RELEASED_KEPT = timedelta(days=100)
"""How long after its quarantine the table remembers that a message was released; its words go with the release."""


class DynamoRepairs:
    """Repairs over the desk's table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def without_receipt(self, archive_keys: Sequence[str]) -> Sequence[str]:
        """Those of the deliveries that no triage has closed, in their order."""
        receipts = self._table.get_all([keys.receipt(key) for key in archive_keys])
        closed = {receipt["pk"] for receipt in receipts}
        return [key for key in archive_keys if keys.receipt(key)["pk"] not in closed]

    def expired_claims(self, before: datetime, limit: int) -> Sequence[ExpiredClaim]:
        """Claims whose lease ran out before the moment, oldest first.

        The index is a little behind the table and holds keys only, so each case is read again here, and its
        claim is checked once more by `free`.
        """
        shown = self._table.query(
            IndexName=keys.DUE_INDEX,
            KeyConditionExpression="due_pk = :claims AND due_sk < :before",
            ExpressionAttributeValues={
                ":claims": attribute(keys.CLAIMS),
                ":before": attribute(to_rfc3339(before)),
            },
        )
        claims: list[ExpiredClaim] = []
        for key in shown:
            if len(claims) == limit:
                break
            case = self._table.get({"pk": key["pk"], "sk": key["sk"]}) or {}
            claim = case.get("claim")
            if claim and from_rfc3339(claim["until"]) < before:
                until = from_rfc3339(claim["until"])
                claims.append(ExpiredClaim(case["case_id"], claim["token"], claim["name"], until))
        return claims

    def free(self, claim: ExpiredClaim, now: datetime) -> bool:
        """Take an expired claim off its case; False where it was renewed, released or taken over meanwhile."""
        entry = TimelineEntry(at=now, kind=EntryKind.CLAIM_EXPIRED, name=claim.token, by=claim.name)
        refused = self._table.transact(
            [
                self._table.update(
                    keys.case(claim.case_id),
                    "REMOVE #claim, #due_pk, #due_sk",
                    # A renewal keeps the token and moves `until`; a new claim has another token.
                    "#claim.#token = :token AND #claim.#until = :until",
                    token=claim.token,
                    until=claim.until,
                ),
                self._table.put(timeline_item(claim.case_id, entry)),
            ]
        )
        return not refused

    def quarantine(self, letter: QuarantinedMessage) -> None:
        """Keep a message that no redriving saved, once for its name."""
        self._table.attempt(
            self._table.put(
                {
                    **keys.quarantine(letter.queue, letter.message_id),
                    **keys.quarantine_in_desk_index(letter.queue, letter.message_id, letter.quarantined_at),
                    "queue": letter.queue,
                    "message_id": letter.message_id,
                    "body": letter.body,
                    "quarantined_at": letter.quarantined_at,
                }
            )
        )

    def quarantined(self) -> Sequence[QuarantinedMessage]:
        """The messages in quarantine, oldest first."""
        shown = self._table.query(
            IndexName=keys.DESK_INDEX,
            KeyConditionExpression="desk_pk = :quarantine",
            ExpressionAttributeValues={":quarantine": attribute(keys.QUARANTINE)},
        )
        return [
            QuarantinedMessage(
                item["queue"], item["message_id"], item["body"], from_rfc3339(item["quarantined_at"])
            )
            for item in shown
        ]

    def release(self, letter: QuarantinedMessage) -> None:
        """Take a message that was put back on its queue out of quarantine.

        Its words go at once, since the message has them; that it was there is remembered for a hundred days.
        """
        self._table.attempt(
            self._table.update(
                keys.quarantine(letter.queue, letter.message_id),
                "SET #expires_at = :expires_at REMOVE #body, #desk_pk, #desk_sk",
                expires_at=int((letter.quarantined_at + RELEASED_KEPT).timestamp()),
            )
        )
