"""Every channel that this desk reads: one line each. The platforms, and with them the webhooks, follow from it."""

from __future__ import annotations

from collections.abc import Mapping

from functions.ingest.channels.facebook_page.adapter import FACEBOOK_PAGE
from functions.ingest.channels.instagram.adapter import INSTAGRAM
from functions.ingest.channels.messenger.adapter import MESSENGER
from functions.ingest.channels.sms.adapter import SMS
from functions.ingest.channels.whatsapp.adapter import WHATSAPP
from functions.ingest.channels.x.adapter import X
from functions.ingest.reading import Channel, Platform

CHANNELS: tuple[Channel, ...] = (
    MESSENGER,
    FACEBOOK_PAGE,
    INSTAGRAM,
    WHATSAPP,
    X,
    SMS,
)
PLATFORMS: Mapping[str, Platform] = {channel.platform.name: channel.platform for channel in CHANNELS}
