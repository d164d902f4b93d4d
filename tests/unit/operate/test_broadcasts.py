"""Broadcasts at the desk: two people, exact bytes, a quarter of an hour, one switch, and always a way back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contact_desk.alerts import AlertKind, AlertRank
from contact_desk.broadcast_life import lapsed
from contact_desk.broadcasts import BroadcastState
from contact_desk.clock import to_rfc3339
from contact_desk.copy_orders import CopyAct, CopyCause
from local.twins.held_still import NOON
from tests.broadcast_staging import LIVE_URL
from tests.unit.operate.at_the_desk import AtTheDesk
from tests.unit.operate.newsroom import CLOSURE, approve, audited, drafted, path, published, sent, submitted


def test_two_people_publish_it_and_every_copy_and_the_feed_are_ordered(at_the_desk: AtTheDesk) -> None:
    one = published(at_the_desk)

    assert (one.fields["state"], one.fields["submitted_by"], one.fields["approved_by"]) == (
        "publishing",
        "Ava",
        "Ben",
    )
    kinds = sorted(item.kind for item in at_the_desk.records.outbox.values())
    assert kinds == ["copy", "copy", "feed"]
    assert len(at_the_desk.nudges.sent) == 3
    orders = [item.order for item in at_the_desk.records.outbox.values() if item.order]
    assert {(order.act, order.cause, order.approved) for order in orders} == {
        (CopyAct.PUBLISH, CopyCause.START, one.fields["hash"])
    }
    assert audited(at_the_desk, one) == ["draft", "submit", "approve"]
    sent(at_the_desk, one)
    copies = at_the_desk.get(path(one)).fields["copies"]
    assert {(copy["state"], copy["platform_id"]) for copy in copies} == {("live", "post-1")}


def test_nobody_approves_what_they_submitted(at_the_desk: AtTheDesk) -> None:
    one = submitted(at_the_desk)
    refused = approve(at_the_desk, one, who="Ava")

    assert (refused.status, refused.problem) == (409, "own-approval")
    assert audited(at_the_desk, one)[-1] == "approve refused: OwnApproval"
    assert at_the_desk.records.outbox == {}


def test_changed_bytes_are_not_approved_whatever_the_version(at_the_desk: AtTheDesk) -> None:
    one = submitted(at_the_desk)
    changed = at_the_desk.put(path(one), {**CLOSURE, "do": "Turn round."}, who="Ava", version=2)
    assert (changed.status, changed.fields["state"], changed.fields["submitted_by"]) == (200, "draft", None)

    for version in (2, 3):
        refused = approve(at_the_desk, one, version=version)
        assert (refused.status, refused.problem) == (409, "bytes-changed")
        assert refused.fields["hash"] == changed.fields["hash"]
    assert audited(at_the_desk, one)[-1] == "approve refused: BytesChanged"
    assert approve(at_the_desk, changed).problem == "wrong-state"


def test_an_approval_comes_within_a_quarter_of_an_hour(at_the_desk: AtTheDesk) -> None:
    one = submitted(at_the_desk)
    at_the_desk.clock.advance(minutes=15)
    refused = approve(at_the_desk, one)

    assert (refused.status, refused.problem) == (409, "approval-lapsed")
    assert audited(at_the_desk, one)[-1] == "approve refused: ApprovalLapsed"
    again = at_the_desk.post(f"{path(one)}/submit", version=2, who="Ava")
    assert approve(at_the_desk, again).status == 200


def test_nothing_is_published_while_the_switch_is_off(at_the_desk: AtTheDesk) -> None:
    one = submitted(at_the_desk)
    stopped = at_the_desk.put("/desk/publishing", {"on": False, "reason": "a wrong account"})
    assert (stopped.status, stopped.fields["on"], stopped.fields["by"]) == (200, False, "Alex")
    refused = approve(at_the_desk, one)

    assert (refused.status, refused.problem) == (409, "publishing-stopped")
    assert audited(at_the_desk, one)[-1] == "approve refused: PublishingStopped"
    for role in ("operator", "publisher"):
        mayday = at_the_desk.put("/desk/publishing", {"on": True, "reason": "all is well"}, role=role)
        assert (mayday.status, mayday.problem) == (403, "forbidden")
    started = at_the_desk.put("/desk/publishing", {"on": True, "reason": "all is well"}, role="supervisor")
    assert started.fields["on"] is True
    assert at_the_desk.get("/desk/publishing").fields == started.fields
    assert approve(at_the_desk, one).status == 200
    acts = [entry.act for entry in at_the_desk.records.audit["publishing"]]
    assert acts == ["stop", "start refused: Forbidden", "start refused: Forbidden", "start"]


def test_nobody_starts_what_was_stopped_for_a_reason_that_they_have_not_read(
    at_the_desk: AtTheDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_the_desk.put("/desk/publishing", {"on": False, "reason": "a rehearsal"})
    start = {"on": True, "reason": "the rehearsal is over"}
    stale = at_the_desk.put("/desk/publishing", start, role="supervisor", version=0)
    assert (stale.status, stale.problem, stale.fields["version"]) == (412, "stale-version", 1)

    switch = at_the_desk.desk.broadcasting.switch
    turn = switch.turn

    def turn_after_another(*arguments: Any) -> Any:
        monkeypatch.undo()
        at_the_desk.put("/desk/publishing", {"on": False, "reason": "the page is taken over"}, who="Cai")
        return turn(*arguments)

    monkeypatch.setattr(switch, "turn", turn_after_another)
    raced = at_the_desk.put("/desk/publishing", start, role="supervisor")

    assert (raced.status, raced.problem) == (412, "stale-version")
    stands = at_the_desk.get("/desk/publishing")
    assert (stands.fields["on"], stands.fields["reason"]) == (False, "the page is taken over")
    assert at_the_desk.put("/desk/publishing", start, role="supervisor", version=2).fields["on"] is True


def test_a_refusal_of_roles_is_audited(at_the_desk: AtTheDesk) -> None:
    one = submitted(at_the_desk)
    refused = approve(at_the_desk, one, role="operator")

    assert (refused.status, refused.problem) == (403, "forbidden")
    assert audited(at_the_desk, one)[-1] == "approve refused: Forbidden"


def test_a_scheduled_broadcast_waits_for_its_time(at_the_desk: AtTheDesk) -> None:
    one = published(at_the_desk, starts_at="2026-11-02T13:00:00Z")

    assert (one.fields["state"], one.fields["approved_by"]) == ("scheduled", "Ben")
    assert at_the_desk.records.outbox == {}
    changed = at_the_desk.put(path(one), {**CLOSURE, "do": "Wait."}, version=3)
    assert (changed.fields["state"], changed.fields["approved_by"]) == ("draft", None)


def test_an_urgent_submission_pages_the_approvers_until_one_has_approved(at_the_desk: AtTheDesk) -> None:
    one = drafted(at_the_desk)
    urgent = at_the_desk.post(f"{path(one)}/submit", {"urgent": True}, version=1, who="Ava")

    (alert,) = at_the_desk.records.alerts.values()
    assert (alert.rank, alert.kind, alert.open) == (AlertRank.A2, AlertKind.APPROVAL, True)
    assert alert.case_reference == urgent.fields["reference"]
    assert len(at_the_desk.nudges.sent) == 1
    again = at_the_desk.post(f"{path(one)}/submit", {"urgent": True}, version=2, who="Ava")
    assert (again.status, len(at_the_desk.nudges.sent)) == (200, 1)
    assert approve(at_the_desk, again).status == 200
    (alert,) = at_the_desk.records.alerts.values()
    assert alert.acknowledged_by == "sub-Ben"


def test_one_person_cancels_on_every_channel_and_while_publishing_is_stopped(at_the_desk: AtTheDesk) -> None:
    one = published(at_the_desk)
    at_the_desk.put("/desk/publishing", {"on": False, "reason": "wrong"})
    gone = at_the_desk.post(
        f"{path(one)}/cancel", {"reason": "It is open."}, version=3, who="Ava", role="publisher"
    )

    assert (gone.status, gone.fields["state"], gone.fields["ended_by"]) == (200, "cancelled", "Ava")
    ends = {
        item.channel: item
        for item in at_the_desk.records.outbox.values()
        if item.order and item.order.cause is CopyCause.CANCELLED
    }
    assert {channel: item.order.act for channel, item in ends.items() if item.order} == {
        "facebook_page": CopyAct.EDIT,
        "x": CopyAct.DELETE,
    }
    assert ends["facebook_page"].text == one.fields["copies"][0]["cancelled"]["text"]
    assert ends["x"].text == ""
    refused = at_the_desk.post(f"{path(one)}/cancel", {}, version=4, role="publisher")
    assert (refused.status, refused.problem) == (409, "wrong-state")


def test_a_correction_is_approved_anew_and_takes_the_place_of_every_copy(at_the_desk: AtTheDesk) -> None:
    one = published(at_the_desk)
    sent(at_the_desk, one)
    fix = at_the_desk.post(
        f"{path(one)}/correct",
        {**CLOSURE, "where": "Kingsway tunnel", "copies": {"facebook_page": {}, "x": {}}},
        version=3,
        who="Ava",
        role="publisher",
    )
    assert (fix.status, fix.fields["state"], fix.fields["corrects"]) == (
        201,
        "draft",
        one.fields["broadcast_id"],
    )
    assert fix.fields["copies"][1]["text"].startswith("Correction: Road closed: Kingsway tunnel.")
    assert f"{LIVE_URL}/{one.fields['reference']}" in fix.fields["copies"][1]["text"]
    assert [copy["typed"] for copy in fix.fields["copies"]] == [False, False]
    assert at_the_desk.get(path(one)).fields["state"] == "publishing"

    handed_in = at_the_desk.post(f"{path(fix)}/submit", version=1, who="Ava")
    assert approve(at_the_desk, handed_in).fields["state"] == "publishing"

    old = at_the_desk.get(path(one)).fields
    assert (old["state"], old["corrected_by"]) == ("corrected", fix.fields["broadcast_id"])
    outbox, kept = at_the_desk.records.outbox, at_the_desk.records.broadcasts
    first, second = kept[one.fields["broadcast_id"]], kept[fix.fields["broadcast_id"]]
    edit, publish = outbox[second.outbox_id("facebook_page")], outbox[second.outbox_id("x")]
    gone = outbox[first.outbox_id("x", CopyCause.CORRECTED)]
    assert edit.order
    assert publish.order
    assert gone.order
    assert (edit.order.act, edit.order.on) == (CopyAct.EDIT, first.outbox_id("facebook_page"))
    assert (publish.order.act, publish.order.after) == (CopyAct.PUBLISH, gone.outbox_id)
    assert (gone.order.act, gone.order.on) == (CopyAct.DELETE, first.outbox_id("x"))


def test_a_correction_reaches_every_channel(at_the_desk: AtTheDesk) -> None:
    one = published(at_the_desk)
    refused = at_the_desk.post(
        f"{path(one)}/correct", {**CLOSURE, "copies": {"x": {}}}, version=3, role="publisher"
    )

    assert refused.status == 422
    assert [error["field"] for error in refused.fields["errors"]] == ["copies.facebook_page"]


def test_what_is_over_is_not_corrected(at_the_desk: AtTheDesk) -> None:
    one = published(at_the_desk)
    fix = at_the_desk.post(f"{path(one)}/correct", CLOSURE, version=3, role="publisher", who="Ava")
    at_the_desk.post(f"{path(one)}/cancel", {}, version=3, role="publisher")
    handed_in = at_the_desk.post(f"{path(fix)}/submit", version=1, who="Ava")

    assert approve(at_the_desk, handed_in).problem == "wrong-state"
    refused = at_the_desk.post(f"{path(one)}/correct", CLOSURE, version=4, role="publisher")
    assert refused.problem == "wrong-state"


def test_what_has_run_out_since_is_neither_submitted_nor_approved(at_the_desk: AtTheDesk) -> None:
    draft = drafted(at_the_desk, expires_at="2026-11-02T12:10:00Z")
    one = submitted(at_the_desk, expires_at="2026-11-02T12:10:00Z")
    at_the_desk.clock.advance(minutes=10)

    assert approve(at_the_desk, one).fields["errors"][0]["field"] == "expires_at"
    assert at_the_desk.post(f"{path(draft)}/submit", version=1).status == 422


def test_the_same_call_is_answered_alike_and_done_once(at_the_desk: AtTheDesk) -> None:
    one = submitted(at_the_desk)
    body = {"hash": one.fields["hash"]}
    asked: dict[str, Any] = {"who": "Ben", "role": "supervisor", "key": "k", "version": 2}
    first = at_the_desk.post(f"{path(one)}/approve", body, **asked)
    again = at_the_desk.post(f"{path(one)}/approve", body, **asked)

    assert (first.status, again) == (200, first)
    assert len(at_the_desk.records.outbox) == 3
    other = at_the_desk.post(f"{path(one)}/approve", {"hash": "0" * 64}, **asked)
    assert other.problem == "key-reused"


def test_a_stale_version_changes_nothing(at_the_desk: AtTheDesk) -> None:
    one = drafted(at_the_desk)
    missing = at_the_desk.post(f"{path(one)}/submit")
    stale = at_the_desk.post(f"{path(one)}/submit", version=7)

    assert (missing.status, stale.status, stale.problem) == (428, 412, "stale-version")
    assert stale.fields["version"] == 1
    lost = at_the_desk.put(path(one), {**CLOSURE, "do": "Turn round."}, version=7)
    assert (lost.problem, lost.fields["sent"]["do"]) == ("stale-version", "Turn round.")
    assert at_the_desk.get("/desk/broadcasts/01KBM000000000000000000099").status == 404


def test_an_answer_with_the_link_is_remembered_and_never_points_at_what_is_over(
    at_the_desk: AtTheDesk, case: str
) -> None:
    one = published(at_the_desk)
    at_the_desk.post(f"{case}/claim")
    link = f"{LIVE_URL}/{one.fields['reference']}"
    told = at_the_desk.post(f"{case}/replies", {"text": f"It is closed: {link}"}, version=1)

    assert told.status == 202
    (answered,) = at_the_desk.records.answered_with
    assert (answered.broadcast_id, answered.outbox_id) == (
        one.fields["broadcast_id"],
        told.fields["outbox_id"],
    )
    at_the_desk.post(f"{path(one)}/cancel", {}, version=3, role="publisher")
    refused = at_the_desk.post(f"{case}/replies", {"text": f"Still closed: {link}"}, version=2)
    assert (refused.status, refused.fields["errors"][0]["field"]) == (422, "text")
    assert len(at_the_desk.records.answered_with) == 1


def test_the_address_that_was_published_first_still_answers_after_a_correction(
    at_the_desk: AtTheDesk, case: str
) -> None:
    one = published(at_the_desk)
    corrected = {**CLOSURE, "where": "Kingsway tunnel"}
    fix = at_the_desk.post(f"{path(one)}/correct", corrected, version=3, who="Ava", role="publisher")
    approve(at_the_desk, at_the_desk.post(f"{path(fix)}/submit", version=1, who="Ava"))
    at_the_desk.post(f"{case}/claim")
    links = " ".join(f"{LIVE_URL}/{made.fields['reference']}" for made in (one, fix))

    told = at_the_desk.post(f"{case}/replies", {"text": f"It is closed: {links}"}, version=1)

    assert told.status == 202
    (answered,) = at_the_desk.records.answered_with
    assert answered.broadcast_id == fix.fields["broadcast_id"]
    stands = at_the_desk.get(path(fix)).fields["version"]
    at_the_desk.post(f"{path(fix)}/cancel", {}, version=stands, role="publisher")
    refused = at_the_desk.post(f"{case}/replies", {"text": f"Still closed: {links}"}, version=2)
    assert (refused.status, refused.fields["errors"][0]["field"]) == (422, "text")


def test_the_states_of_the_table_are_the_states_of_the_answer(at_the_desk: AtTheDesk) -> None:
    one = published(at_the_desk)
    stored = at_the_desk.records.broadcasts[one.fields["broadcast_id"]]

    assert stored.state is BroadcastState.PUBLISHING
    assert stored.start_by == NOON + timedelta(minutes=15)
    assert one.fields["published_at"] == to_rfc3339(NOON)


def test_a_lapsed_urgent_submission_goes_quiet_when_it_is_cancelled(at_the_desk: AtTheDesk) -> None:
    one = drafted(at_the_desk)
    at_the_desk.post(f"{path(one)}/submit", {"urgent": True}, version=1, who="Ava")
    stored = at_the_desk.records.broadcasts[one.fields["broadcast_id"]]
    at_the_desk.records.broadcasts[stored.broadcast_id] = lapsed(stored, NOON).after
    (alert,) = at_the_desk.records.alerts.values()
    assert alert.open
    at_the_desk.post(f"{path(one)}/cancel", {}, version=3, role="publisher")

    (alert,) = at_the_desk.records.alerts.values()
    assert not alert.open
