"""Replies: recorded with the case, then sent by notify."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contact_desk.contacts import REPORT_FORM, Act, Contact, Person, Surface
from contact_desk.conversations import SafeContact
from contact_desk.intake import Nudge
from contact_desk.outbox import OutboxItem, OutboxKind, OutboxState, Purpose
from local.twins.held_still import NOON
from tests.builders import CASE_ID, PAGE, PERSON, contact
from tests.desk_staging import admit
from tests.unit.operate.at_the_desk import Answered, AtTheDesk

CASE = f"/desk/cases/{CASE_ID}"


def claimed(at_the_desk: AtTheDesk, *contacts: Any) -> None:
    for number, one in enumerate(contacts):
        admit(at_the_desk.intake, one, now=NOON + timedelta(seconds=number))
    at_the_desk.post(f"{CASE}/claim")


def reply(at_the_desk: AtTheDesk, **body: Any) -> Answered:
    return at_the_desk.post(f"{CASE}/replies", {"text": "Which entry?", **body}, version=1)


def only_item(at_the_desk: AtTheDesk) -> OutboxItem:
    (item,) = at_the_desk.records.outbox.values()
    return item


def test_a_reply_in_private_is_a_message_to_the_person(at_the_desk: AtTheDesk) -> None:
    claimed(at_the_desk, contact())
    at_the_desk.clock.advance(seconds=30)
    done = reply(at_the_desk)

    now = NOON + timedelta(seconds=30)
    assert done.status == 202
    assert only_item(at_the_desk) == OutboxItem(
        outbox_id=done.fields["outbox_id"],
        kind=OutboxKind.MESSAGE,
        purpose=Purpose.REPLY,
        channel="messenger",
        account=PAGE,
        target=PERSON,
        text="Which entry?",
        urgent=False,
        created_at=now,
        due_at=now,
        case_id=CASE_ID,
        author="sub-Alex",
        state=OutboxState.PENDING,
    )
    assert at_the_desk.nudges.sent == [Nudge(done.fields["outbox_id"], urgent=False)]


def test_the_state_of_a_case_is_not_a_replys_business(at_the_desk: AtTheDesk) -> None:
    claimed(at_the_desk, contact())
    before = at_the_desk.records.conversations[contact().conversation_key]

    assert reply(at_the_desk).fields["state"] == "open"
    assert at_the_desk.records.conversations[contact().conversation_key] == before


def test_an_address_may_have_any_characters(at_the_desk: AtTheDesk) -> None:
    claimed(at_the_desk, contact(person=Person("a#b#private")))

    reply(at_the_desk)

    assert only_item(at_the_desk).target == "a#b#private"


def comment(number: int, **changed: Any) -> Any:
    at = NOON + timedelta(seconds=number)
    return contact(channel="facebook_page", native_id=f"5501_{number}", occurred_at=at, **changed)


def test_a_reply_in_public_answers_the_newest_comment(at_the_desk: AtTheDesk) -> None:
    claimed(at_the_desk, comment(1), comment(2))
    reply(at_the_desk)

    item = only_item(at_the_desk)
    assert (item.kind, item.channel, item.target) == (OutboxKind.COMMENT_REPLY, "facebook_page", "5501_2")


@pytest.mark.parametrize("named", ["5501_1", "facebook_page#5501_1"])
def test_a_reply_in_public_may_name_the_comment_it_answers(at_the_desk: AtTheDesk, named: str) -> None:
    claimed(at_the_desk, comment(1), comment(2))
    reply(at_the_desk, answers=named)

    assert only_item(at_the_desk).target == "5501_1"


def test_a_reply_never_answers_a_comment_that_was_taken_back(at_the_desk: AtTheDesk) -> None:
    gone = comment(2, act=Act.DELETED, event_id="d1", text="")
    claimed(at_the_desk, comment(1), comment(2), gone)

    refused = reply(at_the_desk, answers="5501_2")
    assert (refused.status, refused.fields["errors"][0]["field"]) == (422, "answers")
    reply(at_the_desk)
    assert only_item(at_the_desk).target == "5501_1"


def test_a_reply_where_every_comment_was_taken_back_is_not_recorded(at_the_desk: AtTheDesk) -> None:
    claimed(at_the_desk, comment(1), comment(1, act=Act.DELETED, event_id="d1", text=""))

    refused = reply(at_the_desk)

    assert (refused.status, refused.fields["text"]) == (422, "Which entry?")
    assert at_the_desk.records.outbox == {}


def test_a_reply_to_a_comment_whose_edit_alone_was_seen_answers_it(at_the_desk: AtTheDesk) -> None:
    claimed(at_the_desk, comment(1, act=Act.EDITED, event_id="e1"))

    reply(at_the_desk)

    assert only_item(at_the_desk).target == "5501_1"


@pytest.mark.parametrize("answers", ["m_2", "messenger#m_2", "", "x" * 301])
def test_a_reply_answers_only_a_contact_of_its_case(at_the_desk: AtTheDesk, answers: str) -> None:
    claimed(at_the_desk, contact())

    refused = reply(at_the_desk, answers=answers)

    assert (refused.status, refused.fields["errors"][0]["field"]) == (422, "answers")


def test_a_reply_in_private_may_name_what_it_answers(at_the_desk: AtTheDesk) -> None:
    claimed(at_the_desk, contact())

    assert reply(at_the_desk, answers="m_1").status == 202


@pytest.mark.parametrize(
    ("unreachable", "why"),
    [
        (contact(channel=REPORT_FORM), "no e-mail address"),
        (contact("", act=Act.UNREADABLE, person=None, native_id="abc.0"), "nobody knows who"),
    ],
    ids=["report", "unreadable"],
)
def test_a_person_whom_the_desk_cannot_reach_gets_no_reply_and_the_operator_their_words(
    at_the_desk: AtTheDesk, unreachable: Any, why: str
) -> None:
    claimed(at_the_desk, unreachable)

    refused = reply(at_the_desk)

    assert (refused.status, refused.problem) == (422, "validation")
    assert why in refused.fields["errors"][0]["message"]
    assert refused.fields["text"] == "Which entry?"
    assert at_the_desk.records.outbox == {}


def test_a_reply_after_the_window_closed_is_not_recorded(at_the_desk: AtTheDesk) -> None:
    claimed(at_the_desk, contact(reply_until=NOON + timedelta(minutes=5)))
    at_the_desk.clock.advance(minutes=5)

    refused = reply(at_the_desk)

    assert (refused.status, refused.problem) == (409, "window-closed")
    assert refused.fields["until"] == "2026-11-02T12:05:00.000Z"
    assert refused.fields["text"] == "Which entry?"
    assert at_the_desk.records.outbox == {}


@pytest.mark.parametrize("text", ["x", "x" * 2000, "🚓" * 2000, "Diolch.\nTwo lines, and a tab:\t."])
def test_a_reply_is_kept_to_the_letter(at_the_desk: AtTheDesk, text: str) -> None:
    claimed(at_the_desk, contact())
    reply(at_the_desk, text=text)

    assert only_item(at_the_desk).text == text


def test_a_reply_stands_though_nobody_could_be_nudged(at_the_desk: AtTheDesk) -> None:
    at_the_desk.nudges.refuses = True
    claimed(at_the_desk, contact())

    assert reply(at_the_desk).status == 202
    assert only_item(at_the_desk).state is OutboxState.PENDING


def test_a_channel_that_can_only_be_read_refuses_a_reply_and_hands_the_words_back(
    at_the_desk: AtTheDesk,
) -> None:
    claimed(at_the_desk, contact(channel="instagram", surface=Surface.PUBLIC, root="179"))
    refused = reply(at_the_desk)

    assert (refused.status, refused.problem) == (409, "no-sender")
    assert refused.fields["text"] == "Which entry?"
    assert at_the_desk.records.outbox == {}


def test_a_reply_that_promises_is_sent_and_its_writer_warned(at_the_desk: AtTheDesk) -> None:
    claimed(at_the_desk, contact())

    done = reply(at_the_desk, text="Stay inside. An officer is on the way.")

    assert done.status == 202
    assert [(one["kind"], one["words"]) for one in done.fields["promises"]] == [
        ("attendance", "An officer is on the way")
    ]
    assert only_item(at_the_desk).text == "Stay inside. An officer is on the way."


def test_a_reply_that_promises_nothing_has_no_warning(at_the_desk: AtTheDesk) -> None:
    claimed(at_the_desk, contact())

    assert reply(at_the_desk).fields["promises"] == []


def test_a_draft_can_be_checked_and_leaves_no_trace(at_the_desk: AtTheDesk) -> None:
    answer = at_the_desk.post("/desk/texts/check", {"text": "You'll get your bike back."}, role="publisher")

    assert (answer.status, [one["kind"] for one in answer.fields["promises"]]) == (200, ["outcome"])
    assert not at_the_desk.records.outbox
    assert not at_the_desk.records.requests


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        (contact(channel="whatsapp"), OutboxKind.MESSAGE),
        (contact(channel="instagram"), OutboxKind.MESSAGE),
        (contact(channel="sms"), OutboxKind.MESSAGE),
        (contact(channel="x"), OutboxKind.MESSAGE),
        (contact(channel="x", surface=Surface.PUBLIC, root="185", native_id="186"), OutboxKind.COMMENT_REPLY),
    ],
    ids=lambda value: f"{value.channel}-{value.surface}" if isinstance(value, Contact) else value,
)
def test_a_reply_goes_out_on_every_channel_with_a_sender(
    at_the_desk: AtTheDesk, written: Contact, kind: OutboxKind
) -> None:
    claimed(at_the_desk, written)

    assert reply(at_the_desk).status == 202
    item = only_item(at_the_desk)
    assert (item.kind, item.channel) == (kind, written.channel)
    assert item.target == ("186" if kind is OutboxKind.COMMENT_REPLY else PERSON)


@pytest.mark.parametrize(
    ("written", "text", "limit", "counted"),
    [
        (contact(), "One sentence here. " * 120, 2000, 2280),
        (contact(channel="instagram"), "é" * 501, 1000, 1002),
        (contact(channel="whatsapp"), "w" * 4097, 4096, 4097),
        (contact(channel="sms"), "\U0001f693" * 801, 1600, 1602),
        (contact(channel="x", surface=Surface.PUBLIC), "日" * 141, 280, 282),
        (contact(channel="x"), "d " * 5001, 10_000, 10_002),
    ],
    ids=lambda value: f"{value.channel}-{value.surface}" if isinstance(value, Contact) else None,
)
def test_a_text_too_long_is_refused_with_an_offer_of_parts_that_are_taken(
    at_the_desk: AtTheDesk, written: Contact, text: str, limit: int, counted: int
) -> None:
    claimed(at_the_desk, written)
    if counted > 10_000:  # more than any channel takes: the gate itself refuses it
        assert reply(at_the_desk, text=text).problem == "validation"
        return

    refused = reply(at_the_desk, text=text)

    assert (refused.status, refused.problem) == (422, "text-too-long")
    assert (refused.fields["limit"], refused.fields["counted"]) == (limit, counted)
    assert refused.fields["text"] == text
    assert "".join("".join(refused.fields["parts"]).split()) == "".join(text.split())
    assert at_the_desk.records.outbox == {}
    for number, part in enumerate(refused.fields["parts"]):
        at_the_desk.clock.advance(seconds=1)
        done = at_the_desk.post(f"{CASE}/replies", {"text": part}, version=number + 1)
        assert done.status == 202
    assert len(at_the_desk.records.outbox) == len(refused.fields["parts"])


def report(**fields: Any) -> Contact:
    return contact(channel=REPORT_FORM, report={"contact": {"email": "ada@example.org"}, **fields})


def test_whoever_gave_an_address_on_the_form_is_answered_by_email(at_the_desk: AtTheDesk) -> None:
    claimed(at_the_desk, report())

    assert reply(at_the_desk).status == 202
    item = only_item(at_the_desk)
    assert (item.kind, item.channel, item.target) == (OutboxKind.EMAIL, REPORT_FORM, "ada@example.org")


@pytest.mark.parametrize(
    ("contact_details", "why"),
    [
        ({}, "no e-mail address"),
        ({"email": None, "phone": "01632 960001"}, "no e-mail address"),
        ({"email": "ada"}, "cannot be one"),
        ({"email": "ada@example.org, eve@example.org"}, "cannot be one"),
        ({"email": "ada@example.org\nBcc: eve@example.org"}, "cannot be one"),
    ],
)
def test_an_address_that_is_none_is_told(at_the_desk: AtTheDesk, contact_details: Any, why: str) -> None:
    claimed(at_the_desk, report(contact=contact_details))

    refused = reply(at_the_desk)

    assert refused.status == 422
    assert why in refused.fields["errors"][0]["message"]
    assert "eve" not in str(refused.fields["errors"])


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        ({"ok": False}, False),
        ({"ok": True, "how": "by phone only"}, False),
        ({"ok": True, "how": "e-mail me"}, True),
        ({"ok": True, "how": "please do not e-mail me"}, False),
        ({"ok": True, "how": "anything but email"}, False),
        ({"ok": True, "not_when": "in the evening"}, False),
        ({"ok": True, "how": "email", "not_when": "in the evening"}, True),
        ({"ok": False, "how": "email"}, False),
        ({"ok": True}, True),
    ],
)
def test_an_email_goes_only_where_the_safe_contact_rule_lets_it(
    at_the_desk: AtTheDesk, rule: Any, allowed: bool
) -> None:
    claimed(at_the_desk, report())
    conversation = at_the_desk.records.conversations[report().conversation_key]
    bound = replace(conversation, safe_contact=SafeContact(**rule))
    at_the_desk.records.conversations[conversation.key] = bound
    done = reply(at_the_desk)

    assert done.status == (202 if allowed else 422)
    if not allowed:
        assert "safe-contact" in done.fields["errors"][0]["message"]
