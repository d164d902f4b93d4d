"""The logger and the metrics of every function: ids, counts and codes, never a person's words."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping

from aws_lambda_powertools import Logger, Metrics, single_metric
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger(log_uncaught_exceptions=False)
metrics = Metrics()
# An invocation that found nothing to do has nothing to count, and that is no news for the log.
warnings.filterwarnings("ignore", "No application metrics to publish", UserWarning)


def count(name: str, value: int = 1) -> None:
    """Add to a metric of the service; a count of nothing is not sent."""
    if value:
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def count_each(name: str, dimension: str, counts: Mapping[str, int]) -> None:
    """Count under a dimension whose values are few and known beforehand: `counts` maps each to its number."""
    for value, number in counts.items():
        with single_metric(name=name, unit=MetricUnit.Count, value=number) as metric:
            metric.add_dimension(name=dimension, value=value)


def count_faults(errors: Iterable[type[BaseException] | None]) -> None:
    """Count what an invocation could not do and answered for by itself, under the version of the function that ran it.

    Lambda's own count of errors has only what a function raises; a deploy is taken back by either. An error whose
    `is_fault` says no, because it speaks against no code, is left out.
    """
    if number := sum(getattr(error, "is_fault", True) for error in errors):
        count_each("Faults", "version", {os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"): number})


def gauge(name: str, value: int) -> None:
    """Tell the state of something, zero included."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def gauge_each(name: str, dimension: str, values: Mapping[str, int]) -> None:
    """The same under a dimension whose values are few and known beforehand, zero included."""
    count_each(name, dimension, values)
