"""The data map: made from the code, with words for everything and no words for what is not there."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, get_type_hints

import pytest

from cli.data_map import words as data_map_words
from cli.data_map.filled import MOMENT, filled
from cli.data_map.page import data_map
from cli.data_map.papers import ENDED_AS, impact_assessment, privacy_notice
from cli.data_map.places import places, readers, unknown
from cli.data_map.stored import Kind, kinds
from cli.data_map.words import NoWordsError, of_field, of_kind, of_place, words
from contact_desk.alerts import Alert
from contact_desk.cases import Case, Disposition
from contact_desk.contacts import Contact
from contact_desk.force_file import ForceFile
from contact_desk.stores import keys
from tests.builders import force

FORCES = ("merseyside", "example")
TEMPLATE: dict[str, Any] = {
    "Resources": {
        "DeskTable": {"Type": "AWS::DynamoDB::Table", "Properties": {}},
        "ArchiveBucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"LifecycleConfiguration": {"Rules": [{"ExpirationInDays": 90, "Prefix": "raw/"}]}},
        },
        "OutboxQueue": {"Type": "AWS::SQS::Queue", "Properties": {"MessageRetentionPeriod": 345600}},
        "OutboxDlq": {"Type": "AWS::SQS::Queue", "Properties": {"MessageRetentionPeriod": 1209600}},
        "Logs1": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 90}},
        "Triage": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"LoggingConfig": {"LogGroup": {"Ref": "Logs1"}}},
        },
        "Policy": {
            "Type": "AWS::IAM::Policy",
            "Properties": {
                "Roles": [{"Ref": "TriageRole"}],
                "PolicyDocument": {
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": "dynamodb:GetItem",
                            "Resource": {"Fn::GetAtt": ["DeskTable", "Arn"]},
                            "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["case#*"]}},
                        }
                    ]
                },
            },
        },
    }
}


@pytest.fixture(scope="module")
def known() -> dict[str, Kind]:
    return {one.name: one for one in kinds()}


def test_every_key_of_the_table_is_that_of_a_kind_that_is_described(known: dict[str, Kind]) -> None:
    described = {(one.pk.partition("#")[0], one.sk[:4]) for one in known.values()}
    for name, build in inspect.getmembers(keys, inspect.isfunction):
        hints = get_type_hints(build)
        if hints.pop("return") != keys.Key or '"pk"' not in inspect.getsource(build):
            continue
        made = build(**{each: given(each, hint) for each, hint in hints.items()})
        place = (made["pk"].partition("#")[0], made["sk"].partition("#")[0][:4])
        assert place in described, f"{name}: no kind of the data map is kept there"


def given(name: str, hint: Any) -> Any:
    if hint is date:
        return MOMENT.date()
    return MOMENT if hint is datetime or "datetime" in str(hint) else "0" if "str" in str(hint) else 0


def test_a_field_of_a_record_is_in_the_map_by_itself(known: dict[str, Kind]) -> None:
    for name, record in (("case", Case), ("alert", Alert), ("contact", Contact)):
        stored = set(known[name].fields)
        elsewhere = {"origin"}  # as country, and how it was learnt
        lacking = {one.name for one in fields(record)} - stored - elsewhere
        assert lacking == set(), name


def test_everything_has_words_and_no_words_are_of_anything_else(known: dict[str, Kind]) -> None:
    assert words()["kinds"].keys() == known.keys()
    named = {field for one in known.values() for field in one.fields}
    for one in known.values():
        assert {"title", "holds", "about", "purpose", "basis", "kept", "shown_by"} == of_kind(one.name).keys()
        assert of_kind(one.name)["basis"] in words()["bases"]
        for field in one.fields:
            assert of_field(one.name, field)
    assert words()["fields"].keys() <= named
    marked = words()["personal"]
    assert set(marked["fields"]) | set(marked["staff"]) <= named
    for kind, own in words()["fields_of"].items():
        assert own.keys() <= set(known[kind].fields)


def test_what_has_no_words_stops_the_map() -> None:
    for look in (
        lambda: of_kind("diary"),
        lambda: of_field("case", "shoe_size"),
        lambda: of_place("buckets", "Another"),
    ):
        with pytest.raises(NoWordsError):
            look()
    more = {**TEMPLATE["Resources"], "NewBucket": {"Type": "AWS::S3::Bucket", "Properties": {}}}
    with pytest.raises(NoWordsError, match="NewBucket"):
        data_map({"Resources": more}, force(), "live")


def test_the_template_tells_the_places_their_times_and_who_reads() -> None:
    found = {(one.section, one.name): one.kept for one in places(TEMPLATE)}
    assert found == {
        ("buckets", "ArchiveBucket"): "90 days below raw/",
        ("queues", "Outbox"): "4 days, as a dead letter 14 days",
        ("logs", "Triage"): "90 days",
    }
    assert readers(TEMPLATE, "case#…") == ["Triage"]
    assert readers(TEMPLATE, "audit#…") == []
    assert unknown(TEMPLATE) == []
    rds = {"Resources": {"Store": {"Type": "AWS::RDS::DBInstance"}}}
    assert unknown(rds) == ["Store (AWS::RDS::DBInstance)"]


def test_the_page_says_who_sees_what_and_what_the_regime_changes() -> None:
    page = data_map(TEMPLATE, force(), "live")
    for title in ("## The two regimes", "## How long, by class", "## Records in the table", "## Buckets"):
        assert title in page
    for rule in force().retention.classes.values():
        assert f"| {rule.keep_days} days |" in page
    case = page.partition("### Case\n")[2].partition("###")[0]
    assert "| people | operator, supervisor; of a restricted case those named alone |" in case
    assert "| functions | Triage |" in case
    assert "| `person_name` | p |" in case
    assert "| `closed_by` | s |" in case


@dataclass
class Nested:
    """A record of everything that a type may be made of."""

    name: str | None
    moments: tuple[datetime, ...]
    case: Case | None
    fields: dict[str, int]


def test_a_record_is_filled_to_the_last_field() -> None:
    made = filled(Nested, name="given")
    assert (made.name, made.moments, made.fields) == ("given", (MOMENT,), {})
    assert made.case
    assert made.case.claim


@pytest.mark.parametrize("name", FORCES)
def test_a_forces_notice_tells_its_channels_times_rights_and_whom_to_ask(name: str) -> None:
    own = force(name)
    notice = privacy_notice(own)
    for said in (
        own.name,
        own.privacy.controller,
        own.privacy.officer,
        own.privacy.reach,
        "Childline",
        "ico.org.uk",
    ):
        assert said in notice
    assert "X" in notice.partition("you take back on ")[2][:5]
    assert (own.privacy_notice is not None) == ("language model" in notice)
    assert "{" not in notice
    assert {*ENDED_AS} == {*Disposition}
    for ended in ENDED_AS.values():
        assert ended in notice


def test_a_force_with_a_second_reader_says_so_and_one_that_keeps_what_is_taken_back_does_not() -> None:
    own = force()
    reader = {"model": "amazon.nova-lite-v1:0", "reads_a_day": 100}
    channels = {"messenger": own.channels["messenger"]}
    other = ForceFile.model_validate(
        {
            **own.model_dump(),
            "second_reader": reader,
            "channels": channels,
            "broadcasts": {**own.broadcasts.model_dump(), "channels": {}},
        }
    )
    notice = privacy_notice(other)
    assert other.privacy_notice
    assert other.privacy_notice in notice
    assert "take back" not in notice
    assert "amazon.nova-lite-v1:0" in impact_assessment(other)


@pytest.mark.parametrize("name", FORCES)
def test_the_assessment_is_filled_as_far_as_the_code_knows(name: str) -> None:
    own = force(name)
    paper = impact_assessment(own)
    for said in (own.privacy.controller, "case, contact", "## 5. Risks", "*["):
        assert said in paper
    for rule in own.retention.classes.values():
        assert f"{rule.keep_days} days" in paper
    assert "{" not in paper


def test_the_words_are_read_from_their_file_alone() -> None:
    assert data_map_words.FILE.name == "words.toml"
