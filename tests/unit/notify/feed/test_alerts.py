"""CAP: what a message says, that the schema and the rules beyond it hold, and that a reader of others' takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from cap_tools import AlertState
from cap_tools.models import Alert, MsgType
from hypothesis import example, given
from hypothesis import strategies as st
from xmlschema import XMLSchema
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

from contact_desk.broadcasts import (
    Area,
    Broadcast,
    BroadcastKind,
    BroadcastState,
    LanguageVersion,
    Picture,
    Point,
    Severity,
)
from functions.notify.feed.cap import NAMESPACE, cap_messages, render_cap
from functions.notify.feed.cap_rules import Breach, breaches
from tests.feed_builders import NOON, PUBLISHER, STRAND, broadcast, corrected_chain, shown_as

SCHEMA = Path(__file__).parents[3] / "cap/CAP-v1.2.xsd"
LATER = NOON + timedelta(minutes=30)
TEXT = st.text(max_size=80).map(lambda text: f"Closed {text}")


@cache
def schema() -> XMLSchema:
    return XMLSchema(str(SCHEMA))


@cache
def reader() -> XmlParser:
    return XmlParser(config=ParserConfig(fail_on_converter_warnings=True))


def messages(*broadcasts: Broadcast) -> list[bytes]:
    return [
        render_cap(message, notice, PUBLISHER)
        for notice in shown_as(*broadcasts)
        for message in cap_messages(notice)
    ]


def fields(message: bytes) -> Mapping[str, str]:
    return {
        element.tag.removeprefix(f"{{{NAMESPACE}}}"): (element.text or "").strip()
        for element in ET.fromstring(message).iter()  # noqa: S314 - our own
    }


def sound(message: bytes) -> bool:
    """Whether the schema, the rule layer and another's reader all take it."""
    schema().validate(message.decode())
    assert breaches(message) == frozenset()
    return reader().from_bytes(message, Alert).identifier == fields(message)["identifier"]


