"""What docs/deploy.md says of the stack is what the template holds: its parameters, its outputs, and what stays."""

from __future__ import annotations

import json
import re

from tests.infra.assembly import Assembly
from tests.pages import ROOT, blocks_of, spans_of

PAGE = "deploy.md"
# The page's words for what a deleted stack leaves behind.
STAYS = {
    "AWS::Cognito::UserPool": "the user pool",
    "AWS::DynamoDB::Table": "the table",
    "AWS::KMS::Key": "the keys",
    "AWS::S3::Bucket": "the buckets",
    "AWS::SecretsManager::Secret": "the secrets",
    "AWS::SNS::Topic": "the lists",
}


def test_every_parameter_of_the_page_is_one_of_the_stack(example_desk: Assembly) -> None:
    given = {
        each.partition("=")[0]
        for block in blocks_of(PAGE)
        for words in block.commands()
        for option in words
        if option.startswith("PARAMETERS=")
        for each in option.removeprefix("PARAMETERS=").split()
    }
    assert given >= {"DutyInspectorSms", "ContactDeskEmail", "JwtIssuer", "JwtAudience"}
    assert given <= example_desk.template["Parameters"].keys()


def test_every_output_of_the_page_is_one_of_the_stack(example_desk: Assembly) -> None:
    asked = {words[1] for block in blocks_of(PAGE) for words in block.commands() if words[0] == "out"}
    asked |= {span for span in spans_of(PAGE) if re.fullmatch(r"[A-Z]\w+(Arn|Url|Id|Name)", span)}
    assert asked >= {"ApiUrl", "FrontDoorUrl", "UserPoolId"}
    assert asked <= example_desk.template["Outputs"].keys()


def test_what_stays_is_what_the_page_says(example_desk: Assembly) -> None:
    retained = {
        resource["Type"]
        for resource in example_desk.resources.values()
        if resource.get("DeletionPolicy") == "Retain"
    }
    assert retained == STAYS.keys()
    parts = (ROOT / "docs" / PAGE).read_text().split("\n\n")
    (told,) = (" ".join(part.split()) for part in parts if part.startswith("What stays is"))
    assert [words for words in STAYS.values() if words not in told] == []


def test_nobody_takes_a_part_of_a_live_desk_down_in_passing(
    desk: Assembly, example_desk: Assembly, full_desk: Assembly
) -> None:
    for assembly, protected in ((desk, False), (example_desk, True), (full_desk, True)):
        artifacts = json.loads((assembly.folder / "manifest.json").read_text())["artifacts"].values()
        stacks = [one["properties"] for one in artifacts if one["type"] == "aws:cloudformation:stack"]
        assert len(stacks) > 1
        assert {one.get("terminationProtection", False) for one in stacks} == {protected}
