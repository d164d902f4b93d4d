"""Secrets, from Secrets Manager: cached, in both their current and their previous version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contact_desk.clock import Clock
from contact_desk.errors import SecretNotSetError, SecretUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

FRESH_FOR = timedelta(minutes=5)
# While Secrets Manager does not answer: how soon it is asked again, and how long the copy at hand is good.
ASKED_AGAIN_AFTER = timedelta(seconds=15)
USABLE_FOR = timedelta(hours=1)
CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"


class SecretsManagerSecret:
    """One secret, read again when its copy is no longer fresh, kept in use for an hour when that fails."""

    def __init__(self, client: SecretsManagerClient, secret_id: str, clock: Clock) -> None:
        self._client = client
        self._secret_id = secret_id
        self._clock = clock
        self._versions: tuple[Mapping[str, Any], ...] = ()
        self._read_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._failure = SecretUnavailableError("the secret was never read")

    def versions(self, max_age: timedelta | None = None) -> tuple[Mapping[str, Any], ...]:
        """The current version first, then the previous one while there is one.

        A copy older than `max_age`, five minutes unless told otherwise, is read again. Raises
        SecretUnavailableError when that fails and no copy of the last hour is at hand, SecretNotSetError where it
        was read and holds nothing.
        """
        now = self._clock.now()
        if self._read_at is None or (
            now - self._read_at >= (max_age or FRESH_FOR)
            and (self._tried_at is None or now - self._tried_at >= ASKED_AGAIN_AFTER)
        ):
            self._read(now)
        if self._read_at is None or now - self._read_at > USABLE_FOR:
            raise type(self._failure)(str(self._failure))
        return self._versions

    def _read(self, now: datetime) -> None:
        self._tried_at = now
        try:
            current, previous = (_parsed(self._text(stage)) for stage in (CURRENT, PREVIOUS))
        except SecretUnavailableError as error:
            self._failure = error
            return
        if current is None:
            self._failure = SecretNotSetError("the current secret is missing or not a JSON object")
            return
        # A previous one that was mistyped must not keep the corrected current one from being used.
        self._versions = (current,) if previous is None else (current, previous)
        self._read_at = now

    def _text(self, stage: str) -> str | None:
        try:
            answer = self._client.get_secret_value(SecretId=self._secret_id, VersionStage=stage)
        except self._client.exceptions.ResourceNotFoundException:
            return None  # the stage of a secret that was never set, or never rotated
        except ClientError as error:
            raise SecretUnavailableError(
                f"the secret was refused: {error.response['Error']['Code']}"
            ) from None
        except BotoCoreError as error:
            raise SecretUnavailableError(f"the secret could not be read: {type(error).__name__}") from None
        return answer.get("SecretString")


def _parsed(text: str | None) -> Mapping[str, Any] | None:
    try:
        version = json.loads(text or "")
    except ValueError:
        return None
    return version if isinstance(version, dict) else None
