"""Crash points: every call that a function makes to AWS or to a platform, numbered, and what can go wrong at each.

A crash is a BaseException, so that no `except Exception` can tidy up after it, as nothing tidies up in a sandbox that
is gone. Hooks sit at the edge of the SDK and of the HTTP client: all code above them is the code that ships.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

READS = ("Get", "BatchGet", "Query", "List", "Head", "GET ")
"""How the names of calls begin that change nothing: before and after are the same, and a lost reply is only time."""

# Services quote what they were sent: nothing of it may find its way into a log.
QUOTED = "what-a-service-quotes"
SERVICE_UNAVAILABLE: tuple[AWSResponse, Any] = (
    AWSResponse("https://aws.simulation.invalid", 503, HTTPHeaders(), None),
    {
        "Error": {"Code": "ServiceUnavailable", "Message": QUOTED},
        "ResponseMetadata": {"HTTPStatusCode": 503, "RetryAttempts": 1},
    },
)

FED_BY_QUEUES = frozenset({"Triage", "Replay", "NotifyUrgent", "Notify", "Confirm", "CopyAttachments"})


class Crash(BaseException):
    """The process that ran the function is gone."""


class FaultKind(StrEnum):
    """What goes wrong at one call."""

    CRASH_BEFORE = "crash before it"
    CRASH_AFTER = "crash after it"
    REPLY_LOST = "its reply lost"
    """It had its effect. AWS: the SDK sends it again. A platform: the caller waits in vain."""
    REFUSED = "refused"
    """The service says that it is busy or broken, and nothing of the call took effect."""
    DELAYED = "its reply lost and its effect late"
    """A platform only: the caller waits in vain, and looks too soon if it looks at once."""
    OVERTAKEN = "overtaken before it"
    """Another worker gets the same event and finishes before this worker goes on."""
    OVERTAKEN_AFTER = "overtaken after it"
    """The same, with the call's effect there and its reply still to come."""


@dataclass(frozen=True, slots=True)
class CallPoint:
    """One call: its number within the run, the function that made it, and its name (`dynamodb GetItem`)."""

    number: int
    function: str
    call: str

    @property
    def reads(self) -> bool:
        """Whether the call changes nothing."""
        return self.call.partition(" ")[2].startswith(READS)

    def faults(self) -> tuple[FaultKind, ...]:
        """What can happen to one worker at this call: the faults that differ in what they leave behind."""
        if self.reads:
            return (FaultKind.CRASH_BEFORE,)
        late = (FaultKind.DELAYED,) if self.call.startswith("graph POST") else ()
        return (FaultKind.CRASH_BEFORE, FaultKind.CRASH_AFTER, FaultKind.REPLY_LOST, *late)

    @property
    def shared(self) -> bool:
        """Whether a second worker can have the same event: a queue delivers at least once."""
        return self.function in FED_BY_QUEUES

    def __str__(self) -> str:
        return f"call {self.number} ({self.function}: {self.call})"


@dataclass(slots=True)
class Injector:
    """Numbers the calls of functions in the order of a run, and makes the planned ones go wrong.

    `plan` maps a call's number to its fault. `calls` is what was called, `struck` what went wrong. `overtake` is what
    the other worker does. Calls made while no function runs (the test's own) are not seen.
    """

    plan: Mapping[int, FaultKind] = field(default_factory=dict)
    calls: list[CallPoint] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    overtake: Callable[[], object] | None = None
    _function: str | None = None

    def begin(self, plan: Mapping[int, FaultKind]) -> None:
        """Start a run with its faults."""
        self.plan, self.calls, self.struck = dict(plan), [], []

    @contextmanager
    def watching(self, function: str | None) -> Iterator[None]:
        """See the calls of this function; of none where it is None."""
        outer, self._function = self._function, function
        try:
            yield
        finally:
            self._function = outer

    def before(self, call: str) -> int | None:
        """A call is about to be made: its number, None where nobody watches."""
        if self._function is None:
            return None
        point = CallPoint(len(self.calls), self._function, call)
        self.calls.append(point)
        if self._strikes(point.number, FaultKind.CRASH_BEFORE):
            raise Crash
        if self._strikes(point.number, FaultKind.OVERTAKEN) and self.overtake:
            self.overtake()
        return point.number

    def after(self, number: int | None) -> None:
        """The call has had its effect."""
        if self._strikes(number, FaultKind.CRASH_AFTER):
            raise Crash
        if self._strikes(number, FaultKind.OVERTAKEN_AFTER) and self.overtake:
            self.overtake()

    def delays(self, number: int | None) -> bool:
        """Whether the call takes effect late, and its caller never hears of it."""
        return self._strikes(number, FaultKind.DELAYED)

    def refuses(self, number: int | None) -> bool:
        """Whether the service refuses the call."""
        return self._strikes(number, FaultKind.REFUSED)

    def loses_reply(self, number: int | None) -> bool:
        """Whether the reply to this call gets lost on its way."""
        return self._strikes(number, FaultKind.REPLY_LOST)

    def _strikes(self, number: int | None, kind: FaultKind) -> bool:
        if number is None or self.plan.get(number) is not kind:
            return False
        self.struck.append(f"{kind.value}: {self.calls[number]}")
        return True

    def hook(self, session: botocore.session.Session) -> None:
        """Watch the clients that the session makes from now on."""

        def before_call(model: Any, context: dict[str, Any], **_: Any) -> tuple[AWSResponse, Any] | None:
            number = self.before(f"{model.service_model.service_name} {model.name}")
            context["call_point"] = number
            return SERVICE_UNAVAILABLE if self.refuses(number) else None

        def after_call(context: dict[str, Any], **_: Any) -> None:
            self.after(context.get("call_point"))

        def needs_retry(request_dict: dict[str, Any], attempts: int, **_: Any) -> int | None:
            lost = attempts == 1 and self.loses_reply(request_dict["context"].get("call_point"))
            return 0 if lost else None

        register: Any = session.register
        register("before-call", before_call)
        register("after-call", after_call)
        register("needs-retry", needs_retry)
