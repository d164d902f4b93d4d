"""The Lambda that the API asks before the public's routes: did the call come by the front door?

Whoever calls the API's own address goes past the edge's rules. The front door adds a secret to what it hands on; the
current one and the one before it are good, so that it can be changed without refusing anybody.
"""

from __future__ import annotations

import hmac
import os
from typing import Any

from contact_desk.errors import SecretUnavailableError
from contact_desk.observability import count, logger, metrics
from contact_desk.ports import Secret
from functions.origin import composition
from functions.origin.settings import HEADER

FIELD = "key"


def came_by_the_front_door(event: dict[str, Any], secret: Secret) -> bool:
    """Whether the call carries the secret. Where no secret can be read the call is let in: people come first."""
    given = str(event.get("headers", {}).get(HEADER, ""))
    try:
        known = [str(version.get(FIELD, "")) for version in secret.versions()]
    except SecretUnavailableError:
        count("OriginSecretUnread")
        return True
    # Each is compared, so that the time taken tells nothing.
    matches = [hmac.compare_digest(given.encode(), value.encode()) for value in known if value]
    if not any(matches):
        count("OriginRefused")
        return False
    return True


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(event: dict[str, Any], _context: object) -> dict[str, bool]:
    """One question of the API's, answered in the simple form."""
    allowed = came_by_the_front_door(event, composition.secret())
    logger.info("asked", extra={"allowed": allowed})
    return {"isAuthorized": allowed}


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.secret()
