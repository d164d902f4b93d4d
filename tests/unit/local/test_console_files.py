"""The console in the bucket: the page that names the others last, and what may be kept for ever is named by content."""

from __future__ import annotations

import json
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from local.console_files import ConsoleSettings, console_files, lay_out

SETTINGS = ConsoleSettings(authority="http://127.0.0.1:8782", client_id="desk")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/main-abc.js").write_text("1")
    (tmp_path / "index.html").write_text("<!doctype html>")
    return tmp_path


def test_the_page_comes_last_and_is_asked_for_anew_each_time(built: Path) -> None:
    files = list(console_files(built, SETTINGS))

    assert [file.key for file in files] == [
        "console/config.json",
        "console/assets/main-abc.js",
        "console/index.html",
    ]
    assert json.loads(files[0].body)["authority"] == SETTINGS.authority
    assert "immutable" in files[1].cache_control
    assert [files[0].cache_control, files[2].cache_control] == ["no-cache", "no-cache"]


def test_without_a_build_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    (page,) = console_files(tmp_path / "nothing", SETTINGS)

    assert (page.key, b"make console" in page.body) == ("console/index.html", True)


def test_only_what_changed_is_put(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="pages")
        first, second = (lay_out(client, "pages", built, SETTINGS) for _ in range(2))
        (built / "index.html").write_text("<!doctype html><title>new</title>")
        third = lay_out(client, "pages", built, SETTINGS)
        page = client.get_object(Bucket="pages", Key="console/index.html")

    assert (first, second, third) == (3, 0, 1)
    assert page["ContentType"] == "text/html; charset=utf-8"
