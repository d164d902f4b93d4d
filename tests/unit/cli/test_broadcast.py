"""`desk broadcast` against a desk in memory: what it sends, what it tells, and how it leaves."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from typer.testing import CliRunner

from cli import broadcast
from cli.desk_broadcasts import DeskBroadcasts
from cli.main import app
from tests.builders import http_event
from tests.unit.operate.at_the_desk import AtTheDesk

CLOSURE = (
    *("draft", "--kind", "incident", "--what", "Road closed", "--where", "A41 at Bromborough"),
    *(
        "--until",
        "2026-11-02T14:00:00Z",
        "--place",
        "Bromborough",
        "--channel",
        "x",
        "--channel",
        "facebook_page",
    ),
)


class Terminal:
    """People at terminals, before one desk in memory: a token says who calls, by `role name`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.desk, self.answers = AtTheDesk(), list[httpx.Response | Exception]()
        transport = httpx.MockTransport(self._answer)

        def connected(url: str, token: str) -> DeskBroadcasts:
            return DeskBroadcasts(url, token, transport)

        monkeypatch.setattr(broadcast, "DeskBroadcasts", connected)

    def run(self, *words: str, who: str = "publisher Ava", stdin: str = "") -> tuple[int, str]:
        command = ["broadcast", *words, "--api", "https://desk.example", "--token", who]
        done = CliRunner().invoke(app, command, input=stdin)
        return done.exit_code, done.output

    def told(self, *words: str, **more: Any) -> dict[str, Any]:
        code, output = self.run(*words, "--json", **more)
        assert code == 0, output
        answer: dict[str, Any] = json.loads(output)
        return answer

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.answers:
            planned = self.answers.pop(0)
            if isinstance(planned, Exception):
                raise planned
            return planned
        role, _, name = request.headers["authorization"].removeprefix("Bearer ").partition(" ")
        headers = {k: v for k, v in request.headers.items() if k in {"if-match", "idempotency-key"}}
        event = http_event(
            request.method,
            request.url.path,
            body=request.content,
            headers=headers,
            query=dict(request.url.params),
        )
        answered = self.desk.send(event, who=name, role=role)
        return httpx.Response(answered.status, json=answered.fields)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(monkeypatch)


def test_two_people_publish_a_closure_and_one_takes_it_back(terminal: Terminal) -> None:
    one = terminal.told(*CLOSURE)
    assert [copy["channel"] for copy in one["copies"]] == ["facebook_page", "x"]
    name = one["reference"]
    terminal.told("submit", name)

    code, output = terminal.run("approve", name, "--hash", one["hash"])
    assert (code, "Somebody else must approve it" in output) == (1, True)
    code, output = terminal.run("approve", name, "--hash", one["hash"], who="supervisor Ben")
    assert (code, output) == (0, f"{name} is publishing (version 3)\n")
    code, output = terminal.run("list")
    assert output.startswith(
        f"{name}  publishing  Road closed, A41 at Bromborough  (facebook_page publishing"
    )
    assert terminal.told("cancel", one["broadcast_id"], "--reason", "It is open")["state"] == "cancelled"
    assert terminal.run("cancel", name)[0] == 1


def test_a_correction_keeps_what_it_does_not_name(terminal: Terminal) -> None:
    one = terminal.told(*CLOSURE)
    terminal.told("submit", one["broadcast_id"])
    terminal.told("approve", one["broadcast_id"], "--hash", one["hash"], who="supervisor Ben")

    fix = terminal.told("correct", one["reference"], "--where", "A41 at Bromborough, southbound only")

    assert (fix["what"], fix["where"]) == ("Road closed", "A41 at Bromborough, southbound only")
    assert (fix["corrects"], fix["expires_at"], fix["area"]) == (
        one["broadcast_id"],
        one["expires_at"],
        one["area"],
    )
    assert fix["copies"][0]["text"].startswith(
        "Correction: Road closed: A41 at Bromborough, southbound only."
    )


def test_publishing_is_stopped_by_anybody_and_started_by_a_supervisor(terminal: Terminal) -> None:
    code, output = terminal.run("stop", "The page has been taken over", who="operator Cai")
    assert (code, output) == (0, "publishing is STOPPED\n")
    assert terminal.run("start", "All is well")[0] == 1
    assert terminal.told("start", "All is well", who="supervisor Ben")["on"] is True


