"""Whose feed it is and where it stands: all that a render needs beside the broadcasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from contact_desk.broadcasts import Picture

BRITISH = frozenset({"cy", "en", "gd", "kw"})


class PhoneNumbers(NamedTuple):
    """What the pages tell people to call when it is not an emergency."""

    non_emergency: str
    from_abroad: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """A force as its readers see it.

    `sender` names the force in CAP and Atom, a domain of its own or an address in one, and never changes;
    `base_url` is the public origin without a closing slash. A `trial` says on everything that it is none of it real.
    """

    name: str
    short_code: str
    sender: str
    base_url: str
    zone: ZoneInfo
    phones: PhoneNumbers
    trial: bool
    x_handle: str = ""

    def page_url(self, reference: str) -> str:
        """The address of a notice, which stays the same through all its corrections."""
        return f"{self.base_url}/live/{reference}"

    def post_url(self, channel: str, platform_id: str) -> str | None:
        """The address of a copy on its platform; None where its name does not tell."""
        if channel == "x" and self.x_handle:
            return f"https://x.com/{self.x_handle}/status/{platform_id}"
        if channel == "facebook_page":
            return f"https://www.facebook.com/{platform_id}"
        return None

    def picture_url(self, picture: Picture) -> str:
        """The address of a picture."""
        return f"{self.base_url}/{picture_key(picture)}"


def picture_key(picture: Picture) -> str:
    """Where a picture lies on the public origin, without the opening slash."""
    return f"live/pictures/{picture.name}"


def language_tag(language: str) -> str:
    """The tag of BCP 47 for a language as a force writes it here: `en` is `en-GB`."""
    return f"{language}-GB" if language in BRITISH else language
