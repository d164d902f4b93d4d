"""Reads off what AWS would bill: every invocation of a function, every call that it makes, every line that it logs."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import IO, Any
from unittest.mock import patch

import botocore.session

from bench.cost.request_units import Index, Item, read_units, write_units
from tests.simulation.aws_in_process import TABLE
from tests.simulation.desk_on_moto import Desk, desk_on_moto
from tests.simulation.faults import Injector
from tests.simulation.lambdas import HANDLERS, Lambdas

# The jobs that the simulation has no part for, and the bill has.
ALSO_RUN = {"OperateWatch": "functions.operate.handler", "RefreshFeed": "functions.notify.refresh_feed"}
WRITES = {"PutItem", "UpdateItem", "DeleteItem"}


@dataclass(slots=True)
class Use:
    """What was used: calls by function and name (`Triage: dynamodb GetItem`), units, and bytes of logs."""

    invocations: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    write_units: float = 0
    read_units: float = 0
    log_bytes: int = 0
    log_lines: int = 0
    put_bytes: int = 0
    """Of what was put into buckets."""

    def __add__(self, other: Use) -> Use:
        return self._with(other, 1)

    def __sub__(self, other: Use) -> Use:
        return self._with(other, -1)

    def __mul__(self, times: float) -> Use:
        return Use()._with(self, times)

    def _with(self, other: Use, times: float) -> Use:
        return Use(
            **{
                name: _sum(getattr(self, name), getattr(other, name), times)
                for name in Use.__dataclass_fields__
            }
        )

    def as_json(self) -> dict[str, Any]:
        """With what is not there left out, rounded so that a float's last digit is no news."""
        fields = {name: getattr(self, name) for name in Use.__dataclass_fields__}
        return {
            name: {key: round(number, 4) for key, number in sorted(value.items()) if number}
            if isinstance(value, Counter)
            else round(value, 4)
            for name, value in fields.items()
        }

    @classmethod
    def of_json(cls, read: Mapping[str, Any]) -> Use:
        """The other way round."""
        fields: dict[str, Any] = {
            name: Counter(value) if isinstance(value, dict) else value for name, value in read.items()
        }
        return cls(**fields)


def _sum(one: Any, other: Any, times: float) -> Any:
    if not isinstance(one, Counter):
        return one + times * other
    names = one.keys() | other.keys()
    return Counter({name: one[name] + times * other[name] for name in names})


