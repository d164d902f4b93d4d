"""The list of cases and the whole case."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contact_desk.attachments import CopyFailure, CopyState
from contact_desk.cases import CaseState
from contact_desk.contacts import REPORT_FORM, Act, Attachment, Location, Person
from contact_desk.conversations import SafeContact
from contact_desk.decisions import Place
from contact_desk.grades import Band, Grade
from contact_desk.outbox import OutboxState, Purpose
from contact_desk.send_failures import SendFailure
from functions.operate.views import timeline_fields
from local.twins.held_still import NOON
from tests.builders import CASE_ID, contact, force, outbox_item
from tests.desk_staging import admit
from tests.unit.operate.at_the_desk import AtTheDesk

C2_FIELDS = [
    "case_id",
    "reference",
    "state",
    "grade",
    "band",
    "category",
    "emergency",
    "reason",
    "preview",
    "channel",
    "surface",
    "opened_at",
    "answer_by",
    "last_contact_at",
    "owner",
    "version",
    "about",
]


def several(at_the_desk: AtTheDesk, *grades: Grade, state: CaseState = CaseState.OPEN) -> None:
    """A case of each grade, of a person of its own; case ids count from 1."""
    for number, grade in enumerate(grades, start=len(at_the_desk.records.cases) + 1):
        message = contact(native_id=f"m_{number}", person=Person(f"p_{number}"))
        admit(at_the_desk.intake, message, case_id=f"{number}", grade=grade, state=state)


def ids(listed: Any) -> list[str]:
    return [case["case_id"] for case in listed.fields["cases"]]


def test_a_case_is_listed_with_the_fields_of_c2_and_no_others(at_the_desk: AtTheDesk, case: str) -> None:
    listed = at_the_desk.get("/desk/cases")

    assert list(listed.fields) == ["cases", "next_cursor"]
    (shown,) = listed.fields["cases"]
    assert list(shown) == C2_FIELDS
    assert shown == {
        "case_id": CASE_ID,
        "reference": "MP-7K3Q-9DXR-C",
        "state": "open",
        "grade": "scheduled",
        "band": "green",
        "category": "anti_social_behaviour",
        "emergency": False,
        "reason": "Young people on bikes",
        "preview": "There are lads on bikes in our entry.",
        "channel": "messenger",
        "surface": "private",
        "opened_at": "2026-11-02T12:00:00.000Z",
        "answer_by": "2026-11-02T16:00:00.000Z",
        "last_contact_at": "2026-11-02T12:00:00.000Z",
        "owner": None,
        "version": 1,
        "about": [],
    }


def test_the_most_urgent_case_comes_first(at_the_desk: AtTheDesk) -> None:
    several(at_the_desk, Grade.RESOLVE, Grade.EMERGENCY, Grade.SCHEDULED, Grade.PRIORITY)

    assert ids(at_the_desk.get("/desk/cases")) == ["2", "4", "3", "1"]


def test_without_a_state_open_and_answered_cases_are_listed(at_the_desk: AtTheDesk) -> None:
    several(at_the_desk, Grade.SCHEDULED)
    several(at_the_desk, Grade.SCHEDULED, state=CaseState.ANSWERED)
    several(at_the_desk, Grade.SCHEDULED)
    closed = at_the_desk.records.cases["3"]
    at_the_desk.records.cases["3"] = replace(closed, state=CaseState.CLOSED, closed_at=NOON)

    assert ids(at_the_desk.get("/desk/cases")) == ["1", "2"]
    assert ids(at_the_desk.get("/desk/cases", state="answered")) == ["2"]
    assert ids(at_the_desk.get("/desk/cases", state="closed")) == ["3"]
    assert ids(at_the_desk.get("/desk/cases", grade="priority")) == []


def test_the_list_knows_me_somebody_and_nobody(at_the_desk: AtTheDesk) -> None:
    several(at_the_desk, *[Grade.SCHEDULED] * 3)
    at_the_desk.post("/desk/cases/1/claim")
    at_the_desk.post("/desk/cases/2/claim", who="Bo")

    assert ids(at_the_desk.get("/desk/cases", owner="me")) == ["1"]
    assert ids(at_the_desk.get("/desk/cases", owner="Bo")) == ["2"]
    assert ids(at_the_desk.get("/desk/cases", owner="sub-Bo")) == ["2"]
    assert ids(at_the_desk.get("/desk/cases", owner="nobody")) == ["3"]


def test_the_owner_is_whoever_holds_the_case_now(at_the_desk: AtTheDesk, case: str) -> None:
    at_the_desk.post(f"{case}/claim")
    held = {"name": "Alex", "until": "2026-11-02T12:10:00.000Z"}

    assert at_the_desk.get("/desk/cases", who="Bo").fields["cases"][0]["owner"] == held
    at_the_desk.clock.advance(minutes=10)
    assert at_the_desk.get("/desk/cases", who="Bo").fields["cases"][0]["owner"] is None


def test_a_long_list_is_read_page_by_page(at_the_desk: AtTheDesk) -> None:
    several(at_the_desk, *[Grade.PRIORITY, Grade.SCHEDULED] * 55)
    first = at_the_desk.get("/desk/cases")
    second = at_the_desk.get("/desk/cases", cursor=first.fields["next_cursor"])
    third = at_the_desk.get("/desk/cases", cursor=second.fields["next_cursor"])

    pages = [ids(first), ids(second), ids(third)]
    assert [len(page) for page in pages] == [50, 50, 10]
    assert len({one for page in pages for one in page}) == 110
    assert third.fields["next_cursor"] is None


def test_a_cursor_belongs_to_the_list_that_gave_it(at_the_desk: AtTheDesk) -> None:
    several(at_the_desk, *[Grade.PRIORITY] * 51)
    cursor = at_the_desk.get("/desk/cases").fields["next_cursor"]

    assert at_the_desk.get("/desk/cases", cursor=cursor, grade="priority").status == 200
    for other in ({"grade": "scheduled"}, {"state": "closed"}):
        refused = at_the_desk.get("/desk/cases", cursor=cursor, **other)
        assert [error["field"] for error in refused.fields["errors"]] == ["cursor"]


def test_a_list_is_audited_by_what_it_first_shows_an_operator_in_the_hour(at_the_desk: AtTheDesk) -> None:
    several(at_the_desk, *[Grade.PRIORITY] * 2)
    at_the_desk.get("/desk/cases")
    at_the_desk.get("/desk/cases")
    several(at_the_desk, Grade.PRIORITY)
    at_the_desk.get("/desk/cases")
    at_the_desk.clock.advance(hours=1)
    at_the_desk.get("/desk/cases", who="Bo")
    at_the_desk.get("/desk/cases")

    shown = {who: [entry.shown for entry in entries] for who, entries in at_the_desk.records.audit.items()}
    assert shown == {
        "sub-Alex": [("1", "2"), ("3",), ("1", "2", "3")],
        "sub-Bo": [("1", "2", "3")],
    }


def test_opening_a_case_is_audited_and_answers_with_its_version(at_the_desk: AtTheDesk, case: str) -> None:
    opened = at_the_desk.get(case)

    assert (opened.status, opened.headers["etag"]) == (200, '"1"')
    (entry,) = at_the_desk.records.audit[CASE_ID]
    assert (entry.by, entry.act, entry.at) == ("sub-Alex", "open", NOON)


def test_a_case_that_is_not_there_is_not_found_and_nobody_opened_it(at_the_desk: AtTheDesk) -> None:
    assert at_the_desk.get("/desk/cases/nobody").status == 404
    assert at_the_desk.records.audit == {}


def test_the_whole_case_says_what_an_answer_has_to_heed(at_the_desk: AtTheDesk) -> None:
    message = contact("hello", person=Person("1", "Ceri"), reply_until=NOON + timedelta(hours=24))
    admit(at_the_desk.intake, message)
    conversation = at_the_desk.records.conversations[message.conversation_key]
    at_the_desk.records.conversations[message.conversation_key] = replace(
        conversation, safe_contact=SafeContact(ok=True, how="text only", not_when="after six")
    )

    found = at_the_desk.get(f"/desk/cases/{CASE_ID}").fields

    assert found.keys() > {*C2_FIELDS, "reasons", "timeline"}
    assert found["reasons"] == [{"rule": "asb.bikes", "reason": "Young people on bikes", "words": ["bikes"]}]
    assert found["person_name"] == "Ceri"
    assert found["reply_until"] == "2026-11-03T12:00:00.000Z"
    assert found["safe_contact"] == {"ok": True, "how": "text only", "not_when": "after six"}


def timeline(at_the_desk: AtTheDesk) -> list[tuple[Any, ...]]:
    found = at_the_desk.get(f"/desk/cases/{CASE_ID}").fields["timeline"]
    return [(entry["kind"], entry["by"], entry["text"], entry["state"]) for entry in found]


def write(at_the_desk: AtTheDesk, text: str, minute: int, **fields: Any) -> None:
    at = NOON + timedelta(minutes=minute)
    message = contact(text, person=Person("1", "Ceri"), occurred_at=at, **fields)
    admit(at_the_desk.intake, message, now=at)


def test_the_timeline_tells_what_was_written_what_was_sent_and_how_far_it_got(at_the_desk: AtTheDesk) -> None:
    automatic = outbox_item(purpose=Purpose.ACKNOWLEDGEMENT, text="We have it.", state=OutboxState.SENT)
    admit(at_the_desk.intake, contact("hello", person=Person("1", "Ceri")), outbox=(automatic,))
    at_the_desk.clock.advance(minutes=1)
    case = f"/desk/cases/{CASE_ID}"
    at_the_desk.post(f"{case}/claim")
    at_the_desk.clock.advance(minutes=1)
    sent = at_the_desk.post(f"{case}/replies", {"text": "Which entry?"}, version=1)
    at_the_desk.clock.advance(minutes=1)
    at_the_desk.post(f"{case}/notes", {"text": "The one off Hope Street"}, version=2)

    assert timeline(at_the_desk) == [
        ("contact", "Ceri", "hello", None),
        ("automatic", None, "We have it.", "sent"),
        ("claim", "Alex", None, None),
        ("reply", "Alex", "Which entry?", "pending"),
        ("note", "Alex", "The one off Hope Street", None),
    ]
    entries = at_the_desk.get(case).fields["timeline"]
    assert [entry["outbox_id"] for entry in entries] == [
        None,
        automatic.outbox_id,
        None,
        sent.fields["outbox_id"],
        None,
    ]
    assert entries[0]["contact_id"] == "messenger#m_1"
    assert entries[3]["at"] == "2026-11-02T12:02:00.000Z"


def test_an_edit_stands_beside_the_original(at_the_desk: AtTheDesk) -> None:
    write(at_the_desk, "the blue door", 0)
    write(at_the_desk, "the red door", 1, act=Act.EDITED, event_id="e1")

    assert timeline(at_the_desk) == [
        ("contact", "Ceri", "the blue door", "edited"),
        ("edit", "Ceri", "the red door", None),
    ]


def test_what_was_taken_back_stays_readable_where_the_channel_keeps_it(at_the_desk: AtTheDesk) -> None:
    write(at_the_desk, "the blue door", 0)
    write(at_the_desk, "", 1, act=Act.DELETED, event_id="d1")

    assert timeline(at_the_desk) == [
        ("contact", "Ceri", "the blue door", "deleted"),
        ("deleted", "Ceri", None, None),
    ]


def test_what_was_taken_back_is_hidden_where_the_channels_terms_ask_for_it(at_the_desk: AtTheDesk) -> None:
    write(at_the_desk, "another matter", 0, native_id="m_0")
    write(at_the_desk, "the blue door", 1)
    write(at_the_desk, "the red door", 2, act=Act.EDITED, event_id="e1")
    write(at_the_desk, "", 3, act=Act.DELETED, event_id="d1")
    found = at_the_desk.desk.cases.case_file(CASE_ID)
    assert found is not None

    on_x = replace(found, case=replace(found.case, channel="x"))

    assert [(entry["text"], entry["state"]) for entry in timeline_fields(on_x, force())] == [
        ("another matter", None),
        (None, "deleted"),
        (None, None),
        (None, None),
    ]


PHOTO = Attachment("image", "image/jpeg", "https://scontent.xx.fbcdn.net/v/secret.jpg")
NOTHING_KEPT = {"reason": None, "sha256": None, "size": None}


def test_what_came_with_a_contact_shows_what_became_of_it_and_never_its_link(at_the_desk: AtTheDesk) -> None:
    admit(at_the_desk.intake, contact(attachments=(PHOTO, PHOTO, PHOTO, Attachment("location"))))
    (name,) = at_the_desk.records.attachments
    record = at_the_desk.records.attachments[name]
    first, second, third, place = record.copies
    kept = replace(first, state=CopyState.KEPT, media_type="image/png", sha256="ab" * 32, size=176, key="k")
    refused = replace(second, state=CopyState.REFUSED, failure=CopyFailure.TOO_LARGE)
    at_the_desk.records.attachments[name] = replace(record, copies=(kept, refused, third, place))
    answer = at_the_desk.get(f"/desk/cases/{CASE_ID}")

    (entry,) = answer.fields["timeline"]
    assert entry["attachments"] == [
        {
            "kind": "image",
            "media_type": "image/png",
            "state": "kept",
            "reason": None,
            "sha256": "ab" * 32,
            "size": 176,
        },
        {
            "kind": "image",
            "media_type": "image/jpeg",
            "state": "refused",
            **NOTHING_KEPT,
            "reason": "too_large",
        },
        {"kind": "image", "media_type": "image/jpeg", "state": "waiting", **NOTHING_KEPT},
        {"kind": "location", "media_type": None, "state": "not_a_file", **NOTHING_KEPT},
    ]
    assert "secret.jpg" not in str(answer.fields)


def test_a_contact_of_before_attachments_were_copied_shows_that_they_came(at_the_desk: AtTheDesk) -> None:
    admit(at_the_desk.intake, contact(attachments=(PHOTO,)))
    at_the_desk.records.attachments.clear()

    (entry,) = at_the_desk.get(f"/desk/cases/{CASE_ID}").fields["timeline"]
    assert entry["attachments"] == [
        {"kind": "image", "media_type": "image/jpeg", "state": None, **NOTHING_KEPT}
    ]


def test_attachments_are_hidden_with_the_words_that_were_taken_back(at_the_desk: AtTheDesk) -> None:
    on_x = {"channel": "x", "account": force().channels["x"].account}
    admit(at_the_desk.intake, contact(**on_x, attachments=(PHOTO,)))
    admit(at_the_desk.intake, contact(**on_x, act=Act.DELETED, event_id="gone"))

    shown = at_the_desk.get(f"/desk/cases/{CASE_ID}").fields["timeline"]
    assert [entry["attachments"] for entry in shown] == [[], []]


@pytest.mark.parametrize(("act", "text"), [(Act.EDITED, "the red door"), (Act.DELETED, None)])
def test_an_event_whose_original_never_came_says_so(
    at_the_desk: AtTheDesk, act: Act, text: str | None
) -> None:
    write(at_the_desk, text or "", 0, act=act, event_id="e1")

    (entry,) = timeline(at_the_desk)
    assert entry[2:] == (text, "original not seen")


def test_a_report_shows_what_else_the_form_asked(at_the_desk: AtTheDesk) -> None:
    fields = {"where": "Hope Street", "contact": {"email": "ada@example.org", "phone": None}}
    admit(at_the_desk.intake, contact("my bike", channel=REPORT_FORM, report=fields))

    (entry,) = at_the_desk.get(f"/desk/cases/{CASE_ID}").fields["timeline"]
    assert entry["report"] == fields


def test_a_place_and_a_link_stand_beside_the_words_until_they_are_taken_back(at_the_desk: AtTheDesk) -> None:
    link = "https://www.facebook.com/1/posts/2?comment_id=3"
    write(at_the_desk, "here", 0, location=Location(53.4, -2.97, "The Strand"), permalink=link)
    write(at_the_desk, "", 1, act=Act.DELETED, event_id="d1")
    found = at_the_desk.desk.cases.case_file(CASE_ID)
    assert found is not None

    kept, _ = timeline_fields(found, force())
    assert (kept["location"]["name"], kept["permalink"]) == ("The Strand", link)
    hidden, _ = timeline_fields(replace(found, case=replace(found.case, channel="x")), force())
    assert (hidden["location"], hidden["permalink"], hidden["report"]) == (None, None, None)


def test_an_unreadable_delivery_says_so(at_the_desk: AtTheDesk) -> None:
    admit(at_the_desk.intake, contact("", act=Act.UNREADABLE, person=None, native_id="ab.0"))

    assert timeline(at_the_desk) == [("contact", None, "", "unreadable")]


def test_an_emergency_shows_as_one(at_the_desk: AtTheDesk) -> None:
    admit(at_the_desk.intake, contact(), grade=Grade.EMERGENCY, band=Band.RED)

    assert at_the_desk.get("/desk/cases").fields["cases"][0]["emergency"] is True


def test_me_is_who_the_token_says(at_the_desk: AtTheDesk) -> None:
    fields = dict(at_the_desk.get("/desk/me", role="auditor publisher").fields)
    del fields["desk"]
    assert fields == {
        "subject": "sub-Alex",
        "name": "Alex",
        "roles": ["auditor", "publisher"],
        "force": {"name": "Merseyside Police", "short_code": "MP"},
    }


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (SendFailure.WINDOW_CLOSED, SendFailure.WINDOW_CLOSED.told),
        ("a code of an older release", None),
        (None, None),
    ],
)
def test_the_timeline_says_in_words_what_stands_in_the_way_of_a_sending(
    at_the_desk: AtTheDesk, failure: str | None, told: str | None
) -> None:
    item = outbox_item(purpose=Purpose.ACKNOWLEDGEMENT, state=OutboxState.FAILED, failure=failure)
    admit(at_the_desk.intake, contact("hello"), outbox=(item,))

    entries = at_the_desk.get(f"/desk/cases/{CASE_ID}").fields["timeline"]

    assert [entry["trouble"] for entry in entries] == [None, told]


def test_places_are_candidates_the_surest_first_each_once(at_the_desk: AtTheDesk) -> None:
    unsure, sure, code = Place("hope street", 0.5), Place("Hope Street", 0.65), Place("L1 9BN", 0.9)
    admit(at_the_desk.intake, contact("hope street"), places=(unsure,))
    again = contact("Hope Street, L1 9BN", native_id="m_2", occurred_at=NOON + timedelta(minutes=1))
    admit(at_the_desk.intake, again, now=NOON + timedelta(minutes=1), places=(sure, code))

    shown = at_the_desk.get(f"/desk/cases/{CASE_ID}").fields["places"]

    assert shown == [{"name": "L1 9BN", "confidence": 0.9}, {"name": "Hope Street", "confidence": 0.65}]


def test_places_in_words_that_nobody_may_read_any_more_are_not_told(at_the_desk: AtTheDesk) -> None:
    written = contact("Hope Street", channel="x", account="x_1")
    admit(at_the_desk.intake, written, places=(Place("Hope Street", 0.65),))
    gone = contact("", channel="x", account="x_1", act=Act.DELETED, event_id="d1")
    admit(at_the_desk.intake, gone)

    assert at_the_desk.get(f"/desk/cases/{CASE_ID}").fields["places"] == []


def test_the_earlier_cases_of_the_conversation_are_named_newest_first(at_the_desk: AtTheDesk) -> None:
    for number in range(1, 8):
        message = contact(native_id=f"m_{number}", person=Person(f"p_{number}"))
        admit(at_the_desk.intake, message, case_id=f"{number}", reference=f"MP-{number}")
        if number > 1:
            cases = at_the_desk.records.cases
            cases[f"{number}"] = replace(cases[f"{number}"], previous_case=f"{number - 1}")
    hidden = at_the_desk.records.cases["5"]
    at_the_desk.records.cases["5"] = replace(hidden, restricted_to=("sub-Bo",))

    shown = at_the_desk.get("/desk/cases/7").fields["earlier"]

    assert [one["case_id"] for one in shown] == ["6", "4", "3", "2"]
    assert (shown[0]["reference"], shown[0]["state"], shown[0]["closed_at"]) == ("MP-6", "open", None)
