"""Each function may do what its code does, on what it does it to, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.infra.assembly import Assembly, Properties, listed
from tests.infra.role_rights import RIGHTS, WHOLE_TABLE
from tests.infra.test_functions import FUNCTIONS

READ = {"kms:Decrypt"}
WRITE = {"kms:Decrypt", "kms:GenerateDataKey"}
TABLE_READ = {"kms:Decrypt", "kms:DescribeKey"}
TABLE_WRITE = TABLE_READ | {
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
}
# What each role may have its keys do: what it can neither read nor write, it cannot decrypt either.
KEYS: dict[str, dict[str, set[str]]] = {
    "Webhooks": {"ObjectsKey": WRITE, "MessagesKey": WRITE, "SecretsKey": READ},
    "Replay": {"ObjectsKey": WRITE, "MessagesKey": WRITE},
    "CatchUp": {"ObjectsKey": WRITE, "MessagesKey": WRITE, "SecretsKey": READ},
    "ChannelHealth": {"MessagesKey": WRITE, "SecretsKey": READ, "TableKey": TABLE_WRITE},
    "Report": {"ObjectsKey": WRITE, "MessagesKey": WRITE, "SecretsKey": READ},
    "Triage": {"ObjectsKey": WRITE, "MessagesKey": WRITE, "TableKey": TABLE_WRITE},
    "NotifyUrgent": {"MessagesKey": WRITE, "SecretsKey": READ, "TableKey": TABLE_WRITE},
    "Notify": {"MessagesKey": WRITE, "SecretsKey": READ, "TableKey": TABLE_WRITE},
    "Confirm": {"MessagesKey": READ, "TableKey": TABLE_WRITE},
    "CopyAttachments": {
        "MessagesKey": READ,
        "ObjectsKey": WRITE,
        "SecretsKey": READ,
        "TableKey": TABLE_WRITE,
    },
    "TellControlRoom": {"MessagesKey": READ, "SecretsKey": READ, "TableKey": TABLE_WRITE},
    "Operate": {"MessagesKey": WRITE, "ObjectsKey": READ, "TableKey": TABLE_WRITE},
    "OperateWatch": {"TableKey": TABLE_WRITE},
    "SweepUnsentOutbox": {"MessagesKey": WRITE, "TableKey": TABLE_READ},
    "SweepUncopiedAttachments": {"MessagesKey": WRITE, "TableKey": TABLE_READ},
    "SweepUnacknowledgedAlerts": {"MessagesKey": WRITE, "TableKey": TABLE_WRITE},
    "SweepOrphans": {"MessagesKey": WRITE, "TableKey": TABLE_READ},
    "SweepExpiredClaims": {"MessagesKey": WRITE, "TableKey": TABLE_WRITE},
    "Survey": {"TableKey": TABLE_WRITE},
    "DataDeletion": {"SecretsKey": READ, "TableKey": TABLE_WRITE},
    "SweepSurveys": {"MessagesKey": WRITE, "TableKey": TABLE_WRITE},
    "SweepHourTotals": {"MessagesKey": WRITE, "TableKey": TABLE_WRITE},
    "SweepDeadLetters": {"MessagesKey": WRITE, "TableKey": TABLE_WRITE},
    "IngestSchedule": {"MessagesKey": WRITE},
    "NotifySchedule": {"MessagesKey": WRITE},
    "RefreshFeed": {"MessagesKey": WRITE, "TableKey": TABLE_READ},
    "SweepRetention": {"MessagesKey": WRITE, "TableKey": TABLE_WRITE},
    "SweepAuditSeals": {
        "MessagesKey": WRITE,
        "ObjectsKey": WRITE,
        "SecretsKey": READ,
        "TableKey": TABLE_WRITE,
    },
    "SweepBacklog": {"MessagesKey": WRITE, "TableKey": TABLE_WRITE},
    "SweepBroadcasts": {"MessagesKey": WRITE, "TableKey": TABLE_WRITE},
    "SweepBreachedClocks": {"MessagesKey": WRITE, "TableKey": TABLE_WRITE},
    "SweepSchedule": {"MessagesKey": WRITE},
}


def granted(desk: Assembly, name: str, *, effect: str = "Allow") -> dict[str, set[str]]:
    """The actions of a role by resource, each resource as its logical id and what follows it."""
    rights: dict[str, set[str]] = {}
    for statement in desk.statements_of(f"{name}Role"):
        if statement["Effect"] == effect:
            for resource in listed(statement["Resource"]):
                rights.setdefault(_written(resource), set()).update(listed(statement["Action"]))
    return rights


def of_keys(rights: dict[str, set[str]]) -> dict[str, set[str]]:
    return {resource: actions for resource, actions in rights.items() if resource.endswith("Key")}


@pytest.mark.parametrize("name", RIGHTS)
def test_a_role_may_do_what_its_table_says_and_no_more(desk: Assembly, name: str) -> None:
    rights = granted(desk, name)
    for resource in of_keys(rights):
        del rights[resource]
    if name in FUNCTIONS:
        (log_group,) = desk.references_in(desk.properties(name)["LoggingConfig"]["LogGroup"])
        assert rights.pop(log_group) == {"logs:CreateLogStream", "logs:PutLogEvents"}
        assert rights.pop("*") == {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
    assert rights == RIGHTS[name]


@pytest.mark.parametrize("name", KEYS)
def test_a_role_uses_only_the_keys_of_what_it_may_touch(desk: Assembly, name: str) -> None:
    assert of_keys(granted(desk, name)) == KEYS[name]


def test_there_is_one_role_for_each_function_and_one_for_the_schedules(desk: Assembly) -> None:
    assert set(desk.of_type("AWS::IAM::Role")) == {f"{name}Role" for name in RIGHTS}
    assert RIGHTS.keys() - {"SweepSchedule", "IngestSchedule", "NotifySchedule"} == FUNCTIONS.keys()


def test_a_role_has_no_rights_by_any_other_way(desk: Assembly) -> None:
    for name, role in desk.of_type("AWS::IAM::Role").items():
        assert not {"ManagedPolicyArns", "Policies", "PermissionsBoundary"} & role.keys(), name
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        service = "scheduler.amazonaws.com" if name.endswith("ScheduleRole") else "lambda.amazonaws.com"
        assert statement["Principal"] == {"Service": service}


@pytest.mark.parametrize("name", ["Operate", "OperateWatch"])
def test_operators_can_never_walk_through_the_whole_table(desk: Assembly, name: str) -> None:
    forbidden = granted(desk, name, effect="Deny")
    assert forbidden == {place: {"dynamodb:Scan"} for place in WHOLE_TABLE}


def test_the_count_reads_facts_and_writes_totals_and_touches_no_record(desk: Assembly) -> None:
    (statement,) = _statements(desk, "SweepHourTotals", "dynamodb:PutItem")
    assert statement["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["totals", "totals#*"]}
    }


def test_the_surveys_page_writes_answers_to_surveys_and_nothing_else(desk: Assembly) -> None:
    (statement,) = _statements(desk, "Survey", "dynamodb:UpdateItem")
    assert statement["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["survey#*"]}}


def test_what_takes_in_requests_for_deletion_sees_no_record_and_deletes_nothing(desk: Assembly) -> None:
    for action in ("dynamodb:GetItem", "dynamodb:PutItem"):
        (statement,) = _statements(desk, "DataDeletion", action)
        assert statement["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["deletion#*"]}}


def test_no_action_is_a_wildcard_nobody_scans_and_one_alone_disposes_of_records(desk: Assembly) -> None:
    for name in RIGHTS:
        actions = set().union(*granted(desk, name).values())
        assert [action for action in actions if "*" in action] == [], name
        removing = {one for one in actions if one.startswith(("dynamodb:Delete", "s3:Delete"))}
        assert "dynamodb:Scan" not in actions, name
        assert not removing or name == "SweepRetention", name


def test_who_disposes_of_cases_deletes_no_entry_of_the_audit(desk: Assembly) -> None:
    (statement,) = _statements(desk, "SweepRetention", "dynamodb:DeleteItem")
    patterns = listed(statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"])
    assert [one for one in patterns if one.startswith("audit#")] == ["audit#override#*"]
    assert not {"disposal#*", "hold#*", "receipt#*", "broadcast#*"} & set(patterns)


def test_what_faces_the_internet_can_read_neither_archive_nor_table_nor_queues(desk: Assembly) -> None:
    for name in ("Webhooks", "Report"):
        actions = set().union(*granted(desk, name).values())
        assert not [action for action in actions if action.startswith("dynamodb:")]
        assert not {"s3:GetObject", "s3:ListBucket", "sqs:ReceiveMessage"} & actions


def test_no_function_may_feed_its_own_queue_but_the_one_that_reminds_itself(desk: Assembly) -> None:
    fed = set()
    for mapping in desk.of_type("AWS::Lambda::EventSourceMapping").values():
        (name,), (queue,) = map(desk.references_in, (mapping["FunctionName"], mapping["EventSourceArn"]))
        if "sqs:SendMessage" in granted(desk, name)[queue]:
            fed.add(name)
    # AWS would else take its reminders for a loop and stop them.
    allowed = {
        name
        for name, function in desk.of_type("AWS::Lambda::Function").items()
        if function.get("RecursiveLoop") == "Allow"
    }
    assert fed == allowed == {"NotifyUrgent"}


def test_orphans_are_listed_below_the_raw_prefix_only(desk: Assembly) -> None:
    (statement,) = _statements(desk, "SweepOrphans", "s3:ListBucket")
    assert statement["Condition"] == {"StringLike": {"s3:prefix": "raw/*"}}


def test_what_fetches_from_the_internet_touches_nothing_of_the_table_but_its_own_records(
    desk: Assembly,
) -> None:
    (statement,) = _statements(desk, "CopyAttachments", "dynamodb:UpdateItem")
    assert listed(statement["Action"]) == ["dynamodb:UpdateItem"]
    assert statement["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["attachments#*"]}}


def test_the_sealer_touches_the_audit_and_alerts_alone_and_no_lock(desk: Assembly) -> None:
    for action in ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:BatchGetItem"):
        (statement,) = _statements(desk, "SweepAuditSeals", action)
        keys = statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
        assert set(listed(keys)) == {"audit#*", "alert#*", "outbox#*", "disposal#*"}
    for name in RIGHTS:
        actions = set().union(*granted(desk, name).values())
        assert not {one for one in actions if "Retention" in one or "LegalHold" in one or "Bypass" in one}


def test_the_tables_key_is_used_through_the_table_only(desk: Assembly) -> None:
    for name, keys in KEYS.items():
        for statement in desk.statements_of(f"{name}Role"):
            if "TableKey" in keys and desk.references_in(statement["Resource"]) == {"TableKey"}:
                assert "kms:ViaService" in json.dumps(statement["Condition"])
                break
        else:
            assert "TableKey" not in keys, name


def test_the_look_after_channels_may_touch_channels_and_alerts_only(desk: Assembly) -> None:
    items = {"channel#*", "alert#*", "outbox#*"}
    for action in ("dynamodb:GetItem", "dynamodb:PutItem"):
        (statement,) = _statements(desk, "ChannelHealth", action)
        keys = statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
        assert set(listed(keys)) == items


def _statements(desk: Assembly, name: str, action: str) -> list[Properties]:
    return [each for each in desk.statements_of(f"{name}Role") if action in listed(each["Action"])]


def _written(resource: Any) -> str:
    match resource:
        case str():
            return resource
        case {"Fn::GetAtt": [str(name), _]} | {"Ref": str(name)}:
            return name
        case {"Fn::Join": ["", [*parts]]}:
            return "".join(map(_written, parts))
    raise AssertionError(f"a resource that this test cannot write down: {resource}")
