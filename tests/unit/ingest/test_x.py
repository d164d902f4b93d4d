"""X's events: which are contacts, which confirmations, which nothing, and what of them reaches the desk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contact_desk.contacts import Act, Attachment, Contact, Location, Person, Surface
from local.twins.held_still import NOON
from tests.builders import FORCE_ON_X, Json, milliseconds
from tests.unit.ingest.conftest import Counted, Ingest
from tests.unit.triage.readings import Desk
from tests.x_deliveries import (
    POST_ID,
    SHOWN,
    WRITER,
    account_activity,
    activity,
    direct_message,
    iso,
    mention,
    older_post,
    post,
    x_event,
)

ADA = Person(WRITER, "Ada Person (@ada_person)")
THREAD = "2080760000000000001"


def take_in(ingest: Ingest, delivery: Json | bytes) -> list[Contact]:
    before = len(ingest.contacts)
    assert ingest.answer(x_event(delivery))["statusCode"] == 200
    return ingest.contacts[before:]


def take_in_one(ingest: Ingest, delivery: Json | bytes) -> Contact:
    (contact,) = take_in(ingest, delivery)
    return contact


# Posts


@pytest.mark.parametrize(
    "delivery", [mention(), account_activity("tweet_create_events", older_post())], ids=["newer", "older"]
)
def test_a_post_that_mentions_us_is_a_contact_in_public(ingest: Ingest, delivery: Json) -> None:
    contact = take_in_one(ingest, delivery)

    assert (contact.act, contact.channel, contact.surface) == (Act.CREATED, "x", Surface.PUBLIC)
    assert (contact.account, contact.native_id, contact.root) == (FORCE_ON_X, POST_ID, POST_ID)
    assert (contact.person, contact.text) == (ADA, "@MerseyPolice is the road open?")
    assert (contact.occurred_at, contact.answers, contact.event_id) == (NOON, None, None)
    assert contact.permalink == f"https://x.com/i/web/status/{POST_ID}"


@pytest.mark.parametrize(
    "delivery",
    [
        activity(
            "post.reply.create",
            post(conversation_id=THREAD, referenced_tweets=[{"type": "replied_to", "id": "208076000000"}]),
        ),
        account_activity(
            "tweet_create_events",
            older_post(in_reply_to_status_id_str="208076000000", conversation_id_str=THREAD),
        ),
    ],
    ids=["newer", "older"],
)
def test_a_reply_says_what_it_answers_and_stands_under_its_thread(ingest: Ingest, delivery: Json) -> None:
    contact = take_in_one(ingest, delivery)

    assert (contact.answers, contact.root) == ("208076000000", THREAD)


@pytest.mark.parametrize(
    "delivery",
    [
        activity("post.quote.create", post(referenced_tweets=[{"type": "quoted", "id": "7"}])),
        account_activity(
            "tweet_create_events",
            older_post(is_quote_status=True, quoted_status_id_str="7", quoted_status={}),
        ),
    ],
    ids=["newer", "older"],
)
def test_a_quote_answers_what_it_quotes_and_is_a_thread_of_its_own(ingest: Ingest, delivery: Json) -> None:
    contact = take_in_one(ingest, delivery)

    assert (contact.answers, contact.root) == ("7", POST_ID)


def test_one_post_that_raises_two_events_is_one_contact(ingest: Ingest) -> None:
    reply = post(referenced_tweets=[{"type": "replied_to", "id": "7"}], conversation_id="7")
    desk = Desk()

    for kind in ("post.mention.create", "post.reply.create", "post.mention.create"):
        desk.triage.take(take_in_one(ingest, activity(kind, reply)))

    assert len({contact.key for contact in ingest.contacts}) == 1
    assert len(desk.records.cases) == 1


LONG = "@MerseyPolice " + "there is a very long story to this " * 20


@pytest.mark.parametrize(
    "delivery",
    [
        activity("post.mention.create", post("@MerseyPolice there is a v…", note_tweet={"text": LONG})),
        account_activity(
            "tweet_create_events",
            older_post("@MerseyPolice there …", truncated=True, extended_tweet={"full_text": LONG}),
        ),
        account_activity("tweet_create_events", older_post("@Mersey…", note_tweet={"text": LONG})),
        account_activity("tweet_create_events", older_post(None, full_text=LONG)),
    ],
    ids=["note", "extended", "older note", "full text"],
)
def test_a_long_post_arrives_whole(ingest: Ingest, delivery: Json) -> None:
    assert take_in_one(ingest, delivery).text == LONG


def test_an_edited_post_is_an_edit_of_its_oldest_version(ingest: Ingest) -> None:
    edited = take_in_one(
        ingest,
        mention("@MerseyPolice it is open", post_id="300", edit_history_tweet_ids=["99", "200", "300"]),
    )

    assert (edited.act, edited.native_id, edited.event_id) == (Act.EDITED, "99", "edit-300")
    assert edited.root == "99"
    again = take_in_one(
        ingest, mention("now?", post_id="300", conversation_id="99", edit_history_tweet_ids=["99"])
    )
    assert (again.native_id, again.root) == ("99", "99")


@pytest.mark.parametrize("history", [["5", "40"], ["40", "5"], ["5"]])
def test_the_oldest_version_is_found_whatever_the_order(ingest: Ingest, history: list[str]) -> None:
    contact = take_in_one(ingest, mention(post_id="40", edit_history_tweet_ids=history))

    assert (contact.native_id, contact.root) == ("5", "5")


@pytest.mark.parametrize(
    ("delivery", "reason"),
    [
        (activity("post.create", post(author_id=FORCE_ON_X)), "our_own"),
        (account_activity("tweet_create_events", older_post(user={"id_str": FORCE_ON_X})), "our_own"),
        (activity("post.repost.create", post("RT @MerseyPolice: the road is open")), "repost"),
        (activity("post.mention.create", post(referenced_tweets=[{"type": "retweeted", "id": "7"}])), "repost"),
        (account_activity("tweet_create_events", older_post(retweeted_status={"id_str": "7"})), "repost"),
        (activity("post.delete", {"id": POST_ID, "author_id": FORCE_ON_X}), "our_own"),
        (account_activity("tweet_delete_events", {"status": {"id": "7", "user_id": FORCE_ON_X}}), "our_own"),
        (activity("like.create", {"id": "87719f", "liked_tweet_id": "7"}), "reaction"),
        (account_activity("favorite_events", {"id": "a"}), "reaction"),
        (activity("follow.unfollow", {"source": {}, "target": {}}), "follow"),
        (account_activity("follow_events", {"type": "unfollow"}), "follow"),
        (activity("block.block", {}), "moderation"),
        (account_activity("mute_events", {"type": "mute"}), "moderation"),
        (activity("dm.read", {}), "read_receipt"),
        (account_activity("direct_message_mark_read_events", {"sender_id": WRITER}), "read_receipt"),
        (activity("dm.indicate_typing", {}), "typing"),
        (account_activity("direct_message_indicate_typing_events", {"sender_id": WRITER}), "typing"),
        (activity("chat.sent", {"sender_id": FORCE_ON_X, "encoded_event": "CwAB"}), "our_own"),
        (activity("chat.conversation.join", {"encoded_event": "CwAB"}), "thread_control"),
        (activity("chat.conversation_join", {"encoded_event": "CwAB"}), "thread_control"),
        (activity("chat.typing", {"sender_id": WRITER}), "thread_control"),
        (activity("profile.update.handle", {"before": "a", "after": "b"}), "system_notice"),
        (activity("spaces.start", {}), "system_notice"),
        (activity("oauth.revoke", {"user_id": FORCE_ON_X}), "access_revoked"),
        ({"data": {"event_type": "oauth.revoke", "filter": {}, "payload": {"user_id": FORCE_ON_X}}}, "access_revoked"),
        ({"user_event": {"revoke": {"source": {"user_id": FORCE_ON_X}}}}, "access_revoked"),
        ({"data": {"event_type": "news.new", "filter": {"keyword": "police"}, "payload": {}}}, "system_notice"),
        ({"data": post(), "matching_rules": [{"id": "1"}]}, "channel_unknown"),
        ({"replay_job_status": {"job_state": "Complete"}}, "system_notice"),
        (account_activity("tweet_create_events", older_post(), account="999"), "account_unknown"),
        (activity("post.mention.create", post(), account="999"), "account_unknown"),
        ({"data": []}, "empty"),
        (activity("dm.received", {"direct_message_events": []}), "empty"),
        ({"for_user_id": FORCE_ON_X, "user_has_blocked": "false"}, "empty"),
    ],
)  # fmt: skip
def test_what_is_no_contact_is_ignored_for_its_reason(
    ingest: Ingest, counted: Counted, delivery: Json, reason: str
) -> None:
    assert take_in(ingest, delivery) == []
    assert counted.ignored() == {reason: 1}
    assert not ingest.confirmations


def test_a_permission_taken_away_is_counted_for_an_alarm(ingest: Ingest, counted: Counted) -> None:
    take_in(ingest, activity("oauth.revoke", {"user_id": FORCE_ON_X}))

    assert counted()["AccessRevoked"] == 1


def test_somebody_elses_deletion_takes_their_post_back(ingest: Ingest) -> None:
    contact = take_in_one(ingest, activity("post.delete", {"id": POST_ID, "author_id": WRITER}))

    assert (contact.act, contact.native_id, contact.event_id, contact.text) == (
        Act.DELETED,
        POST_ID,
        "deleted",
        "",
    )
    assert (contact.person, contact.attachments, contact.permalink) == (Person(WRITER), (), None)


def test_a_history_of_a_post_ends_the_same_in_any_order(ingest: Ingest) -> None:
    history = [
        mention("@MerseyPolice the rode is shut", post_id="99"),
        mention(
            "@MerseyPolice the road is shut",
            post_id="100",
            conversation_id="99",
            edit_history_tweet_ids=["99", "100"],
        ),
        activity("post.delete", {"id": "99", "author_id": WRITER}),
    ]
    there = take_in(ingest, {"data": [each["data"] for each in history]})
    back = take_in(ingest, {"data": [each["data"] for each in reversed(history)]})

    def told(contacts: list[Contact]) -> set[tuple[str, ...]]:
        return {(c.act, c.key, c.conversation_key, c.event_id or "", c.text) for c in contacts}

    assert told(there) == told(back)
    assert len({contact.conversation_key for contact in there}) == 1
    assert [contact.act for contact in there] == [Act.CREATED, Act.EDITED, Act.DELETED]


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        ({"user": {"id": int(WRITER)}}, None),
        ({"user": None}, None),
        ({"user": {"id_str": WRITER, "screen_name": "ada_person"}}, Person(WRITER, "@ada_person")),
    ],
)
def test_an_author_is_taken_from_a_text_id_only(ingest: Ingest, fields: Json, address: Person | None) -> None:
    assert (
        take_in_one(ingest, account_activity("tweet_create_events", older_post(**fields))).person == address
    )


@pytest.mark.parametrize(
    "delivery",
    [
        account_activity("tweet_create_events", older_post(id_str=None)),
        activity("post.mention.create", post(post_id=2080765813578191303)),  # type: ignore[arg-type]
        activity("dm.received", {"direct_message_events": [direct_message(message_id=7)]}),  # type: ignore[arg-type]
        activity("post.delete", {"id": 7, "author_id": FORCE_ON_X}),
        activity("post.unheard_of", post()),
        activity("dm.unheard_of", {}),
        account_activity("tweet_unheard_of_events", {"id": 1}),
        account_activity("tweet_create_events", "a text"),
        {"data": "a text"},
        {"data": {"event_type": 7}},
        {"data": {"event_type": "post.mention.create", "payload": post()}},
    ],
)
def test_what_is_not_as_documented_is_a_card(ingest: Ingest, counted: Counted, delivery: Json) -> None:
    contact = take_in_one(ingest, delivery)

    assert contact.act is Act.UNREADABLE
    assert counted()["UnreadableContacts"] == 1


def test_an_id_that_comes_twice_is_taken_from_its_text(ingest: Ingest) -> None:
    worn = {**post(), "id": 2080765813578191400, "id_str": POST_ID, "author_id": 1, "author_id_str": WRITER}

    contact = take_in_one(ingest, activity("post.mention.create", worn))

    assert (contact.native_id, contact.person) == (POST_ID, Person(WRITER))


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"timestamp_ms": None, "created_at": "Mon Nov 02 11:59:00 +0000 2026"}, NOON - timedelta(minutes=1)),
        ({"timestamp_ms": milliseconds(NOON - timedelta(hours=1))}, NOON - timedelta(hours=1)),
        ({"timestamp_ms": str(milliseconds(NOON - timedelta(hours=1)))}, NOON - timedelta(hours=1)),
        ({"timestamp_ms": None, "created_at": iso(NOON)}, NOON),
        ({"timestamp_ms": None, "created_at": "Mon Nov 99"}, NOON),
        ({"timestamp_ms": None, "created_at": None}, NOON),
    ],
)
def test_times_are_read_in_each_way_that_x_writes_them(ingest: Ingest, fields: Json, at: object) -> None:
    contact = take_in_one(ingest, account_activity("tweet_create_events", older_post(**fields)))

    assert contact.occurred_at == at


FILM = {
    "type": "video",
    "url": "https://t.co/abc",
    "media_url_https": "https://pbs.twimg.com/still.jpg",
    "video_info": {
        "variants": [
            {"content_type": "application/x-mpegURL", "url": "https://video.twimg.com/list.m3u8"},
            {"bitrate": 832000, "url": "https://video.twimg.com/low.mp4"},
            {"bitrate": 2176000, "url": "https://video.twimg.com/high.mp4"},
        ]
    },
}
PHOTO = {"type": "photo", "url": "https://t.co/def", "media_url_https": "https://pbs.twimg.com/one.jpg"}
INCLUDED = {
    "media": [
        {"media_key": "3_1", "type": "photo", "url": "https://pbs.twimg.com/one.jpg"},
        {
            "media_key": "7_2",
            "type": "video",
            "preview_image_url": "https://pbs.twimg.com/still.jpg",
            "variants": [{"bit_rate": 832000, "url": "https://video.twimg.com/high.mp4"}],
        },
    ]
}
BOTH = (
    Attachment("photo", ref="https://pbs.twimg.com/one.jpg"),
    Attachment("video", ref="https://video.twimg.com/high.mp4"),
)


@pytest.mark.parametrize(
    ("delivery", "attachments"),
    [
        (
            account_activity(
                "tweet_create_events",
                older_post(entities={"media": [PHOTO]}, extended_entities={"media": [PHOTO, FILM]}),
            ),
            BOTH,
        ),
        (
            account_activity(
                "tweet_create_events",
                older_post(extended_tweet={"full_text": "a", "extended_entities": {"media": [PHOTO, FILM]}}),
            ),
            BOTH,
        ),
        (
            activity(
                "post.mention.create", post(attachments={"media_keys": ["3_1", "7_2"]}), includes=INCLUDED
            ),
            BOTH,
        ),
        (
            activity("post.mention.create", post(attachments={"media_keys": ["3_1"]}), includes={}),
            (Attachment("media"),),
        ),
        (activity("post.mention.create", post("")), (Attachment("unsupported"),)),
    ],
    ids=["older", "older and long", "newer", "not included", "nothing to see"],
)
def test_pictures_and_films_come_with_the_best_of_their_addresses(
    ingest: Ingest, delivery: Json, attachments: tuple[Attachment, ...]
) -> None:
    assert take_in_one(ingest, delivery).attachments == attachments


@pytest.mark.parametrize(
    "delivery",
    [
        account_activity(
            "tweet_create_events",
            older_post(coordinates={"type": "Point", "coordinates": [-2.99, 53.4]}, geo={"coordinates": [53.4, -2.99]}),
        ),
        activity(
            "post.mention.create", post(geo={"coordinates": {"type": "Point", "coordinates": [-2.99, 53.4]}})
        ),
    ],
    ids=["older", "newer"],
)  # fmt: skip
def test_a_place_is_read_longitude_first(ingest: Ingest, delivery: Json) -> None:
    assert take_in_one(ingest, delivery).location == Location(53.4, -2.99)


def test_a_writer_is_known_wrapped_or_bare(ingest: Ingest) -> None:
    wrapped = {**mention(), "includes": {"users": [{"data": SHOWN}]}}
    del wrapped["data"]["includes"]

    assert take_in_one(ingest, wrapped).person == ADA
    assert take_in_one(ingest, mention()).person == ADA
