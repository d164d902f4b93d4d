"""X: the challenge-response check (CRC) that it puts to a webhook when one is made, and every so often afterwards.

Source: docs.x.com, webhooks quickstart.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from contact_desk.errors import SecretUnavailableError
from contact_desk.http_api import Answer, Request, answer_json, problem

if TYPE_CHECKING:
    from functions.ingest.webhooks import Webhooks

# The answer is the very HMAC that signs deliveries: a token must never look like the body of one.
TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{1,128}", re.ASCII)
NEWLY_SET = timedelta(seconds=15)  # one wrong answer and X stops sending, so a new secret counts at once


def answer_handshake(request: Request, webhooks: Webhooks) -> Answer:
    """The CRC: the token's HMAC under the current consumer secret, in base64."""
    token = request.query.get("crc_token", "")
    if not TOKEN.fullmatch(token):
        return problem(HTTPStatus.BAD_REQUEST, detail="crc_token is not of a token's form")
    current = webhooks.secrets["x"].versions(max_age=NEWLY_SET)[0]
    consumer_secret = current.get("consumer_secret")
    if not isinstance(consumer_secret, str) or not consumer_secret:
        raise SecretUnavailableError("the secret of X holds no consumer_secret")
    digest = hmac.new(consumer_secret.encode("utf-8"), token.encode("ascii"), hashlib.sha256).digest()
    response_token = f"sha256={base64.b64encode(digest).decode('ascii')}"
    return answer_json(HTTPStatus.OK, {"response_token": response_token})
