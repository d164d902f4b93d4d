"""The second reader: nothing of it for a force without one; with one, its queue, its narrow role and its alarms."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from contact_desk.force_file import load_force_file
from contact_desk.second_reader import SecondReader
from infra.app import build_app
from infra.checks import add_rule_packs
from tests.infra.assembly import Assembly, listed
from tests.infra.role_rights import OUTBOXES, WORK_THROUGH
from tests.infra.test_roles import granted, of_keys

MODEL = "anthropic.a-model-v1:0"
WANTED = SecondReader(model=MODEL, inference_profile="abcdefgh1234", reads_a_day=5000)
MODEL_ARN = f"arn:AWS::Partition:bedrock:AWS::Region::foundation-model/{MODEL}"
PROFILE_ARN = (
    "arn:AWS::Partition:bedrock:AWS::Region:AWS::AccountId:application-inference-profile/abcdefgh1234"
)


@pytest.fixture(scope="module")
def reading_desk(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """The desk of a force that has one, with every check on."""
    folder = tmp_path_factory.mktemp("reading")

    def with_one(path: Path) -> Any:
        return load_force_file(path).model_copy(update={"second_reader": WANTED})

    with patch("infra.desk_stack.load_force_file", with_one):
        app = build_app({**os.environ, "DESK_BUNDLE": "host"}, outdir=str(folder))
        add_rule_packs(app)
        app.synth()
    return Assembly(folder)


def test_a_force_without_one_deploys_nothing_of_it(desk: Assembly) -> None:
    assert "ReadAgain" not in desk.of_type("AWS::Lambda::Function")
    assert "SecondReads" not in desk.text
    assert "bedrock" not in desk.text
    assert desk.properties("Triage")["Environment"]["Variables"]["SECOND_READS_QUEUE_URL"] == "none"


def test_it_may_ask_one_model_in_the_region_read_contacts_and_raise_cases(reading_desk: Assembly) -> None:
    rights = granted(reading_desk, "ReadAgain")
    keys = of_keys(rights)
    for resource in (*keys, "*"):
        del rights[resource]
    (log_group,) = reading_desk.references_in(
        reading_desk.properties("ReadAgain")["LoggingConfig"]["LogGroup"]
    )
    del rights[log_group]
    assert rights == {
        "SecondReadsQueue": WORK_THROUGH,
        "DeskTable": {
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "dynamodb:ConditionCheckItem",
        },
        MODEL_ARN: {"bedrock:InvokeModel"},
        PROFILE_ARN: {"bedrock:InvokeModel"},
        **OUTBOXES,
    }
    assert set(keys) == {"MessagesKey", "TableKey"}


def test_of_the_table_it_touches_what_a_reading_touches(reading_desk: Assembly) -> None:
    (statement,) = (
        each
        for each in reading_desk.statements_of("ReadAgainRole")
        if "dynamodb:UpdateItem" in listed(each["Action"])
    )
    assert set(statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]) == {
        "contact#*",
        "conversation#*",
        "case#*",
        "alert#*",
        "outbox#*",
        "second_reads#*",
    }


def test_triage_may_put_contacts_on_its_queue_and_knows_it(reading_desk: Assembly) -> None:
    assert granted(reading_desk, "Triage")["SecondReadsQueue"] == {"sqs:SendMessage"}
    variables = reading_desk.properties("Triage")["Environment"]["Variables"]
    assert reading_desk.references_in(variables["SECOND_READS_QUEUE_URL"]) == {"SecondReadsQueue"}


def test_it_reads_one_contact_at_a_time_and_asks_by_the_profile(reading_desk: Assembly) -> None:
    mapping, function = reading_desk.properties("SecondReadsMapping"), reading_desk.properties("ReadAgain")
    assert mapping["BatchSize"] == 1
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"]["MaximumConcurrency"] == function["ReservedConcurrentExecutions"]
    assert reading_desk.properties("SecondReadsQueue")["VisibilityTimeout"] >= 6 * function["Timeout"]
    assert "application-inference-profile/abcdefgh1234" in str(
        function["Environment"]["Variables"]["MODEL_ID"]
    )


def test_sweep_empties_its_dead_letters(reading_desk: Assembly) -> None:
    assert "second_reads" in str(reading_desk.properties("SweepDeadLetters")["Environment"]["Variables"])
    assert "SecondReadsDlq" in granted(reading_desk, "SweepDeadLetters")


def test_its_silence_and_its_counts_call_somebody(reading_desk: Assembly) -> None:
    alarms = reading_desk.of_type("AWS::CloudWatch::Alarm").values()
    (silent,) = [alarm for alarm in alarms if alarm["MetricName"] == "SecondReaderSilent"]
    assert (silent["Statistic"], silent["Threshold"]) == ("Minimum", 1)
    assert (silent["EvaluationPeriods"], silent["TreatMissingData"]) == (2, "notBreaching")
    assert reading_desk.references_in(silent["AlarmActions"]) == {"AlarmsTopic"}
    counted = {alarm["MetricName"] for alarm in alarms if alarm.get("Namespace") == "ContactDesk"}
    assert {
        "SecondReadsUnusable",
        "SecondReadsUnanswered",
        "SecondReadsCapped",
        "SecondReadsLate",
        "SecondReadsNotQueued",
    } <= counted


def test_its_bundle_knows_amazon_bedrock(reading_desk: Assembly) -> None:
    (vendor,) = [name for name in reading_desk.of_type("AWS::Lambda::LayerVersion") if "Vendor" in name]
    described = reading_desk.code_of(vendor) / "python/botocore/data/bedrock-runtime"
    assert any(described.rglob("service-2.json*"))
    assert (reading_desk.code_of("ReadAgain") / "functions/triage/second_reads/handler.py").exists()
