"""The second reader over records in memory, with the real SDK, whose network is a list of recorded answers."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from contact_desk.alerts import AlertRank
from contact_desk.cases import Case
from contact_desk.contacts import Contact
from contact_desk.decisions import TriageDecision
from contact_desk.force_file import ForceFile
from contact_desk.intake import Admitted
from contact_desk.outbox import OutboxKind, Purpose
from contact_desk.second_reader import SecondReader
from contact_desk.second_reads import ContactPointer, SecondRead
from functions.triage.admission import Admissions
from functions.triage.automatic_texts import OwnTexts
from functions.triage.second_reads.bedrock import BedrockModel
from functions.triage.second_reads.raising import Raising
from functions.triage.second_reads.reading import SecondReadDesk
from local.twins.desk_records import DeskRecords
from local.twins.held_still import CountedIds, FrozenClock
from local.twins.in_memory_intake import InMemoryIntake
from local.twins.in_memory_queues import InMemoryNudges
from local.twins.in_memory_second_reads import InMemoryAllowance, InMemorySecondReads
from tests.builders import contact, force
from tests.unit.triage.readings import decision

MODEL = "anthropic.a-model-v1:0"
TIMEOUTS = {"read_timeout": ReadTimeoutError, "connect_timeout": ConnectTimeoutError}
Json = dict[str, Any]


@cache
def force_with_second_reader() -> ForceFile:
    return force().model_copy(update={"second_reader": SecondReader(model=MODEL, reads_a_day=50)})


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


@dataclass
class Recorded:
    """Plays the network below the SDK: each request is kept, and gets the next answer; the last is given again.

    An answer is `{"body"}`, with `status` and `error` where the service refuses, or `{"fails"}` for none.
    """

    answers: Sequence[Mapping[str, Any]]
    requests: list[Json] = field(default_factory=list)

    def client(self) -> Any:
        client = boto3.client(
            "bedrock-runtime",
            region_name="eu-west-2",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )
        client.meta.events.register("before-send.bedrock-runtime.Converse", self.answer)
        return client

    def answer(self, request: Any, **_: Any) -> AWSResponse:
        """The next answer to a request that the SDK is about to send."""
        self.requests.append(json.loads(request.body))
        answer = self.answers[min(len(self.requests), len(self.answers)) - 1]
        if "fails" in answer:
            raise TIMEOUTS[answer["fails"]](endpoint_url=request.url)
        body = answer["body"]
        written = body if isinstance(body, str) else json.dumps(body)
        headers = HTTPHeaders()
        headers["Content-Type"] = "application/json"
        if "error" in answer:
            headers["x-amzn-ErrorType"] = answer["error"]
        return AWSResponse(request.url, answer.get("status", 200), headers, _Raw(written.encode()))

    @property
    def sent(self) -> str:
        """All that left the desk."""
        return json.dumps(self.requests, ensure_ascii=False)


def answered(*inputs: object, **changed: Any) -> Json:
    """A whole answer that calls the tool with each of these inputs."""
    blocks = [
        {"toolUse": {"toolUseId": f"t{n}", "name": "report_reading", "input": given}}
        for n, given in enumerate(inputs)
    ]
    message = {"role": "assistant", "content": blocks}
    return {"body": {"output": {"message": message}, "stopReason": "tool_use", **changed}}


def reading(band: str, grade: str, reason: str = "It tells of danger.", *markers: str) -> Json:
    return {"band": band, "grade": grade, "reason": reason, "markers": list(markers)}


RED = answered(reading("red", "emergency"))
AMBER = answered(reading("amber", "priority"))
GREEN = answered(reading("green", "resolve"))


@dataclass
class SecondReading:
    """One desk whose second reader gets these answers."""

    answers: Sequence[Mapping[str, Any]] = (RED,)
    reads_a_day: int = 50
    records: DeskRecords = field(default_factory=DeskRecords)
    clock: FrozenClock = field(default_factory=FrozenClock)
    nudges: InMemoryNudges = field(default_factory=InMemoryNudges)
    pauses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        whose = force_with_second_reader()
        self.network = Recorded(self.answers)
        self.admissions = Admissions(whose, OwnTexts(whose), CountedIds())
        self.intake = InMemoryIntake(self.records)
        self.store = InMemorySecondReads(self.records)
        self.desk = SecondReadDesk(
            store=self.store,
            model=BedrockModel(self.network.client(), MODEL),
            model_id=MODEL,
            allowance=InMemoryAllowance(self.reads_a_day),
            raising=Raising(whose, OwnTexts(whose)),
            nudges=self.nudges,
            clock=self.clock,
            pause=self.pauses.append,
        )

    def admit(self, one: Contact | None = None, first: TriageDecision | None = None) -> ContactPointer:
        """A contact on the desk, with the first reader's decision."""
        one = one or contact()
        before = self.intake.conversation(one.conversation_key)
        admission = self.admissions.compose(one, first or decision(), before, self.clock.now())
        admission = replace(admission, second_read_due=True)
        assert self.intake.admit(admission) == Admitted()
        return ContactPointer(admission.contact.key, admission.contact.event_id)

    def kept(self, pointer: ContactPointer) -> SecondRead | None:
        if pointer.event_id:
            return self.records.events[(pointer.contact_key, pointer.event_id)].second_read
        return self.records.contacts[pointer.contact_key].second_read

    @property
    def case(self) -> Case:
        (case,) = self.records.cases.values()
        return case

    @property
    def sent(self) -> list[tuple[OutboxKind, Purpose]]:
        return [(item.kind, item.purpose) for item in self.records.outbox.values()]

    @property
    def alerts(self) -> list[AlertRank]:
        return sorted(alert.rank for alert in self.records.alerts.values())
