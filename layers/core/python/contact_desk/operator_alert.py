"""C6: the message that tells consuming systems, and people, what happened to an alert.

`python -m contact_desk.operator_alert > docs/operator-alert.schema.json` writes its schema anew.
"""

from __future__ import annotations

import json
import sys
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contact_desk.alerts import Alert, AlertEvent, AlertKind, AlertRank
from contact_desk.clock import to_rfc3339
from contact_desk.errors import MalformedMessageError
from contact_desk.grades import Grade
from contact_desk.references import digest_id

SUBJECT_CHARACTERS = 100  # of an e-mail's subject, by SNS
WORDS: dict[str, str] = {
    "emergency": "somebody may be in danger",
    "priority": "a case needs an answer soon",
    "needs_person": "only a person can say if it arrived",
    "send_failed": "something could not be sent",
    "quarantine": "something unreadable needs a person",
    "channel_down": "a channel takes nothing from us",
    "channel_silent": "a channel has gone quiet",
    "credential_dead": "a channel's credentials are dead",
    "approval": "a broadcast needs a second person now",
    "broadcast_lapsed": "a broadcast did not go out in its time",
    "publish_failed": "a broadcast is not on every channel",
    "person_to_tell": "somebody was told what is no longer so",
    "backlog": "more cases wait than can be answered",
    "clock_breached": "a priority case is past its time, unseen",
    "unusual_reading": "unusual reading of cases, for the auditor",
}


class OperatorAlert(BaseModel):
    """What happened to an alert of the contact desk; no words and no names of the public are in it.

    The same event may come twice: `alert_id`, `opened_at`, `event` and `nudge` together name it. The alert stays open,
    and is nudged again along the force's ladder, until an operator acknowledges it at the desk.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    v: Annotated[Literal[1], Field(description="Version of this shape")]
    alert_id: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9._:~+-]{1,128}$", description="The alert, the same for all its events"),
    ]
    event: Annotated[
        AlertEvent,
        Field(
            description="`opened` or `nudged`: a person is needed. `acknowledged`: a person has seen it. "
            "`cancelled`: it is no longer so"
        ),
    ]
    rank: Annotated[
        AlertRank, Field(description="A1: life at risk. A2: needs a person soon. A3: good to know")
    ]
    kind: Annotated[AlertKind, Field(description="What it is about")]
    case_reference: Annotated[
        str | None,
        Field(
            pattern=r"^[A-Z]{2,4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]$",
            description="The case's reference; null where no single case is meant",
        ),
    ]
    grade: Annotated[Grade | None, Field(description="The case's grade when the alert opened")]
    link: Annotated[
        str, Field(pattern=r"^https?://[^\s]+$", description="Where an operator who is signed in sees it")
    ]
    opened_at: Annotated[
        str,
        Field(
            pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
            json_schema_extra={"format": "date-time"},
            description="When it was last raised, RFC 3339 in UTC",
        ),
    ]
    nudge: Annotated[int, Field(ge=0, description="How often operators have been called again")]

    @classmethod
    def of(cls, alert: Alert, event: AlertEvent, link: str) -> OperatorAlert:
        """The message about an alert as it stands."""
        return cls(
            v=1,
            alert_id=alert.alert_id,
            event=event,
            rank=alert.rank,
            kind=alert.kind,
            case_reference=alert.case_reference,
            grade=alert.grade,
            link=link,
            opened_at=to_rfc3339(alert.opened_at),
            nudge=alert.nudge,
        )

    @classmethod
    def read(cls, text: str) -> OperatorAlert:
        """The message of a queue; raises MalformedMessageError."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise MalformedMessageError(f"{error.error_count()} fields are not those of an alert") from None

    @property
    def event_id(self) -> str:
        """The one name of what happened, for whoever must know a repeat."""
        return digest_id("alert event", self.alert_id, self.opened_at, self.event.value, str(self.nudge))

    @property
    def headline(self) -> str:
        """What happened, in one line of ASCII for a person: `A1 again (2): somebody may be in danger, MP-…`."""
        about = WORDS.get(self.kind.value, self.kind.value.replace("_", " "))
        case = f", {self.case_reference}" if self.case_reference else ""
        match self.event:
            case AlertEvent.OPENED:
                what = ""
            case AlertEvent.NUDGED:
                what = f" again ({self.nudge})"
            case _:
                what = f" {self.event.value}"
        return f"{self.rank.value}{what}: {about}{case}"[:SUBJECT_CHARACTERS]

    def as_text(self) -> str:
        """ASCII JSON."""
        return json.dumps(self.model_dump(mode="json"), separators=(",", ":"))


def schema() -> str:
    """The JSON schema (draft 2020-12) that every message validates against."""
    described = OperatorAlert.model_json_schema(mode="serialization")
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **described}
    return json.dumps(whole, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema())
