"""A web hook is told of alerts: signed, until it answers 2xx, with growing pauses, and only of what still is so."""

from __future__ import annotations

import base64
import io
import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from urllib3 import HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, ReadTimeoutError

from contact_desk.alerts import Alert, AlertEvent, AlertKind, AlertRank
from contact_desk.errors import SecretNotSetError, StoreBusyError
from contact_desk.observability import logger
from contact_desk.operator_alert import OperatorAlert
from functions.notify.alert_hook import pause_seconds, tell_batch
from functions.notify.composition import HookDesk
from functions.notify.hook_forms import FORMS
from functions.notify.web_hook import HookAnswer, WebHook, signature
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_alerts import InMemoryAlerts
from local.twins.in_memory_secret import InMemorySecret
from tests.builders import CASE_ID, alert, force, sqs_event

URL = "https://hooks.example/control-room?sig=secret"
KEY = "whsec_" + base64.b64encode(b"k" * 32).decode()
NEXT_KEY = "whsec_" + base64.b64encode(b"n" * 32).decode()
SEEN = replace(alert(), acknowledged_at=NOON, acknowledged_by="sub-1")


class Answer:
    """What the hook says."""

    def __init__(self, status: int) -> None:
        self.status = status


class Http:
    """A pool of connections to one hook, which answers, or fails, as told."""

    def __init__(self, *answers: int | Exception) -> None:
        self.answers = list(answers) or [200]
        self.posted: list[dict[str, Any]] = []

    def request(self, method: str, url: str, **named: Any) -> Answer:
        self.posted.append({"method": method, "url": url, **named})
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return Answer(answer)


class Told:
    """The Lambda of a hook, and what it did."""

    def __init__(self, *answers: int | Exception, form: str = "plain", stored: Alert | None = None) -> None:
        self.http, self.secret, self.clock = Http(*answers), InMemorySecret(url=URL, key=KEY), FrozenClock()
        stored = stored or alert()
        self.records = DeskRecords(alerts={stored.alert_id: stored})
        self.pauses: list[tuple[str, int]] = []
        http: Any = self.http
        self.desk = HookDesk(
            "control_room",
            WebHook(form, self.secret, self.clock, http),
            InMemoryAlerts(self.records),
            force().alerts[AlertRank.A2],
            lambda handle, seconds: self.pauses.append((handle, seconds)),
            self.clock,
        )

    def tell(self, *bodies: str, tries: int = 1, seconds: float = 60) -> list[str]:
        """One batch; the messages that failed."""
        records = sqs_event(*bodies)["Records"]
        for record in records:
            record["attributes"]["ApproximateReceiveCount"] = str(tries)
        answer = tell_batch(records, self.desk, lambda: timedelta(seconds=seconds))
        return [str(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]]


def message(of: Alert | None = None, event: AlertEvent = AlertEvent.OPENED) -> str:
    return OperatorAlert.of(of or alert(), event, f"https://desk.example/cases/{CASE_ID}").as_text()


def verified(posted: dict[str, Any], key: str = KEY, at: datetime = NOON) -> Any:
    """The body as a receiver reads it with the scheme's own library; the hour of the test is the library's now."""
    headers = {**posted["headers"]}
    assert int(headers["webhook-timestamp"]) == int(at.timestamp())
    webhook = Webhook(key)
    signed = webhook.sign(
        headers["webhook-id"],
        datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC),
        posted["body"].decode(),
    )
    if signed not in headers["webhook-signature"].split(" "):
        raise WebhookVerificationError
    now = datetime.now(UTC)
    headers["webhook-timestamp"] = str(int(now.timestamp()))
    headers["webhook-signature"] = webhook.sign(headers["webhook-id"], now, posted["body"].decode())
    return webhook.verify(posted["body"], headers)


def test_an_alert_is_posted_once_signed_by_the_scheme() -> None:
    told = Told()

    assert told.tell(message()) == []
    [posted] = told.http.posted
    assert (posted["method"], posted["url"], posted["redirect"], posted["retries"]) == (
        "POST",
        URL,
        False,
        False,
    )
    assert verified(posted) == json.loads(message())
    assert posted["headers"]["webhook-id"] == f"msg_{OperatorAlert.read(message()).event_id}"
    assert told.pauses == []


