"""A person asks to be forgotten: their words, names and addresses are then nowhere, and no replay helps."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from cli.recounting import recount_cases, recount_intake
from contact_desk.case_desk import AuditEntry
from contact_desk.clock import SystemClock
from contact_desk.disposal import Disposer
from contact_desk.force_file import load_force_file
from contact_desk.numbers.counting import Figure, Figures, total_of
from contact_desk.pointers import replay_message
from contact_desk.retention import LegalHold
from contact_desk.stores.archive import S3ArchiveReader
from contact_desk.stores.dynamo import Table
from contact_desk.stores.hour_totals import DynamoHourTotals
from contact_desk.stores.record_files import S3RecordFiles
from contact_desk.stores.records import DynamoRecords
from contact_desk.subject_rights import SubjectRights
from contact_desk.subjects import SubjectCase, address_name, reach_name
from tests import builders
from tests.simulation.aws_in_process import ARCHIVE, EVIDENCE, PAGES, TABLE
from tests.simulation.desk_on_moto import Desk
from tests.simulation.operator_at_work import OperatorAtWork
from tests.simulation.promises import found_in_log
from tests.simulation.story import KNIFE, Said

FORCE = Path(__file__).resolve().parents[2] / "forces" / "merseyside.toml"
PERSON, OTHER = "7755330011228844", "7100000000000001"
WORDS, ANSWER, NOTE = "canary-words of a person", "canary-answer to them", "canary-note about them"
NAME, EMAIL, PHONE = "Canary Ñame", "canary@example.com", "+44 7700 900123"
CANARIES = ("canary", "Canary", PERSON, "7700 900123")
OTHERS_WORDS = "words of somebody else in the same delivery"


class Manager:
    """The records manager of a desk, and all that it holds."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.records = DynamoRecords(Table(desk.aws.client("dynamodb"), TABLE))
        files = S3RecordFiles(desk.aws.client("s3"), archive=ARCHIVE, evidence=EVIDENCE)
        classes = load_force_file(FORCE).retention.classes
        disposer = Disposer(self.records, files, SystemClock())
        self.rights = SubjectRights(self.records, disposer, classes, SystemClock(), "sub-dpo", "request-dpo")

    def found(self) -> list[SubjectCase]:
        names = [address_name(channel, PERSON) for channel in ("messenger", "facebook_page")]
        return self.rights.find([*names, reach_name(EMAIL)])

    def forget_what_has_expired(self) -> None:
        """What DynamoDB does by itself, within days."""
        client, now = self.desk.aws.client("dynamodb"), self.desk.clock.now().timestamp()
        for item in self.desk.aws.items():
            if "expires_at" in item and int(item["expires_at"]["N"]) < now:
                client.delete_item(TableName=TABLE, Key={"pk": item["pk"], "sk": item["sk"]})

    def numbers(self) -> tuple[Figures, Figures]:
        """All figures of every hour, as the sweep would count them now, and by the recounts."""
        table, now = Table(self.desk.aws.client("dynamodb"), TABLE), self.desk.clock.now()
        hours = {item["hour"]["S"] for item in self.desk.aws.items() if "hour" in item}
        totals, counted = DynamoHourTotals(table), Counter[Figure]()
        for hour in hours:
            counted += total_of(totals.facts(datetime.fromisoformat(f"{hour}:00Z")))
        first, last = now - timedelta(days=30), now + timedelta(hours=1)
        archive = S3ArchiveReader(self.desk.aws.client("s3"), ARCHIVE)
        arrived, _ = recount_intake(archive, builders.force(), table, first, last)
        return counted, arrived + recount_cases(table, first, last)

    def everywhere(self) -> dict[str, str]:
        """All that the desk holds, by where: table with its indexes, every bucket and queue."""
        s3, aws = self.desk.aws.client("s3"), self.desk.aws
        places = {"table": json.dumps(aws.items())}
        for bucket in (ARCHIVE, EVIDENCE, PAGES):
            for stored in s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
                body = s3.get_object(Bucket=bucket, Key=stored["Key"])["Body"].read()
                places[f"{bucket}/{stored['Key']}"] = stored["Key"] + body.decode("utf-8", "replace")
        for queue in aws.queues:
            places[queue] = "".join(message.body for message in aws.receive(queue))
        return places

    def canaries(self) -> list[str]:
        """Where a canary is, the name of the place with it."""
        return [
            f"{place}: {canary}"
            for place, held in self.everywhere().items()
            for canary in CANARIES
            if canary in held or json.dumps(canary)[1:-1] in held
        ]


