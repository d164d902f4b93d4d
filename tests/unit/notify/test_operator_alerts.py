"""Operator alerts: C6, from the alert as it stands, to the topic."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from contact_desk.alerts import Alert, AlertEvent, AlertKind, AlertRank, announcement
from contact_desk.clock import to_rfc3339
from contact_desk.errors import MalformedMessageError, StoreBusyError
from contact_desk.grades import Grade
from contact_desk.operator_alert import OperatorAlert, schema
from contact_desk.outbox import OutboxItem
from contact_desk.send_failures import SendFailure
from functions.notify.platform_answers import Absent, RetryLater, SendAnswer, Sent, Superseded
from functions.notify.senders.operator_alerts import OperatorAlertSender
from local.addresses import REPOSITORY
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON
from local.twins.in_memory_alerts import InMemoryAlerts
from tests.builders import CASE_ID, alert, force

LADDERS = force("merseyside").alerts
SCHEMA = json.loads((REPOSITORY / "docs" / "operator-alert.schema.json").read_text(encoding="utf-8"))
CANARY = "Zanzibar-Quetzal"
TOPIC = "arn:aws:sns:eu-west-2:000000000000:operator-alerts"


class Topic:
    """An SNS client with one topic, which fails as told."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.published: list[dict[str, Any]] = []
        self.failure = failure

    def publish(self, **arguments: Any) -> dict[str, str]:
        if self.failure:
            raise self.failure
        self.published.append(arguments)
        return {"MessageId": "sns-1"}


def publish(
    stored: Alert | None, event: AlertEvent, topic: Topic | None = None
) -> tuple[SendAnswer, list[Any]]:
    records = DeskRecords(alerts={stored.alert_id: stored} if stored else {})
    topic = topic or Topic()
    client: Any = topic
    sender = OperatorAlertSender(client, TOPIC, InMemoryAlerts(records), "https://desk.example/", LADDERS)
    answer = sender.send(item(stored or alert(), event), within=timedelta(seconds=8))
    return answer, [json.loads(json.loads(published["Message"])["default"]) for published in topic.published]


def item(told: Alert, event: AlertEvent) -> OutboxItem:
    return announcement(told, event, cause="a cause", now=NOON)


def test_an_open_alert_is_published_as_c6() -> None:
    answer, published = publish(alert(nudge=2), AlertEvent.NUDGED)

    assert answer == Sent("sns-1")
    assert published == [
        {
            "v": 1,
            "alert_id": f"{CASE_ID}.emergency",
            "event": "nudged",
            "rank": "A1",
            "kind": "emergency",
            "case_reference": "MP-7K3Q-9DXR-C",
            "grade": "emergency",
            "link": f"https://desk.example/cases/{CASE_ID}",
            "opened_at": to_rfc3339(NOON),
            "nudge": 2,
        }
    ]


def test_an_alert_without_a_case_links_to_itself() -> None:
    stored = alert(case_id=None)

    _, published = publish(stored, AlertEvent.OPENED)

    assert published[0]["link"] == f"https://desk.example/alerts/{stored.alert_id}"
    assert published[0]["case_reference"] is None


SEEN = replace(alert(), acknowledged_at=NOON, acknowledged_by="sub-1")


@pytest.mark.parametrize("event", [AlertEvent.OPENED, AlertEvent.NUDGED])
@pytest.mark.parametrize("stored", [SEEN, None], ids=["acknowledged", "gone"])
def test_nobody_is_called_to_what_a_person_has_seen(stored: Alert | None, event: AlertEvent) -> None:
    assert publish(stored, event) == (Superseded(), [])


def test_an_acknowledgement_is_published_while_it_stands() -> None:
    answer, published = publish(SEEN, AlertEvent.ACKNOWLEDGED)

    assert answer == Sent("sns-1")
    assert published[0]["event"] == "acknowledged"


def test_an_acknowledgement_of_an_alert_that_opened_again_is_not_published() -> None:
    assert publish(alert(), AlertEvent.ACKNOWLEDGED) == (Superseded(), [])


@pytest.mark.parametrize(
    "failure",
    [
        ClientError({"Error": {"Code": "Throttled", "Message": "slow"}}, "Publish"),
        ClientError({"Error": {"Code": "AuthorizationError", "Message": "no"}}, "Publish"),
        ReadTimeoutError(endpoint_url="https://sns.example"),
    ],
)
def test_whatever_happens_an_alert_is_published_later(failure: Exception) -> None:
    answer, _ = publish(alert(), AlertEvent.OPENED, Topic(failure))

    assert answer == RetryLater(SendFailure.ALERTS_UNREACHABLE, timedelta(seconds=5))


