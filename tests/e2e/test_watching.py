"""What webhooks miss, lose or cannot verify, on the deployed desk with IAM enforced."""

from __future__ import annotations

import json
import os
import signal
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.replay import replay_parked, verified_between
from contact_desk.clock import SystemClock
from contact_desk.stores.archive import S3ArchiveReader
from contact_desk.stores.queues import SqsPointerQueue
from contact_desk.stores.secrets import SecretsManagerSecret
from local.stack import LocalDesk
from local.stack_file import Stack
from tests.builders import comment, feed_delivery
from tests.e2e.outside import Operators, Outside, texts, until
from tests.x_deliveries import activity, iso, mention

A_WHILE_AGO = 200  # seconds: longer than readers leave to the webhook


def run(operators: Operators, function: str) -> None:
    """One run of a scheduled function, which must not fail."""
    lambda_ = operators.aws("lambda")
    [name] = [
        one["FunctionName"]
        for page in lambda_.get_paginator("list_functions").paginate()
        for one in page["Functions"]
        if function in one["FunctionName"]
    ]
    answer = lambda_.invoke(FunctionName=name, Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()


def test_what_no_webhook_brought_is_on_the_desk_after_the_readers_run_and_stands_there_once(
    outside: Outside, operators: Operators
) -> None:
    said, wrote = outside.new("nobody delivered this"), outside.new("nor this")
    message = outside.message(said, sender=outside.new_person())
    message["entry"][0]["messaging"][0]["timestamp"] -= A_WHILE_AGO * 1000
    comment_id = outside.new_comment_id()
    under = f"{outside.page}_{comment_id.partition('_')[0]}"
    written = comment(
        wrote,
        author={"id": outside.new_person(), "name": "A Person"},
        comment_id=comment_id,
        post_id=under,
        parent_id=under,
        created_time=int(time.time()) - A_WHILE_AGO,
    )
    posted, sent = outside.new("@us nor this post"), outside.new("nor this message on X")
    at, on_x = datetime.now(UTC) - timedelta(seconds=A_WHILE_AGO), outside.stack.accounts["x"]
    ids = [str(time.time_ns() + number) for number in range(2)]
    post = mention(posted, post_id=ids[0], author_id=ids[0], created_at=iso(at))
    private = {"id": ids[1], "sender_id": ids[1], "text": sent, "created_at": iso(at)}
    post["data"]["filter"]["user_id"] = on_x
    for envelope in (
        message,
        feed_delivery(written, page=outside.page),
        post,
        activity("dm.received", private, account=on_x),
    ):
        told = outside.http.post(f"{outside.stack.platforms_url}/happened", json=envelope)
        assert told.json() == {"understood": 1}

    run(operators, "CatchUp")
    everything = (said, wrote, posted, sent)
    cases = [operators.case_with(text) for text in everything]
    assert outside.deliver(message).status_code == 200
    run(operators, "CatchUp")
    until(operators.intake_at_rest, seconds=60)
    for case, text in zip(cases, everything, strict=True):
        assert texts(operators.case(case["case_id"])["timeline"]).count(text) == 1


def test_a_page_that_lost_its_subscription_has_it_again(outside: Outside, operators: Operators) -> None:
    standing = f"{outside.stack.platforms_url}/standings/{outside.page}"
    outside.http.put(standing, json={"subscribed": ["message_reads"]})

    run(operators, "ChannelHealth")
    assert {"feed", "messages", "message_reads"} <= set(outside.http.get(standing).json()["subscribed"])


def test_on_hold_a_delivery_with_a_secret_nobody_told_us_is_kept_and_released_once_we_know_it(
    desk: LocalDesk, outside: Outside, operators: Operators, stack: Stack
) -> None:
    ssm, secrets, secret_id = operators.aws("ssm"), operators.aws("secretsmanager"), stack.secret_ids["meta"]
    text = outside.new("signed with the new secret")
    delivery = outside.message(text, sender=outside.new_person())
    new_secret = outside.new("new-secret")
    assert outside.deliver(delivery, secret=new_secret).status_code == 401

    set_hold(ssm, stack, "meta")
    forget(desk, "Webhooks")
    try:
        until(lambda: outside.deliver(delivery, secret=new_secret).status_code == 200, seconds=40)
    finally:
        set_hold(ssm, stack, "none")
        forget(desk, "Webhooks")
    archive = S3ArchiveReader(operators.aws("s3"), stack.archive_bucket)
    secret = SecretsManagerSecret(secrets, secret_id, SystemClock())
    midnight = SystemClock().now().replace(hour=0, minute=0, second=0, microsecond=0)
    a_day = midnight, midnight + timedelta(hours=23, minutes=59)
    assert verified_between(archive, {"meta": secret}, *a_day)[0] == []

    old = json.loads(secrets.get_secret_value(SecretId=secret_id)["SecretString"])
    secrets.put_secret_value(SecretId=secret_id, SecretString=json.dumps({**old, "app_secret": new_secret}))
    try:
        secret = SecretsManagerSecret(secrets, secret_id, SystemClock())
        keys, _ = verified_between(archive, {"meta": secret}, *a_day)
        replay_parked(
            keys, 0, SqsPointerQueue(operators.aws("sqs"), stack.queues["replays"]), send=True, quiet=True
        )
        operators.case_with(text)
    finally:
        secrets.put_secret_value(SecretId=secret_id, SecretString=json.dumps(old))
    forged = outside.message(outside.new("forged"), sender=outside.new_person())
    until(lambda: outside.deliver(forged, secret="a forger's").status_code == 401, seconds=40)


def set_hold(ssm: Any, stack: Stack, value: str) -> None:
    """Flip the switch."""
    ssm.put_parameter(Name=stack.hold_parameter, Value=value, Type="String", Overwrite=True)


def forget(desk: LocalDesk, function: str) -> None:
    """Has a function start anew, so that nobody waits until what it remembers is old."""
    for name, pids in desk.function_pids().items():
        if function in name:
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