def test_the_signature_is_that_of_the_published_example_and_of_the_schemes_own_library() -> None:
    """The specification's own example of key, id, time and body."""
    key, name, seconds = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
    body = '{"test": 2432232314}'

    ours = signature(key, name, seconds, body.encode())

    assert ours == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert ours == Webhook(key).sign(name, datetime.fromtimestamp(seconds, UTC), body)


def test_while_a_key_is_changed_both_sign() -> None:
    told = Told()
    told.secret.rotate(url=URL, key=NEXT_KEY)
    told.tell(message())

    [posted] = told.http.posted
    assert len(posted["headers"]["webhook-signature"].split(" ")) == 2
    assert verified(posted, KEY) == verified(posted, NEXT_KEY)


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_2xx_is_an_arrival(status: int) -> None:
    assert Told(status).tell(message()) == []


@pytest.mark.parametrize(
    "answer",
    [
        100,
        301,
        302,
        400,
        401,
        410,
        429,
        500,
        503,
        ConnectTimeoutError(),
        ReadTimeoutError(HTTPSConnectionPool("hooks.example"), "/", "late"),
        OSError(),
    ],
    ids=repr,
)
def test_anything_else_is_told_again_after_a_pause(answer: int | Exception) -> None:
    told = Told(answer)

    assert told.tell(message()) == ["message-0"]
    assert told.pauses == [("handle-0", 15)]


def test_pauses_grow_up_to_ten_minutes() -> None:
    assert [pause_seconds(tries) for tries in (1, 2, 3, 4, 5, 6, 7, 8, 90)] == [
        15, 30, 60, 120, 240, 480, 600, 600, 600,
    ]  # fmt: skip


def test_a_repeat_has_the_same_id_and_a_time_of_its_own() -> None:
    told = Told(503, 200)
    told.tell(message())
    told.clock.advance(seconds=15)
    assert told.tell(message(), tries=2) == []

    first, second = told.http.posted
    assert first["headers"]["webhook-id"] == second["headers"]["webhook-id"]
    assert first["body"] == second["body"]
    verified(first)
    verified(second, at=NOON + timedelta(seconds=15))


def test_one_that_fails_keeps_no_other_from_being_told() -> None:
    told = Told(500, 200)

    assert told.tell(message(), message(event=AlertEvent.NUDGED)) == ["message-0"]
    assert len(told.http.posted) == 2


def test_without_time_nothing_is_begun() -> None:
    told = Told()

    assert told.tell(message(), seconds=11) == ["message-0"]
    assert told.http.posted == []


@pytest.mark.parametrize("event", [AlertEvent.OPENED, AlertEvent.NUDGED])
def test_nobody_is_called_to_what_a_person_has_seen(event: AlertEvent) -> None:
    told = Told(stored=SEEN)

    assert told.tell(message(event=event)) == []
    assert told.http.posted == []


def test_an_acknowledgement_is_told_and_not_once_the_alert_is_open_again() -> None:
    seen, again = Told(stored=SEEN), Told(stored=alert(opened_at=NOON + timedelta(hours=1)))

    assert (
        seen.tell(message(SEEN, AlertEvent.ACKNOWLEDGED))
        == again.tell(message(SEEN, AlertEvent.ACKNOWLEDGED))
        == []
    )
    assert (len(seen.http.posted), len(again.http.posted)) == (1, 0)


def test_an_alert_that_cannot_be_read_is_told_all_the_same() -> None:
    class Busy(InMemoryAlerts):
        def get(self, alert_id: str) -> Alert | None:
            raise StoreBusyError("ThrottlingException")

    told = Told()
    told.desk = told.desk._replace(alerts=Busy(told.records))

    assert told.tell(message()) == []
    assert len(told.http.posted) == 1


def test_what_is_no_alert_is_dropped() -> None:
    told = Told()

    assert told.tell("not an alert", '{"v":1}') == []
    assert told.http.posted == []


