"""What the schedules of notify send, any kind of item on any channel, and the senders that send it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from contact_desk.contacts import REPORT_FORM
from contact_desk.force_file import MessageTemplate
from contact_desk.outbox import OutboxItem, OutboxKind, Purpose
from functions.notify.graph_api import GraphApi
from functions.notify.senders.by_channel import ByChannel
from functions.notify.senders.comment_replies import CommentReplySender
from functions.notify.senders.emails import EmailSender
from functions.notify.senders.messages import InstagramSender, MessageSender
from functions.notify.senders.operator_alerts import OperatorAlertSender
from functions.notify.senders.private_replies import PrivateReplySender
from functions.notify.senders.sender import Sender
from functions.notify.senders.text_messages import TextMessageSender
from functions.notify.senders.whatsapp_messages import WhatsAppSender
from functions.notify.senders.x import DirectMessageSender, PostReplySender
from functions.notify.twilio_api import TwilioApi
from functions.notify.x_api import XApi
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON
from local.twins.in_memory_alerts import InMemoryAlerts
from local.twins.in_memory_secret import InMemorySecret
from tests.builders import FORCE_NUMBER, FORCE_ON_X, PAGE, force, outbox_item
from tests.simulation.send_platforms import (
    GRAPH_URL,
    INSTAGRAM,
    META_TOKENS,
    SMS_KEYS,
    TEMPLATE,
    TWILIO_URL,
    WHATSAPP,
    X_KEYS,
    X_URL,
    SendPlatforms,
)

# Everything that notify sends: kind, channel, account, whether it may be an emergency's text.
SENT = (
    (OutboxKind.MESSAGE, "messenger", PAGE),
    (OutboxKind.MESSAGE, "instagram", INSTAGRAM),
    (OutboxKind.MESSAGE, "whatsapp", WHATSAPP),
    (OutboxKind.MESSAGE, "x", FORCE_ON_X),
    (OutboxKind.MESSAGE, "sms", FORCE_NUMBER),
    (OutboxKind.COMMENT_REPLY, "facebook_page", PAGE),
    (OutboxKind.COMMENT_REPLY, "x", FORCE_ON_X),
    (OutboxKind.PRIVATE_REPLY, "facebook_page", PAGE),
    (OutboxKind.EMAIL, REPORT_FORM, "MP"),
    (OutboxKind.OPERATOR_ALERT, "operator_alerts", "operator_alerts"),
)


def an_item(chance: random.Random, cause: str, number: int) -> OutboxItem:
    """An item of any kind, to somebody of its own, in words of its own."""
    kind, channel, account = chance.choice(SENT)
    emergency = chance.random() < 0.4
    purpose = Purpose.EMERGENCY if emergency else chance.choice((Purpose.REPLY, Purpose.ACKNOWLEDGEMENT))
    common = {"cause": cause, "channel": channel, "account": account}
    if kind is OutboxKind.OPERATOR_ALERT:
        target = f"case{number}.emergency"
        return outbox_item(kind, **common, target=target, text="opened", urgent=True)
    person = {
        OutboxKind.COMMENT_REPLY: f"5501_66{number}" if channel == "facebook_page" else f"18500{number}",
        OutboxKind.PRIVATE_REPLY: f"5501_77{number}",
        OutboxKind.EMAIL: f"ada{number}@example.org",
    }.get(kind, f"+44770090000{number}" if channel == "sms" else f"44770090000{number}")
    window_over = channel == "whatsapp" and chance.random() < 0.3
    return outbox_item(
        kind,
        **common,
        purpose=purpose,
        urgent=emergency,
        target=person,
        text=f"Words number {number} & https://example.org/{number}",
        case_id=f"case{number}",
        reply_until=NOON - timedelta(minutes=1) if window_over else None,
    )


def senders_over(platforms: SendPlatforms, records: DeskRecords) -> Mapping[OutboxKind, Sender]:
    """Every sender that ships, as a new worker makes them."""
    graph = GraphApi(GRAPH_URL, InMemorySecret(page_tokens=META_TOKENS))
    x = XApi(X_URL, InMemorySecret(**X_KEYS.model_dump()), platforms.clock)
    twilio = TwilioApi(TWILIO_URL, InMemorySecret(**SMS_KEYS.model_dump()))
    name, _, language = TEMPLATE.partition("/")
    template = MessageTemplate(name=name, language=language)
    aws: Any = platforms
    return {
        OutboxKind.MESSAGE: ByChannel(
            {
                "messenger": MessageSender(graph),
                "instagram": InstagramSender(graph),
                "whatsapp": WhatsAppSender(graph, template, platforms.clock),
                "x": DirectMessageSender(x),
                "sms": TextMessageSender(twilio, "https://desk.example/webhooks/sms"),
            }
        ),
        OutboxKind.COMMENT_REPLY: ByChannel(
            {"facebook_page": CommentReplySender(graph), "x": PostReplySender(x)}
        ),
        OutboxKind.PRIVATE_REPLY: PrivateReplySender(graph),
        OutboxKind.EMAIL: EmailSender(aws, force().email),
        OutboxKind.OPERATOR_ALERT: OperatorAlertSender(
            aws,
            "arn:aws:sns:eu-west-2:000000000000:alerts",
            InMemoryAlerts(records),
            "https://desk.example/console",
            force().alerts,
        ),
    }