def test_an_alert_that_cannot_be_read_is_published_later() -> None:
    class Busy(InMemoryAlerts):
        get: Callable[..., Any] = _busy

    client: Any = Topic()
    sender = OperatorAlertSender(client, TOPIC, Busy(DeskRecords()), "https://desk.example", LADDERS)

    assert sender.send(item(alert(), AlertEvent.OPENED), within=timedelta(seconds=8)) == RetryLater(
        SendFailure.ALERTS_UNREACHABLE, timedelta(seconds=5)
    )


def _busy(*_: object) -> None:
    raise StoreBusyError("ThrottlingException")


def test_a_topic_cannot_be_looked_into() -> None:
    client: Any = Topic()
    sender = OperatorAlertSender(
        client, TOPIC, InMemoryAlerts(DeskRecords()), "https://desk.example", LADDERS
    )

    assert sender.look_up(item(alert(), AlertEvent.OPENED), within=timedelta(seconds=5)) == Absent()


def attributes(stored: Alert, event: AlertEvent) -> tuple[str, list[str]]:
    topic = Topic()
    publish(stored, event, topic)
    sent = topic.published[0]["MessageAttributes"]
    return sent["rank"]["StringValue"], json.loads(sent["routes"]["StringValue"])


def test_each_step_of_the_ladder_takes_its_routes() -> None:
    told = [
        attributes(alert(nudge=nudge), AlertEvent.NUDGED if nudge else AlertEvent.OPENED)
        for nudge in range(5)
    ]

    everything = ("A1", ["queue", "email", "hook", "sms"])
    assert told == [
        ("A1", ["queue", "hook"]),
        ("A1", ["queue", "hook"]),
        ("A1", ["queue", "hook", "sms"]),
        everything,
        everything,
    ]


def test_who_was_called_is_told_that_a_person_has_seen_it() -> None:
    assert attributes(replace(SEEN, nudge=2), AlertEvent.ACKNOWLEDGED) == ("A1", ["queue", "hook", "sms"])


def test_a_telephone_and_a_mailbox_get_a_line_for_people() -> None:
    topic = Topic()
    publish(alert(nudge=2), AlertEvent.NUDGED, topic)

    [sent] = topic.published
    forms = json.loads(sent["Message"])
    line = "A1 again (2): somebody may be in danger, MP-7K3Q-9DXR-C"
    assert sent["MessageStructure"] == "json"
    assert sent["Subject"] == line
    assert forms["sms"] == forms["email"] == f"{line}. https://desk.example/cases/{CASE_ID}"
    assert forms["sms"].isascii()


def test_the_published_schema_is_the_one_that_messages_are_made_by() -> None:
    written = (REPOSITORY / "docs" / "operator-alert.schema.json").read_text(encoding="utf-8")

    assert written == schema(), (
        "write it anew: .venv/bin/python -m contact_desk.operator_alert > docs/operator-alert.schema.json"
    )
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("rank", AlertRank)
@pytest.mark.parametrize("kind", AlertKind)
@pytest.mark.parametrize("event", AlertEvent)
@pytest.mark.parametrize("grade", [Grade.PRIORITY, None])
def test_every_message_validates_against_the_published_schema_and_has_a_line_for_people(
    rank: AlertRank, kind: AlertKind, event: AlertEvent, grade: Grade | None
) -> None:
    stored = alert(rank=rank, kind=kind, grade=grade, acknowledged_by=CANARY, nudge=3)
    message = OperatorAlert.of(stored, event, f"https://desk.example/cases/{CASE_ID}")

    validator = jsonschema.Draft202012Validator(
        SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    validator.validate(json.loads(message.as_text()))
    assert OperatorAlert.read(message.as_text()) == message
    assert CANARY not in message.as_text() + message.headline
    assert message.as_text().isascii()
    assert 0 < len(message.headline) <= 100


def test_the_schema_refuses_what_is_no_message() -> None:
    fields = json.loads(OperatorAlert.of(alert(), AlertEvent.OPENED, "https://desk.example/x").as_text())

    for wrong in ({"text": CANARY}, {"rank": "A4"}, {"nudge": -1}, {"opened_at": "today"}, {"v": 2}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**fields, **wrong}, SCHEMA)
        with pytest.raises(MalformedMessageError):
            OperatorAlert.read(json.dumps({**fields, **wrong}))


def test_an_event_has_one_name_and_another_event_another() -> None:
    opened = OperatorAlert.of(alert(), AlertEvent.OPENED, "https://desk.example/x")
    nudged = OperatorAlert.of(alert(nudge=1), AlertEvent.NUDGED, "https://desk.example/x")

    assert opened.event_id == OperatorAlert.read(opened.as_text()).event_id != nudged.event_id
