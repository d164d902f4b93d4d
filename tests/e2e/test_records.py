"""Records on the deployed desk, every role enforced: who saw what is sealed, and a case goes on its date for good."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx

from contact_desk.audit_sealing import prove
from contact_desk.stores.audit_trail import DynamoAuditTrail
from contact_desk.stores.dynamo import Table
from contact_desk.stores.seal_vault import S3SealVault
from local.stack_file import Stack
from tests.builders import Json
from tests.e2e.outside import Operators, Outside, until

DATE = "2020-01-01T00:00:00.000Z"


def closed_case(outside: Outside, operators: Operators) -> tuple[Json, Json, str]:
    """A closed case, what was delivered of it, and its words."""
    text = outside.new("thank you, that is all")
    delivery = outside.message(text, sender=outside.new_person())
    outside.deliver(delivery)
    case = operators.case_with(text)
    path = f"/desk/cases/{case['case_id']}"
    claimed = operators.post(f"{path}/claim").json()
    body = {"disposition": "spam", "last_contact_at": claimed["last_contact_at"]}
    closed: httpx.Response = operators.post(f"{path}/close", body, version=claimed["version"])
    assert closed.status_code == 200
    return case, delivery, text


def test_who_saw_a_case_is_told_to_auditors_and_put_under_seal(
    stack: Stack, outside: Outside, operators: Operators
) -> None:
    case, _, _ = closed_case(outside, operators)
    path = f"/desk/cases/{case['case_id']}"
    assert operators.get(path).status_code == 200
    assert operators.get(path, token=stack.tokens.publisher).status_code == 403

    told = operators.get("/desk/audit", token=stack.tokens.auditor, subject=case["case_id"]).json()
    # That the auditor asks is written down too, before or after the moment up to which they asked.
    acts = [one["act"] for one in told["entries"] if one["act"] != "audit"]
    assert acts[-4:] == ["claim", "close", "open", "get refused: Forbidden"]

    run(operators, "SweepAuditSeals")
    secret = operators.aws("secretsmanager").get_secret_value(SecretId=stack.audit_key)["SecretString"]
    trail = DynamoAuditTrail(Table(operators.aws("dynamodb"), stack.table_name))
    vault = S3SealVault(operators.aws("s3"), stack.audit_bucket)
    proof = prove(trail, vault, json.loads(secret)["key"].encode(), datetime.now(UTC))
    assert proof.whole, proof
    assert proof.seals >= 1


def test_a_case_goes_on_its_date_and_a_delivery_that_comes_again_brings_nothing_back(
    stack: Stack, outside: Outside, operators: Operators
) -> None:
    case, delivery, text = closed_case(outside, operators)
    until(operators.at_rest)
    table = operators.aws("dynamodb")
    table.update_item(
        TableName=stack.table_name,
        Key={"pk": {"S": f"case#{case['case_id']}"}, "sk": {"S": "case"}},
        UpdateExpression="SET dispose_at = :date, due_sk = :due_sk",
        ExpressionAttributeValues={":date": {"S": DATE}, ":due_sk": {"S": f"{DATE}#{case['case_id']}"}},
    )
    run(operators, "SweepRetention")
    assert operators.get(f"/desk/cases/{case['case_id']}").status_code == 404

    outside.deliver(delivery)
    until(operators.at_rest)
    held = [
        item
        for page in table.get_paginator("scan").paginate(TableName=stack.table_name)
        for item in page["Items"]
        if not item["pk"]["S"].startswith("request#")
    ]
    assert text not in json.dumps(held)
    assert f"disposal#{case['case_id']}" in {item["pk"]["S"] for item in held}


def run(operators: Operators, job: str) -> None:
    """One run of a sweep's job."""
    answer = operators.aws("lambda").invoke(FunctionName=operators.function(job), Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()
