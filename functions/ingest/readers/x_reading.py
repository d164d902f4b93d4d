"""Reads from X's API in an account's name, page after page, until there is no more, no more time, or no more calls.

Signed by OAuth 1.0a: X's OAuth 2.0 user tokens last two hours and are renewed by writing new ones. Source: docs.x.com,
X API v2, rate limits, response codes and pagination.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from oauthlib.oauth1 import Client

from contact_desk.clock import Clock
from contact_desk.errors import SecretUnavailableError
from contact_desk.graph_answers import LONGEST_WAIT, HttpAnswer, wait_told
from contact_desk.ports import Secret
from functions.ingest.readers.calls import FIT_FOR_HEADER, PacedCalls
from functions.ingest.readers.reader import ReadingStoppedError, StopCause, TimeLeft

APP_KEYS = ("consumer_key", "consumer_secret")
ACCOUNT_KEYS = ("access_token", "access_token_secret")
THROTTLED_WAIT = timedelta(minutes=15)  # one window
PAGES_AT_MOST = 500

# Of a picture or a film, and of who wrote: what the adapter reads of them.
USER_FIELDS = ("id", "name", "username")
MEDIA_FIELDS = ("media_key", "preview_image_url", "type", "url", "variants")


class XReading:
    """Calls that read, in the name of an account. `base_url` carries the version and no closing slash.

    `publishing` is the secret with `consumer_key`, `consumer_secret` and `tokens`, which maps account ids to
    `access_token` and `access_token_secret`; `pause` waits for so many seconds.
    """

    def __init__(
        self, base_url: str, publishing: Secret, clock: Clock, pause: Callable[[float], None]
    ) -> None:
        self._base_url = base_url
        self._publishing = publishing
        self._clock = clock
        self._calls = PacedCalls(pause)
        self._spent_until: dict[tuple[str, ...], datetime] = {}

    def get(
        self, account: str, path: tuple[str, ...], parameters: Mapping[str, str], time_left: TimeLeft
    ) -> Mapping[str, Any]:
        """One answer's fields; raises ReadingStoppedError where there are none."""
        signer = self._signer(account)
        window = (account, *path)
        if (wait := self._spent_until.get(window, self._clock.now()) - self._clock.now()) > timedelta(0):
            raise ReadingStoppedError(StopCause.THROTTLED, wait)
        url = "/".join([self._base_url, *(quote(part, safe="") for part in path)])
        if parameters:
            url = f"{url}?{urlencode(parameters)}"

        def signed() -> Mapping[str, str]:
            _, headers, _ = signer.sign(url)
            return {"Authorization": str(headers["Authorization"])}

        answer = self._calls.ask("GET", url, signed, time_left)
        if answer.headers.get("x-rate-limit-remaining") == "0":
            # What was read is good; the next question would be refused, and is not worth asking.
            self._spent_until[window] = self._clock.now() + self._until_reset(answer)
        return self._fields(answer)

    def pages(
        self, account: str, path: tuple[str, ...], parameters: Mapping[str, str], time_left: TimeLeft
    ) -> Iterator[Mapping[str, Any]]:
        """The answers of a list, page after page as they are asked for; raises as `get` does."""
        further: dict[str, str] = {}
        for _ in range(PAGES_AT_MOST):
            answer = self.get(account, path, {**parameters, **further}, time_left)
            yield answer
            meta = answer.get("meta")
            token = meta.get("next_token") if isinstance(meta, Mapping) else None
            if not isinstance(token, str) or not token:
                return
            further = {"pagination_token": token}
        raise ReadingStoppedError(StopCause.OUT_OF_TIME)

    def _signer(self, account: str) -> Client:
        try:
            version = self._publishing.versions()[0]
        except SecretUnavailableError:
            raise ReadingStoppedError(StopCause.CREDENTIALS) from None
        tokens = version.get("tokens")
        own = tokens.get(account) if isinstance(tokens, Mapping) else None
        keys = [version.get(name) for name in APP_KEYS]
        keys += [own.get(name) for name in ACCOUNT_KEYS] if isinstance(own, Mapping) else [None]
        if not all(isinstance(key, str) and FIT_FOR_HEADER.fullmatch(key) for key in keys):
            raise ReadingStoppedError(StopCause.CREDENTIALS)
        return Client(*map(str, keys))

    def _fields(self, answer: HttpAnswer) -> Mapping[str, Any]:
        fields = answer.fields
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise ReadingStoppedError(StopCause.THROTTLED, self._until_reset(answer))
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise ReadingStoppedError(StopCause.CREDENTIALS)
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ReadingStoppedError(StopCause.UNREACHABLE)
        # Beside what was found, `errors` may name what was not: somebody's account is suspended, say.
        if answer.status != HTTPStatus.OK or fields is None or not fields.keys() & {"data", "meta"}:
            raise ReadingStoppedError(StopCause.REFUSED)
        return fields

    def _until_reset(self, answer: HttpAnswer) -> timedelta:
        reset = answer.headers.get("x-rate-limit-reset", "")
        if not (reset.isascii() and reset.isdigit() and len(reset) <= len("1767000000")):
            return wait_told(answer.headers) or THROTTLED_WAIT
        wait = datetime.fromtimestamp(int(reset), UTC) - self._clock.now()
        return min(wait, LONGEST_WAIT) if wait > timedelta(0) else THROTTLED_WAIT


def entries_of(answer: Mapping[str, Any], name: str = "data") -> list[Mapping[str, Any]]:
    """The objects that an answer lists: an empty page has no `data`."""
    listed = answer.get(name)
    return [entry for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []


def included(answer: Mapping[str, Any], writer: object, written: Mapping[str, Any]) -> dict[str, Any]:
    """An envelope's extras for one thing: who wrote it and its pictures, of all that the page tells."""
    everything = answer.get("includes")
    extras = everything if isinstance(everything, Mapping) else {}
    attached = written.get("attachments")
    keys = attached.get("media_keys") if isinstance(attached, Mapping) else None
    wanted = [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []
    users = [picked(each, USER_FIELDS) for each in entries_of(extras, "users") if each.get("id") == writer]
    media = {each.get("media_key"): picked(each, MEDIA_FIELDS) for each in entries_of(extras, "media")}
    found = {"users": users, "media": [media[key] for key in wanted if key in media]}
    return {name: listed for name, listed in found.items() if listed}


def picked(entry: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Those fields alone that were asked for: what X adds of itself, counts above all, changes from run to run."""
    return {name: entry[name] for name in names if name in entry}


def delivery(account: str, event_type: str, payload: dict[str, Any], includes: dict[str, Any]) -> Any:
    """The envelope of X Activity around one thing."""
    event = {
        "event_type": event_type,
        "filter": {"user_id": account},
        "payload": payload,
        "includes": includes,
    }
    return {"data": event}
