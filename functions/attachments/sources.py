"""Where each channel's files come from: a link that is followed, or a name that the platform is asked about first.

Adding a channel is its hosts in `allowed_hosts.py` and a line in `composition.sources`.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from contact_desk.attachments import AttachmentCopy, CopyFailure, NotCopiedError
from contact_desk.errors import SecretUnavailableError
from contact_desk.ports import Secret
from functions.attachments.allowed_hosts import ALLOWED_HOSTS
from functions.attachments.fetching import Credential, Fetched, Fetcher

MEDIA_ID = re.compile(r"[A-Za-z0-9_.-]{1,200}", re.ASCII)
TWILIO_API = "api.twilio.com"


class Source(Protocol):
    """Fetches what an attachment points to."""

    def fetch(self, attachment: AttachmentCopy) -> Fetched:
        """The file; raises NotCopiedError with the reason where there is none."""
        ...


class OpenLinks:
    """Files behind a link that anybody may follow until it expires: Facebook, Instagram, X."""

    def __init__(self, fetcher: Fetcher, channel: str) -> None:
        self._fetcher = fetcher
        self._allowed = ALLOWED_HOSTS[channel]

    def fetch(self, attachment: AttachmentCopy) -> Fetched:
        """The file; raises NotCopiedError."""
        return self._fetcher.fetch(attachment.ref or "", self._allowed)


class WhatsAppMedia:
    """WhatsApp names each file: the Graph API gives its address for five minutes, and both ask for the token."""

    def __init__(self, fetcher: Fetcher, graph_api_url: str, media: Secret) -> None:
        self._fetcher = fetcher
        self._graph_api_url = graph_api_url
        self._media = media
        self._graph_host = urlsplit(graph_api_url).hostname or ""

    def fetch(self, attachment: AttachmentCopy) -> Fetched:
        """The file; raises NotCopiedError."""
        media_id = attachment.ref or ""
        if not MEDIA_ID.fullmatch(media_id):
            raise NotCopiedError(CopyFailure.LINK_NOT_ALLOWED)
        (token,) = _texts(self._media, "access_token")
        allowed = ALLOWED_HOSTS["whatsapp"]
        # Only where Meta itself serves: a file's address on another of its hosts is a key by itself.
        credential = Credential(f"Bearer {token}", [self._graph_host, "lookaside.fbsbx.com"])
        found = self._fetcher.fetch(f"{self._graph_api_url}/{media_id}", [self._graph_host], credential)
        return self._fetcher.fetch(_address_in(found.content), allowed, credential)


class TwilioMedia:
    """Twilio's files: its API asks for the account's credentials and redirects to an address that needs none."""

    def __init__(self, fetcher: Fetcher, media: Secret) -> None:
        self._fetcher = fetcher
        self._media = media

    def fetch(self, attachment: AttachmentCopy) -> Fetched:
        """The file; raises NotCopiedError."""
        user, password = _texts(self._media, "user", "password")
        encoded = base64.b64encode(f"{user}:{password}".encode("ascii")).decode("ascii")
        credential = Credential(f"Basic {encoded}", [TWILIO_API])
        return self._fetcher.fetch(attachment.ref or "", ALLOWED_HOSTS["sms"], credential)


def _texts(secret: Secret, *names: str) -> list[str]:
    """The named texts of a secret's current version; raises NotCopiedError where one lacks or fits into no header."""
    try:
        version: Mapping[str, Any] = secret.versions()[0]
    except SecretUnavailableError:
        raise NotCopiedError(CopyFailure.NO_CREDENTIALS) from None
    texts = [str(version.get(name) or "") for name in names]
    if not all(text and text.isascii() and text.isprintable() for text in texts):
        raise NotCopiedError(CopyFailure.NO_CREDENTIALS)
    return texts


def _address_in(answer: bytes) -> str:
    """The file's address in the Graph API's answer."""
    try:
        fields = json.loads(answer)
    except (ValueError, RecursionError):
        fields = None
    address = fields.get("url") if isinstance(fields, dict) else None
    if not isinstance(address, str):
        raise NotCopiedError(CopyFailure.PLATFORM_FAILING)
    return address
