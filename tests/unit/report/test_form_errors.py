"""What is wrong on a page is said above it, at the field and in the title, and nothing that was typed is lost."""

from __future__ import annotations

import pytest

from contact_desk.errors import StoreError
from functions.report.form.messages import FOLDER, sentences
from functions.report.form.questions import CALL_999, QUESTIONS, Field, Kind
from tests.form_walker import FormWalker
from tests.unit.report.form import ANSWERS, FormDesk

LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.toml"))
WRONG: dict[Kind, dict[str, str]] = {
    Kind.CHOICE: {},
    Kind.LINE: {},
    Kind.PROSE: {},
    Kind.EMAIL: {"ada": "not_one", "ada@": "not_one", "a b@example.org": "not_one", "ada@example": "not_one"},
    Kind.PHONE: {"12": "not_one", "call me": "not_one"},
}


def mistakes_of(field: Field) -> dict[str, str]:
    """What may be entered wrongly into the field, and what it is then told to be."""
    found = dict(WRONG[field.kind])
    if field.needed:
        # What cannot be seen is nothing: a zero-width space, a mark that turns the writing round.
        found |= {"": "missing"} | (
            {} if field.kind is Kind.CHOICE else {"  \n": "missing", "\u200b\u202e": "missing"}
        )
    if field.limit:
        found["x" * (field.limit + 1)] = "too_long"
    return found


EVERY_MISTAKE = [
    pytest.param(page.name, field.name, typed, wrong, id=f"{page.name}-{field.name}-{wrong}-{len(typed)}")
    for page in QUESTIONS
    for field in page.fields
    for typed, wrong in mistakes_of(field).items()
]


def at(person: FormWalker, page: str, language: str = "en") -> FormWalker:
    """Somebody who has come as far as this page."""
    person.open(f"/report?language={language}")
    while person.page.action != f"/report/{page}":
        person.press(**{name: text for name, text in ANSWERS.items() if name in person.page.offered})
    return person


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("page", "name", "typed", "wrong"), EVERY_MISTAKE)
def test_every_mistake_is_told_by_the_pattern_and_loses_nothing(
    page: str, name: str, typed: str, wrong: str, language: str
) -> None:
    desk = FormDesk()
    person = at(desk.person(), page, language)
    others = {one: text for one, text in ANSWERS.items() if one in person.page.offered and one != name}
    entered = {**others, **({name: typed} if typed or wrong != "missing" or name not in ANSWERS else {})}
    if typed == "" and name in person.page.offered and name in {"what", "where", "when", "name"}:
        entered[name] = ""
    shown = person.press(**entered)

    words = sentences(language)
    told = words.get(f"{page}.{name}_{wrong}") or words[f"{page}.{wrong}"]
    assert shown.action == f"/report/{page}"
    assert shown.errors == [told]
    assert f'href="#{name}"' in shown.html
    assert name in shown.ids
    assert f'id="{name}-error"' in shown.html
    assert shown.title.startswith(words["frame.error_title"].split("{")[0])
    assert not desk.queue.sent
    kept = {one: shown.fields.get(one, "") for one in entered}
    # A line is kept without the blanks around it.
    assert {one: text.strip() for one, text in kept.items()} == {
        one: text.strip() for one, text in entered.items()
    }


def test_one_of_address_and_number_is_enough_and_none_is_not() -> None:
    desk = FormDesk()
    person = at(desk.person(), "reach")
    shown = person.press(email="", phone="", how="text only")
    assert shown.errors == ["Enter an email address or a phone number"]
    assert shown.fields["how"] == "text only"

    assert person.press(phone="07700 900 982").action == "/report/check"


def test_several_mistakes_are_told_in_the_order_of_the_page() -> None:
    person = at(FormDesk().person(), "reach")
    shown = person.press(email="ada", phone="12")

    assert [link for link in shown.links if link.startswith("#") and link != "#main-content"] == [
        "#email",
        "#phone",
    ]


@pytest.mark.parametrize("field", [field for page in QUESTIONS for field in page.fields if field.limit])
def test_what_a_field_takes_at_most_the_desk_takes_too(field: Field) -> None:
    longest = {
        Kind.EMAIL: "a" * (field.limit - len("@example.org")) + "@example.org",
        Kind.PHONE: "1" * field.limit,
    }.get(field.kind, "x" * field.limit)
    desk = FormDesk()
    person = desk.person()
    person.to_check(**{**ANSWERS, field.name: longest})

    assert person.press().heading == "Report sent"


def test_an_emergency_that_is_too_long_to_be_held_is_told_so_below_999() -> None:
    desk = FormDesk()
    person = desk.person()
    person.open()
    person.press(emergency="yes")
    long = "x" * (CALL_999.fields[0].limit + 1)
    shown = person.press("send", what=long)

    assert shown.heading == "Call 999 now"
    assert shown.errors == ["What is happening must be 10,000 characters or fewer"]
    assert shown.fields["what"] == long
    assert person.press("send", what=long[1:]).heading == "The desk has your message"


class TestWhenTheDeskDoesNotTakeIt:
    @pytest.mark.parametrize("what_fails", ["archive", "queue"])
    def test_the_check_still_stands_and_a_second_try_is_one_report(
        self, what_fails: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk = FormDesk()
        person = desk.person()
        person.to_check(**ANSWERS)

        def fail(*_: object) -> None:
            raise StoreError("told to fail")

        with monkeypatch.context() as broken:
            if what_fails == "archive":
                broken.setattr(desk.archive, "put", fail)
            else:
                broken.setattr(desk.queue, "send", fail)
            shown = person.press()

        assert shown.status == 503
        assert shown.action == "/report/check"
        assert "Try again in a moment" in shown.text
        assert ANSWERS["what"] in shown.text
        assert person.press().heading == "Report sent"
        assert len({contact.native_id for contact in desk.queue.sent}) == 1

    def test_an_emergency_is_told_so_too_with_999_on_the_page(self, monkeypatch: pytest.MonkeyPatch) -> None:
        desk = FormDesk()
        person = desk.person()
        person.open()
        person.press(emergency="yes")

        def fail(*_: object) -> None:
            raise StoreError("told to fail")

        monkeypatch.setattr(desk.queue, "send", fail)
        shown = person.press("send", what="he is back")

        assert (shown.status, shown.heading) == (503, "Call 999 now")
        assert shown.fields["what"] == "he is back"

    def test_without_the_key_the_first_page_says_how_else_to_reach_the_police(self) -> None:
        desk = FormDesk()
        desk.seal.lost = True
        shown = desk.person().open()

        assert (shown.status, shown.heading) == (503, "The form does not work at the moment")
        assert "999" in shown.text
        assert "101" in shown.text

    def test_without_the_key_nothing_typed_is_lost(self) -> None:
        desk = FormDesk()
        person = at(desk.person(), "what")
        desk.seal.lost = True
        shown = person.press(what=ANSWERS["what"])
        assert (shown.status, shown.fields["what"]) == (503, ANSWERS["what"])

        desk.seal.lost = False
        assert person.press().action == "/report/where"

    def test_without_the_key_an_emergency_is_heard_all_the_same(self) -> None:
        desk = FormDesk()
        person = desk.person()
        person.open()
        person.press(emergency="yes")
        desk.seal.lost = True
        for _ in range(2):
            page = person.page
            assert person.press("send", what="he is back").heading == "The desk has your message"
            person.page = page

        assert len({report["report_id"] for report in desk.sent}) == 1
        assert desk.sent[0]["emergency_now"] is True
