"""AWS calls are counted and exact: what an invocation costs follows from what it was given, and from nothing else."""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest

from contact_desk.confirmations import Confirmation, ConfirmationKind, to_message
from contact_desk.pointers import replay_message
from contact_desk.stores.queues import batches
from local.twins.held_still import NOON
from tests import builders
from tests.simulation.desk_on_moto import Desk
from tests.simulation.lambdas import HANDLERS, Sandbox
from tests.simulation.operator_at_work import CLAIMS
from tests.simulation.public_address import public_address_of
from tests.simulation.story import (
    CAT,
    EMERGENCY,
    KNIFE,
    ORDINARY,
    PUBLIC_EMERGENCY,
    QUESTION,
    SIGNPOSTED,
    WITH_PHOTO,
    comment,
)
from tests.simulation.versions import AT_HAND

READ, TRANSACTION = "dynamodb GetItem", "dynamodb TransactWriteItems"
PUT, QUEUE = "s3 PutObject", "sqs SendMessageBatch"
FUNCTION_TIMEOUT_SECONDS = (
    10  # of the webhooks' Lambda; what is measured has the work of the AWS in process in it too
)
FRESH = 3
"""A worker whose sandbox no other test has."""

ECHO = Confirmation(
    ConfirmationKind.ECHO, "messenger", builders.PAGE, "m_elsewhere", builders.PERSON, NOON, NOON
)


def calls(desk: Desk) -> Counter[str]:
    return Counter(point.call for point in desk.injector.calls)


def forget_calls(desk: Desk) -> None:
    desk.injector.begin({})


def messages(texts: list[str]) -> bytes:
    """One delivery with a message of a person of its own for each text."""
    items = [
        builders.message(text, mid=f"m_count{n}", sender=f"{7 * 10**15 + n}") for n, text in enumerate(texts)
    ]
    return json.dumps(builders.messenger_delivery(*items)).encode()


def mixed(private: int, public: int) -> bytes:
    """One delivery with messages and comments."""
    body = json.loads(messages([QUESTION] * private))
    for n in range(public):
        body["entry"] += json.loads(comment(n, QUESTION).body)["entry"]
    return json.dumps(body).encode()


@pytest.fixture(scope="module")
def started_desk(standing_desk: Desk) -> Desk:
    """A desk whose functions have all been started."""
    standing_desk.reset()
    standing_desk.deliver(EMERGENCY.body)
    standing_desk.deliver(PUBLIC_EMERGENCY.body)
    standing_desk.deliver(ORDINARY.body)
    standing_desk.rest()
    return standing_desk


@pytest.fixture
def warm_desk(started_desk: Desk) -> Desk:
    """The same desk with nothing on it and no calls counted."""
    started_desk.reset(cold=False)
    return started_desk


@pytest.mark.parametrize("contacts", [1, 9, 10, 11, 20, 1_000])
def test_ingest_makes_one_put_and_a_queue_call_for_every_ten_contacts(warm_desk: Desk, contacts: int) -> None:
    warm_desk.deliver(messages([QUESTION] * contacts))

    assert calls(warm_desk) == {PUT: 1, QUEUE: math.ceil(contacts / 10)}
    assert warm_desk.aws.waiting("private_contacts") == contacts


def thousand_messages_to_a_number() -> bytes:
    """One change of WhatsApp's with a thousand messages of a thousand people, and a card for each."""
    people = [f"4477009{n:05}" for n in range(1_000)]
    body = builders.whatsapp_delivery(
        *(
            builders.whatsapp_message(f"wamid.{who}", "text", {"body": QUESTION}, **{"from": who})
            for who in people
        )
    )
    body["entry"][0]["changes"][0]["value"]["contacts"] = [
        {"profile": {"name": f"Person {who}"}, "wa_id": who} for who in people
    ]
    return json.dumps(body).encode()


