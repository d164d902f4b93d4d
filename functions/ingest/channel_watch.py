"""The channel-health Lambda, every five minutes: one look at subscriptions, credentials and silence."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from contact_desk.observability import count, gauge, gauge_each, logger, metrics
from functions.ingest import composition
from functions.ingest.channel_health import look

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(_event: dict[str, Any], context: LambdaContext) -> None:
    """One look at every channel."""
    found = look(
        composition.channel_health(),
        lambda: timedelta(milliseconds=context.get_remaining_time_in_millis()),
    )
    count("SubscriptionsRepaired", len(found.repaired))
    count("ChannelsSilent", len(found.silent))
    count("ChannelLooksFailed", len(found.failed))
    if found.days_left:
        gauge("CredentialDaysLeft", min(found.days_left.values()))
    gauge_each("CredentialDaysLeft", "channel", found.days_left)
    logger.info(
        "channels looked at",
        repaired=len(found.repaired),
        days_left=found.days_left,
        silent=found.silent,
        failed=found.failed,
    )


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.channel_health()
