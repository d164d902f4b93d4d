"""What a broadcast is filled in with: faults by their field, pictures, flags, and a hash over every byte."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.broadcast_staging import LIVE_URL
from tests.unit.operate.at_the_desk import AtTheDesk
from tests.unit.operate.newsroom import CLOSURE, drafted, path, published

PNG = b"\x89PNG\r\n\x1a\nnot much of a picture"
JPEG = b"\xff\xd8\xffnot much of one either"


def test_a_draft_is_written_from_its_fields_and_nothing_goes_out(at_the_desk: AtTheDesk) -> None:
    one = drafted(at_the_desk)

    assert (one.fields["state"], one.fields["version"], one.headers["etag"]) == ("draft", 1, '"1"')
    facebook, x = one.fields["copies"]
    assert facebook["text"] == (
        "Road closed: Queensway tunnel, both ways. Use the Kingsway tunnel. Until 14:00 on Monday 2 November. "
        f"Reference {one.fields['reference']}. {LIVE_URL}/{one.fields['reference']}"
    )
    assert x["text"] == "The Queensway tunnel is closed."
    assert (facebook["typed"], x["typed"]) == (False, True)
    assert (x["expired"]["act"], facebook["expired"]["act"]) == ("delete", "edit")
    assert facebook["expired"]["text"].startswith("Over: Road closed, Queensway tunnel, both ways.")
    assert [copy["state"] for copy in one.fields["copies"]] == ["planned", "planned"]
    assert one.fields["area"]["polygon"][0] == [-3.0, 53.4]
    assert at_the_desk.records.outbox == {}
    assert at_the_desk.get(path(one)).fields == one.fields


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"what": " "}, ["what"]),
        ({"what": "\u200b\u200e"}, ["what"]),
        ({"where": ""}, ["where"]),
        ({"where": "A41 \u202edesolc"}, ["copies.facebook_page.text", "where"]),
        ({"do": "Wait.\x1b[2K"}, ["copies.facebook_page.text", "do"]),
        ({"copies": {"x": {"text": "Closed\x00"}}}, ["copies.x.text"]),
        ({"copies": {"x": {"text": "\u2060"}}}, ["copies.x.text"]),
        ({"area": {"names": ["Bootle\u2066"]}}, ["area.names"]),
        ({"versions": [{"language": "cy", "what": "Ffordd", "do": "\u202d"}]}, ["versions.cy"]),
        ({"expires_at": None}, ["expires_at"]),
        ({"expires_at": "2026-11-02T12:00:00Z"}, ["expires_at"]),
        ({"starts_at": "2026-11-02T11:59:59Z"}, ["starts_at"]),
        ({"starts_at": "2026-11-02T15:00:00Z"}, ["expires_at"]),
        ({"area": {"polygon": [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]}}, ["area.polygon"]),
        ({"area": {"polygon": [[0, 0], [1, 1], [1, 0]]}}, ["area.polygon"]),
        # Corners that are one and the same as soon as anybody writes them down.
        ({"area": {"polygon": [[0, 0], [1, 0], [1, 1e-9], [0, 1], [0, 0]]}}, ["area.polygon"]),
        ({"copies": {"x": {"text": "x" * 281}}}, ["copies.x.text"]),
        ({"copies": {"x": {"text": ""}, "pigeon": {}}}, ["copies.pigeon", "copies.x.text"]),
        ({"copies": {"instagram": {}}}, ["copies.instagram.picture"]),
        ({"versions": [{"language": "en", "what": "Again"}]}, ["versions.en"]),
        ({"pictures": [{"alt": "A tunnel", "content": "bm90aGluZw=="}]}, ["pictures.0"]),
        (
            {
                "pictures": [{"alt": "A tunnel", "content": base64.b64encode(PNG).decode()}],
                "copies": {"instagram": {}, "x": {}},
            },
            ["copies.instagram.picture"],
        ),
        ({"kind": "gossip"}, ["kind"]),
        ({"starts_at": "2026-11-02T13:00:00"}, ["starts_at"]),
    ],
)
def test_each_fault_is_named_by_its_field(
    at_the_desk: AtTheDesk, changes: dict[str, Any], fields: list[str]
) -> None:
    refused = at_the_desk.post("/desk/broadcasts", {**CLOSURE, **changes})

    assert (refused.status, refused.problem) == (422, "validation")
    assert sorted(error["field"] for error in refused.fields["errors"]) == fields
    assert at_the_desk.records.broadcasts == {}


def test_a_picture_goes_with_the_copies_that_take_one(at_the_desk: AtTheDesk) -> None:
    one = drafted(
        at_the_desk,
        pictures=[{"alt": "The tunnel's mouth", "content": base64.b64encode(JPEG).decode()}],
        copies={"instagram": {}, "x": {"alt": "A closed tunnel"}, "sms_list": {}},
    )

    (picture,) = one.fields["pictures"]
    assert at_the_desk.records.pictures == {picture["sha256"]: JPEG}
    by_channel = {copy["channel"]: (copy["picture"], copy["alt"]) for copy in one.fields["copies"]}
    name = f"{picture['sha256']}.jpg"
    assert by_channel == {
        "instagram": (name, "The tunnel's mouth"),
        "sms_list": (None, None),
        "x": (name, "A closed tunnel"),
    }
    kept = at_the_desk.put(
        path(one),
        {
            **CLOSURE,
            "pictures": [{"alt": "A tunnel", "sha256": picture["sha256"]}],
            "copies": {"instagram": {}},
        },
        version=1,
    )
    assert kept.fields["copies"][0]["picture"] == name


def test_every_byte_moves_the_hash(at_the_desk: AtTheDesk) -> None:
    hashes = {
        drafted(at_the_desk, **changes).fields["hash"]
        for changes in (
            {},
            {"what": "Road open"},
            {"do": "Wait."},
            {"severity": "severe"},
            {"expires_at": "2026-11-02T14:00:01Z"},
            {"area": {"names": ["Birkenhead"]}},
            {"copies": {"x": {"text": "The Queensway tunnel is closed."}}},
            {"force_reference": "7"},
            {"versions": [{"language": "cy", "what": "Ffordd ar gau"}]},
        )
    }

    assert len(hashes) == 9


def test_broadcasts_are_listed_newest_first_and_by_state(at_the_desk: AtTheDesk) -> None:
    first, second = drafted(at_the_desk), published(at_the_desk)

    listed = at_the_desk.get("/desk/broadcasts").fields
    assert [one["reference"] for one in listed["broadcasts"]] == [
        second.fields["reference"],
        first.fields["reference"],
    ]
    assert listed["next_cursor"] is None
    drafts = at_the_desk.get("/desk/broadcasts", state="draft").fields["broadcasts"]
    assert [one["broadcast_id"] for one in drafts] == [first.fields["broadcast_id"]]
    assert at_the_desk.get("/desk/broadcasts", cursor="nonsense").status == 422


def test_flags_tell_the_approver_what_to_look_at(at_the_desk: AtTheDesk) -> None:
    one = drafted(at_the_desk, do="A 34-year-old man was arrested. The victim died.")

    flags = {(flag["field"], flag["kind"]) for flag in one.fields["flags"]}
    assert {("do", "victim"), ("do", "death"), ("do", "guilt")} <= flags
    assert all(flag["reason"] for flag in one.fields["flags"])
    assert drafted(at_the_desk).fields["flags"] == []


@pytest.mark.parametrize(
    "what",
    [
        "\u0637\u0631\u064a\u0642 \u200f\u0645\u063a\u0644\u0642",
        "Closed \U0001f3f4\U000e0067\U000e007f",
        "A\r\nB\tC",
        "\u0915\u094d\u200d\u0937",
    ],
)
def test_signs_that_languages_need_are_words(at_the_desk: AtTheDesk, what: str) -> None:
    assert drafted(at_the_desk, what=what).fields["what"] == what


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
def test_half_a_letter_is_no_word(at_the_desk: AtTheDesk, text: str) -> None:
    refused = at_the_desk.post("/desk/broadcasts", {**CLOSURE, "what": text})

    assert (refused.status, refused.fields["errors"][0]["field"]) == (422, "what")
