"""Broadcasts as the operators' API takes them, in the name of a token's holder."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import httpx

from cli.desk_alerts import DeskLostError
from contact_desk.errors import ContactDeskError

ANSWER_WITHIN_SECONDS = 10.0
STALE = "urn:contact-desk:stale-version"
PAGES_LOOKED_THROUGH = 20

Fields = dict[str, Any]


class DeskSaidNoError(ContactDeskError):
    """The desk refused; the message is its own, with the fields that it names."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        named = [f"{error.get('field')}: {error.get('message')}" for error in problem.get("errors") or ()]
        told = str(problem.get("detail") or problem.get("title") or "refused")
        super().__init__("; ".join([told, *named]))
        self.problem = problem

    @property
    def kind(self) -> str:
        """The problem's type: `urn:contact-desk:own-approval`."""
        return str(self.problem.get("type", ""))


class DeskBroadcasts:
    """The broadcasts of one desk. Raises DeskSaidNoError where it refuses, DeskLostError where it does not answer."""

    def __init__(self, api_url: str, token: str, transport: httpx.BaseTransport | None = None) -> None:
        # A proxy of the shell has no business on loopback; elsewhere it may be the only way out.
        local = httpx.URL(api_url).host in {"127.0.0.1", "localhost", "::1"}
        self._http = httpx.Client(
            base_url=api_url.rstrip("/"),
            headers={"authorization": f"Bearer {token}"},
            timeout=ANSWER_WITHIN_SECONDS,
            trust_env=not local,
            transport=transport,
        )

    def listed(self, state: str | None = None) -> list[Fields]:
        """The newest broadcasts, a page of them."""
        return list(
            self._call("GET", "/desk/broadcasts", query={"state": state} if state else {})["broadcasts"]
        )

    def find(self, name: str) -> Fields:
        """A broadcast by its id, or by the reference that the public reads."""
        if "-" not in name:
            return self._call("GET", f"/desk/broadcasts/{name}")
        query: dict[str, str] = {}
        for _ in range(PAGES_LOOKED_THROUGH):
            page = self._call("GET", "/desk/broadcasts", query=query)
            for one in page["broadcasts"]:
                if one["reference"] == name.upper():
                    return dict(one)
            if not page["next_cursor"]:
                break
            query = {"cursor": page["next_cursor"]}
        raise DeskSaidNoError({"detail": f"the desk has no broadcast {name}"})

    def draft(self, form: Mapping[str, Any]) -> Fields:
        """A new draft."""
        return self._call("POST", "/desk/broadcasts", form)

    def act(self, act: str, seen: Mapping[str, Any], body: Mapping[str, Any]) -> Fields:
        """Submit, approve, correct or cancel the broadcast as it was seen."""
        return self._call(
            "POST", f"/desk/broadcasts/{seen['broadcast_id']}/{act}", body, version=int(seen["version"])
        )

    def cancel(self, seen: Mapping[str, Any], reason: str | None) -> Fields:
        """Take it back, whatever has become of it since it was seen: nothing may stand in the way of that."""
        try:
            return self.act("cancel", seen, {"reason": reason})
        except DeskSaidNoError as refused:
            if refused.kind != STALE:
                raise
        return self.act("cancel", self.find(str(seen["broadcast_id"])), {"reason": reason})

    def turn(self, *, on: bool, reason: str) -> Fields:
        """Stop all publishing, or start it."""
        return self._call("PUT", "/desk/publishing", {"on": on, "reason": reason})

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        version: int | None = None,
    ) -> Fields:
        headers = {"idempotency-key": uuid.uuid4().hex} if method == "POST" else {}
        if version is not None:
            headers["if-match"] = f'"{version}"'
        try:
            answer = self._http.request(method, path, json=body, params=query, headers=headers)
            told = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise DeskLostError(f"no answer ({type(error).__name__})") from None
        if not isinstance(told, dict):
            raise DeskLostError("what answers is not a desk")
        if answer.is_success:
            return told
        if answer.is_server_error:
            raise DeskLostError(f"answered {answer.status_code}")
        raise DeskSaidNoError(told)
