"""Notes, grades, safe contact and closing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contact_desk.alerts import AlertRank
from contact_desk.cases import CaseState, Disposition
from contact_desk.contacts import Person
from contact_desk.conversations import SafeContact
from contact_desk.grades import Grade
from contact_desk.intake import Nudge
from local.twins.held_still import NOON
from tests.builders import CASE_ID, PERSON, contact, force
from tests.desk_staging import admit
from tests.unit.operate.at_the_desk import AtTheDesk

SEEN = "2026-11-02T12:00:00.000Z"
CONVERSATION = contact().conversation_key
ACTS: dict[str, dict[str, Any]] = {
    "replies": {"text": "Which entry?"},
    "notes": {"text": "A note"},
    "grade": {"grade": "priority", "reason": "They are armed with fireworks"},
    "safe-contact": {"ok": False},
    "close": {"disposition": "advice_given", "last_contact_at": SEEN},
}
HOLDERS_ACTS = sorted(ACTS.keys() - {"safe-contact"})


@pytest.fixture
def mine(at_the_desk: AtTheDesk, case: str) -> str:
    """A case that Alex holds since noon; the clock stands at a minute past."""
    at_the_desk.post(f"{case}/claim")
    at_the_desk.clock.advance(minutes=1)
    return case


@pytest.mark.parametrize("act", ACTS)
def test_an_act_moves_the_version_on_and_is_audited(at_the_desk: AtTheDesk, mine: str, act: str) -> None:
    done = at_the_desk.post(f"{mine}/{act}", ACTS[act], version=1)

    assert done.status == (202 if act == "replies" else 200)
    assert (done.fields["version"], done.headers["etag"]) == (2, '"2"')
    assert at_the_desk.records.cases[CASE_ID].version == 2
    audited = at_the_desk.records.audit[CASE_ID][-1]
    assert (audited.by, audited.act) == ("sub-Alex", {"replies": "reply", "notes": "note"}.get(act, act))
    assert at_the_desk.get(mine).fields["timeline"][-1]["by"] == "Alex"


@pytest.mark.parametrize("version", ["1", '"1"', ' "1" '])
def test_a_version_is_named_as_a_tag_or_as_a_number(at_the_desk: AtTheDesk, mine: str, version: str) -> None:
    assert at_the_desk.post(f"{mine}/notes", ACTS["notes"], version=version).status == 200


@pytest.mark.parametrize("act", ACTS)
def test_an_act_that_names_no_version_is_not_done(at_the_desk: AtTheDesk, mine: str, act: str) -> None:
    refused = at_the_desk.post(f"{mine}/{act}", ACTS[act])

    assert (refused.status, refused.fields["type"]) == (428, "about:blank")
    assert at_the_desk.records.cases[CASE_ID].version == 1


@pytest.mark.parametrize("version", [0, 2, "", "*", 'W/"1"', '"1", "2"', "one", "-1", "१"])
@pytest.mark.parametrize("act", ACTS)
def test_an_act_on_another_version_is_not_done_and_hands_the_words_back(
    at_the_desk: AtTheDesk, mine: str, act: str, version: int | str
) -> None:
    refused = at_the_desk.post(f"{mine}/{act}", ACTS[act], version=version)

    assert (refused.status, refused.problem, refused.fields["version"]) == (412, "stale-version", 1)
    assert refused.fields.get("text") == ACTS[act].get("text", ACTS[act].get("reason"))
    assert at_the_desk.records.cases[CASE_ID].version == 1
    assert at_the_desk.records.outbox == {}


@pytest.mark.parametrize("act", HOLDERS_ACTS)
def test_an_act_of_somebody_who_does_not_hold_the_case_is_not_done(
    at_the_desk: AtTheDesk, case: str, act: str
) -> None:
    unheld = at_the_desk.post(f"{case}/{act}", ACTS[act], version=1)
    at_the_desk.post(f"{case}/claim", who="Bo")
    held = at_the_desk.post(f"{case}/{act}", ACTS[act], version=1)
    at_the_desk.clock.advance(minutes=10)
    run_out = at_the_desk.post(f"{case}/{act}", ACTS[act], version=1, who="Bo")

    assert [one.status for one in (unheld, held, run_out)] == [409] * 3
    assert {one.problem for one in (unheld, held, run_out)} == {"not-holder"}
    assert [one.fields.get("holder") for one in (unheld, held, run_out)] == [None, "Bo", None]
    assert at_the_desk.records.cases[CASE_ID].version == 1


@pytest.mark.parametrize("act", sorted(ACTS.keys() - {"close"}))
def test_an_act_renews_the_lease(at_the_desk: AtTheDesk, mine: str, act: str) -> None:
    done = at_the_desk.post(f"{mine}/{act}", ACTS[act], version=1)

    assert done.fields["owner"]["until"] == "2026-11-02T12:11:00.000Z"


@pytest.mark.parametrize("act", HOLDERS_ACTS)
def test_nothing_is_done_to_a_closed_case(at_the_desk: AtTheDesk, mine: str, act: str) -> None:
    at_the_desk.post(f"{mine}/close", ACTS["close"], version=1)

    refused = at_the_desk.post(f"{mine}/{act}", ACTS[act], version=2)
    assert (refused.status, refused.problem) == (409, "case-closed")


@pytest.mark.parametrize("act", ACTS)
def test_an_act_on_a_case_that_is_not_there_finds_nothing(at_the_desk: AtTheDesk, act: str) -> None:
    assert at_the_desk.post(f"/desk/cases/nobody/{act}", ACTS[act], version=1).status == 404


# Grades


def test_a_new_grade_puts_the_case_where_it_belongs_with_a_target_from_now(
    at_the_desk: AtTheDesk, mine: str
) -> None:
    done = at_the_desk.post(f"{mine}/grade", ACTS["grade"], version=1)

    due = NOON + timedelta(minutes=1) + force().grades[Grade.PRIORITY].target
    assert (done.fields["grade"], done.fields["band"]) == ("priority", "green")
    assert done.fields["answer_by"] == due.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert at_the_desk.get(mine).fields["timeline"][-1]["text"] == (
        "Scheduled → Priority: They are armed with fireworks"
    )
    conversation = at_the_desk.records.conversations[CONVERSATION]
    assert conversation.current is not None
    assert (conversation.current.grade, conversation.current.answer_by) == (Grade.PRIORITY, due)
    assert conversation.revision == 2


@pytest.mark.parametrize(("grade", "rank"), [("emergency", AlertRank.A1), ("priority", AlertRank.A2)])
def test_a_grade_that_rises_opens_its_alert_and_tells_of_it(
    at_the_desk: AtTheDesk, mine: str, grade: str, rank: AlertRank
) -> None:
    at_the_desk.post(f"{mine}/grade", {"grade": grade, "reason": "They are at the door"}, version=1)

    opened = at_the_desk.records.alerts[f"{CASE_ID}.{grade}"]
    assert (opened.rank, opened.grade, opened.open) == (rank, Grade(grade), True)
    assert opened.next_nudge_at is not None
    (told,) = [item for item in at_the_desk.records.outbox.values() if item.target == opened.alert_id]
    assert at_the_desk.nudges.sent == [Nudge(told.outbox_id, rank is AlertRank.A1)]


def test_an_alert_that_stands_open_is_not_opened_twice(at_the_desk: AtTheDesk, mine: str) -> None:
    for version, grade in enumerate(["emergency", "scheduled", "emergency"], start=1):
        done = at_the_desk.post(
            f"{mine}/grade", {"grade": grade, "reason": "As it looks now"}, version=version
        )
        assert done.status == 200

    assert len(at_the_desk.nudges.sent) == 1
    assert at_the_desk.records.alerts[f"{CASE_ID}.emergency"].opened_at == at_the_desk.clock.now()


@pytest.mark.parametrize("grade", ["scheduled", "resolve"])
def test_a_grade_that_does_not_rise_to_urgent_alarms_nobody(
    at_the_desk: AtTheDesk, mine: str, grade: str
) -> None:
    at_the_desk.post(f"{mine}/grade", {"grade": grade, "reason": "As it is"}, version=1)

    assert at_the_desk.records.alerts == {}
    assert at_the_desk.nudges.sent == []


def test_the_same_grade_again_keeps_its_clock(at_the_desk: AtTheDesk, mine: str) -> None:
    done = at_the_desk.post(f"{mine}/grade", {"grade": "scheduled", "reason": "Right as it is"}, version=1)

    assert done.fields["answer_by"] == "2026-11-02T16:00:00.000Z"


def test_a_closing_reply_window_comes_before_the_target_of_a_grade(at_the_desk: AtTheDesk) -> None:
    admit(at_the_desk.intake, contact(reply_until=NOON + timedelta(hours=2)))
    at_the_desk.post(f"/desk/cases/{CASE_ID}/claim")
    body = {"grade": "resolve", "reason": "For the morning"}

    done = at_the_desk.post(f"/desk/cases/{CASE_ID}/grade", body, version=1)

    assert done.fields["answer_by"] == "2026-11-02T13:30:00.000Z"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"grade": "urgent", "reason": "x"}, "grade"),
        ({"grade": "priority"}, "reason"),
        ({"grade": "priority", "reason": " "}, "reason"),
    ],
)
def test_a_grade_needs_a_name_and_a_reason(
    at_the_desk: AtTheDesk, mine: str, body: dict[str, Any], field: str
) -> None:
    refused = at_the_desk.post(f"{mine}/grade", body, version=1)

    assert (refused.status, [error["field"] for error in refused.fields["errors"]]) == (422, [field])


# Safe contact


def test_a_safe_contact_rule_holds_for_the_whole_conversation(at_the_desk: AtTheDesk, mine: str) -> None:
    body = {"ok": True, "how": "by text", "not_when": "when he is home"}
    at_the_desk.post(f"{mine}/safe-contact", body, version=1)

    conversation = at_the_desk.records.conversations[CONVERSATION]
    assert conversation.safe_contact == SafeContact(True, "by text", "when he is home")
    assert conversation.revision == 2
    opened = at_the_desk.get(mine).fields
    assert opened["safe_contact"] == body
    assert opened["timeline"][-1]["text"] == "Safe to contact.\nHow: by text\nNot when: when he is home"


def test_a_safe_contact_rule_waits_for_nobodys_claim(at_the_desk: AtTheDesk, mine: str) -> None:
    done = at_the_desk.post(f"{mine}/safe-contact", {"ok": False}, version=1, who="Bo")

    assert (done.status, done.fields["owner"]) == (200, {"name": "Alex", "until": "2026-11-02T12:10:00.000Z"})
    stored = at_the_desk.records.conversations[CONVERSATION]
    assert stored.safe_contact == SafeContact(ok=False)


def test_a_safe_contact_rule_is_a_plain_yes_or_no(at_the_desk: AtTheDesk, case: str) -> None:
    for ok in ("yes", 1, None):
        assert at_the_desk.post(f"{case}/safe-contact", {"ok": ok}, version=1).status == 422


# Closing


def test_a_closed_case_is_off_the_desk_and_its_conversation_knows(at_the_desk: AtTheDesk, mine: str) -> None:
    done = at_the_desk.post(f"{mine}/close", {**ACTS["close"], "survey": "101"}, version=1)

    assert (done.fields["state"], done.fields["owner"]) == ("closed", None)
    stored = at_the_desk.records.cases[CASE_ID]
    assert (stored.disposition, stored.survey) == (Disposition.ADVICE_GIVEN, "101")
    assert (stored.closed_at, stored.closed_by, stored.claim) == (at_the_desk.clock.at, "sub-Alex", None)
    conversation = at_the_desk.records.conversations[CONVERSATION]
    assert conversation.current is not None
    assert (conversation.current.state, conversation.current.closed_at) == (
        CaseState.CLOSED,
        at_the_desk.clock.at,
    )
    assert conversation.revision == 2
    assert at_the_desk.get("/desk/cases").fields["cases"] == []


def test_a_contact_after_the_close_opens_another_case(at_the_desk: AtTheDesk, mine: str) -> None:
    at_the_desk.post(f"{mine}/close", ACTS["close"], version=1)

    later = admit(at_the_desk.intake, contact("it is me again", native_id="m_2"), case_id="another")

    assert later.case_id == "another"
    assert at_the_desk.records.cases["another"].state is CaseState.OPEN


def test_a_case_is_not_closed_over_words_that_nobody_read(at_the_desk: AtTheDesk, mine: str) -> None:
    admit(at_the_desk.intake, contact("he has a knife", native_id="m_2"), now=at_the_desk.clock.at)

    refused = at_the_desk.post(f"{mine}/close", ACTS["close"], version=1)

    assert (refused.status, refused.problem) == (409, "new-contact")
    assert refused.fields["last_contact_at"] == "2026-11-02T12:01:00.000Z"
    assert at_the_desk.records.cases[CASE_ID].state is CaseState.OPEN


def test_a_case_is_not_closed_over_words_that_come_in_the_same_moment(
    at_the_desk: AtTheDesk, mine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = at_the_desk.desk.cases
    commit = cases.commit

    def commit_too_late(*arguments: Any) -> Any:
        monkeypatch.undo()
        later = contact("he has a knife", native_id="m_2", person=Person(PERSON))
        admit(at_the_desk.intake, later, now=NOON)
        return commit(*arguments)

    monkeypatch.setattr(cases, "commit", commit_too_late)
    refused = at_the_desk.post(f"{mine}/close", ACTS["close"], version=1)

    assert (refused.status, refused.problem) == (409, "new-contact")
    assert at_the_desk.records.cases[CASE_ID].state is CaseState.OPEN


def test_the_close_of_an_older_case_leaves_the_conversations_newer_one_alone(
    at_the_desk: AtTheDesk, mine: str
) -> None:
    records = at_the_desk.records
    records.cases["older"] = replace(records.cases[CASE_ID], case_id="older")
    before = records.conversations[CONVERSATION]

    closed = at_the_desk.post("/desk/cases/older/close", ACTS["close"], version=1)

    assert closed.fields["state"] == "closed"
    assert records.conversations[CONVERSATION] == before


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"disposition": "bored"}, "disposition"),
        ({"disposition": None}, "disposition"),
        ({"last_contact_at": "yesterday"}, "last_contact_at"),
        ({"last_contact_at": "2026-11-02T12:00:00"}, "last_contact_at"),
        ({"last_contact_at": None}, "last_contact_at"),
        ({"survey": "112"}, "survey"),
        ({"survey": 112}, "survey"),
    ],
)
def test_a_close_names_how_it_ended_and_what_was_read(
    at_the_desk: AtTheDesk, mine: str, changed: dict[str, Any], field: str
) -> None:
    refused = at_the_desk.post(f"{mine}/close", {**ACTS["close"], **changed}, version=1)

    assert (refused.status, [error["field"] for error in refused.fields["errors"]]) == (422, [field])


@pytest.mark.parametrize("survey", [None, "101", 999, "none", "unknown"])
def test_the_survey_is_kept_as_given(at_the_desk: AtTheDesk, mine: str, survey: str | int | None) -> None:
    at_the_desk.post(f"{mine}/close", {**ACTS["close"], "survey": survey}, version=1)

    stored = at_the_desk.records.cases[CASE_ID].survey
    assert stored == (None if survey is None else str(survey))


@pytest.mark.parametrize("disposition", Disposition)
def test_every_disposition_closes_a_case(at_the_desk: AtTheDesk, mine: str, disposition: str) -> None:
    body = {"disposition": disposition, "last_contact_at": "2026-11-02T13:00:00+01:00"}

    assert at_the_desk.post(f"{mine}/close", body, version=1).status == 200
