"""One HTTP call to a platform is one attempt: no call is ever repeated here, and nothing of it is logged.

Addresses, bodies and answers name people. What is not a clear no counts as a perhaps.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    NewConnectionError,
    SSLError,
)
from urllib3.filepost import encode_multipart_formdata

from contact_desk.errors import ContactDeskError
from contact_desk.graph_answers import HttpAnswer
from contact_desk.send_failures import SendFailure
from functions.notify.platform_answers import RetryLater, UnknownEffect

CONNECT_SECONDS = 3.0
# A token with a line break or a space in it was pasted wrongly, and would say more than a header may.
FIT_FOR_HEADER = re.compile(r"[!-~]+")


class NothingSentError(ContactDeskError):
    """No connection came about, so nothing can have reached the platform."""


class NoAnswerError(ContactDeskError):
    """The call went out and no whole answer came back."""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file to upload: its name, its bytes, and what they are."""

    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Form:
    """A form with a file in it, as `multipart/form-data` carries them."""

    content_type: str
    body: bytes

    @classmethod
    def of(cls, fields: Mapping[str, str], *, name: str, file: UploadedFile) -> Form:
        """The form of the fields, with the file under `name`."""
        uploaded = (name, (file.name, file.content, file.media_type))
        body, content_type = encode_multipart_formdata([*fields.items(), uploaded])
        return cls(content_type, body)


class HttpCalls:
    """Calls of one worker, each over a connection of its own."""

    def __init__(self) -> None:
        self._http = urllib3.PoolManager(retries=False)

    def ask(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None, within: timedelta
    ) -> HttpAnswer | RetryLater | UnknownEffect:
        """Make the call: its answer, or what came of it instead."""
        try:
            return self._call(method, url, headers, body, within)
        except NothingSentError:
            return RetryLater(SendFailure.UNREACHABLE)
        except NoAnswerError:
            return UnknownEffect(SendFailure.NO_ANSWER)

    def _call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, within: timedelta
    ) -> HttpAnswer:
        seconds = within.total_seconds()
        # A connection that slept through the sandbox's freeze may be dead, which shows only once the request is out:
        # a fresh one for every call costs a handshake and saves a doubt.
        self._http.clear()
        try:
            response = self._http.request(
                method,
                url,
                body=body,
                headers=headers,
                timeout=urllib3.Timeout(connect=min(CONNECT_SECONDS, seconds), total=seconds),
                redirect=False,
                retries=False,
            )
        except (NewConnectionError, ConnectTimeoutError, LocationValueError):
            raise NothingSentError from None
        except SSLError as error:
            # A certificate is checked before anything is sent; any other trouble may come later.
            if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in error.args):
                raise NothingSentError from None
            raise NoAnswerError from None
        except (HTTPError, OSError):
            raise NoAnswerError from None
        answered = {name.lower(): value for name, value in response.headers.items()}
        return HttpAnswer(response.status, answered, response.data)
