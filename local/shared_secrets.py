"""The secrets that the local desk shares with its stand-in platforms: made once, kept until the state is reset."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from contact_desk.broadcast_rules import WhatsAppGroup
from contact_desk.force_file import ChannelAccount
from local.platforms.twilio import TwilioKeys
from local.platforms.x_keys import AccountKeys, XKeys
from local.stack_file import Secrets


class _Shared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class MetaTokens(_Shared):
    """The tokens of Meta's accounts, by account id."""

    page_tokens: dict[str, str]


class AppSecrets(_Shared):
    """What opens our app at Meta (`id|secret`) and the account at Twilio, for whoever sets up a webhook there."""

    meta: str
    sms: str


class PublishingTokens(_Shared):
    """What the desk publishes with and the stand-ins accept, by platform.

    Beside it what the stand-ins must know of the force: which accounts are Instagram's and WhatsApp's, its telephone
    numbers, the templates that WhatsApp has approved, as `name/language`.
    """

    meta: MetaTokens
    x: XKeys
    sms: TwilioKeys
    apps: AppSecrets | None = None
    instagram: tuple[str, ...] = ()
    whatsapp: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()


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
    def at_home(
        cls, home: Path, accounts: Mapping[str, ChannelAccount], groups: Sequence[WhatsAppGroup] = ()
    ) -> SharedSecrets:
        """Read the secrets kept in `home`; make those that are missing, for each account that is written to.

        Webhooks that were signed before a restart stay valid after it. `groups` are told broadcasts in templates.
        """
        path = home / "secrets.json"
        kept = _kept_at(path)
        publishing = _publishing(kept.publishing, accounts, groups)
        meta = kept.webhooks.meta
        apps = AppSecrets(meta=f"{meta.app_id}|{meta.app_secret}", sms=kept.webhooks.sms.auth_token)
        # X signs with the secret of the app that posts: there is one app.
        x = publishing.x.model_copy(update={"consumer_secret": kept.webhooks.x.consumer_secret})
        kept = kept.model_copy(update={"publishing": publishing.model_copy(update={"apps": apps, "x": x})})
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
        return _Kept.model_validate({"webhooks": webhooks, "publishing": _new_publishing()})


def _new_publishing() -> PublishingTokens:
    """The keys of the apps, and no accounts yet."""
    return PublishingTokens(
        meta=MetaTokens(page_tokens={}),
        x=XKeys(consumer_key=secrets.token_hex(12), consumer_secret=secrets.token_hex(24), tokens={}),
        sms=TwilioKeys(
            account_sid="AC" + secrets.token_hex(16),
            key_sid="SK" + secrets.token_hex(16),
            key_secret=secrets.token_hex(16),
        ),
    )


def _publishing(
    kept: PublishingTokens, accounts: Mapping[str, ChannelAccount], groups: Sequence[WhatsAppGroup]
) -> PublishingTokens:
    """What is kept, with tokens for the accounts that it does not know yet."""

    def of(platform: str) -> set[str]:
        return {one.account for one in accounts.values() if one.platform == platform}

    pages, users = kept.meta.page_tokens, kept.x.tokens
    return PublishingTokens(
        meta=MetaTokens(
            page_tokens=pages
            | {account: "EAAD" + secrets.token_hex(32) for account in sorted(of("meta") - pages.keys())}
        ),
        x=kept.x.model_copy(
            update={"tokens": users | {account: _user_keys(account) for account in of("x") - users.keys()}}
        ),
        sms=kept.sms,
        instagram=tuple(one.account for name, one in accounts.items() if name == "instagram"),
        whatsapp=tuple(one.account for name, one in accounts.items() if name == "whatsapp"),
        numbers=tuple(sorted(of("sms"))),
        templates=(
            *(f"{one.template.name}/{one.template.language}" for one in accounts.values() if one.template),
            *(f"{group.template}/{group.language}" for group in groups),
        ),
    )


def _user_keys(account: str) -> AccountKeys:
    return AccountKeys(
        access_token=f"{account}-{secrets.token_hex(20)}", access_token_secret=secrets.token_hex(22)
    )


def _new_webhook_secrets() -> dict[str, dict[str, str]]:
    """A secret for each platform, each of its fields a text that nobody can guess, but for what is no secret."""
    return {
        platform: {
            name: secrets.token_hex(24)
            for name, field in shape.annotation.model_fields.items()
            if field.is_required()
        }
        for platform, shape in Secrets.model_fields.items()
        if shape.annotation
    }


def _write_private(path: Path, model: BaseModel) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(model.model_dump_json(indent=2) + "\n")
