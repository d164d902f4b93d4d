"""What each platform's webhook is verified with: its secret, and the address under which the platform calls us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from contact_desk.ports import Secret
from functions.ingest.reading import WEBHOOK_URL


@dataclass(frozen=True, slots=True)
class AddressedSecret:
    """A secret each version of which carries the webhook's public address as well.

    A signature may cover that address. It is what was configured, never what a request says of itself: whoever sends
    a request chooses its headers.
    """

    secret: Secret
    webhook_url: str

    def versions(self, max_age: timedelta | None = None) -> tuple[Mapping[str, Any], ...]:
        """The current version first, then the previous one; raises what the secret raises."""
        return tuple(
            {**version, WEBHOOK_URL: self.webhook_url} for version in self.secret.versions(max_age=max_age)
        )


def addressed(secrets: Mapping[str, Secret], public_url: str) -> dict[str, Secret]:
    """Each platform's secret, by the platform's name, with the address of its webhook."""
    return {
        name: AddressedSecret(secret, f"{public_url}/webhooks/{name}") for name, secret in secrets.items()
    }
