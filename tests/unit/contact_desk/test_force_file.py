"""The force file: what it refuses, with the place and what is allowed, and what it gives."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from contact_desk.alert_rules import AlertLadder, LadderStep
from contact_desk.alerts import AlertRank, AlertRoute
from contact_desk.errors import ForceFileError
from contact_desk.force_file import load_force_file, parse_force_file

FORCES = Path(__file__).resolve().parents[3] / "forces"
TEXT = (FORCES / "merseyside.toml").read_text()


def line_of(part: str) -> int:
    return TEXT[: TEXT.index(part)].count("\n") + 1


@pytest.mark.parametrize(
    ("right", "wrong", "place", "allowed"),
    [
        ('short_code = "MP"', 'short_code = "m"', "short_code", "[A-Z]{2,4}"),
        ('time_zone = "Europe/London"', 'time_zone = "GMT+1"', "time_zone", "IANA"),
        ('account = "2218450961"', 'account = "@force"', "channels.x.account", "[0-9]{1,32}"),
        ('platform = "x"', 'platform = "twitter"', "channels.x.platform", "'meta', 'x' or 'sms'"),
        ("lease_seconds = 600", 'lease_seconds = "ten"', "claims.lease_seconds", "integer"),
        (
            "target_minutes = 240",
            "target_minutes = 0",
            "grades.scheduled.target_minutes",
            "greater than or equal to 1",
        ),
        ("emergency_every_minutes = 15", "emergency_every = 15", "automatic_texts", "Field required"),
        ("[alerts.A2]", "[alerts.A4]", "alerts.A4", "'A1', 'A2' or 'A3'"),
    ],
)
def test_a_mistake_names_file_line_field_and_what_is_allowed(
    right: str, wrong: str, place: str, allowed: str
) -> None:
    with pytest.raises(ForceFileError) as refused:
        parse_force_file(TEXT.replace(right, wrong, 1), "m.toml")

    first = str(refused.value).splitlines()[0]
    number, field = first.split(":")[1:3]
    assert first.startswith("m.toml:")
    assert field.strip().startswith(place)
    assert allowed in str(refused.value)
    assert abs(int(number) - line_of(right)) <= 1


def test_every_mistake_is_named_at_once() -> None:
    text = TEXT.replace('short_code = "MP"', 'short_code = "m"').replace(
        "lease_seconds = 600", "lease_seconds = 1"
    )

    with pytest.raises(ForceFileError) as refused:
        parse_force_file(text, "m.toml")

    assert len(str(refused.value).splitlines()) == 2


def test_a_text_may_only_use_placeholders_that_are_filled() -> None:
    with pytest.raises(ForceFileError, match="the placeholders allowed are"):
        parse_force_file(TEXT.replace("{reference}", "{ref}", 1), "m.toml")


def test_the_neutral_text_can_name_nothing() -> None:
    with pytest.raises(ForceFileError, match="neither the force nor a reference"):
        parse_force_file(TEXT.replace("If you need help now, ring 999.", "{force}: ring 999."), "m.toml")


def test_what_is_not_toml_says_where() -> None:
    with pytest.raises(ForceFileError, match="line 3"):
        parse_force_file("name = 'a'\n\nshort_code == 1\n", "m.toml")


def test_texts_are_given_in_the_persons_language_where_the_force_has_it() -> None:
    force = load_force_file(FORCES / "merseyside.toml")

    assert force.texts_for("cy") is force.texts["cy"]
    assert force.texts_for("pl") is force.texts["en"]
    assert force.texts_for(None) is force.texts["en"]


def test_a_written_text_has_no_brace_left() -> None:
    for name in ("merseyside", "example"):
        force = load_force_file(FORCES / f"{name}.toml")
        for texts in force.texts.values():
            for _, text in texts:
                written = force.write(text, reference="MP-0000-0000-0", who="somebody", how="ring")
                assert "{" not in written
                assert "}" not in written


def test_the_ladder_climbs_then_repeats_then_ends() -> None:
    steps = tuple(LadderStep(after_seconds=seconds) for seconds in (60, 180))
    ladder = AlertLadder(steps=steps, then_every_seconds=300)
    once = AlertLadder()

    assert [ladder.next_nudge(number) for number in range(4)] == [
        timedelta(seconds=seconds) for seconds in (60, 180, 480, 780)
    ]
    assert once.next_nudge(0) is None


def test_a1_is_nudged_after_a_minute_and_again_by_three() -> None:
    for name in ("merseyside", "example"):
        ladder = load_force_file(FORCES / f"{name}.toml").alerts[AlertRank.A1]
        assert ladder.next_nudge(0) == timedelta(seconds=60)
        assert ladder.next_nudge(1) == timedelta(seconds=180)
        assert ladder.next_nudge(50) is not None


def test_a_step_takes_its_own_routes_and_the_steady_pace_those_of_the_last() -> None:
    sms = frozenset({AlertRoute.SMS})
    ladder = AlertLadder(
        opens_on=frozenset({AlertRoute.HOOK}),
        steps=(LadderStep(after_seconds=60), LadderStep(after_seconds=180, on=sms)),
        then_every_seconds=300,
    )

    assert [ladder.routes(nudge) for nudge in range(5)] == [{"hook"}, set(), sms, sms, sms]
    assert AlertLadder(opens_on=sms).routes(7) == sms


def test_the_second_route_to_life_at_risk_is_taken_by_three_minutes() -> None:
    for name in ("merseyside", "example"):
        ladder = load_force_file(FORCES / f"{name}.toml").alerts[AlertRank.A1]
        second = next(step for step in ladder.steps if step.on > ladder.opens_on)
        assert second.after_seconds <= 180


def test_steps_that_do_not_climb_are_refused() -> None:
    with pytest.raises(ForceFileError, match=r"m\.toml:\d+: alerts\.A1: steps must climb"):
        parse_force_file(TEXT.replace("after_seconds = 180", "after_seconds = 60"), "m.toml")


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ('handle = "ExshirePolice"\n', "", "channels.x.handle"),
        ("reply_window_hours = 24\n", "reply_window_hours = 48\n", "more than 24 needs human_agent"),
        ('secret = "sms"\n', 'secret = "sms"\nhuman_agent = true\n', "channels.sms.human_agent"),
        (
            'secret = "sms"\n',
            'secret = "sms"\ntemplate = { name = "a", language = "en" }\n',
            "channels.sms.template",
        ),
        ('public = """Please', 'public = """' + "日" * 100 + " Please", "texts.en.public: at most 280"),
        (
            'emergency = """Please',
            'emergency = """' + "é" * 400 + " Please",
            "texts.en.emergency: at most 1000",
        ),
        (
            'how = "ring 105, free, day or night.',
            'how = "' + "é" * 440 + ".",
            "texts.en.signpost: at most 1000",
        ),
    ],
)
def test_what_a_channel_would_refuse_is_refused_in_the_force_file(was: str, becomes: str, told: str) -> None:
    example = (FORCES / "example.toml").read_text()
    text = example.replace(was, becomes, 1)

    assert text != example
    with pytest.raises(ForceFileError, match=told):
        parse_force_file(text, "example.toml")


def test_a_force_may_have_human_agents_and_a_template() -> None:
    text = (FORCES / "example.toml").read_text()
    text = text.replace("reply_window_hours = 24\n", "reply_window_hours = 168\nhuman_agent = true\n", 1)
    number = 'account = "100000000000101"\n'
    text = text.replace(number, number + 'template = { name = "desk_reply", language = "en_GB" }\n')

    force = parse_force_file(text, "example.toml")

    assert force.channels["messenger"].human_agent
    template = force.channels["whatsapp"].template
    assert template is not None
    assert (template.name, template.language) == ("desk_reply", "en_GB")


def test_a_signpost_is_told_in_the_languages_it_has_and_else_in_the_first() -> None:
    council = parse_force_file(TEXT, "merseyside.toml").signposts["council"]
    assert [council.words(one).who for one in ("cy", "pl", None)] == [
        "eich cyngor lleol",
        "your local council",
        "your local council",
    ]


def test_a_signpost_in_a_language_that_the_force_has_not_is_a_slip() -> None:
    with pytest.raises(ForceFileError, match="signposts: fr is none of languages"):
        parse_force_file(TEXT.replace("also.cy.", "also.fr."), "merseyside.toml")
