"""An emulated account with all that the functions need, and the environment that leads them to it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from functions.attachments.settings import AttachmentsSettings
from functions.ingest.settings import ReplaySettings, WebhooksSettings
from functions.notify.settings import ConfirmSettings, NotifySettings
from functions.operate.settings import OperateSettings
from functions.report.settings import ReportSettings
from functions.sweep.settings import (
    DeadLettersSettings,
    ExpiredClaimsSettings,
    OrphansSettings,
    UnacknowledgedAlertsSettings,
    UncopiedAttachmentsSettings,
    UnsentOutboxSettings,
)
from functions.triage.settings import TriageSettings
from local.addresses import REGION, Addresses
from local.deploy import EmulatedAccount
from local.emulator.service import emulator_service
from local.processes import Processes
from tests.table import create_table

SETTINGS = (
    WebhooksSettings,
    ReplaySettings,
    ReportSettings,
    TriageSettings,
    NotifySettings,
    ConfirmSettings,
    AttachmentsSettings,
    OperateSettings,
    UnsentOutboxSettings,
    UncopiedAttachmentsSettings,
    UnacknowledgedAlertsSettings,
    OrphansSettings,
    ExpiredClaimsSettings,
    DeadLettersSettings,
)
TABLE = "bench"
APP_SECRET = "bench-app-secret"
SECRETS: dict[str, dict[str, Any]] = {
    "meta_publishing_secret_arn": {"page_tokens": {}},
    "meta_media_secret_arn": {"access_token": "bench"},
    "sms_media_secret_arn": {"user": "bench", "password": "bench"},
    "x_publishing_secret_arn": {"tokens": {}},
    "sms_publishing_secret_arn": {},
    "form_seal_secret_arn": {"key": "bench"},
}
WEBHOOK_SECRETS = {
    "meta": {"app_secret": APP_SECRET, "verify_token": "bench"},
    "x": {"consumer_secret": "bench"},
}
PLAIN = {
    "force_file": "forces/merseyside.toml",
    "table_name": TABLE,
    "graph_api_url": "http://127.0.0.1:9/v26.0",
    "x_api_url": "http://127.0.0.1:9/x/2",
    "twilio_api_url": "http://127.0.0.1:9/twilio",
    "console_url": "https://desk.invalid",
    "roles_claim": "cognito:groups",
    "public_url": "https://desk.invalid",
    "pages_url": "https://desk.invalid",
    "feed_status": "Test",
    "live_url": "https://desk.invalid/live",
    "stand_in_host": "none",
}


@contextmanager
def running_account(home: Path) -> Iterator[dict[str, str]]:
    """The environment of every function at once, with an emulator behind it for as long as the context lasts."""
    addresses = Addresses.on_free_ports(home)
    processes = Processes(home)
    processes.start(emulator_service(addresses, enforce_iam=False, environ=os.environ))
    try:
        account = EmulatedAccount(addresses.emulator_url)
        create_table(account.client("dynamodb"), TABLE)
        settings = PLAIN | made(account)
        yield kept(os.environ) | {
            "AWS_ACCESS_KEY_ID": account.access_key_id,
            "AWS_SECRET_ACCESS_KEY": account.secret_access_key,
            "AWS_ENDPOINT_URL": addresses.emulator_url,
            "AWS_LAMBDA_FUNCTION_NAME": "bench",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "POWERTOOLS_LOG_LEVEL": "INFO",
            "POWERTOOLS_METRICS_NAMESPACE": "ContactDesk",
            "POWERTOOLS_SERVICE_NAME": "bench",
            **{name.upper(): value for name, value in settings.items()},
        }
    finally:
        processes.stop("emulator")


def made(account: EmulatedAccount) -> dict[str, str]:
    """Whatever a setting names, made by the kind that its name ends in."""
    sqs, s3 = account.client("sqs"), account.client("s3")
    values: dict[str, str] = {}
    for name in sorted({field.name for settings in SETTINGS for field in fields(settings)}):
        if name.endswith("_queue_url"):
            values[name] = sqs.create_queue(QueueName=name)["QueueUrl"]
        elif name.endswith("_bucket_name"):
            values[name] = name.replace("_", "-")
            s3.create_bucket(
                Bucket=values[name], CreateBucketConfiguration={"LocationConstraint": account.region}
            )
        elif name.endswith("_topic_arn"):
            values[name] = account.client("sns").create_topic(Name=name)["TopicArn"]
        elif name.endswith("_parameter_name"):
            values[name] = name
            account.client("ssm").put_parameter(Name=name, Value="none", Type="String")
        elif name.endswith("_secret_arn"):
            values[name] = secret(account, name, SECRETS[name])
    dlq_url = sqs.create_queue(QueueName="a-dlq")["QueueUrl"]
    pair = {"queue_url": values["outbox_queue_url"], "dlq_url": dlq_url}
    arns = {name: secret(account, name, value) for name, value in WEBHOOK_SECRETS.items()}
    return {
        **values,
        "work_queues": json.dumps({"outbox": pair}),
        "webhook_secret_arns": json.dumps(arns),
    }


def secret(account: EmulatedAccount, name: str, value: Mapping[str, Any]) -> str:
    """One secret; its ARN."""
    answer = account.client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(value))
    return str(answer["ARN"])


def kept(environ: Mapping[str, str]) -> dict[str, str]:
    """What a function may know of this machine: nothing that leads to an account or a proxy."""
    return {name: environ[name] for name in ("HOME", "PATH", "LANG", "TMPDIR") if name in environ}
