"""Plays CloudWatch: counts by the minute, and a template's alarms as they are evaluated over them.

Its rules: a period is a sum over its minutes; an alarm looks at its last so many periods, and rings when enough of them
breach; a period without data is what the alarm says that it is.
"""

from __future__ import annotations

import json
import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Dimensions = frozenset[tuple[str, str]]
BREACHES: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}
MISSING = {"breaching": True, "notBreaching": False}


@dataclass(slots=True)
class Metrics:
    """What was counted: the sum of each minute, by namespace, name and all its dimensions."""

    sums: defaultdict[tuple[str, str, Dimensions], dict[int, float]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def add(
        self, namespace: str, name: str, dimensions: Mapping[str, str], value: float, *, minute: int
    ) -> None:
        """One more."""
        minutes = self.sums[namespace, name, frozenset(dimensions.items())]
        minutes[minute] = minutes.get(minute, 0.0) + value

    def read_log(self, lines: Iterable[str], *, minute: int) -> None:
        """What functions have counted in their log, in CloudWatch's embedded format."""
        for line in lines:
            if '"_aws"' not in line:
                continue
            told: dict[str, Any] = json.loads(line)
            for directive in told["_aws"]["CloudWatchMetrics"]:
                for names in directive["Dimensions"]:
                    dimensions = {name: str(told[name]) for name in names}
                    for metric in directive["Metrics"]:
                        values = told[metric["Name"]]
                        total = sum(values) if isinstance(values, list) else values
                        self.add(directive["Namespace"], metric["Name"], dimensions, total, minute=minute)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm of a template; `resolve` says what an expression in it stands for."""

    properties: Mapping[str, Any]
    resolve: Callable[[Any], str]

    def rings(self, metrics: Metrics, *, minute: int) -> bool:
        """Whether it does once the minute is over."""
        of, period = self.properties, self.properties["Period"] // 60
        assert of["Statistic"] == "Sum"
        wanted = frozenset((one["Name"], self.resolve(one["Value"])) for one in of["Dimensions"])
        counted = metrics.sums.get((of["Namespace"], of["MetricName"], wanted), {})
        breaching = 0
        for back in range(of["EvaluationPeriods"]):
            last = minute - back * period
            values = [counted[at] for at in range(last - period + 1, last + 1) if at in counted]
            breaching += (
                BREACHES[of["ComparisonOperator"]](sum(values), of["Threshold"])
                if values
                else MISSING[of["TreatMissingData"]]
            )
        return bool(breaching >= of.get("DatapointsToAlarm", of["EvaluationPeriods"]))
