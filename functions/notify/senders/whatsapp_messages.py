"""WhatsApp messages: free words while the person's window is open, after it the template that the force file names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from contact_desk.clock import Clock
from contact_desk.force_file import MessageTemplate
from contact_desk.outbox import OutboxItem
from contact_desk.send_failures import SendFailure
from functions.notify.graph_api import GraphApi
from functions.notify.platform_answers import (
    CredentialsRefused,
    LookUpAnswer,
    RetryLater,
    SendAnswer,
    Unclear,
    WindowClosed,
)

# A person is named by a telephone number, or since user names by an id with a country in front of it (`GB.123`).
PHONE = re.compile(r"\+?[0-9]{5,20}")


class WhatsAppSender:
    """Sends by the Cloud API (`POST /{number}/messages`); statuses bring the item's name back.

    `template` has one place, which takes the words.
    """

    def __init__(self, graph: GraphApi, template: MessageTemplate | None, clock: Clock) -> None:
        self._graph = graph
        self._template = template
        self._clock = clock

    def prepare(self, item: OutboxItem) -> RetryLater | CredentialsRefused | None:
        """Have the number's token at hand."""
        return self._graph.prepare(item.account)

    def send(self, item: OutboxItem, *, within: timedelta) -> SendAnswer:
        """Send the words; nothing is called where the window is closed and there is no template."""
        closed = item.reply_until is not None and item.reply_until <= self._clock.now()
        if closed and self._template is None:
            return WindowClosed()
        message = in_template(item.text, self._template) if closed and self._template else free(item.text)
        return self._graph.send(
            item.account,
            (item.account, "messages"),
            {
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                **addressed(item.target),
                **message,
                "biz_opaque_callback_data": item.outbox_id,
            },
            answer_id="messages.id",
            within=within,
            tried_before=item.attempts > 1,
        )

    def look_up(self, item: OutboxItem, *, within: timedelta) -> LookUpAnswer:  # noqa: ARG002 - no call is made
        """WhatsApp shows nobody what was sent: its status on queue `confirmations` is the only proof."""
        return Unclear(SendFailure.CANNOT_LOOK)


def addressed(person: str) -> Mapping[str, str]:
    """The field that names the person: `to` for a telephone number, `recipient` for the id behind a user name."""
    return {"to": person} if PHONE.fullmatch(person) else {"recipient": person}


def free(text: str) -> Mapping[str, Any]:
    """The words as they are."""
    return {"type": "text", "text": {"preview_url": False, "body": text}}


def in_template(text: str, template: MessageTemplate) -> Mapping[str, Any]:
    """The words in the template's one place, which takes no line breaks."""
    words = {"type": "text", "text": " ".join(text.split())}
    return {
        "type": "template",
        "template": {
            "name": template.name,
            "language": {"code": template.language},
            "components": [{"type": "body", "parameters": [words]}],
        },
    }
