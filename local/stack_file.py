"""`.desk/stack.json`: what people and tools need in order to use the desk that `make up` started."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from contact_desk.errors import ContactDeskError


class StackFileError(ContactDeskError):
    """The stack file is missing or cannot be read: nothing runs, or another version wrote it."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class MetaSecret(_Part):
    """What Meta signs deliveries with, what it is asked for when a webhook is subscribed, and the app's own id."""

    app_secret: str
    verify_token: str
    app_id: str = "710000000000017"


class XSecret(_Part):
    """What X signs deliveries and challenge answers with."""

    consumer_secret: str


class SmsSecret(_Part):
    """What Twilio signs deliveries of text messages with."""

    auth_token: str


class Secrets(_Part):
    """The secrets that senders of webhooks share with the desk, by platform."""

    meta: MetaSecret
    x: XSecret
    sms: SmsSecret


class Tokens(_Part):
    """One JWT per role (two for operators), good for 12 hours from the last start."""

    operator: str
    operator2: str
    supervisor: str
    publisher: str
    auditor: str


class Credentials(_Part):
    """Keys of the emulated account; they open every queue and table there and nothing elsewhere."""

    access_key_id: str
    secret_access_key: str


class Stack(_Part):
    """A running desk on this machine.

    `queues` holds each queue's URL by its name and its dead letters' by `<name>_dlq`; `accounts` the force's own
    identity on each channel, `secret_ids` the webhooks' secrets on the emulated AWS, `hold_parameter` the name of the
    parameter that says which webhooks are on hold, `audit_key` the secret that keys the seals in `audit_bucket`.
    """

    api_url: str
    console_url: str
    report_url: str
    feed_url: str
    live_url: str
    platforms_url: str
    aws_endpoint_url: str
    region: str
    table_name: str
    archive_bucket: str
    queues: dict[str, str]
    secrets: Secrets
    accounts: dict[str, str]
    tokens: Tokens
    credentials: Credentials
    secret_ids: dict[str, str] = {}
    hold_parameter: str = ""
    evidence_bucket: str = ""
    audit_bucket: str = ""
    audit_key: str = ""

    @classmethod
    def read(cls, path: Path) -> Stack:
        """Read the file; raises StackFileError where there is none or it is not one."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError:
            raise StackFileError(f"{path} cannot be read: is the desk up? (make up)") from None
        except ValidationError as error:
            fields = ", ".join(sorted({".".join(map(str, part["loc"])) for part in error.errors()}))
            raise StackFileError(f"{path} is not a stack file of this version ({fields}): make up") from None

    def write(self, path: Path) -> None:
        """Replace the file in one step, readable by its owner only: it holds tokens and secrets."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(self.model_dump_json(indent=2) + "\n")
        draft.replace(path)
