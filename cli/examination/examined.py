"""What every look works with: the stage, its force, its stack, its secrets, and ways to ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from cli.account import Account, StandingStack
from cli.secret_kinds import SecretKind, kinds_of, secret_id
from cli.stages import Stage, public_url
from cli.webhooks.at_meta import AtMeta
from cli.webhooks.at_twilio import AtTwilio
from cli.webhooks.at_x import AtX
from cli.webhooks.calls import Calls
from contact_desk.clock import Clock
from contact_desk.force_file import ForceFile

NO_APP = {"app_id": "", "app_secret": ""}  # nothing that any platform takes


@dataclass(frozen=True, slots=True)
class Examined:
    """One stage, looked at; `wait` waits for so long."""

    stage: Stage
    force: ForceFile
    stack: StandingStack
    calls: Calls
    clock: Clock
    _read: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def account(self) -> Account:
        """The account that it stands in."""
        return self.stage.account

    @property
    def kinds(self) -> dict[str, SecretKind]:
        """The secrets that it needs, by name."""
        return kinds_of(self.force, self.stack)

    @property
    def url(self) -> str:
        """Where platforms reach it."""
        return public_url(self.stack)

    def secret(self, name: str) -> Mapping[str, Any]:
        """A secret's current value, read once; empty where nobody has put it in, or the force has none."""
        if name not in self._read:
            kind = self.kinds.get(name)
            stored = self.account.secret(secret_id(kind, self.stack)) if kind else None
            self._read[name] = (stored.current or {}) if stored else {}
        return self._read[name]

    def webhook_url(self, platform: str) -> str:
        """The address of a platform's webhook."""
        return f"{self.url}/webhooks/{platform}"

    def meta(self) -> AtMeta:
        """Our app at Meta."""
        tokens = self.secret("meta_publishing").get("page_tokens")
        return AtMeta(
            self.calls,
            self.stack.parameters.get("GraphApiUrl", ""),
            {**NO_APP, **self.secret("meta")},
            tokens if isinstance(tokens, dict) else {},
        )

    def x(self) -> AtX:
        """Our app at X."""
        return AtX(self.calls, self.stack.parameters.get("XApiUrl", ""), self.secret("x_publishing"))

    def twilio(self) -> AtTwilio:
        """Our account at Twilio."""
        url = self.stack.parameters.get("TwilioApiUrl", "")
        return AtTwilio(self.calls, url, self.secret("sms_publishing"))

    def set_secret(self, name: str) -> str:
        """The command that puts a secret or a field of one in."""
        return f"desk secrets set {name}{self.stage.options}"

    def connect(self, channel: str) -> str:
        """The command that connects a channel."""
        return f"desk channel connect {channel}{self.stage.options}"

    @property
    def deploy(self) -> str:
        """The command that deploys it."""
        if self.stage.is_local:
            return "make up"
        return f"make deploy FORCE={self.stage.force_name} STAGE={self.stage.name}"


SOON = timedelta(days=14)
"""A token that ends within this time must be renewed."""
