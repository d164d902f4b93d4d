"""A parked delivery: the bytes that nobody could verify, with the headers that another secret may verify them by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from contact_desk.errors import MalformedMessageError

HEADER_CHARACTERS = 500
LARGEST_BYTES = 3 * 1024 * 1024  # what WhatsApp sends at most, the largest that any platform does


@dataclass(frozen=True, slots=True)
class ParkedDelivery:
    """The headers that speak of the signature, names in lower case, and the body as it came."""

    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def signature_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Those headers of a request by which it may be verified later; none where it was never signed."""
    return {
        name: value
        for name, value in headers.items()
        if "signature" in name and 0 < len(value) <= HEADER_CHARACTERS
    }


def to_bytes(delivery: ParkedDelivery) -> bytes:
    """The delivery as it is parked: one line of ASCII JSON, then the body."""
    return json.dumps({"headers": dict(delivery.headers)}).encode("ascii") + b"\n" + delivery.body


def from_bytes(parked: bytes) -> ParkedDelivery:
    """The delivery of what was parked; raises MalformedMessageError where it was not parked by `to_bytes`."""
    line, _, body = parked.partition(b"\n")
    try:
        headers = json.loads(line)["headers"]
        return ParkedDelivery({str(name): str(value) for name, value in headers.items()}, body)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise MalformedMessageError("the object holds no parked delivery") from None
