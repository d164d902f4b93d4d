"""Who comes by the front door is let in, and nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from contact_desk.errors import SecretUnavailableError
from contact_desk.observability import metrics
from functions.origin.handler import came_by_the_front_door
from functions.origin.settings import HEADER
from tests.builders import http_event


class Versions:
    """A secret with these versions; none at all is one that cannot be read."""

    def __init__(self, *keys: str) -> None:
        self._versions = tuple({"key": key} for key in keys)

    def versions(self, max_age: timedelta | None = None) -> tuple[Mapping[str, Any], ...]:
        if not self._versions:
            raise SecretUnavailableError("not there")
        return self._versions


@pytest.fixture(autouse=True)
def no_counts_are_left() -> None:
    metrics.clear_metrics()


def asked_with(given: str | None, secret: Versions) -> bool:
    headers = {} if given is None else {HEADER: given}
    return came_by_the_front_door(http_event("GET", "/report", headers=headers), secret)


@pytest.mark.parametrize("given", ["new", "old"])
def test_the_current_secret_and_the_one_before_it_open(given: str) -> None:
    assert asked_with(given, secret=Versions("new", "old"))


@pytest.mark.parametrize("given", ["", "other", "newer", "ne", "n\u00e9w"])
def test_nothing_else_opens(given: str) -> None:
    assert not asked_with(given, secret=Versions("new", "old"))
    assert "OriginRefused" in metrics.metric_set


def test_an_empty_secret_opens_nothing() -> None:
    assert not asked_with("", secret=Versions(""))
    assert not asked_with(None, secret=Versions(""))


def test_while_no_secret_can_be_read_people_are_let_in_and_it_is_counted() -> None:
    assert asked_with("anything", secret=Versions())
    assert "OriginSecretUnread" in metrics.metric_set
