"""Reads Messenger's events: see `platforms/meta_messaging.py`, which it shares with Instagram."""

from __future__ import annotations

from collections.abc import Sequence

from functions.ingest.platforms import meta, meta_messaging
from functions.ingest.reading import Channel, Event, Finding

NAME = "messenger"


def claims(event: Event) -> bool:
    """A page's conversations, also those in which another app answers just now."""
    return event.product == "page" and event.topic in meta_messaging.TOPICS


def read(event: Event) -> Sequence[Finding]:
    """What one item holds."""
    return meta_messaging.read(event, NAME)


MESSENGER = Channel(name=NAME, platform=meta.PLATFORM, claims=claims, read=read)
