"""Every channel that this desk reads, and every platform whose webhook it answers: one line each."""

from __future__ import annotations

from collections.abc import Mapping

from functions.ingest.channels.facebook_page.adapter import FACEBOOK_PAGE
from functions.ingest.channels.instagram.adapter import INSTAGRAM
from functions.ingest.channels.messenger.adapter import MESSENGER
from functions.ingest.channels.whatsapp.adapter import WHATSAPP
from functions.ingest.platforms import meta
from functions.ingest.reading import Channel, Platform

CHANNELS: tuple[Channel, ...] = (MESSENGER, FACEBOOK_PAGE, INSTAGRAM, WHATSAPP)
PLATFORMS: Mapping[str, Platform] = {"meta": meta.PLATFORM}  # by webhook: POST /webhooks/{name}