def everything_of_a_person(desk: Desk) -> None:
    """Messages, an emergency with a photo, a comment, a report, an edit, answers and notes; all of it closed."""
    emergency = Said("messenger", "m_theirs_1", PERSON, "", f"{KNIFE}, {WORDS}", emergency=True, photo=True)
    desk.deliver(emergency.body)
    both = [
        builders.message(WORDS, mid="m_theirs_2", sender=PERSON),
        builders.message(OTHERS_WORDS, mid="m_other", sender=OTHER),
    ]
    desk.deliver(json.dumps(builders.messenger_delivery(*both)).encode())
    desk.deliver(Said("facebook_page", "5501_77", PERSON, NAME, WORDS, emergency=False).body)
    edited = builders.item(
        sender={"id": PERSON}, message_edit={"mid": "m_theirs_2", "text": f"{WORDS} edited", "num_edit": 1}
    )
    desk.deliver(json.dumps(builders.messenger_delivery(edited)).encode())
    report = builders.report(what=WORDS, name=NAME, contact={"email": EMAIL, "phone": PHONE})
    desk.call("Report", builders.http_event("POST", "/reports", body=report))
    desk.rest()
    operator = OperatorAtWork(desk)
    operator.reply(emergency, ANSWER)
    desk.rest()
    for case in operator.cases():
        if OTHERS_WORDS not in case["preview"]:
            close(desk, operator, case["case_id"])
    desk.rest()


def close(desk: Desk, operator: OperatorAtWork, case_id: str) -> None:
    """A note, another grade with a reason, and the end."""
    held = operator.claim(case_id)
    path = f"/desk/cases/{case_id}"
    version = held["version"]
    noted = operator.ask("POST", f"{path}/notes", {"text": NOTE}, key=f"note {case_id}", version=version)
    assert noted is not None
    graded = operator.ask(
        "POST",
        f"{path}/grade",
        {"grade": "scheduled", "reason": NOTE},
        key=f"grade {case_id}",
        version=json.loads(noted["body"])["version"],
    )
    assert graded is not None
    seen = json.loads(graded["body"])
    operator.close({**seen, "case_id": case_id})
    for alert in ("emergency", "priority"):
        operator.ask("POST", f"/desk/alerts/{case_id}.{alert}/acknowledge", {}, key=f"seen {case_id} {alert}")
    del desk


@pytest.fixture
def manager(desk: Desk) -> Manager:
    everything_of_a_person(desk)
    desk.clock.advance(hours=60)
    made = Manager(desk)
    made.forget_what_has_expired()
    return made


def test_nothing_of_an_erased_person_is_anywhere_and_replaying_brings_nothing_back(
    desk: Desk, manager: Manager
) -> None:
    archived = {key: body(desk, key) for key in desk.aws.archived()}
    held_before = manager.canaries()
    for place in ("table", "archive/"):
        assert any(found.startswith(place) for found in held_before), held_before
    assert len(desk.aws.kept_files()) == 1
    cases = manager.found()
    assert {one.channel for one in cases} == {"messenger", "facebook_page", "report_form"}

    reported = manager.numbers()
    assert reported[0] == reported[1]

    assert [one.reason for one in manager.rights.erase(cases)] == [None] * len(cases)

    assert manager.numbers() == reported
    kept = [one for one in items(desk) if "totals#kept" in one]
    assert kept
    assert not any(case.case_id in one or case.reference in one for case in cases for one in kept)
    assert manager.canaries() == []
    assert manager.found() == []
    assert desk.aws.kept_files() == {}
    assert OTHERS_WORDS in manager.everywhere()["table"]
    assert found_in_log(desk, CANARIES) == []

    table = items(desk)
    for key, delivered in archived.items():
        # As from a copy of the archive that was made before.
        desk.aws.client("s3").put_object(Bucket=ARCHIVE, Key=key, Body=delivered)
        desk.aws.client("sqs").send_message(
            QueueUrl=desk.aws.queues["replays"], MessageBody=replay_message(key)
        )
    desk.rest()
    assert [one for one in manager.canaries() if not one.startswith("archive/")] == []
    assert items(desk) == table


