"""`desk doctor` on a desk that stands well, and with each of many faults: it names the fault and the next step."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import typer
from typer.testing import CliRunner

from cli import stages
from cli.account import StandingAlarm, Subscriber
from cli.examination.findings import State
from cli.examination.force import unreadable
from cli.main import app
from cli.stages import Stage
from cli.webhooks.calls import PlatformRefusedError
from contact_desk.broadcasts import PublishingSwitch
from contact_desk.errors import ForceFileError
from contact_desk.force_file import parse_force_file
from contact_desk.graph_answers import HttpAnswer
from local.addresses import REPOSITORY
from tests.builders import FORCE_NUMBER, FORCE_ON_X, PAGE, PUBLIC_URL, force
from tests.standing_desk import (
    FRONT,
    PLATFORMS_URL,
    STACK,
    STRANGER,
    TOPIC,
    StandingDesk,
    keys_of,
)

AT = " --force merseyside --stage live"
MAKE = "make deploy FORCE=merseyside STAGE=live"


@pytest.fixture
def desk() -> Iterator[StandingDesk]:
    desk = StandingDesk()
    yield desk
    desk.close()


@dataclass(frozen=True)
class Planted:
    """A fault: how it is planted, and of the finding what it is about, words of it, and the next step."""

    plant: Callable[[StandingDesk], object]
    about: str
    found: str
    next_step: str


def tell_page(desk: StandingDesk, page: str, **standing: object) -> None:
    answer = desk.call("PUT", f"{PLATFORMS_URL}/standings/{page}", body=json.dumps(standing).encode())
    assert answer.status == 204


def unsubscribe(desk: StandingDesk) -> None:
    tell_page(desk, PAGE, subscribed=["messages"])


def expire(desk: StandingDesk) -> None:
    tell_page(desk, PAGE, token_ends=(desk.clock.now() - timedelta(days=1)).isoformat())


def end_soon(desk: StandingDesk) -> None:
    tell_page(desk, PAGE, token_ends=(desk.clock.now() + timedelta(days=9, hours=1)).isoformat())


def fail_crc(desk: StandingDesk) -> None:
    """The webhook goes on with a secret that is not the app's."""
    desk.stale["XSecret-1"] = {"consumer_secret": "Q" * 50}


def make_x_check(desk: StandingDesk) -> None:
    """X asks for a CRC while the webhook is out of order, and the webhook is mended afterwards."""
    fail_crc(desk)
    (webhook,) = desk.examined.x().webhooks()
    with pytest.raises(PlatformRefusedError):
        desk.examined.x().check(webhook)
    desk.stale.clear()


def with_strangers_keys(desk: StandingDesk) -> None:
    for name in ("access_token", "access_token_secret"):
        desk.put(f"x_publishing.tokens.{FORCE_ON_X}.{name}", getattr(keys_of(STRANGER), name))


def post_texts_to(desk: StandingDesk, url: str) -> None:
    number = desk.examined.twilio().number(FORCE_NUMBER)
    assert number is not None
    desk.examined.twilio().set_webhook(number, url)


def leave_without_owner(desk: StandingDesk) -> None:
    rspca = desk.force.signposts["rspca"].model_copy(update={"owner": " tbc "})
    desk.force = desk.force.model_copy(update={"signposts": {**desk.force.signposts, "rspca": rspca}})


def fall_silent(desk: StandingDesk) -> None:
    account = desk.force.channels["whatsapp"].account
    desk.account.log.moments["whatsapp", account] = desk.clock.now() - timedelta(hours=9)


def in_another_zone(desk: StandingDesk) -> None:
    desk.force = desk.force.model_copy(update={"time_zone": "UTC"})


def with_alarm(desk: StandingDesk, name: str, *, rings: bool = False, **changed: object) -> None:
    says = "Messages died. Severity: page. Owner: platform team. Runbook: docs/operate.md#dead-letters."
    alarm = StandingAlarm(f"{STACK}-watch-{name}", rings, (), True, says)
    desk.account.standing_alarms.append(replace(alarm, **changed))  # type: ignore[arg-type]


def stop_publishing(desk: StandingDesk) -> None:
    desk.account.switch = PublishingSwitch(on=False, name="Sam Supervisor", at=desk.clock.now())


