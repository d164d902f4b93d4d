"""A bad deploy goes back by its alarms: the real handlers go wrong, their counts ring the template's own alarms.

CodeDeploy and CloudWatch are played by the template (`code_deploy.py`, `cloudwatch.py`); what a version that goes wrong
answers, raises and counts is that of the handlers that ship.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from importlib import import_module
from typing import Any
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError

from tests.builders import http_event
from tests.infra.assembly import Assembly
from tests.infra.code_deploy import LATE_MINUTES, Deploy
from tests.proving import PROVING, Share
from tests.simulation.desk_on_moto import Desk, desk_on_moto, steered
from tests.simulation.lambdas import InvocationFailedError, at_hand
from tests.simulation.promises import broken_promises
from tests.simulation.shifting import MINUTES, Load, Shift
from tests.simulation.test_call_counts import typical_event
from tests.simulation.versions import AT_HAND, ROOT, Version

SEED = 1_012
NEW = "2"
# What a function does its work by: the version that has a mistake in it raises there.
WORKS_BY = {
    "Webhooks": "functions.ingest.webhooks.read_delivery",
    "Replay": "functions.ingest.replay.take_in_again",
    "Report": "functions.report.reports.take_in",
    "Triage": "functions.triage.desk.TriageDesk.take",
    "Notify": "functions.notify.dispatch.Dispatcher.dispatch",
    "NotifyUrgent": "functions.notify.dispatch.Dispatcher.dispatch",
    "Confirm": "functions.notify.confirm.match",
    "CopyAttachments": "functions.attachments.copying.Copier.copy",
    "Operate": "functions.operate.routes.cases.answer",
    "Survey": "functions.survey.question._chosen",
    "DataDeletion": "functions.data_deletion.requests.signed_part",
}


# What is wrong with the new version of a function, in `make test`; in the proof each is with each.
IN_TEST = {"Webhooks": "lacks a right", "Triage": "has a mistake", "NotifyUrgent": "lacks a setting"}
# Of the same handler as another one.
ALIKE = {"OperateWatch": "Operate"}
Plant = Callable[[Desk, Version], AbstractContextManager[None]]


class MistakeError(Exception):
    """What a mistake in the code raises."""


class RefusesAll:
    """A client of AWS whose role lacks every right."""

    def __getattr__(self, call: str) -> Callable[..., Any]:
        def refuse(**_: Any) -> Any:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, call)

        return refuse


@contextmanager
def lacks_a_setting(_: Desk, version: Version) -> Iterator[None]:
    """It dies when it starts."""
    with version.at_work():
        settings = import_module("contact_desk.settings")
    missing = settings.MissingSettingError("a variable that nobody has set")
    with patch.object(settings, "read_settings", side_effect=missing):
        yield


@contextmanager
def lacks_a_right(_: Desk, version: Version) -> Iterator[None]:
    """It calls what its role may not call."""
    with version.at_work(), ExitStack() as stack:
        clients = import_module("contact_desk.stores.aws_clients")
        for name in vars(clients):
            if name.endswith("_client"):
                stack.enter_context(patch.object(clients, name, RefusesAll))
        yield


@contextmanager
def has_a_mistake(desk: Desk, version: Version) -> Iterator[None]:
    """It raises in the middle of its work."""
    with ExitStack() as stack:
        for function, place in WORKS_BY.items():
            modules = desk.lambdas.sandbox(function, version=version).modules
            name = next(name for name in sorted(modules, reverse=True) if place.startswith(f"{name}."))
            *owners, attribute = place.removeprefix(f"{name}.").split(".")
            owner: Any = modules[name]
            for each in owners:
                owner = getattr(owner, each)
            stack.enter_context(patch.object(owner, attribute, side_effect=MistakeError))
        yield


BAD: Mapping[str, Plant] = {
    "lacks a setting": lacks_a_setting,
    "lacks a right": lacks_a_right,
    "has a mistake": has_a_mistake,
}


@pytest.fixture(scope="module")
def standing() -> Iterator[Desk]:
    with desk_on_moto() as desk:
        yield desk


@pytest.fixture
def bad(request: pytest.FixtureRequest, standing: Desk) -> Iterator[Version]:
    """A version with something wrong with it, by the desk's clock."""
    version = Version(NEW, ROOT)
    standing.reset()
    with ExitStack() as stack:
        with version.at_work():
            stack.enter_context(steered(standing.clock, standing.ids))
        stack.enter_context(BAD[request.param](standing, version))
        yield version
    standing.lambdas.version_for, standing.lambdas.variables = at_hand, {}


