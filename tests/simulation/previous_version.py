"""A desk in the middle of its work, and the code that ran it: what the next version finds, and what it works beside.

`python -m tests.simulation.record` plays the story on this version and writes it down, table, queues and
archive, with the version's code beside it; a release does that last. The first reader's model is too large to be kept
twice: the last version reads the one at hand.
"""

from __future__ import annotations

import atexit
import base64
import io
import json
import lzma
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from contact_desk.case_desk import AuditEntry
from contact_desk.clock import from_rfc3339, to_rfc3339
from contact_desk.contacts import contact_key
from contact_desk.pointers import replay_message
from contact_desk.repairs import QuarantinedMessage
from contact_desk.retention import Decision, Fate, LegalHold
from contact_desk.second_reads import ContactPointer, second_read_message
from contact_desk.stores import keys
from contact_desk.stores.dynamo import Table
from contact_desk.stores.items import unmarshal
from contact_desk.stores.records import DynamoRecords
from contact_desk.stores.repairs import DynamoRepairs
from tests import builders
from tests.builders import http_event
from tests.simulation.aws_in_process import ARCHIVE, AUDIT, EVIDENCE, PAGES, TABLE
from tests.simulation.desk_on_moto import BEGINS, Desk, desk_on_moto
from tests.simulation.operator_at_work import CLAIMS, OperatorAtWork
from tests.simulation.story import (
    CAT,
    EMERGENCY,
    KNIFE,
    ORDINARY,
    PUBLIC_EMERGENCY,
    QUESTION,
    REPLY,
    REPORTED,
    comment,
    message,
)
from tests.simulation.versions import ROOT

RECORDED = Path(__file__).parents[1] / "previous_version/desk.json"
CODE = RECORDED.with_name("code.tar.xz")
WHAT_RUNS = ("forces", "functions", "layers/core/python")
MODEL = "functions/triage/model"
BUCKETS = (ARCHIVE, EVIDENCE, PAGES, AUDIT)
SPAM = message(8, "Win a phone today, click here")
# What is on its way when the next version takes over.
ON_ITS_WAY = (
    replace(message(11, KNIFE), photo=True),
    message(12, QUESTION),
    message(13, "The road by the school is flooded, is it shut?"),
    comment(14, "is the match still on?"),
)


def record() -> None:
    """Play the story and write what is left of it, and the code that played it."""
    with desk_on_moto() as desk:
        desk.reset()
        play(desk)
        RECORDED.write_text(written(recorded(desk)))
    CODE.write_bytes(packed(ROOT))


def packed(root: Path) -> bytes:
    """What runs of the version below the folder, its model apart; the same code is the same bytes."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path in sorted(path for folder in WHAT_RUNS for path in (root / folder).rglob("*")):
            name = str(path.relative_to(root))
            if path.is_file() and "__pycache__" not in path.parts and not name.startswith(f"{MODEL}/"):
                member = tarfile.TarInfo(name)
                member.size = path.stat().st_size
                tar.addfile(member, io.BytesIO(path.read_bytes()))
    return lzma.compress(archive.getvalue(), preset=9 | lzma.PRESET_EXTREME)


@cache
def unpacked() -> Path:
    """The last version's code in a folder of this process, with the model at hand."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    root = Path(folder.name)
    with tarfile.open(CODE) as tar:
        tar.extractall(root, filter="data")
    (root / MODEL).symlink_to(ROOT / MODEL)
    return root