def answer(desk: StandingDesk, url: str, status: int) -> None:
    desk.answers[url] = HttpAnswer(status, {"content-type": "text/html"}, b"")


PLANTED = {
    "a wrong app secret": Planted(
        lambda desk: desk.put("meta.app_secret", "ff" * 16),
        "webhook page",
        "meta.app_secret is not accepted",
        f"desk secrets set meta.app_secret{AT}",
    ),
    "a webhook that is not subscribed": Planted(
        unsubscribe,
        "subscription messenger+facebook_page",
        f"page {PAGE} does not send feed, mention",
        f"desk channel connect messenger{AT}",
    ),
    "a CRC that fails": Planted(
        fail_crc,
        "crc",
        "answered with another secret than x.consumer_secret",
        f"desk secrets set x.consumer_secret{AT}; desk channel connect x{AT}",
    ),
    "a token that has expired": Planted(
        expire,
        "token messenger+facebook_page",
        f"the token of {PAGE} has expired",
        f"desk secrets set meta_publishing.page_tokens.{PAGE}{AT}",
    ),
    "a signpost without an owner": Planted(
        leave_without_owner,
        "signposts",
        "signpost rspca has no owner",
        "name an owner in forces/merseyside.toml, then: desk force check forces/merseyside.toml",
    ),
    "a channel that is silent": Planted(
        fall_silent, "channel whatsapp", "silent for 9 hours", f"desk channel connect whatsapp{AT}"
    ),
    "alarms whose topic nobody hears": Planted(
        lambda desk: desk.account.topics.pop(TOPIC + "AlarmsTopic"),
        "alarm routes",
        "nobody hears of AlarmsTopic: every alarm of severity page calls nobody",
        f"aws sns subscribe --topic-arn {TOPIC}AlarmsTopic --protocol email "
        "--notification-endpoint platform-team@force.example",
    ),
    "a pager that has not confirmed": Planted(
        lambda desk: desk.account.topics.update({TOPIC + "AlarmsTopic": [Subscriber("email", False)]}),
        "alarm routes",
        "every alarm of severity page calls nobody, since who subscribed has not confirmed",
        f"follow the link in the e-mail of AWS, or: aws sns subscribe --topic-arn {TOPIC}AlarmsTopic",
    ),
    "an alarm without a route": Planted(
        lambda desk: with_alarm(desk, "Lonely"),
        "alarms",
        "Lonely has no route",
        MAKE,
    ),
    "a wrong clock zone": Planted(
        in_another_zone,
        "clock",
        "time_zone is UTC, which differs in summer from Europe/London",
        f'set time_zone = "Europe/London" in forces/merseyside.toml, then: {MAKE}',
    ),
    "a schedule that is off": Planted(
        lambda desk: desk.account.off.add("desk-sweep-1"),
        "schedules",
        "TriageSchedule is switched off",
        "aws scheduler update-schedule --cli-input-json",
    ),
    "dead letters": Planted(
        lambda desk: desk.account.queues.update({"https://sqs.example/111122223333/private-dlq": 3}),
        "dead letters",
        "3 of PrivateContacts could not be finished",
        "see docs/operate.md#dead-letters, then: aws sqs start-message-move-task --source-arn "
        "arn:aws:sqs:eu-west-2:111122223333:private-dlq",
    ),
    "a webhook on hold": Planted(
        lambda desk: desk.account.parameters.update({"/desk/hold": "meta"}),
        "holds",
        "the webhook meta is on hold",
        f"desk hold meta --release --stack-name {STACK}; desk replay parked --send --stack-name {STACK}",
    ),
    "publishing that is stopped": Planted(
        stop_publishing,
        "publishing",
        "stopped by Sam Supervisor since 2026-11-02 12:00 UTC",
        f'desk broadcast start "Looked into" --api {PUBLIC_URL} --token "$DESK_TOKEN"',
    ),
    "nobody who could sign in": Planted(
        lambda desk: desk.account.people.discard("supervisor"),
        "sign-in",
        "nobody is in the group supervisor",
        "aws cognito-idp admin-add-user-to-group --user-pool-id eu-west-2_pool --group-name supervisor "
        "--username NAME",
    ),
    "a feed that is not there": Planted(
        lambda desk: answer(desk, f"{FRONT}/feed/atom.xml", 403),
        "pages",
        "feed/atom.xml answers 403",
        "aws lambda invoke --function-name refresh --payload '{}' /dev/stdout",
    ),
    "a secret that nobody has put in": Planted(
        lambda desk: desk.account.versions.pop("SmsPublishingSecret-1"),
        "secrets",
        "sms_publishing is not set, for sms",
        f"desk secrets set sms_publishing{AT}",
    ),
    "a secret in the wrong place": Planted(
        lambda desk: desk.put(f"meta_publishing.page_tokens.{PAGE}", "0a" * 16),
        "secrets",
        f"meta_publishing.page_tokens.{PAGE} does not look like one",
        f"desk secrets set meta_publishing.page_tokens.{PAGE}{AT}",
    ),
    "a deploy that failed": Planted(
        lambda desk: desk.account.change_stack(STACK, status="UPDATE_ROLLBACK_COMPLETE"),
        "stack",
        "UPDATE_ROLLBACK_COMPLETE, the last deploy did not succeed",
        f"aws cloudformation describe-stack-events --stack-name {STACK}",
    ),
    "a desk that nobody watches": Planted(
        lambda desk: desk.account.stacks.pop(f"{STACK}-watch"),
        "stack",
        f"{STACK}-watch is not there",
        MAKE,
    ),
    "an API that does not answer": Planted(
        lambda desk: desk.unreachable.add("desk.example"),
        "api",
        "desk.example does not answer",
        f"see docs/operate.md#the-api-answers-with-errors, then: curl -fsS {PUBLIC_URL}/health",
    ),
    "a webhook that X has given up": Planted(
        make_x_check, "webhook x", "X has marked the webhook invalid", f"desk channel connect x{AT}"
    ),
    "keys of another account on X": Planted(
        with_strangers_keys,
        "token x",
        "the keys are those of account 998877, not 2218450961",
        f"desk secrets set x_publishing.tokens.2218450961.access_token{AT}",
    ),
    "an auth token that Twilio does not take": Planted(
        lambda desk: desk.put("sms.auth_token", "ee" * 16),
        "token sms",
        "sms.auth_token is not accepted",
        f"desk secrets set sms.auth_token{AT}",
    ),
    "messages that are posted elsewhere": Planted(
        lambda desk: post_texts_to(desk, "https://elsewhere.example/sms"),
        "webhook sms",
        f"messages are not posted to {PUBLIC_URL}/webhooks/sms",
        f"desk channel connect sms{AT}",
    ),
    "a token that ends soon": Planted(
        end_soon,
        "token messenger+facebook_page",
        f"the token of {PAGE} ends in 9 days",
        f"desk secrets set meta_publishing.page_tokens.{PAGE}{AT}",
    ),
    "an alarm that rings": Planted(
        lambda desk: with_alarm(desk, "Dead", rings=True, actions=(TOPIC + "AlarmsTopic",)),
        "alarms",
        "Dead rings: Messages died.",
        "see docs/operate.md#dead-letters",
    ),
    "a recipient who has not confirmed": Planted(
        lambda desk: desk.account.topics.update({TOPIC + "OperatorAlerts": [Subscriber("sms", True)]}),
        "alert recipients",
        "contact_desk has not confirmed",
        "have them follow the link in the message of AWS",
    ),
    "an address that may not send": Planted(
        lambda desk: desk.account.senders.clear(),
        "e-mail",
        "SES may not send from",
        "aws sesv2 create-email-identity --email-identity contact.merseyside.example",
    ),
    "a queue that feeds nothing": Planted(
        lambda desk: desk.account.off.add("mapping-1"),
        "queues",
        "TriageMapping is switched off",
        "aws lambda update-event-source-mapping --uuid mapping-1 --enabled",
    ),
}