def test_a_hook_without_an_address_is_told_nothing() -> None:
    class NotSet(InMemorySecret):
        def versions(self, max_age: timedelta | None = None) -> Any:
            raise SecretNotSetError("empty")

    told = Told()
    http: Any = told.http
    told.desk = told.desk._replace(hook=WebHook("plain", NotSet(), told.clock, http))

    assert told.tell(message(), tries=9) == []
    assert told.http.posted == []
    assert list(told.records.alerts) == [alert().alert_id]


@pytest.mark.parametrize(
    "secret",
    [
        {},
        {"url": URL},
        {"url": URL, "key": ""},
        {"url": URL, "key": "whsec_%"},
        {"url": "http://hooks.example/", "key": KEY},
        {"url": "ftp://hooks.example/", "key": KEY},
        {"url": "https:///nowhere", "key": KEY},
        {"url": 7, "key": KEY},
    ],
)
def test_a_secret_that_is_not_right_sends_nothing_and_is_tried_again(secret: dict[str, Any]) -> None:
    told = Told()
    http: Any = told.http
    hook = WebHook("plain", InMemorySecret(**secret), told.clock, http)

    assert hook.tell(OperatorAlert.read(message()), within=timedelta(seconds=8)) is HookAnswer.SETTINGS_WRONG
    assert told.http.posted == []


def test_a_hook_that_stays_down_is_told_of_once() -> None:
    told = Told(500)
    for tries in range(1, 9):
        told.clock.advance(seconds=pause_seconds(tries))
        told.tell(message(), tries=tries)

    [down] = [one for one in told.records.alerts.values() if one.kind is AlertKind.CHANNEL_DOWN]
    assert (down.alert_id, down.rank) == ("operator_alerts.control_room.channel_down", AlertRank.A2)
    assert len(told.records.outbox) == 1
    told.tell(message(down), tries=8)
    assert len(told.records.outbox) == 1


def fields(form: str, of: Alert | None = None, event: AlertEvent = AlertEvent.OPENED) -> Any:
    told = Told(form=form, stored=of)
    told.secret.rotate(url=URL, key=KEY, routing_key="R1")
    told.tell(message(of, event))
    return json.loads(told.http.posted[0]["body"])


HEADLINE = "A1: somebody may be in danger, MP-7K3Q-9DXR-C"


def test_slack_reads_a_text() -> None:
    assert fields("slack") == {
        "text": f"{HEADLINE}\n<https://desk.example/cases/{CASE_ID}|Open it at the desk>"
    }


def test_teams_reads_an_adaptive_card() -> None:
    card = fields("teams")

    [attachment] = card["attachments"]
    assert (card["type"], attachment["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
    assert attachment["content"]["body"][0]["text"] == HEADLINE
    assert attachment["content"]["actions"][0]["url"] == f"https://desk.example/cases/{CASE_ID}"


@pytest.mark.parametrize(
    ("event", "stored", "action"),
    [(AlertEvent.OPENED, None, "trigger"), (AlertEvent.ACKNOWLEDGED, SEEN, "acknowledge")],
)
def test_pagerduty_reads_one_incident_an_alert(event: AlertEvent, stored: Alert | None, action: str) -> None:
    incident = fields("pagerduty", stored, event)

    assert (incident["routing_key"], incident["event_action"]) == ("R1", action)
    assert incident["dedup_key"] == alert().alert_id
    assert incident["payload"]["severity"] == "critical"


def test_every_form_that_a_force_file_may_name_is_known() -> None:
    from contact_desk.alert_rules import AlertHook

    assert set(FORMS) == set(AlertHook.model_fields["form"].annotation.__args__)  # type: ignore[union-attr]


def test_the_log_tells_counts_and_codes_and_never_an_address_or_a_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = io.StringIO()
    for handler in logger.registered_handler, *logger.handlers:
        if isinstance(handler, logging.StreamHandler):
            monkeypatch.setattr(handler, "stream", written)
    told = Told(500, 204)

    told.tell(message(), "canary in no alert", message(event=AlertEvent.NUDGED))

    line = written.getvalue()
    assert '"refused":1' in line.replace(" ", "")
    assert '"arrived":1' in line.replace(" ", "")
    for secret in ("canary", "hooks.example", KEY, KEY.removeprefix("whsec_")):
        assert secret not in line
