"""The internet-facing Lambda: every platform's webhook, its handshake and its deliveries."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from contact_desk.http_api import Answer, Request, Routes, respond
from contact_desk.observability import logger, metrics
from functions.ingest import composition
from functions.ingest.reading import Platform
from functions.ingest.registry import PLATFORMS
from functions.ingest.webhooks import Webhooks, shake_hands, take_in


def _verbs(platform: Platform) -> dict[str, Callable[[Request, Webhooks], Answer]]:
    asked = {"GET": partial(shake_hands, platform.name)} if platform.handshake else {}
    return {**asked, "POST": partial(take_in, platform.name)}


ROUTES: Routes[Webhooks] = {f"/webhooks/{name}": _verbs(platform) for name, platform in PLATFORMS.items()}


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(event: dict[str, Any], _context: object) -> Answer:
    """One HTTP request."""
    return respond(event, ROUTES, composition.webhooks())


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.webhooks()
