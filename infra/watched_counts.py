"""The desk's own counts that call a person."""

from __future__ import annotations

from infra.ingest import Ingest
from infra.monitoring import WatchedCount
from infra.notify import Notify
from infra.operate import Operate
from infra.runbooks import Runbook, Severity
from infra.sweep import Sweep
from infra.triage import Triage


def watched_counts(
    ingest: Ingest, triage: Triage, notify: Notify, operate: Operate, sweep: Sweep
) -> list[WatchedCount]:
    """Each count with the function that keeps it, from where it calls, and what it means for whoever is called."""
    counts = [
        WatchedCount(
            metric="ReplaysFailed",
            function=ingest.replay,
            at_least=1,
            means="an archived delivery could not be taken in again; it is tried once more.",
            runbook=Runbook.REPLAY,
        ),
        WatchedCount(
            metric="ContactsCaughtUp",
            function=triage.triage,
            at_least=1,
            means="contacts reached the desk by catch-up alone: their webhook did not bring them.",
            runbook=Runbook.CHANNELS,
        ),
        WatchedCount(
            metric="CatchUpsStopped",
            function=ingest.catch_up,
            at_least=1,
            means="a channel was not read to the end; the log says why, and the next run reads it again.",
            runbook=Runbook.CHANNELS,
            severity=Severity.NOTICE,
        ),
        WatchedCount(
            metric="SubscriptionsRepaired",
            function=ingest.channel_health,
            at_least=1,
            means="a page's webhook had lost its subscription and was subscribed again; catch-up reads what it missed.",
            runbook=Runbook.CHANNELS,
            severity=Severity.NOTICE,
        ),
        WatchedCount(
            metric="ChannelsSilent",
            function=ingest.channel_health,
            at_least=1,
            means="a channel has brought nothing for longer than is usual at this hour.",
            runbook=Runbook.CHANNELS,
        ),
        WatchedCount(
            metric="ChannelLooksFailed",
            function=ingest.channel_health,
            at_least=1,
            means="subscriptions, credentials or silence of a channel could not be looked at; the log says why.",
            runbook=Runbook.CHANNELS,
            severity=Severity.NOTICE,
        ),
        WatchedCount(
            metric="CredentialDaysLeft",
            function=ingest.channel_health,
            at_most=13,
            means="a channel's credential ends within a fortnight. The log says which.",
            runbook=Runbook.CREDENTIALS,
            severity=Severity.NOTICE,
        ),
        WatchedCount(
            metric="CredentialDaysLeft",
            function=ingest.channel_health,
            at_most=0,
            means="a channel's credential is dead: nothing is sent there. The log says which.",
            runbook=Runbook.CREDENTIALS,
        ),
        WatchedCount(
            metric="ContactsFailed",
            function=triage.triage,
            at_least=5,
            means="contacts went back to their queue; the desk lacks them until they come again.",
            runbook=Runbook.TRIAGE,
        ),
        WatchedCount(
            metric="NudgesLost",
            function=triage.triage,
            at_least=1,
            means="texts and alerts were recorded and notify was not told: the sweep tells it within two minutes.",
            runbook=Runbook.PUSHED_ON,
        ),
        WatchedCount(
            metric="NudgesRefused",
            function=operate.operate,
            at_least=1,
            means="replies were recorded and notify was not told: the sweep tells it within two minutes.",
            runbook=Runbook.PUSHED_ON,
        ),
        WatchedCount(
            metric="PublishingStopped",
            function=operate.operate,
            at_least=1,
            means="somebody stopped all publishing: nothing goes out until a supervisor starts it.",
            runbook=Runbook.PUBLISHING,
        ),
        WatchedCount(
            metric="BroadcastsLapsed",
            function=sweep.broadcasts,
            at_least=1,
            means="a broadcast was not approved, or not started, within 15 minutes: it is a draft again.",
            runbook=Runbook.PUBLISHING,
        ),
        *(
            WatchedCount(
                metric="OperateFaults",
                function=function,
                at_least=1,
                means="an operator's call failed by a fault of ours.",
                runbook=Runbook.OPERATORS,
            )
            for function in (operate.operate, operate.watch)
        ),
        *(
            WatchedCount(
                metric="FeedBreaches",
                function=function,
                at_least=1,
                means="an alert of the feed was held back, because it breaks a rule of CAP; the log names the rules.",
                runbook=Runbook.FEED,
            )
            for function in (notify.notify_urgent, notify.refresh_feed)
        ),
        WatchedCount(
            metric="FeedRepaired",
            function=notify.refresh_feed,
            at_least=3,
            means="the public feed was behind the table and was put right by the minute's look, not by the outbox.",
            runbook=Runbook.FEED,
            severity=Severity.NOTICE,
        ),
        WatchedCount(
            metric="SignatureRefused",
            function=ingest.webhooks,
            at_least=5,
            means="webhooks with a wrong signature: a changed secret, or forgeries.",
            runbook=Runbook.SIGNATURES,
        ),
        WatchedCount(
            metric="DeliveriesParked",
            function=ingest.webhooks,
            at_least=1,
            means="deliveries that no secret verifies are parked for a week; `desk replay parked` releases them.",
            runbook=Runbook.SIGNATURES,
        ),
        WatchedCount(
            metric="ParkingRefused",
            function=ingest.webhooks,
            at_least=1,
            means="more deliveries without a right signature came in a minute than are parked.",
            runbook=Runbook.SIGNATURES,
        ),
        WatchedCount(
            metric="UnknownAccount",
            function=ingest.webhooks,
            at_least=1,
            means="a signed webhook for an account that the force file does not name.",
            runbook=Runbook.UNREADABLE,
        ),
        WatchedCount(
            metric="UnreadableContacts",
            function=ingest.webhooks,
            at_least=1,
            means="a signed event that the adapters cannot read went to the desk as it came.",
            runbook=Runbook.UNREADABLE,
        ),
        WatchedCount(
            metric="AccessRevoked",
            function=ingest.webhooks,
            at_least=1,
            means="our account has taken the app's permission away: its platform sends nothing until it is given anew.",
            runbook=Runbook.CREDENTIALS,
        ),
        WatchedCount(
            metric="PolicyEnforcement",
            function=ingest.webhooks,
            at_least=1,
            means="the platform warns that it acts against the page, or has stopped doing so.",
            runbook=Runbook.PLATFORM,
            severity=Severity.NOTICE,
        ),
        WatchedCount(
            metric="OrphansFound",
            function=sweep.orphans,
            at_least=1,
            means="an archived delivery that triage never saw was queued again.",
            runbook=Runbook.PUSHED_ON,
        ),
        WatchedCount(
            metric="CountingBehindMinutes",
            function=sweep.hour_totals,
            at_least=300,  # the five runs of five minutes together, each an hour behind
            means="the numbers are an hour behind the desk; nothing is lost, and the job catches up by itself.",
            runbook=Runbook.NUMBERS,
        ),
        WatchedCount(
            metric="DeadLettersQuarantined",
            function=sweep.dead_letters,
            at_least=1,
            means="a message failed three rounds and is before a person as a quarantine card.",
            runbook=Runbook.DEAD_LETTERS,
        ),
    ]
    counts.append(
        WatchedCount(
            metric="OutboxNotDelivered",
            function=notify.confirm,
            at_least=1,
            means="a platform took an item and said later that it did not arrive.",
            runbook=Runbook.PLATFORM,
            severity=Severity.NOTICE,
        )
    )
    for sender in (notify.notify_urgent, notify.notify):
        counts += [
            WatchedCount(
                metric="OutboxPostponed",
                function=sender,
                at_least=10,
                means="a platform asks us to wait, or refuses our credentials; items are held until later.",
                runbook=Runbook.PLATFORM,
            ),
            WatchedCount(
                metric="OutboxNeedsHuman",
                function=sender,
                at_least=1,
                means="only a person can say whether an item arrived.",
                runbook=Runbook.PLATFORM,
                severity=Severity.NOTICE,
            ),
            WatchedCount(
                metric="OutboxInDoubt",
                function=sender,
                at_least=5,
                means="sends ended without a clear answer; they are being looked up.",
                runbook=Runbook.PLATFORM,
                severity=Severity.NOTICE,
            ),
            WatchedCount(
                metric="OutboxFailed",
                function=sender,
                at_least=1,
                means="a platform refused an item for good.",
                runbook=Runbook.PLATFORM,
                severity=Severity.NOTICE,
            ),
        ]
    return counts
