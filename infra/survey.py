"""survey: the page with one question, which people are sent after their case."""

from __future__ import annotations

from aws_cdk import Duration
from constructs import Construct

from functions.survey.settings import SurveySettings
from infra.desk_table import DeskTable
from infra.python_function import House, InvokedBy, PythonFunction
from infra.runbooks import Runbook, Severity


class Survey(Construct):
    """`survey` faces the internet: it can write an answer to a question that was asked, and read nothing at all."""

    def __init__(self, scope: Construct, construct_id: str, *, house: House, table: DeskTable) -> None:
        super().__init__(scope, construct_id)
        self.survey = PythonFunction(
            self,
            "Survey",
            house=house,
            description="Shows the one question after a case and takes its answer",
            runbook=Runbook.INTAKE,
            severity=Severity.NOTICE,
            handler="functions.survey.handler.handle",
            settings=SurveySettings(force_file=house.force_file, table_name=table.table.table_name),
            invoked_by=InvokedBy.HTTP,
            timeout=Duration.seconds(10),
            memory_size=512,
        )
        table.allow_answer_surveys(self.survey)
