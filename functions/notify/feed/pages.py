"""The pages: all that is live, and one for each notice, which also answers whether it is really from the police."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path

from jinja2 import Environment

from contact_desk.broadcasts import BroadcastKind
from contact_desk.clock import to_rfc3339
from contact_desk.web_pages import page_templates, told_moment
from functions.notify.feed.cap import MEANINGS, cap_key, cap_messages
from functions.notify.feed.notices import Notice, changed_at
from functions.notify.feed.plain_text import line, plain
from functions.notify.feed.publisher import Publisher, language_tag

LIVE_KEY = "live"
TEMPLATES = Path(__file__).with_name("templates")
ENDED_SHOWN_FOR = timedelta(hours=24)
GROUPS: Mapping[BroadcastKind, str] = {
    BroadcastKind.INCIDENT: "Live incidents",
    BroadcastKind.APPEAL: "Can you help?",
    BroadcastKind.HOLDING: "What we know so far",
    BroadcastKind.RUMOUR: "The facts about what is being said",
    BroadcastKind.ADVICE: "Advice",
    BroadcastKind.MESSAGE: "Messages",
}
CHANNELS: Mapping[str, str] = {
    "facebook_page": "Facebook",
    "instagram": "Instagram",
    "x": "X",
    "whatsapp": "WhatsApp",
    "sms_list": "Text message",
    "email_list": "E-mail",
}


def page_key(reference: str) -> str:
    """Where a notice's page lies on the public origin, without the opening slash."""
    return f"{LIVE_KEY}/{reference}"


def render_live(shown: Sequence[Notice], publisher: Publisher, now: datetime) -> bytes:
    """Everything that is current, by kind, the gravest first; then what has ended in the last 24 hours."""
    live = sorted((notice for notice in shown if notice.live), key=lambda one: one.urgency)
    ended = [notice for notice in shown if not notice.live and notice.changed_at > now - ENDED_SHOWN_FOR]
    groups = [
        (heading, [notice for notice in live if notice.newest.broadcast.wording.kind is kind])
        for kind, heading in GROUPS.items()
    ]
    changed = changed_at(shown)
    return _render(
        "live.html",
        publisher,
        count=len(live),
        groups=[(heading, group) for heading, group in groups if group],
        ended=sorted(ended, key=lambda one: one.changed_at, reverse=True),
        changed_at=changed,
        revision=to_rfc3339(changed) if changed else "",
    )


def render_notice(notice: Notice, publisher: Publisher) -> bytes:
    """The page of one notice: that it is ours, how it stands, what it says, what we posted, what we said before."""
    newest = notice.newest
    return _render(
        "broadcast.html",
        publisher,
        notice=notice,
        kind=MEANINGS[newest.broadcast.wording.kind].event,
        references=[issue.broadcast.reference for issue in notice.issues],
        earlier=[issue for issue in notice.issues[:-1] if issue.ended_at][::-1],
        page_url=publisher.page_url(notice.reference),
        cap_key=cap_key(cap_messages(notice)[-1]),
    )


def _render(name: str, publisher: Publisher, **values: object) -> bytes:
    environment = _templates(publisher)
    return environment.get_template(name).render(values).encode("utf-8")


@lru_cache(maxsize=4)
def _templates(publisher: Publisher) -> Environment:
    environment = page_templates(TEMPLATES)
    environment.filters |= {
        "channel": lambda name: CHANNELS.get(name, name),
        "line": line,
        "moment": partial(told_moment, zone=publisher.zone),
        "plain": plain,
        "tag": language_tag,
    }
    environment.globals |= {
        "force": line(publisher.name),
        "from_abroad": publisher.phones.from_abroad,
        "non_emergency": publisher.phones.non_emergency,
        "short_code": publisher.short_code,
        "trial": publisher.trial,
    }
    return environment
