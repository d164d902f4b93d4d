"""What people attach: copied into the evidence bucket, or refused with a reason, and the contact unharmed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from local.platforms.media import PICTURE
from local.stack_file import Stack
from tests.builders import Json
from tests.e2e.outside import Operators, Outside, contact_entries, until
from tests.e2e.test_least_privilege import actions_of, role_policies


def message_with(outside: Outside, text: str, links: Sequence[str], kind: str = "image") -> Json:
    """The delivery of a message with files behind these links."""
    delivery = outside.message(text, sender=outside.new_person())
    attachments = [{"type": kind, "payload": {"url": link}} for link in links]
    delivery["entry"][0]["messaging"][0]["message"]["attachments"] = attachments
    return delivery


def settled(operators: Operators, text: str, *, seconds: float = 60) -> list[Json]:
    """The attachments of the one contact with this text, once each was tried."""
    case = operators.case_with(text)

    def look() -> list[Json] | None:
        (entry,) = contact_entries(operators.case(case["case_id"]))
        assert entry["text"] == text
        attachments: list[Json] = entry["attachments"]
        tried = all(one["state"] != "waiting" or one["reason"] for one in attachments)
        return attachments if tried else None

    return until(look, seconds=seconds)


def evidence(operators: Operators, sha256: str) -> list[tuple[str, bytes]]:
    """Every object of the evidence bucket that is named by this hash, with its bytes."""
    s3 = operators.aws("s3")
    (bucket,) = [one["Name"] for one in s3.list_buckets()["Buckets"] if "evidence" in one["Name"].lower()]
    keys = [
        found["Key"]
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        for found in page.get("Contents", ())
    ]
    return [
        (key, s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys if key.endswith(sha256)
    ]


def test_a_picture_ends_in_the_evidence_bucket_and_its_state_on_the_case(
    outside: Outside, operators: Operators, stack: Stack
) -> None:
    text = outside.new("look at this")
    link = f"{stack.platforms_url}/media/alley.png"

    assert outside.deliver(message_with(outside, text, [link])).status_code == 200
    (shown,) = settled(operators, text)

    sha256 = hashlib.sha256(PICTURE).hexdigest()
    assert shown == {
        "kind": "image",
        "media_type": "image/png",
        "state": "kept",
        "reason": None,
        "sha256": sha256,
        "size": len(PICTURE),
    }
    (kept,) = evidence(operators, sha256)
    assert kept[0].startswith("attachments/")
    assert kept[1] == PICTURE


def test_bad_links_are_refused_each_with_its_reason_and_the_contact_is_whole(
    outside: Outside, operators: Operators, stack: Stack
) -> None:
    text = outside.new("and at these")
    media = f"{stack.platforms_url}/media"
    names = ["to_metadata.png", "to_this_machine.png", "circles.png", "page.png", "short.png", "expired.png"]
    links = [*(f"{media}/{name}" for name in names), "https://evil.example/1.png", f"{media}/alley.png"]

    outside.deliver(message_with(outside, text, links))
    attachments = settled(operators, text)

    assert [(one["state"], one["reason"]) for one in attachments] == [
        ("refused", "link_not_allowed"),
        ("refused", "link_not_allowed"),
        ("refused", "too_many_redirects"),
        ("refused", "type_differs"),
        ("waiting", "cut_short"),
        ("gone", "link_expired"),
        ("refused", "host_not_allowed"),
        ("kept", None),
    ]


def test_a_film_of_200_megabytes_is_refused(outside: Outside, operators: Operators, stack: Stack) -> None:
    text = outside.new("a long film")
    outside.deliver(message_with(outside, text, [f"{stack.platforms_url}/media/huge.mp4"], "video"))

    (film,) = settled(operators, text)
    assert (film["state"], film["reason"]) == ("refused", "too_large")


def test_what_fetches_from_the_internet_can_read_neither_contacts_nor_evidence(operators: Operators) -> None:
    allowed = {
        action
        for _, _, document in role_policies(operators, "CopyAttachments")
        for statement in document["Statement"]
        for action in actions_of(statement)
    }

    assert {action for action in allowed if action.startswith("dynamodb:")} == {"dynamodb:UpdateItem"}
    assert {action for action in allowed if action.startswith("s3:")} == {"s3:PutObject"}
