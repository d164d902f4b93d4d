"""Each queue with its dead-letter queue, and the mappings that empty them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infra.assembly import Assembly, listed

DAY = 24 * 3600
# Which function empties the queue; operator_alerts is emptied by whoever stands the desk's watch.
CONSUMERS = {
    "PrivateContacts": "Triage",
    "PublicContacts": "Triage",
    "Replays": "Replay",
    "Confirmations": "Confirm",
    "OutboxUrgent": "NotifyUrgent",
    "Outbox": "Notify",
    "Attachments": "CopyAttachments",
    "OperatorAlerts": None,
    "ControlRoomAlerts": "TellControlRoom",
}
# Ten messages at a time, but for files and for what is urgent: one that hangs must keep no other waiting.
BATCH_SIZES = {"Attachments": 1, "OutboxUrgent": 1}
FED = [name for name, consumer in CONSUMERS.items() if consumer]


def test_every_queue_is_a_work_queue_its_dlq_or_where_failed_runs_end(desk: Assembly) -> None:
    pairs = {f"{name}{kind}" for name in CONSUMERS for kind in ("Queue", "Dlq")}
    assert set(desk.of_type("AWS::SQS::Queue")) == pairs | {
        f"{owner}FailuresQueue" for owner in ("Sweep", "Ingest", "Notify")
    }


@pytest.mark.parametrize("name", CONSUMERS)
def test_a_message_has_eight_tries_before_its_dlq_which_keeps_it_longer(desk: Assembly, name: str) -> None:
    queue, dlq = desk.properties(f"{name}Queue"), desk.properties(f"{name}Dlq")
    assert desk.references_in(queue["RedrivePolicy"]["deadLetterTargetArn"]) == {f"{name}Dlq"}
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 8
    assert queue["MessageRetentionPeriod"] == 4 * DAY
    assert dlq["MessageRetentionPeriod"] == 14 * DAY
    assert "RedrivePolicy" not in dlq


@pytest.mark.parametrize("name", FED)
def test_a_message_in_hand_stays_hidden_for_six_timeouts(desk: Assembly, name: str) -> None:
    timeout = desk.properties(str(CONSUMERS[name]))["Timeout"]
    assert desk.properties(f"{name}Queue")["VisibilityTimeout"] >= 6 * timeout


@pytest.mark.parametrize("name", FED)
def test_a_batch_is_answered_message_by_message(desk: Assembly, name: str) -> None:
    mapping = desk.properties(f"{name}Mapping")
    assert desk.references_in(mapping["EventSourceArn"]) == {f"{name}Queue"}
    assert desk.references_in(mapping["FunctionName"]) == {CONSUMERS[name]}
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BatchSize"] == BATCH_SIZES.get(name, 10)
    assert "MaximumBatchingWindowInSeconds" not in mapping


def test_there_is_no_other_mapping(desk: Assembly) -> None:
    assert set(desk.of_type("AWS::Lambda::EventSourceMapping")) == {f"{name}Mapping" for name in FED}


def test_every_queue_and_topic_is_under_the_messages_key_and_takes_tls_only(desk: Assembly) -> None:
    queues, topics = desk.of_type("AWS::SQS::Queue"), desk.of_type("AWS::SNS::Topic")
    assert set(topics) == {
        "AlarmsTopic",
        "NoticesTopic",
        "OperatorAlertsTopic",
        "SmsListTopic",
        "EmailListTopic",
    }
    for properties in (*queues.values(), *topics.values()):
        assert desk.references_in(properties["KmsMasterKeyId"]) == {"MessagesKey"}
    guarded: set[str] = set()
    policies = {**desk.of_type("AWS::SQS::QueuePolicy"), **desk.of_type("AWS::SNS::TopicPolicy")}
    covered = [name for policy in policies.values() for name in covered_by(desk, policy)]
    assert sorted(covered) == sorted({*queues, *topics}), (
        "one policy for each, or the last one deployed would win"
    )
    for policy in policies.values():
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Deny" and statement["Condition"] == {
                "Bool": {"aws:SecureTransport": "false"}
            }:
                everything = statement["Resource"] == "*"
                guarded |= (
                    covered_by(desk, policy) if everything else desk.references_in(statement["Resource"])
                )
    assert guarded == queues.keys() | topics.keys()


def covered_by(desk: Assembly, policy: dict[str, Any]) -> set[str]:
    """The queues or topics that a policy stands on."""
    return desk.references_in(policy.get("Queues", policy.get("Topics")))


def subscriptions(desk: Assembly) -> dict[str, Any]:
    """What listens to operator alerts, by the queue or the parameter that it leads to."""
    found = {}
    for subscription in desk.of_type("AWS::SNS::Subscription").values():
        assert desk.references_in(subscription["TopicArn"]) == {"OperatorAlertsTopic"}
        (endpoint,) = desk.references_in(subscription["Endpoint"])
        found[endpoint] = subscription
    return found


@pytest.mark.parametrize("name", ["OperatorAlerts", "ControlRoomAlerts"])
def test_operator_alerts_reach_their_queues_raw_and_lose_none(desk: Assembly, name: str) -> None:
    subscription = subscriptions(desk)[f"{name}Queue"]
    assert subscription["Protocol"] == "sqs"
    assert subscription["RawMessageDelivery"] is True
    assert desk.references_in(subscription["RedrivePolicy"]) == {f"{name}Dlq"}


def test_the_desks_own_queue_hears_everything_and_others_their_ranks_where_the_ladder_takes_their_route(
    desk: Assembly,
) -> None:
    assert {
        name: (subscription["Protocol"], subscription.get("FilterPolicy"))
        for name, subscription in subscriptions(desk).items()
    } == {
        "OperatorAlertsQueue": ("sqs", None),
        "ControlRoomAlertsQueue": ("sqs", {"rank": ["A1", "A2"], "routes": ["hook"]}),
        "DutyInspectorSms": ("sms", {"rank": ["A1"], "routes": ["sms"]}),
        "ContactDeskEmail": ("email", {"rank": ["A1", "A2", "A3"], "routes": ["email"]}),
    }


@pytest.mark.parametrize("name", ["DutyInspectorSms", "ContactDeskEmail"])
def test_nobody_is_called_where_the_parameter_is_empty_and_what_cannot_be_told_is_kept(
    desk: Assembly, name: str
) -> None:
    subscription = subscriptions(desk)[name]
    assert desk.references_in(subscription["RedrivePolicy"]) == {"OperatorAlertsDlq"}
    (resource,) = [
        one
        for one in desk.template["Resources"].values()
        if one["Type"] == "AWS::SNS::Subscription" and one["Properties"] == subscription
    ]
    given = desk.template["Conditions"][resource["Condition"]]
    assert given == {"Fn::Not": [{"Fn::Equals": [{"Ref": name}, ""]}]}
    assert desk.template["Parameters"][name]["NoEcho"] is True


def test_only_the_topic_itself_may_put_operator_alerts_in_queues(desk: Assembly) -> None:
    allowed = [
        statement
        for policy in desk.of_type("AWS::SQS::QueuePolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]
    assert len(allowed) == 4
    for statement in allowed:
        assert listed(statement["Action"]) == ["sqs:SendMessage"]
        assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
        assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Ref": "OperatorAlertsTopic"}}}
    reached = {name for statement in allowed for name in desk.references_in(statement["Resource"])}
    assert reached == {
        f"{name}{kind}" for name in ("OperatorAlerts", "ControlRoomAlerts") for kind in ("Queue", "Dlq")
    }
