"""Builds the real adapters of origin, once, from its environment."""

from __future__ import annotations

import os
from functools import cache

from contact_desk.clock import SystemClock
from contact_desk.ports import Secret
from contact_desk.settings import read_settings
from contact_desk.stores.aws_clients import secrets_client
from contact_desk.stores.secrets import SecretsManagerSecret
from functions.origin.settings import OriginSettings


@cache
def secret() -> Secret:
    """What the front door adds to each call that it hands on."""
    settings = read_settings(OriginSettings, os.environ)
    return SecretsManagerSecret(secrets_client(), settings.origin_secret_arn, SystemClock())
