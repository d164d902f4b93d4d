"""What each service reads of an alert: the body of a web hook, as bytes to be signed and sent.

Sources: Slack, "Sending messages using incoming webhooks"; Microsoft, "Create incoming webhooks with Workflows for
Teams"; PagerDuty, "Events API v2 overview".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from contact_desk.alerts import AlertEvent, AlertRank
from contact_desk.operator_alert import OperatorAlert

Fields = dict[str, Any]
Settings = Mapping[str, Any]

SEVERITIES = {AlertRank.A1: "critical", AlertRank.A2: "error", AlertRank.A3: "warning"}
PAGERDUTY_ACTIONS = {
    AlertEvent.OPENED: "trigger",
    AlertEvent.NUDGED: "trigger",
    AlertEvent.ACKNOWLEDGED: "acknowledge",
    AlertEvent.CANCELLED: "resolve",
}


def _plain(alert: OperatorAlert, _settings: Settings) -> Fields:
    """C6 itself."""
    return alert.model_dump(mode="json")


def _slack(alert: OperatorAlert, _settings: Settings) -> Fields:
    return {"text": f"{alert.headline}\n<{alert.link}|Open it at the desk>"}


def _teams(alert: OperatorAlert, _settings: Settings) -> Fields:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "TextBlock", "text": alert.headline, "wrap": True, "weight": "Bolder"}],
        "actions": [{"type": "Action.OpenUrl", "title": "Open it at the desk", "url": alert.link}],
    }
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
    }


def _pagerduty(alert: OperatorAlert, settings: Settings) -> Fields:
    """One incident an alert, which its acknowledgement at the desk quiets; `routing_key` is from the hook's secret."""
    return {
        "routing_key": settings.get("routing_key"),
        "event_action": PAGERDUTY_ACTIONS[alert.event],
        "dedup_key": alert.alert_id,
        "payload": {
            "summary": alert.headline,
            "source": "contact-desk",
            "severity": SEVERITIES[alert.rank],
            "timestamp": alert.opened_at,
            "class": alert.kind.value,
        },
        "links": [{"href": alert.link, "text": "Open it at the desk"}],
    }


FORMS: Mapping[str, Callable[[OperatorAlert, Settings], Fields]] = {
    "plain": _plain,
    "slack": _slack,
    "teams": _teams,
    "pagerduty": _pagerduty,
}


def hook_body(form: str, alert: OperatorAlert, settings: Settings) -> bytes:
    """The exact bytes; `settings` is the hook's secret."""
    return json.dumps(FORMS[form](alert, settings), separators=(",", ":")).encode("ascii")
