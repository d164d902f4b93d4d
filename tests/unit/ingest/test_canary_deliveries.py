"""A canary's delivery is taken in as the platform's own, and what is in it is known for a canary; nothing else is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contact_desk.canaries import PERSON, PREFIX, is_canary
from contact_desk.contacts import Act, Contact, Person
from functions.ingest.canary_deliveries import canary_delivery
from functions.ingest.reading import WEBHOOK_URL
from tests.builders import APP_SECRET, AUTH_TOKEN, CONSUMER_SECRET, PUBLIC_URL, contact, force
from tests.unit.ingest.conftest import Ingest

SECRETS = {
    "meta": {"app_secret": APP_SECRET},
    "x": {"consumer_secret": CONSUMER_SECRET},
    "sms": {"auth_token": AUTH_TOKEN, WEBHOOK_URL: f"{PUBLIC_URL}/webhooks/sms"},
}
CHANNELS = sorted(force().channels)


def brought(ingest: Ingest, channel: str, name: str = "one") -> Contact:
    own = force().channels[channel]
    sent = canary_delivery(channel, own, SECRETS[own.platform], name=name, at=ingest.clock.now())
    event = {
        "rawPath": f"/webhooks/{sent.webhook}",
        "requestContext": {"http": {"method": "POST"}},
        "headers": dict(sent.headers),
        "body": sent.body.decode("ascii"),
    }
    before = len(ingest.contacts)
    assert ingest.answer(event)["statusCode"] == 200
    assert len(ingest.contacts) == before + 1
    (taken,) = [one for one in ingest.contacts if one.native_id == sent.native_id]
    return taken


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_canary_of_a_channel_comes_in_as_a_contact_of_that_channel(ingest: Ingest, channel: str) -> None:
    taken = brought(ingest, channel)
    assert (taken.channel, taken.account) == (channel, force().channels[channel].account)
    assert is_canary(taken)


@pytest.mark.parametrize("channel", CHANNELS)
def test_one_canary_is_told_from_the_next(ingest: Ingest, channel: str) -> None:
    assert brought(ingest, channel, "one").key != brought(ingest, channel, "two").key


def test_a_secret_without_what_signs_makes_no_canary() -> None:
    with pytest.raises(KeyError):
        canary_delivery("x", force().channels["x"], {}, name="one", at=contact().received_at)


def test_no_words_and_neither_name_alone_make_a_contact_a_canary() -> None:
    hidden = contact(native_id=f"{PREFIX}one", person=Person(PERSON))
    assert is_canary(hidden)
    assert not is_canary(contact(f"{PERSON} {PREFIX}one"))
    assert not is_canary(replace(hidden, person=Person("6120045518830012", PERSON)))
    assert not is_canary(replace(hidden, person=None))
    assert not is_canary(replace(hidden, native_id="m_canary.one"))
    assert not is_canary(replace(hidden, act=Act.EDITED))
    assert not is_canary(replace(hidden, act=Act.UNREADABLE))
