"""The operators' screen on AWS: its address, its policy, its sign-in, and the stack that lays it out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from contact_desk.web_pages import CONSOLE_PAGE, console_policy
from infra.app import build_app
from infra.console_stack import ConsoleNotBuiltError, ConsoleStack
from infra.desk_stack import DeskStack
from tests.infra.assembly import Assembly, Properties

SETTINGS = {"authority": "https://issuer.example", "client_id": "console", "scope": "openid"}


@pytest.fixture
def behaviour(desk: Assembly) -> Properties:
    (found,) = [
        one
        for one in desk.properties("FrontDoor")["DistributionConfig"]["CacheBehaviors"]
        if one["PathPattern"] == "/console*"
    ]
    behaviour: Properties = found
    return behaviour


def written(value: Any) -> str:
    """A joined value with what it refers to in braces."""
    match value:
        case str():
            return value
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(written(part) for part in parts)
        case _:
            return "{}"


def test_the_screen_may_run_its_own_script_and_call_who_signs_people_in(
    desk: Assembly, behaviour: Properties
) -> None:
    (name,) = desk.references_in(behaviour["ResponseHeadersPolicyId"])
    headers = desk.properties(name)["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    policy = written(headers["ContentSecurityPolicy"]["ContentSecurityPolicy"])

    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "require-trusted-types-for 'script'; trusted-types 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "connect-src 'self' https://{} https://" in policy
    assert "amazoncognito.com;" in policy
    assert "unsafe" not in policy
    assert "CorsConfig" not in desk.properties(name)["ResponseHeadersPolicyConfig"]


def test_the_policy_is_the_one_that_a_workstation_serves() -> None:
    assert "connect-src 'self' http://127.0.0.1:1;" in console_policy("http://127.0.0.1:1")


def test_every_address_that_names_no_file_is_the_screen_itself(desk: Assembly, behaviour: Properties) -> None:
    (association,) = behaviour["FunctionAssociations"]
    (name,) = desk.references_in(association["FunctionARN"])

    assert association["EventType"] == "viewer-request"
    assert f'request.uri = "/{CONSOLE_PAGE}"' in desk.properties(name)["FunctionCode"]
    assert set(behaviour["AllowedMethods"]) == {"GET", "HEAD"}


def test_the_pool_signs_people_in_by_code_alone_and_sends_them_back_to_the_screen(desk: Assembly) -> None:
    client = desk.properties("UserPoolClient")

    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["GenerateSecret"] is False
    (back,) = client["CallbackURLs"]
    assert written(back).endswith("/console/signed-in")
    assert desk.references_in(desk.properties("UserPoolDomain")["UserPoolId"]) == {"UserPool"}
    assert set(desk.properties("UserPool")["AliasAttributes"]) == {"email"}


def test_alerts_link_to_the_screen_unless_a_parameter_names_another(desk: Assembly) -> None:
    condition, own, given = desk.properties("Notify")["Environment"]["Variables"]["CONSOLE_URL"]["Fn::If"]

    assert desk.template["Conditions"][condition] == {"Fn::Equals": [{"Ref": "ConsoleUrl"}, ""]}
    assert written(own).endswith("/console")
    assert given == {"Ref": "ConsoleUrl"}


def test_the_page_that_names_the_files_is_the_last_to_change(built_console: Path, tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path / "out"), analytics_reporting=False)
    ConsoleStack(
        app, "Console", built=built_console, bucket_name="shelf", settings=SETTINGS, stack_name="console"
    )
    app.synth()
    resources = json.loads((tmp_path / "out/Console.template.json").read_text())["Resources"]
    first, last = sorted(
        (one for one in resources.values() if one["Type"] == "Custom::CDKBucketDeployment"),
        key=lambda one: len(one.get("DependsOn", [])),
    )

    assert first["Properties"]["Include"] == last["Properties"]["Exclude"] == ["assets/*"]
    assert "immutable" in str(first["Properties"]["SystemMetadata"])
    assert last["Properties"]["SystemMetadata"] == {"cache-control": "no-cache"}
    assert {one["Properties"]["DestinationBucketKeyPrefix"] for one in (first, last)} == {"console"}
    assert {one["Properties"]["Prune"] for one in (first, last)} == {False}
    assert any("Assets" in name for name in last["DependsOn"])


def test_a_release_without_a_screen_is_refused_and_a_trial_goes_without(tmp_path: Path) -> None:
    app = build_app({"DESK_BUNDLE": "host"}, outdir=str(tmp_path))
    desk = next(one for one in app.node.children if isinstance(one, DeskStack))

    assert ConsoleStack.beside(app, desk, built=tmp_path / "nothing", release=False) is None
    with pytest.raises(ConsoleNotBuiltError):
        ConsoleStack.beside(app, desk, built=tmp_path / "nothing", release=True)
