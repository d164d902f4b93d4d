"""The desk's own way of deploying to the emulator, and each thing that the emulator does otherwise than CloudFormation.

A test of what it does otherwise fails once a newer emulator does it right: the fix-up can then go.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from botocore.exceptions import ClientError

from local import fix_ups
from local.addresses import Addresses
from local.assembly import Asset, DeskAssembly
from local.deploy import Deployment, DeploymentError, EmulatedAccount, deploy, put_secret, start_functions
from local.emulator.service import emulator_service, worker_pids
from local.processes import Processes

STACKS = itertools.count(1)
HANDLER = """
def handle(event, context):
    if event.get("fail"):
        raise ValueError("asked to fail")
    return {"seen": sorted(event)}
"""


def silent(done: int, total: int) -> None:
    del done, total


@pytest.fixture
def account(emulator: str) -> EmulatedAccount:
    return EmulatedAccount(emulator)


@pytest.fixture
def emulator_pid(emulator: str) -> int:
    port = emulator.rpartition(":")[2]
    [process] = [child for child in psutil.Process().children() if port in child.cmdline()]
    return process.pid


@pytest.fixture
def assembly(tmp_path: Path) -> DeskAssembly:
    name = f"desk-{next(STACKS)}"
    (tmp_path / "function.py").write_text(HANDLER)
    key = {"AttributeName": "pk", "AttributeType": "S"}
    template: dict[str, Any] = {
        "Parameters": {
            "Word": {"Type": "String"},
            "BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/none"},
        },
        "Resources": {
            "Table": {
                "Type": "AWS::DynamoDB::Table",
                "Properties": {
                    "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": [key],
                    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                    "TimeToLiveSpecification": {"AttributeName": "expires_at", "Enabled": True},
                },
            },
            "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "{}"}},
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}},
            },
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Runtime": "python3.13",
                    "Handler": "function.handle",
                    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Code": {
                        "S3Bucket": {"Fn::Sub": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"},
                        "S3Key": f"{name}.zip",
                    },
                    "ReservedConcurrentExecutions": 3,
                },
            },
        },
        "Outputs": {
            "TableName": {"Value": {"Ref": "Table"}},
            "SecretArn": {"Value": {"Ref": "Secret"}},
            "Word": {"Value": {"Ref": "Word"}},
        },
    }
    return DeskAssembly(name, template, (Asset(tmp_path, f"{name}.zip", zipped=True),))


def deployed(account: EmulatedAccount, assembly: DeskAssembly, word: str = "first") -> Deployment:
    return deploy(account, assembly, {"Word": word}, silent)


def test_what_the_template_asks_for_stands(account: EmulatedAccount, assembly: DeskAssembly) -> None:
    made = deployed(account, assembly)
    table, function = made.physical_ids["Table"], made.physical_ids["Function"]

    time_to_live = account.client("dynamodb").describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    concurrency = account.client("lambda").get_function_concurrency(FunctionName=function)
    assert (time_to_live["TimeToLiveStatus"], time_to_live["AttributeName"]) == ("ENABLED", "expires_at")
    assert concurrency["ReservedConcurrentExecutions"] == 3
    assert made.outputs["SecretArn"].startswith("arn:aws:secretsmanager:eu-west-2:000000000000:secret:")


def test_deploying_again_keeps_what_stands_and_takes_what_changed(
    account: EmulatedAccount, assembly: DeskAssembly
) -> None:
    first = deployed(account, assembly)
    put_secret(account, first.outputs["SecretArn"], {"app_secret": "kept"})
    same = deployed(account, assembly)
    changed = deployed(account, assembly, word="second")

    assert same == first
    assert changed.physical_ids == first.physical_ids
    assert changed.outputs["Word"] == "second"
    value = account.client("secretsmanager").get_secret_value(SecretId=first.outputs["SecretArn"])
    assert json.loads(value["SecretString"]) == {"app_secret": "kept"}


def test_handing_over_the_same_secret_again_pushes_no_earlier_one_out(
    account: EmulatedAccount, assembly: DeskAssembly
) -> None:
    arn = deployed(account, assembly).outputs["SecretArn"]
    for value in ("first", "second", "second"):
        put_secret(account, arn, {"app_secret": value})

    previous = account.client("secretsmanager").get_secret_value(SecretId=arn, VersionStage="AWSPREVIOUS")
    assert json.loads(previous["SecretString"]) == {"app_secret": "first"}


def test_a_secret_that_never_had_a_value_has_no_previous_one(
    account: EmulatedAccount, assembly: DeskAssembly
) -> None:
    assembly.template["Resources"]["Secret"]["Properties"] = {}
    arn = deployed(account, assembly).outputs["SecretArn"]
    put_secret(account, arn, {"app_secret": "first"})

    secrets = account.client("secretsmanager")
    assert secrets.get_secret_value(SecretId=arn, VersionStage="AWSCURRENT")["SecretString"]
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.get_secret_value(SecretId=arn, VersionStage="AWSPREVIOUS")


def test_a_stack_that_cannot_stand_says_which_resource_and_why(
    account: EmulatedAccount, assembly: DeskAssembly
) -> None:
    assembly.template["Resources"]["Odd"] = {"Type": "AWS::Nowhere::Thing", "Properties": {}}

    with pytest.raises(DeploymentError, match="AWS::Nowhere::Thing"):
        deployed(account, assembly)


def test_a_stack_that_never_stood_is_made_anew(account: EmulatedAccount, assembly: DeskAssembly) -> None:
    function = assembly.template["Resources"]["Function"]["Properties"]
    function["Layers"] = ["arn:aws:lambda:eu-west-2:000000000000:layer:absent:1"]
    with pytest.raises(DeploymentError, match="Function"):
        deployed(account, assembly)
    del function["Layers"]

    assert "TableName" in deployed(account, assembly).outputs


def test_a_started_function_has_its_process_and_its_first_call_finds_it(
    account: EmulatedAccount, assembly: DeskAssembly, emulator_pid: int
) -> None:
    [function] = deployed(account, assembly).functions_for_people(assembly.template)
    start_functions(account, [function], silent)
    [pid] = worker_pids(emulator_pid)[function]
    account.client("lambda").invoke(FunctionName=function)

    assert worker_pids(emulator_pid)[function] == [pid]


def test_every_function_is_started_and_one_that_fails_is_named(
    account: EmulatedAccount, assembly: DeskAssembly
) -> None:
    functions = deployed(account, assembly).functions_for_people(assembly.template)
    told: list[tuple[int, int]] = []

    start_functions(account, functions, lambda done, total: told.append((done, total)))
    assert told == [(1, 1)]

    assembly.template["Resources"]["Function"]["Properties"]["Handler"] = "function.absent"
    deployed(account, assembly)
    with pytest.raises(DeploymentError, match=functions[0]):
        start_functions(account, functions, silent)


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}], ids=str)
def test_no_browser_reaches_the_running_emulator(emulator: str, headers: dict[str, str]) -> None:
    assert httpx.get(f"{emulator}/_ministack/health", headers=headers, trust_env=False).status_code == 403


def test_nobody_can_reset_the_running_emulator(emulator: str) -> None:
    assert httpx.post(f"{emulator}/_ministack/reset", trust_env=False).status_code == 403


def test_the_emulator_still_drops_what_is_set_after_the_deploy(
    account: EmulatedAccount, assembly: DeskAssembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fix_ups, "enable_time_to_live", lambda *_: None)
    monkeypatch.setattr(fix_ups, "reserve_concurrency", lambda *_: None)
    made = deployed(account, assembly)
    table, function = made.physical_ids["Table"], made.physical_ids["Function"]

    time_to_live = account.client("dynamodb").describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    assert time_to_live["TimeToLiveStatus"] == "DISABLED"
    assert "ReservedConcurrentExecutions" not in account.client("lambda").get_function_concurrency(
        FunctionName=function
    )


def test_the_emulator_still_gives_a_secrets_name_for_its_arn(
    account: EmulatedAccount, assembly: DeskAssembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fix_ups, "TEMPLATE_FIX_UPS", (fix_ups.without_bootstrap_check,))

    assert not deployed(account, assembly).outputs["SecretArn"].startswith("arn:")


def test_the_emulator_still_wants_an_action_of_its_own_for_a_batch(tmp_path: Path) -> None:
    addresses = Addresses.on_free_ports(tmp_path)
    processes = Processes(tmp_path)
    processes.start(emulator_service(addresses, enforce_iam=True, environ={}))
    try:
        owner = EmulatedAccount(addresses.emulator_url)
        queue_url = owner.client("sqs").create_queue(QueueName="work")["QueueUrl"]
        sender = sender_of(owner).client("sqs")

        sender.send_message(QueueUrl=queue_url, MessageBody="one")
        with pytest.raises(ClientError, match="AccessDenied"):
            sender.send_message_batch(QueueUrl=queue_url, Entries=[{"Id": "1", "MessageBody": "one"}])
    finally:
        processes.stop("emulator")


def sender_of(owner: EmulatedAccount) -> EmulatedAccount:
    """A user of the account who may send messages and nothing else."""
    iam = owner.client("iam")
    iam.create_user(UserName="sender")
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="sender", PolicyName="send", PolicyDocument=document)
    key = iam.create_access_key(UserName="sender")["AccessKey"]
    return EmulatedAccount(owner.endpoint_url, key["AccessKeyId"], key["SecretAccessKey"])
