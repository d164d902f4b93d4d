"""Runbooks: what an alarm leads whoever is called to, how soon, and whose it is.

Each is a section of docs/operate.md, by its heading. Alarms of one runbook and one severity call together, once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, StrEnum

PAGE_OF_RUNBOOKS = "docs/operate.md"


class Severity(StrEnum):
    """How soon somebody must look: `page` at any hour, `notice` on the next working day."""

    PAGE = "page"
    NOTICE = "notice"


class Owner(StrEnum):
    """Who opens the runbook."""

    PLATFORM_TEAM = "platform team"
    COMMUNICATIONS_TEAM = "communications team"
    DUTY_SUPERVISOR = "duty supervisor"


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the page of runbooks, with the severity that its alarms have unless they say otherwise."""

    heading: str
    severity: Severity = Severity.PAGE
    owner: Owner = Owner.PLATFORM_TEAM


class Runbook(Enum):
    """Every runbook that an alarm leads to."""

    API = Section("The API answers with errors")
    INTAKE = Section("Contacts are not taken in")
    TRIAGE = Section("Contacts wait for triage")
    SENDING = Section("Texts and alerts do not go out")
    PLATFORM = Section("A platform is down or refuses us")
    CREDENTIALS = Section("A token has expired or a permission was taken away")
    SIGNATURES = Section("Webhooks carry wrong signatures")
    CHANNELS = Section("A channel is silent or its webhook loses contacts")
    CANARY = Section("A canary does not arrive")
    UNREADABLE = Section("What came in cannot be read", Severity.NOTICE)
    OPERATORS = Section("Operators cannot work")
    SLOW = Section("A function is slow", Severity.NOTICE)
    TABLE = Section("The table is throttled")
    JOBS = Section("A scheduled job fails or falls silent")
    HOUSEKEEPING = Section("A housekeeping job fails or falls silent", Severity.NOTICE)
    DEAD_LETTERS = Section("Dead letters")
    PUSHED_ON = Section("Sweep had to push work on", Severity.NOTICE)
    REPLAY = Section("A replay fails", Severity.NOTICE)
    FEED = Section("The public feed is behind or holds an alert back")
    PUBLISHING = Section(
        "Publishing is stopped or a broadcast lapsed", Severity.NOTICE, Owner.COMMUNICATIONS_TEAM
    )
    OUTSIDE_SYSTEMS = Section("Operator alerts do not reach a system outside")
    ATTACHMENTS = Section("Attachments are not copied", Severity.NOTICE)
    DELETIONS = Section("A request for deletion waits for a person", Severity.NOTICE)
    SECOND_READER = Section("The second reader is silent or capped", Severity.NOTICE)
    NUMBERS = Section("The numbers are behind", Severity.NOTICE)

    @property
    def heading(self) -> str:
        """The section's heading in docs/operate.md."""
        return self.value.heading

    @property
    def severity(self) -> Severity:
        """How soon, unless an alarm says otherwise."""
        return self.value.severity

    @property
    def owner(self) -> Owner:
        """Who opens it."""
        return self.value.owner

    @property
    def anchor(self) -> str:
        """The section's anchor in a rendered page: `dead-letters`."""
        return anchor_of(self.heading)

    @property
    def pascal(self) -> str:
        """The runbook's name as logical ids write it: `DeadLetters`."""
        return "".join(part.capitalize() for part in self.name.split("_"))


# What a fault upstream brings about anyway: while the alarms of a cause page, those of the consequence do not.
# Only what people mend at once is a cause, since it also keeps quiet about a second fault of the same kind.
CAUSES: dict[Runbook, tuple[Runbook, ...]] = {
    Runbook.API: (Runbook.TABLE, Runbook.INTAKE, Runbook.OPERATORS),
    Runbook.TRIAGE: (Runbook.TABLE,),
    Runbook.SENDING: (Runbook.TABLE,),
    Runbook.OPERATORS: (Runbook.TABLE,),
    Runbook.JOBS: (Runbook.TABLE,),
    Runbook.FEED: (Runbook.TABLE,),
    Runbook.DEAD_LETTERS: (Runbook.TABLE, Runbook.TRIAGE, Runbook.SENDING),
    Runbook.PLATFORM: (Runbook.CREDENTIALS,),
    Runbook.CHANNELS: (Runbook.CREDENTIALS, Runbook.SIGNATURES, Runbook.INTAKE),
    Runbook.CANARY: (Runbook.API, Runbook.INTAKE, Runbook.SIGNATURES, Runbook.TRIAGE, Runbook.TABLE),
}


def anchor_of(heading: str) -> str:
    """A heading's anchor, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
