"""How the Graph API says no: one table of its refusals, and the JSON body that carries them.

Codes as in the platform's own error reference and the send references of Messenger; only `code` (and `error_subcode`)
tell them apart, since throttling and a dead token share the type `OAuthException`.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from contact_desk.errors import ContactDeskError

POLICY_URL = "https://developers.facebook.com/docs/messenger-platform/policy-overview"


class GraphRefusedError(ContactDeskError):
    """The stand-in refuses a call as the Graph API would; never holds the person's words."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        subcode: int | None = None,
        kind: str = "OAuthException",
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.subcode = subcode
        self.headers = headers or {}
        self._kind = kind
        self._extra = extra

    def body(self) -> dict[str, Any]:
        """The JSON body, with a fresh trace id."""
        error: dict[str, Any] = {"message": str(self), "type": self._kind, "code": self.code}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        return {"error": {**error, **self._extra, "fbtrace_id": "A" + secrets.token_urlsafe(16)}}


def no_token() -> GraphRefusedError:
    """The call carries no token at all."""
    return GraphRefusedError(
        400,
        104,
        "An access token is required to request this resource.",
        headers=_challenge("invalid_request"),
    )


def bad_token() -> GraphRefusedError:
    """The token is none of ours."""
    message = "Invalid OAuth access token - Cannot parse access token"
    return GraphRefusedError(400, 190, message, headers=_challenge("invalid_token"))


def expired_token() -> GraphRefusedError:
    """The token was good once."""
    message = "Error validating access token: Session has expired. Get a new token."
    return GraphRefusedError(400, 190, message, subcode=463, headers=_challenge("invalid_token"))


def _challenge(error: str) -> dict[str, str]:
    return {"WWW-Authenticate": f'OAuth "Facebook Platform" "{error}"'}


def throttled(page_id: str | None, *, messaging: bool, regain_minutes: int) -> GraphRefusedError:
    """Too many calls: the custom limit (613), or, where a wait is told, the page's own limit with its usage header."""
    if not regain_minutes or page_id is None:
        return GraphRefusedError(400, 613, "(#613) Calls to this api have exceeded the rate limit.")
    usage = {
        "type": "messenger" if messaging else "pages",
        "call_count": 100,
        "total_cputime": 25,
        "total_time": 25,
        "estimated_time_to_regain_access": regain_minutes,
    }
    code = 80006 if messaging else 80001
    subject = "messenger" if messaging else "this page"
    return GraphRefusedError(
        400,
        code,
        f"(#{code}) There have been too many calls to {subject}. Wait a bit and try again.",
        headers={"X-Business-Use-Case-Usage": json.dumps({page_id: [usage]})},
    )


def server_error() -> GraphRefusedError:
    """The platform failed; whether anything was done, it does not say."""
    message = "An unexpected error has occurred. Please retry your request later."
    return GraphRefusedError(500, 2, message, is_transient=True)


def bad_parameter(message: str, *, subcode: int | None = None) -> GraphRefusedError:
    """A parameter is missing or wrong."""
    return GraphRefusedError(400, 100, f"(#100) {message}", subcode=subcode)


def no_such_person() -> GraphRefusedError:
    """Nobody has this page-scoped id."""
    return bad_parameter("No matching user found", subcode=2018001)


def person_unavailable() -> GraphRefusedError:
    """The person blocked the page or cannot be written to."""
    return GraphRefusedError(400, 551, "(#551) This person isn't available right now.", subcode=1545041)


def window_closed() -> GraphRefusedError:
    """The person last wrote too long ago."""
    message = "(#10) This message is sent outside of allowed window. Learn more about the new policy here: "
    return GraphRefusedError(400, 10, message + POLICY_URL, subcode=2018278)


def instagram_window_closed() -> GraphRefusedError:
    """The person last wrote too long ago, on Instagram."""
    message = "(#10) This message is sent outside of allowed window."
    return GraphRefusedError(400, 10, message, subcode=2534022)


def re_engagement() -> GraphRefusedError:
    """The person last wrote too long ago, on WhatsApp: only a template may go out."""
    return GraphRefusedError(400, 131047, "(#131047) Re-engagement message")


def no_such_template() -> GraphRefusedError:
    """WhatsApp has approved no template of that name in that language."""
    return GraphRefusedError(404, 132001, "(#132001) Template name does not exist in the translation")


def already_replied() -> GraphRefusedError:
    """The comment has had its one private reply."""
    return GraphRefusedError(400, 10900, "(#10900) Activity already replied to")


def object_gone(object_id: str, method: str) -> GraphRefusedError:
    """The object is not there, or not ours to see."""
    message = (
        f"Unsupported {method.lower()} request. Object with ID '{object_id}' does not exist, cannot be loaded due to "
        "missing permissions, or does not support this operation."
    )
    return GraphRefusedError(400, 100, message, subcode=33, kind="GraphMethodException")


def duplicate_text() -> GraphRefusedError:
    """The same words twice running in the same place."""
    return GraphRefusedError(
        400,
        506,
        "(#506) Duplicate status message",
        is_transient=False,
        error_user_title="Duplicate Status Update",
        error_user_msg="This status update is identical to the last one you posted.",
    )


def caption_too_long() -> GraphRefusedError:
    """More words than Instagram puts under a picture."""
    return GraphRefusedError(400, 36004, "The caption was too long", subcode=2207010)


def media_not_ready() -> GraphRefusedError:
    """The container is still being worked on, or was published already."""
    return GraphRefusedError(400, 9007, "Media ID is not available", subcode=2207027)


def unknown_field(name: str, node: str) -> GraphRefusedError:
    """A field was asked for that this kind of object does not have."""
    return bad_parameter(f"Tried accessing nonexisting field ({name}) on node type ({node})")


def unknown_path(path: str) -> GraphRefusedError:
    """No edge of that name."""
    return GraphRefusedError(400, 2500, f"Unknown path components: {path}")
