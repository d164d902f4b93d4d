"""What the force file says of broadcasts: on which channels, in which words, and what becomes of a copy at its end."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contact_desk.broadcasts import BroadcastKind
from contact_desk.copy_orders import CopyAct

PLACEHOLDERS = frozenset({"force", "what", "where", "do", "until", "reference", "link"})
NOTE_PLACEHOLDERS = frozenset({"force", "what", "where", "reference", "link"})
OF_A_TEXT: Mapping[str, frozenset[str]] = {
    "until": frozenset({"time"}),
    "corrected": frozenset({"text"}),
    **dict.fromkeys(("expired", "cancelled", "tell_corrected", "tell_cancelled"), NOTE_PLACEHOLDERS),
}
# What each platform lets a copy's publisher do; X lets only some accounts edit, and those soon after posting alone.
ABLE: Mapping[str, frozenset[CopyAct]] = {
    "facebook_page": frozenset({CopyAct.EDIT, CopyAct.DELETE, CopyAct.FOLLOW_UP}),
    "instagram": frozenset({CopyAct.FOLLOW_UP, CopyAct.DELETE}),
    "x": frozenset({CopyAct.DELETE, CopyAct.FOLLOW_UP}),
    "whatsapp": frozenset({CopyAct.FOLLOW_UP}),
    "sms_list": frozenset({CopyAct.FOLLOW_UP}),
    "email_list": frozenset({CopyAct.FOLLOW_UP}),
}
LISTS = frozenset({"sms_list", "email_list"})
Words = Annotated[str, Field(min_length=1, max_length=1000)]
# As CAP and tag URIs (RFC 4151) take it: a domain of the force's, or an address in one.
FeedSender = Annotated[
    str, Field(pattern=r"^(?:[a-z0-9._+-]{1,64}@)?[a-z0-9-]+(?:\.[a-z0-9-]+)+$", max_length=190)
]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class WhatsAppGroup(_Section):
    """A group of the Cloud API by its id, and the approved template that copies fill; its body has one place."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
    template: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,512}$")]
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$")]


class BroadcastChannel(_Section):
    """A channel that broadcasts are copied to.

    `on_expiry` and `on_cancel` are what is done to the copy then. `on_correction` is how the corrected words take its
    place: `edit` it, `delete` it and publish anew, or publish a `follow_up` beside it, where nothing that was sent can
    be taken back. `group` is the WhatsApp group that copies go to.
    """

    on_correction: CopyAct
    on_expiry: CopyAct
    on_cancel: CopyAct
    picture: Literal["none", "allowed", "needed"] = "none"
    group: WhatsAppGroup | None = None


class BroadcastTexts(_Section):
    """The words around the fields of a broadcast, in one language; placeholders stand in braces.

    Bars divide a text into parts: a part whose placeholders are all empty is left out.
    """

    incident: Words
    appeal: Words
    advice: Words
    message: Words
    holding: Words
    rumour: Words
    until: Words
    corrected: Words
    expired: Words
    cancelled: Words
    tell_corrected: Words
    tell_cancelled: Words

    @model_validator(mode="after")
    def _placeholders_are_known(self) -> BroadcastTexts:
        for name, text in self:
            allowed = OF_A_TEXT.get(name, PLACEHOLDERS)
            try:
                used = {field for _, field, _, _ in Formatter().parse(text) if field is not None}
            except ValueError:
                raise ValueError(f"{name}: every brace in it must belong to a placeholder") from None
            if not used <= allowed:
                raise ValueError(f"{name}: the placeholders allowed are {', '.join(sorted(allowed))}")
        return self

    def of_kind(self, kind: BroadcastKind) -> str:
        """The text of a copy of such a broadcast."""
        text: str = getattr(self, kind.value)
        return text


class BroadcastRules(_Section):
    """How the force publishes; `sms_list` and `email_list` are topics that people have subscribed to.

    `sender` names the force in its feed and never changes: readers know its alerts by it.
    """

    sender: FeedSender
    channels: dict[str, BroadcastChannel] = {}
    texts: Annotated[dict[str, BroadcastTexts], Field(min_length=1)]

    @model_validator(mode="after")
    def _possible(self) -> BroadcastRules:
        for name, channel in self.channels.items():
            if name not in ABLE:
                raise ValueError(f"channels.{name}: broadcasts are copied to {', '.join(sorted(ABLE))}")
            for field in ("on_correction", "on_expiry", "on_cancel"):
                if getattr(channel, field) not in ABLE[name]:
                    raise ValueError(f"channels.{name}.{field}: {', '.join(sorted(ABLE[name]))}")
            if (name == "instagram") != (channel.picture == "needed"):
                raise ValueError(f"channels.{name}.picture: needed on instagram, and on instagram alone")
            if (name == "whatsapp") != (channel.group is not None):
                raise ValueError(f"channels.{name}.group: whatsapp has one, and whatsapp alone")
        return self

    def texts_for(self, language: str) -> BroadcastTexts:
        """The texts in the language where the force has them, else in the first language that it has."""
        return self.texts.get(language) or next(iter(self.texts.values()))
