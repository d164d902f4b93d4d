"""The emulator, and so every handler, starts with an environment that holds nothing of the shell's."""

from __future__ import annotations

import stat
from pathlib import Path

from local.emulator.host import emulator_environment, prepare

SHELL = {
    "AWS_ACCESS_KEY_ID": "AKIAREAL",
    "AWS_PROFILE": "production",
    "AWS_ENDPOINT_URL": "https://elsewhere.example",
    "HTTPS_PROXY": "http://proxy.example",
    "HOME": "/home/somebody",
    "LANG": "en_GB.UTF-8",
    "PATH": "/usr/bin",
    "SOME_TOKEN": "hidden",
}


def environment(tmp_path: Path, *, enforce_iam: bool = True) -> dict[str, str]:
    return emulator_environment(SHELL, state=tmp_path, port=4599, region="eu-west-2", enforce_iam=enforce_iam)


def test_nothing_of_the_shell_but_the_path_and_the_language_passes(tmp_path: Path) -> None:
    passed = {name: value for name, value in environment(tmp_path).items() if SHELL.get(name) == value}

    assert passed == {"LANG": "en_GB.UTF-8", "PATH": "/usr/bin"}
    assert set(SHELL) & set(environment(tmp_path)) == {"AWS_ACCESS_KEY_ID", "HOME", "LANG", "PATH"}


def test_it_binds_loopback_and_keeps_its_files_in_its_own_folder(tmp_path: Path) -> None:
    made = environment(tmp_path)

    assert made["BIND_HOST"] == "127.0.0.1"
    for name in ("HOME", "S3_DATA_DIR", "STATE_DIR", "TMPDIR"):
        assert Path(made[name]).is_relative_to(tmp_path)


def test_functions_find_what_plays_bedrock_by_the_standard_variable(tmp_path: Path) -> None:
    name, url = "AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://127.0.0.1:8781/bedrock"
    made = emulator_environment(
        SHELL, state=tmp_path, port=4599, region="eu-west-2", enforce_iam=True, bedrock_url=url
    )

    assert made[name] == url
    assert name not in environment(tmp_path)


def test_iam_is_enforced_when_asked_for(tmp_path: Path) -> None:
    assert environment(tmp_path, enforce_iam=True)["AUTH"] == "true"
    assert environment(tmp_path, enforce_iam=False)["AUTH"] == "false"


def test_a_start_empties_what_a_killed_emulator_left(tmp_path: Path) -> None:
    left = tmp_path / "tmp" / "ministack-lambda-Triage-x" / "code.zip"
    record = tmp_path / "records" / "sqs.json"
    for path in (left, record):
        path.parent.mkdir(parents=True)
        path.touch()

    removal = prepare(tmp_path)

    assert not left.parent.exists()
    assert record.exists()
    removal.join()
    assert not list(tmp_path.rglob("code.zip"))


def test_nobody_else_can_look_into_its_state(tmp_path: Path) -> None:
    prepare(tmp_path / "state")

    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
