"""`desk replay parked`: what a secret of today verifies is released, and nothing else."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from cli.replay import Found, replay_parked, told, verified_between
from contact_desk.archive_keys import parking_key
from contact_desk.parked import ParkedDelivery, to_bytes
from contact_desk.pointers import archive_key_of
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_archive import InMemoryArchive
from local.twins.in_memory_queues import InMemoryPointerQueue
from local.twins.in_memory_secret import InMemorySecret
from tests.builders import message, messenger_delivery, meta_signature

RIGHT, WRONG = "the-secret-of-today", "some-other-secret"


@pytest.fixture
def archive() -> InMemoryArchive:
    """Three parked deliveries: two that the secret of today signed, and a forgery."""
    archive = InMemoryArchive(FrozenClock())
    for slot, (secret, webhook) in enumerate(
        [(RIGHT, "meta"), (WRONG, "meta"), (RIGHT, "meta"), (RIGHT, "fax")]
    ):
        body = json.dumps(messenger_delivery(message(mid=f"m_{slot}"))).encode()
        headers = {"x-hub-signature-256": meta_signature(body, secret)}
        archive.put(parking_key(webhook, slot, NOON), to_bytes(ParkedDelivery(headers, body)))
    return archive


def verified(archive: InMemoryArchive, secret: InMemorySecret, **chosen: str) -> tuple[list[str], int]:
    hour = timedelta(hours=1)
    return verified_between(archive, {"meta": secret}, NOON - hour, NOON + hour, **chosen)


def test_what_a_secret_of_today_verifies_is_released_and_the_rest_stays(archive: InMemoryArchive) -> None:
    keys, unverified = verified(archive, InMemorySecret(app_secret=RIGHT))
    replays = InMemoryPointerQueue()
    found = replay_parked(keys, unverified, replays, send=True, quiet=True)

    assert found == Found("parked", 2, 0, True, {"meta": 2}, unverified=2)
    assert [archive_key_of(body) for body in replays.sent] == [parking_key("meta", n, NOON) for n in (0, 2)]
    assert len(archive.deliveries) == 4
    assert "2 more are parked" in told(found)


def test_a_dry_run_sends_nothing(archive: InMemoryArchive) -> None:
    keys, unverified = verified(archive, InMemorySecret(app_secret=RIGHT))
    replays = InMemoryPointerQueue()

    assert replay_parked(keys, unverified, replays, send=False, quiet=True).found == 2
    assert replays.sent == []


def test_the_previous_secret_verifies_too_and_an_older_one_does_not(archive: InMemoryArchive) -> None:
    secret = InMemorySecret(app_secret=RIGHT)
    secret.rotate(app_secret="a second")
    assert len(verified(archive, secret)[0]) == 2
    secret.rotate(app_secret="a third")
    assert verified(archive, secret) == ([], 4)


def test_only_the_webhook_and_the_time_asked_for_are_looked_at(archive: InMemoryArchive) -> None:
    secret = InMemorySecret(app_secret=RIGHT)

    assert verified(archive, secret, channel="x") == ([], 0)
    later = NOON + timedelta(minutes=1)
    assert verified_between(archive, {"meta": secret}, later, later) == ([], 0)
