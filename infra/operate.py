"""operate: serves operators."""

from __future__ import annotations

from aws_cdk import Duration
from constructs import Construct

from functions.operate.settings import OperateSettings
from infra.archive import Archive
from infra.desk_table import DeskTable
from infra.python_function import House, InvokedBy, PythonFunction
from infra.runbooks import Runbook
from infra.work_queue import WorkQueue

# Where the stack's own pool puts a person's groups; another provider's tokens must carry roles under this name.
ROLES_CLAIM = "cognito:groups"
HANDLER = "functions.operate.handler.handle"


class Operate(Construct):
    """`operate` lists, opens, claims, answers and closes; it can query the table's indexes and never scan anything.

    `watch` is the same code for the one call that is held while nothing is new: it waits on little memory, keeps no
    operator's act waiting, and can change nothing but the audit.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        house: House,
        table: DeskTable,
        outbox_urgent: WorkQueue,
        outbox: WorkQueue,
        live_url: str,
        archive: Archive,
    ) -> None:
        super().__init__(scope, construct_id)
        settings = OperateSettings(
            force_file=house.force_file,
            table_name=table.table.table_name,
            outbox_urgent_queue_url=outbox_urgent.queue.queue_url,
            outbox_queue_url=outbox.queue.queue_url,
            roles_claim=ROLES_CLAIM,
            live_url=live_url,
            evidence_bucket_name=archive.evidence.bucket_name,
        )
        self.operate = PythonFunction(
            self,
            "Operate",
            house=house,
            description="Serves operators",
            runbook=Runbook.OPERATORS,
            handler=HANDLER,
            settings=settings,
            invoked_by=InvokedBy.HTTP,
            timeout=Duration.seconds(15),
            memory_size=1024,
        )
        self.watch = PythonFunction(
            self,
            "OperateWatch",
            house=house,
            description="Tells operators' screens what is new, as soon as it is",
            runbook=Runbook.OPERATORS,
            handler=HANDLER,
            settings=settings,
            invoked_by=InvokedBy.HTTP,
            timeout=Duration.seconds(15),
            memory_size=256,
        )
        table.allow(self.watch, table=["GetItem", "BatchGetItem", "PutItem"], desk_index=["Query"])
        table.forbid_scan(self.watch)
        table.allow(
            self.operate,
            table=["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "ConditionCheckItem"],
            desk_index=["Query"],
            due_index=["Query"],
        )
        table.forbid_scan(self.operate)
        archive.allow_show_attachments(self.operate)
        outbox_urgent.allow_send(self.operate)
        outbox.allow_send(self.operate)
