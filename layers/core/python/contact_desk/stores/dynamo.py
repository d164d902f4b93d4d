"""The desk's one table: writes as plain expressions, and what DynamoDB's refusals mean.

An expression names attributes as `#name` and values as `:name`; both placeholder maps are filled from the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contact_desk.errors import StoreBusyError, StoreError, StoreRefusedError
from contact_desk.stores.items import Plain, attribute, marshal, unmarshal
from contact_desk.stores.keys import Key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CONDITION_FAILED = "ConditionalCheckFailed"
# Cancellation reasons and error codes that another try may change; every other one stays as it is.
BUSY = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingError",
        "ThrottlingException",
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
BATCH_GET_KEYS = 100

Arguments = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Write:
    """One conditional write: alone, or as a part of a transaction. `action` is DynamoDB's word for its kind."""

    action: str
    arguments: Arguments = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """A write whose condition did not hold; `old` is the item as it stood, empty where there was none."""

    old: Plain = field(repr=False)


@dataclass(frozen=True, slots=True)
class Table:
    """The table, its calls in the desk's own terms; every call raises StoreBusyError or StoreRefusedError."""

    client: DynamoDBClient
    name: str

    def get(self, key: Key) -> Plain | None:
        """The item as it stands now (a consistent read); None where there is none."""
        with refusals_told_apart():
            answer = self.client.get_item(TableName=self.name, Key=marshal(key), ConsistentRead=True)
        return unmarshal(answer["Item"]) if "Item" in answer else None

    def get_all(self, wanted: Sequence[Key]) -> list[Plain]:
        """The items that are there (consistent reads, a hundred to a call), in no particular order."""
        found: list[Plain] = []
        pending: list[Any] = [marshal(key) for key in wanted]
        while pending:
            asked, later = pending[:BATCH_GET_KEYS], pending[BATCH_GET_KEYS:]
            with refusals_told_apart():
                answer = self.client.batch_get_item(
                    RequestItems={self.name: {"Keys": asked, "ConsistentRead": True}}
                )
            unread = answer["UnprocessedKeys"][self.name]["Keys"] if answer["UnprocessedKeys"] else []
            if len(unread) == len(asked):
                raise StoreBusyError("the table read none of the items it was asked for")
            found += [unmarshal(item) for item in answer["Responses"][self.name]]
            pending = [*unread, *later]
        return found

    def query(self, **arguments: Any) -> Iterator[Plain]:
        """The items of a query, page by page; `arguments` are those of the SDK without the table's name."""
        start: dict[str, Any] = {}
        while True:
            with refusals_told_apart():
                page = self.client.query(TableName=self.name, **{**arguments, **start})
            yield from (unmarshal(item) for item in page["Items"])
            if not page.get("LastEvaluatedKey"):
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def put(self, item: Mapping[str, Any], condition: str = "", **values: Any) -> Write:
        """Write the whole item, if the condition holds."""
        return Write(
            "Put", {"TableName": self.name, "Item": marshal(item), **expressions("", condition, values)}
        )

    def update(self, key: Key, change: str, condition: str = "", **values: Any) -> Write:
        """Change an item by an update expression, if the condition holds."""
        return Write(
            "Update", {"TableName": self.name, "Key": marshal(key), **expressions(change, condition, values)}
        )

    def delete(self, key: Key, condition: str = "", **values: Any) -> Write:
        """Remove an item, if the condition holds."""
        return Write(
            "Delete", {"TableName": self.name, "Key": marshal(key), **expressions("", condition, values)}
        )

    def check(self, key: Key, condition: str, **values: Any) -> Write:
        """Write nothing, but hold the rest of a transaction to a condition on this item."""
        return Write(
            "ConditionCheck",
            {"TableName": self.name, "Key": marshal(key), **expressions("", condition, values)},
        )

    def attempt(self, write: Write) -> Refused | None:
        """Make one write; None once it is made, Refused with the old item where its condition did not hold."""
        arguments = {**write.arguments, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        calls: dict[str, Callable[..., object]] = {
            "Put": self.client.put_item,
            "Update": self.client.update_item,
            "Delete": self.client.delete_item,
        }
        try:
            with refusals_told_apart():
                calls[write.action](**arguments)
        except ConditionFailedError as failed:
            return Refused(failed.old)
        return None

    def change(self, update: Write) -> Plain | Refused:
        """Make one update and read what it made of the item, in one call; Refused as by `attempt`."""
        try:
            with refusals_told_apart():
                answer = self.client.update_item(
                    **update.arguments,
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ConditionFailedError as failed:
            return Refused(failed.old)
        return unmarshal(answer["Attributes"])

    def transact(self, writes: Sequence[Write]) -> Mapping[int, Refused]:
        """Make all of the writes or none; the positions of those whose condition failed, empty once all is made.

        Where conditions failed they are the answer, whatever else was wrong beside them: they are facts about what
        is stored, and the caller looks again. The SDK makes the request token, which covers resends of one call.
        """
        parts = [
            {write.action: {**write.arguments, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}
            for write in writes
        ]
        try:
            with refusals_told_apart():
                self.client.transact_write_items(TransactItems=parts)  # type: ignore[arg-type]
        except TransactionRefusedError as refused:
            return refused.failed
        return {}


class ConditionFailedError(StoreRefusedError):
    """The condition of a single write did not hold; `old` is the item as it stood."""

    def __init__(self, old: Plain) -> None:
        super().__init__("the condition did not hold")
        self.old = old


class TransactionRefusedError(StoreRefusedError):
    """Conditions of a transaction did not hold; `failed` maps their positions to what stood there."""

    def __init__(self, failed: Mapping[int, Refused]) -> None:
        super().__init__("conditions of the transaction did not hold")
        self.failed = failed


@contextmanager
def refusals_told_apart() -> Iterator[None]:
    """Turn what the SDK raises into the desk's own errors, which carry codes and never an item's content."""
    try:
        yield
    except ClientError as error:
        raise _named(error) from None
    except BotoCoreError as error:
        # No answer, or none that can be read: the call may have had its effect, and every write here bears a repeat.
        raise StoreBusyError(type(error).__name__) from None


def _named(error: ClientError) -> StoreError:
    answer: Mapping[str, Any] = error.response
    code = answer["Error"]["Code"]
    if code == "TransactionCanceledException":
        return _cancelled(answer.get("CancellationReasons", []))
    if code == "ConditionalCheckFailedException":
        return ConditionFailedError(unmarshal(answer.get("Item", {})))
    return StoreBusyError(code) if code in BUSY else StoreRefusedError(code)


def _cancelled(reasons: Sequence[Mapping[str, Any]]) -> StoreError:
    codes = [reason.get("Code") or "None" for reason in reasons]
    failed = {
        position: Refused(unmarshal(reasons[position].get("Item") or {}))
        for position, code in enumerate(codes)
        if code == CONDITION_FAILED
    }
    if failed:
        return TransactionRefusedError(failed)
    causes = sorted({code for code in codes if code != "None"})
    told = f"transaction cancelled: {', '.join(causes) or 'no reason given'}"
    return StoreBusyError(told) if causes and BUSY.issuperset(causes) else StoreRefusedError(told)


def expressions(change: str, condition: str, values: Mapping[str, Any]) -> Arguments:
    """The SDK's arguments of an update and a condition expression, with their placeholders filled."""
    text = f"{change} {condition}"
    used = set(re.findall(r":(\w+)", text))
    arguments: Arguments = {
        "UpdateExpression": change,
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {f"#{name}": name for name in re.findall(r"#(\w+)", text)},
        "ExpressionAttributeValues": {f":{name}": attribute(values[name]) for name in sorted(used)},
    }
    return {name: value for name, value in arguments.items() if value}


def assignments(changes: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """An update expression that sets each field and removes those that are None, and the values it needs."""
    kept = {name: value for name, value in changes.items() if value is not None}
    sets = ", ".join(f"#{name} = :{name}" for name in kept)
    removes = ", ".join(f"#{name}" for name in changes if name not in kept)
    clauses = [f"SET {sets}" if sets else "", f"REMOVE {removes}" if removes else ""]
    return " ".join(filter(None, clauses)), kept
