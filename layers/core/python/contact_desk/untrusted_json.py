"""JSON from outside, refused where it would stop a parser, before a parser sees it."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from contact_desk.errors import UnreadableJsonError

LARGEST_BODY = 6 * 1024 * 1024  # what Lambda itself lets in
DEEPEST = 100  # real payloads nest about ten deep
LONGEST_NUMBER = 400  # digits; the longest real one, an id, has about 20

STRINGS_AND_BRACKETS = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[][{}]', re.DOTALL)


def load_json(body: bytes) -> Any:
    """The JSON value of a body; raises UnreadableJsonError for anything else, whatever it is."""
    if len(body) > LARGEST_BODY:
        raise UnreadableJsonError("too_large")
    if _nests_too_deep(body):
        raise UnreadableJsonError("too_deep")
    try:
        return json.loads(body.decode("utf-8"), parse_int=_integer, parse_float=_float, parse_constant=_float)
    except UnicodeDecodeError:
        raise UnreadableJsonError("not_utf8") from None
    except (ValueError, RecursionError):
        raise UnreadableJsonError("not_json") from None


def _nests_too_deep(body: bytes) -> bool:
    if body.count(b"{") + body.count(b"[") <= DEEPEST:
        return False
    depth = 0
    for token in STRINGS_AND_BRACKETS.finditer(body):
        first = token.group()[:1]
        if first in b"[{":
            depth += 1
            if depth > DEEPEST:
                return True
        elif first in b"]}":
            depth -= 1
    return False


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise ValueError("a number of too many digits")
    return int(digits)


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number that JSON cannot write")
    return number
