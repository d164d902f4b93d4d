"""The open alerts as the operators' API tells them, and the word that a person has seen one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import httpx

from contact_desk.clock import from_rfc3339, to_rfc3339
from contact_desk.errors import ContactDeskError

ANSWER_WITHIN_SECONDS = 5.0


class DeskLostError(ContactDeskError):
    """The desk did not answer, or not as a desk; the next call may find it again."""


class DeskRefusedError(ContactDeskError):
    """The desk does not let this token in (it has run out, its role sees no alerts), or not do what it asks."""


@dataclass(frozen=True, slots=True)
class ShownAlert:
    """An open alert as it is shown."""

    alert_id: str
    rank: str
    kind: str
    case_reference: str | None
    grade: str | None
    opened_at: datetime
    nudge: int

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Self:
        """An alert of the API's list."""
        return cls(
            alert_id=str(fields["alert_id"]),
            rank=str(fields["rank"]),
            kind=str(fields["kind"]),
            case_reference=fields.get("case_reference"),
            grade=fields.get("grade"),
            opened_at=from_rfc3339(fields["opened_at"]),
            nudge=int(fields["nudge"]),
        )


class DeskAlerts:
    """The alerts of one desk, in the name of a token's holder. Raises DeskLostError and DeskRefusedError."""

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

    def open_alerts(self) -> list[ShownAlert]:
        """Every open alert, worst first, then oldest."""
        answer = self._called("GET", "/desk/alerts")
        try:
            alerts = [ShownAlert.of(fields) for fields in answer.json()["alerts"]]
        except (KeyError, TypeError, ValueError):
            raise DeskLostError("what answers is not a desk") from None
        return sorted(alerts, key=lambda alert: (alert.rank, alert.opened_at, alert.alert_id))

    def acknowledge(self, alert: ShownAlert) -> None:
        """Say that a person has seen it; one that was acknowledged already stays so.

        Raises DeskRefusedError where it was raised anew meanwhile: that has not been seen.
        """
        body = {"opened_at": to_rfc3339(alert.opened_at)}
        self._called("POST", f"/desk/alerts/{alert.alert_id}/acknowledge", body, key=uuid.uuid4().hex)

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def _called(
        self, method: str, path: str, body: Mapping[str, str] | None = None, *, key: str | None = None
    ) -> httpx.Response:
        try:
            answer = self._http.request(
                method, path, json=body, headers={"idempotency-key": key} if key else None
            )
        except httpx.HTTPError as error:
            raise DeskLostError(f"no answer ({type(error).__name__})") from None
        if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise DeskRefusedError("the desk refuses this token: it has run out, or its role sees no alerts")
        if answer.status_code == httpx.codes.PRECONDITION_FAILED:
            raise DeskRefusedError("it was raised anew meanwhile")
        if answer.status_code != httpx.codes.OK:
            raise DeskLostError(f"answered {answer.status_code}")
        return answer
