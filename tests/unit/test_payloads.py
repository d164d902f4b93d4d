"""Every file of tests/payloads is exactly one webhook body, named for its event and variant, or what comes of one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests import corpus

PAGE_CHANNELS = ("messenger", "facebook_page")


@pytest.mark.parametrize("path", corpus.PAYLOADS, ids=corpus.name_of)
def test_a_file_is_named_for_its_event_and_variant_and_has_its_expected_result(path: Path) -> None:
    assert re.fullmatch(r"[a-z_]+?__[a-z0-9_]+\.(json|form)", path.name)
    assert corpus.expected_of(path).keys() <= {"contacts", "confirmations", "ignored", "unreadable"}


def test_no_expected_result_is_of_a_payload_that_is_gone() -> None:
    expected = set(corpus.FOLDER.glob(f"*/*{corpus.EXPECTED}"))

    assert expected == {corpus.expected_path(path) for path in corpus.PAYLOADS}


@pytest.mark.parametrize("channel", PAGE_CHANNELS)
def test_a_payload_of_meta_is_an_envelope_of_page_events(channel: str) -> None:
    bodies = {
        path.name: json.loads(path.read_bytes()) for path in corpus.PAYLOADS if path.parent.name == channel
    }

    assert bodies
    for name, body in bodies.items():
        assert body["object"] == "page", name
        assert body["entry"], name
        assert all({"id", "time"} <= entry.keys() for entry in body["entry"]), name


def test_no_two_payloads_are_the_same() -> None:
    contents = [path.read_bytes() for path in corpus.PAYLOADS]

    assert len(set(contents)) == len(contents)
