"""The local secrets are made once, kept across restarts, and readable by their owner only."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from contact_desk.force_file import ChannelAccount
from local.shared_secrets import SharedSecrets


def accounts(*pages: str) -> dict[str, ChannelAccount]:
    return {
        f"page_{page}": ChannelAccount(platform="meta", account=page, secret="meta", keep_deleted=True)
        for page in pages
    }


def test_they_survive_a_restart(tmp_path: Path) -> None:
    assert SharedSecrets.at_home(tmp_path, accounts("1")) == SharedSecrets.at_home(tmp_path, accounts("1"))


def test_two_desks_share_none(tmp_path: Path) -> None:
    one, other = (SharedSecrets.at_home(tmp_path / name, accounts("1")) for name in ("one", "other"))

    assert one.webhooks.meta.app_secret != other.webhooks.meta.app_secret
    assert one.publishing.meta.page_tokens != other.publishing.meta.page_tokens


def test_a_new_page_gets_a_token_and_the_others_keep_theirs(tmp_path: Path) -> None:
    before = SharedSecrets.at_home(tmp_path, accounts("1")).publishing.meta.page_tokens
    after = SharedSecrets.at_home(tmp_path, accounts("1", "2")).publishing.meta.page_tokens

    assert after.keys() == {"1", "2"}
    assert after["1"] == before["1"]


def test_the_stand_ins_are_given_the_very_tokens_that_the_desk_publishes_with(tmp_path: Path) -> None:
    shared = SharedSecrets.at_home(tmp_path, accounts("1"))

    assert json.loads(shared.platforms_file.read_text()) == shared.publishing.model_dump(mode="json")


def test_only_their_owner_can_read_them(tmp_path: Path) -> None:
    SharedSecrets.at_home(tmp_path, accounts("1"))

    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
