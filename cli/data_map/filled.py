"""A record of a type with everything in it that may be in it, made from the type alone."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
MOMENT = datetime(2026, 11, 2, 12, tzinfo=UTC)
PLAIN: Mapping[type, Any] = {
    str: "0",
    int: 1,
    float: 1.0,
    bool: True,
    bytes: b"0",
    datetime: MOMENT,
    date: MOMENT.date(),
    timedelta: timedelta(seconds=1),
}


def filled(kind: type[T], /, **given: Any) -> T:
    """An instance of a dataclass, every field of it set; `given` are set as they are."""
    hints = get_type_hints(kind)
    fields = dataclasses.fields(kind)  # type: ignore[arg-type]
    values = {one.name: _value(hints[one.name]) for one in fields if one.init and one.name not in given}
    return kind(**values, **given)


def _value(hint: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return _value(next(one for one in arguments if one is not type(None)))
    if origin is not None:
        return {} if issubclass(origin, Mapping) else tuple(map(_value, arguments[:1]))
    return PLAIN[hint] if hint in PLAIN else _made(hint)


def _made(kind: Any) -> Any:
    if not isinstance(kind, type) or kind is object:
        return {}
    if issubclass(kind, Enum):
        return next(iter(kind))
    if issubclass(kind, tuple):
        return kind(*map(_value, get_type_hints(kind).values()))
    return filled(kind) if dataclasses.is_dataclass(kind) else kind()
