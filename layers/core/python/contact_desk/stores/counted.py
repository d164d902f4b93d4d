"""What an item of the table carries so that it is counted: its hour, and facts in place of words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contact_desk.archive_keys import hour_of_key
from contact_desk.intake import Admission
from contact_desk.numbers.origins import LearntFrom, Origin, origin_of
from contact_desk.stores import keys


def counted_contact(admission: Admission) -> dict[str, Any]:
    """What has a contact counted, in the hour in which it was archived; edits and deletes are not counted."""
    contact = admission.contact
    if contact.event_id:
        return {}
    return {
        **keys.counted(hour_of_key(contact.archive_key) or contact.received_at, admission.admitted_at),
        "facts": {"language": admission.decision.language, **origin_fields(origin_of(contact))},
    }


def origin_fields(origin: Origin | None) -> dict[str, Any]:
    """A country, and how it was learnt, as fields of an item."""
    return {
        "country": origin.country if origin else None,
        "country_from": origin.learnt_from if origin else None,
    }


def origin_from_item(fields: Mapping[str, Any]) -> Origin | None:
    """The country that an item tells, and how it was learnt."""
    return Origin(fields["country"], LearntFrom(fields["country_from"])) if fields.get("country") else None
