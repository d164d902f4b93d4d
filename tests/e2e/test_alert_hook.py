"""A web hook is told of an emergency, signed, again after a failure, and of the person who has seen it."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from standardwebhooks.webhooks import Webhook

from local.stack_file import Stack
from tests.builders import Json
from tests.e2e.outside import Operators, Outside, until

KEY = "whsec_" + base64.b64encode(b"the key of the control room's hook").decode()


@dataclass(slots=True)
class ControlRoom:
    """What the control room's hook was posted; `failing` holds the events that it fails to take the first time."""

    failing: set[str] = field(default_factory=set)
    posted: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """The status to answer."""
        name = headers["webhook-id"]
        first = name not in {known["webhook-id"] for _, known, _ in self.posted}
        status = 500 if first and json.loads(body)["event"] in self.failing else 204
        self.posted.append((status, headers, body))
        return status

    def told(self, event: str, alert_id: str) -> list[Json]:
        """Every post of one event, as the scheme's own library reads it, with the status it was answered."""
        found = []
        for status, headers, body in list(self.posted):
            fields = Webhook(KEY).verify(body, headers)
            if (fields["event"], fields["alert_id"]) == (event, alert_id):
                found.append({**fields, "status": status, "id": headers["webhook-id"]})
        return found


@pytest.fixture(scope="session")
def control_room(operators: Operators) -> Iterator[ControlRoom]:
    """The hook, listening until the session ends, since the desk keeps its address for minutes."""
    room = ControlRoom(failing={"opened"})

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(room.take({name.lower(): value for name, value in self.headers.items()}, body))
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (stack,) = operators.aws("cloudformation").describe_stacks()["Stacks"]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    url = f"http://127.0.0.1:{server.server_port}/control-room"
    operators.aws("secretsmanager").put_secret_value(
        SecretId=outputs["AlertHookControlRoomSecretArn"], SecretString=json.dumps({"url": url, "key": KEY})
    )
    yield room
    server.shutdown()
    server.server_close()


def test_a_web_hook_is_told_until_it_answers_and_hears_who_has_seen_it(
    stack: Stack, outside: Outside, operators: Operators, control_room: ControlRoom
) -> None:
    text = outside.new("he has a knife in the shop")
    outside.deliver(outside.message(text, sender=outside.new_person()))
    case = operators.case_with(text)
    [alert] = [one for one in operators.alerts() if one["case_reference"] == case["reference"]]
    name = alert["alert_id"]

    def taken() -> list[Json]:
        posts = control_room.told("opened", name)
        return posts if posts and posts[-1]["status"] == 204 else []

    refused, repeated = until(taken, seconds=60)
    assert (refused["status"], refused["id"]) == (500, repeated["id"])
    assert (repeated["rank"], repeated["case_reference"]) == ("A1", case["reference"])

    assert operators.post(f"/desk/alerts/{name}/acknowledge").status_code == 200
    assert until(lambda: control_room.told("acknowledged", name))
    assert all(text.encode() not in body for _, _, body in control_room.posted)
