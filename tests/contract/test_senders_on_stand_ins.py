"""Notify's senders and the stand-ins of Instagram, WhatsApp, X and Twilio understand each other."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import uvicorn

from contact_desk.clock import SystemClock
from contact_desk.force_file import MessageTemplate
from contact_desk.outbox import OutboxItem, OutboxKind, Purpose
from contact_desk.send_failures import SendFailure
from functions.notify.graph_api import GraphApi
from functions.notify.platform_answers import (
    Absent,
    CredentialsRefused,
    Found,
    Rejected,
    RetryLater,
    Sent,
    Unclear,
    UnknownEffect,
    WindowClosed,
)
from functions.notify.senders.messages import InstagramSender
from functions.notify.senders.sender import Sender
from functions.notify.senders.text_messages import TextMessageSender
from functions.notify.senders.whatsapp_messages import WhatsAppSender
from functions.notify.senders.x import DirectMessageSender, PostReplySender
from functions.notify.twilio_api import TwilioApi
from functions.notify.x_api import XApi
from local.platforms.app import platforms_app
from local.platforms.graph import Products
from local.platforms.twilio import TwilioKeys
from local.platforms.x_keys import AccountKeys, XKeys

INSTAGRAM, NUMBER_ID, ON_X, NUMBER = "17841400000000001", "100000000000101", "1000000001", "+447700900199"
TEMPLATE = MessageTemplate(name="desk_reply", language="en_GB")
X_KEYS = XKeys(
    consumer_key="ck",
    consumer_secret="cs",
    tokens={ON_X: AccountKeys(access_token=f"{ON_X}-at", access_token_secret="ats")},
)
SMS_KEYS = TwilioKeys(account_sid="AC1", key_sid="SK1", key_secret="ks")
SOON = timedelta(seconds=5)
AT_ONCE = timedelta(seconds=0.3)
WORDS = "The road is open again: see https://example.org/roads & drive carefully."
# What each act goes by: channel, account, person or post, kind, the stand-in's own name of the act.
ACTS: dict[str, tuple[str, str, str, OutboxKind, str]] = {
    "instagram": ("instagram", INSTAGRAM, "900", OutboxKind.MESSAGE, "message"),
    "whatsapp": ("whatsapp", NUMBER_ID, "447700900001", OutboxKind.MESSAGE, "message"),
    "post": ("x", ON_X, "1850000000000000001", OutboxKind.COMMENT_REPLY, "post"),
    "direct_message": ("x", ON_X, "2244994945", OutboxKind.MESSAGE, "direct_message"),
    "sms": ("sms", NUMBER, "+447700900002", OutboxKind.MESSAGE, "message"),
}
EVERY_ACT = pytest.mark.parametrize("act", ACTS)
THAT_CAN_LOOK = pytest.mark.parametrize("act", [act for act in ACTS if act != "whatsapp"])


class Secret:
    """A secret of one version."""

    def __init__(self, **fields: Any) -> None:
        self._fields = fields

    def versions(self, max_age: timedelta | None = None) -> Sequence[Mapping[str, Any]]:
        return [self._fields]


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """Where the stand-ins are served."""
    app = platforms_app(
        {INSTAGRAM: "ig-token", NUMBER_ID: "wa-token"},
        products=Products(frozenset({INSTAGRAM}), frozenset({"desk_reply/en_GB"})),
        x=X_KEYS,
        sms=SMS_KEYS,
        numbers=frozenset({NUMBER}),
    )
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def control(served: str) -> Iterator[httpx.Client]:
    """The control routes; every fault is cleared afterwards."""
    with httpx.Client(base_url=served, trust_env=False) as client:
        yield client
        client.delete("/faults")


def sender(
    served: str, act: str, *, wrong: bool = False, template: MessageTemplate | None = TEMPLATE
) -> Sender:
    key = "wrong" if wrong else None
    meta = {INSTAGRAM: key or "ig-token", NUMBER_ID: key or "wa-token"}
    graph = GraphApi(f"{served}/v26.0", Secret(page_tokens=meta))
    keys = X_KEYS.model_dump()
    keys["tokens"][ON_X]["access_token_secret"] = key or "ats"
    x = XApi(f"{served}/x/2", Secret(**keys), SystemClock())
    secret = {**SMS_KEYS.model_dump(), "key_secret": key or "ks"}
    senders: dict[str, Sender] = {
        "instagram": InstagramSender(graph, human_agent=True),
        "whatsapp": WhatsAppSender(graph, template, SystemClock()),
        "post": PostReplySender(x),
        "direct_message": DirectMessageSender(x),
        "sms": TextMessageSender(
            TwilioApi(f"{served}/twilio", Secret(**secret)), "https://desk.example/webhooks/sms"
        ),
    }
    return senders[act]


def item(act: str, text: str = WORDS, **fields: Any) -> OutboxItem:
    channel, account, target, kind, _ = ACTS[act]
    now = datetime.now(UTC)
    fresh = OutboxItem(
        outbox_id="01outbox",
        kind=kind,
        purpose=Purpose.REPLY,
        channel=channel,
        account=account,
        target=target,
        text=text,
        urgent=False,
        created_at=now,
        due_at=now,
        attempts=1,
        started_at=now,
    )
    return replace(fresh, **fields)


def plan(control: httpx.Client, act: str, fault: str, **more: Any) -> None:
    platform, name = ACTS[act][0], ACTS[act][4]
    answer = control.post("/faults", json={"platform": platform, "act": name, "fault": fault, **more})
    assert answer.status_code == 201, answer.text


def seen(control: httpx.Client, text: str) -> list[dict[str, Any]]:
    received = control.get("/received").json()["received"]
    return [entry for entry in received if entry["visible"] and entry["text"] == text]


@THAT_CAN_LOOK
def test_what_is_sent_is_there_and_is_found(served: str, control: httpx.Client, act: str) -> None:
    text = f"{WORDS} Whole, {act}."
    platform = sender(served, act)

    assert platform.look_up(item(act, text), within=SOON) == Absent()
    sent = platform.send(item(act, text), within=SOON)

    assert isinstance(sent, Sent)
    [entry] = seen(control, text)
    assert (entry["to"], entry["account"], entry["id"]) == (ACTS[act][2], ACTS[act][1], sent.platform_id)
    assert platform.look_up(item(act, text), within=SOON) == Found(sent.platform_id)


def test_whatsapp_is_sent_with_the_items_name_and_cannot_be_looked_up(
    served: str, control: httpx.Client
) -> None:
    whatsapp = sender(served, "whatsapp")

    sent = whatsapp.send(item("whatsapp", "By its name."), within=SOON)

    [entry] = seen(control, "By its name.")
    assert sent == Sent(entry["id"])
    assert entry["body"]["biz_opaque_callback_data"] == "01outbox"
    assert whatsapp.look_up(item("whatsapp"), within=SOON) == Unclear(SendFailure.CANNOT_LOOK)


@EVERY_ACT
def test_a_failure_of_the_platform_is_in_doubt(served: str, control: httpx.Client, act: str) -> None:
    platform = sender(served, act)
    for fault, there in (("500_after", 1), ("500_before", 0)):
        text = f"{WORDS} {fault} on {act}."
        plan(control, act, fault)

        assert platform.send(item(act, text), within=SOON) == UnknownEffect(SendFailure.SERVER_ERROR)
        assert len(seen(control, text)) == there
        if act != "whatsapp":
            assert isinstance(platform.look_up(item(act, text), within=SOON), Found if there else Absent)


@EVERY_ACT
def test_a_platform_that_hangs_is_left_in_time(served: str, control: httpx.Client, act: str) -> None:
    plan(control, act, "hang")

    assert sender(served, act).send(item(act), within=AT_ONCE) == UnknownEffect(SendFailure.NO_ANSWER)


@EVERY_ACT
def test_a_rate_is_told_as_one(served: str, control: httpx.Client, act: str) -> None:
    plan(control, act, "429", regain_minutes=7)

    answer = sender(served, act).send(item(act), within=SOON)

    assert isinstance(answer, RetryLater)
    assert answer.failure is SendFailure.THROTTLED
    if act != "sms":
        assert answer.wait is not None
        assert timedelta(minutes=6, seconds=50) < answer.wait <= timedelta(minutes=7)


@EVERY_ACT
def test_dead_and_wrong_tokens_are_refused_as_such(served: str, control: httpx.Client, act: str) -> None:
    plan(control, act, "expired")

    assert sender(served, act).send(item(act), within=SOON) == CredentialsRefused()
    assert sender(served, act, wrong=True).send(item(act), within=SOON) == CredentialsRefused()


@pytest.mark.parametrize(
    ("act", "too_long"), [("instagram", "é" * 501), ("whatsapp", "a" * 4097), ("sms", "a" * 1601)]
)
def test_a_text_that_is_too_long_is_rejected(served: str, act: str, too_long: str) -> None:
    answer = sender(served, act).send(item(act, too_long), within=SOON)

    assert answer in (Rejected(SendFailure.BAD_REQUEST), Rejected(SendFailure.TEXT_TOO_LONG))


def test_x_weighs_a_post_and_lets_an_address_count_23(served: str) -> None:
    posts = sender(served, "post")
    address = "https://example.org/" + "a" * 200

    assert posts.send(item("post", "日" * 141), within=SOON) == Rejected(SendFailure.TEXT_TOO_LONG)
    assert isinstance(posts.send(item("post", "b" * 256 + " " + address), within=SOON), Sent)


def test_x_refuses_the_same_words_twice(served: str, control: httpx.Client) -> None:
    posts = sender(served, "post")
    posts.send(item("post", "Said once."), within=SOON)

    assert posts.send(item("post", "Said once."), within=SOON) == Rejected(SendFailure.DUPLICATE_TEXT)
    again = posts.send(item("post", "Said once.", attempts=2), within=SOON)
    assert again == UnknownEffect(SendFailure.DUPLICATE_TEXT)
    assert len(seen(control, "Said once.")) == 1


def test_x_answers_no_post_that_is_gone_or_does_not_mention_us(served: str, control: httpx.Client) -> None:
    control.put("/posts/1", json={"deleted": True})
    control.put("/posts/2", json={"mentions": False})
    posts = sender(served, "post")

    assert posts.send(item("post", target="1"), within=SOON) == Rejected(SendFailure.TARGET_GONE)
    assert posts.send(item("post", target="2"), within=SOON) == Rejected(SendFailure.NOT_MENTIONED)


@pytest.mark.parametrize("act", ["instagram", "direct_message", "sms"])
def test_people_who_cannot_be_reached_are_told_apart(served: str, control: httpx.Client, act: str) -> None:
    account = ACTS[act][1]
    sign = "+" if act == "sms" else ""
    control.put(f"/persons/{account}/{sign}447700900091", json={"known": False})
    control.put(f"/persons/{account}/{sign}447700900092", json={"reachable": False})
    platform = sender(served, act)

    unknown = platform.send(item(act, target=f"{sign}447700900091"), within=SOON)
    unreachable = platform.send(item(act, target=f"{sign}447700900092"), within=SOON)

    closed = SendFailure.OPTED_OUT if act == "sms" else SendFailure.PERSON_UNREACHABLE
    assert (unknown, unreachable) == (Rejected(SendFailure.NO_SUCH_PERSON), Rejected(closed))


def test_only_what_a_person_typed_goes_out_after_a_day_on_instagram(
    served: str, control: httpx.Client
) -> None:
    two_days_ago = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    control.put(f"/persons/{INSTAGRAM}/901", json={"last_wrote_at": two_days_ago})
    instagram = sender(served, "instagram")

    typed = instagram.send(item("instagram", "Typed.", target="901"), within=SOON)
    automatic = instagram.send(
        item("instagram", "Automatic.", target="901", purpose=Purpose.ACKNOWLEDGEMENT), within=SOON
    )

    assert isinstance(typed, Sent)
    assert automatic == WindowClosed()
    assert [entry["body"].get("tag") for entry in seen(control, "Typed.")] == ["HUMAN_AGENT"]


def test_whatsapp_takes_free_words_in_the_window_and_a_template_after_it(
    served: str, control: httpx.Client
) -> None:
    control.put(f"/persons/{NUMBER_ID}/447700900009", json={"last_wrote_at": "2020-01-01T00:00:00Z"})
    yesterday = datetime.now(UTC) - timedelta(hours=1)
    late = item("whatsapp", "Two\nlines.", target="447700900009", reply_until=yesterday)

    believed_open = sender(served, "whatsapp").send(replace(late, reply_until=None), within=SOON)
    in_template = sender(served, "whatsapp").send(late, within=SOON)
    without = sender(served, "whatsapp", template=None).send(late, within=SOON)

    assert believed_open == WindowClosed()
    assert isinstance(in_template, Sent)
    assert without == WindowClosed()
    [entry] = seen(control, "Two lines.")
    assert entry["body"]["template"]["name"] == "desk_reply"


def test_whatsapp_reaches_people_behind_a_user_name(served: str, control: httpx.Client) -> None:
    sender(served, "whatsapp").send(item("whatsapp", "Hello, name.", target="GB.123"), within=SOON)

    [entry] = seen(control, "Hello, name.")
    assert (entry["body"].get("recipient"), entry["body"].get("to")) == ("GB.123", None)
