"""One call of a person at the desk, and how it was answered: kept, so that the same call has the same answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from contact_desk.case_desk import ActRecord, AnsweredRequest, AuditEntry, Operator
from functions.operate.refusals import KeyReusedError


@dataclass(frozen=True, slots=True)
class Call:
    """One POST of an operator: `key` is their idempotency key, `asked` the hash of path and body."""

    operator: Operator
    request_id: str
    key: str
    asked: str

    @property
    def cause(self) -> str:
        """The one name of the call among all calls."""
        return f"{self.operator.subject}#{self.key}"

    def record(self, subject: str, act: str, done: Done, now: datetime) -> ActRecord:
        """What is kept of the act that the call asked for."""
        who = self.operator.subject
        return ActRecord(
            AuditEntry(subject, now, who, act, self.request_id),
            AnsweredRequest(who, self.key, self.asked, done.as_text(), now),
        )


@dataclass(frozen=True, slots=True)
class Done:
    """How an act was answered, now or when its key was first used; `version` is that of what it changed, if any."""

    status: HTTPStatus
    version: int | None
    fields: Mapping[str, Any]

    def as_text(self) -> str:
        """The answer as it is kept."""
        return json.dumps({"status": self.status.value, "version": self.version, "fields": self.fields})

    @classmethod
    def from_text(cls, text: str) -> Done:
        """The answer that was kept."""
        kept = json.loads(text)
        return cls(HTTPStatus(kept["status"]), kept["version"], kept["fields"])


def same_again(request: AnsweredRequest, call: Call) -> Done:
    """The answer that the call's key was given; raises KeyReusedError where that was another call."""
    if request.asked != call.asked:
        raise KeyReusedError("This Idempotency-Key was used for something else. Use a new one for each act.")
    return Done.from_text(request.answer)
