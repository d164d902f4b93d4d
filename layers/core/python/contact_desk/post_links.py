"""Links to posts of the force's: which copy of a broadcast one leads to, for whoever asks whether it is really ours."""

from __future__ import annotations

import re

POSTS_LOOKED_UP = frozenset({"facebook_page", "x"})
# X names a post by its number, Facebook by the page's and its own: links carry the second, or both.
# A link stands by itself: one inside another address leads wherever that leads.
_SITE = r"(?:^|\s)(?:https?://)?(?:www\.|m\.|mobile\.)?"
_X = re.compile(_SITE + r"(?:x|twitter)\.com/[^\s/]+/status(?:es)?/(\d{1,25})")
_FACEBOOK = re.compile(
    _SITE + r"facebook\.com/(?:"
    r"\S*?[?&]story_fbid=(\d{1,25})"
    r"|[^\s/?]+/posts/(?:[^\s/?]+/)?(\d{1,25})"
    r"|\d{1,25}_(\d{1,25}))"
)


def post_name(channel: str, platform_id: str) -> str:
    """What the page of a copy is called on the public origin: the channel, and the last number of the post's name."""
    return f"{channel}-{platform_id.rpartition('_')[2]}"


def post_in(text: str) -> str | None:
    """The name of the post that a link in the text leads to; None where there is no such link."""
    if found := _X.search(text):
        return post_name("x", found[1])
    if found := _FACEBOOK.search(text):
        return post_name("facebook_page", next(filter(None, found.groups())))
    return None
