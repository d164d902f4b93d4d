"""The report form from its first question to the reference, as somebody without scripts meets it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from contact_desk.contacts import REPORT_FORM, Surface
from contact_desk.grades import Grade
from contact_desk.promises import promises_in
from contact_desk.references import reference
from contact_desk.report_form import Matter
from functions.report.form.messages import FOLDER, sentences
from functions.report.form.questions import PAGES, QUESTIONS
from functions.triage.first_reader import FirstReader, Utterance
from functions.triage.rule_set import load_rules
from functions.triage.trained_model import load_model
from local.addresses import REPOSITORY
from tests.builders import force
from tests.lambda_output import written_output
from tests.unit.report.form import ANSWERS, SHORTEST, FormDesk, body_of

LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.toml"))


@pytest.fixture
def desk() -> FormDesk:
    return FormDesk()


def test_somebody_goes_from_the_first_question_to_a_reference_that_the_desk_has(desk: FormDesk) -> None:
    person = desk.person()
    person.to_check(**ANSWERS)
    assert not desk.queue.sent
    done = person.press()

    assert (done.status, done.heading) == (200, "Report sent")
    (contact,) = desk.queue.on(Surface.PRIVATE)
    assert reference("MP", contact.key) in done.text
    assert contact.person is not None
    assert (contact.text, contact.person.name) == (ANSWERS["what"], ANSWERS["name"])
    assert contact.report == {
        "emergency_now": False,
        "matter": "suspicious",
        "where": ANSWERS["where"],
        "when": ANSWERS["when"],
        "country": None,
        "name": ANSWERS["name"],
        "contact": {"email": ANSWERS["email"], "phone": ANSWERS["phone"]},
        "safe_contact": {"ok": True, "how": "text only", "not_when": "after six"},
        "language": None,
    }


def test_one_may_report_and_say_nothing_about_oneself(desk: FormDesk) -> None:
    person = desk.person()
    person.to_check(**SHORTEST)
    done = person.press()

    assert desk.sent[0].keys() == {"report_id", "matter", "what", "where", "when"}
    assert "We will not contact you." in done.text
    assert "We aim to reply" not in done.text


def test_whom_it_is_not_safe_to_contact_is_asked_for_no_address_and_the_desk_is_told(desk: FormDesk) -> None:
    person = desk.person()
    person.to_check(**{**ANSWERS, "safe": "no"})
    done = person.press()

    assert desk.sent[0]["safe_contact"] == {"ok": False}
    assert "contact" not in desk.sent[0]
    assert "We will not contact you." in done.text


def test_an_answer_that_another_one_made_needless_is_not_sent(desk: FormDesk) -> None:
    """Name and number were entered, then taken back."""
    person = desk.person()
    person.to_check(**ANSWERS)
    person.press("change:who")
    person.press(who="no")
    person.press()

    assert desk.sent[0].keys() == {"report_id", "matter", "what", "where", "when"}


def test_advice_needs_no_place_and_no_time(desk: FormDesk) -> None:
    person = desk.person()
    person.open()
    person.press(emergency="no")
    person.press(matter="advice")
    assert person.page.heading == "Others may help you sooner"
    assert "Citizens Advice" in person.page.text
    assert person.press().heading == "What would you like to know?"
    person.press(what="How do I get a crime number?")
    assert person.page.heading == "Do you want to tell us who you are?"


@pytest.mark.parametrize("matter", Matter)
def test_signposts_are_those_that_the_force_file_has_for_the_matter(desk: FormDesk, matter: Matter) -> None:
    person = desk.person()
    person.open()
    person.press(emergency="no")
    page = person.press(matter=matter)

    names = desk.force.report_form.signposts_for(matter)
    assert page.action == ("/report/signposts" if names else "/report/what")
    assert all(desk.force.signposts[name].how in page.text for name in names)


def test_what_somebody_writes_brings_no_signpost_of_the_forms(desk: FormDesk) -> None:
    person = desk.person()
    person.to_check(**{**SHORTEST, "what": "My cat is up a tree and the drain is blocked"})
    done = person.press()

    assert "RSPCA" not in person.page.text + done.text


@pytest.mark.parametrize("matter", Matter)
def test_the_choice_of_a_matter_alone_raises_nothing_and_signposts_nobody(matter: Matter) -> None:
    reader = FirstReader(load_rules(), load_model(), force().signposts.keys())
    text = f"I would like to say something\n{matter.replace('_', ' ')}"
    decision = reader.read(Utterance(text, REPORT_FORM, Surface.PRIVATE))

    assert not decision.emergency
    assert decision.grade not in {Grade.EMERGENCY, Grade.PRIORITY}
    assert decision.signpost is None


def test_change_leads_to_its_question_and_straight_back(desk: FormDesk) -> None:
    person = desk.person()
    person.to_check(**ANSWERS)
    page = person.press("change:where")
    assert page.fields["where"] == ANSWERS["where"]
    page = person.press(where="Hope Street")

    assert page.action == "/report/check"
    assert "Hope Street" in page.text
    person.press()
    assert desk.sent[0]["where"] == "Hope Street"


def test_a_change_that_raises_new_questions_asks_them(desk: FormDesk) -> None:
    person = desk.person()
    person.to_check(**SHORTEST)
    person.press("change:who")
    page = person.press(who="yes")

    assert page.heading == "About you"


@pytest.mark.parametrize(
    "page", [page.name for page in QUESTIONS if page.name not in {"emergency", "signposts"}]
)
def test_back_leads_one_page_back_and_keeps_what_was_typed_even_where_it_is_wrong(
    desk: FormDesk, page: str
) -> None:
    person = desk.person()
    person.open()
    while person.page.action != f"/report/{page}":
        person.press(**{name: text for name, text in ANSWERS.items() if name in person.page.offered})
    typed = {field.name: "x" for field in PAGES[page].fields if field.kind != "choice"}
    person.press("back", **typed)
    assert person.page.action != f"/report/{page}"
    person.press()

    assert person.page.action == f"/report/{page}"
    assert {name: person.page.fields[name] for name in typed} == typed


def test_back_from_a_change_leads_to_the_check(desk: FormDesk) -> None:
    person = desk.person()
    person.to_check(**ANSWERS)
    person.press("change:when")

    assert person.press("back", when="this morning").action == "/report/check"
    assert "this morning" in person.page.text


def test_a_report_that_lacks_an_answer_is_not_sent(desk: FormDesk) -> None:
    """The send button of a page that was never reached, in the draft of one that was."""
    person = desk.person()
    person.open()
    person.press(emergency="no")
    person.page.action, person.page.buttons = "/report/check", [("press", "continue")]
    page = person.press()

    assert (page.action, page.errors) == ("/report/matter", ["Select what it is about"])
    assert not desk.queue.sent


def test_sending_twice_is_one_report(desk: FormDesk) -> None:
    person = desk.person()
    check = person.to_check(**ANSWERS)
    first = person.press()
    person.page = check
    second = person.press()

    assert first.text == second.text
    assert len(desk.archive.deliveries) == 1
    assert len({contact.native_id for contact in desk.queue.sent}) == 1


def test_each_report_begun_is_another_one(desk: FormDesk) -> None:
    person = desk.person()
    for _ in range(2):
        person.to_check(**SHORTEST)
        person.press()

    assert len({report["report_id"] for report in desk.sent}) == 2


class TestEmergency:
    def test_says_999_and_the_other_ways_and_stores_nothing(self, desk: FormDesk) -> None:
        person = desk.person()
        person.open()
        page = person.press(emergency="yes")

        assert page.heading == "Call 999 now"
        assert {"tel:999"} <= set(page.links)
        for way in ("press 55", "999 BSL", "Relay UK", "emergencySMS"):
            assert way in page.text
        assert not desk.queue.sent
        assert not desk.archive.deliveries

    @pytest.mark.parametrize(
        "entered", [{}, {"what": "he is back", "where": "10 Mill Lane", "phone": "07700900982"}]
    )
    def test_the_desk_is_told_when_the_person_chooses_so(
        self, desk: FormDesk, entered: dict[str, str]
    ) -> None:
        person = desk.person()
        person.open()
        person.press(emergency="yes")
        told = person.press("send", **entered)

        (sent,) = desk.sent
        assert sent.pop("report_id")
        wanted: dict[str, Any] = {"emergency_now": True}
        if entered:
            wanted |= {"what": "he is back", "where": "10 Mill Lane", "contact": {"phone": "07700900982"}}
        assert sent == wanted
        assert told.heading == "The desk has your message"
        assert "999" in told.text

    def test_an_odd_number_does_not_keep_anybody_from_being_heard(self, desk: FormDesk) -> None:
        person = desk.person()
        person.open()
        person.press(emergency="yes")

        assert person.press("send", phone="?").heading == "The desk has your message"
        assert desk.sent[0]["contact"] == {"phone": "?"}

    def test_enter_in_a_field_sends_nothing_and_the_page_says_so(self, desk: FormDesk) -> None:
        person = desk.person()
        person.open()
        page = person.press(emergency="yes")
        assert page.buttons[0] == ("press", "continue")
        assert "Nothing has been sent yet." not in page.text
        page = person.press("continue", where="10 Mill Lane")

        assert (page.heading, page.fields["where"]) == ("Call 999 now", "10 Mill Lane")
        assert "Nothing has been sent yet." in page.text
        assert not desk.queue.sent

    def test_one_can_go_back_and_report_with_what_was_entered(self, desk: FormDesk) -> None:
        person = desk.person()
        person.open()
        person.press(emergency="yes")
        person.press("back", what="He has gone now.")
        person.press(emergency="no")
        page = person.press(matter="suspicious")

        assert page.fields["what"] == "He has gone now."


class TestLanguages:
    def test_the_first_page_offers_the_other_languages_of_the_force(self, desk: FormDesk) -> None:
        offered = [link for link in desk.person().open().links if "language" in link]
        assert offered == [f"/report?language={one}" for one in LANGUAGES if one != "en"]

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_report_goes_through_in_each_language_and_says_which_it_was(
        self, desk: FormDesk, language: str
    ) -> None:
        person = desk.person()
        person.open(f"/report?language={language}")
        while person.page.action != "/report/check":
            assert f'<html lang="{language}"' in person.page.html
            person.press(**{name: text for name, text in ANSWERS.items() if name in person.page.offered})
        person.press()

        # In the first language people write whatever they speak: triage finds that out.
        assert desk.sent[0].get("language") == (None if language == "en" else language)

    def test_it_is_changed_on_any_page_with_what_was_entered(self, desk: FormDesk) -> None:
        person = desk.person()
        person.open()
        person.press(emergency="no")
        person.press(matter="antisocial")
        page = person.press("language:cy")
        assert (page.status, page.action) == (200, "/report/signposts")
        assert "eich cyngor lleol" in page.text
        page = person.press()
        page = person.press("language:en", what="Lads on bikes")
        assert (page.heading, page.fields["what"]) == ("What happened?", "Lads on bikes")

    def test_a_language_that_the_form_has_not_changes_nothing(self, desk: FormDesk) -> None:
        person = desk.person()
        person.open()
        person.press(emergency="no")
        fields = {**person.page.fields, "press": "language:xx"}
        status, html = desk.ask("POST", "/report/matter", fields)
        assert (status, '<html lang="en"' in html) == (200, True)

    @pytest.mark.parametrize("language", ["", "xx", "../en", "<script>"])
    def test_any_other_language_is_the_first(self, desk: FormDesk, language: str) -> None:
        assert '<html lang="en"' in desk.person().open(f"/report?language={language}").html

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_language_has_every_sentence_with_its_placeholders(self, language: str) -> None:
        english, other = sentences("en"), sentences(language)
        assert english.keys() == other.keys()
        assert {name for name in english if english[name].count("{") != other[name].count("{")} == set()

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_no_sentence_promises_anything(self, language: str) -> None:
        assert [found for text in sentences(language).values() for found in promises_in(text)] == []


def test_no_page_is_kept_framed_or_sniffed_and_none_may_run_what_is_not_a_file_of_ours(
    desk: FormDesk,
) -> None:
    person = desk.person()
    person.open()
    while person.page.action != "/report/check":
        headers = desk.last["headers"]
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert "unsafe" not in policy
        assert "<script>" not in person.page.html
        assert " style=" not in person.page.html
        assert " onclick" not in person.page.html
        person.press(**{name: text for name, text in ANSWERS.items() if name in person.page.offered})


def test_every_page_offers_the_way_out(desk: FormDesk) -> None:
    person = desk.person()
    person.open()
    shown = [person.page]
    while person.page.heading != "Report sent":
        shown.append(
            person.press(**{name: text for name, text in ANSWERS.items() if name in person.page.offered})
        )

    for page in shown:
        # In the skip link, and in the button.
        assert page.links.count(desk.force.report_form.exit_to) == 2
    assert desk.force.report_form.exit_to in desk.person().open("/report/nowhere").links


def test_nothing_that_somebody_enters_is_in_a_log_or_a_url(
    desk: FormDesk, capsys: pytest.CaptureFixture[str]
) -> None:
    with written_output(capsys) as output:
        person = desk.person()
        person.to_check(**ANSWERS)
        person.press()
        written = output()

    for entered in ("Ada", "ada@", "doors of parked", "Bold Street", "07700"):
        assert entered not in written.text
    assert {line["route"] for line in written.log_lines} == {"/report", "/report/*"}


def test_the_style_is_made_from_its_source_in_the_readers_own_fonts_and_the_forces_colour(
    desk: FormDesk,
) -> None:
    page = desk.person().open().html
    path = page[page.index("/report/style-") :].split('"')[0]
    desk.ask("GET", path)
    style = body_of(desk.last).decode()

    assert desk.last["headers"]["cache-control"].endswith("immutable")
    assert style.endswith(f":root{{--govuk-brand-colour:{desk.force.report_form.colour}}}")
    source = (REPOSITORY / "web/report/form.scss").read_text()
    classes = set(re.findall(r"\.(desk-[a-z]+)", source))
    assert classes <= set(re.findall(r"\.(desk-[a-z]+)", style)), "run `make form-style`"
    for none_of_ours in ("GDS Transport", "@font-face", "crown", "url("):
        assert none_of_ours not in style


def test_a_file_of_another_release_is_todays_and_is_not_kept(desk: FormDesk) -> None:
    assert desk.ask("GET", "/report/style-0000.css")[0] == 200
    assert desk.last["headers"]["cache-control"] == "no-store"
    assert desk.ask("GET", "/report/other-0000.css")[0] == 404


def test_a_second_language_is_offered_and_goes_with_the_report(
    desk: FormDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for language, name in (("en", "English"), ("cy", "Cymraeg")):
        text = (FOLDER / "en.toml").read_text().replace('language = "English"', f'language = "{name}"')
        (tmp_path / f"{language}.toml").write_text(text)
    monkeypatch.setattr("functions.report.form.messages.FOLDER", tmp_path)
    sentences.cache_clear()
    try:
        person = desk.person()
        assert "/report?language=cy" in person.open().links
        person.open("/report?language=cy")
        while person.page.action != "/report/check":
            assert '<html lang="cy"' in person.page.html
            person.press(**{name: text for name, text in ANSWERS.items() if name in person.page.offered})
        person.press()
    finally:
        sentences.cache_clear()

    assert desk.sent[0]["language"] == "cy"


def test_the_icon_of_every_public_page_is_in_the_forces_colour(desk: FormDesk) -> None:
    status, picture = desk.ask("GET", "/report/icon.svg")
    assert (status, desk.force.report_form.colour in picture) == (200, True)
    assert desk.last["headers"]["content-type"] == "image/svg+xml"
