"""report: takes in the online report form, answers look-ups of what was never published, and the health check."""

from __future__ import annotations

from aws_cdk import Duration
from constructs import Construct

from functions.report.settings import ReportSettings
from infra.archive import Archive
from infra.python_function import House, InvokedBy, PythonFunction
from infra.work_queue import WorkQueue


class Report(Construct):
    """`report` faces the internet: it can put into the archive and the private queue, and read nothing."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        house: House,
        archive: Archive,
        private_contacts: WorkQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self.report = PythonFunction(
            self,
            "Report",
            house=house,
            description="Takes in the online report form",
            handler="functions.report.handler.handle",
            settings=ReportSettings(
                force_file=house.force_file,
                archive_bucket_name=archive.archive.bucket_name,
                private_contacts_queue_url=private_contacts.queue.queue_url,
            ),
            invoked_by=InvokedBy.HTTP,
            timeout=Duration.seconds(10),
            memory_size=512,
        )
        archive.allow_keep(self.report)
        private_contacts.allow_send(self.report)
