"""What copies of broadcasts add to the send protocol: refused ends, alerts by broadcast, waiting for one another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from contact_desk.broadcasts import BroadcastState
from contact_desk.copy_orders import CopyAct, CopyCause, CopyOrder
from contact_desk.outbox import OutboxItem, OutboxKind, OutboxState, Purpose
from contact_desk.send_failures import SendFailure
from functions.notify.doubts import first_look_at, only_a_person_can
from functions.notify.http_calls import Form, UploadedFile
from functions.notify.platform_answers import Rejected, RetryLater, Sent, UnknownEffect
from functions.notify.senders.copies.lists import ListCopies, read_sns_refusal
from functions.notify.senders.copies.sending import Sending, not_public_yet
from functions.notify.senders.copies.standing import NotSettled, Standing, followers, what_stands
from local.twins.desk_records import DeskRecords
from local.twins.held_still import NOON
from local.twins.in_memory_broadcasts import InMemoryBroadcasts
from local.twins.in_memory_outbox import InMemoryOutbox
from tests.broadcast_staging import on_air


def copy(name: str, act: CopyAct = CopyAct.PUBLISH, **changes: Any) -> OutboxItem:
    order = {name: changes.pop(name) for name in ("on", "after", "cause") if name in changes}
    return OutboxItem(
        outbox_id=name,
        kind=OutboxKind.COPY,
        purpose=Purpose.BROADCAST,
        channel="x",
        account="1",
        target="b",
        text="words",
        urgent=False,
        created_at=NOON,
        due_at=NOON,
        order=CopyOrder("b", act, order.pop("cause", CopyCause.START), "hash", **order),
        **changes,
    )


UP: dict[str, Any] = {"state": OutboxState.SENT, "platform_id": "post-1"}


def stands(item: OutboxItem, *others: OutboxItem) -> list[str] | None:
    """The items whose posts the item finds, None where nobody knows yet."""
    outbox = InMemoryOutbox(DeskRecords(outbox={one.outbox_id: one for one in others}))
    assert item.order is not None
    found = what_stands(item.order, outbox)
    return [one.outbox_id for one in found.items] if isinstance(found, Standing) else None


END = copy("end", CopyAct.DELETE, cause=CopyCause.CANCELLED, on="start")


@pytest.mark.parametrize("state", sorted(set(OutboxState) - {OutboxState.SENT, OutboxState.FAILED}))
def test_nobody_knows_what_stands_before_it_is_settled(state: OutboxState) -> None:
    assert stands(END, copy("start", state=state)) is None


def test_what_is_up_stands_and_what_failed_or_was_withdrawn_does_not() -> None:
    assert stands(END, copy("start", **UP)) == ["start"]
    assert stands(END, copy("start", state=OutboxState.SENT, resolved_by="op-1")) == ["start"]
    assert stands(END, copy("start", state=OutboxState.FAILED)) == []
    assert stands(END, copy("start", state=OutboxState.SENT)) == []


def test_where_a_correction_came_to_nothing_the_first_copy_still_stands() -> None:
    edit = copy("start", CopyAct.EDIT, on="first", state=OutboxState.FAILED)

    assert stands(END, edit, copy("first", **UP)) == ["first"]
    assert stands(END, replace(edit, **UP), copy("first", **UP)) == ["start"]


def test_what_was_followed_up_stands_beside_what_followed() -> None:
    beside = copy("start", CopyAct.FOLLOW_UP, on="first", **UP)

    assert stands(END, beside, copy("first", **UP)) == ["start", "first"]


def test_nothing_is_settled_while_something_comes_first() -> None:
    anew = copy("anew", after="delete")

    assert stands(anew, copy("delete", state=OutboxState.IN_DOUBT)) is None
    assert stands(anew, copy("delete", state=OutboxState.SENT)) == []
    withdrawn = copy("start", after="delete", state=OutboxState.SENT)
    assert stands(END, withdrawn, copy("delete", state=OutboxState.NEEDS_HUMAN)) is None


def test_an_unsettled_chain_is_unsettled() -> None:
    edit = copy("start", CopyAct.EDIT, on="first", state=OutboxState.FAILED)
    outbox = InMemoryOutbox(DeskRecords(outbox={"start": edit, "first": copy("first")}))
    assert END.order is not None

    assert what_stands(END.order, outbox) == NotSettled()


def test_whoever_settles_a_copy_knows_what_waited_for_it() -> None:
    broadcasts = InMemoryBroadcasts(DeskRecords())
    one = on_air(broadcasts, channels=("x",))
    start = copy(one.outbox_id("x"))
    assert followers(start, one) == ()

    cancelled = replace(one, state=BroadcastState.CANCELLED)
    assert followers(start, cancelled) == [one.outbox_id("x", CopyCause.CANCELLED)]

    two = on_air(broadcasts, 2, channels=("x",), corrects=one.broadcast_id)
    corrected = broadcasts.get(one.broadcast_id)
    assert corrected is not None
    gone = copy(one.outbox_id("x", CopyCause.CORRECTED), CopyAct.DELETE, cause=CopyCause.CORRECTED)
    assert followers(gone, corrected) == [two.outbox_id("x")]


def test_only_a_refused_end_stays_with_a_person() -> None:
    assert only_a_person_can(END)
    assert not only_a_person_can(copy("start"))


def test_a_copy_is_looked_up_later_than_a_reply_because_its_last_call_may_begin_later() -> None:
    reply = replace(copy("start"), kind=OutboxKind.COMMENT_REPLY, purpose=Purpose.REPLY)

    assert first_look_at(copy("start"), NOON) - first_look_at(reply, NOON) == timedelta(seconds=8)


def test_what_shows_nobody_anything_may_be_done_again() -> None:
    assert not_public_yet(UnknownEffect(SendFailure.NO_ANSWER)) == RetryLater(SendFailure.NO_ANSWER)
    assert not_public_yet(Rejected(SendFailure.REFUSED)) == Rejected(SendFailure.REFUSED)


def test_a_form_carries_fields_and_a_file() -> None:
    form = Form.of({"published": "false"}, name="source", file=UploadedFile("a.png", b"\x89PNG", "image/png"))

    assert form.content_type.startswith("multipart/form-data; boundary=")
    assert b'name="published"\r\n\r\nfalse\r\n' in form.body
    assert b'name="source"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n' in form.body


@pytest.mark.parametrize(
    ("code", "status", "answer"),
    [
        ("Throttled", 429, RetryLater(SendFailure.THROTTLED)),
        ("AuthorizationError", 403, Rejected(SendFailure.PERMISSION_MISSING)),
        ("NotFound", 404, Rejected(SendFailure.NO_SENDER)),
        ("InvalidParameter", 400, Rejected(SendFailure.BAD_REQUEST)),
        ("InternalError", 500, UnknownEffect(SendFailure.SERVER_ERROR)),
        ("Else", 400, Rejected(SendFailure.REFUSED)),
    ],
)
def test_what_a_lists_topic_answers(code: str, status: int, answer: object) -> None:
    said: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}

    assert read_sns_refusal(ClientError(said, "Publish")) == answer


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("Merseyside Police", "Merseyside Police"),
        ("Heddlu Ynys M\u00f4n", "Heddlu Ynys Mon"),
        ("\u8b66\u5bdf", "Police"),
        ("Police " * 20, ("Police " * 20)[:99].rstrip()),
    ],
)
def test_an_email_is_headed_by_what_sns_takes_as_a_subject(name: str, subject: str) -> None:
    told: list[Any] = []

    class Topic:
        def publish(self, **message: Any) -> dict[str, str]:
            told.append(message)
            return {"MessageId": "m-1"}

    class Now:
        item = copy("start")

        def time_for_call(self) -> timedelta:
            return timedelta(seconds=8)

    sent = ListCopies(cast(Any, Topic()), "arn:topic", name).publish(cast(Sending, Now()))

    assert sent == Sent("m-1")
    assert told == [{"TopicArn": "arn:topic", "Subject": subject, "Message": "words"}]