def event_for(desk: Desk, handler: str) -> dict[str, Any]:
    if handler == "Survey":  # to show its question it calls nobody
        return http_event("POST", f"/survey/{'0' * 26}", body=b"answer=101")
    return typical_event(desk, handler)


def called_once(desk: Desk, deploy: Deploy, handler: str, version: Version) -> None:
    """One ordinary call, which goes to this version, and what CloudWatch hears of it."""
    desk.lambdas.version_for = at_hand
    desk.reset(cold=False)
    event = event_for(desk, handler)
    desk.lambdas.reset(cold=False)
    desk.lambdas.version_for = lambda *_: version
    desk.lambdas.variables = {handler: deploy.variables}
    with suppress(InvocationFailedError):
        desk.lambdas.invoke(handler, event)
    (ended,) = desk.lambdas.ended
    deploy.hears(ended._replace(function=deploy.name), minute=1)
    deploy.metrics.read_log(desk.lambdas.log.getvalue().splitlines(), minute=1)


@pytest.mark.parametrize("bad", BAD, indirect=True)
def test_whatever_is_wrong_with_a_version_one_call_of_it_rings_an_alarm_of_its_deploy(
    example_desk: Assembly, standing: Desk, bad: Version
) -> None:
    silent = []
    for name in [*WORKS_BY, *ALIKE]:
        deploy, handler = Deploy(example_desk, name, NEW), ALIKE.get(name, name)
        called_once(standing, deploy, handler, bad)
        if not deploy.ringing(minute=1):
            silent.append(name)
    assert silent == []


def test_a_version_with_nothing_wrong_with_it_rings_no_alarm_of_its_deploy(
    example_desk: Assembly, standing: Desk
) -> None:
    for name in [*WORKS_BY, *ALIKE]:
        deploy = Deploy(example_desk, name, AT_HAND.name)
        called_once(standing, deploy, ALIKE.get(name, name), AT_HAND)
        assert deploy.ringing(minute=1) == [], name
    standing.lambdas.variables = {}


@pytest.mark.parametrize(
    ("name", "bad"),
    [(name, bad) for name, usual in IN_TEST.items() for bad in (BAD if PROVING else (usual,))],
    indirect=["bad"],
)
def test_a_bad_deploy_under_a_load_is_back_within_minutes_and_loses_nobody(
    example_desk: Assembly, standing: Desk, bad: Version, name: str, share: Share
) -> None:
    standing.reset()
    chance = random.Random(SEED)
    deploy, load = Deploy(example_desk, name, NEW), Load(chance, share(3, 6), questions=False)
    shift = Shift(AT_HAND, bad, chance, only=frozenset({name}))
    standing.lambdas.version_for, standing.lambdas.variables = shift.version_for, {name: deploy.variables}
    first_met = None
    for minute in range(MINUTES):
        deploy.begins(minute)
        shift.share = deploy.share
        heard, read = len(standing.lambdas.ended), standing.lambdas.log.tell()
        load.arrives(standing)
        standing.minute()
        for ended in standing.lambdas.ended[heard:]:
            deploy.hears(ended, minute=minute)
            if ended.version == NEW and first_met is None:
                first_met = minute
        deploy.metrics.read_log(standing.lambdas.log.getvalue()[read:].splitlines(), minute=minute)
        deploy.ends(minute)
        if deploy.taken_back is not None and share(1, 0):
            break
    standing.rest()

    assert first_met is not None
    assert deploy.taken_back is not None
    assert deploy.taken_back - first_met <= LATE_MINUTES
    worked = [one.version for one in standing.lambdas.ended if one.function == name]
    assert worked[-1] == AT_HAND.name
    failures = [error for error in standing.lambdas.errors if not error.startswith(name)]
    standing.lambdas.errors[:] = failures
    assert broken_promises(standing, load.story()) == []
