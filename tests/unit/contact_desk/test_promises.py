"""No text promises attendance, time or outcome: which sentences do, and which only sound like it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from contact_desk.errors import ForceFileError
from contact_desk.force_file import load_force_file, parse_force_file
from contact_desk.promises import RULES, PromiseKind, promises_in

FORCES = Path(__file__).resolve().parents[3] / "forces"
ATTENDANCE, TIME, OUTCOME = PromiseKind.ATTENDANCE, PromiseKind.TIME, PromiseKind.OUTCOME

PROMISES = [
    (ATTENDANCE, "An officer is on the way."),
    (ATTENDANCE, "An officer's on her way to you now"),
    (ATTENDANCE, "Help is on its way, stay where you are."),
    (ATTENDANCE, "Thank you. Two officers have been dispatched."),
    (ATTENDANCE, "We'll send a patrol round."),
    (ATTENDANCE, "We are sending someone out to you."),
    (ATTENDANCE, "Officers are attending."),
    (ATTENDANCE, "A patrol is en route"),
    (ATTENDANCE, "One of our PCSOs will visit you."),
    (ATTENDANCE, "An officer will call you back."),
    (ATTENDANCE, "A detective will be in touch."),
    (ATTENDANCE, "I will ring you on this number."),
    (ATTENDANCE, "Please expect a knock at the door."),
    (ATTENDANCE, "If you stay where you are, we will come to you."),
    (ATTENDANCE, "We are heading over to you."),
    (ATTENDANCE, "You will get a call."),
    (TIME, "We will be there in ten minutes."),
    (TIME, "We\N{RIGHT SINGLE QUOTATION MARK}ll be with you shortly."),
    (TIME, "Somebody will look at this within the hour."),
    (TIME, "We will reply within {reply_within}."),
    (TIME, "You will hear from us by Friday."),
    (TIME, "They're only five minutes away."),
    (TIME, "It won't be long now."),
    (TIME, "Your report will be read by 6pm."),
    (OUTCOME, "You will get your bike back."),
    (OUTCOME, "We will find whoever did this."),
    (OUTCOME, "He will be arrested and charged."),
    (OUTCOME, "Your phone will be returned to you."),
    (OUTCOME, "Don't worry, you'll be safe."),
    (OUTCOME, "We'll make sure he never does it again."),
    (OUTCOME, "They won't bother you again."),
    (OUTCOME, "I promise that your name stays with us."),
    (OUTCOME, "We will bring them to justice."),
    (OUTCOME, "This will never happen to you again."),
    (ATTENDANCE, "Mae swyddog ar y ffordd."),
    (ATTENDANCE, "Bydd swyddog yn dod atoch chi."),
    (ATTENDANCE, "Rydym yn anfon swyddog."),
    (ATTENDANCE, "Bydd swyddog yn eich ffonio."),
    (ATTENDANCE, "Byddwn yn eich ffonio."),
    (TIME, "Byddwn ni yno ymhen deng munud."),
    (TIME, "Byddwn yn ateb cyn bo hir."),
    (OUTCOME, "Byddwch yn cael eich beic yn ôl."),
    (OUTCOME, "Byddwn yn arestio'r dyn."),
    (OUTCOME, "Bydd y dyn yn cael ei arestio."),
    (OUTCOME, "Byddwch yn ddiogel."),
    (OUTCOME, "Rydym yn addo y daw popeth i ben."),
]

NO_PROMISES = [
    "The police will never ask for your PIN, and they will never ask you to move money.",
    "We can help you to get help.",
    "We will come back to you here.",
    "We aim to reply within two hours.",
    "We aim to reply within {reply_within}.",
    "We will reply to you here.",
    "A colleague will read this and reply.",
    "We will get back to you on this account.",
    "We are also passing your message to a colleague.",
    "We cannot promise that an officer will attend.",
    "We are not able to send an officer to this.",
    "We cannot say when somebody will come.",
    "We will not be attending this one.",
    "If an officer is on the way already, tell them what you told us.",
    "Tell us whether an ambulance is on its way.",
    "Ring 999 if he comes back today.",
    "Officers are already at the scene.",
    "An officer looked at your report this morning.",
    "Please ring 101 within 24 hours.",
    "You can ring us on 101 at any time today.",
    "Please come to the station with a proof of your address.",
    "Will you be there in ten minutes if we ring?",
    "Were you on your way home when it happened?",
    "We will record what you have told us.",
    "We will look into it and do what we can.",
    "We'll send you a link to the form.",
    "You will get a reference number with your report.",
    "Somebody at the council will know who empties the bins.",
    "Your insurer may ask for the reference to get your money back to you.",
    "Did you get your bike back?",
    "Anyone who drives while using a phone can be prosecuted.",
    "If you feel unsafe, go to a place where there are other people.",
    "Thank you, this will help us to understand what happened.",
    "The helpline is open for two hours each evening.",
    "We do not know how long it will take.",
    "Ein nod yw ateb o fewn dwy awr.",
    "Rydym hefyd yn trosglwyddo eich neges i gydweithiwr.",
    "Ffoniwch 999 nawr os oes rhywun mewn perygl.",
    "Ni allwn addo y bydd swyddog yn dod.",
    "Byddwn yn ateb yma.",
    "Oeddech chi ar y ffordd adref?",
    "Gallwch ffonio 101 heddiw.",
    "Byddwn yn cofnodi eich adroddiad.",
]


@pytest.mark.parametrize(("kind", "sentence"), PROMISES, ids=[sentence for _, sentence in PROMISES])
def test_a_sentence_that_promises_is_found_with_its_kind(kind: PromiseKind, sentence: str) -> None:
    found = promises_in(sentence)

    assert kind in {promise.kind for promise in found}
    assert all(promise.reason and promise.words in " ".join(sentence.split()) for promise in found)


@pytest.mark.parametrize("sentence", NO_PROMISES)
def test_a_sentence_that_only_sounds_like_a_promise_is_left_alone(sentence: str) -> None:
    assert promises_in(sentence) == ()


@pytest.mark.parametrize(("kind", "sentence"), PROMISES, ids=[sentence for _, sentence in PROMISES])
@pytest.mark.parametrize("name", ["acknowledgement", "signpost"])
def test_a_force_file_with_such_a_sentence_is_refused_at_its_line_and_field(
    kind: PromiseKind, sentence: str, name: str
) -> None:
    before = (FORCES / "example.toml").read_text(encoding="utf-8")
    at = before.index(f'{name} = """')
    text = before[:at] + f'{name} = """{sentence} ' + before[at + len(f'{name} = """') :]

    with pytest.raises(ForceFileError) as refused:
        parse_force_file(text, "wrong.toml")

    line = before[:at].count("\n") + 1
    assert str(refused.value).startswith(f"wrong.toml:{line}: texts.en.{name}: ")
    assert "promises" in str(refused.value)