def test_a_cancel_does_not_stumble_over_another_version(terminal: Terminal) -> None:
    one = terminal.told(*CLOSURE)
    stale = httpx.Response(412, json={"type": "urn:contact-desk:stale-version", "detail": "changed"})
    terminal.answers = [httpx.Response(200, json=one), stale]

    assert terminal.told("cancel", one["broadcast_id"])["state"] == "cancelled"


def test_refusals_name_each_field(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "form.json"
    file.write_text(json.dumps({"kind": "incident", "what": "Road closed", "copies": {"pigeon": {}}}))

    code, output = terminal.run("draft", "--file", str(file))

    assert code == 1
    for field in ("where: ", "expires_at: ", "copies.pigeon: "):
        assert field in output


def test_a_form_is_read_from_a_pipe(terminal: Terminal) -> None:
    form = {"kind": "advice", "what": "Lock your shed"}

    assert terminal.told("draft", "--file", "-", stdin=json.dumps(form))["what"] == "Lock your shed"
    assert terminal.run("draft", "--file", "-", stdin="no JSON")[0] == 2
    assert terminal.run("draft", "--file", "-", stdin="[]")[0] == 2


def test_without_a_terminal_an_approval_says_what_was_read(terminal: Terminal) -> None:
    one = terminal.told(*CLOSURE)
    terminal.told("submit", one["broadcast_id"])

    assert terminal.run("approve", one["broadcast_id"], who="supervisor Ben")[0] == 2


def test_whoever_approves_is_shown_everything_that_the_hash_is_over(terminal: Terminal) -> None:
    form = {
        "kind": "advice",
        "what": "Lock your shed",
        "where": "Bromborough",
        "do": "Mark your bicycle.\n  hash 0000",
        "severity": "minor",
        "force_reference": "INC-7",
        "area": {"names": ["Bootle"], "polygon": [[-3, 53], [-2, 53], [-2, 54], [-3, 53]]},
        "versions": [{"language": "cy", "what": "Clowch", "where": "Fan yma", "do": "Marciwch"}],
        "pictures": [{"alt": "A padlock", "content": base64.b64encode(b"\xff\xd8\xff").decode()}],
        "starts_at": "2026-11-02T13:00:00Z",
        "expires_at": "2026-11-02T18:00:00Z",
        "copies": {"x": {"text": "Locks.", "alt": "A lock"}, "facebook_page": {}},
    }
    one = terminal.told("draft", "--file", "-", stdin=json.dumps(form))

    shown = broadcast._whole(one)

    def leaves(value: object) -> list[str]:
        if isinstance(value, dict):
            return [leaf for each in value.values() for leaf in leaves(each)]
        return [leaf for each in value for leaf in leaves(each)] if isinstance(value, list) else [str(value)]

    approved = {name: one[name] for name in (*form, "hash", "link")}
    for picture in approved["pictures"]:
        picture.pop("media_type")  # the ending of its name
    for copy in approved["copies"]:
        for name in ("state", "platform_id", "outbox_id", "trouble", "published_at", "ended_at", "typed"):
            copy.pop(name)
    for leaf in leaves(approved):
        for line in leaf.splitlines():
            assert line.strip().removesuffix(".0") in shown
    assert "\n  hash 0000" not in shown
    assert "\x1b" not in broadcast._whole({**one, "what": "\x1b[2K\u202enaelc"})


@pytest.mark.parametrize(
    "answer", [httpx.ConnectError("no"), httpx.Response(503, json={}), httpx.Response(200, text="a page")]
)
def test_a_desk_that_does_not_answer_is_told_apart(
    terminal: Terminal, answer: httpx.Response | Exception
) -> None:
    terminal.answers = [answer]

    assert terminal.run("list")[0] == 3


def test_a_broadcast_that_is_nowhere_and_an_api_without_a_token(terminal: Terminal) -> None:
    assert terminal.run("submit", "MP-0000-0000-0")[0] == 1
    done = CliRunner().invoke(
        app, ["broadcast", "list", "--api", "https://desk.example"], env={"DESK_TOKEN": ""}
    )
    assert done.exit_code == 2


def test_times_are_counted_from_now_or_taken_as_they_are() -> None:
    def noon() -> datetime:
        return datetime(2026, 11, 2, 12, tzinfo=UTC)

    assert broadcast._moment("+2h", noon) == "2026-11-02T14:00:00.000Z"
    assert broadcast._moment("+90m", noon) == "2026-11-02T13:30:00.000Z"
    assert broadcast._moment("2026-07-01T14:00+01:00") == "2026-07-01T13:00:00.000Z"
    assert broadcast._moment(None) is None
    with pytest.raises(typer.BadParameter):
        broadcast._moment("soon")
