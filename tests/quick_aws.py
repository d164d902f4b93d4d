"""Takes out of moto and botocore what costs the tests most and decides nothing, for as long as a block lasts.

A run makes some hundred calls, and the runs are counted by ten thousands: a quarter of their time goes into looking up
names that never change, and into writing attribute values field by field that are already as DynamoDB writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

from botocore.useragent import UserAgentString
from moto.core import responses
from moto.core.serialize import JSONSerializer

ATTRIBUTE_VALUE = "AttributeValue"


@contextmanager
def quick_aws() -> Iterator[None]:
    """Calls in this process at three quarters of their price."""
    with ExitStack() as stack:
        for name in ("camelcase_to_underscores", "method_names_from_class"):
            stack.enter_context(patch.object(responses, name, cache(getattr(responses, name))))
        stack.enter_context(patch.object(UserAgentString, "to_string", lambda _: "tests"))
        stack.enter_context(
            patch.object(JSONSerializer, "_serialize_type_structure", _as_it_is(JSONSerializer))
        )
        yield


def _as_it_is(serializer: type[JSONSerializer]) -> Callable[..., None]:
    """Its way with a structure, but for attribute values that are plain: these are taken as they are."""
    in_full = serializer._serialize_type_structure

    def serialize(self: JSONSerializer, serialized: Any, value: Any, shape: Any, key: str) -> None:
        match value:
            case {"S": str()} | {"N": str()} | {"BOOL": bool()} if shape.name == ATTRIBUTE_VALUE:
                serialized[key] = value
            case _:
                in_full(self, serialized, value, shape, key)

    return serialize
