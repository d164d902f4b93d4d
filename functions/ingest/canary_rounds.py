"""A round of canaries: whether those of the last round reached triage in time, and then a new one on every channel.

Nothing waits in between: the next round looks, so a round costs a second and a lost canary shows a minute later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import NamedTuple

import urllib3
from urllib3.exceptions import HTTPError

from contact_desk.canaries import PREFIX, CanarySeen
from contact_desk.clock import Clock
from contact_desk.errors import ContactDeskError, SecretUnavailableError, StoreError
from contact_desk.force_file import ForceFile
from contact_desk.ports import ChannelLog, Secret
from functions.ingest.canary_deliveries import BODIES, canary_delivery

ARRIVES_WITHIN = timedelta(seconds=30)
# The last round is a minute old, two where one run was lost: what is older says nothing of now.
TELLS_OF_NOW_FOR = timedelta(seconds=150)
ANSWERS_WITHIN = timedelta(seconds=5)
SENT_AT = re.compile(rf"{re.escape(PREFIX)}(?P<milliseconds>\d{{13}})")

Post = Callable[[str, Mapping[str, str], bytes], int]


class NotReachedError(ContactDeskError):
    """The webhook gave no answer."""


class CanaryRounds(NamedTuple):
    """What rounds work with; `public_url` is where platforms reach the webhooks, without a closing slash."""

    force: ForceFile
    secrets: Mapping[str, Secret]
    post: Post
    public_url: str
    channel_log: ChannelLog
    clock: Clock


@dataclass(slots=True)
class Round:
    """What one round saw: of each channel whether its last canary arrived in time, and after how many milliseconds.

    `unsent` has each channel whose webhook did not take a new one, with a code that says why; `unseen` those of which
    the log could not be read.
    """

    arrived: dict[str, bool] = field(default_factory=dict)
    took: dict[str, int] = field(default_factory=dict)
    unsent: dict[str, str] = field(default_factory=dict)
    unseen: list[str] = field(default_factory=list)


def fly(desk: CanaryRounds) -> Round:
    """Look for the canaries of the last round, then send the next ones; one channel's fault never stops another."""
    found = Round()
    channels = [name for name in desk.force.channels if name in BODIES]
    for name in channels:
        _look(desk, name, found)
    for name in channels:
        if cause := _send(desk, name):
            found.unsent[name] = cause
    return found


def _look(desk: CanaryRounds, channel: str, found: Round) -> None:
    try:
        seen = desk.channel_log.last_canary(channel, desk.force.channels[channel].account)
    except StoreError:
        found.unseen.append(channel)
        return
    took = _way_of(seen, desk.clock.now())
    found.arrived[channel] = took is not None and took <= ARRIVES_WITHIN
    if took is not None:
        found.took[channel] = round(took.total_seconds() * 1000)


def _way_of(seen: CanarySeen | None, now: datetime) -> timedelta | None:
    """How long the last round's canary was on its way; None where none of that round is on the desk."""
    match = SENT_AT.fullmatch(seen.native_id) if seen else None
    if seen is None or match is None:  # one that somebody sent by hand tells nothing of the last round
        return None
    sent_at = datetime.fromtimestamp(int(match["milliseconds"]) / 1000, tz=UTC)
    return seen.seen_at - sent_at if now - sent_at <= TELLS_OF_NOW_FOR else None


def _send(desk: CanaryRounds, channel: str) -> str | None:
    """Send a canary through the channel's webhook; a code of what went wrong, None where it was taken."""
    own, now = desk.force.channels[channel], desk.clock.now()
    name = f"{int(now.timestamp() * 1000):013d}"
    try:
        secret = desk.secrets[own.platform].versions()[0]
        sent = canary_delivery(channel, own, secret, name=name, at=now)
    except SecretUnavailableError:
        return "secret_unavailable"
    except KeyError:
        return "secret_incomplete"
    try:
        status = desk.post(f"{desk.public_url}/webhooks/{sent.webhook}", sent.headers, sent.body)
    except NotReachedError:
        return "no_answer"
    return None if status == HTTPStatus.OK else f"answered_{status}"


class Posting:
    """Posts as a platform does, to the address that the platform has."""

    def __init__(self) -> None:
        self._http = urllib3.PoolManager(retries=False)

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status of the answer; raises NotReachedError where there is none in time."""
        try:
            answer = self._http.request(
                "POST",
                url,
                headers=dict(headers),
                body=body,
                timeout=urllib3.Timeout(total=ANSWERS_WITHIN.total_seconds()),
                redirect=False,
                retries=False,
            )
        except (HTTPError, OSError):
            raise NotReachedError from None
        return int(answer.status)
