"""Copies of broadcasts and the stand-ins of the platforms: put up once, corrected, ended, and every doubt settled."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from contact_desk.broadcast_life import cancelled
from contact_desk.broadcasts import BroadcastState, CopyState
from contact_desk.case_desk import Committed
from contact_desk.copy_orders import CopyAct, CopyCause
from contact_desk.outbox import OutboxItem, OutboxState, Resolution
from contact_desk.send_failures import SendFailure
from local.platforms import graph
from local.platforms.posts import Posts
from tests.broadcast_staging import AVA
from tests.copy_desk import CHANNELS, CopyDesk, publishing
from tests.simulation.copy_platforms import ACCOUNTS
from tests.simulation.send_platforms import Fate

SEEN = pytest.mark.parametrize("channel", sorted(ACCOUNTS))


def only_copy(desk: CopyDesk, channel: str) -> str:
    (copy,) = desk.platforms.copies(channel)
    return copy


def test_a_page_post_is_made_unseen_and_shown_by_its_name() -> None:
    with publishing("facebook_page") as desk:
        one = desk.publish()
        desk.work()

        assert desk.acts() == ["post", "publish"]
        assert desk.bodies("post")[0]["published"] is False
        assert only_copy(desk, "facebook_page") == desk.item(one).text
        assert desk.progress(one).platform_id == desk.item(one).platform_id
        assert desk.progress(one).state is CopyState.LIVE


def test_a_picture_goes_with_its_alternative_text() -> None:
    with publishing("facebook_page", "instagram", "x", pictured=True) as desk:
        desk.publish()
        desk.work()

        assert desk.bodies("photo")[0]["alt_text_custom"] == "a cone in the road"
        assert len(desk.bodies("post")[0]["attached_media"]) == 1
        container = desk.bodies("container")[0]
        assert container["alt_text"] == "a cone in the road"
        assert container["image_url"].startswith("https://desk.example/live/pictures/")
        assert desk.bodies("media")[1]["metadata"] == {"alt_text": {"text": "a cone in the road"}}
        assert len(desk.bodies("post")[-1]["media"]["media_ids"]) == 1


def test_lists_are_told_by_topic_and_a_whatsapp_group_in_a_template() -> None:
    with publishing("sms_list", "whatsapp") as desk:
        one = desk.publish()
        desk.work()

        assert desk.platforms.listed[desk.item(one, channel="sms_list").text] == 1
        (message,) = desk.bodies("message")
        assert (message["recipient_type"], message["type"]) == ("group", "template")
        assert message["biz_opaque_callback_data"] == desk.item(one, channel="whatsapp").outbox_id


@pytest.mark.parametrize("act", sorted(CopyAct.__members__.values()))
@SEEN
def test_a_correction_takes_the_place_of_the_copy(channel: str, act: CopyAct) -> None:
    with publishing(channel, ends={"on_correction": act}) as desk:
        one = desk.publish()
        desk.work()
        two = desk.publish(desk.stands(one))
        desk.work()

        beside = desk.item(two).order
        assert beside is not None
        if beside.act is CopyAct.FOLLOW_UP:
            assert only_copy(desk, channel) == desk.item(one).text
            assert desk.platforms.said(desk.item(two).text) == 1
        else:
            assert only_copy(desk, channel) == desk.item(two).text
        assert desk.progress(one).state is CopyState.ENDED
        assert desk.progress(two).state is CopyState.LIVE


@pytest.mark.parametrize("corrected", [False, True])
@pytest.mark.parametrize("act", [CopyAct.DELETE, CopyAct.EDIT, CopyAct.FOLLOW_UP])
@pytest.mark.parametrize("channel", CHANNELS)
def test_every_copy_is_ended_as_the_force_says(channel: str, act: CopyAct, corrected: bool) -> None:
    with publishing(channel, ends={"on_cancel": act, "on_expiry": act}) as desk:
        one = desk.publish()
        desk.work()
        if corrected:
            one = desk.publish(desk.stands(one))
            desk.work()
        desk.cancel(one)
        desk.work()

        end = desk.item(one, CopyCause.CANCELLED)
        assert desk.progress(one).state is CopyState.ENDED
        assert end.order is not None
        if end.order.act is CopyAct.DELETE:
            assert desk.platforms.copies(channel) == []
        else:
            assert desk.platforms.said(end.text) == 1
        if end.order.act is CopyAct.EDIT:
            assert only_copy(desk, channel) == end.text


@pytest.mark.parametrize("fate", [fate for fate in Fate if fate is not Fate.WELL])
@pytest.mark.parametrize("call", range(3))
@SEEN
def test_whatever_befalls_a_call_the_copy_is_there_once(channel: str, call: int, fate: Fate) -> None:
    with publishing(channel) as desk:
        desk.fates.extend([Fate.WELL] * call + [fate])
        one = desk.publish()
        desk.work()
        desk.pass_time(4)

        assert only_copy(desk, channel) == desk.item(one).text
        assert desk.item(one).state is OutboxState.SENT


@pytest.mark.parametrize("call", range(4))
@SEEN
def test_wherever_a_worker_dies_the_copy_is_there_once(channel: str, call: int) -> None:
    with publishing(channel, pictured=True, crash=call) as desk:
        one = desk.publish()
        desk.work()
        desk.pass_time(6)

        assert only_copy(desk, channel) == desk.item(one).text
        assert desk.item(one).state is OutboxState.SENT


def test_a_draft_whose_name_was_lost_is_found_again() -> None:
    with publishing("facebook_page") as desk:
        desk.fates.append(Fate.ANSWER_LOST)
        desk.publish()
        desk.work()
        desk.pass_time(2)

        assert desk.acts() == ["post", "publish"]


def test_a_draft_of_what_is_over_is_cleared_away() -> None:
    with publishing("facebook_page", crash=1) as desk:
        desk.fates.extend([Fate.WELL, Fate.FAILS_BEFORE])
        one = desk.publish()
        desk.work()
        desk.cancel(one)
        desk.pass_time(4)

        assert desk.acts()[-1] == "delete"
        assert desk.platforms.copies("facebook_page") == []
        assert desk.progress(one).state is CopyState.WITHDRAWN
        assert desk.item(one, CopyCause.CANCELLED).state is OutboxState.SENT


def test_nothing_goes_out_while_publishing_is_stopped_and_everything_after() -> None:
    with publishing("facebook_page", "x") as desk:
        one = desk.publish()
        desk.stop()
        desk.work()
        desk.pass_time(3)
        assert desk.acts() == []
        assert desk.item(one).failure == SendFailure.PUBLISHING_STOPPED

        desk.stop(on=True)
        desk.pass_time(1)

        assert desk.progress(one, "facebook_page").state is CopyState.LIVE
        assert desk.progress(one, "x").state is CopyState.LIVE


def test_the_switch_is_asked_again_between_the_draft_and_its_showing() -> None:
    with publishing("facebook_page") as desk:
        desk.platforms.looked = desk.stop
        one = desk.publish()
        desk.work()

        assert desk.acts() == ["post"]
        assert desk.item(one).failure == SendFailure.PUBLISHING_STOPPED


def test_what_takes_words_back_goes_out_although_publishing_is_stopped() -> None:
    with publishing("x") as desk:
        one = desk.publish()
        desk.work()
        desk.stop()
        desk.cancel(one)
        desk.work()

        assert desk.platforms.copies("x") == []


def test_a_copy_that_was_not_started_in_time_lapses_and_operators_are_called() -> None:
    with publishing("facebook_page", "x") as desk:
        one = desk.publish()
        desk.work()
        two = desk.publish()
        desk.stop()
        desk.pass_time(16)

        assert desk.progress(one).state is CopyState.LIVE
        assert desk.progress(two).state is CopyState.LAPSED
        assert desk.alert_kinds() == {"publish_failed"}
        (reference,) = {alert.case_reference for alert in desk.records.alerts.values()}
        assert reference == two.reference


def test_one_channel_that_fails_hides_no_other() -> None:
    with publishing("facebook_page", "x", "sms_list") as desk:
        desk.records.pictures.clear()
        desk.pictured = True
        one = desk.publish()
        desk.work()

        assert desk.progress(one, "sms_list").state is CopyState.LIVE
        assert desk.progress(one, "x").state is CopyState.FAILED
        assert desk.item(one, channel="x").failure == SendFailure.PICTURE_MISSING
        assert desk.alert_kinds() == {"publish_failed"}


def test_the_last_channel_to_answer_makes_it_live_and_no_cancel_stumbles_over_that() -> None:
    with publishing("facebook_page", "x") as desk:
        desk.fates.append(Fate.RATE)
        one = desk.publish()
        desk.work()
        states = {desk.progress(one, channel).state for channel in desk.channels}
        assert states == {CopyState.LIVE, CopyState.PUBLISHING}
        assert desk.stands(one).state is BroadcastState.PUBLISHING

        desk.clock.advance(seconds=300)
        desk.work()
        live = desk.stands(one)
        assert (live.state, live.version) == (BroadcastState.LIVE, one.version)
        now = desk.clock.now()
        assert desk.broadcasts.commit(cancelled(one, AVA, force=desk.force, now=now)) == Committed()
        desk.work()
        assert desk.progress(one, "x").state is CopyState.ENDED


def test_a_dead_token_holds_one_channel_and_its_copy_goes_out_with_the_new_one() -> None:
    with publishing("facebook_page", "x") as desk:
        desk.fates.append(Fate.EXPIRED)
        one = desk.publish()
        desk.work()
        states = {desk.progress(one, channel).state for channel in desk.channels}
        assert states == {CopyState.LIVE, CopyState.PUBLISHING}

        desk.pass_time(3)

        assert {desk.progress(one, channel).state for channel in desk.channels} == {CopyState.LIVE}
        assert desk.alert_kinds() == {"channel_down"}


def test_a_list_that_does_not_answer_is_never_told_twice_without_a_persons_word() -> None:
    with publishing("sms_list") as desk:
        desk.fates.append(Fate.ANSWER_LOST)
        one = desk.publish()
        desk.work()
        desk.pass_time(15)
        assert desk.progress(one).state is CopyState.NEEDS_HUMAN
        assert desk.platforms.listed.total() == 1
        assert desk.alert_kinds() == {"needs_person"}

        desk.outbox.resolve(
            desk.item(one).outbox_id, outcome=Resolution.ARRIVED, by="op-1", now=desk.clock.now()
        )
        desk.cancel(one)
        desk.pass_time(1)

        assert desk.progress(one).state is CopyState.ENDED
        assert desk.platforms.said(desk.item(one, CopyCause.CANCELLED).text) == 1


def test_a_person_sends_again_what_nobody_can_see() -> None:
    with publishing("sms_list") as desk:
        desk.fates.append(Fate.HANGS)
        one = desk.publish()
        desk.work()
        desk.pass_time(13)
        desk.outbox.resolve(
            desk.item(one).outbox_id, outcome=Resolution.SEND_AGAIN, by="op-1", now=desk.clock.now()
        )
        desk.work()

        assert desk.platforms.listed[desk.item(one).text] == 1
        assert desk.progress(one).state is CopyState.LIVE


def test_a_post_that_only_a_person_has_seen_is_found_before_it_is_deleted() -> None:
    with publishing("x") as desk:
        desk.fates.append(Fate.ANSWER_LOST)
        desk.fates.extend([Fate.FAILS_BEFORE] * 6)
        one = desk.publish()
        desk.work()
        desk.pass_time(15)
        assert desk.progress(one).state is CopyState.NEEDS_HUMAN

        desk.outbox.resolve(
            desk.item(one).outbox_id, outcome=Resolution.ARRIVED, by="op-1", now=desk.clock.now()
        )
        desk.cancel(one)
        desk.pass_time(2)

        assert desk.platforms.copies("x") == []
        assert desk.progress(one).state is CopyState.ENDED


def test_an_end_that_the_platform_refuses_stays_with_a_person() -> None:
    with publishing("facebook_page", ends={"on_cancel": CopyAct.EDIT}) as desk:
        one = desk.publish()
        desk.work()
        cancelled = desk.cancel(one)
        name = cancelled.outbox_id("facebook_page", CopyCause.CANCELLED)
        desk.records.outbox[name] = _other_words(desk, name)
        desk.work()

        assert desk.records.outbox[name].state is OutboxState.NEEDS_HUMAN
        assert desk.progress(one).state is CopyState.NEEDS_HUMAN
        assert desk.alert_kinds() == {"needs_person"}


def _other_words(desk: CopyDesk, name: str) -> OutboxItem:
    return replace(desk.records.outbox[name], text="words that nobody approved")


def test_the_end_waits_until_it_is_known_what_became_of_the_copy() -> None:
    with publishing("x") as desk:
        desk.fates.append(Fate.ANSWER_LOST)
        one = desk.publish()
        desk.work()
        desk.cancel(one)
        desk.work()
        waits = desk.item(one, CopyCause.CANCELLED)
        assert (waits.state, waits.failure) == (OutboxState.PENDING, SendFailure.WAITS_FOR_ANOTHER)
        assert desk.platforms.copies("x") != []

        desk.pass_time(2)

        assert desk.platforms.copies("x") == []


def test_words_that_nobody_approved_are_never_sent() -> None:
    with publishing("x") as desk:
        one = desk.publish()
        name = one.outbox_id("x")
        desk.records.outbox[name] = _other_words(desk, name)
        desk.work()

        assert desk.acts() == []
        assert desk.records.outbox[name].failure == SendFailure.NOT_APPROVED


def test_a_post_that_somebody_else_took_down_has_ended() -> None:
    with publishing("facebook_page", ends={"on_cancel": CopyAct.EDIT}) as desk:
        one = desk.publish()
        desk.work()
        desk.take_down(one)
        desk.cancel(one)
        desk.work()

        assert desk.item(one, CopyCause.CANCELLED).state is OutboxState.SENT
        assert desk.platforms.copies("facebook_page") == []


def test_a_correction_of_what_was_corrected_waits_until_the_first_copy_is_gone() -> None:
    with publishing("instagram") as desk:
        one = desk.publish()
        desk.work()
        desk.fates.extend([Fate.FAILS_BEFORE] * 2)
        two = desk.publish(desk.stands(one))
        desk.work()
        three = desk.publish(desk.stands(two))
        desk.work()
        assert only_copy(desk, "instagram") == desk.item(one).text

        desk.pass_time(5)

        assert only_copy(desk, "instagram") == desk.item(three).text
        assert desk.progress(two).state is CopyState.WITHDRAWN


def test_a_picture_that_instagram_still_works_on_is_published_once_it_is_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(graph, "Posts", lambda clock: Posts(clock, preparing=timedelta(seconds=50)))
    with publishing("instagram") as desk:
        one = desk.publish()
        desk.work()
        assert desk.acts() == ["container"]
        assert (desk.item(one).state, desk.item(one).failure) == (
            OutboxState.PENDING,
            SendFailure.NOT_READY,
        )

        desk.pass_time(1)

        assert desk.acts() == ["container", "publish"]
        assert only_copy(desk, "instagram") == desk.item(one).text
