"""What each role may do: the table that the template is held to."""

from __future__ import annotations

from tests.infra.test_functions import SWEEPS

ARCHIVED = "ArchiveBucket/raw/*"
PARKED = "ArchiveBucket/parked/*"
CURSORS = "arn:aws:ssm:eu-west-2:AWS::AccountId:parameter/contact-desk/merseyside/dev/catch-up"
HOLD = "arn:aws:ssm:eu-west-2:AWS::AccountId:parameter/contact-desk/merseyside/dev/hold"
DESK_INDEX = "DeskTable/index/desk"
DUE_INDEX = "DeskTable/index/due"
HOURS_INDEX = "DeskTable/index/hours"
CHANGES_INDEX = "DeskTable/index/changes"
WHOLE_TABLE = ("DeskTable", DESK_INDEX, DUE_INDEX, HOURS_INDEX, CHANGES_INDEX)
FAILED_SWEEP = {"SweepFailuresQueue": {"sqs:SendMessage"}}
SEND = {"sqs:SendMessage"}
WORK_THROUGH = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
REDRIVE = {"sqs:ReceiveMessage", "sqs:DeleteMessage"}
OUTBOXES = {"OutboxUrgentQueue": SEND, "OutboxQueue": SEND}

READ_SECRET = {"secretsmanager:GetSecretValue"}
SEND_EMAIL = {"ses:SendEmail"}
PUBLISHING = {
    "MetaPublishingSecret": READ_SECRET,
    "XPublishingSecret": READ_SECRET,
    "SmsPublishingSecret": READ_SECRET,
    "arn:aws:ses:eu-west-2:AWS::AccountId:identity/desk@contact.merseyside.example": SEND_EMAIL,
    "arn:aws:ses:eu-west-2:AWS::AccountId:identity/contact.merseyside.example": SEND_EMAIL,
}

FEED_READS = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}
# The files of the feed, and no other page: not the console's, not the report form's.
FEED = {
    "PagesBucket": {"s3:ListBucket"},
    "PagesBucket/feed/*": {"s3:GetObject", "s3:PutObject"},
    "PagesBucket/live/*": {"s3:GetObject", "s3:PutObject"},
    "PagesBucket/live": {"s3:GetObject", "s3:PutObject"},
}

