"""An operator who claims a case and answers it, and presses the button again where no answer comes."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from contact_desk.references import reference
from tests.builders import http_event
from tests.simulation.desk_on_moto import Desk
from tests.simulation.story import Said

CLAIMS = {"sub": "operator-1", "name": "Sam Operator", "token_use": "access", "cognito:groups": "[operator]"}
MOST_PRESSES = 5


class OperatorAtWork:
    """One operator at the desk's API; each act has one idempotency key, however often it is pressed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def reply(self, said: Said, text: str) -> None:
        """Claim the case that this contact opened, and answer it."""
        case = self.case_of(said)
        claimed = self._press(
            "POST", f"/desk/cases/{case['case_id']}/claim", {}, key=f"claim {said.native_id}"
        )
        self._press(
            "POST",
            f"/desk/cases/{case['case_id']}/replies",
            {"text": text, **({} if said.channel == "messenger" else {"answers": said.key})},
            key=f"reply {said.native_id}",
            version=claimed["version"],
        )

    def claim(self, case_id: str) -> dict[str, Any]:
        """Take the case."""
        return self._press("POST", f"/desk/cases/{case_id}/claim", {}, key=f"claim {case_id}")

    def close(self, seen: dict[str, Any]) -> None:
        """Try to close the case as it was seen; the desk may refuse where there is more to see by now."""
        body = {"disposition": "advice_given", "last_contact_at": seen["last_contact_at"]}
        path = f"/desk/cases/{seen['case_id']}/close"
        answer = self.ask("POST", path, body, key=f"close {seen['case_id']}", version=seen["version"])
        assert answer is not None
        assert answer["statusCode"] in {HTTPStatus.OK, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.CONFLICT}

    def acknowledge(self, alert_id: str) -> None:
        """Tell the desk that a person has seen the alert."""
        self._press("POST", f"/desk/alerts/{alert_id}/acknowledge", {}, key=f"acknowledge {alert_id}")

    def case_of(self, said: Said) -> dict[str, Any]:
        """The case that this contact opened, as the list shows it."""
        wanted = reference("MP", said.key)
        return next(case for case in self.cases() if case["reference"] == wanted)

    def cases(self) -> list[dict[str, Any]]:
        """The list of open and answered cases."""
        cases: list[dict[str, Any]] = self._press("GET", "/desk/cases")["cases"]
        return cases

    def ask(
        self, method: str, path: str, body: Any = None, *, key: str = "", version: int | None = None
    ) -> dict[str, Any] | None:
        """One request, whatever comes of it; None where no answer came."""
        headers = {"idempotency-key": key.replace(" ", "-")} if key else {}
        if version is not None:
            headers["if-match"] = f'"{version}"'
        event = http_event(method, path, body=body, headers=headers)
        event["requestContext"]["authorizer"] = {"jwt": {"claims": CLAIMS, "scopes": None}}
        return self._desk.call("Operate", event)

    def _press(
        self, method: str, path: str, body: Any = None, *, key: str = "", version: int | None = None
    ) -> dict[str, Any]:
        """The answer to a request that is made until there is one."""
        for _ in range(MOST_PRESSES):
            answer = self.ask(method, path, body, key=key, version=version)
            if answer is not None and answer["statusCode"] < HTTPStatus.INTERNAL_SERVER_ERROR:
                assert answer["statusCode"] < HTTPStatus.BAD_REQUEST, (
                    f"{method} {path}: {answer['statusCode']} {answer['body']}"
                )
                fields: dict[str, Any] = json.loads(answer["body"])
                return fields
        raise AssertionError(f"{method} {path}: no answer to {MOST_PRESSES} presses")