def thousand_entries_of_both_surfaces() -> bytes:
    """A thousand entries with one item each: half of them messages, half of them comments."""
    account = builders.force().channels["instagram"].account
    sent: list[dict[str, Any]] = []
    for n in range(500):
        item = builders.message(QUESTION, mid=f"m_{n}", sender=f"{7 * 10**15 + n}")
        value = {
            "id": f"{17 * 10**15 + n}",
            "from": {"id": f"{n + 1}"},
            "text": QUESTION,
            "media": {"id": "5"},
        }
        sent += [
            {"id": account, "time": builders.milliseconds(NOON), "messaging": [item]},
            {"id": account, "time": int(NOON.timestamp()), "field": "comments", "value": value},
        ]
    return json.dumps({"object": "instagram", "entry": sent}).encode()


@pytest.mark.parametrize("body", [thousand_messages_to_a_number, thousand_entries_of_both_surfaces])
def test_a_thousand_updates_of_any_frame_are_a_thousand_contacts_in_a_hundred_calls(
    warm_desk: Desk, body: Callable[[], bytes]
) -> None:
    delivery, began = body(), time.process_time()
    warm_desk.deliver(delivery)

    assert time.process_time() - began < FUNCTION_TIMEOUT_SECONDS / 2
    assert calls(warm_desk) == {PUT: 1, QUEUE: 100}
    assert sum(warm_desk.aws.waiting(queue) for queue in ("private_contacts", "public_contacts")) == 1_000


def test_ingest_counts_queue_calls_for_each_queue_that_gets_contacts(warm_desk: Desk) -> None:
    warm_desk.deliver(mixed(private=11, public=1))

    assert calls(warm_desk) == {PUT: 1, QUEUE: 2 + 1}


def test_ingest_makes_more_queue_calls_only_where_a_batch_would_pass_the_limit(warm_desk: Desk) -> None:
    warm_desk.deliver(messages(["x" * 60_000] * 10))

    bodies = [message.body for message in warm_desk.aws.receive("private_contacts")]
    assert len(bodies) == 10
    assert calls(warm_desk) == {PUT: 1, QUEUE: len(list(batches(bodies)))}
    assert calls(warm_desk)[QUEUE] == math.ceil(sum(map(len, bodies)) / 1_000_000) == 2


def test_ingest_of_nothing_but_a_read_receipt_makes_one_put(warm_desk: Desk) -> None:
    read = builders.messenger_delivery(builders.item(read={"watermark": 1}))
    warm_desk.deliver(json.dumps(read).encode())

    assert calls(warm_desk) == {PUT: 1}


def test_ingest_of_a_forged_delivery_parks_one_copy_once_its_secret_is_fresh(warm_desk: Desk) -> None:
    answer = warm_desk.call("Webhooks", builders.meta_event(EMERGENCY.body, app_secret="another"))
    assert answer is not None
    assert answer["statusCode"] == 401

    made = calls(warm_desk)
    assert made[PUT] == made["ssm GetParameter"] == 1
    assert made.keys() <= {PUT, "ssm GetParameter", "secretsmanager GetSecretValue"}


@pytest.mark.parametrize(
    ("texts", "urgent_calls", "ordinary_calls"),
    [
        ([QUESTION], 0, 1),
        ([QUESTION] * 10, 0, 1),
        ([CAT] * 4, 0, 1),
        ([KNIFE], 1, 0),
        ([KNIFE] * 5, 1, 0),
        ([KNIFE] * 6, 2, 0),
        ([KNIFE] * 6 + [QUESTION] * 4, 2, 1),
    ],
    ids=lambda given: str(len(given)) if isinstance(given, list) else None,
)
def test_triage_makes_a_read_and_a_transaction_for_each_contact_and_a_nudge_call_for_every_ten_items(
    warm_desk: Desk, texts: list[str], urgent_calls: int, ordinary_calls: int
) -> None:
    """An emergency in private makes two urgent items, its text and its alert; anything else here one ordinary item."""
    warm_desk.deliver(messages(texts))
    forget_calls(warm_desk)
    warm_desk.hand_over("private_contacts")

    assert calls(warm_desk) == {
        READ: len(texts),
        TRANSACTION: len(texts),
        QUEUE: urgent_calls + ordinary_calls,
    }
    emergencies = texts.count(KNIFE)
    assert warm_desk.aws.waiting("outbox_urgent") == 2 * emergencies
    assert warm_desk.aws.waiting("outbox") == len(texts) - emergencies


