"""A secret: the current version first, and the one before it while that is there."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from contact_desk.errors import SecretUnavailableError
from contact_desk.ports import Secret
from contact_desk.stores.secrets import SecretsManagerSecret
from functions.ingest.platforms import meta
from local.twins.held_still import FrozenClock
from local.twins.in_memory_secret import InMemorySecret
from tests.builders import meta_signature
from tests.contract.conftest import Backend


@dataclass(frozen=True)
class Rotated:
    """The port over one backend, and how its secret is given a new version or lost."""

    secret: Secret
    rotate: Callable[[dict[str, Any]], None]
    lose: Callable[[], None]


def in_memory() -> Rotated:
    secret = InMemorySecret(app_secret="the first", verify_token="the token")

    def lose() -> None:
        secret.lost = True

    return Rotated(secret, lambda version: secret.rotate(**version), lose)


def in_secrets_manager(backend: Backend) -> Rotated:
    client, clock = backend.client("secretsmanager"), FrozenClock()
    first = {"app_secret": "the first", "verify_token": "the token"}
    arn = client.create_secret(Name=backend.table_name, SecretString=json.dumps(first))["ARN"]

    def rotate(version: dict[str, Any]) -> None:
        client.put_secret_value(SecretId=arn, SecretString=json.dumps(version))
        clock.advance(minutes=5)

    def lose() -> None:
        client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
        clock.advance(hours=2)

    return Rotated(SecretsManagerSecret(client, arn, clock), rotate, lose)


@pytest.fixture
def rotated(backend: Backend) -> Rotated:
    return in_memory() if backend.name == "twin" else in_secrets_manager(backend)


def test_a_secret_that_was_never_rotated_has_one_version(rotated: Rotated) -> None:
    (only,) = rotated.secret.versions()

    assert only == {"app_secret": "the first", "verify_token": "the token"}


def test_after_a_rotation_the_new_version_comes_first_and_only_one_old_one_is_left(rotated: Rotated) -> None:
    assert len(rotated.secret.versions()) == 1
    rotated.rotate({"app_secret": "the second"})
    assert [version["app_secret"] for version in rotated.secret.versions()] == ["the second", "the first"]

    rotated.rotate({"app_secret": "the third"})
    assert [version["app_secret"] for version in rotated.secret.versions()] == ["the third", "the second"]


def test_a_secret_that_is_gone_is_unavailable(rotated: Rotated) -> None:
    rotated.secret.versions()
    rotated.lose()

    with pytest.raises(SecretUnavailableError):
        rotated.secret.versions()


def test_a_mistyped_secret_is_unavailable_until_corrected_and_then_does_no_harm(
    table_backend: Backend,
) -> None:
    client, clock = table_backend.client("secretsmanager"), FrozenClock()
    arn = client.create_secret(Name=table_backend.table_name, SecretString="not { JSON")["ARN"]
    secret = SecretsManagerSecret(client, arn, clock)
    with pytest.raises(SecretUnavailableError, match="not a JSON object"):
        secret.versions()

    client.put_secret_value(SecretId=arn, SecretString='{"app_secret":"right"}')
    clock.advance(minutes=5)

    assert secret.versions() == ({"app_secret": "right"},)


def test_over_a_rotation_both_secrets_verify_and_the_one_before_them_does_not(rotated: Rotated) -> None:
    body = b'{"object":"page"}'

    def verified(app_secret: str) -> bool:
        headers = {meta.SIGNATURE: meta_signature(body, app_secret)}
        return any(meta.is_signed(headers, body, version) for version in rotated.secret.versions())

    assert verified("the first")
    rotated.rotate({"app_secret": "the second"})
    assert verified("the first")
    assert verified("the second")
    rotated.rotate({"app_secret": "the third"})
    assert not verified("the first")
    assert verified("the second")
    assert verified("the third")
