"""Whose id is it? Meta's request names a person as the app knows them; the desk knows them as the page does.

Meta matches the two for an app and pages of one business (`ids_for_pages`): asked with the app's own token, which is
its id and secret, and a proof of it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import HTTPError

from functions.data_deletion.signed_requests import PLATFORM_ID

WITHIN_SECONDS = 4.0
MOST_IDS = 100


class PageIds(Protocol):
    """Asks Meta by which ids the force's pages know a person."""

    def of(self, person: str, secret: Mapping[str, Any]) -> tuple[str, ...] | None:
        """The ids; None where Meta did not say."""
        ...


class GraphPageIds:
    """Asks the Graph API; `base_url` carries the version and no closing slash."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._http = urllib3.PoolManager(retries=False)

    def of(self, person: str, secret: Mapping[str, Any]) -> tuple[str, ...] | None:
        """The ids; None where the app's id is not set, and where no answer came or it was a refusal."""
        app_id, app_secret = str(secret.get("app_id") or ""), str(secret.get("app_secret") or "")
        if not PLATFORM_ID.fullmatch(app_id):
            return None
        token = f"{app_id}|{app_secret}"
        proof = hmac.new(app_secret.encode("utf-8"), token.encode("utf-8"), hashlib.sha256).hexdigest()
        asked = urlencode({"appsecret_proof": proof, "fields": "id", "limit": MOST_IDS})
        try:
            answer = self._http.request(
                "GET",
                f"{self._base_url}/{person}/ids_for_pages?{asked}",
                headers={"Authorization": f"Bearer {token}"},
                timeout=urllib3.Timeout(total=WITHIN_SECONDS),
                redirect=False,
            )
        except (HTTPError, OSError):
            return None
        return _ids_in(answer.data) if answer.status == HTTPStatus.OK else None


def _ids_in(body: bytes) -> tuple[str, ...] | None:
    try:
        listed = json.loads(body)["data"]
        named = [str(one["id"]) for one in listed]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return tuple(one for one in named if PLATFORM_ID.fullmatch(one))
