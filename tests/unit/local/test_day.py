"""The scripted day accounts for every delivery, and notices a desk that loses, doubles or lets in what it must not."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from rich.console import Console

from local.day import DayOutOfBalanceError, DayResult, DeskSilentError, desk_view, play
from local.day.deliveries import Delivery, Outcome
from local.day.script import KNIFE, write_script
from local.stack_file import Credentials, MetaSecret, Secrets, SmsSecret, Stack, Tokens, XSecret
from tests.unit.local.desk_on_paper import PAGE, SECRET, DeskOnPaper

BEGAN = datetime(2026, 11, 2, 12, tzinfo=UTC)
ACCOUNTS = {
    "messenger": PAGE,
    "facebook_page": PAGE,
    "report_form": "MP",
    "x": "9001",
    "sms": "+447700900101",
}
STACK = Stack(
    api_url="http://127.0.0.1:8780",
    console_url="",
    report_url="",
    feed_url="",
    live_url="",
    platforms_url="http://127.0.0.1:8781",
    aws_endpoint_url="",
    region="eu-west-2",
    table_name="",
    archive_bucket="",
    queues={},
    secrets=Secrets(
        meta=MetaSecret(app_secret=SECRET, verify_token=""),
        x=XSecret(consumer_secret=""),
        sms=SmsSecret(auth_token=""),
    ),
    accounts=ACCOUNTS,
    tokens=Tokens(operator="operator-token", operator2="", supervisor="", publisher="", auditor=""),
    credentials=Credentials(access_key_id="", secret_access_key=""),
    secret_ids={"meta": "arn:meta", "x": "arn:x"},
    hold_parameter="hold",
)


def script(seed: int = 1, began: datetime = BEGAN) -> list[Delivery]:
    media_url = f"{STACK.platforms_url}/media"
    return write_script(ACCOUNTS, STACK.secrets, STACK.api_url, media_url=media_url, seed=seed, began=began)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.day.playing.DEADLINE_SECONDS", 0.2)
    monkeypatch.setattr("local.day.playing.POLL_SECONDS", 0.01)
    monkeypatch.setattr(desk_view, "PAUSE_SECONDS", 0.001)


def play_on(desk: DeskOnPaper, console: Console | None = None) -> DayResult:
    return play(STACK, console, transport=desk.transport())


def test_the_day_has_at_least_36_deliveries_of_every_outcome() -> None:
    counted = Counter(delivery.outcome for delivery in script())

    assert counted.total() >= 36
    assert set(counted) == set(Outcome)


def test_ids_are_fresh_at_every_run_and_repeatable_for_the_same_one() -> None:
    def natives(deliveries: list[Delivery]) -> set[str]:
        return {brought.native_id for delivery in deliveries for brought in delivery.brings}

    assert script() == script()
    assert not natives(script()) & natives(script(began=BEGAN + timedelta(seconds=1)))
    assert not natives(script()) & natives(script(seed=2))


def test_every_webhook_is_signed_over_its_bytes_but_the_forged_ones() -> None:
    unsigned = []
    for delivery in script():
        expected = "sha256=" + hmac.new(SECRET.encode(), delivery.body, hashlib.sha256).hexdigest()
        if delivery.path == "/webhooks/meta" and delivery.headers.get("X-Hub-Signature-256") != expected:
            unsigned.append(delivery)

    assert [delivery.outcome for delivery in unsigned] == [Outcome.REFUSED, Outcome.REFUSED]


def test_bodies_are_json_except_for_the_one_that_must_not_be() -> None:
    def is_json(body: bytes) -> bool:
        try:
            json.loads(body)
        except ValueError:
            return False
        return True

    posted = [delivery for delivery in script() if delivery.channel != "sms"]  # those are forms
    assert [each.title for each in posted if not is_json(each.body)] == ["an unreadable one"]


def test_the_script_knows_what_the_rows_must_show() -> None:
    texts = {brought.text for delivery in script() for brought in delivery.brings}
    assert KNIFE in texts
    assert any(text and "cat is up a tree" in text for text in texts)
    assert any(text and "drain" in text for text in texts)
    channels = {delivery.channel for delivery in script()}
    assert channels == {"messenger", "facebook_page", "report_form", "x", "sms"}


def test_a_good_desk_is_in_balance() -> None:
    result = play_on(DeskOnPaper())

    assert result.balance.adds_up
    assert result.balance.deliveries == len(result.rows) == len(script())
    assert sum(result.balance.outcomes.values()) == result.balance.deliveries
    assert result.balance.contacts + result.balance.changes == result.balance.on_desk


def test_the_table_shows_grade_alert_and_what_the_person_was_sent() -> None:
    result = play_on(DeskOnPaper())

    [private] = [row for row in result.rows if row.title == "an emergency in private"]
    assert (private.grade, private.category, private.sent, private.alert) == (
        "emergency",
        "advice",
        ("Ring 999",),
        "A1",
    )
    [second] = [row for row in result.rows if row.title == "a second one, same conversation"]
    assert second.alert == "A1"
    [forged] = [row for row in result.rows if row.title == "a forged one"]
    assert (forged.outcome, forged.status, forged.grade, forged.sent) == (Outcome.REFUSED, 401, "", ())
    [friend] = [row for row in result.rows if row.title == "concern for a friend, from abroad"]
    assert friend.sent == ("We will read it.",)


def test_the_day_prints_one_line_per_delivery_and_the_balance() -> None:
    output = io.StringIO()

    result = play_on(DeskOnPaper(), Console(file=output, width=80))

    lines = output.getvalue().splitlines()
    assert sum(line.lstrip()[:2].strip().isdigit() for line in lines) >= len(result.rows)
    assert "✓ the day adds up" in output.getvalue()
    assert "nothing left over" in output.getvalue()


@pytest.mark.parametrize(
    ("desk", "fault"),
    [
        (DeskOnPaper(loses="is the road open yet?"), "1 contact missing"),
        (DeskOnPaper(loses="There's a broken street light on Mill Lane"), "1 edit missing"),
        (
            DeskOnPaper(doubles="My bike was stolen in March. How do I get the crime number?"),
            "1 contact too many",
        ),
        (DeskOnPaper(takes_forgeries=True), "a forged one: answered 200, not 401"),
        (DeskOnPaper(never_sends=True), "a text has not been sent"),
        (DeskOnPaper(strangers=1), "opened by nothing that the day delivered"),
    ],
    ids=["loses a contact", "loses an edit", "doubles", "takes forgeries", "never sends", "invents cases"],
)
def test_a_flawed_desk_is_out_of_balance(desk: DeskOnPaper, fault: str) -> None:
    with pytest.raises(DayOutOfBalanceError, match=fault):
        play_on(desk)


def test_cases_that_were_there_before_are_not_left_over() -> None:
    desk = DeskOnPaper()
    play_on(desk)

    assert play_on(desk).balance.adds_up


def test_a_desk_that_fails_for_a_moment_gets_the_delivery_again() -> None:
    assert play_on(DeskOnPaper(fails_first=3)).balance.adds_up


def test_a_desk_that_does_not_answer_is_named() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(DeskSilentError, match="/desk/cases"):
        play(STACK, transport=httpx.MockTransport(refuse))
