"""Posts in either shape, as one: who wrote what, which versions it has, what it answers, and where it belongs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contact_desk.contacts import Attachment, Location, Person
from functions.ingest.channels.x.payload import Deletion, Media, NewerPost, OlderPost, Point, PostEvent, User
from functions.ingest.reading import UnreadableEventError

REPLIED_TO, QUOTED, RETWEETED = "replied_to", "quoted", "retweeted"


@dataclass(frozen=True, slots=True)
class Post:
    """A post, or one version of it.

    `versions` holds the ids of those known to this one and its own; `answers` is what it replies to, else what it
    quotes; `thread` is the post under which the whole conversation stands, where X says it.
    """

    id: str
    versions: tuple[str, ...]
    writer: Person | None = field(repr=False)
    text: str = field(default="", repr=False)
    at: datetime | None = None
    answers: str | None = None
    thread: str | None = None
    repeats: bool = False
    attachments: tuple[Attachment, ...] = ()
    location: Location | None = None

    @property
    def oldest(self) -> str:
        """The id of the first version: ids of posts grow with time."""
        return min((self.id, *self.versions), key=lambda version: (len(version), version))

    @property
    def root(self) -> str:
        """The post under which the conversation stands: of a post of its own, its first version."""
        thread = self.thread or self.answers
        return self.oldest if thread is None or thread in self.versions else thread

    @property
    def permalink(self) -> str | None:
        """Where the post can be seen."""
        return f"https://x.com/i/web/status/{self.id}" if self.id.isdecimal() else None


def older_post(fields: object) -> Post:
    """A post of the account-activity envelope."""
    post = OlderPost.model_validate(fields)
    whole = post.extended_tweet
    long = post.note_tweet and (post.note_tweet.text or post.note_tweet.full_text)
    text = long or (whole and (whole.full_text or whole.text)) or post.full_text or post.text
    history = post.edit_history
    versions = [*post.edit_history_tweet_ids, *(history.edit_tweet_ids if history else ())]
    if history and history.initial_tweet_id:
        versions.append(history.initial_tweet_id)
    holders = (
        whole and whole.extended_entities,
        post.extended_entities,
        whole and whole.entities,
        post.entities,
    )
    media: Sequence[Media] = next((holder.media for holder in holders if holder and holder.media), ())
    return Post(
        id=post.id_str,
        versions=_each_once(post.id_str, versions),
        writer=_writer(post.user.id_str if post.user else None, post.user),
        text=text or "",
        at=post.timestamp_ms or post.created_at,
        answers=post.in_reply_to_status_id_str or post.quoted_status_id_str,
        thread=post.conversation_id_str or post.in_reply_to_status_id_str or post.id_str,
        repeats=post.retweeted_status is not None,
        attachments=tuple(map(attachment_of, media)),
        location=_location(post.coordinates),
    )


def newer_post(fields: object) -> Post:
    """A post of the X Activity envelope."""
    event = PostEvent.model_validate(fields)
    post, includes = event.payload, event.includes
    native_id, author = _post_id(post), post.author_id_str or post.author_id
    referred = {each.type: each.id_str or each.id for each in post.referenced_tweets}
    keys = post.attachments.media_keys if post.attachments else ()
    known = {each.media_key: each for each in (includes.media if includes else ()) if each.media_key}
    users = {each.id_str or each.id: each for each in (includes.users if includes else ())}
    long = post.note_tweet and (post.note_tweet.text or post.note_tweet.full_text)
    return Post(
        id=native_id,
        versions=_each_once(native_id, post.edit_history_tweet_ids),
        writer=_writer(author, users.get(author)),
        text=long or post.text or "",
        at=post.created_at,
        answers=referred.get(REPLIED_TO) or referred.get(QUOTED),
        thread=post.conversation_id_str or post.conversation_id or referred.get(REPLIED_TO) or native_id,
        repeats=RETWEETED in referred,
        attachments=tuple(attachment_of(known.get(key) or Media(type="media")) for key in keys),
        location=_location(post.geo.coordinates if post.geo else None),
    )


def older_deletion(fields: object) -> Post:
    """A post that is gone, of the account-activity envelope."""
    deletion = Deletion.model_validate(fields)
    status = deletion.status
    native_id = status.id_str or status.id
    if native_id is None:
        raise UnreadableEventError("post_without_id")
    writer = _writer(status.user_id_str or status.user_id, None)
    return Post(native_id, (native_id,), writer, at=deletion.timestamp_ms, thread=native_id)


def attachment_of(media: Media) -> Attachment:
    """A picture or a film: its kind as X names it, and where the best of it is."""
    return Attachment(media.type or "unknown", ref=media.best)


def _post_id(post: NewerPost) -> str:
    native_id = post.id_str or post.id
    if native_id is None:
        raise UnreadableEventError("post_without_id")
    return native_id


def _writer(address: str | None, user: User | None) -> Person | None:
    return Person(address, user.shown if user else None) if address else None


def _each_once(own: str, versions: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*versions, own]))


def _location(point: Point | None) -> Location | None:
    return Location(point.coordinates[1], point.coordinates[0]) if point else None
