"""Plays Lambda: the real handlers, in sandboxes that a crash takes with it, and the log that would reach CloudWatch."""

from __future__ import annotations

import importlib
import io
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple, TextIO, cast
from unittest.mock import patch

from contact_desk.observability import logger, metrics
from tests.builders import LambdaContext
from tests.simulation.faults import Crash, Injector
from tests.simulation.versions import AT_HAND, Version

HANDLERS = {
    "Webhooks": "functions.ingest.handler",
    "Replay": "functions.ingest.replay",
    "CatchUp": "functions.ingest.catch_up",
    "ChannelHealth": "functions.ingest.channel_watch",
    "Canary": "functions.ingest.canary",
    "Report": "functions.report.handler",
    "Triage": "functions.triage.handler",
    "NotifyUrgent": "functions.notify.handler",
    "Notify": "functions.notify.handler",
    "Confirm": "functions.notify.confirm",
    "CopyAttachments": "functions.attachments.handler",
    "Operate": "functions.operate.handler",
    "SweepUnacknowledgedAlerts": "functions.sweep.unacknowledged_alerts",
    "SweepUnsentOutbox": "functions.sweep.unsent_outbox",
    "SweepUncopiedAttachments": "functions.sweep.uncopied_attachments",
    "SweepOrphans": "functions.sweep.orphans",
    "SweepDeadLetters": "functions.sweep.dead_letters",
    "SweepExpiredClaims": "functions.sweep.expired_claims",
    "SweepHourTotals": "functions.sweep.hour_totals",
    "SweepSurveys": "functions.sweep.surveys",
    "Survey": "functions.survey.handler",
    "DataDeletion": "functions.data_deletion.handler",
    "SweepBacklog": "functions.sweep.backlog",
    "SweepBroadcasts": "functions.sweep.broadcasts",
    "SweepRetention": "functions.sweep.retention",
    "SweepAuditSeals": "functions.sweep.audit_seals",
    "SweepBreachedClocks": "functions.sweep.breached_clocks",
}


SECONDS = {"CopyAttachments": 120.0}
"""How long an invocation lasts, where it is longer than half a minute."""


class InvocationFailedError(Exception):
    """The invocation raised, or its sandbox died: the caller got no answer."""


class Ended(NamedTuple):
    """One invocation that is over: of which function, by which version, and whether it failed."""

    function: str
    version: str
    failed: bool


def at_hand(_function: str, _worker: int) -> Version:
    """Every alias leads to the code at hand."""
    return AT_HAND


class Sandbox:
    """One execution environment: its own copy of the function's modules, and what they made in init."""

    def __init__(self, module: str) -> None:
        others = {name: sys.modules.pop(name) for name in _function_modules()}
        try:
            self._handler = importlib.import_module(module)
            own = [sys.modules.pop(name) for name in _function_modules()]
        finally:
            sys.modules.update(others)
        self.modules: dict[str, ModuleType] = {module.__name__: module for module in own}
        self._compositions = [module for module in own if module.__name__.endswith(".composition")]
        for composition in self._compositions:
            for loader in ("load_rules", "load_model"):
                if hasattr(composition, loader):
                    # Slow, and the same at every cold start.
                    setattr(composition, loader, cache(getattr(composition, loader)))

    @property
    def handle(self) -> Callable[[Any, LambdaContext], Any]:
        """The entry point."""
        entry: Callable[[Any, LambdaContext], Any] = self._handler.handle
        return entry

    def restart(self) -> None:
        """Forget what init made: the next invocation is a cold start."""
        for composition in self._compositions:
            for part in vars(composition).values():
                if hasattr(part, "cache_clear") and part.__module__ == composition.__name__:
                    part.cache_clear()


@dataclass(slots=True)
class Lambdas:
    """The functions of a desk. `log` is what they wrote; `errors` each exception that none of them handled.

    `version_for` is where a function's alias leads this worker now; `variables` are those of a function's environment
    that no other has.
    """

    injector: Injector
    log: io.StringIO = field(default_factory=io.StringIO)
    errors: list[str] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)
    sandboxes: dict[tuple[str, int, Version], Sandbox] = field(default_factory=dict)
    version_for: Callable[[str, int], Version] = at_hand
    variables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _requests: int = 0

    def reset(self, *, cold: bool = True) -> None:
        """An empty log, and where `cold` a cold start for all."""
        if cold:
            for sandbox in self.sandboxes.values():
                sandbox.restart()
        self.log.seek(0)
        self.log.truncate()
        self.errors.clear()
        self.ended.clear()
        self._requests = 0

    def sandbox(self, function: str, worker: int = 1, version: Version = AT_HAND) -> Sandbox:
        """The function's sandbox; a second worker has a second one, and so has another version."""
        if (function, worker, version) not in self.sandboxes:
            sandbox = _imported(HANDLERS[function], worker, version)
            self.sandboxes[function, worker, version] = sandbox
            sandbox.restart()
        return self.sandboxes[function, worker, version]

    def invoke(self, function: str, event: Any, *, worker: int = 1, watched: bool = True) -> Any:
        """One invocation; raises InvocationFailedError where no answer comes of it. No fault finds it unwatched."""
        version = self.version_for(function, worker)
        sandbox = self.sandbox(function, worker, version)
        self._requests += 1
        context = LambdaContext(
            function_name=function,
            aws_request_id=f"request-{self._requests}",
            seconds_left=SECONDS.get(function, 30.0),
        )
        variables = {"AWS_LAMBDA_FUNCTION_VERSION": version.name, **self.variables.get(function, {})}
        try:
            with (
                version.at_work(),
                patch.dict(os.environ, variables),
                self.injector.watching(function if watched else None),
                redirect_stdout(self.log),
                redirect_stderr(self.log),
            ):
                answer = sandbox.handle(event, context)
        except Crash:
            sandbox.restart()
            self.ended.append(Ended(function, version.name, failed=True))
            raise InvocationFailedError from None
        except Exception as error:  # noqa: BLE001 - whatever a function raises, Lambda catches and counts
            # Lambda's runtime writes what a function raises to its log, words and all.
            self.log.write(traceback.format_exc())
            self.errors.append(f"{function}: {type(error).__name__}: {error}")
            self.ended.append(Ended(function, version.name, failed=True))
            raise InvocationFailedError from None
        self.ended.append(Ended(function, version.name, failed=False))
        return answer


@contextmanager
def lambdas_on(injector: Injector) -> Iterator[Lambdas]:
    """The functions, whose logs go to `Lambdas.log` for as long as the block lasts."""
    lambdas = Lambdas(injector)
    ours = logging.getLogger(logger.name)
    handler = cast(logging.StreamHandler[TextIO], logger.registered_handler)
    stream, propagates = handler.stream, ours.propagate
    libraries = logging.StreamHandler(lambdas.log)
    handler.stream, ours.propagate = lambdas.log, False
    logging.getLogger().addHandler(libraries)
    try:
        yield lambdas
    finally:
        logging.getLogger().removeHandler(libraries)
        handler.stream, ours.propagate = stream, propagates
        metrics.clear_metrics()


@cache
def _imported(module: str, worker: int, version: Version) -> Sandbox:
    """One sandbox for all desks of this process: imports are the same for each, and slow."""
    with version.at_work():
        return Sandbox(module)


def _function_modules() -> list[str]:
    return [name for name in sys.modules if name.startswith("functions.")]
