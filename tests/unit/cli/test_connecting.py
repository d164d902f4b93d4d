"""`desk channel connect`: the webhook set, the account subscribed, both verified, and a contact that nobody sees."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from cli import connecting, stages
from cli.examination.findings import State
from cli.main import app
from contact_desk.canaries import is_canary
from tests.builders import FORCE_NUMBER, FORCE_ON_X, PAGE, PUBLIC_URL
from tests.standing_desk import PLATFORMS_URL, StandingDesk

CHANNELS = ("messenger", "facebook_page", "instagram", "whatsapp", "x", "sms")


@pytest.fixture
def desk() -> Iterator[StandingDesk]:
    desk = StandingDesk()
    yield desk
    desk.close()


def disconnect_everything(desk: StandingDesk) -> None:
    """Take back at the platforms what connecting has set."""
    meta, x = desk.examined.meta(), desk.examined.x()
    for product in ("page", "instagram", "whatsapp_business_account"):
        app_token = f"{meta.app_id}|{desk.examined.secret('meta')['app_secret']}"
        url = f"{PLATFORMS_URL}/v26.0/{meta.app_id}/subscriptions?object={product}"
        desk.call("DELETE", url, headers={"authorization": f"Bearer {app_token}"})
    for account in {one.account for one in desk.force.channels.values() if one.platform == "meta"}:
        desk.call("PUT", f"{PLATFORMS_URL}/standings/{account}", body=b'{"subscribed": []}')
    for webhook in x.webhooks():
        x._as_app("DELETE", f"webhooks/{webhook.id}")
    number = desk.examined.twilio().number(FORCE_NUMBER)
    assert number is not None
    desk.examined.twilio().set_webhook(number, "https://elsewhere.example")
    desk.account.log.canaries.clear()


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channel_is_connected_verified_and_a_test_contact_sent(desk: StandingDesk, channel: str) -> None:
    disconnect_everything(desk)
    assert desk.faults()
    steps = desk.connect(channel)
    assert {one.state for one in steps} == {State.WELL}, steps
    assert steps[-1].about == "test contact"
    account = desk.force.channels[channel].account
    assert desk.account.log.last_canary(channel, account) is not None


def test_when_all_channels_are_connected_the_doctor_finds_nothing(desk: StandingDesk) -> None:
    disconnect_everything(desk)
    for channel in CHANNELS:
        desk.connect(channel)
    assert desk.faults() == []


def test_connecting_one_channel_of_a_page_leaves_what_another_one_is_sent(desk: StandingDesk) -> None:
    meta = desk.examined.meta()
    before = meta.page_fields(PAGE)
    webhook = meta.webhook("page")
    desk.connect("messenger")
    assert meta.page_fields(PAGE) == before >= {"feed", "messages"}
    assert desk.examined.meta().webhook("page") == webhook


def test_no_operator_sees_the_test_contact_and_nothing_is_sent_or_counted(desk: StandingDesk) -> None:
    for channel in CHANNELS:
        desk.connect(channel)
    records = desk.records
    assert desk.contacts.sent
    assert all(is_canary(one) for one in desk.contacts.sent)
    assert (records.cases, records.outbox, records.alerts, records.contacts) == ({}, {}, {}, {})
    # Its delivery is closed, so that no sweep takes it for an orphan.
    assert {one.archive_key for one in desk.contacts.sent} == desk.account.log.closed


def test_a_wrong_app_secret_stops_before_anything_is_set(desk: StandingDesk) -> None:
    disconnect_everything(desk)
    desk.put("meta.app_secret", "ff" * 16)
    (step,) = desk.connect("messenger")
    assert step.state is State.FAULT
    assert step.next_step == "desk secrets set meta --force merseyside --stage live"


def test_a_webhook_that_meta_cannot_verify_is_not_set(desk: StandingDesk) -> None:
    disconnect_everything(desk)
    desk.stale["MetaSecret-1"] = {"app_secret": "0a" * 16, "verify_token": "another token"}
    (step,) = desk.connect("messenger")
    assert "code 2200" in step.found
    assert desk.examined.meta().webhook("page") is None


def test_a_crc_that_fails_is_told(desk: StandingDesk) -> None:
    disconnect_everything(desk)
    desk.stale["XSecret-1"] = {"consumer_secret": "Q" * 50}
    steps = desk.connect("x")
    assert steps[-1].state is State.FAULT
    assert desk.examined.x().webhooks() == []


def test_a_webhook_that_x_gave_up_is_checked_again(desk: StandingDesk) -> None:
    desk.stale["XSecret-1"] = {"consumer_secret": "Q" * 50}
    assert desk.connect("x")[-1].about == "test contact"
    assert desk.connect("x")[-1].state is State.FAULT  # signed with what the webhook no longer takes
    desk.stale.clear()
    assert desk.connect("x")[-1].state is State.WELL
    (webhook,) = desk.examined.x().webhooks()
    assert webhook.url == f"{PUBLIC_URL}/webhooks/x"
    assert desk.examined.x().is_subscribed(webhook, FORCE_ON_X)


def test_a_test_contact_that_does_not_come_through_is_told(
    desk: StandingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "SEEN_WITHIN_SECONDS", 0.0)
    monkeypatch.setattr(desk.triage.listener, "let_pass", lambda canary, at: None)
    step = desk.connect("sms")[-1]
    assert "not on the desk after" in step.found
    assert step.next_step == "see docs/operate.md#contacts-wait-for-triage"


def test_the_command_tells_each_step_and_refuses_a_channel_that_the_force_has_not(
    desk: StandingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "find", lambda force, stage: desk.stage)
    monkeypatch.setattr("cli.channel.call_over_http", desk.call)
    monkeypatch.setattr("cli.channel.SystemClock", lambda: desk.clock)
    done = CliRunner().invoke(app, ["channel", "connect", "all", "--json"])
    assert done.exit_code == 0, done.output
    assert list(json.loads(done.stdout)["channels"]) == list(desk.force.channels)
    shown = CliRunner().invoke(app, ["channel", "connect", "messenger"])
    assert "ok      messenger: test contact:" in shown.stdout
    refused = CliRunner().invoke(app, ["channel", "connect", "fax"])
    assert refused.exit_code == 2
