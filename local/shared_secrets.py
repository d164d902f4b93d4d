"""The secrets that the local desk shares with its stand-in platforms: made once, kept until the state is reset."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from local.stack_file import Secrets


class PublishingTokens(BaseModel):
    """The page tokens that the desk publishes with and that the stand-ins accept, by page id."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    page_tokens: dict[str, str]


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    webhooks: Secrets
    publishing: PublishingTokens


@dataclass(frozen=True, slots=True)
class SharedSecrets:
    """What signs webhooks and what publishes; `platforms_file` is the stand-ins' copy of the publishing tokens."""

    webhooks: Secrets
    publishing: PublishingTokens
    platforms_file: Path

    @classmethod
    def at_home(cls, home: Path, pages: Collection[str]) -> SharedSecrets:
        """Read the secrets kept in `home`; make those that are missing, a token for each page among them.

        Webhooks that were signed before a restart stay valid after it.
        """
        path = home / "secrets.json"
        kept = _kept_at(path)
        known = kept.publishing.page_tokens
        tokens = known | {page: "EAAD" + secrets.token_hex(32) for page in pages if page not in known}
        kept = kept.model_copy(update={"publishing": PublishingTokens(page_tokens=tokens)})
        platforms_file = home / "platform_tokens.json"
        _write_private(path, kept)
        _write_private(platforms_file, kept.publishing)
        return cls(kept.webhooks, kept.publishing, platforms_file)


def _kept_at(path: Path) -> _Kept:
    """What is kept there, with new secrets for the platforms that it does not know yet."""
    webhooks = _new_webhook_secrets()
    try:
        kept = json.loads(path.read_bytes())
        return _Kept.model_validate({**kept, "webhooks": {**webhooks, **kept["webhooks"]}})
    except (OSError, ValueError, TypeError, KeyError):
        return _Kept.model_validate({"webhooks": webhooks, "publishing": {"page_tokens": {}}})


def _new_webhook_secrets() -> dict[str, dict[str, str]]:
    """A secret for each platform, each of its fields a text that nobody can guess."""
    return {
        platform: {name: secrets.token_hex(24) for name in shape.annotation.model_fields}
        for platform, shape in Secrets.model_fields.items()
        if shape.annotation
    }


def _write_private(path: Path, model: BaseModel) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(model.model_dump_json(indent=2) + "\n")
