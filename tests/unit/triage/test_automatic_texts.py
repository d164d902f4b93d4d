"""Every rule of the automatic texts, as a table: what was said where, and what goes out for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contact_desk.contacts import REPORT_FORM, Act, Surface
from contact_desk.conversations import Conversation, SafeContact
from contact_desk.grades import Grade
from contact_desk.outbox import OutboxKind, Purpose
from functions.triage.automatic_texts import AutomaticText, OwnTexts, Situation, automatic_texts
from local.twins.held_still import NOON
from tests.builders import PERSON, contact, force
from tests.unit.triage.readings import amber, decision, read, red, signposted

REFERENCE = "MP-7K3Q-9DXR-C"
COMMENT = "5501_6601"
UNSAFE = SafeContact(ok=False)
OWN_TEXTS = OwnTexts(force())
TEXTS = force().texts["en"]


def texts_for(decided: Any = None, **changed: Any) -> tuple[AutomaticText, ...]:
    """The texts for one contact; `said` changes the contact, `before` the conversation, the rest the situation."""
    said, before = changed.pop("said", {}), changed.pop("before", {})
    one = contact(**{"text": "is the road open?", **said})
    decided = decided or decision()
    situation = Situation(
        **{
            "contact": one,
            "decision": decided,
            "conversation": Conversation(one.conversation_key, **before),
            "grade": decided.grade,
            "markers": decided.markers,
            "safe_contact": None,
            "reference": REFERENCE,
            "now": NOON,
            **changed,
        }
    )
    return automatic_texts(situation, force(), OWN_TEXTS)


def summary(texts: tuple[AutomaticText, ...]) -> list[tuple[OutboxKind, Purpose]]:
    return [(text.kind, text.purpose) for text in texts]


MESSAGE, COMMENT_REPLY, PRIVATE_REPLY = OutboxKind.MESSAGE, OutboxKind.COMMENT_REPLY, OutboxKind.PRIVATE_REPLY
ABUSE = ("domestic_abuse",)
IN_PUBLIC = {"said": {"channel": "facebook_page"}}
ON_X = {"said": {"channel": "x", "surface": Surface.PUBLIC}}
ON_THE_FORM = {"said": {"channel": REPORT_FORM}}
LATELY = {"before": {"emergency_text_at": NOON - timedelta(minutes=14, seconds=59)}}
LONG_AGO = {"before": {"emergency_text_at": NOON - timedelta(minutes=15)}}
ACKNOWLEDGED = {"before": {"acknowledged_at": NOON - timedelta(hours=23, minutes=59)}}
ACKNOWLEDGED_LONG_AGO = {"before": {"acknowledged_at": NOON - timedelta(hours=24)}}

IN_PRIVATE_CASES: list[tuple[str, Any, dict[str, Any], list[Any]]] = [
    ("a question is acknowledged", None, {}, [(MESSAGE, Purpose.ACKNOWLEDGEMENT)]),
    ("... once in its window", None, ACKNOWLEDGED, []),
    ("... and again after it", None, ACKNOWLEDGED_LONG_AGO, [(MESSAGE, Purpose.ACKNOWLEDGEMENT)]),
    ("a priority is acknowledged", amber(), {}, [(MESSAGE, Purpose.ACKNOWLEDGEMENT)]),
    ("another body's matter is signposted, nothing else", signposted(), {}, [(MESSAGE, Purpose.SIGNPOST)]),
    ("... even lately acknowledged", signposted(), ACKNOWLEDGED, [(MESSAGE, Purpose.SIGNPOST)]),
    ("a signpost the force has not", signposted("vet"), {}, [(MESSAGE, Purpose.ACKNOWLEDGEMENT)]),
    ("an emergency has the 999 text and nothing else", red(), {}, [(MESSAGE, Purpose.EMERGENCY)]),
    ("... once in 15 minutes, and nothing instead", red(), LATELY, []),
    ("... and again after them", red(), LONG_AGO, [(MESSAGE, Purpose.EMERGENCY)]),
    ("a question in an emergency case", None, {"grade": Grade.EMERGENCY}, []),
    ("another body's matter in an emergency case", signposted(), {"grade": Grade.EMERGENCY}, []),
    ("thanks", decision(thanks=True, significant=False), {}, []),
    ("thanks that are worth reading", decision(thanks=True), {}, []),
    ("spam", decision(significant=False), {}, []),
    ("an unreadable one with a sender", None, {"said": {"act": Act.UNREADABLE}}, []),
    ("a deleted message", None, {"said": {"act": Act.DELETED}}, []),
    ("an unreadable one", None, {"said": {"act": Act.UNREADABLE, "person": None}}, []),
    ("an edit is no second contact", None, {"said": {"act": Act.EDITED}}, []),
    (
        "an edit that becomes an emergency",
        red(),
        {"said": {"act": Act.EDITED}},
        [(MESSAGE, Purpose.EMERGENCY)],
    ),
    ("abuse without emergency", amber(markers=ABUSE), {}, []),
    ("a safe-contact rule without emergency", None, {"safe_contact": UNSAFE}, []),
    ("a safe-contact rule with a signpost", signposted(), {"safe_contact": UNSAFE}, []),
    (
        "a wish that binds nobody",
        None,
        {"safe_contact": SafeContact(ok=True)},
        [(MESSAGE, Purpose.ACKNOWLEDGEMENT)],
    ),
]

IN_PUBLIC_CASES: list[tuple[str, Any, dict[str, Any], list[Any]]] = [
    ("a question has the public text", None, {}, [(COMMENT_REPLY, Purpose.ACKNOWLEDGEMENT)]),
    ("... once in its window", None, ACKNOWLEDGED, []),
    ("a signpost would say what it was about", signposted(), {}, [(COMMENT_REPLY, Purpose.ACKNOWLEDGEMENT)]),
    (
        "an emergency has the public text and a private reply",
        red(),
        {},
        [(COMMENT_REPLY, Purpose.EMERGENCY), (PRIVATE_REPLY, Purpose.EMERGENCY)],
    ),
    ("... once in 15 minutes", red(), LATELY, []),
    (
        "an edit that makes an answered comment an emergency leaves the public answer as it is",
        red(),
        {"said": {"channel": "facebook_page", "act": Act.EDITED}, **ACKNOWLEDGED},
        [(PRIVATE_REPLY, Purpose.EMERGENCY)],
    ),
    (
        "... and gives one to a comment that has none",
        red(),
        {"said": {"channel": "facebook_page", "act": Act.EDITED}},
        [(COMMENT_REPLY, Purpose.EMERGENCY), (PRIVATE_REPLY, Purpose.EMERGENCY)],
    ),
    ("an emergency with abuse: alert only", red(markers=ABUSE), {}, []),
    ("abuse without emergency", amber(markers=ABUSE), {}, []),
    ("an emergency with a safe-contact rule: alert only", red(), {"safe_contact": UNSAFE}, []),
    ("a safe-contact rule without emergency", None, {"safe_contact": UNSAFE}, []),
    ("chatter", decision(significant=False), {}, []),
    ("thanks", decision(thanks=True, significant=False), {}, []),
    ("a deleted comment", red(), {"said": {"channel": "facebook_page", "act": Act.DELETED}}, []),
]


@pytest.mark.parametrize(
    ("decided", "changed", "expected"),
    [pytest.param(*case[1:], id=case[0]) for case in IN_PRIVATE_CASES],
)
def test_in_private(decided: Any, changed: dict[str, Any], expected: list[Any]) -> None:
    texts = texts_for(decided, **changed)

    assert summary(texts) == expected
    assert {text.target for text in texts} <= {PERSON}


@pytest.mark.parametrize(
    ("decided", "changed", "expected"),
    [pytest.param(*case[1:], id=case[0]) for case in IN_PUBLIC_CASES],
)
def test_in_public(decided: Any, changed: dict[str, Any], expected: list[Any]) -> None:
    texts = texts_for(decided, **{**IN_PUBLIC, **changed})

    assert summary(texts) == expected
    assert {text.target for text in texts} <= {COMMENT}


@pytest.mark.parametrize(
    "decided", [decision(), red(), signposted(), amber()], ids=["question", "red", "signpost", "amber"]
)
@pytest.mark.parametrize("channel", [ON_THE_FORM, ON_X], ids=["report form", "x"])
def test_nothing_goes_out_where_the_form_answered_or_nobody_may(
    channel: dict[str, Any], decided: Any
) -> None:
    assert texts_for(decided, **channel) == ()


def test_the_emergency_text_is_the_forces_own() -> None:
    (text,) = texts_for(red())

    assert text.text == force().write(TEXTS.emergency, reference=REFERENCE)


@pytest.mark.parametrize(
    "watched", [{"markers": ABUSE}, {"safe_contact": UNSAFE}, {"safe_contact": SafeContact(True, "by post")}]
)
def test_where_somebody_may_be_reading_the_999_text_names_neither_force_nor_reference(watched: Any) -> None:
    (text,) = texts_for(red(), **watched)

    assert text.text == TEXTS.neutral
    assert "Merseyside" not in text.text
    assert REFERENCE not in text.text


def test_a_signpost_tells_who_helps_how_and_under_which_reference() -> None:
    (text,) = texts_for(signposted("rspca"))
    rspca = force().signposts["rspca"]

    assert text.signpost == "rspca"
    assert all(part in text.text for part in (rspca.who, rspca.how, REFERENCE))


def test_what_is_said_in_public_refers_to_nothing_that_was_said() -> None:
    public, alone = texts_for(red(), **IN_PUBLIC)

    assert public.text == force().write(TEXTS.public)
    assert REFERENCE not in public.text
    assert alone.text == force().write(TEXTS.emergency, reference=REFERENCE)


def test_texts_are_in_the_persons_language_where_the_force_has_it() -> None:
    (in_welsh,) = texts_for(red(language="cy"))
    (in_polish,) = texts_for(red(language="pl"))

    assert in_welsh.text == force().write(force().texts["cy"].emergency, reference=REFERENCE)
    assert in_polish.text == force().write(TEXTS.emergency, reference=REFERENCE)


@pytest.mark.parametrize("name", ["merseyside", "example"])
def test_our_own_words_coming_back_are_never_answered(name: str) -> None:
    whose = force(name)
    own = OwnTexts(whose)
    signpost = whose.signposts["council"]
    for texts in whose.texts.values():
        for _, template in texts:
            ours = whose.write(template, reference=REFERENCE, who=signpost.who, how=signpost.how)

            assert ours in own
            assert f"  {ours}\n" in own
            assert texts_for_echo(ours, own) == ()


def texts_for_echo(ours: str, own: OwnTexts) -> tuple[AutomaticText, ...]:
    one = contact(ours)
    decided = replace(red(), language=None)
    situation = Situation(
        one, decided, Conversation(one.conversation_key), decided.grade, (), None, REFERENCE, NOON
    )
    return automatic_texts(situation, force(), own)


def test_a_persons_own_words_are_not_taken_for_ours() -> None:
    assert "Thank you. My message is about a road." not in OWN_TEXTS
    assert "" not in OWN_TEXTS
    assert "x" * 65_536 not in OWN_TEXTS


@pytest.mark.parametrize("language", ["en", "cy"])
def test_no_text_of_ours_is_read_as_another_bodys_matter(language: str) -> None:
    template = force().texts[language].signpost
    for code, signpost in force().signposts.items():
        ours = force().write(template, reference=REFERENCE, who=signpost.who, how=signpost.how)

        assert read(ours).signpost is None, code


def on_x(text: str, decided: Any = None, **changed: Any) -> tuple[AutomaticText, ...]:
    said = {"channel": "x", "surface": Surface.PUBLIC, "native_id": "185", "text": text}
    return texts_for(decided or red(), said={**said, **changed.pop("said", {})}, **changed)


@pytest.mark.parametrize("text", ["@MerseyPolice help", "help!! @merseypolice", "(.@MERSEYPOLICE) knife"])
def test_an_emergency_on_x_that_mentions_us_has_the_public_text_alone(text: str) -> None:
    (only,) = on_x(text)

    assert (only.kind, only.purpose, only.target) == (COMMENT_REPLY, Purpose.EMERGENCY, "185")
    assert only.text == force().write(TEXTS.public)


@pytest.mark.parametrize(
    "text", ["help, a knife", "@MerseyPoliceFans help", "me@merseypolice help", "MerseyPolice"]
)
def test_an_emergency_on_x_that_does_not_mention_us_has_none(text: str) -> None:
    assert on_x(text) == ()


@pytest.mark.parametrize("decided", [decision(), amber(), signposted()])
def test_nothing_but_an_emergency_is_answered_in_public_on_x(decided: Any) -> None:
    assert on_x("@MerseyPolice is the road open?", decided) == ()


@pytest.mark.parametrize(
    "changed",
    [{"markers": ABUSE}, {"safe_contact": UNSAFE}, LATELY, {"said": {"act": Act.EDITED}}],
)
def test_nor_where_somebody_may_be_reading_or_it_was_answered_lately(changed: dict[str, Any]) -> None:
    assert on_x("@MerseyPolice help", **changed) == ()


@pytest.mark.parametrize("channel", ["instagram", "whatsapp", "sms", "x"])
def test_every_private_channel_has_the_texts_of_messenger(channel: str) -> None:
    said = {"said": {"channel": channel, "surface": Surface.PRIVATE}}

    assert summary(texts_for(red(), **said)) == [(MESSAGE, Purpose.EMERGENCY)]
    assert summary(texts_for(**said)) == [(MESSAGE, Purpose.ACKNOWLEDGEMENT)]
    assert texts_for(red(), **said, markers=ABUSE)[0].text == TEXTS.neutral
