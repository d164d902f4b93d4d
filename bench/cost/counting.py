"""Plays what a month is made of through the real handlers, and counts it: a contact's whole way, and what is beside it.

A contact, as the demand model has it, is six messages in and five out with eight comments beside it; each sends
webhooks behind it that say nothing new.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

from bench.cost.meter import Meter, Use, metered_desk
from bench.cost.request_units import size
from contact_desk.contacts import Surface
from contact_desk.errors import ContactDeskError
from functions.triage.second_reads.prompt import Words, request
from tests import builders
from tests.simulation.desk_on_moto import Desk
from tests.simulation.lambdas import HANDLERS
from tests.simulation.operator_at_work import CLAIMS, OperatorAtWork
from tests.simulation.public_address import public_address_of
from tests.simulation.story import KNIFE, Said, comment, message

COUNTED = Path(__file__).with_name("counted.json")
MESSAGES_IN, MESSAGES_OUT, BESIDE = 6, 5, 8
OPEN_CASES = 40
"""What lies open when the jobs of the minute look and a screen asks: two hours of a design day."""
RUNS_OF_A_MINUTE = 5
"""So many minutes a job is watched: what it keeps in memory for a while is fetched anew in some of them."""
TALK = (
    "Hello, somebody has been leaving rubbish in the alley behind our house for weeks now.",
    "It is the alley between Rose Lane and the school, on the left hand side.",
    "Mostly at night I think, there were bags again this morning and an old mattress.",
    "I have not seen who does it but a neighbour says it is a white van.",
    "No I did not get the number of it sorry",
    "ok thank you, I will ring the council about it then",
)
ANSWER = "Thank you for telling us. Please let us know if you see the van again, and keep the time and its number. {}"
CHATTER = "Same here, every week the same story {}"


class PlayedWrongError(ContactDeskError):
    """The month did not go as it is told here, so that its counts are of something else."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What each part of a month used; `jobs` by the name of the function that a schedule runs, for one run."""

    way: Use
    receipt: Use
    photo: Use
    emergency: Use
    watch: Use
    jobs: Mapping[str, Use]
    series: tuple[str, ...]
    table_bytes: int
    """What one contact's whole way leaves in the table."""
    prompt_characters: int
    """What the second reader is given for a message of the talk."""

    def as_json(self) -> dict[str, Any]:
        """As `counted.json` has it."""
        parts = {
            name: getattr(self, name).as_json() for name in ("way", "receipt", "photo", "emergency", "watch")
        }
        jobs = {name: use.as_json() for name, use in sorted(self.jobs.items())}
        return {
            **parts,
            "jobs": jobs,
            "series": list(self.series),
            "table_bytes": self.table_bytes,
            "prompt_characters": self.prompt_characters,
        }

    @classmethod
    def of_json(cls, read: Mapping[str, Any]) -> Counted:
        """The other way round."""
        parts = {name: Use.of_json(read[name]) for name in ("way", "receipt", "photo", "emergency", "watch")}
        jobs = {name: Use.of_json(use) for name, use in read["jobs"].items()}
        return cls(
            **parts,
            jobs=jobs,
            series=tuple(read["series"]),
            table_bytes=read["table_bytes"],
            prompt_characters=read["prompt_characters"],
        )


def count(jobs: Mapping[str, int]) -> Counted:
    """Play and count; `jobs` names each function that a schedule runs, with its minutes.

    One that the simulation cannot run is left out: the sheet takes it for the mean of the others, and says so.
    """
    with metered_desk() as (desk, meter):
        way, left = one_contact(desk, meter)
        receipt = one_receipt(desk, meter)
        plain = one_message(desk, meter, message(90, TALK[0]))
        photo = one_message(desk, meter, replace(message(91, TALK[0]), photo=True)) - plain
        emergency = one_message(desk, meter, message(92, KNIFE), acknowledged=True) - plain
        for number in range(OPEN_CASES):
            deliver(desk, message(100 + number, TALK[0]))
            desk.pump()
        watch = one_look(desk, meter)
        with public_address_of(desk):
            runs = {
                name: one_run(desk, meter, name, every)
                for name, every in sorted(jobs.items())
                if name in HANDLERS
            }
        series = tuple(sorted(meter.series))
        return Counted(way, receipt, photo, emergency, watch, runs, series, left, prompt_characters())


def one_contact(desk: Desk, meter: Meter) -> tuple[Use, int]:
    """A contact's whole way at a desk whose functions have been started, and the bytes that it leaves in the table."""
    for said in warm_ups():
        deliver(desk, said)
    desk.rest()
    desk.echo()
    desk.pump()
    meter.taken()
    before = table_bytes(desk)
    way = whole_way(desk, meter)
    return way, table_bytes(desk) - before


def warm_ups() -> Iterator[Said]:
    """What makes every function start once."""
    yield message(80, TALK[0])
    yield replace(message(81, TALK[0]), photo=True)
    yield message(82, KNIFE)
    yield comment(83, CHATTER)


