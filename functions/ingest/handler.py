"""The internet-facing Lambda: every platform's webhook, its handshake and its deliveries."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from contact_desk.http_api import Answer, Routes, respond
from contact_desk.observability import logger, metrics
from functions.ingest import composition
from functions.ingest.platforms import meta, x
from functions.ingest.webhooks import Webhooks, take_in

ROUTES: Routes[Webhooks] = {
    "/webhooks/meta": {"GET": meta.answer_handshake, "POST": partial(take_in, "meta")},
    "/webhooks/x": {"GET": x.answer_handshake},
}


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(event: dict[str, Any], _context: object) -> Answer:
    """One HTTP request."""
    return respond(event, ROUTES, composition.webhooks())


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.webhooks()