def test_a_desk_that_stands_well_has_no_finding_that_asks_for_anything(desk: StandingDesk) -> None:
    found = desk.examine()
    assert {one.state for one in found} == {State.WELL}
    assert [one.next_step for one in found if one.next_step] == []
    assert len(found) > 40


@pytest.mark.parametrize("name", PLANTED)
def test_a_fault_is_named_with_its_next_step(desk: StandingDesk, name: str) -> None:
    planted = PLANTED[name]
    planted.plant(desk)
    found = desk.examine()
    named = [
        one
        for one in found
        if (one.state, one.about) == (State.FAULT, planted.about) and planted.found in one.found
    ]
    assert len(named) == 1, found
    said = json.dumps([[one.found, one.next_step] for one in found])
    for versions in desk.account.versions.values():
        assert [text for text in _texts(versions[0]) if text in said] == []
    assert named[0].next_step is not None
    assert named[0].next_step.startswith(planted.next_step)


def test_every_next_step_of_the_desks_own_is_a_command_that_exists() -> None:
    for planted in PLANTED.values():
        for command in planted.next_step.split("; "):
            words = shlex.split(command.rpartition("then: ")[2])
            if words[:1] != ["desk"]:
                continue
            found, rest = typer.main.get_command(app), words[1:]
            while hasattr(found, "get_command"):
                found = found.get_command(typer.Context(found), rest.pop(0))
            known = {option for parameter in found.params for option in parameter.opts}
            assert {word for word in rest if word.startswith("--")} <= known, command


