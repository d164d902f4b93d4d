"""Every file of tests/payloads is exactly one webhook body, named for its event and variant."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

PAYLOADS = Path(__file__).parents[1] / "payloads"
FILES = sorted(PAYLOADS.glob("*/*"))
META_CHANNELS = ("messenger", "facebook_page")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_file_is_named_for_its_event_and_variant(path: Path) -> None:
    assert re.fullmatch(r"[a-z_]+?__[a-z0-9_]+\.json", path.name)


@pytest.mark.parametrize("channel", META_CHANNELS)
def test_a_payload_of_meta_is_an_envelope_of_page_events(channel: str) -> None:
    bodies = {path.name: json.loads(path.read_bytes()) for path in FILES if path.parent.name == channel}

    assert bodies
    for name, body in bodies.items():
        assert body["object"] == "page", name
        assert body["entry"], name
        assert all({"id", "time"} <= entry.keys() for entry in body["entry"]), name


def test_no_two_payloads_are_the_same() -> None:
    contents = [path.read_bytes() for path in FILES]

    assert len(set(contents)) == len(contents)
