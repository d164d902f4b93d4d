"""The stack file holds what it should, for its owner's eyes only."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from local.stack_file import (
    Credentials,
    MetaSecret,
    Secrets,
    SmsSecret,
    Stack,
    StackFileError,
    Tokens,
    XSecret,
)

FIELDS = {
    "api_url", "console_url", "report_url", "feed_url", "live_url", "platforms_url", "aws_endpoint_url", "region",
    "table_name", "archive_bucket", "queues", "secrets", "accounts", "tokens", "credentials",
    "secret_ids", "hold_parameter", "evidence_bucket", "audit_bucket", "audit_key",
}  # fmt: skip


def stack() -> Stack:
    url = "http://127.0.0.1:8780"
    return Stack(
        api_url=url,
        console_url=f"{url}/console/",
        report_url=f"{url}/report",
        feed_url=f"{url}/feed/atom.xml",
        live_url=f"{url}/live",
        platforms_url="http://127.0.0.1:8781",
        aws_endpoint_url="http://127.0.0.1:4599",
        region="eu-west-2",
        table_name="desk",
        archive_bucket="archive",
        queues={"outbox": f"{url}/outbox", "outbox_dlq": f"{url}/outbox_dlq"},
        secrets=Secrets(
            meta=MetaSecret(app_secret="a", verify_token="v"),
            x=XSecret(consumer_secret="c"),
            sms=SmsSecret(auth_token="t"),
        ),
        accounts={"messenger": "1"},
        tokens=Tokens(operator="1", operator2="2", supervisor="3", publisher="4", auditor="5"),
        credentials=Credentials(access_key_id="000000000000", secret_access_key="emulated"),
        secret_ids={"meta": "arn:meta", "x": "arn:x"},
        hold_parameter="hold",
    )


def test_it_reads_what_it_wrote(tmp_path: Path) -> None:
    path = tmp_path / "home" / "stack.json"
    stack().write(path)

    assert Stack.read(path) == stack()
    assert set(json.loads(path.read_text())) == FIELDS


def test_only_its_owner_can_read_it_even_where_an_open_one_lay(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    path.write_text("{}")
    path.chmod(0o644)

    stack().write(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [None, "{", "{}", '{"api_url": 5}'])
def test_what_is_no_stack_file_is_refused_with_the_way_out(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "stack.json"
    if content is not None:
        path.write_text(content)

    with pytest.raises(StackFileError, match="make up"):
        Stack.read(path)


def test_a_refusal_does_not_quote_what_it_read(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    path.write_text(json.dumps(stack().model_dump() | {"tokens": {"operator": "eyJhbGciOi"}}))

    with pytest.raises(StackFileError) as refusal:
        Stack.read(path)
    assert "eyJhbGciOi" not in str(refusal.value)
