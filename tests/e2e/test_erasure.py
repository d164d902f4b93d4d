"""A person asks to be forgotten, by Meta and by us: their words are then nowhere on the deployed desk, for good.

Scanned are every item of the table and of its indexes, every version of every object, every queue with its dead
letters, every log and every parameter of the emulated AWS.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from contact_desk.archive_keys import contacts_in
from contact_desk.case_desk import AuditEntry
from contact_desk.clock import SystemClock
from contact_desk.disposal import Disposer
from contact_desk.force_file import load_force_file
from contact_desk.pointers import replay_message
from contact_desk.retention import LegalHold
from contact_desk.stores.dynamo import Table
from contact_desk.stores.record_files import S3RecordFiles
from contact_desk.stores.records import DynamoRecords
from contact_desk.subject_rights import SubjectRights
from contact_desk.subjects import reach_name
from local.addresses import REPOSITORY
from local.stack_file import Stack
from tests.builders import Json, signed_request
from tests.e2e.outside import Operators, Outside, until

SOON_FORGOTTEN = timedelta(days=3)
"""What the table forgets by itself by then (an operator's repeated call, an echo that is expected) may hold words."""
INDEXES = (None, "desk", "due", "hours", "changes")


class Person:
    """Somebody who wrote on Messenger and by the form, with a canary in all of it."""

    def __init__(self, outside: Outside) -> None:
        self.address = outside.new_person()
        self.words = outside.new("canarywords thank you, that is all")
        self.email = f"{outside.new('canarymail')}@example.org"
        self.name = outside.new("Canaryname")
        self.note = outside.new("canarynote")
        self.canaries = (self.address, self.words, self.email, self.name, self.note, self.address[::-1])

    def writes(self, outside: Outside) -> list[Json]:
        """What was delivered of it."""
        delivery = outside.message(self.words, sender=self.address)
        outside.deliver(delivery)
        contact = {"email": self.email, "phone": "07700 900999"}
        told = outside.report(what=f"{self.words} by form", name=self.name, contact=contact)
        assert told.status_code == 201, told.text
        return [delivery]


class Everywhere:
    """All that the desk keeps."""

    def __init__(self, operators: Operators, stack: Stack) -> None:
        self.operators, self.stack = operators, stack

    def holding(self, canaries: tuple[str, ...]) -> list[str]:
        """The places that hold a canary."""
        return sorted(
            {
                place
                for place, text in self.places()
                for canary in canaries
                if canary in place or canary in text
            }
        )

    def places(self) -> Iterator[tuple[str, str]]:
        """Each place by its name, and what is in it."""
        yield from self._table()
        yield from self._objects()
        yield from self._queues()
        yield from self._logs()
        for page in self.operators.aws("ssm").get_paginator("describe_parameters").paginate():
            for one in page["Parameters"]:
                value = self.operators.aws("ssm").get_parameter(Name=one["Name"])["Parameter"]["Value"]
                yield f"parameter {one['Name']}", value

    def _table(self) -> Iterator[tuple[str, str]]:
        soon = int((datetime.now(UTC) + SOON_FORGOTTEN).timestamp())
        for index in INDEXES:
            named = {"IndexName": index} if index else {}
            pages = self.operators.aws("dynamodb").get_paginator("scan")
            for page in pages.paginate(TableName=self.stack.table_name, **named):
                for item in page["Items"]:
                    # An index may not carry when the item ends; the table itself does.
                    if index is None and int(item.get("expires_at", {"N": str(soon + 1)})["N"]) <= soon:
                        continue
                    yield f"{index or 'table'} {item['pk']['S']} {item['sk']['S']}", json.dumps(item)

    def _objects(self) -> Iterator[tuple[str, str]]:
        s3 = self.operators.aws("s3")
        for bucket in s3.list_buckets()["Buckets"]:
            if "assets" in bucket["Name"]:
                continue  # the code itself
            for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket["Name"]):
                for one in page.get("Versions", ()):
                    read = s3.get_object(Bucket=bucket["Name"], Key=one["Key"], VersionId=one["VersionId"])
                    yield f"{bucket['Name']} {one['Key']}", read["Body"].read().decode("utf-8", "replace")

    def _queues(self) -> Iterator[tuple[str, str]]:
        sqs = self.operators.aws("sqs")
        for url in sqs.list_queues()["QueueUrls"]:
            answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
            for message in answer.get("Messages", ()):
                yield f"queue {urlsplit(url).path}", message["Body"]

    def _logs(self) -> Iterator[tuple[str, str]]:
        logs = self.operators.aws("logs")
        for groups in logs.get_paginator("describe_log_groups").paginate():
            for group in groups["logGroups"]:
                name = group["logGroupName"]
                for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name):
                    for event in page["events"]:
                        yield f"log {name}", event["message"]


@pytest.fixture
def person(outside: Outside) -> Person:
    return Person(outside)


@pytest.fixture
def everywhere(operators: Operators, stack: Stack) -> Everywhere:
    return Everywhere(operators, stack)


