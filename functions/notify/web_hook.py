"""A web hook signed by the Standard Webhooks scheme: one call is one attempt, and only 2xx is an arrival.

Source: standardwebhooks.com, specification 1.0: headers `webhook-id`, `webhook-timestamp` (seconds) and
`webhook-signature`, HMAC-SHA256 over `{id}.{timestamp}.{body}`, several signatures while a key is being changed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from contact_desk.clock import Clock
from contact_desk.errors import SecretNotSetError, SecretUnavailableError
from contact_desk.operator_alert import OperatorAlert
from contact_desk.ports import Secret
from functions.notify.hook_forms import hook_body

CONNECT_SECONDS = 3.0
KEY_PREFIX = "whsec_"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class HookAnswer(StrEnum):
    """What became of one call; a code for the log, never the address, which may itself be a secret."""

    ARRIVED = "arrived"
    NOT_SET = "not_set"
    SECRET_UNREADABLE = "secret_unreadable"  # noqa: S105 - a code
    SETTINGS_WRONG = "settings_wrong"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"


class WebHook:
    """One web hook. The secret is `{"url", "key"}`, `key` as `whsec_` and base64; PagerDuty also `routing_key`."""

    def __init__(self, form: str, secret: Secret, clock: Clock, http: urllib3.PoolManager) -> None:
        self._form = form
        self._secret = secret
        self._clock = clock
        self._http = http

    def tell(self, alert: OperatorAlert, *, within: timedelta) -> HookAnswer:
        """Post what happened, in one call that takes no longer than `within`; never raises for what others do."""
        try:
            versions = self._secret.versions()
        except SecretNotSetError:
            return HookAnswer.NOT_SET
        except SecretUnavailableError:
            return HookAnswer.SECRET_UNREADABLE
        settings = versions[0]
        url, body = settings.get("url"), hook_body(self._form, alert, settings)
        try:
            headers = self._signed(alert, body, versions)
        except (binascii.Error, KeyError, ValueError):
            return HookAnswer.SETTINGS_WRONG
        if not isinstance(url, str) or not _may_be_called(url):
            return HookAnswer.SETTINGS_WRONG
        try:
            answer = self._http.request(
                "POST",
                url,
                body=body,
                headers=headers,
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, total=within.total_seconds()),
                redirect=False,
                retries=False,
            )
        except (HTTPError, OSError):
            return HookAnswer.NO_ANSWER
        arrived = HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES
        return HookAnswer.ARRIVED if arrived else HookAnswer.REFUSED

    def _signed(
        self, alert: OperatorAlert, body: bytes, versions: Sequence[Mapping[str, Any]]
    ) -> dict[str, str]:
        """The headers: a repeat of the event has the same id, and both keys sign while one follows the other."""
        name, seconds = f"msg_{alert.event_id}", int(self._clock.now().timestamp())
        keys = dict.fromkeys([versions[0]["key"], *(old["key"] for old in versions[1:] if "key" in old)])
        return {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(seconds),
            "webhook-signature": " ".join(signature(key, name, seconds, body) for key in keys),
        }


def signature(key: object, name: str, seconds: int, body: bytes) -> str:
    """One signature; raises ValueError or binascii.Error where the key is none."""
    encoded = str(key).removeprefix(KEY_PREFIX)
    secret = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    if not secret:
        raise ValueError("an empty key signs nothing")
    signed = hmac.new(secret, f"{name}.{seconds}.".encode("ascii") + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode('ascii')}"


def _may_be_called(url: str) -> bool:
    """HTTPS, or what never leaves this machine."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    )