def test_a_force_file_without_an_owner_is_told_by_line_and_signpost(desk: StandingDesk) -> None:
    text = (REPOSITORY / "forces" / "merseyside.toml").read_text()
    owner = 'owner = "Contact desk supervisor"\n'
    with pytest.raises(ForceFileError) as refused:
        parse_force_file(text.replace(owner, "", 1), "merseyside.toml")
    stage = Stage("merseyside", "live", desk.account)
    (finding,) = unreadable(stage, str(refused.value))
    assert finding.about == "signposts"
    assert "signpost rspca has no owner" in finding.found
    assert finding.next_step == "name an owner there, then: desk force check forces/merseyside.toml"


def test_a_stack_that_is_not_there_is_one_fault_and_its_next_step_is_the_deploy(desk: StandingDesk) -> None:
    desk.account.stacks.clear()
    (finding,) = desk.examine()
    assert (finding.state, finding.next_step) == (State.FAULT, MAKE)


@pytest.mark.parametrize(
    "silent", ["secret", "subscribers", "alarms", "waiting", "schedule_is_on", "mapping_is_on", "parameter"]
)
def test_what_aws_does_not_tell_is_said_to_be_unknown_and_keeps_no_other_look_from_being_had(
    desk: StandingDesk, silent: str
) -> None:
    desk.account.silent.add(silent)
    found = desk.examine()
    unknown = [one for one in found if one.state is State.UNKNOWN]
    assert any("could not be looked at: AWS refused" in one.found for one in unknown)
    assert any(one.about == "publishing" for one in found)


def test_a_platform_that_cannot_be_reached_is_no_fault_of_the_desks(desk: StandingDesk) -> None:
    desk.unreachable.add("127.0.0.1")
    found = desk.examine()
    assert [one for one in found if one.state is State.FAULT] == []
    assert any(one.about == "webhook x" and one.state is State.UNKNOWN for one in found)


def test_before_the_first_contact_a_test_contact_is_enough_for_a_channel(desk: StandingDesk) -> None:
    desk.account.log.moments.clear()
    found = {one.about: one for one in desk.examine()}
    assert found["channel x"].state is State.UNKNOWN
    assert "nobody has written yet" in found["channel x"].found
    desk.account.log.canaries.clear()
    assert {one.about for one in desk.faults()} == {f"channel {name}" for name in force().channels}


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for name, one in value.items() if name not in {"app_id", "url"} for text in _texts(one)]
    return [value] if isinstance(value, str) else []


def test_the_command_leaves_with_1_where_there_is_a_fault_and_with_0_where_there_is_none(
    desk: StandingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "find", lambda force, stage: desk.stage)
    monkeypatch.setattr("cli.doctor.call_over_http", desk.call)
    monkeypatch.setattr("cli.doctor.SystemClock", lambda: desk.clock)
    runner = CliRunner()
    well = runner.invoke(app, ["doctor"])
    assert well.exit_code == 0, well.output
    assert "no fault was found; 0 could not be told" in well.stdout
    stop_publishing(desk)
    ill = runner.invoke(app, ["doctor", "--json"])
    assert ill.exit_code == 1
    told = json.loads(ill.stdout)
    assert told["faults"] == 1
    (finding,) = [one for one in told["findings"] if one["state"] == "fault"]
    assert finding["about"] == "publishing"
    desk.account.silent.add("stack")
    assert runner.invoke(app, ["doctor"]).exit_code == 3  # nothing was looked at
