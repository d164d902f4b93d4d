"""Which webhooks are on hold, from one SSM parameter that people change: `none`, or names such as `meta,x`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from contact_desk.clock import Clock

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

FRESH_FOR = timedelta(seconds=15)
NONE = "none"


class ParameterHolds:
    """The parameter, read again after 15 seconds; while it cannot be read, what was read last still holds."""

    def __init__(self, client: SSMClient, parameter_name: str, clock: Clock) -> None:
        self._client = client
        self._parameter_name = parameter_name
        self._clock = clock
        self._held: frozenset[str] = frozenset()
        self._read_at: datetime | None = None

    def on_hold(self, channel: str) -> bool:
        """Whether the webhook is on hold; never raises."""
        now = self._clock.now()
        if self._read_at is None or now - self._read_at >= FRESH_FOR:
            self._read_at = now
            try:
                answer = self._client.get_parameter(Name=self._parameter_name)
            except (ClientError, BotoCoreError):
                return channel in self._held
            self._held = held(answer["Parameter"].get("Value", NONE))
        return channel in self._held


def held(value: str) -> frozenset[str]:
    """The webhooks that a parameter's value names."""
    return frozenset(name.strip() for name in value.split(",")) - {"", NONE}
