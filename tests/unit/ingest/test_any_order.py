"""Create, edits and delete of one object, delivered in any order and any number of times: the desk ends the same."""

from __future__ import annotations

import json
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.operate.views import case_file_fields
from local.twins.held_still import NOON
from local.twins.in_memory_case_desk import InMemoryCaseDesk
from tests.builders import (
    Json,
    comment,
    feed_delivery,
    force,
    item,
    message,
    messenger_delivery,
    meta_event,
    milliseconds,
    whatsapp_delivery,
    whatsapp_message,
)
from tests.unit.ingest.conftest import Ingest
from tests.unit.triage.readings import Desk

AT, SECONDS = milliseconds(NOON), int(NOON.timestamp())
INSTAGRAM = force().channels["instagram"].account
FIRST, SECOND, THIRD = (
    "is the road open?",
    "is the tunnel open? I hear shouting",
    "my husband has a knife, help",
)


def conversation_items() -> list[Json]:
    return [
        message(FIRST, mid="m_1"),
        item(timestamp=AT + 1_000, message_edit={"mid": "m_1", "text": SECOND, "num_edit": 1}),
        item(timestamp=AT + 2_000, message_edit={"mid": "m_1", "text": THIRD, "num_edit": "2"}),
        item(timestamp=AT + 3_000, message={"mid": "m_1", "is_deleted": True}),
    ]


def instagram_delivery(one: Json) -> Json:
    return {"object": "instagram", "entry": [{"id": INSTAGRAM, "time": AT, "messaging": [one]}]}


def whatsapp_messages() -> list[Json]:
    def edit(number: int, text: str) -> Json:
        content = {"type": "text", "text": {"body": text}}
        return whatsapp_message(
            f"wamid.E{number}",
            "edit",
            {"original_message_id": "wamid.1", "message": content},
            timestamp=str(SECONDS + number),
        )

    taken_back = {"original_message_id": "wamid.1"}
    return [
        whatsapp_message("wamid.1", "text", {"body": FIRST}),
        edit(1, SECOND),
        edit(2, THIRD),
        whatsapp_message("wamid.D", "revoke", taken_back, timestamp=str(SECONDS + 3)),
    ]


HISTORIES: dict[str, list[Json]] = {
    "messenger": [messenger_delivery(one) for one in conversation_items()],
    "instagram": [instagram_delivery(one) for one in conversation_items()],
    "whatsapp": [whatsapp_delivery(one) for one in whatsapp_messages()],
    "facebook_page": [
        feed_delivery(comment(FIRST)),
        feed_delivery(comment(SECOND, verb="edited", edited_time=SECONDS + 1)),
        feed_delivery(comment(THIRD, verb="edit", edited_time=SECONDS + 2)),
        feed_delivery(comment(None, verb="remove", created_time=SECONDS + 3)),
    ],
}


def state_after(deliveries: list[Json]) -> str:
    """What operators see, and what is sent, after the deliveries."""
    ingest, desk = Ingest(), Desk()
    for delivery in deliveries:
        before = len(ingest.contacts)
        assert ingest.answer(meta_event(delivery))["statusCode"] == 200
        for contact in ingest.contacts[before:]:
            desk.triage.take(contact)
    (case_id,) = desk.records.cases
    found = InMemoryCaseDesk(desk.records).case_file(case_id)
    assert found
    # In time's order, not in that of their coming; what the machine says it says when it learns of something.
    written = [entry for entry in case_file_fields(found, force(), NOON)["timeline"] if entry["contact_id"]]
    shown = {
        name: value for name, value in case_file_fields(found, force(), NOON).items() if name != "timeline"
    }
    return json.dumps([shown, written, sorted(desk.records.alerts)], sort_keys=True)


@cache
def state_after_all(channel: str) -> str:
    return state_after(HISTORIES[channel])


@pytest.mark.parametrize("channel", HISTORIES)
def test_a_history_in_its_own_order_ends_with_the_last_words_taken_back(channel: str) -> None:
    shown, written, alerts = json.loads(state_after_all(channel))

    assert [entry["kind"] for entry in written] == ["contact", "edit", "edit", "deleted"]
    assert [entry["state"] for entry in written] == ["deleted", None, None, None]
    assert (shown["grade"], shown["preview"]) == ("emergency", THIRD)
    assert len(alerts) >= 1


@pytest.mark.parametrize("channel", HISTORIES)
@given(data=st.data())
def test_any_order_of_a_history_and_any_repeats_end_in_the_same_state(
    channel: str, data: st.DataObject
) -> None:
    history = HISTORIES[channel]
    repeats = data.draw(st.lists(st.sampled_from(history), max_size=2))
    deliveries = data.draw(st.permutations([*history, *repeats]))

    assert state_after(deliveries) == state_after_all(channel)
