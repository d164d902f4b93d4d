"""One message to the public: two people behind it, refusals that say why, and everybody told when it is taken back."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contact_desk.clock import to_rfc3339
from local.stack_file import Stack
from tests.builders import Json
from tests.e2e.outside import Operators, Outside, until

FEED_WITHIN_SECONDS = 5.0


class Newsroom:
    """A publisher who drafts and submits, and a supervisor who approves."""

    def __init__(self, operators: Operators) -> None:
        self.desk = operators
        self.publisher, self.supervisor = operators.stack.tokens.publisher, operators.stack.tokens.supervisor

    def form(self, where: str, **changes: Any) -> Json:
        ends = datetime.now(UTC) + timedelta(hours=2)
        fields = {"kind": "incident", "what": "Road closed", "where": where, "expires_at": to_rfc3339(ends)}
        return {**fields, **changes}

    def submitted(self, where: str, **changes: Any) -> Json:
        one = self.desk.post("/desk/broadcasts", self.form(where, **changes), token=self.publisher).json()
        return self.do("submit", one, {}, self.publisher)

    def published(self, where: str) -> Json:
        one = self.submitted(where)
        return self.do("approve", one, {"hash": one["hash"]}, self.supervisor)

    def do(self, act: str, one: Json, body: Json, token: str) -> Json:
        answer = self.try_to(act, one, body, token)
        assert answer.is_success, answer.text
        done: Json = answer.json()
        return done

    def try_to(self, act: str, one: Json, body: Json, token: str) -> Any:
        path = f"/desk/broadcasts/{one['broadcast_id']}/{act}"
        return self.desk.post(path, body, token=token, version=one["version"])

    def turn(self, *, on: bool, token: str) -> int:
        answer = self.desk.http.put(
            f"{self.desk.stack.api_url}/desk/publishing",
            json={"on": on, "reason": "a rehearsal"},
            headers={"authorization": f"Bearer {token}"},
        )
        return int(answer.status_code)

    def live(self) -> list[str]:
        """Where the public feed says that something is the matter."""
        feed = self.desk.http.get(f"{self.desk.stack.api_url}/feed/incidents.geojson").json()
        return [json.dumps(feature["properties"]) for feature in feed["features"]]

    def sweep(self) -> None:
        """One minute's run of the job that keeps the time of broadcasts."""
        functions = self.desk.aws("lambda")
        names = [
            one["FunctionName"]
            for page in functions.get_paginator("list_functions").paginate()
            for one in page["Functions"]
            if "SweepBroadcasts" in one["FunctionName"]
        ]
        answer = functions.invoke(FunctionName=names[0], Payload=b"{}")
        assert "FunctionError" not in answer


@pytest.fixture
def newsroom(operators: Operators) -> Newsroom:
    return Newsroom(operators)


def test_what_two_people_agree_on_is_in_the_feed_within_seconds_and_out_of_it_again(
    newsroom: Newsroom, outside: Outside
) -> None:
    where = outside.new("Dock Road")
    one = newsroom.published(where)
    until(lambda: any(where in text for text in newsroom.live()), seconds=FEED_WITHIN_SECONDS)

    newsroom.do("cancel", one, {"reason": "It is open."}, newsroom.publisher)

    until(lambda: not any(where in text for text in newsroom.live()), seconds=FEED_WITHIN_SECONDS)


def test_each_refusal_has_its_own_error(newsroom: Newsroom, outside: Outside, operators: Operators) -> None:
    one = newsroom.submitted(outside.new("Dock Road"))
    read = {"hash": one["hash"]}

    own = newsroom.try_to("approve", one, read, newsroom.publisher)
    bytes_changed = newsroom.try_to("approve", one, {"hash": "0" * 64}, newsroom.supervisor)
    try:
        assert newsroom.turn(on=False, token=operators.stack.tokens.operator) == 200
        stopped = newsroom.try_to("approve", one, read, newsroom.supervisor)
        assert newsroom.turn(on=True, token=newsroom.publisher) == 403
    finally:
        assert newsroom.turn(on=True, token=newsroom.supervisor) == 200

    refusals = [answer.json()["type"] for answer in (own, bytes_changed, stopped)]
    assert refusals == [
        f"urn:contact-desk:{name}" for name in ("own-approval", "bytes-changed", "publishing-stopped")
    ]
    assert newsroom.do("approve", one, read, newsroom.supervisor)["state"] == "publishing"


def test_who_was_answered_with_it_hears_that_it_is_withdrawn(
    newsroom: Newsroom, outside: Outside, operators: Operators
) -> None:
    where, person = outside.new("Dock Road"), outside.new_person()
    one = newsroom.published(where)
    text = outside.new(f"Is {where} closed?")
    outside.deliver(outside.message(text, sender=person))
    case = operators.case_with(text)
    offered = until(lambda: operators.case(case["case_id"])["broadcasts"])
    assert one["link"] in [offer["link"] for offer in offered]
    claimed = operators.post(f"/desk/cases/{case['case_id']}/claim").json()
    told = operators.post(
        f"/desk/cases/{case['case_id']}/replies",
        {"text": f"It is: {one['link']}"},
        version=claimed["version"],
    )
    assert told.status_code == 202
    until(lambda: [sent for sent in outside.received(person) if one["link"] in sent["text"]])

    newsroom.do("cancel", one, {}, newsroom.publisher)
    newsroom.sweep()

    def withdrawn() -> list[Json]:
        return [sent for sent in outside.received(person) if "has been withdrawn" in sent["text"]]

    until(withdrawn)
    newsroom.sweep()
    assert len(withdrawn()) == 1


def test_a_scheduled_broadcast_starts_at_its_time(newsroom: Newsroom, outside: Outside) -> None:
    starts = datetime.now(UTC) + timedelta(seconds=4)
    one = newsroom.submitted(outside.new("Dock Road"), starts_at=to_rfc3339(starts))
    waits = newsroom.do("approve", one, {"hash": one["hash"]}, newsroom.supervisor)
    assert waits["state"] == "scheduled"

    def state() -> str:
        newsroom.sweep()
        found = newsroom.desk.get(f"/desk/broadcasts/{one['broadcast_id']}", token=newsroom.publisher)
        return str(found.json()["state"])

    until(lambda: state() == "live")
    assert datetime.now(UTC) >= starts


def test_the_same_from_a_terminal(stack: Stack, newsroom: Newsroom, outside: Outside) -> None:
    def desk(*words: str, token: str, code: int = 0) -> Json:
        command = [
            sys.executable,
            "-m",
            "cli.main",
            "broadcast",
            *words,
            "--api",
            stack.api_url,
            "--token",
            token,
        ]
        done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        found: Json = json.loads(done.stdout) if done.stdout else {}
        return found

    where = outside.new("Dock Road")
    draft = ("draft", "--kind", "incident", "--what", "Road closed", "--where", where, "--until", "+2h")
    one = desk(*draft, token=newsroom.publisher)
    desk("submit", one["reference"], token=newsroom.publisher)
    desk("approve", one["reference"], "--hash", one["hash"], token=newsroom.publisher, code=1)
    done = desk("approve", one["reference"], "--hash", one["hash"], token=newsroom.supervisor)
    assert done["state"] == "publishing"
    assert desk("cancel", one["reference"], token=newsroom.publisher)["state"] == "cancelled"
