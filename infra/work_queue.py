"""A queue of the desk, never without its dead-letter queue and its alarms."""

from __future__ import annotations

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.alarms import ONE_MINUTE, Alarms
from infra.keys import READ_ACTIONS, SEND_ACTIONS
from infra.logical_ids import pin_logical_id
from infra.python_function import PythonFunction
from infra.runbooks import Runbook, Severity

RETENTION = Duration.days(4)
# Longer than the source's: a dead letter keeps the age it had there.
DLQ_RETENTION = Duration.days(14)
MAX_RECEIVES = 8
# A batch that is still being worked on must not be handed out again (the least that Lambda's documentation advises).
VISIBILITY_PER_TIMEOUT = 6
BATCH_SIZE = 10
SHARED_POLICY = "QueuesPolicy"


class WorkQueue(Construct):
    """A standard queue under the desk's key, TLS only, with `queue`, its `dlq`, and alarms on age and dead letters.

    `consumer_timeout` is the timeout of the function that empties it; `late_after` is the age of the oldest message
    from which somebody should look, by `runbook`; `severity` in place of the runbook's own holds for dead letters too.
    One that `hears_topic` has policies of its own, into which the topic is written.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        key: kms.IKey,
        alarms: Alarms,
        consumer_timeout: Duration,
        late_after: Duration,
        hears_topic: bool = False,
        runbook: Runbook,
        severity: Severity | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._key = key
        self.dlq = encrypted_queue(
            self,
            "Dlq",
            logical_id=f"{construct_id}Dlq",
            key=key,
            retention=DLQ_RETENTION,
            own_policy=hears_topic,
        )
        acknowledge(
            self.dlq, "Serverless-SQSRedrivePolicy", "It is itself the end of the line; sweep empties it."
        )
        self.queue = encrypted_queue(
            self,
            "Queue",
            logical_id=f"{construct_id}Queue",
            key=key,
            retention=RETENTION,
            visibility=Duration.seconds(VISIBILITY_PER_TIMEOUT * consumer_timeout.to_seconds()),
            dead_letters=sqs.DeadLetterQueue(queue=self.dlq, max_receive_count=MAX_RECEIVES),
            own_policy=hears_topic,
        )
        severity = severity or runbook.severity
        alarms.add(
            f"{construct_id}Late",
            self.queue.metric_approximate_age_of_oldest_message(period=ONE_MINUTE, statistic="Maximum"),
            at_least=late_after.to_seconds(),
            means=f"{construct_id}: the oldest message has waited {late_after.to_human_string()}.",
            runbook=runbook,
            severity=severity,
        )
        alarms.add(
            f"{construct_id}DeadLetters",
            self.dlq.metric_approximate_number_of_messages_visible(period=ONE_MINUTE, statistic="Maximum"),
            at_least=1,
            means=f"{construct_id}: a message was given up after {MAX_RECEIVES} tries and lies in the DLQ.",
            runbook=Runbook.DEAD_LETTERS,
            severity=severity,
        )

    def allow_send(self, function: PythonFunction) -> None:
        """Let the function put messages in."""
        function.allow(["sqs:SendMessage"], [self.queue.queue_arn])
        function.allow(SEND_ACTIONS, [self._key.key_arn])

    def allow_redrive(self, function: PythonFunction) -> None:
        """Let the function take dead letters out and put them back in the queue."""
        function.allow(["sqs:ReceiveMessage", "sqs:DeleteMessage"], [self.dlq.queue_arn])
        self.allow_send(function)

    def feed(self, function: PythonFunction, *, max_concurrency: int, batch_size: int = BATCH_SIZE) -> None:
        """Have the function work through the queue, some messages at a time, each of them answered for by itself."""
        function.allow(
            ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
            [self.queue.queue_arn],
        )
        function.allow(READ_ACTIONS, [self._key.key_arn])
        mapping = lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=function.live,
            event_source_arn=self.queue.queue_arn,
            batch_size=batch_size,
            report_batch_item_failures=True,
            max_concurrency=max_concurrency,
        )
        pin_logical_id(mapping, f"{self.node.id}Mapping")
        acknowledge(
            mapping,
            "Serverless-LambdaEventSourceMappingDestination",
            "A queue's failed messages go to its own DLQ by redrive; destinations are for streams.",
        )


def encrypted_queue(
    scope: Construct,
    construct_id: str,
    *,
    logical_id: str,
    key: kms.IKey,
    retention: Duration,
    visibility: Duration | None = None,
    dead_letters: sqs.DeadLetterQueue | None = None,
    own_policy: bool = False,
) -> sqs.Queue:
    """A bare queue under the key, TLS only; data keys are used for an hour, so that KMS is not asked per message."""
    queue = sqs.Queue(
        scope,
        construct_id,
        encryption=sqs.QueueEncryption.KMS,
        encryption_master_key=key,
        data_key_reuse=Duration.hours(1),
        enforce_ssl=own_policy or None,
        retention_period=retention,
        visibility_timeout=visibility,
        dead_letter_queue=dead_letters,
    )
    pin_logical_id(queue, logical_id)
    if not own_policy:
        _share_policy(queue)
    return queue


def _share_policy(queue: sqs.Queue) -> None:
    """Put the queue under the one policy that all queues share, which no topic is written into: TLS only.

    It speaks of every resource: in a queue's policy that is the queue on which it stands. One for all, because a stack
    has room for 500 resources.
    """
    stack = Stack.of(queue)
    shared = stack.node.try_find_child(SHARED_POLICY)
    if not isinstance(shared, sqs.CfnQueuePolicy):
        denied = iam.PolicyStatement(
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["sqs:*"],
            resources=["*"],
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )
        document = iam.PolicyDocument(statements=[denied])
        shared = sqs.CfnQueuePolicy(stack, SHARED_POLICY, queues=[], policy_document=document)
    shared.queues = [*shared.queues, queue.queue_url]
