"""Reads a page's feed: what people write under, on or about the page is a contact, public; our own is not."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from contact_desk.contacts import Act, Attachment, Contact, Person, Surface
from functions.ingest.channels.facebook_page.payload import FeedValue
from functions.ingest.platforms import meta
from functions.ingest.reading import (
    MENTION,
    UNSUPPORTED,
    Channel,
    Event,
    Finding,
    Ignored,
    Reason,
    UnreadableEventError,
)

NAME = "facebook_page"
TOPICS = ("feed", "mention", "ratings")
REACTIONS = ("like", "reaction")

# Meta's samples and its reference name the same act differently.
ACTS = {
    "add": Act.CREATED,
    "edit": Act.EDITED,
    "edited": Act.EDITED,
    "update": Act.EDITED,
    "delete": Act.DELETED,
    "remove": Act.DELETED,
}
MODERATION = ("block", "follow", "hide", "mute", "unblock", "unfollow", "unhide", "unmute")


def claims(event: Event) -> bool:
    """A page's feed, mentions of the page, and recommendations of it."""
    return event.product == "page" and event.topic in TOPICS


def read(event: Event) -> Sequence[Finding]:
    """What one change holds."""
    if event.fields.get("value") is None:
        return [Ignored(Reason.EMPTY)]
    return [_Change(event).finding()]


class _Change:
    def __init__(self, event: Event) -> None:
        self._event = event
        self._value = FeedValue.model_validate(event.fields["value"])

    def finding(self) -> Finding:
        value, person = self._value, self._person()
        if value.item in REACTIONS:
            return Ignored(Reason.REACTION)
        if value.verb in MODERATION:
            return Ignored(Reason.MODERATION)
        if person is not None and person.address == self._event.account:
            return Ignored(Reason.OUR_OWN)
        act = ACTS.get(value.verb or "")
        if act is None:
            raise UnreadableEventError("feed_verb_unknown")
        attachments = self._attachments()
        if act is Act.CREATED and not (self._text or attachments):
            if self._event.topic == "mention":
                attachments = (MENTION,)
            elif value.comment_id and self._event.topic == "feed":
                attachments = (UNSUPPORTED,)  # a sticker, say: somebody did write to us
            else:
                return Ignored(Reason.NO_WORDS)
        return self._contact(act, person, attachments)

    @property
    def _text(self) -> str:
        return self._value.message or self._value.review_text or ""

    def _person(self) -> Person | None:
        value = self._value
        writers = (
            (value.author.id, value.author.name) if value.author else (None, None),
            (value.sender_id, value.sender_name),
            (value.reviewer_id, value.reviewer_name),
        )
        return next((Person(address, name) for address, name in writers if address), None)

    def _contact(self, act: Act, person: Person | None, attachments: tuple[Attachment, ...]) -> Contact:
        value = self._value
        if value.item == "comment" and value.comment_id is None:
            raise UnreadableEventError("comment_without_id")
        native_id = value.comment_id or value.post_id or value.open_graph_story_id
        if native_id is None:
            raise UnreadableEventError("feed_without_id")
        root = value.post_id or value.open_graph_story_id or value.parent_id or native_id
        happened = value.edited_time if act is Act.EDITED else value.created_time
        permalink = value.permalink_url or (value.post.permalink_url if value.post else None)
        return Contact(
            act=act,
            channel=NAME,
            account=self._event.account or "",
            surface=Surface.PUBLIC,
            native_id=native_id,
            person=person,
            text=self._text,
            occurred_at=happened or self._event.framed_at or value.created_time or self._event.received_at,
            received_at=self._event.received_at,
            archive_key="",
            answers=value.parent_id if value.parent_id != root else None,
            root=root,
            attachments=attachments,
            permalink=permalink,
            event_id=self._event_id(act),
        )

    def _event_id(self, act: Act) -> str | None:
        """Tells one edit from the next, and is the same when Meta sends the same edit again.

        Not every edit has a time of its own, so its words count too.
        """
        if act is Act.DELETED:
            return "removed"
        if act is not Act.EDITED:
            return None
        at = self._value.edited_time or self._value.created_time
        words = hashlib.sha256(self._text.encode("utf-8")).hexdigest()[:12]
        return f"edit-{int(at.timestamp()) if at else 0}-{words}"

    def _attachments(self) -> tuple[Attachment, ...]:
        value = self._value
        found = [Attachment("image", ref=url) for url in dict.fromkeys([value.photo, *value.photos]) if url]
        if value.video:
            found.append(Attachment("video", ref=value.video))
        if value.link and value.item != "share":
            kind = {"photo": "image", "video": "video"}.get(value.item or "", "link")
            found.append(Attachment(kind, ref=value.link))
        return tuple(found)


FACEBOOK_PAGE = Channel(name=NAME, platform=meta.PLATFORM, claims=claims, read=read)