def test_triage_of_contacts_that_nothing_is_sent_for_makes_no_nudge_call(warm_desk: Desk) -> None:
    warm_desk.deliver(replace(ORDINARY, native_id="m_thanks", text="thanks, that's all I needed").body)
    forget_calls(warm_desk)
    warm_desk.hand_over("private_contacts")

    assert calls(warm_desk) == {READ: 1, TRANSACTION: 1}


def test_triage_of_a_public_emergency_nudges_its_three_items_in_one_call(warm_desk: Desk) -> None:
    warm_desk.deliver(comment(5, KNIFE).body)
    forget_calls(warm_desk)
    warm_desk.hand_over("public_contacts")

    assert calls(warm_desk) == {READ: 1, TRANSACTION: 1, QUEUE: 1}
    assert warm_desk.aws.waiting("outbox_urgent") == 3


@pytest.mark.parametrize("function", HANDLERS)
def test_clients_and_imports_are_made_in_init_and_none_in_handle(warm_desk: Desk, function: str) -> None:
    event = typical_event(warm_desk, function)
    with patch.dict(os.environ, {"AWS_LAMBDA_FUNCTION_NAME": function}), public_address_of(warm_desk):
        clients = warm_desk.aws.clients_made
        clients.clear()
        warm_desk.lambdas.sandboxes[function, FRESH, AT_HAND] = Sandbox(HANDLERS[function])
        made_in_init = list(clients)
        imported = set(sys.modules)
        answer = warm_desk.lambdas.invoke(function, event, worker=FRESH)
        del warm_desk.lambdas.sandboxes[function, FRESH, AT_HAND]

    assert made_in_init
    assert clients == made_in_init
    assert {name for name in set(sys.modules) - imported if not name.startswith("moto")} == set()
    assert answer in (None, {"batchItemFailures": []}) or answer["statusCode"] in {200, 201}


def typical_event(desk: Desk, function: str) -> dict[str, Any]:
    """Something that takes the function through what it does on an ordinary day."""
    desk.deliver(EMERGENCY.body)
    desk.deliver(ORDINARY.body)
    if function == "CopyAttachments":
        desk.deliver(WITH_PHOTO.body)
    if function in {"NotifyUrgent", "Notify", "CopyAttachments"}:
        desk.hand_over("private_contacts")
    asked = builders.http_event("GET", "/desk/cases")
    asked["requestContext"]["authorizer"] = {"jwt": {"claims": CLAIMS}}
    events = {
        "Webhooks": builders.meta_event(SIGNPOSTED.body),
        "Report": builders.http_event("POST", "/reports", body=builders.report()),
        "Survey": builders.http_event("GET", f"/survey/{'0' * 26}"),
        "Operate": asked,
        "DataDeletion": builders.http_event(
            "POST", "/data-deletion/meta", body=builders.signed_request("24601")
        ),
        "Replay": builders.sqs_event(replay_message(next(iter(desk.aws.archived())))),
        "Confirm": builders.sqs_event(to_message(ECHO)),
        "CopyAttachments": waiting_on(desk, "attachments"),
        "Triage": waiting_on(desk, "private_contacts"),
        "NotifyUrgent": waiting_on(desk, "outbox_urgent"),
        "Notify": waiting_on(desk, "outbox"),
    }
    return events.get(function, {})


def waiting_on(desk: Desk, queue: str) -> dict[str, Any]:
    return builders.sqs_event(*(message.body for message in desk.aws.receive(queue)), queue=queue)
