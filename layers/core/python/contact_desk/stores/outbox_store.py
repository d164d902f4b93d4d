"""The outbox in the desk's table: every step is one conditional write, held to the worker's token.

A refused condition may be our own earlier write whose answer was lost: before it is believed, the token in the item
that stands there is compared with ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from contact_desk.case_desk import ActRecord
from contact_desk.clock import from_rfc3339, to_rfc3339
from contact_desk.intake import Nudge
from contact_desk.outbox import ExpectedEcho, OutboxItem, OutboxState, Resolution
from contact_desk.send_failures import SendFailure
from contact_desk.stores import keys
from contact_desk.stores.act_records import record_writes
from contact_desk.stores.dynamo import Refused, Table, Write, assignments
from contact_desk.stores.items import attribute, outbox_from_item

# Platforms repeat deliveries for a day and a half at most where echoes are known by their words.
ECHO_EXPECTED_FOR = timedelta(days=2)
HELD = (OutboxState.CLAIMED, OutboxState.STARTED, OutboxState.IN_DOUBT)
# Nobody has it: it waits and is due, or its holder's lease ended before the call to the platform was begun.
FREE_TO_SEND = "(#state = :pending AND #due_at <= :now) OR (#state = :claimed AND #lease_until <= :now)"
# Nobody has it, and it may have been sent: it waits to be looked up, or its holder's lease ended after the start.
FREE_TO_LOOK_UP = (
    "(#state = :in_doubt AND #due_at <= :now AND (attribute_not_exists(#lease_until) OR #lease_until <= :now))"
    " OR (#state = :started AND #lease_until <= :now)"
)


class DynamoOutboxStore:
    """The outbox over the desk's table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, outbox_id: str) -> OutboxItem | None:
        """The item (a consistent read)."""
        fields = self._table.get(keys.outbox(outbox_id))
        return outbox_from_item(fields) if fields else None

    def claim(self, outbox_id: str, *, token: str, now: datetime, lease_until: datetime) -> OutboxItem | None:
        """Take a due, unsent item nobody holds; None where somebody does, it is done, or it is not yet due.

        One write for an item to send, a second one for an item to look up.
        """

        def taking(becomes: OutboxState, condition: str) -> Write:
            change, values = assignments({"state": becomes, "token": token, "lease_until": lease_until})
            states = {state.value: state for state in OutboxState}
            return self._table.update(
                keys.outbox(outbox_id), change, condition, **{**states, **values, "now": now}
            )

        taken = self._table.change(taking(OutboxState.CLAIMED, FREE_TO_SEND))
        if isinstance(taken, Refused) and _may_have_been_sent(taken, token):
            taken = self._table.change(taking(OutboxState.IN_DOUBT, FREE_TO_LOOK_UP))
        if not isinstance(taken, Refused):
            return outbox_from_item(taken)
        return outbox_from_item(taken.old) if taken.old.get("token") == token else None

    def start(self, claimed: OutboxItem, *, now: datetime) -> OutboxItem | None:
        """Record that the call to the platform is about to be made; None where the claim was lost."""
        started = self._table.change(
            self._table.update(
                keys.outbox(claimed.outbox_id),
                "SET #state = :started, #started_at = :now, #attempts = :attempts",
                "#token = :token AND #state = :claimed",
                token=claimed.token,
                claimed=OutboxState.CLAIMED,
                started=OutboxState.STARTED,
                now=now,
                attempts=claimed.attempts + 1,
            )
        )
        if not isinstance(started, Refused):
            return outbox_from_item(started)
        return outbox_from_item(started.old) if _ours(started, claimed, OutboxState.STARTED) else None

    def keep_draft(self, started: OutboxItem, *, platform_id: str) -> bool:
        """Record the platform's name for what was made there and nobody sees yet."""
        refused = self._table.attempt(
            self._table.update(
                keys.outbox(started.outbox_id),
                "SET #platform_id = :platform_id",
                "#token = :token AND #state = :started",
                platform_id=platform_id,
                token=started.token,
                started=OutboxState.STARTED,
            )
        )
        return refused is None

    def mark_sent(self, claimed: OutboxItem, *, platform_id: str | None, now: datetime) -> bool:
        """Record the proof of sending."""
        forgotten = {} if platform_id else {"resolved_by": None}
        return self._settle(
            claimed,
            OutboxState.SENT,
            platform_id=platform_id,
            sent_at=now,
            changed=keys.changed_at(now),
            failure=None,
            **forgotten,
        )

    def mark_failed(self, claimed: OutboxItem, *, failure: str) -> bool:
        """Record a refusal that another try does not change."""
        return self._settle(claimed, OutboxState.FAILED, failure=failure)

    def postpone(self, claimed: OutboxItem, *, due_at: datetime, failure: str) -> bool:
        """Give the item back, to be sent from `due_at` on."""
        return self._settle(
            claimed,
            OutboxState.PENDING,
            due_at=due_at,
            started_at=None,
            failure=failure,
            **_due(claimed, due_at),
        )

    def mark_in_doubt(
        self, claimed: OutboxItem, *, due_at: datetime, failure: str, started_at: datetime | None = None
    ) -> bool:
        """Record that the call may have had an effect; it is looked up from `due_at` on."""
        begun = {"started_at": started_at} if started_at else {}
        return self._settle(
            claimed, OutboxState.IN_DOUBT, due_at=due_at, failure=failure, **begun, **_due(claimed, due_at)
        )

    def hand_to_person(self, claimed: OutboxItem, *, failure: str) -> bool:
        """Record that only a person can say whether it arrived."""
        return self._settle(claimed, OutboxState.NEEDS_HUMAN, failure=failure)

    def confirm(self, outbox_id: str, *, platform_id: str, now: datetime) -> bool:
        """Record a platform's own confirmation, whoever holds the item; False where there is no such item."""
        change, values = assignments(
            {
                "state": OutboxState.SENT,
                "platform_id": platform_id,
                "sent_at": now,
                "changed": keys.changed_at(now),
                "failure": None,
                "lease_until": None,
                "due_pk": None,
                "due_sk": None,
            }
        )
        # A status that says "sent" may come after the one that says "failed".
        condition = (
            "attribute_exists(#pk) AND #state <> :state AND NOT (#state = :failed AND #failure = :refuted)"
        )
        refused = self._table.attempt(
            self._table.update(
                keys.outbox(outbox_id),
                change,
                condition,
                **values,
                failed=OutboxState.FAILED,
                refuted=SendFailure.NOT_DELIVERED,
            )
        )
        return refused is None or bool(refused.old)

    def expect_echo(self, claimed: OutboxItem, *, now: datetime) -> None:
        """Remember whose words they are, for a platform whose echo says nothing of its sender."""
        self._expect(claimed, claimed.text_hash, now)

    def expect_word_of(self, sent: OutboxItem, *, platform_id: str, now: datetime) -> None:
        """Remember whose it is, for a platform that later speaks of it by its own name for it alone."""
        self._expect(sent, platform_id, now)

    def _expect(self, claimed: OutboxItem, sign: str, now: datetime) -> None:
        place = keys.echo(claimed.channel, claimed.account, claimed.target, sign)
        expires_at = int((now + ECHO_EXPECTED_FOR).timestamp())
        item = {**place, "outbox_id": claimed.outbox_id, "since": now, "expires_at": expires_at}
        self._table.attempt(self._table.put(item))

    def expected_echo(self, channel: str, account: str, person: str, sign: str) -> ExpectedEcho | None:
        """The item of ours that sent the person what goes by the sign; None where none did, of late."""
        fields = self._table.get(keys.echo(channel, account, person, sign))
        return ExpectedEcho(fields["outbox_id"], from_rfc3339(fields["since"])) if fields else None

    def refute(self, outbox_id: str, *, failure: str, because: str | None = None) -> OutboxItem | None:
        """Record a platform's later word that it did not arrive; None where there is no such item, or it says so."""
        change, values = assignments(
            {
                "state": OutboxState.FAILED,
                "failure": failure,
                "undelivered_because": because,
                "sent_at": None,
                "lease_until": None,
                "due_pk": None,
                "due_sk": None,
            }
        )
        refuted = self._table.change(
            self._table.update(
                keys.outbox(outbox_id),
                change,
                "attribute_exists(#pk) AND #state <> :state AND attribute_not_exists(#resolved_by)",
                **values,
            )
        )
        return None if isinstance(refuted, Refused) else outbox_from_item(refuted)

    def resolve(
        self,
        outbox_id: str,
        *,
        outcome: Resolution,
        by: str,
        now: datetime,
        record: ActRecord | None = None,
    ) -> OutboxItem | None:
        """Record what a person says of an item that needs one; None where it does not wait for anybody."""
        item = self.get(outbox_id)
        if item is None:
            return None
        changes: dict[str, Any] = {"resolved_by": by, "failure": None}
        if outcome is Resolution.ARRIVED:
            changes |= {"state": OutboxState.SENT, "sent_at": now, "changed": keys.changed_at(now)}
        else:
            changes |= {"state": OutboxState.PENDING, "due_at": now, "started_at": None, "looked_up": 0}
            changes |= _due(item, now)
        change, values = assignments(changes)
        resolving = self._table.update(
            keys.outbox(outbox_id),
            change,
            "#state = :needs_human",
            **{**values, "needs_human": OutboxState.NEEDS_HUMAN},
        )
        kept = record_writes(self._table, record) if record else []
        refused = self._table.transact([resolving, *kept])
        stands = self.get(outbox_id)
        return stands if stands and (not refused or stands.resolved_by == by) else None

    def due(self, before: datetime, limit: int) -> Sequence[Nudge]:
        """Unsent items due before the moment, oldest first; the index may be a little behind the table."""
        places = sorted(
            place
            for shard in keys.outbox_shards()
            for place in islice(self._places(shard, before, limit), limit)
        )
        return [Nudge(*keys.outbox_of_due_index(place)) for place in places[:limit]]

    def _places(self, shard: str, before: datetime, limit: int) -> Iterable[str]:
        for found in self._table.query(
            IndexName=keys.DUE_INDEX,
            KeyConditionExpression="due_pk = :shard AND due_sk < :before",
            ExpressionAttributeValues={":shard": attribute(shard), ":before": attribute(to_rfc3339(before))},
            Limit=limit,
        ):
            yield found["due_sk"]

    def _settle(self, claimed: OutboxItem, becomes: OutboxState, **changes: Any) -> bool:
        """Give up the claim: the item becomes what its worker found out. False where the claim was lost."""
        change, values = assignments(
            {
                "state": becomes,
                "looked_up": claimed.looked_up,
                "lease_until": None,
                "due_pk": None,
                "due_sk": None,
                **changes,
            }
        )
        refused = self._table.attempt(
            self._table.update(
                keys.outbox(claimed.outbox_id),
                change,
                "#token = :token AND #state IN (:held_1, :held_2, :held_3)",
                **{**values, **{f"held_{n}": state for n, state in enumerate(HELD, start=1)}},
                token=claimed.token,
            )
        )
        return refused is None or _ours(refused, claimed, becomes)


def _may_have_been_sent(refused: Refused, token: str) -> bool:
    stands = refused.old.get("state")
    return stands in {OutboxState.STARTED, OutboxState.IN_DOUBT} and refused.old.get("token") != token


def _ours(refused: Refused, claimed: OutboxItem, became: OutboxState) -> bool:
    return refused.old.get("token") == claimed.token and refused.old.get("state") == became


def _due(item: OutboxItem, due_at: datetime) -> keys.Key:
    return keys.outbox_in_due_index(item.outbox_id, urgent=item.urgent, due_at=due_at)
