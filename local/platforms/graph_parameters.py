"""What a call of the Graph API says: its parameters, its token, and the message that it asks to send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from local.platforms import graph_errors
from local.platforms.graph_errors import bad_parameter

MESSAGING_TYPES = ("RESPONSE", "UPDATE", "MESSAGE_TAG")
TEXT_LIMIT = 2000
INSTAGRAM_BYTES = 1000
METADATA_LIMIT = 1000
# The other tags answer with error 100 since 2026-04-27.
LIVING_TAGS = ("HUMAN_AGENT",)


async def read_parameters(request: Request) -> dict[str, Any]:
    """Query, form and JSON body as one, as the Graph API takes them; the body wins.

    A form carries objects as JSON text. Raises GraphRefusedError (100) for a body that is neither.
    """
    parameters: dict[str, Any] = dict(request.query_params)
    body = await request.body()
    if not body:
        return parameters
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return parameters | {
            name: _object_or_text(value) for name, value in parse_qsl(body.decode("utf-8", "replace"))
        }
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise bad_parameter("The body is neither a form nor a JSON object")
    return parameters | fields


def _object_or_text(value: str) -> Any:
    if not value.startswith("{"):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def token_of(request: Request, parameters: Mapping[str, Any]) -> str:
    """The call's access token, from its header or its parameters; raises GraphRefusedError (104) without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() in {"bearer", "oauth"} and token:
        return token.strip()
    if isinstance(given := parameters.get("access_token"), str) and given:
        return given
    raise graph_errors.no_token()


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message is for: a person by page-scoped id, or the writer of a comment or visitor post."""

    person_id: str | None = None
    comment_id: str | None = None

    @property
    def named(self) -> str | None:
        """The id that the call named."""
        return self.person_id or self.comment_id


def recipient_of(parameters: Mapping[str, Any]) -> Recipient:
    """The recipient as far as it can be read; nobody where the call names none."""
    fields = parameters.get("recipient")
    if not isinstance(fields, Mapping):
        return Recipient()
    if "id" in fields:
        return Recipient(person_id=str(fields["id"]))
    object_id = fields.get("comment_id", fields.get("post_id"))
    return Recipient(comment_id=str(object_id)) if object_id is not None else Recipient()


def text_of(parameters: Mapping[str, Any]) -> str | None:
    """The words that a call asks to send, of a message or a comment."""
    message = parameters.get("message")
    text = message.get("text") if isinstance(message, Mapping) else message
    return text if isinstance(text, str) else None


def check_message(parameters: Mapping[str, Any], recipient: Recipient, *, instagram: bool = False) -> None:
    """Refuse what the send route refuses whoever it is for; raises GraphRefusedError (100)."""
    if recipient.named is None:
        raise bad_parameter("The parameter recipient is required")
    message = parameters.get("message")
    if not isinstance(message, Mapping):
        raise bad_parameter("The parameter message is required")
    text = message.get("text")
    if text is not None and not isinstance(text, str):
        raise bad_parameter("Param message[text] must be a string")
    if not text and not message.get("attachment"):
        raise bad_parameter("Message cannot be empty, must provide valid attachment or text")
    if text and len(text) > TEXT_LIMIT:
        raise bad_parameter(f"Length of param message[text] must be less than or equal to {TEXT_LIMIT}")
    if text and instagram and len(text.encode("utf-8")) > INSTAGRAM_BYTES:
        raise bad_parameter(f"Length of param message[text] must be less than or equal to {INSTAGRAM_BYTES}")
    if len(str(message.get("metadata", ""))) > METADATA_LIMIT:
        raise bad_parameter(
            f"Length of param message[metadata] must be less than or equal to {METADATA_LIMIT}"
        )
    kind = parameters.get("messaging_type")
    if kind not in MESSAGING_TYPES and not (kind is None and recipient.comment_id):
        raise bad_parameter("Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG}")
    if kind == "MESSAGE_TAG" and parameters.get("tag") not in LIVING_TAGS:
        raise bad_parameter("Param tag must be one of {HUMAN_AGENT}")


def comment_text(parameters: Mapping[str, Any]) -> str:
    """The words of a comment; raises GraphRefusedError (100) where there are none."""
    text = text_of(parameters)
    if not text or not text.strip():
        raise bad_parameter("The parameter message is required")
    return text
