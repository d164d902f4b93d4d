"""The stack: is it there and whole, do its queues, mappings and schedules run, is anything held or stopped?"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from cli.examination.examined import Examined
from cli.examination.findings import Finding, fault, unknown, well
from cli.stages import Stage
from contact_desk.stores.holds import held

WHOLE = frozenset(
    {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"}
)
UNDER_WAY = "_IN_PROGRESS"
RE_ENABLE = (
    'aws scheduler update-schedule --cli-input-json "$(aws scheduler get-schedule --name {name} --query '
    '\'{{Name:Name,State:`"ENABLED"`,ScheduleExpression:ScheduleExpression,'
    "FlexibleTimeWindow:FlexibleTimeWindow,Target:Target,Description:Description}}')\""
)


def look_at_stacks(on: Examined) -> Iterator[Finding]:
    """Whether the desk's stack, and the one that watches it, ended their last change well."""
    yield _status(on.stack.name, on.stack.status, on.deploy)
    if on.stage.is_emulated:
        yield unknown(
            "stack", "the stack that watches the desk is for AWS alone: an emulated account has none"
        )
        return
    name = f"{on.stack.name}-watch"
    watch = on.account.stack(name)
    if watch is None:
        yield fault("stack", f"{name} is not there: nobody is called when something fails", on.deploy)
    else:
        yield _status(name, watch.status, on.deploy)


def missing(stage: Stage) -> Finding:
    """There is no stack at all."""
    return fault(
        "stack",
        f"{stage.stack_name} is not in this account and region",
        f"make deploy FORCE={stage.force_name} STAGE={stage.name}",
    )


def _status(name: str, status: str, deploy: str) -> Finding:
    if status in WHOLE:
        return well("stack", f"{name}: {status}")
    if status.endswith(UNDER_WAY) and "ROLLBACK" not in status:
        return unknown("stack", f"{name}: {status}, a deploy is under way", "look again when it has ended")
    events = (
        f"aws cloudformation describe-stack-events --stack-name {name} "
        "--query 'StackEvents[?ends_with(ResourceStatus, `FAILED`)].[LogicalResourceId,ResourceStatusReason]'"
    )
    return fault("stack", f"{name}: {status}, the last deploy did not succeed", f"{events}; then: {deploy}")


def look_at_mappings(on: Examined) -> Iterator[Finding]:
    """Whether every queue feeds its function."""
    mappings = on.stack.of_type("AWS::Lambda::EventSourceMapping")
    off = [name for name, named in sorted(mappings.items()) if not on.account.mapping_is_on(named)]
    for name in off:
        yield fault(
            "queues",
            f"{name} is switched off: what lies in its queue waits",
            f"aws lambda update-event-source-mapping --uuid {mappings[name]} --enabled",
        )
    if not off:
        yield well("queues", f"all {len(mappings)} feed their functions")


def look_at_dead_letters(on: Examined) -> Iterator[Finding]:
    """Whether a message is kept that nothing could finish, or a record of a failed run that nobody has read."""
    queues = {name: url for name, url in on.stack.outputs.items() if name.endswith("DlqUrl")}
    failures = {
        name: url
        for name, url in on.stack.of_type("AWS::SQS::Queue").items()
        if name.endswith("FailuresQueue")
    }
    waiting = {name: on.account.waiting(url) for name, url in sorted((queues | failures).items())}
    for name, number in waiting.items():
        if number and name in queues:
            what = name.removesuffix("DlqUrl")
            found = f"{number} of {what} could not be finished; sweep tries three rounds more by itself"
            arn = _arn(on, queues[name])
            yield fault(
                "dead letters",
                found,
                f"see docs/operate.md#dead-letters, then: aws sqs start-message-move-task --source-arn {arn}",
            )
        elif number:
            yield fault(
                "dead letters",
                f"{name} has {number} records of failed runs that nobody has read",
                f"aws sqs receive-message --queue-url {failures[name]} --max-number-of-messages 10",
            )
    if not any(waiting.values()):
        yield well("dead letters", f"none in {len(waiting)} queues")


def _arn(on: Examined, queue_url: str) -> str:
    """The ARN of a queue, which its URL holds but for the region."""
    account, name = urlsplit(queue_url).path.strip("/").split("/")[-2:]
    topic = on.stack.outputs.get("OperatorAlertsTopicArn", "arn:aws:sns:::")
    return f"arn:aws:sqs:{topic.split(':')[3]}:{account}:{name}"


def look_at_schedules(on: Examined) -> Iterator[Finding]:
    """Whether every scheduled job is on."""
    schedules = on.stack.of_type("AWS::Scheduler::Schedule")
    off = [name for name, named in sorted(schedules.items()) if not on.account.schedule_is_on(_last(named))]
    for name in off:
        found = f"{name} is switched off: nothing does the work of {name.removesuffix('Schedule')}"
        yield fault("schedules", found, RE_ENABLE.format(name=_last(schedules[name])))
    if not off:
        yield well("schedules", f"all {len(schedules)} are on")


def _last(physical_id: str) -> str:
    """A schedule's name, where its id holds its group as well."""
    return physical_id.rpartition("/")[2].rpartition("|")[2]


def look_at_holds(on: Examined) -> Iterator[Finding]:
    """Whether a webhook is on hold: what it parks is not on the desk."""
    on_hold = sorted(held(on.account.parameter(on.stack.outputs["HoldParameterName"])))
    for webhook in on_hold:
        yield fault(
            "holds",
            f"the webhook {webhook} is on hold: what cannot be verified is parked, and not on the desk",
            f"desk hold {webhook} --release{on.stage.stack_option}; "
            f"desk replay parked --send{on.stage.stack_option}",
        )
    if not on_hold:
        yield well("holds", "no webhook is on hold")


def look_at_publishing(on: Examined) -> Iterator[Finding]:
    """Whether somebody has stopped all publishing."""
    switch = on.account.publishing(on.stack.outputs["TableName"])
    if switch.on:
        yield well("publishing", "on")
        return
    when = f" since {switch.at:%Y-%m-%d %H:%M} UTC" if switch.at else ""
    yield fault(
        "publishing",
        f"stopped by {switch.name or 'somebody'}{when}: no broadcast goes out",
        f'desk broadcast start "Looked into" --api {on.url} --token "$DESK_TOKEN"',
    )