@pytest.mark.parametrize("sentence", NO_PROMISES)
def test_a_force_file_may_say_what_promises_nothing(sentence: str) -> None:
    before = (FORCES / "example.toml").read_text(encoding="utf-8")

    force = parse_force_file(before.replace('delay = """', f'delay = """{sentence} '), "right.toml")

    assert force.texts["en"].delay.startswith(sentence)


def test_what_a_signpost_says_is_held_to_it_too() -> None:
    before = (FORCES / "example.toml").read_text(encoding="utf-8")
    text = before.replace('how = "ring 105', 'how = "an officer will come. Ring 105')

    with pytest.raises(ForceFileError, match=r"signposts\.power_105\.how: promises attendance"):
        parse_force_file(text, "wrong.toml")


@pytest.mark.parametrize("name", ["merseyside", "example"])
def test_no_text_of_a_force_promises_anything(name: str) -> None:
    force = load_force_file(FORCES / f"{name}.toml")
    texts = [text for texts in force.texts.values() for _, text in texts]
    texts += [signpost.how for signpost in force.signposts.values()]

    assert [promises_in(text) for text in texts if promises_in(text)] == []


def test_every_rule_is_met_by_a_sentence() -> None:
    written_out = {
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "won't": "will not",
        "n't": " not",
        "'ll": " will",
        "'re": " are",
    }
    plain = []
    for _, sentence in PROMISES:
        whole = sentence.lower().rstrip(".")
        for short, long in written_out.items():
            whole = whole.replace(short, long)
        plain.append(whole)

    unmet = [rule for rule in RULES if not any(rule.pattern.search(sentence) for sentence in plain)]

    assert unmet == []


def test_a_long_text_without_an_end_is_read_in_no_time() -> None:
    hostile = ("we will " * 300, "an officer " * 200, "a" * 2000, "the the " * 300, "your " + "x " * 1000)

    began = time.perf_counter()
    for text in hostile:
        promises_in(text)
    assert time.perf_counter() - began < 1.0
