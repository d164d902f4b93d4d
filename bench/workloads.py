"""One process of the benchmark: start a function, call it warm, print the processor time of one call.

`python -m bench.workloads NAME --calls N`: with 0 calls it only starts.
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import json
import os
import time
import uuid
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

Event = dict[str, Any]


class Workload(NamedTuple):
    """What is called warm, and how an event for one call is made; the making does not count."""

    event: Callable[[], Event]
    call: Callable[[Event], object]


WARM_UP_CALLS = 5
PAGE = "104728361905512"


def webhooks() -> Workload:
    """One signed Messenger message."""
    handler, builders = _module("functions.ingest.handler"), _module("tests.builders")
    account = _module("bench.account")

    def event() -> Event:
        item = builders.message("when is the station open?", mid=_new("m"), sender=_new("p"))
        delivery = builders.messenger_delivery(item, page=PAGE)
        made: Event = builders.meta_event(delivery, app_secret=account.APP_SECRET)
        return made

    return _with(handler, event)


def replay() -> Workload:
    """One archived delivery of one message."""
    handler, builders = _module("functions.ingest.replay"), _module("tests.builders")
    archive_keys, pointers = _module("contact_desk.archive_keys"), _module("contact_desk.pointers")
    s3 = _module("boto3").client("s3")

    def event() -> Event:
        item = builders.message("when is the station open?", mid=_new("m"), sender=_new("p"))
        body = json.dumps(builders.messenger_delivery(item, page=PAGE)).encode()
        key = archive_keys.archive_key("meta", body, 1, datetime.now(UTC))
        s3.put_object(Bucket=os.environ["ARCHIVE_BUCKET_NAME"], Key=key, Body=body)
        made: Event = builders.sqs_event(pointers.replay_message(key))
        return made

    return _with(handler, event)


def report() -> Workload:
    """One online report."""
    handler, builders = _module("functions.report.handler"), _module("tests.builders")
    return _with(
        handler,
        lambda: builders.http_event("POST", "/reports", body=builders.report(report_id=str(uuid.uuid4()))),
    )


def triage() -> Workload:
    """A batch of one new contact of a new person."""
    return _triage(1)


def triage_of_ten() -> Workload:
    """A batch of ten new contacts of ten new people."""
    return _triage(10)


def notify() -> Workload:
    """One operator alert, from claim to publication."""
    handler, builders = _module("functions.notify.handler"), _module("tests.builders")
    table = _table()
    items, outbox, pointers = (
        _module(f"contact_desk.{name}") for name in ("stores.items", "outbox", "pointers")
    )
    alert = builders.alert()
    table.attempt(table.put(items.alert_item(alert)))

    def event() -> Event:
        item = builders.outbox_item(
            outbox.OutboxKind.OPERATOR_ALERT,
            cause=_new("cause"),
            target=alert.alert_id,
            text="opened",
            channel="operator_alerts",
        )
        table.attempt(table.put(items.outbox_item(item)))
        made: Event = builders.sqs_event(pointers.nudge_message(item.outbox_id))
        return made

    return _with(handler, event)


def confirm() -> Workload:
    """One echo of what another tool wrote, to a person the desk does not know."""
    handler, builders = _module("functions.notify.confirm"), _module("tests.builders")
    confirmations = _module("contact_desk.confirmations")

    def event() -> Event:
        moment = datetime.now(UTC)
        echo = confirmations.Confirmation(
            kind=confirmations.ConfirmationKind.ECHO,
            channel="messenger",
            account=PAGE,
            native_id=_new("m"),
            person=_new("p"),
            metadata=None,
            app_id=None,
            occurred_at=moment,
            received_at=moment,
        )
        made: Event = builders.sqs_event(confirmations.to_message(echo))
        return made

    return _with(handler, event)


def operate() -> Workload:
    """The list of cases."""
    handler, builders = _module("functions.operate.handler"), _module("tests.builders")

    def event() -> Event:
        made: Event = builders.http_event("GET", "/desk/cases")
        claims = {"sub": "s-1", "name": "Ola", "cognito:groups": "[operator]"}
        made["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
        return made

    return _with(handler, event)


def sweep_unsent_outbox() -> Workload:
    """A run that finds nothing."""
    return _with(_module("functions.sweep.unsent_outbox"), dict)


def attachments() -> Workload:
    """One record that nobody knows: the claim alone, since what a fetch takes is not ours to measure."""
    handler, builders = _module("functions.attachments.handler"), _module("tests.builders")
    pointers = _module("contact_desk.pointers")

    def event() -> Event:
        made: Event = builders.sqs_event(pointers.attachments_message(_new("a")))
        return made

    return _with(handler, event)


def sweep_uncopied_attachments() -> Workload:
    """A run that finds nothing."""
    return _with(_module("functions.sweep.uncopied_attachments"), dict)


def sweep_unacknowledged_alerts() -> Workload:
    """A run that finds nothing."""
    return _with(_module("functions.sweep.unacknowledged_alerts"), dict)


def sweep_orphans() -> Workload:
    """A run over an empty hour."""
    return _with(_module("functions.sweep.orphans"), dict)


def sweep_expired_claims() -> Workload:
    """A run that finds nothing."""
    return _with(_module("functions.sweep.expired_claims"), dict)


def sweep_dead_letters() -> Workload:
    """A run over one empty queue."""
    return _with(_module("functions.sweep.dead_letters"), dict)


def one_boto3_put() -> Workload:
    """The baseline: one small item put by boto3."""
    client = _module("boto3").client("dynamodb")
    return Workload(
        lambda: {"pk": {"S": _new("bench")}, "sk": {"S": "put"}},
        lambda item: client.put_item(TableName=os.environ["TABLE_NAME"], Item=item),
    )


class Function(NamedTuple):
    """A function as the benchmark knows it: the module whose import is its cold start, and its warm workload."""

    module: str
    workload: Callable[[], Workload]


WORKLOADS = {
    "webhooks, 1 message": Function("functions.ingest.handler", webhooks),
    "replay, 1 delivery": Function("functions.ingest.replay", replay),
    "report, 1 report": Function("functions.report.handler", report),
    "triage, 1 contact": Function("functions.triage.handler", triage),
    "triage, 10 contacts": Function("functions.triage.handler", triage_of_ten),
    "notify, 1 alert": Function("functions.notify.handler", notify),
    "confirm, 1 echo": Function("functions.notify.confirm", confirm),
    "attachments, none to copy": Function("functions.attachments.handler", attachments),
    "operate, list of cases": Function("functions.operate.handler", operate),
    "sweep, unsent outbox": Function("functions.sweep.unsent_outbox", sweep_unsent_outbox),
    "sweep, uncopied attachments": Function(
        "functions.sweep.uncopied_attachments", sweep_uncopied_attachments
    ),
    "sweep, alerts": Function("functions.sweep.unacknowledged_alerts", sweep_unacknowledged_alerts),
    "sweep, orphans": Function("functions.sweep.orphans", sweep_orphans),
    "sweep, expired claims": Function("functions.sweep.expired_claims", sweep_expired_claims),
    "sweep, dead letters": Function("functions.sweep.dead_letters", sweep_dead_letters),
}
BASELINE = "one boto3 put"


def main() -> None:
    """Start, and call as often as asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.workloads")
    parser.add_argument("name", choices=(BASELINE, *WORKLOADS))
    parser.add_argument("--calls", type=int, required=True)
    options = parser.parse_args()
    if not options.calls and options.name != BASELINE:
        importlib.import_module(WORKLOADS[options.name].module)
        return
    event, call = one_boto3_put() if options.name == BASELINE else WORKLOADS[options.name].workload()
    if not options.calls:
        call(event())
        return
    warm_up = [event() for _ in range(WARM_UP_CALLS)]
    events = [event() for _ in range(options.calls)]
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        for made in warm_up:
            call(made)
        began = time.process_time()
        for made in events:
            call(made)
        spent = time.process_time() - began
    print(spent / options.calls)


def _with(handler: Any, event: Callable[[], Event]) -> Workload:
    context = _module("tests.builders").LambdaContext()
    return Workload(event, lambda made: handler.handle(made, context))


def _triage(contacts: int) -> Workload:
    handler, builders = _module("functions.triage.handler"), _module("tests.builders")
    people, messages = _module("contact_desk.contacts"), _module("contact_desk.contact_message")

    def event() -> Event:
        bodies = [
            messages.to_message(
                builders.contact(
                    "when is the station open?",
                    native_id=_new("m"),
                    person=people.Person(_new("p")),
                    received_at=datetime.now(UTC),
                )
            )
            for _ in range(contacts)
        ]
        made: Event = builders.sqs_event(*bodies)
        return made

    return _with(handler, event)


def _table() -> Any:
    clients, dynamo = _module("contact_desk.stores.aws_clients"), _module("contact_desk.stores.dynamo")
    return dynamo.Table(clients.dynamodb_client(), os.environ["TABLE_NAME"])


def _module(name: str) -> Any:
    return importlib.import_module(name)


_numbers = itertools.count(1)
_run = uuid.uuid4().hex


def _new(what: str) -> str:
    return f"{what}-{_run}-{next(_numbers)}"


if __name__ == "__main__":
    main()
