"""`desk secrets`: a value comes from a terminal or standard input, is looked at for its shape, and is never shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from cli import secrets, stages
from cli.account import Resource
from cli.main import app
from cli.secret_kinds import HOOK_KEY, KEY, SecretNameError, flat, kinds_of, made_up, secret_id, with_field
from contact_desk.errors import ContactDeskError
from tests.builders import PAGE
from tests.standing_desk import STACK, StandingDesk, value_of

NEW = "0c" * 16


class Terminal:
    def isatty(self) -> bool:
        return True


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandingDesk]:
    desk = StandingDesk()
    monkeypatch.setattr(stages, "find", lambda force, stage: desk.stage)
    yield desk
    desk.close()


def run(*words: str, given: str = "") -> Result:
    return CliRunner().invoke(app, ["secrets", *words], input=given)


def stored(desk: StandingDesk, secret_id: str) -> list[Any]:
    return desk.account.versions[secret_id]


def test_a_field_is_read_from_standard_input_and_leaves_the_others_as_they_are(desk: StandingDesk) -> None:
    done = run("set", "meta.app_secret", given=f"{NEW}\n")
    assert done.exit_code == 0, done.output
    now, before = stored(desk, "MetaSecret-1")
    assert now["app_secret"] == NEW
    assert now["verify_token"] == value_of("meta.verify_token")
    assert before["app_secret"] == value_of("meta.app_secret")
    assert "the value before it is good as well" in done.stdout
    assert NEW not in done.output


def test_a_page_token_goes_to_its_page(desk: StandingDesk) -> None:
    token = "EAAD" + "n" * 40
    assert run("set", f"meta_publishing.page_tokens.{PAGE}", given=token).exit_code == 0
    assert stored(desk, "MetaPublishingSecret-1")[0]["page_tokens"][PAGE] == token


def test_a_whole_secret_is_read_as_an_object(desk: StandingDesk) -> None:
    assert run("set", "x", given=json.dumps({"consumer_secret": "D" * 50})).exit_code == 0
    assert stored(desk, "XSecret-1")[0] == {"consumer_secret": "D" * 50}
    refused = run("set", "x", given="D" * 50)
    assert refused.exit_code == 1
    assert isinstance(refused.exception, ContactDeskError)
    assert "x.consumer_secret" in str(refused.exception)


def test_on_a_terminal_each_field_is_asked_for_without_showing_it_and_an_empty_answer_keeps_what_is_there(
    desk: StandingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    answers = {"app_secret": NEW}

    def hidden(prompt: str) -> str:
        asked.append(prompt.partition(" ")[0])
        return answers.get(asked[-1].partition(".")[2], "")

    monkeypatch.setattr("cli.secrets.getpass", hidden)
    monkeypatch.setattr("cli.secrets.sys.stdin", Terminal())
    secrets.set_("meta")
    assert asked == ["meta.app_secret", "meta.verify_token", "meta.app_id"]
    assert stored(desk, "MetaSecret-1")[0]["app_secret"] == NEW
    assert stored(desk, "MetaSecret-1")[0]["verify_token"] == value_of("meta.verify_token")


def test_on_a_terminal_what_is_ours_is_made_up_where_nothing_is_there(
    desk: StandingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.account.versions.pop("MetaSecret-1")
    given = {"app_secret": NEW, "app_id": "710000000000017", "verify_token": ""}
    monkeypatch.setattr("cli.secrets.getpass", lambda prompt: given[prompt.split()[0].partition(".")[2]])
    monkeypatch.setattr("cli.secrets.sys.stdin", Terminal())
    secrets.set_("meta")
    (made,) = stored(desk, "MetaSecret-1")
    assert made["app_secret"] == NEW
    assert len(made["verify_token"]) >= 32


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("meta.app_secret", "EAAD" + "n" * 40),
        ("meta.app_id", "abc"),
        (f"meta_publishing.page_tokens.{PAGE}", "0c" * 16),
        ("x_publishing.consumer_key", "too short"),
        ("x_publishing.tokens.2218450961.access_token", "999-" + "T" * 40),
        ("sms_publishing.account_sid", "SK" + "2" * 32),
        ("alert_hook_control_room.url", "http://control.example/hook"),
        ("alert_hook_control_room.key", "a" * 32),
        ("form_seal.key", "short"),
    ],
)
def test_a_value_of_another_shape_changes_nothing_and_is_not_repeated(
    desk: StandingDesk, name: str, value: str
) -> None:
    before = {held: list(versions) for held, versions in desk.account.versions.items()}
    refused = run("set", name, given=value)
    assert refused.exit_code == 1
    said = f"{refused.output}{refused.exception}"
    assert name in said
    assert value not in said
    assert desk.account.versions == before


def test_a_value_on_the_command_line_is_refused_and_not_repeated(desk: StandingDesk) -> None:
    refused = run("set", "meta.app_secret", NEW)
    assert refused.exit_code == 2
    assert NEW not in refused.output
    assert "never stands on the command line" in refused.output.replace("\n", " ")


def test_the_same_value_again_pushes_no_previous_one_out(desk: StandingDesk) -> None:
    run("set", "meta.app_secret", given=NEW)
    again = run(
        "set",
        "meta.app_secret",
        given=NEW,
    )
    assert "nothing was changed" in again.stdout
    assert [version["app_secret"] for version in stored(desk, "MetaSecret-1")] == [
        NEW,
        value_of("meta.app_secret"),
    ]


def test_a_correction_keeps_the_overlap_with_the_value_that_was_good(desk: StandingDesk) -> None:
    run("set", "meta.app_secret", given="dd" * 16)
    assert run("set", "meta.app_secret", "--correct", given=NEW).exit_code == 0
    assert [version["app_secret"] for version in stored(desk, "MetaSecret-1")] == [
        NEW,
        value_of("meta.app_secret"),
    ]


def test_what_is_ours_is_made_up_and_what_a_platform_gives_out_is_not(desk: StandingDesk) -> None:
    assert run("set", "form_seal", "--new").exit_code == 0
    made = stored(desk, "ReportFormSealSecret-1")
    assert made[0] != made[1]
    assert KEY.pattern.fullmatch(made[0]["key"])
    assert run("set", "alert_hook_control_room.key", "--new").exit_code == 0
    assert HOOK_KEY.fullmatch(stored(desk, "AlertHookControlRoomSecret-1")[0]["key"])
    refused = run("set", "x", "--new")
    assert isinstance(refused.exception, SecretNameError)


def test_every_field_that_can_be_made_up_has_the_shape_that_it_asks_for(desk: StandingDesk) -> None:
    kinds = kinds_of(desk.force, desk.account.stacks[STACK])
    ours = [one for kind in kinds.values() for one in kind.fields if one.made]
    assert len(ours) == 3
    for one in ours:
        assert one.pattern.fullmatch(made_up(one)), one.path
        assert made_up(one) != made_up(one)


def test_the_list_says_what_is_set_and_what_the_channels_lack_and_never_a_value(desk: StandingDesk) -> None:
    well = run("list", "--json")
    assert well.exit_code == 0
    told = {one["name"]: one for one in json.loads(well.stdout)["secrets"]}
    assert told["meta"]["needed_by"] == ["messenger", "facebook_page", "instagram", "whatsapp"]
    assert told["meta"]["changed_at"] == "2026-11-02T12:00:00.000Z"
    desk.account.versions.pop("SmsSecret-1")
    desk.account.put_secret("MetaPublishingSecret-1", {"page_tokens": {}})
    lacking = run("list")
    assert lacking.exit_code == 1
    assert "not set" in lacking.stdout
    assert f"lacks page_tokens.{PAGE}" in lacking.stdout
    for versions in desk.account.versions.values():
        for path, text in flat(versions[0]).items():
            assert path.endswith("app_id") or text not in lacking.stdout


def test_a_name_that_is_none_is_told_with_those_that_are(desk: StandingDesk) -> None:
    for name in ("facebook", "meta.secret"):
        refused = run("set", name, given="x")
        assert isinstance(refused.exception, SecretNameError)
        assert "meta" in str(refused.exception)


def test_a_force_without_a_stage_is_refused() -> None:
    with pytest.raises(typer.BadParameter):
        stages.find("merseyside", None)
    with pytest.raises(typer.BadParameter):
        stages.find("../etc", "live")


def test_a_stage_is_found_by_force_and_name_where_its_force_file_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = stages.find("merseyside", "live")
    assert at.stack_name == "contact-desk-merseyside-live"
    assert at.options == " --force merseyside --stage live"
    assert at.force().short_code == "MP"
    assert not at.is_emulated
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4599")
    assert stages.find("merseyside", "live").is_emulated


def test_the_front_doors_key_asks_for_a_deploy(desk: StandingDesk) -> None:
    resources = desk.account.stacks[STACK].resources
    secret = Resource("AWS::SecretsManager::Secret", "OriginSecret-1")
    desk.account.change_stack(STACK, resources={**resources, "OriginSecret": secret})
    assert "after the next deploy" in run("set", "origin", "--new").stdout


def test_a_secret_that_the_stack_does_not_have_yet_asks_for_a_deploy(desk: StandingDesk) -> None:
    stack = desk.account.stacks[STACK]
    kind = kinds_of(desk.force, stack)["x"]
    outputs = {name: one for name, one in stack.outputs.items() if name != "XSecretArn"}
    resources = {name: one for name, one in stack.resources.items() if name != "XSecret"}
    desk.account.change_stack(STACK, outputs=outputs, resources=resources)
    with pytest.raises(SecretNameError, match="deploy"):
        secret_id(kind, desk.account.stacks[STACK])


def test_a_path_is_made_where_it_is_not_there() -> None:
    made = with_field({"a": {"b": "1"}}, "a.c.d", "2")
    assert made == {"a": {"b": "1", "c": {"d": "2"}}}
    assert flat(made) == {"a.b": "1", "a.c.d": "2"}