def written(kept: dict[str, Any]) -> str:
    """The recording with an item, a queue or an object a line, so that two of them can be compared."""

    def line(value: Any) -> str:
        return json.dumps(value, sort_keys=True, separators=(",", ":"))

    parts = []
    for name, value in kept.items():
        match value:
            case list():
                parts.append(f"{line(name)}:[\n" + ",\n".join(map(line, value)) + "\n]")
            case dict():
                entries = (f"{line(key)}:{line(each)}" for key, each in sorted(value.items()))
                parts.append(f"{line(name)}:{{\n" + ",\n".join(entries) + "\n}")
            case _:
                parts.append(f"{line(name)}:{line(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def recorded(desk: Desk) -> dict[str, Any]:
    """All that the desk keeps, and what waits in its queues."""
    s3 = desk.aws.client("s3")
    pointer = ContactPointer(contact_key("messenger", ORDINARY.native_id))
    return {
        "at": to_rfc3339(desk.clock.now()),
        "items": desk.aws.items(),
        "queues": {
            **{name: [one.body for one in desk.aws.receive(name)] for name in desk.aws.queues},
            "operator_alerts": [json.dumps(one) for one in desk.alerts[:1]],
            "second_reads": [second_read_message(pointer)],
        },
        "objects": {
            f"{bucket}/{stored['Key']}": base64.b64encode(
                s3.get_object(Bucket=bucket, Key=stored["Key"])["Body"].read()
            ).decode()
            for bucket in BUCKETS
            for stored in s3.list_objects_v2(Bucket=bucket).get("Contents", ())
        },
    }


def restore(desk: Desk, kept: dict[str, Any]) -> None:
    """Put what was written down into an empty desk, at its moment."""
    desk.clock.at = from_rfc3339(kept["at"])
    dynamodb, s3, sqs = (desk.aws.client(name) for name in ("dynamodb", "s3", "sqs"))
    for item in kept["items"]:
        dynamodb.put_item(TableName=TABLE, Item=item)
    for name, content in kept["objects"].items():
        bucket, _, key = name.partition("/")
        s3.put_object(Bucket=bucket, Key=key, Body=base64.b64decode(content))
    for queue, bodies in kept["queues"].items():
        for body in bodies if queue in desk.aws.queues else ():
            sqs.send_message(QueueUrl=desk.aws.queues[queue], MessageBody=body)


def play(desk: Desk) -> None:
    """Every kind of item and of message, each come about as it does on a working day where that can be had."""
    _dispose(desk)
    for said in (EMERGENCY, PUBLIC_EMERGENCY, ORDINARY, message(4, CAT), REPORTED):
        desk.report(said.body) if said is REPORTED else desk.deliver(said.body)
    edited = {"mid": ORDINARY.native_id, "text": f"{QUESTION} Or Saturday?", "num_edit": 1}
    change = builders.item(sender={"id": ORDINARY.person}, message_edit=edited)
    desk.deliver(json.dumps(builders.messenger_delivery(change)).encode())
    desk.rest()
    operator = OperatorAtWork(desk)
    operator.reply(ORDINARY, REPLY)
    _graded_and_closed(desk, operator)
    desk.rest()
    for body in _broadcasts(desk):
        _asked(desk, *body)
        desk.pump()
    desk.rest()
    _answered_with_a_broadcast(desk, operator)
    desk.clock.advance(minutes=70)
    for job in ("SweepSurveys", "SweepHourTotals", "SweepAuditSeals", "ChannelHealth"):
        desk.lambdas.invoke(job, {})
    desk.rest()
    _by_the_stores(desk)
    _leave_work_lying(desk)


def _dispose(desk: Desk) -> None:
    """A case whose time was up long ago."""
    desk.clock.at = BEGINS - timedelta(days=400)
    desk.deliver(SPAM.body)
    desk.rest()
    operator = OperatorAtWork(desk)
    case = operator.case_of(SPAM)
    operator.close(operator.claim(case["case_id"]) | {"case_id": case["case_id"]})
    desk.rest()
    desk.clock.at = BEGINS
    desk.lambdas.invoke("SweepRetention", {})


def _graded_and_closed(desk: Desk, operator: OperatorAtWork) -> None:
    case_id = operator.case_of(message(4, CAT))["case_id"]
    held = operator.claim(case_id)
    path = f"/desk/cases/{case_id}"
    grade = {"grade": "scheduled", "reason": "asks for a visit"}
    graded = operator.ask("POST", f"{path}/grade", grade, key="grade", version=held["version"])
    assert graded is not None
    version = json.loads(graded["body"])["version"]
    noted = operator.ask("POST", f"{path}/notes", {"text": "The owner rings back."}, key="n", version=version)
    assert noted is not None
    operator.close({**json.loads(noted["body"]), "case_id": case_id})
    operator.acknowledge(f"{operator.case_of(EMERGENCY)['case_id']}.emergency")
    safe = {"ok": False, "how": "by e-mail", "not_when": "evenings"}
    urgent = operator.claim(operator.case_of(EMERGENCY)["case_id"])
    operator.ask(
        "POST",
        f"/desk/cases/{urgent['case_id']}/safe-contact",
        safe,
        key="safe",
        version=urgent["version"],
    )


def _broadcasts(desk: Desk) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """One live, one submitted; all publishing stopped and started again."""
    until = to_rfc3339(desk.clock.now() + timedelta(days=2))
    fields = {
        "kind": "incident",
        "what": "Road closed",
        "where": "Queensway tunnel",
        "severity": "moderate",
        "area": {"names": ["Birkenhead"], "polygon": None},
        "expires_at": until,
        "language": "en",
        "copies": {"facebook_page": {}, "x": {}},
    }
    for name in ("live", "submitted"):
        draft = _asked(desk, "publisher", "POST", "/desk/broadcasts", fields, key=f"draft {name}")
        path = f"/desk/broadcasts/{draft['broadcast_id']}"
        submitted = _asked(
            desk, "publisher", "POST", f"{path}/submit", {}, key=f"submit {name}", version=draft["version"]
        )
        if name == "live":
            yield "supervisor", "POST", f"{path}/approve", {"hash": submitted["hash"]}
    for on in (False, True):
        yield "supervisor", "PUT", "/desk/publishing", {"on": on, "reason": "a drill"}


def _answered_with_a_broadcast(desk: Desk, operator: OperatorAtWork) -> None:
    """A reply that carries a broadcast's link, which is told when that is corrected."""
    asks = message(9, "Is the tunnel shut?")
    desk.deliver(asks.body)
    desk.pump()
    listed = _asked(desk, "publisher", "GET", "/desk/broadcasts", {}, key="list")["broadcasts"]
    live = next(one for one in listed if one["state"] == "live")
    operator.reply(asks, f"Yes: {desk.aws.environment['LIVE_URL']}/{live['reference']}")
    desk.rest()


def _asked(
    desk: Desk,
    role: str,
    method: str,
    path: str,
    body: dict[str, Any],
    *,
    key: str = "",
    version: int | None = None,
) -> dict[str, Any]:
    """The answer to one act of a person in that role."""
    headers = {"idempotency-key": (key or f"{method} {path} {body}").replace(" ", "-")[:60]}
    if version is not None:
        headers["if-match"] = str(version)
    elif path.endswith("/approve"):
        shown = _asked(desk, role, "GET", path.removesuffix("/approve"), {}, key="look")
        headers["if-match"] = str(shown["version"])
    event = http_event(method, path, body=body or None, headers=headers)
    claims = {**CLAIMS, "sub": f"{role}-1", "name": f"Alex {role.title()}", "cognito:groups": f"[{role}]"}
    event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    answer = desk.call("Operate", event)
    assert answer is not None
    assert answer["statusCode"] < 300, (method, path, answer["body"])
    told: dict[str, Any] = json.loads(answer["body"])
    return told


def _by_the_stores(desk: Desk) -> None:
    """What comes about by the command line, or by what a simulation does not play."""
    table, now = Table(desk.aws.client("dynamodb"), TABLE), desk.clock.now()
    items = [unmarshal(item) for item in desk.aws.items()]
    case_id = next(one["case_id"] for one in items if one["sk"] == "case" and one["state"] == "closed")
    records = DynamoRecords(table)
    held = OperatorAtWork(desk).case_of(EMERGENCY)["case_id"]
    audit = AuditEntry(held, now, "sub-records", "hold", "request-hold")
    assert records.hold(LegalHold(held, "civil claim", "sub-records", now, date(2030, 1, 1)), audit)
    decision = Decision(Fate.KEEP, "appeal", "sub-records", now, now + timedelta(days=90))
    assert records.decide(case_id, decision, replace(audit, subject=case_id, act="decide"))
    DynamoRepairs(table).quarantine(QuarantinedMessage("outbox", "message-1", '{"v":1}', now))
    table.attempt(table.put({**keys.second_reads(now.date()), "reads": 3}))
    table.attempt(table.put({**keys.picture("0" * 64), "media_type": "image/png"}))


def _leave_work_lying(desk: Desk) -> None:
    """Something in every queue: contacts, nudges, files to copy, confirmations, deliveries to take in again."""
    urgent, question, *waiting = ON_ITS_WAY
    desk.deliver(urgent.body)
    desk.deliver(question.body)
    assert desk.hand_over("private_contacts")
    for said in waiting:
        desk.deliver(said.body)
    desk.echo()
    pointer = replay_message(next(iter(desk.aws.archived())))
    desk.aws.client("sqs").send_message(QueueUrl=desk.aws.queues["replays"], MessageBody=pointer)
