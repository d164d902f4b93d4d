"""The Graph API's `fields` parameter: `messages.limit(5){id,message},link` picks fields, at any depth."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local.platforms.graph_errors import bad_parameter, unknown_field

WORD = re.compile(r"\s*(?:[A-Za-z_]\w*|\.\w+\([^(){}]*\)|[{},])", re.ASCII)
LIMIT = re.compile(r"\.limit\((\d{1,4})\)")
BAD_SYNTAX = "Syntax error in the fields parameter"
DEEPEST = 5
DEFAULT_PAGE = 25


@dataclass(slots=True)
class Pick:
    """One field asked for, with how many entries of it (`limit`) and which of their fields."""

    limit: int = DEFAULT_PAGE
    fields: dict[str, Pick] = field(default_factory=dict)


def parse_fields(text: str) -> dict[str, Pick]:
    """Read a `fields` parameter; raises GraphRefusedError (100) where the syntax is wrong."""
    return _parse(_words(text.strip()), depth=0)


def _words(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        match = WORD.match(text, at)
        if match is None:
            raise bad_parameter(BAD_SYNTAX)
        yield match.group().strip()
        at = match.end()


def _parse(words: Iterator[str], depth: int) -> dict[str, Pick]:
    picks: dict[str, Pick] = {}
    current: Pick | None = None
    for word in words:
        if word == "}":
            if depth:
                return picks
            raise bad_parameter(BAD_SYNTAX)
        if word == ",":
            current = None
        elif word.isidentifier():
            current = picks.setdefault(word, Pick())
        elif current is None or depth == DEEPEST:
            raise bad_parameter(BAD_SYNTAX)
        elif word == "{":
            current.fields = _parse(words, depth + 1)
        elif limit := LIMIT.fullmatch(word):
            current.limit = int(limit[1])
    if depth:
        raise bad_parameter(BAD_SYNTAX)
    return picks


def pick_fields(picks: Mapping[str, Pick], value: Mapping[str, Any], node: str) -> dict[str, Any]:
    """The fields asked for of one object (those of an edge's entries default to `created_time`), and always its `id`.

    A list among them is an edge: it is given as `{"data": […]}`, at most `limit` entries of it. A field that is None
    is left out, as the Graph API leaves out what is empty. Raises GraphRefusedError (100) for a field that this kind
    of `node` does not have.
    """
    picked: dict[str, Any] = {}
    for name, pick in picks.items():
        if name not in value:
            raise unknown_field(name, node)
        inner = value[name]
        if isinstance(inner, list):
            fields = pick.fields or {"created_time": Pick()}
            picked[name] = edge(
                [pick_fields(fields, entry, node) for entry in inner[: pick.limit]],
                more=len(inner) > pick.limit,
            )
        elif isinstance(inner, Mapping) and pick.fields:
            picked[name] = pick_fields(pick.fields, inner, node)
        elif inner is not None:
            picked[name] = inner
    return {**picked, "id": value["id"]} if "id" in value else picked


def edge(entries: Sequence[Mapping[str, Any]], *, more: bool = False) -> dict[str, Any]:
    """A page of entries as the Graph API wraps it; where there are `more`, it says where the next page is."""
    if not entries:
        return {"data": []}
    cursors = {"before": str(entries[0]["id"]), "after": str(entries[-1]["id"])}
    paging: dict[str, Any] = {"cursors": cursors}
    if more:
        paging["next"] = f"https://graph.facebook.com/next?after={cursors['after']}"
    return {"data": list(entries), "paging": paging}


def page_of(entries: Sequence[Mapping[str, Any]], *, limit: int, after: str | None) -> tuple[int, int]:
    """Which of the entries a call with this `limit` and `after` gets: from the first number up to the second."""
    start = next((at + 1 for at, entry in enumerate(entries) if str(entry["id"]) == after), 0)
    return start, min(start + limit, len(entries))
