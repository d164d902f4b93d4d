"""data deletion: where a platform asks, in a person's name, that the desk delete what it has of them."""

from __future__ import annotations

from aws_cdk import Duration
from constructs import Construct

from functions.data_deletion.settings import DataDeletionSettings
from infra.credentials import Credential
from infra.desk_table import DeskTable
from infra.monitoring import WatchedCount
from infra.python_function import House, InvokedBy, PythonFunction
from infra.runbooks import Runbook


class DataDeletion(Construct):
    """`data_deletion` faces the internet: it writes requests down and reads them again, and no record of anybody."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        house: House,
        table: DeskTable,
        meta: Credential,
        graph_api_url: str,
        pages_url: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self.data_deletion = PythonFunction(
            self,
            "DataDeletion",
            house=house,
            description="Takes in platforms' requests to delete what the desk has of a person",
            runbook=Runbook.DELETIONS,
            handler="functions.data_deletion.handler.handle",
            settings=DataDeletionSettings(
                force_file=house.force_file,
                table_name=table.table.table_name,
                meta_secret_arn=meta.arn,
                graph_api_url=graph_api_url,
                pages_url=pages_url,
            ),
            invoked_by=InvokedBy.HTTP,
            timeout=Duration.seconds(10),
            memory_size=512,
        )
        table.allow_take_deletions(self.data_deletion)
        meta.allow_read(self.data_deletion)

    def watched_counts(self) -> list[WatchedCount]:
        """What of it calls a person."""
        return [
            WatchedCount(
                metric="DeletionsRefused",
                function=self.data_deletion,
                at_least=5,
                means="requests for deletion with a wrong signature: a changed app secret, or forgeries.",
                runbook=Runbook.SIGNATURES,
            ),
            WatchedCount(
                metric="DeletionsUnmatched",
                function=self.data_deletion,
                at_least=1,
                means="Meta did not say whose request for deletion it is: `desk subject requests` shows it.",
                runbook=Runbook.DELETIONS,
            ),
        ]