SHAPES: dict[str, tuple[Broadcast, ...]] = {
    "a live incident": (broadcast(),),
    "without a polygon": (broadcast(area=Area(("Liverpool",))),),
    "without names of places": (broadcast(area=Area()),),
    "without anything but what": (broadcast(area=Area(), where="", do=""),),
    "without an end": (broadcast(expires_at=None, kind=BroadcastKind.ADVICE),),
    "that starts later": (broadcast(starts_at=NOON + timedelta(hours=1)),),
    "in two languages": (
        broadcast(versions=(LanguageVersion("cy", "Ffordd ar gau", "Y Strand", "Osgowch yr ardal."),)),
    ),
    "in three languages, two of which say the same": (
        broadcast(
            versions=(
                LanguageVersion("cy", "A55", "A55", ""),
                LanguageVersion("pl", "A55", "A55", ""),
            )
        ),
    ),
    "in a second language that says the same without a mark": (
        broadcast(
            do="",
            versions=(
                LanguageVersion("cy", f"{broadcast().wording.what}\u200e", broadcast().wording.where, ""),
            ),
        ),
    ),
    "with a bracket before the end of a line": (broadcast(what="Queues of 20 <", where="A41, Bromborough"),),
    "for half a second": (broadcast(expires_at=NOON + timedelta(milliseconds=500)),),
    "with a picture": (broadcast(pictures=(Picture("ab" * 32, "image/jpeg", "A queue on the Strand"),)),),
    "corrected": corrected_chain(),
    "cancelled": (broadcast(state=BroadcastState.CANCELLED, ended_at=LATER, ended_by="Ava"),),
    "expired": (broadcast(state=BroadcastState.EXPIRED, ended_at=NOON + timedelta(hours=4, seconds=40)),),
    **{f"of kind {kind}": (broadcast(kind=kind),) for kind in BroadcastKind},
    **{f"{severity}": (broadcast(severity=severity),) for severity in Severity},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_message_is_sound(shape: str) -> None:
    made = messages(*SHAPES[shape])

    assert made
    assert all(sound(message) for message in made)


# Signs that mean something to a reader of XML, more often than chance would have them.
MARKED = st.text(st.sampled_from("<>&;#!/?-\n\r\t ]'\"ab1\u200e\u202e\x00\ufeff"), max_size=12)


@given(
    what=TEXT | MARKED,
    where=TEXT | MARKED,
    do=TEXT | MARKED,
    place=st.text(max_size=40) | MARKED,
    also=MARKED,
)
@example(what="Queues <", where="A41", do="", place="", also="")
def test_no_text_makes_an_unsound_message(what: str, where: str, do: str, place: str, also: str) -> None:
    also_said = tuple(LanguageVersion(language, also, where, do) for language in ("cy", "pl"))
    (message,) = messages(
        broadcast(what=what, where=where, do=do, area=Area((place,), STRAND), versions=also_said)
    )

    assert breaches(message) == frozenset()
    schema().validate(message.decode())


@pytest.mark.parametrize(
    "text", ["<b>now</b>", "<script>alert(1)</script>", "a &amp; b", "&#60;", "&lt;i&gt;", "]]>", "<!-- -->"]
)
def test_markup_comes_out_as_words(text: str) -> None:
    (message,) = messages(broadcast(what=f"Road closed {text}"))

    assert sound(message)


def test_an_incident_says_what_where_until_when_and_what_to_do() -> None:
    (message,) = messages(broadcast())

    assert fields(message) == {
        "alert": "",
        "identifier": broadcast().reference,
        "sender": "contact.merseyside.example",
        "sent": "2026-07-14T12:00:00-00:00",
        "status": "Actual",
        "msgType": "Alert",
        "scope": "Public",
        "info": "",
        "language": "en-GB",
        "category": "Transport",
        "event": "Live incident",
        "responseType": "Avoid",
        "urgency": "Immediate",
        "severity": "Moderate",
        "certainty": "Observed",
        "expires": "2026-07-14T16:00:00-00:00",
        "senderName": "Merseyside Police",
        "headline": "The Strand is closed in both directions after a crash",
        "description": "The Strand is closed in both directions after a crash\n"
        "The Strand, between James Street and Water Street, Liverpool",
        "instruction": "Use the Queensway tunnel or Leeds Street. Allow 20 minutes more.",
        "web": f"https://desk.example/live/{broadcast().reference}",
        "area": "",
        "areaDesc": "Liverpool city centre",
        "polygon": "53.405,-2.996 53.408,-2.994 53.407,-2.99 53.404,-2.993 53.405,-2.996",
    }


def test_a_correction_updates_what_it_corrects_under_the_same_address() -> None:
    first, second = messages(*corrected_chain())

    assert fields(first)["msgType"] == "Alert"
    assert fields(second)["msgType"] == "Update"
    assert fields(second)["references"] == (
        f"contact.merseyside.example,{fields(first)['identifier']},2026-07-14T12:00:00-00:00"
    )
    assert fields(second)["web"] == fields(first)["web"]


def test_the_alert_is_the_same_bytes_before_and_after_its_correction() -> None:
    alone = messages(broadcast("01"))

    assert messages(*corrected_chain())[0] == alone[0]


def test_what_is_cancelled_names_the_last_wording_and_says_all_clear() -> None:
    first, second = corrected_chain()
    over = replace(second, state=BroadcastState.CANCELLED, ended_at=LATER)
    *_, cancel = messages(first, over)

    assert (fields(cancel)["msgType"], fields(cancel)["responseType"]) == ("Cancel", "AllClear")
    assert fields(cancel)["references"].split(",")[1] == over.reference
    assert fields(cancel)["headline"].startswith("Withdrawn: ")
    assert "instruction" not in fields(cancel)


def test_a_reader_that_follows_references_holds_what_counts_and_nothing_once_it_is_over() -> None:
    first, second = corrected_chain()
    alert, update, cancel = messages(first, replace(second, state=BroadcastState.CANCELLED, ended_at=LATER))
    held = AlertState()

    for message, count in ((alert, 1), (update, 1), (cancel, 1)):
        held.ingest(reader().from_bytes(message, Alert))
        assert len(held.alerts) == count
    assert [one.msg_type for one in held.alerts] == [MsgType.CANCEL]


def test_what_has_run_out_claims_no_all_clear_and_is_over_since_its_expiry() -> None:
    swept = NOON + timedelta(hours=4, seconds=40)
    *_, cancel = messages(broadcast(state=BroadcastState.EXPIRED, ended_at=swept))

    assert (fields(cancel)["msgType"], fields(cancel)["responseType"]) == ("Cancel", "None")
    assert fields(cancel)["sent"] == "2026-07-14T16:00:00-00:00"


def test_a_trial_desk_says_test() -> None:
    (notice,) = shown_as(broadcast())
    (message,) = cap_messages(notice)

    assert fields(render_cap(message, notice, replace(PUBLISHER, trial=True)))["status"] == "Test"


def test_a_polygon_is_written_in_degrees_without_an_exponent() -> None:
    tiny = (Point(0.0, 0.0), Point(0.0000001, 0.0), Point(0.0000001, 0.0000001), Point(0.0, 0.0))
    (message,) = messages(broadcast(area=Area((), tiny)))

    assert fields(message)["polygon"] == "0,0 0.0000001,0 0.0000001,0.0000001 0,0"
    assert sound(message)


GOOD = messages(corrected_chain()[0])[0].decode()
UPDATE = messages(*corrected_chain())[1].decode()
INFO = GOOD[GOOD.index("<info>") : GOOD.index("</info>") + len("</info>")]
AREA = GOOD[GOOD.index("<area>") : GOOD.index("</area>") + len("</area>")]
OWN = f"contact.merseyside.example,{broadcast('02').reference},2026-07-14T12:00:00-00:00 "
BROKEN: dict[str, tuple[str, str, str, Breach]] = {
    "a time with a Z": (GOOD, ":00-00:00</sent>", ":00Z</sent>", Breach.TIME),
    "a fraction of a second": (GOOD, ":00-00:00</sent>", ":00.5-00:00</sent>", Breach.TIME),
    "no such day": (GOOD, "2026-07-14T12:00:00", "2026-02-30T12:00:00", Breach.TIME),
    "a comma in a name": (GOOD, "<identifier>", "<identifier>a,b", Breach.NAME),
    "a space in the sender": (GOOD, "<sender>", "<sender>the police ", Breach.NAME),
    "an update of nothing": (GOOD, ">Alert<", ">Update<", Breach.LONE),
    "a cancel of nothing": (GOOD, ">Alert<", ">Cancel<", Breach.LONE),
    "half a reference": (UPDATE, ",2026-07-14T12:00:00-00:00</ref", "</ref", Breach.REFERENCES),
    "a reference to itself": (UPDATE, "<references>", f"<references>{OWN}", Breach.OWN_REFERENCE),
    "a reference to a later one": (
        UPDATE,
        "14T12:00:00-00:00</ref",
        "15T12:00:00-00:00</ref",
        Breach.LATER_REFERENCE,
    ),
    "no info": (GOOD, INFO, "", Breach.NO_INFO),
    "no area": (GOOD, AREA, "", Breach.NO_AREA),
    "an open polygon": (GOOD, " 53.405,-2.996</polygon>", "</polygon>", Breach.POLYGON),
    "two corners": (GOOD, "53.408,-2.994 53.407,-2.99 53.404,-2.993 ", "", Breach.POLYGON),
    "a crossing": (GOOD, "53.408,-2.994 53.407,-2.99", "53.407,-2.99 53.408,-2.994", Breach.POLYGON),
    "no place on the globe": (GOOD, "53.408,-2.994", "153.408,-2.994", Breach.POLYGON),
    "a circle without a radius": (GOOD, "<polygon>", "<circle>53.4,-2.9</circle><polygon>", Breach.CIRCLE),
    "no language": (GOOD, "<language>en-GB</language>", "", Breach.NO_LANGUAGE),
    "markup": (GOOD, "<headline>", "<headline>&lt;b&gt;", Breach.MARKUP),
    "an entity": (GOOD, "<headline>", "<headline>&amp;nbsp;", Breach.MARKUP),
    "a relative address": (GOOD, "https://desk.example/live", "/live", Breach.ADDRESS),
    "no end": (GOOD, "<expires>2026-07-14T16:00:00-00:00</expires>", "", Breach.EXPIRES),
    "an end before its beginning": (GOOD, "14T16:00", "14T11:00", Breach.EXPIRES),
    "restricted to nobody": (GOOD, ">Public<", ">Restricted<", Breach.SCOPE),
    "private to nobody": (GOOD, ">Public<", ">Private<", Breach.SCOPE),
    "the same words twice": (GOOD, INFO, INFO + INFO, Breach.SAME_WORDS),
    "no XML": (GOOD, "</alert>", "", Breach.NOT_XML),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_the_rule_layer_finds_it(fault: str) -> None:
    message, sound_part, broken_part, breach = BROKEN[fault]
    assert sound_part in message

    assert breach in breaches(message.replace(sound_part, broken_part).encode())
