"""The desk's one table: contacts, conversations, cases, outbox items, alerts, receipts, requests, audit."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from contact_desk.stores.keys import (
    ATTACHMENTS_PREFIX,
    CHANGES_INDEX,
    COUNTED_FACTS,
    DESK_INDEX,
    DISPOSED_OF,
    DUE_INDEX,
    HOURS_INDEX,
    KEPT_FIGURES,
    SECOND_READER_PARTITIONS,
    TOTALS,
)
from infra.alarms import FIVE_MINUTES, Alarms
from infra.logical_ids import pin_logical_id
from infra.python_function import PythonFunction
from infra.runbooks import Runbook

TTL_ATTRIBUTE = "expires_at"
RECOVERY_DAYS = 35
INDEXES = (DESK_INDEX, DUE_INDEX, HOURS_INDEX, CHANGES_INDEX)
TOTALS_PARTITIONS = (TOTALS, f"{TOTALS}#*")
WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem"})
# What DynamoDB does with the key on a caller's behalf.
READ_KEY_ACTIONS = ("kms:Decrypt", "kms:DescribeKey")
WRITE_KEY_ACTIONS = (
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)


class DeskTable(Construct):
    """The table, on demand, under its own key, restorable to any second of the last 35 days.

    Index `desk` is what operators list (all attributes), index `due` is what sweep looks through (keys only),
    `hours` and `changes` are what the numbers are counted from (facts; keys only). `restored` names a table that takes
    its place; the own one is retained, and is the stack's no more.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        key: kms.IKey,
        alarms: Alarms,
        restored: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._key = key
        self.table: dynamodb.ITable = (
            dynamodb.Table.from_table_attributes(
                self, "Restored", table_name=restored, encryption_key=key, global_indexes=list(INDEXES)
            )
            if restored
            else self._own_table(key)
        )
        self._watch(alarms)

    def _own_table(self, key: kms.IKey) -> dynamodb.Table:
        table = dynamodb.Table(
            self,
            "Table",
            partition_key=_text("pk"),
            sort_key=_text("sk"),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED,
            encryption_key=key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True, recovery_period_in_days=RECOVERY_DAYS
            ),
            time_to_live_attribute=TTL_ATTRIBUTE,
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        pin_logical_id(table, "DeskTable")
        table.add_global_secondary_index(
            index_name=DESK_INDEX,
            partition_key=_text("desk_pk"),
            sort_key=_text("desk_sk"),
            projection_type=dynamodb.ProjectionType.ALL,
        )
        table.add_global_secondary_index(
            index_name=DUE_INDEX,
            partition_key=_text("due_pk"),
            sort_key=_text("due_sk"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        table.add_global_secondary_index(
            index_name=HOURS_INDEX,
            partition_key=_text("hour"),
            sort_key=_text("pk"),
            projection_type=dynamodb.ProjectionType.INCLUDE,
            non_key_attributes=list(COUNTED_FACTS),
        )
        table.add_global_secondary_index(
            index_name=CHANGES_INDEX,
            partition_key=_text("changed"),
            sort_key=_text("hour"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        return table

    def _watch(self, alarms: Alarms) -> None:
        for act in ("Read", "Write"):
            for index in (None, *INDEXES):
                alarms.add(
                    f"DeskTable{act}Throttles{(index or 'table').capitalize()}",
                    self._throttles(act, index),
                    at_least=1,
                    means=f"DynamoDB throttled {act.lower()}s of {f'index {index}' if index else 'the table'}.",
                    runbook=Runbook.TABLE,
                )

    def allow(
        self,
        function: PythonFunction,
        *,
        table: Sequence[str] = (),
        desk_index: Sequence[str] = (),
        due_index: Sequence[str] = (),
        only_items: Sequence[str] = (),
    ) -> None:
        """Let the function do these acts, such as `GetItem`, on the table and on each index.

        `only_items` are patterns of the partition keys that it may touch in the table: `alert#*`.
        """
        leading = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(only_items)}}
        for acts, resource in (
            (table, self.table.table_arn),
            (desk_index, self._index_arn(DESK_INDEX)),
            (due_index, self._index_arn(DUE_INDEX)),
        ):
            if acts:
                function.allow(
                    [f"dynamodb:{act}" for act in acts],
                    [resource],
                    conditions=leading if only_items and acts is table else None,
                )
        self._allow_key(function, writes=bool(WRITES.intersection(table)))

    def allow_update_attachments(self, function: PythonFunction) -> None:
        """Let the function update the records of attachments, whose partitions hold nothing else; it reads none."""
        function.allow(
            ["dynamodb:UpdateItem"],
            [self.table.table_arn],
            conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{ATTACHMENTS_PREFIX}*"]}},
        )
        self._allow_key(function, writes=True)

    def allow_count(self, function: PythonFunction) -> None:
        """Let the function read what is counted, facts alone, and write the totals."""
        function.allow(["dynamodb:Query"], [self._index_arn(HOURS_INDEX), self._index_arn(CHANGES_INDEX)])
        self.allow(function, table=["GetItem", "PutItem"], only_items=TOTALS_PARTITIONS)

    def allow_answer_surveys(self, function: PythonFunction) -> None:
        """Let the function write answers to questions that were asked; it reads nothing."""
        self.allow(function, table=["UpdateItem"], only_items=["survey#*"])

    def allow_take_deletions(self, function: PythonFunction) -> None:
        """Let the function write down requests for deletion, and read how they stand; it sees no record of anybody."""
        self.allow(function, table=["GetItem", "PutItem"], only_items=["deletion#*"])

    def allow_second_reads(self, function: PythonFunction) -> None:
        """Let the function read contacts again, and write what a case is raised by."""
        acts = ["GetItem", "PutItem", "UpdateItem", "ConditionCheckItem"]
        self.allow(function, table=acts, only_items=SECOND_READER_PARTITIONS)

    def allow_dispose(self, function: PythonFunction) -> None:
        """Let the function dispose of cases: the one role that deletes items, and no audit entry among them."""
        self.allow(
            function,
            table=["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "ConditionCheckItem"],
            due_index=["Query"],
            only_items=[
                *DISPOSED_OF,
                f"{KEPT_FIGURES}#*",
                "audit#*",
                "deletion#*",
                "disposal#*",
                "hold#*",
                "receipt#*",
            ],
        )
        function.allow(
            ["dynamodb:DeleteItem"],
            [self.table.table_arn],
            conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(DISPOSED_OF)}},
        )

    def _allow_key(self, function: PythonFunction, *, writes: bool) -> None:
        function.allow(
            [*READ_KEY_ACTIONS, *(WRITE_KEY_ACTIONS if writes else ())],
            [self._key.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"dynamodb.{Aws.REGION}.amazonaws.com"}},
        )

    def forbid_scan(self, function: PythonFunction) -> None:
        """Deny the function every scan, so that no request can walk through the whole desk."""
        function.forbid(
            ["dynamodb:Scan"],
            [self.table.table_arn, *map(self._index_arn, INDEXES)],
        )

    def _index_arn(self, index: str) -> str:
        return f"{self.table.table_arn}/index/{index}"

    def _throttles(self, act: str, index: str | None) -> cloudwatch.Metric:
        dimensions = {"TableName": self.table.table_name}
        return cloudwatch.Metric(
            namespace="AWS/DynamoDB",
            metric_name=f"{act}ThrottleEvents",
            dimensions_map=dimensions | ({"GlobalSecondaryIndexName": index} if index else {}),
            statistic="Sum",
            period=FIVE_MINUTES,
        )


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
