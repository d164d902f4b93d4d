"""The template that the emulator gets says what the original says on AWS."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from local.fix_ups import prepared

SECRET = {"Type": "AWS::SecretsManager::Secret", "Properties": {}}


def template(**properties: Any) -> dict[str, Any]:
    return {
        "Parameters": {
            "BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>"},
            "ConsoleUrl": {"Type": "String"},
        },
        "Rules": {"CheckBootstrapVersion": {}},
        "Resources": {
            "MetaSecret": SECRET,
            "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {}},
            "Ingest": {"Type": "AWS::Lambda::Function", "Properties": properties},
        },
        "Outputs": {"MetaSecretArn": {"Value": {"Ref": "MetaSecret"}}},
    }


def properties_of(ready: dict[str, Any]) -> Any:
    return ready["Resources"]["Ingest"]["Properties"]


def test_the_bootstrap_check_is_dropped_and_other_parameters_stay() -> None:
    ready = prepared(template())

    assert ready["Parameters"] == {"ConsoleUrl": {"Type": "String"}}
    assert "Rules" not in ready


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"Ref": "MetaSecret"}, {"Fn::GetAtt": ["MetaSecret", "Id"]}),
        ({"Ref": "Table"}, {"Ref": "Table"}),
        ({"Ref": "AWS::Region"}, {"Ref": "AWS::Region"}),
        (
            {"Fn::Join": ["", [{"Ref": "MetaSecret"}, "*"]]},
            {"Fn::Join": ["", [{"Fn::GetAtt": ["MetaSecret", "Id"]}, "*"]]},
        ),
        ({"Fn::Sub": "${MetaSecret}/${Table}"}, {"Fn::Sub": "${MetaSecret.Id}/${Table}"}),
        ({"Fn::Sub": "${!MetaSecret}${MetaSecret.Arn}"}, {"Fn::Sub": "${!MetaSecret}${MetaSecret.Arn}"}),
        (
            {"Fn::Sub": ["${MetaSecret}${It}", {"It": {"Ref": "MetaSecret"}}]},
            {"Fn::Sub": ["${MetaSecret.Id}${It}", {"It": {"Fn::GetAtt": ["MetaSecret", "Id"]}}]},
        ),
    ],
)
def test_a_reference_to_a_secret_gives_its_arn_and_any_other_stays(written: Any, read: Any) -> None:
    assert properties_of(prepared(template(Value=written)))["Value"] == read


def test_outputs_too_give_the_secrets_arn() -> None:
    assert prepared(template())["Outputs"]["MetaSecretArn"]["Value"] == {"Fn::GetAtt": ["MetaSecret", "Id"]}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("sqs:SendMessage", ["sqs:SendMessage", "sqs:SendMessageBatch"]),
        (
            ["sqs:DeleteMessage", "sqs:ReceiveMessage"],
            ["sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:DeleteMessageBatch"],
        ),
        ("sqs:ReceiveMessage", "sqs:ReceiveMessage"),
        ("sqs:*", "sqs:*"),
        (["s3:PutObject"], ["s3:PutObject"]),
    ],
)
def test_a_queue_action_covers_its_batch(written: Any, read: Any) -> None:
    document = {"Statement": [{"Effect": "Allow", "Action": written, "Resource": "*"}]}

    ready = properties_of(prepared(template(Policies=[{"PolicyDocument": document}])))

    assert ready["Policies"][0]["PolicyDocument"]["Statement"][0]["Action"] == read


def test_the_original_is_left_as_it_was() -> None:
    original = template(Value={"Ref": "MetaSecret"})
    before = copy.deepcopy(original)

    prepared(original)

    assert original == before


def test_whoever_may_send_emails_may_send_them_from_anything_there() -> None:
    identity = {"Fn::Sub": "arn:aws:ses:::identity/desk@force.example"}
    email = {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": identity}
    other = {"Effect": "Allow", "Action": "sns:Publish", "Resource": identity}

    ready = prepared(template(Policy=[email, other]))

    assert properties_of(ready)["Policy"] == [{**email, "Resource": "*"}, other]
