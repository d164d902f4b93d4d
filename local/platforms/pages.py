"""The pages of the stand-in Facebook: who may be written to, what stands under which comment, and what was sent."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from contact_desk.clock import Clock
from local.platforms import graph_errors

STANDARD_WINDOW = timedelta(hours=24)
HUMAN_AGENT_WINDOW = timedelta(days=7)
PRIVATE_REPLY_WINDOW = timedelta(days=7)


@dataclass(slots=True)
class Person:
    """What the stand-in was told of a person; unless told, everybody exists, is reachable and has just written."""

    known: bool = True
    reachable: bool = True
    last_wrote_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message that the page sent."""

    message_id: str
    text: str | None
    at: datetime


@dataclass(slots=True)
class Comment:
    """A comment, ours or theirs; `private_reply_to` is the person whom its private reply reached."""

    comment_id: str
    author: str | None = None
    text: str = ""
    at: datetime | None = None
    deleted: bool = False
    replies: list[Comment] = field(default_factory=list)
    private_reply_to: str | None = None


class FacebookPages:
    """Pages with their conversations and comments, in memory.

    `tokens` maps page ids to their access tokens.
    """

    def __init__(self, tokens: dict[str, str], clock: Clock) -> None:
        self._tokens = tokens
        self._clock = clock
        self._persons: dict[tuple[str, str], Person] = {}
        self._messages: dict[tuple[str, str], list[Message]] = {}
        self._comments: dict[str, Comment] = {}
        self._serial = itertools.count(1)
        self._run = int(clock.now().timestamp() * 1000)

    def page_of(self, token: str) -> str | None:
        """The page whose token this is."""
        return next((page for page, known in self._tokens.items() if known == token), None)

    def tell_person(self, page: str, person_id: str, person: Person) -> None:
        """Be told how things stand with a person."""
        self._persons[page, person_id] = person

    def person(self, account: str, person_id: str) -> Person:
        """What was told of a person, to the account of any platform."""
        return self._persons.get((account, person_id), Person())

    def tell_comment(self, told: Comment) -> None:
        """Be told of a comment: who wrote it, when, and whether it is gone."""
        comment = self.comment(told.comment_id)
        comment.author, comment.at, comment.deleted = told.author, told.at, told.deleted

    def comment(self, comment_id: str) -> Comment:
        """The comment of this id; one never heard of is taken to be there."""
        return self._comments.setdefault(comment_id, Comment(comment_id))

    def send_message(
        self,
        page: str,
        person_id: str,
        text: str | None,
        *,
        human_agent: bool,
        window_closed: Callable[[], Exception] | None = graph_errors.window_closed,
    ) -> str:
        """Send a message in an open conversation and give its id; raises GraphRefusedError where Facebook would.

        `window_closed` makes the refusal of a closed window; None where that does not matter.
        """
        person = self._persons.get((page, person_id), Person())
        if not person.known:
            raise graph_errors.no_such_person()
        if not person.reachable:
            raise graph_errors.person_unavailable()
        window = HUMAN_AGENT_WINDOW if human_agent else STANDARD_WINDOW
        late = person.last_wrote_at is not None and self._clock.now() - person.last_wrote_at > window
        if late and window_closed is not None:
            raise window_closed()
        return self._deliver(page, person_id, text)

    def send_private_reply(self, page: str, comment_id: str, text: str | None) -> tuple[str, str]:
        """Answer a comment in private, once and within seven days; gives the person's id and the message's.

        Raises GraphRefusedError where Facebook would.
        """
        comment = self._living(comment_id, "POST")
        if comment.private_reply_to is not None:
            raise graph_errors.already_replied()
        if comment.at is not None and self._clock.now() - comment.at > PRIVATE_REPLY_WINDOW:
            raise graph_errors.window_closed()
        person_id = comment.author or person_behind(page, comment_id)
        if not self._persons.get((page, person_id), Person()).reachable:
            raise graph_errors.person_unavailable()
        comment.private_reply_to = person_id
        return person_id, self._deliver(page, person_id, text)

    def _deliver(self, page: str, person_id: str, text: str | None) -> str:
        message = Message(f"m_{self._run:x}{next(self._serial):08x}", text, self._clock.now())
        self._messages.setdefault((page, person_id), []).append(message)
        return message.message_id

    def add_comment(self, page: str, parent_id: str, text: str) -> str:
        """Comment as the page under an object and give the comment's id.

        Raises GraphRefusedError where the object is gone, or where the page's last words there were the same.
        """
        parent = self._living(parent_id, "POST")
        if parent.replies and parent.replies[-1].author == page and parent.replies[-1].text == text:
            raise graph_errors.duplicate_text()
        # A post goes by its page's name and its own, what is under it by the post's own name.
        first, _, own = parent_id.partition("_")
        post = own if first == page and own else first
        reply = Comment(f"{post}_{self._run}{next(self._serial):06d}", page, text, self._clock.now())
        self._comments[reply.comment_id] = reply
        parent.replies.append(reply)
        return reply.comment_id

    def _living(self, comment_id: str, method: str) -> Comment:
        comment = self.comment(comment_id)
        if comment.deleted:
            raise graph_errors.object_gone(comment_id, method)
        return comment

    def conversation_view(self, page: str, person_id: str) -> dict[str, Any] | None:
        """The conversation of a person with a page, newest message first, None where nothing was ever sent."""
        messages = self._messages.get((page, person_id))
        if not messages:
            return None
        page_itself = {"id": page, "name": "Page"}
        return {
            "id": conversation_id(page, person_id),
            "updated_time": graph_time(messages[-1].at),
            "message_count": len(messages),
            "messages": [
                {
                    "id": message.message_id,
                    "message": message.text or "",
                    "created_time": graph_time(message.at),
                    "from": page_itself,
                    "to": {"data": [{"id": person_id}]},
                }
                for message in reversed(messages)
            ],
        }

    def comment_view(self, page: str, comment_id: str) -> dict[str, Any]:
        """A comment as the page sees it; raises GraphRefusedError (100/33) once it is deleted."""
        comment = self._living(comment_id, "GET")
        private = comment.private_reply_to and {"id": conversation_id(page, comment.private_reply_to)}
        own = comment.author == page
        expired = comment.at is not None and self._clock.now() - comment.at > PRIVATE_REPLY_WINDOW
        return {
            "id": comment.comment_id,
            "message": comment.text,
            "created_time": graph_time(comment.at) if comment.at else None,
            "from": {"id": comment.author, "name": "Page" if own else "Person"} if comment.author else None,
            "can_reply_privately": not (own or private or expired),
            "private_reply_conversation": private,
            "comment_count": len(comment.replies),
        }

    def replies_view(self, page: str, comment_id: str) -> list[dict[str, Any]]:
        """The comments under a comment, oldest first; raises GraphRefusedError (100/33) once it is deleted."""
        return [
            self.comment_view(page, reply.comment_id)
            for reply in self._living(comment_id, "GET").replies
            if not reply.deleted
        ]


def person_behind(page: str, comment_id: str) -> str:
    """The page-scoped id of a comment's writer, where nobody told: 16 digits, always the same for the same comment."""
    digest = hashlib.sha256(f"{page}#{comment_id}".encode()).digest()
    return str(10**15 + int.from_bytes(digest[:8], "big") % (9 * 10**15))


def conversation_id(page: str, person_id: str) -> str:
    """The Graph API's name for the conversation of a person with a page."""
    return "t_" + hashlib.sha256(f"{page}#{person_id}".encode()).hexdigest()[:20]


def graph_time(moment: datetime) -> str:
    """A moment as the Graph API writes it: `2026-11-22T15:04:05+0000`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")
