"""A picture that came with a case is shown to whoever asks for it, and who did is written down first."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from contact_desk.attachments import AttachmentCopy, ContactAttachments, CopyState
from tests.builders import CASE_ID
from tests.unit.operate.at_the_desk import Answered, AtTheDesk

SHA256 = "ab" * 32
PICTURE = b"\xff\xd8\xff a picture"
KEY = f"attachments/a1/0-{SHA256}"


def kept(at_the_desk: AtTheDesk, **changes: Any) -> None:
    """The case's contact came with a picture, of which there is a copy."""
    copy = AttachmentCopy(
        "image", state=CopyState.KEPT, media_type="image/jpeg", sha256=SHA256, size=len(PICTURE), key=KEY
    )
    records = at_the_desk.records
    records.attachments["a1"] = ContactAttachments("a1", "messenger", (replace(copy, **changes),), None)
    timeline = records.timelines[CASE_ID]
    for name, entry in timeline.items():
        timeline[name] = replace(entry, attachments_id="a1")
    at_the_desk.evidence.put(KEY, PICTURE)


def asked(at_the_desk: AtTheDesk, case: str, sha256: str = SHA256, role: str = "operator") -> Answered:
    return at_the_desk.get(f"{case}/attachments/{sha256}", role=role)


def test_a_picture_is_shown_and_the_look_is_audited(at_the_desk: AtTheDesk, case: str) -> None:
    kept(at_the_desk)
    answer = asked(at_the_desk, case)

    assert answer.status == 200
    assert base64.b64decode(answer.fields["content"]) == PICTURE
    assert answer.fields["media_type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"
    (entry,) = at_the_desk.records.audit[CASE_ID]
    assert (entry.act, entry.by) == (f"show attachment {SHA256}", "sub-Alex")


@pytest.mark.parametrize(
    "changes", [{"media_type": "image/svg+xml"}, {"media_type": "video/mp4"}, {"size": 4_000_001}]
)
def test_what_is_no_small_picture_stays_among_the_evidence(
    at_the_desk: AtTheDesk, case: str, changes: dict[str, Any]
) -> None:
    kept(at_the_desk, **changes)
    assert asked(at_the_desk, case).problem == "unshowable-file"
    assert at_the_desk.records.audit == {}


def test_only_what_came_with_this_case_is_there(at_the_desk: AtTheDesk, case: str) -> None:
    kept(at_the_desk)
    assert asked(at_the_desk, case, "cd" * 32).status == 404
    assert asked(at_the_desk, "/desk/cases/another").status == 404
    assert asked(at_the_desk, case, "../../secret").status == 404
    kept(at_the_desk, state=CopyState.WAITING)
    assert asked(at_the_desk, case).status == 404


def test_who_sees_no_cases_sees_no_pictures(at_the_desk: AtTheDesk, case: str) -> None:
    kept(at_the_desk)
    assert asked(at_the_desk, case, role="publisher").problem == "forbidden"


def test_evidence_that_cannot_be_read_now_is_worth_another_try(at_the_desk: AtTheDesk, case: str) -> None:
    kept(at_the_desk)
    at_the_desk.evidence.busy = True
    assert asked(at_the_desk, case).status == 503
