"""The second reader: nothing of it for a force without one; with one, its queue, its narrow role and its alarms."""

from __future__ import annotations

from tests.infra.assembly import Assembly, listed
from tests.infra.everything import MESSAGES_KEY, MODEL
from tests.infra.role_rights import OUTBOXES, WORK_THROUGH
from tests.infra.test_roles import granted, of_keys

MODEL_ARN = f"arn:AWS::Partition:bedrock:AWS::Region::foundation-model/{MODEL}"
PROFILE_ARN = (
    "arn:AWS::Partition:bedrock:AWS::Region:AWS::AccountId:application-inference-profile/abcdefgh1234"
)


def test_a_force_without_one_deploys_nothing_of_it(desk: Assembly) -> None:
    assert "ReadAgain" not in desk.of_type("AWS::Lambda::Function")
    assert "SecondReads" not in desk.text
    assert "bedrock" not in desk.text
    assert desk.properties("Triage")["Environment"]["Variables"]["SECOND_READS_QUEUE_URL"] == "none"


def test_it_may_ask_one_model_in_the_region_read_contacts_and_raise_cases(full_desk: Assembly) -> None:
    rights = granted(full_desk, "ReadAgain")
    keys = of_keys(rights)
    for resource in (*keys, "*", MESSAGES_KEY):
        del rights[resource]
    (log_group,) = full_desk.references_in(full_desk.properties("ReadAgain")["LoggingConfig"]["LogGroup"])
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
    assert set(keys) == {"TableKey"}


def test_of_the_table_it_touches_what_a_reading_touches(full_desk: Assembly) -> None:
    (statement,) = (
        each
        for each in full_desk.statements_of("ReadAgainRole")
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


def test_triage_may_put_contacts_on_its_queue_and_knows_it(full_desk: Assembly) -> None:
    assert granted(full_desk, "Triage")["SecondReadsQueue"] == {"sqs:SendMessage"}
    variables = full_desk.properties("Triage")["Environment"]["Variables"]
    assert full_desk.references_in(variables["SECOND_READS_QUEUE_URL"]) == {"SecondReadsQueue"}


def test_it_reads_one_contact_at_a_time_and_asks_by_the_profile(full_desk: Assembly) -> None:
    mapping, function = full_desk.properties("SecondReadsMapping"), full_desk.properties("ReadAgain")
    assert mapping["BatchSize"] == 1
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"]["MaximumConcurrency"] == 10
    assert full_desk.properties("SecondReadsQueue")["VisibilityTimeout"] >= 6 * function["Timeout"]
    assert "application-inference-profile/abcdefgh1234" in str(
        function["Environment"]["Variables"]["MODEL_ID"]
    )


def test_sweep_empties_its_dead_letters(full_desk: Assembly) -> None:
    assert "second_reads" in str(full_desk.properties("SweepDeadLetters")["Environment"]["Variables"])
    assert "SecondReadsDlq" in granted(full_desk, "SweepDeadLetters")


def test_its_silence_and_its_counts_call_somebody(full_desk: Assembly) -> None:
    alarms = full_desk.watch.of_type("AWS::CloudWatch::Alarm").values()
    (silent,) = [alarm for alarm in alarms if alarm["MetricName"] == "SecondReaderSilent"]
    assert (silent["Statistic"], silent["Threshold"]) == ("Minimum", 1)
    assert (silent["EvaluationPeriods"], silent["TreatMissingData"]) == (2, "notBreaching")
    counted = {
        alarm["MetricName"] for alarm in alarms if alarm.get("Namespace") == "ContactDesk/merseyside/live"
    }
    assert {
        "SecondReadsUnusable",
        "SecondReadsUnanswered",
        "SecondReadsCapped",
        "SecondReadsLate",
        "SecondReadsNotQueued",
    } <= counted


def test_its_bundle_knows_amazon_bedrock(full_desk: Assembly) -> None:
    (vendor,) = [name for name in full_desk.of_type("AWS::Lambda::LayerVersion") if "Vendor" in name]
    described = full_desk.code_of(vendor) / "python/botocore/data/bedrock-runtime"
    assert any(described.rglob("service-2.json*"))
    assert (full_desk.code_of("ReadAgain") / "functions/triage/second_reads/handler.py").exists()