@dataclass(slots=True)
class Meter:
    """Counts for as long as a function runs; `series` are the metrics that have been told, with their dimensions."""

    desk: Desk | None = None
    used: Use = field(default_factory=Use)
    series: set[str] = field(default_factory=set)
    _function: str | None = None
    _indexes: tuple[Index, ...] = ()

    def taken(self) -> Use:
        """What was used since the last time."""
        used, self.used = self.used, Use()
        return used

    def start(self, desk: Desk) -> None:
        """Begin to count at this desk."""
        self.desk = desk
        table = desk.aws.client("dynamodb").describe_table(TableName=TABLE)["Table"]
        self._indexes = tuple(map(Index.described, table["GlobalSecondaryIndexes"]))

    def hook(self, session: botocore.session.Session) -> None:
        """See the calls of the clients that the session makes from now on."""
        register: Any = session.register
        register("before-parameter-build", self._before)
        register("after-call", self._after)

    def invoke(self, invoked: Any, lambdas: Lambdas, function: str, event: Any, **options: Any) -> Any:
        """One invocation, in place of `Lambdas.invoke`."""
        outer, self._function = self._function, function
        begins = lambdas.log.tell()
        try:
            return invoked(lambdas, function, event, **options)
        finally:
            self._function = outer
            self.used.invocations[function] += 1
            lines = lambdas.log.getvalue()[begins:].splitlines()
            self.used.log_lines += len(lines)
            self.used.log_bytes += sum(len(line.encode()) for line in lines)
            for line in lines:
                self.series |= set(_series(function, line))

    def _before(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        if self._function is None or self.desk is None:
            return
        service = model.service_model.service_name
        self.used.calls[f"{self._function}: {service} {model.name}"] += 1
        if service == "dynamodb":
            written = list(items_written(model.name, params))
            context["metered"] = params, [(key, self._item(key)) for key in written]
        if (service, model.name) == ("s3", "PutObject"):
            self.used.put_bytes += _length(params.get("Body", b""))

    def _after(self, model: Any, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        if "metered" not in context:
            return
        params, before = context.pop("metered")
        transaction = model.name.startswith("Transact")
        for key, old in before:
            self.used.write_units += write_units(old, self._item(key), self._indexes, transaction=transaction)
        consistent = bool(params.get("ConsistentRead"))
        match model.name:
            case "GetItem":
                self.used.read_units += read_units([parsed.get("Item", {})], consistent=consistent)
            case "Query":
                self.used.read_units += read_units(parsed.get("Items", []), consistent=consistent)
            case "BatchGetItem":
                items = parsed.get("Responses", {}).get(TABLE, [])
                consistent = bool(params["RequestItems"][TABLE].get("ConsistentRead"))
                self.used.read_units += read_units(items, consistent=consistent, each=True)
            case "TransactGetItems":
                items = [one.get("Item", {}) for one in parsed.get("Responses", [])]
                self.used.read_units += 2 * read_units(items, consistent=True, each=True)

    def _item(self, key: Item) -> Item | None:
        if self.desk is None:
            return None
        function, self._function = self._function, None
        try:
            found: Item | None = (
                self.desk.aws.client("dynamodb")
                .get_item(TableName=TABLE, Key=dict(key), ConsistentRead=True)
                .get("Item")
            )
        finally:
            self._function = function
        return found


def _length(body: bytes | str | IO[bytes]) -> int:
    if isinstance(body, str | bytes):
        return len(body)
    at = body.tell()
    end = body.seek(0, os.SEEK_END)
    body.seek(at)
    return end - at


def items_written(name: str, params: Mapping[str, Any]) -> Iterator[Item]:
    """The keys of all items that a call writes or whose condition it checks."""
    if name in WRITES:
        yield _key(params)
    elif name == "TransactWriteItems":
        for act in params["TransactItems"]:
            ((_, told),) = act.items()
            yield _key(told)
    elif name == "BatchWriteItem":
        for requests in params["RequestItems"].values():
            for request in requests:
                ((_, told),) = request.items()
                yield _key(told)


def _key(told: Mapping[str, Any]) -> Item:
    whole = told.get("Key") or told["Item"]
    return {"pk": whole["pk"], "sk": whole["sk"]}


def _series(function: str, line: str) -> Iterator[str]:
    """The metrics that a line of a function's log tells in the embedded metric format, with their dimensions.

    Each function tells them as its own service; here all share a process, and with it one service's name.
    """
    try:
        told = json.loads(line)
    except ValueError:
        return
    for directive in told.get("_aws", {}).get("CloudWatchMetrics", []) if isinstance(told, dict) else []:
        for dimensions in directive["Dimensions"]:
            others = [f"{name}={told[name]}" for name in sorted(dimensions) if name != "service"]
            for metric in directive["Metrics"]:
                yield " ".join([function, metric["Name"], *others])


@contextmanager
def metered_desk() -> Iterator[tuple[Desk, Meter]]:
    """The desk of the simulation with a meter on it."""
    meter, hook, invoke = Meter(), Injector.hook, Lambdas.invoke

    def hooked(injector: Injector, session: botocore.session.Session) -> None:
        hook(injector, session)
        meter.hook(session)

    def invoked(lambdas: Lambdas, function: str, event: Any, **options: Any) -> Any:
        return meter.invoke(invoke, lambdas, function, event, **options)

    with ExitStack() as stack:
        stack.enter_context(patch.object(Injector, "hook", hooked))
        stack.enter_context(patch.object(Lambdas, "invoke", invoked))
        stack.enter_context(patch.dict(HANDLERS, ALSO_RUN))
        desk = stack.enter_context(desk_on_moto())
        desk.reset()
        meter.start(desk)
        yield desk, meter