def test_metas_callback_erases_what_came_by_meta_and_its_page_tells_so(desk: Desk, manager: Manager) -> None:
    asked = builders.http_event("POST", "/data-deletion/meta", body=builders.signed_request(PERSON[::-1]))
    answer = desk.call("DataDeletion", asked)
    assert answer
    told = json.loads(answer["body"])
    desk.clock.advance(minutes=1)
    desk.sweep("SweepRetention")

    assert {one.channel for one in manager.found()} == {"report_form"}
    held = manager.everywhere()
    assert [place for place, body in held.items() if PERSON in body or PERSON[::-1] in body] == []
    status = desk.call(
        "DataDeletion", builders.http_event("GET", f"/data-deletion/{told['confirmation_code']}")
    )
    assert status
    assert "We have dealt with" in status["body"]
    assert desk.lambdas.errors == []
    assert found_in_log(desk, (*CANARIES, PERSON[::-1])) == []


def test_with_a_hold_nothing_of_the_case_goes_and_its_neighbours_do(desk: Desk, manager: Manager) -> None:
    cases = manager.found()
    held = next(one for one in cases if one.channel == "messenger")
    hold = LegalHold(held.case_id, "civil claim", "sub-dpo", desk.clock.now(), date(2030, 1, 1))
    assert manager.records.hold(hold, AuditEntry(held.case_id, desk.clock.now(), "sub-dpo", "hold", "r"))
    before = of_case(desk, held.case_id)

    told = {one.case_id: one for one in manager.rights.erase(manager.found())}

    assert [one.erased for one in told.values()].count(False) == 1
    assert told[held.case_id].reason == "civil claim, until 2030-01-01 at least"
    assert of_case(desk, held.case_id) == before
    assert any(place.startswith("table") for place in manager.canaries())
    desk.clock.at = datetime(2040, 1, 1, tzinfo=UTC)
    desk.sweep("SweepRetention")
    assert of_case(desk, held.case_id) == before


def test_the_sweep_disposes_of_a_persons_cases_on_their_date_and_the_audit_still_holds(
    desk: Desk, manager: Manager
) -> None:
    desk.sweep("SweepAuditSeals")
    case_ids = [one.case_id for one in manager.found()]
    desk.clock.advance(days=300)
    desk.sweep("SweepRetention")
    assert len(manager.found()) == len(case_ids)

    desk.clock.advance(days=66)
    desk.sweep("SweepRetention")

    assert manager.found() == []
    manager.forget_what_has_expired()
    assert [one for one in manager.canaries() if one.startswith("table")] == []
    done = list(manager.records.disposed(desk.clock.now() - timedelta(days=1)))
    assert sorted(one.case_id for one in done) == sorted(case_ids)
    assert desk.lambdas.errors == []


def body(desk: Desk, key: str) -> bytes:
    read: bytes = desk.aws.client("s3").get_object(Bucket=ARCHIVE, Key=key)["Body"].read()
    return read


def items(desk: Desk) -> list[str]:
    """The table, without receipts, which tell of deliveries alone."""
    return [json.dumps(one, sort_keys=True) for one in desk.aws.items() if one["sk"] != {"S": "receipt"}]


def of_case(desk: Desk, case_id: str) -> list[str]:
    return [one for one in items(desk) if case_id in one and "audit#" not in one and "expires_at" not in one]
