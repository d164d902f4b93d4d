"""The hosts that each channel's files may come from: the whole list, here and nowhere else.

A name stands for itself, `*.name` for everything below it. A host is here because its platform serves what people
send from it; a link to any other host is refused, wherever it came from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

META = ("*.fbcdn.net", "*.cdninstagram.com", "lookaside.fbsbx.com", "cdn.fbsbx.com")

ALLOWED_HOSTS: Mapping[str, Sequence[str]] = {
    "messenger": META,
    "facebook_page": META,
    "instagram": META,
    # The address that the Graph API gives for a file's id; it asks for the same token once more.
    "whatsapp": ("lookaside.fbsbx.com", "*.fbcdn.net"),
    # Files of direct messages are on ton.twitter.com.
    "x": ("pbs.twimg.com", "video.twimg.com", "ton.twitter.com"),
    # The first one asks for credentials and redirects to the second one, where the address itself is the key. The
    # shared storage host of accounts that do not enforce credentials is not here: anybody has files on it.
    "sms": ("api.twilio.com", "*.twiliocdn.com"),
}


def is_allowed(host: str, patterns: Sequence[str]) -> bool:
    """Whether one of the patterns names the host, which is in lower case."""
    return any(
        host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern for pattern in patterns
    )
