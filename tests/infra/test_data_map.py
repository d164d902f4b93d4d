"""The data map against the templates: complete, and the one in the docs is the one that the code makes."""

from __future__ import annotations

from pathlib import Path

from cli.data_map.page import data_map
from cli.data_map.places import SECTIONS, places, readers, unknown
from cli.data_map.stored import kinds
from cli.data_map.words import of_place
from contact_desk.force_file import load_force_file
from tests.infra.assembly import Assembly

ROOT = Path(__file__).parents[2]


def test_every_bucket_queue_log_and_topic_has_words_and_nothing_that_keeps_data_is_left_out(
    desk: Assembly, example_desk: Assembly
) -> None:
    for assembly in (desk, example_desk):
        found = places(assembly.template)
        for one in found:
            assert of_place(one.section, one.name)["holds"]
        assert unknown(assembly.template) == []
        buckets = [one for one in found if one.section == "buckets"]
        assert len(buckets) == len(assembly.of_type("AWS::S3::Bucket"))
        logs = [one for one in found if one.section == "logs"]
        assert len(logs) == len(assembly.of_type("AWS::Logs::LogGroup"))
    assert len(desk.of_type("AWS::DynamoDB::Table")) == 1
    assert set(SECTIONS.values()) == {"buckets", "queues", "logs", "places"}


def test_what_the_map_says_of_readers_is_what_the_roles_say(desk: Assembly) -> None:
    assert readers(desk.template, "survey#…") != []
    assert "DataDeletion" not in readers(desk.template, "contact#…")
    assert "DataDeletion" in readers(desk.template, "deletion#…")
    for kind in kinds():
        assert not {"Webhooks", "Report", "Survey"} & set(readers(desk.template, kind.pk)), kind.name


def test_the_map_in_the_docs_is_the_one_that_this_code_makes(example_desk: Assembly) -> None:
    force = load_force_file(ROOT / "forces" / "example.toml")
    made = data_map(example_desk.template, force, "live")
    kept = (ROOT / "docs" / "data-map.md").read_text()
    assert kept == made, "make data-map"
