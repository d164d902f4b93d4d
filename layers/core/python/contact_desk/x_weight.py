"""How X weighs a text; source: X, "Counting characters", and the configuration (version 3) of its twitter-text.

No library on PyPI that does this is kept up. Where only X's list of top-level domains could tell whether a word is an
address, the heavier reading counts, so that what is taken here is taken there.
"""

from __future__ import annotations

import re
import unicodedata

POST_WEIGHT = 280
ADDRESS_WEIGHT = 23
EMOJI_WEIGHT = 2
HEAVY, LIGHT = 2, 1
# The letters of most alphabets west of Georgia, and the dashes, quotation marks and spaces that go with them.
LIGHT_RANGES = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))

_LABEL = r"[^\W_](?:[\w-]{0,62}[^\W_])?"
_TAIL = r"(?::\d+)?(?:[/?#][^\s<>\"“”]*)?"
ADDRESS = re.compile(
    rf"(?P<sure>https?://{_LABEL}(?:\.{_LABEL})+{_TAIL})"
    rf"|(?<![@\w.-])(?:{_LABEL}\.)+(?P<domain>[^\W\d_]{{2,24}})(?![\w-]|\.\w){_TAIL}",
    re.IGNORECASE,
)
# Every country has two letters; of the others those that people in Britain meet.
DOMAINS = frozenset(
    {"app", "biz", "com", "edu", "gov", "info", "int", "mil", "net", "org", "police", "scot", "wales"}
)

_BASE = (
    r"[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f"
)
_BASE += r"\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
_ONE = rf"{_BASE}(?:\ufe0f|[\U0001f3fb-\U0001f3ff])?(?:[\U000e0020-\U000e007f]+)?"
EMOJI = re.compile(
    rf"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|{_ONE}(?:\u200d{_ONE})*",
)


def weight(text: str) -> int:
    """The text's weight: an address is 23, an emoji 2 however many people it shows, a letter of ours 1, others 2."""
    rest, total = unicodedata.normalize("NFC", text), 0
    kept, end = [], 0
    for address in ADDRESS.finditer(rest):
        total += _weight_of(address)
        kept.append(rest[end : address.start()])
        end = address.end()
    words = "".join([*kept, rest[end:]])
    emoji = EMOJI.findall(words)
    return total + len(emoji) * EMOJI_WEIGHT + _weight_of_letters(EMOJI.sub("", words))


def _weight_of(address: re.Match[str]) -> int:
    domain = (address["domain"] or "").lower()
    if address["sure"] or len(domain) == len("uk") or domain in DOMAINS:
        return ADDRESS_WEIGHT
    return max(ADDRESS_WEIGHT, _weight_of_letters(address[0]))


def _weight_of_letters(text: str) -> int:
    return sum(
        LIGHT if any(low <= ord(sign) <= high for low, high in LIGHT_RANGES) else HEAVY for sign in text
    )