# What each role may do beside logging, tracing and the use of keys: actions by resource. A transaction of DynamoDB's is
# allowed by the actions of its parts.
RIGHTS: dict[str, dict[str, set[str]]] = {
    "Webhooks": {
        ARCHIVED: {"s3:PutObject"},
        "PrivateContactsQueue": SEND,
        "PublicContactsQueue": SEND,
        "ConfirmationsQueue": SEND,
        "MetaSecret": {"secretsmanager:GetSecretValue"},
        "XSecret": {"secretsmanager:GetSecretValue"},
        "SmsSecret": {"secretsmanager:GetSecretValue"},
        PARKED: {"s3:PutObject"},
        HOLD: {"ssm:GetParameter"},
    },
    "CatchUp": {
        ARCHIVED: {"s3:PutObject"},
        "PrivateContactsQueue": SEND,
        "PublicContactsQueue": SEND,
        "MetaPublishingSecret": {"secretsmanager:GetSecretValue"},
        "XPublishingSecret": {"secretsmanager:GetSecretValue"},
        CURSORS: {"ssm:GetParameter", "ssm:PutParameter"},
        "IngestFailuresQueue": SEND,
    },
    "ChannelHealth": {
        "MetaPublishingSecret": {"secretsmanager:GetSecretValue"},
        "XPublishingSecret": {"secretsmanager:GetSecretValue"},
        "DeskTable": {"dynamodb:GetItem", "dynamodb:PutItem"},
        "IngestFailuresQueue": SEND,
    },
    "Replay": {
        ARCHIVED: {"s3:GetObject", "s3:PutObject"},
        PARKED: {"s3:GetObject"},
        "ReplaysQueue": WORK_THROUGH,
        "PrivateContactsQueue": SEND,
        "PublicContactsQueue": SEND,
    },
    "Report": {
        ARCHIVED: {"s3:PutObject"},
        "PrivateContactsQueue": SEND,
        "ReportFormSealSecret": READ_SECRET,
    },
    "Triage": {
        "PrivateContactsQueue": WORK_THROUGH,
        "PublicContactsQueue": WORK_THROUGH,
        "DeskTable": {
            "dynamodb:GetItem",
            "dynamodb:BatchGetItem",
            "dynamodb:Query",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "dynamodb:ConditionCheckItem",
        },
        "EvidenceBucket/*": {"s3:PutObject"},
        "AttachmentsQueue": SEND,
        **OUTBOXES,
    },
    "CopyAttachments": {
        "AttachmentsQueue": WORK_THROUGH,
        "DeskTable": {"dynamodb:UpdateItem"},
        "EvidenceBucket/attachments/*": {"s3:PutObject"},
        "MetaMediaSecret": {"secretsmanager:GetSecretValue"},
        "SmsMediaSecret": {"secretsmanager:GetSecretValue"},
    },
    "NotifyUrgent": {
        "OutboxUrgentQueue": WORK_THROUGH | SEND,
        "DeskTable": FEED_READS | {"dynamodb:PutItem", "dynamodb:UpdateItem"},
        **FEED,
        **PUBLISHING,
        "OperatorAlertsTopic": {"sns:Publish"},
    },
    "Notify": {
        "OutboxQueue": WORK_THROUGH,
        "OutboxUrgentQueue": SEND,
        "DeskTable": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
        **PUBLISHING,
        "OperatorAlertsTopic": {"sns:Publish"},
        "SmsListTopic": {"sns:Publish"},
        "EmailListTopic": {"sns:Publish"},
    },
    "RefreshFeed": {
        "DeskTable": FEED_READS,
        **FEED,
        "NotifyFailuresQueue": SEND,
    },
    "NotifySchedule": {"RefreshFeed": {"lambda:InvokeFunction"}, "NotifyFailuresQueue": SEND},
    "Confirm": {
        "ConfirmationsQueue": WORK_THROUGH,
        "DeskTable": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
    },
    "TellControlRoom": {
        "ControlRoomAlertsQueue": WORK_THROUGH | {"sqs:ChangeMessageVisibility"},
        "DeskTable": {"dynamodb:GetItem", "dynamodb:PutItem"},
        "AlertHookControlRoomSecret": {"secretsmanager:GetSecretValue"},
    },
    "Operate": {
        "DeskTable": {
            "dynamodb:GetItem",
            "dynamodb:BatchGetItem",
            "dynamodb:Query",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "dynamodb:ConditionCheckItem",
        },
        DESK_INDEX: {"dynamodb:Query"},
        DUE_INDEX: {"dynamodb:Query"},
        "EvidenceBucket/attachments/*": {"s3:GetObject"},
        **OUTBOXES,
    },
    "OperateWatch": {
        "DeskTable": {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"},
        DESK_INDEX: {"dynamodb:Query"},
    },
    "SweepRetention": {
        "DeskTable": {
            "dynamodb:GetItem",
            "dynamodb:BatchGetItem",
            "dynamodb:Query",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
        },
        DUE_INDEX: {"dynamodb:Query"},
        "ArchiveBucket": {"s3:ListBucketVersions"},
        "ArchiveBucket/raw/*": {"s3:DeleteObjectVersion"},
        "EvidenceBucket": {"s3:ListBucketVersions"},
        "EvidenceBucket/*": {"s3:DeleteObjectVersion"},
        **FAILED_SWEEP,
    },
    "SweepAuditSeals": {
        "DeskTable": {
            "dynamodb:GetItem",
            "dynamodb:BatchGetItem",
            "dynamodb:Query",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
        },
        DUE_INDEX: {"dynamodb:Query"},
        "AuditBucket": {"s3:ListBucket", "s3:ListBucketVersions"},
        "AuditBucket/seals/*": {"s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"},
        "AuditKeySecret": READ_SECRET,
        **OUTBOXES,
        **FAILED_SWEEP,
    },
    "SweepUnsentOutbox": {DUE_INDEX: {"dynamodb:Query"}, **OUTBOXES, **FAILED_SWEEP},
    "SweepUncopiedAttachments": {
        DUE_INDEX: {"dynamodb:Query"},
        "AttachmentsQueue": SEND,
        **FAILED_SWEEP,
    },
    "SweepUnacknowledgedAlerts": {
        "DeskTable": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
        DUE_INDEX: {"dynamodb:Query"},
        **OUTBOXES,
        **FAILED_SWEEP,
    },
    "SweepOrphans": {
        "ArchiveBucket": {"s3:ListBucket"},
        "DeskTable": {"dynamodb:BatchGetItem"},
        "ReplaysQueue": SEND,
        **FAILED_SWEEP,
    },
    "SweepHourTotals": {
        "DeskTable": {"dynamodb:GetItem", "dynamodb:PutItem"},
        HOURS_INDEX: {"dynamodb:Query"},
        CHANGES_INDEX: {"dynamodb:Query"},
        **FAILED_SWEEP,
    },
    "Survey": {"DeskTable": {"dynamodb:UpdateItem"}},
    "DataDeletion": {
        "DeskTable": {"dynamodb:GetItem", "dynamodb:PutItem"},
        "MetaSecret": READ_SECRET,
    },
    "SweepSurveys": {
        "DeskTable": {
            "dynamodb:GetItem",
            "dynamodb:BatchGetItem",
            "dynamodb:PutItem",
            "dynamodb:ConditionCheckItem",
        },
        DESK_INDEX: {"dynamodb:Query"},
        **OUTBOXES,
        **FAILED_SWEEP,
    },
    "SweepExpiredClaims": {
        "DeskTable": {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
        DUE_INDEX: {"dynamodb:Query"},
        **FAILED_SWEEP,
    },
    "SweepDeadLetters": {
        "DeskTable": {"dynamodb:PutItem"},
        **{
            f"{name}{kind}": rights
            for name in (
                "PrivateContacts",
                "PublicContacts",
                "Replays",
                "Confirmations",
                "OutboxUrgent",
                "Outbox",
                "Attachments",
            )
            for kind, rights in (("Queue", SEND), ("Dlq", REDRIVE))
        },
        **FAILED_SWEEP,
    },
    "IngestSchedule": {
        "CatchUp": {"lambda:InvokeFunction"},
        "ChannelHealth": {"lambda:InvokeFunction"},
        "IngestFailuresQueue": SEND,
    },
    "SweepBroadcasts": {
        "DeskTable": {
            "dynamodb:GetItem",
            "dynamodb:BatchGetItem",
            "dynamodb:Query",
            "dynamodb:PutItem",
            "dynamodb:ConditionCheckItem",
        },
        DUE_INDEX: {"dynamodb:Query"},
        **OUTBOXES,
        **FAILED_SWEEP,
    },
    "SweepBacklog": {
        "DeskTable": {"dynamodb:GetItem", "dynamodb:PutItem"},
        DESK_INDEX: {"dynamodb:Query"},
        **OUTBOXES,
        **FAILED_SWEEP,
    },
    "SweepBreachedClocks": {
        "DeskTable": {"dynamodb:GetItem", "dynamodb:PutItem"},
        DESK_INDEX: {"dynamodb:Query"},
        **OUTBOXES,
        **FAILED_SWEEP,
    },
    "SweepSchedule": {**{name: {"lambda:InvokeFunction"} for name in SWEEPS}, **FAILED_SWEEP},
}
