"""Who works a case."""

from __future__ import annotations

import pytest

from tests.builders import CASE_ID, contact
from tests.desk_staging import admit
from tests.unit.operate.at_the_desk import AtTheDesk

UNTIL = "2026-11-02T12:10:00.000Z"


def kinds(at_the_desk: AtTheDesk) -> list[str]:
    return [entry.kind.value for entry in at_the_desk.records.timelines[CASE_ID].values()]


def test_a_claim_answers_with_the_case_and_its_owner(at_the_desk: AtTheDesk, case: str) -> None:
    claimed = at_the_desk.post(f"{case}/claim")

    assert (claimed.status, claimed.headers["etag"]) == (200, '"1"')
    assert claimed.fields["owner"] == {"name": "Alex", "until": UNTIL}
    assert claimed.fields == at_the_desk.get("/desk/cases").fields["cases"][0]
    assert kinds(at_the_desk) == ["contact", "claim"]


def test_a_claim_needs_no_body_and_heeds_no_version(at_the_desk: AtTheDesk, case: str) -> None:
    assert at_the_desk.post(f"{case}/claim", b"", version=99).status == 200
    assert at_the_desk.post(f"{case}/claim", {"by": "me"}).status == 422


def test_the_token_of_a_claim_stays_on_the_server(at_the_desk: AtTheDesk, case: str) -> None:
    claimed = at_the_desk.post(f"{case}/claim")
    claim = at_the_desk.records.cases[CASE_ID].claim

    assert claim is not None
    assert claim.token not in f"{claimed.fields}{at_the_desk.get(case).fields}"


def test_a_claimed_case_is_held_against_others_who_learn_by_whom(at_the_desk: AtTheDesk, case: str) -> None:
    at_the_desk.post(f"{case}/claim")
    refused = at_the_desk.post(f"{case}/claim", who="Bo", role="supervisor")

    assert (refused.status, refused.problem) == (409, "case-held")
    assert (refused.fields["holder"], refused.fields["until"]) == ("Alex", UNTIL)
    assert kinds(at_the_desk) == ["contact", "claim"]


def test_claiming_what_one_holds_renews_the_lease_under_the_same_token(
    at_the_desk: AtTheDesk, case: str
) -> None:
    at_the_desk.post(f"{case}/claim")
    before = at_the_desk.records.cases[CASE_ID].claim
    at_the_desk.clock.advance(minutes=4)
    renewed = at_the_desk.post(f"{case}/claim")
    after = at_the_desk.records.cases[CASE_ID].claim

    assert renewed.fields["owner"]["until"] == "2026-11-02T12:14:00.000Z"
    assert before is not None
    assert after is not None
    assert before.token == after.token
    assert kinds(at_the_desk) == ["contact", "claim"]


def test_a_claim_that_ran_out_can_be_taken_by_anybody(at_the_desk: AtTheDesk, case: str) -> None:
    at_the_desk.post(f"{case}/claim")
    at_the_desk.clock.advance(minutes=10)

    assert at_the_desk.post(f"{case}/claim", who="Bo").fields["owner"]["name"] == "Bo"
    assert at_the_desk.post(f"{case}/claim").problem == "case-held"


def test_a_released_case_is_free(at_the_desk: AtTheDesk, case: str) -> None:
    at_the_desk.post(f"{case}/claim")
    released = at_the_desk.post(f"{case}/release")

    assert (released.status, released.fields["owner"]) == (200, None)
    assert at_the_desk.post(f"{case}/claim", who="Bo").status == 200
    assert kinds(at_the_desk) == ["contact", "claim", "release", "claim"]


def test_only_its_holder_can_release_a_case(at_the_desk: AtTheDesk, case: str) -> None:
    unheld = at_the_desk.post(f"{case}/release")
    at_the_desk.post(f"{case}/claim")
    others = at_the_desk.post(f"{case}/release", who="Bo")

    assert [unheld.status, unheld.problem, unheld.fields.get("holder")] == [409, "not-holder", None]
    assert [others.status, others.problem, others.fields["holder"]] == [409, "not-holder", "Alex"]


def test_a_supervisor_takes_a_case_over_and_the_timeline_says_from_whom(
    at_the_desk: AtTheDesk, case: str
) -> None:
    at_the_desk.post(f"{case}/claim")
    at_the_desk.clock.advance(minutes=1)
    taken = at_the_desk.post(f"{case}/take-over", who="Sam", role="supervisor")

    assert (taken.status, taken.fields["owner"]["name"]) == (200, "Sam")
    entry = at_the_desk.get(case).fields["timeline"][-1]
    assert (entry["kind"], entry["by"], entry["text"]) == ("take_over", "Sam", "from Alex")
    assert [one.act for one in at_the_desk.records.audit[CASE_ID]][:2] == ["claim", "take-over"]


def test_an_operator_cannot_take_a_case_over(at_the_desk: AtTheDesk, case: str) -> None:
    at_the_desk.post(f"{case}/claim")

    assert at_the_desk.post(f"{case}/take-over", who="Bo").problem == "forbidden"


def test_what_was_written_under_a_lost_claim_is_refused_with_its_text(
    at_the_desk: AtTheDesk, case: str
) -> None:
    at_the_desk.post(f"{case}/claim")
    at_the_desk.post(f"{case}/take-over", who="Sam", role="supervisor")
    refused = at_the_desk.post(f"{case}/replies", {"text": "On our way to you"}, version=1)

    assert (refused.status, refused.problem, refused.fields["holder"]) == (409, "not-holder", "Sam")
    assert refused.fields["text"] == "On our way to you"
    assert at_the_desk.records.outbox == {}


@pytest.mark.parametrize("act", ["claim", "take-over"])
def test_a_closed_case_is_nobodys(at_the_desk: AtTheDesk, case: str, act: str) -> None:
    at_the_desk.post(f"{case}/claim")
    seen = at_the_desk.get(case).fields["last_contact_at"]
    closing = {"disposition": "advice_given", "last_contact_at": seen}
    at_the_desk.post(f"{case}/close", closing, version=1)

    refused = at_the_desk.post(f"{case}/{act}", role="supervisor")
    assert (refused.status, refused.problem) == (409, "case-closed")


@pytest.mark.parametrize("act", ["claim", "release", "take-over"])
def test_a_case_that_is_not_there_cannot_be_held(at_the_desk: AtTheDesk, act: str) -> None:
    assert at_the_desk.post(f"/desk/cases/nobody/{act}", role="supervisor").status == 404


def test_a_contact_meanwhile_does_not_disturb_a_claim(at_the_desk: AtTheDesk, case: str) -> None:
    at_the_desk.post(f"{case}/claim")
    before = at_the_desk.records.cases[CASE_ID].claim
    admit(at_the_desk.intake, contact("and they are back", native_id="m_2"))

    assert at_the_desk.records.cases[CASE_ID].claim == before
