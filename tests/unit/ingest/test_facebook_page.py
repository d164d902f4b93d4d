"""What people write under, on or about a page, one by one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contact_desk.contacts import Act, Attachment, Person, Surface
from local.twins.held_still import NOON
from tests.builders import PAGE, comment, feed_delivery, page_delivery
from tests.unit.ingest.conftest import Counted, Ingest

POST = f"{PAGE}_5501"


def test_a_comment_is_a_public_contact_under_its_root_post(ingest: Ingest) -> None:
    contact = ingest.take_in_one(feed_delivery(comment("is the road open?")))

    assert contact.act is Act.CREATED
    assert (contact.channel, contact.account, contact.surface) == ("facebook_page", PAGE, Surface.PUBLIC)
    assert (contact.native_id, contact.person) == ("5501_6601", Person("9001", "Ada Person"))
    assert (contact.text, contact.occurred_at) == ("is the road open?", NOON)
    assert (contact.root, contact.answers, contact.reply_until) == (POST, None, None)


def test_a_reply_to_a_comment_answers_it_under_the_same_root(ingest: Ingest) -> None:
    contact = ingest.take_in_one(feed_delivery(comment(comment_id="5501_6602", parent_id="5501_6601")))

    assert (contact.root, contact.answers) == (POST, "5501_6601")


def test_two_people_under_one_post_are_two_conversations_and_one_person_is_one(ingest: Ingest) -> None:
    contacts = ingest.take_in(
        feed_delivery(
            comment(comment_id="c_1"),
            comment(comment_id="c_2", author={"id": "9002"}),
            comment(comment_id="c_3", parent_id="c_2"),
        )
    )

    first, other, again = [contact.conversation_key for contact in contacts]
    assert first == again != other


@pytest.mark.parametrize("verb", ["edit", "edited", "update"])
def test_an_edit_is_told_from_the_next_whether_or_not_it_has_a_time(ingest: Ingest, verb: str) -> None:
    edited_at = int(NOON.timestamp()) + 60
    timed, untimed, other_words, same_again = ingest.take_in(
        feed_delivery(
            comment("is the A59 open?", verb=verb, edited_time=edited_at),
            comment("is the A59 open?", verb=verb),
            comment("is the A570 open?", verb=verb),
            comment("is the A570 open?", verb=verb),
        )
    )

    assert {contact.act for contact in (timed, untimed, other_words)} == {Act.EDITED}
    assert {contact.native_id for contact in (timed, untimed, other_words)} == {"5501_6601"}
    assert len({timed.event_id, untimed.event_id, other_words.event_id}) == 3
    assert other_words.event_id == same_again.event_id
    assert timed.occurred_at == NOON + timedelta(minutes=1)


@pytest.mark.parametrize("verb", ["remove", "delete"])
def test_a_comment_taken_back_is_deleted_even_without_words_or_time(ingest: Ingest, verb: str) -> None:
    contact = ingest.take_in_one(feed_delivery(comment(None, verb=verb, created_time=None)))

    assert (contact.act, contact.native_id, contact.event_id) == (Act.DELETED, "5501_6601", "removed")
    assert (contact.text, contact.attachments, contact.occurred_at) == ("", (), NOON)


def test_a_visitors_post_is_its_own_root(ingest: Ingest) -> None:
    post = comment("lost: a blue rucksack", item="post", comment_id=None, parent_id=None, post_id=f"{PAGE}_7")
    contact = ingest.take_in_one(feed_delivery(post))

    assert (contact.native_id, contact.root, contact.answers) == (f"{PAGE}_7", f"{PAGE}_7", None)


@pytest.mark.parametrize("item", ["post", "status", "photo", "video", "share", "an_item_of_next_year"])
def test_a_visitors_words_are_a_contact_whatever_they_hang_on(ingest: Ingest, item: str) -> None:
    contact = ingest.take_in_one(feed_delivery(comment("look at this", item=item, comment_id=None)))

    assert (contact.native_id, contact.text) == (POST, "look at this")


def test_the_writer_may_come_in_older_fields(ingest: Ingest) -> None:
    older = comment(sender_id=9001, sender_name="Ada Person", author=None)

    assert ingest.take_in_one(feed_delivery(older)).person == Person("9001", "Ada Person")


@pytest.mark.parametrize("author", [None, {}, {"name": "Ada Person"}, {"id": None}, "Ada"])
def test_words_without_a_writer_still_arrive(ingest: Ingest, author: Any) -> None:
    contact = ingest.take_in_one(feed_delivery(comment("help", author=author)))

    assert (contact.person, contact.text) == (None, "help")


def test_photos_and_links_are_attachments_each_once(ingest: Ingest) -> None:
    url = "https://cdn.example/1.jpg"
    contact = ingest.take_in_one(
        feed_delivery(
            comment("", photo=url, photos=[url, "https://cdn.example/2.jpg"], link="https://example.org/")
        )
    )

    assert contact.attachments == (
        Attachment("image", ref=url),
        Attachment("image", ref="https://cdn.example/2.jpg"),
        Attachment("link", ref="https://example.org/"),
    )


def test_a_comment_of_a_sticker_alone_is_a_contact(ingest: Ingest) -> None:
    contact = ingest.take_in_one(feed_delivery(comment(None)))

    assert (contact.text, contact.attachments) == ("", (Attachment("unsupported"),))


@pytest.mark.parametrize(
    ("fields", "permalink"),
    [
        ({"permalink_url": "https://facebook.com/c"}, "https://facebook.com/c"),
        ({"post": {"permalink_url": "https://facebook.com/p"}}, "https://facebook.com/p"),
        ({"permalink_url": "javascript:alert(1)"}, None),
        ({"post": "a text"}, None),
    ],
)
def test_the_permalink_is_a_web_address_or_none(
    ingest: Ingest, fields: dict[str, Any], permalink: str | None
) -> None:
    assert ingest.take_in_one(feed_delivery(comment(**fields))).permalink == permalink


def test_a_mention_is_a_contact_with_what_it_has(ingest: Ingest) -> None:
    value = {
        "item": "post",
        "verb": "add",
        "post_id": "9001_5513",
        "message": "well done",
        "sender_id": "9001",
    }
    contact = ingest.take_in_one(feed_delivery({"field": "mention", "value": value}))

    assert (contact.native_id, contact.root, contact.text) == ("9001_5513", "9001_5513", "well done")


def test_a_recommendation_is_a_contact_of_its_reviewer(ingest: Ingest) -> None:
    value = {
        "item": "rating",
        "verb": "add",
        "review_text": "very helpful",
        "open_graph_story_id": 8802,
        "reviewer_id": 9001,
        "reviewer_name": "Ada Person",
    }
    contact = ingest.take_in_one(feed_delivery({"field": "ratings", "value": value}))

    assert (contact.native_id, contact.text) == ("8802", "very helpful")
    assert contact.person == Person("9001", "Ada Person")


def test_an_entry_may_be_flat(ingest: Ingest) -> None:
    contact = ingest.take_in_one(
        page_delivery({"id": PAGE, "time": int(NOON.timestamp()), **comment("flat")})
    )

    assert contact.text == "flat"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (comment(author={"id": PAGE}), "our_own"),
        (comment(author={"id": int(PAGE)}), "our_own"),
        (comment(sender_id=int(PAGE), author=None), "our_own"),
        (comment("an appeal", item="photo", comment_id=None, author={"id": PAGE}), "our_own"),
        (comment(item="like"), "reaction"),
        (comment(item="reaction", reaction_type="love"), "reaction"),
        (comment(verb="hide"), "moderation"),
        (comment(verb="unhide", author={"id": PAGE}), "moderation"),
        (comment(None, item="share", comment_id=None, link="https://example.org/"), "no_words"),
        ({"field": "feed"}, "empty"),
        ({"field": "feed", "value": None}, "empty"),
        ({"field": "picture", "value": {"album_id": "1"}}, "channel_unknown"),
    ],
)
def test_what_is_no_contact_is_ignored_by_reason(
    ingest: Ingest, counted: Counted, change: dict[str, Any], reason: str
) -> None:
    assert ingest.take_in(feed_delivery(change)) == []
    assert counted.ignored() == {reason: 1}


@pytest.mark.parametrize(
    "change",
    [
        comment(verb="transmogrify"),
        comment(verb=None),
        comment(comment_id=None),
        comment(item="post", comment_id=None, post_id=None),
        comment(comment_id="a b"),
        comment(message={"text": "help"}),
        {"field": "feed", "value": ["help"]},
        {"field": 7, "value": {}},
        ["help"],
    ],
)
def test_a_change_of_no_documented_shape_is_an_unreadable_card(ingest: Ingest, change: Any) -> None:
    contact = ingest.take_in_one(feed_delivery(change))

    assert (contact.act, contact.surface, contact.person) == (Act.UNREADABLE, Surface.PRIVATE, None)