def whole_way(desk: Desk, meter: Meter) -> Use:
    """From the first message to the closed case, with an operator who opens, claims, answers, notes and closes it."""
    operator = OperatorAtWork(desk)
    first = message(1, TALK[0])
    deliver(desk, first)
    desk.pump()
    desk.echo()
    path = f"/desk/cases/{case_id_of(desk, first)}"
    said = iter(TALK[1:])
    version = asked(operator, "GET", path)["version"]
    version = asked(operator, "POST", f"{path}/claim", {}, key="claim")["version"]
    for number in range(MESSAGES_OUT - 1):
        deliver(desk, message(2 + number, next(said), by=first))
        desk.pump()
        version = asked(operator, "GET", path)["version"]
        asked(
            operator,
            "POST",
            f"{path}/replies",
            {"text": ANSWER.format(number)},
            key=f"reply {number}",
            version=version,
        )
        desk.pump()
        desk.echo()
        desk.pump()
    for text in said:
        deliver(desk, message(9, text, by=first))
        desk.pump()
    for number in range(BESIDE):
        deliver(desk, comment(1000 + number, CHATTER.format(number)))
        desk.pump()
    version = asked(operator, "GET", path)["version"]
    version = asked(
        operator, "POST", f"{path}/notes", {"text": "Council told."}, key="note", version=version
    )["version"]
    seen = asked(operator, "GET", path)
    body = {"disposition": "advice_given", "last_contact_at": seen["last_contact_at"]}
    asked(operator, "POST", f"{path}/close", body, key="close", version=seen["version"])
    desk.pump()
    return meter.taken()


def one_message(desk: Desk, meter: Meter, said: Said, *, acknowledged: bool = False) -> Use:
    """A message of a new person with all that the desk does about it; an alert of it is seen at once."""
    operator = OperatorAtWork(desk)
    known = {alert["alert_id"] for alert in asked(operator, "GET", "/desk/alerts")["alerts"]}
    meter.taken()
    deliver(desk, said)
    desk.pump()
    desk.echo()
    desk.pump()
    if acknowledged:
        for alert in asked(operator, "GET", "/desk/alerts")["alerts"]:
            if alert["alert_id"] not in known:
                operator.acknowledge(alert["alert_id"])
        desk.pump()
    return meter.taken()


def one_receipt(desk: Desk, meter: Meter) -> Use:
    """A delivery that says nothing new: that somebody has read what we wrote."""
    meter.taken()
    desk.deliver(json.dumps(builders.messenger_delivery(builders.item(read={"watermark": 1}))).encode())
    return meter.taken()


def one_look(desk: Desk, meter: Meter) -> Use:
    """A screen's question after what is new, when nothing is."""
    operator = OperatorAtWork(desk)
    seen = operator.ask("GET", "/desk/watch")
    if seen is None:
        raise PlayedWrongError("a screen has no answer")
    meter.taken()
    (tag,) = (value for name, value in seen["headers"].items() if name.lower() == "etag")
    event = builders.http_event("GET", "/desk/watch", headers={"if-none-match": tag})
    event["requestContext"]["authorizer"] = {"jwt": {"claims": CLAIMS, "scopes": None}}
    answer = desk.call("OperateWatch", event)
    if answer is None or answer["statusCode"] != HTTPStatus.NOT_MODIFIED:
        raise PlayedWrongError("a screen's second look is told something new")
    return meter.taken()


def one_run(desk: Desk, meter: Meter, job: str, every: int) -> Use:
    """A run of a job that finds nothing to do, on average, and what it sets going: a canary is taken in."""
    desk.lambdas.invoke(job, {})
    desk.pump()
    meter.taken()
    runs = 0
    for _ in range(0, RUNS_OF_A_MINUTE, every):
        desk.clock.advance(minutes=every)
        desk.lambdas.invoke(job, {})
        desk.pump()
        runs += 1
    return meter.taken() * (1 / runs)


def deliver(desk: Desk, said: Said) -> None:
    """One webhook, a contact in it."""
    desk.deliver(said.body)


def case_id_of(desk: Desk, said: Said) -> str:
    """The case that this contact is in."""
    (contact,) = (
        item
        for item in desk.aws.items()
        if item["pk"]["S"] == f"contact#{said.key}" and item["sk"]["S"] == "contact"
    )
    return str(contact["case_id"]["S"])


def asked(
    operator: OperatorAtWork,
    method: str,
    path: str,
    body: Any = None,
    *,
    key: str = "",
    version: int | None = None,
) -> dict[str, Any]:
    """The answer to an operator's call, which must be a good one."""
    answer = operator.ask(method, path, body, key=key, version=version)
    if answer is None or answer["statusCode"] >= HTTPStatus.MULTIPLE_CHOICES:
        raise PlayedWrongError(f"{method} {path}: {answer and answer['statusCode']}")
    read: dict[str, Any] = json.loads(answer["body"])
    return read


def prompt_characters() -> int:
    """What the second reader is given for one message, its instructions included."""
    return len(json.dumps(request(Words(TALK[0], "messenger", Surface.PRIVATE))))


def table_bytes(desk: Desk) -> int:
    """What lies in the table, indexes left out."""
    return sum(size(item) for item in desk.aws.items())
