"""The desk's table as the stack defines it, made on moto or on the emulator for one test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contact_desk.stores.keys import CHANGES_INDEX, COUNTED_FACTS, DESK_INDEX, DUE_INDEX, HOURS_INDEX

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def create_table(client: DynamoDBClient, name: str) -> None:
    """Make the table with both of its indexes; it is usable on return."""
    key_attributes = ("pk", "sk", "desk_pk", "desk_sk", "due_pk", "due_sk", "hour", "changed")
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in key_attributes],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": DESK_INDEX,
                "KeySchema": [
                    {"AttributeName": "desk_pk", "KeyType": "HASH"},
                    {"AttributeName": "desk_sk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            },
            {
                "IndexName": DUE_INDEX,
                "KeySchema": [
                    {"AttributeName": "due_pk", "KeyType": "HASH"},
                    {"AttributeName": "due_sk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
            {
                "IndexName": HOURS_INDEX,
                "KeySchema": [
                    {"AttributeName": "hour", "KeyType": "HASH"},
                    {"AttributeName": "pk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(COUNTED_FACTS)},
            },
            {
                "IndexName": CHANGES_INDEX,
                "KeySchema": [
                    {"AttributeName": "changed", "KeyType": "HASH"},
                    {"AttributeName": "hour", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
        ],
    )