def rights(operators: Operators, stack: Stack) -> SubjectRights:
    """What `desk subject` works with, of the account's owner."""
    records = DynamoRecords(Table(operators.aws("dynamodb"), stack.table_name))
    files = S3RecordFiles(operators.aws("s3"), archive=stack.archive_bucket, evidence=stack.evidence_bucket)
    classes = load_force_file(REPOSITORY / "forces" / "merseyside.toml").retention.classes
    clock = SystemClock()
    return SubjectRights(records, Disposer(records, files, clock), classes, clock, "sub-dpo", "request-dpo")


def close(operators: Operators, preview: str, note: str) -> Json:
    """An operator looks, notes something, and closes the case."""
    case = operators.case_with(preview, seconds=60)
    path = f"/desk/cases/{case['case_id']}"
    operators.get(path)
    claimed = operators.post(f"{path}/claim").json()
    noted = operators.post(f"{path}/notes", {"text": note}, version=claimed["version"]).json()
    body = {"disposition": "thanks", "last_contact_at": noted["last_contact_at"]}
    closed = operators.post(f"{path}/close", body, version=noted["version"])
    assert closed.status_code == 200
    return case


def run(operators: Operators, job: str) -> None:
    answer = operators.aws("lambda").invoke(FunctionName=operators.function(job), Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()


def archived(operators: Operators, stack: Stack, canaries: tuple[str, ...]) -> dict[str, bytes]:
    """The archived deliveries that hold a canary."""
    s3, found = operators.aws("s3"), {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=stack.archive_bucket):
        for stored in page.get("Contents", ()):
            body = s3.get_object(Bucket=stack.archive_bucket, Key=stored["Key"])["Body"].read()
            if contacts_in(stored["Key"]) and any(canary.encode() in body for canary in canaries):
                found[stored["Key"]] = body
    return found


def test_after_erasure_no_canary_is_anywhere_and_the_archive_brings_nothing_back(
    outside: Outside, operators: Operators, stack: Stack, person: Person, everywhere: Everywhere
) -> None:
    person.writes(outside)
    held = close(operators, person.words, person.note)
    close(operators, f"{person.words} by form", person.note)
    until(operators.at_rest, seconds=60)
    copies = archived(operators, stack, person.canaries)
    assert len(copies) == 2
    before = everywhere.holding(person.canaries)
    for kind in ("table contact#", "table case#", "desk case#", stack.archive_bucket):
        assert any(place.startswith(kind) for place in before), kind

    # With a hold nothing goes, and the platform's request waits.
    by_hand = rights(operators, stack)
    now = datetime.now(UTC)
    noted = AuditEntry(held["case_id"], now, "sub-dpo", "hold", "request-hold")
    hold = LegalHold(held["case_id"], "civil claim", "sub-dpo", now, date(2030, 1, 1))
    assert by_hand.records.hold(hold, noted)
    body = signed_request(person.address[::-1], app_secret=stack.secrets.meta.app_secret)
    form = {"content-type": "application/x-www-form-urlencoded"}
    asked = outside.http.post(f"{stack.api_url}/data-deletion/meta", content=body, headers=form)
    assert asked.status_code == 200, asked.text
    time.sleep(1.1)
    run(operators, "SweepRetention")
    assert any(place.startswith("table contact#messenger") for place in everywhere.holding(person.canaries))
    assert "We have your request" in outside.http.get(asked.json()["url"]).text

    # Without it the case goes when the sweep looks again, which is a day later: the day is taken off by hand.
    assert by_hand.records.lift(held["case_id"], noted)
    due_again(operators, stack, asked.json()["confirmation_code"])
    run(operators, "SweepRetention")
    told = by_hand.erase(by_hand.find([reach_name(person.email)]))
    assert [one.erased for one in told] == [True]
    assert "We have dealt with" in outside.http.get(asked.json()["url"]).text
    assert everywhere.holding(person.canaries) == []

    # As from a copy of the archive that was made before.
    s3, sqs = operators.aws("s3"), operators.aws("sqs")
    for key, delivered in copies.items():
        s3.put_object(Bucket=stack.archive_bucket, Key=key, Body=delivered)
        sqs.send_message(QueueUrl=stack.queues["replays"], MessageBody=replay_message(key))
    until(operators.at_rest, seconds=60)
    back = everywhere.holding(person.canaries)
    assert {place.partition(" ")[0] for place in back} == {stack.archive_bucket}
    for key in copies:
        for one in s3.list_object_versions(Bucket=stack.archive_bucket, Prefix=key)["Versions"]:
            s3.delete_object(Bucket=stack.archive_bucket, Key=key, VersionId=one["VersionId"])


def test_a_request_that_meta_did_not_sign_is_refused(outside: Outside, stack: Stack) -> None:
    answer = outside.http.post(
        f"{stack.api_url}/data-deletion/meta", content=signed_request("1", app_secret="another")
    )
    assert answer.status_code == 401


def due_again(operators: Operators, stack: Stack, code: str) -> None:
    """A day passes for one request."""
    past = "2020-01-01T00:00:00.000Z"
    operators.aws("dynamodb").update_item(
        TableName=stack.table_name,
        Key={"pk": {"S": f"deletion#{code}"}, "sk": {"S": "deletion"}},
        UpdateExpression="SET look_at = :past, due_sk = :due_sk",
        ExpressionAttributeValues={":past": {"S": past}, ":due_sk": {"S": f"{past}#{code}"}},
    )
