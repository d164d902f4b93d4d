"""report: the public report form and what it sends, look-ups of what was never published, and the health check."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from functions.report.settings import ReportSettings
from infra.acknowledgements import acknowledge
from infra.archive import Archive
from infra.desk_table import DeskTable
from infra.keys import READ_ACTIONS
from infra.python_function import House, InvokedBy, PythonFunction
from infra.runbooks import Runbook
from infra.survey import Survey
from infra.work_queue import WorkQueue


class Report(Construct):
    """`report` faces the internet: it can put into the archive and the private queue, and read nothing.

    One secret apart: what seals the answers that the form's own pages carry. The question after a case has a function
    of its own, because it writes into the table.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        house: House,
        archive: Archive,
        private_contacts: WorkQueue,
        secrets_key: kms.IKey,
        table: DeskTable,
    ) -> None:
        super().__init__(scope, construct_id)
        seal = self._seal(secrets_key)
        self.report = PythonFunction(
            self,
            "Report",
            house=house,
            description="Shows the report form and takes in what it sends",
            runbook=Runbook.INTAKE,
            handler="functions.report.handler.handle",
            settings=ReportSettings(
                force_file=house.force_file,
                archive_bucket_name=archive.archive.bucket_name,
                private_contacts_queue_url=private_contacts.queue.queue_url,
                form_seal_secret_arn=seal.attr_id,
            ),
            invoked_by=InvokedBy.HTTP,
            timeout=Duration.seconds(10),
            # Pages are rendered here: more of a processor, sooner on the screen.
            memory_size=1024,
        )
        archive.allow_keep(self.report)
        private_contacts.allow_send(self.report)
        self.report.allow(["secretsmanager:GetSecretValue"], [seal.attr_id])
        self.report.allow(READ_ACTIONS, [secrets_key.key_arn])
        self.survey = Survey(self, "AfterCase", house=house, table=table).survey

    def _seal(self, key: kms.IKey) -> secretsmanager.CfnSecret:
        """The key of the form's seal: nobody outside knows it, so it is made with the stack, and never shown."""
        seal = secretsmanager.CfnSecret(
            self,
            "FormSeal",
            description="What seals the answers that pages of the report form carry: key",
            generate_secret_string=secretsmanager.CfnSecret.GenerateSecretStringProperty(
                secret_string_template="{}",  # noqa: S106 an empty object, into which the key is put
                generate_string_key="key",
                password_length=64,
                exclude_punctuation=True,
            ),
            kms_key_id=key.key_arn,
        )
        seal.apply_removal_policy(RemovalPolicy.RETAIN)
        seal.override_logical_id("ReportFormSealSecret")
        acknowledge(
            seal,
            "AwsSolutions-SMG4",
            "A new value needs no more than a put: the one before it is good for pages that are still open.",
        )
        return seal
