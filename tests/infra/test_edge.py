"""The edge: the force's own domain, a web ACL that never blocks for what people write, and no way around it."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest

from contact_desk.stage_rules import Edge
from infra.edge_stack import EdgeStack
from infra.stage import Stage
from tests.infra.assembly import Assembly, Properties
from tests.infra.everything import DOMAIN

FOR_PEOPLE = {
    "GET /report",
    "GET /report/{page}",
    "POST /report/{page}",
    "POST /reports",
    "GET /live/{reference}",
    "GET /survey/{token}",
    "POST /survey/{token}",
    "GET /data-deletion/{code}",
}
FOR_PLATFORMS = ("/webhooks/", "POST /data-deletion/meta")


@pytest.fixture(scope="module")
def edge(full_desk: Assembly) -> Assembly:
    return Assembly(full_desk.folder, "Edge")


@pytest.fixture(scope="module")
def rules(edge: Assembly) -> dict[str, Properties]:
    return {rule["Name"]: rule for rule in edge.properties("WebAcl")["Rules"]}


def test_a_stage_without_a_domain_has_no_edge_and_no_gate(desk: Assembly) -> None:
    assert not (desk.folder / "Edge.template.json").exists()
    assert "Origin" not in desk.of_type("AWS::Lambda::Function")
    assert "Aliases" not in desk.properties("FrontDoor")["DistributionConfig"]


def test_certificate_and_acl_are_where_cloudfront_takes_them_from(
    full_desk: Assembly, edge: Assembly
) -> None:
    manifest = json.loads((full_desk.folder / "manifest.json").read_text())["artifacts"]
    assert manifest["Edge"]["environment"] == "aws://unknown-account/us-east-1"
    assert manifest["Desk"]["environment"] == "aws://unknown-account/eu-west-2"
    (certificate,) = edge.of_type("AWS::CertificateManager::Certificate").values()
    assert certificate["DomainName"] == DOMAIN
    assert certificate["DomainValidationOptions"][0]["HostedZoneId"] == "Z0123456789ABCDEFGHIJ"
    assert edge.properties("WebAcl")["Scope"] == "CLOUDFRONT"


def test_the_distribution_stands_behind_both(full_desk: Assembly) -> None:
    config = full_desk.properties("FrontDoor")["DistributionConfig"]
    assert config["Aliases"] == [DOMAIN]
    for given in (config["WebACLId"], config["ViewerCertificate"]["AcmCertificateArn"]):
        assert given["Fn::GetStackOutput"]["StackName"] == "contact-desk-merseyside-live-edge"
        assert given["Fn::GetStackOutput"]["Region"] == "us-east-1"
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"


def test_links_carry_the_forces_own_domain(full_desk: Assembly) -> None:
    _, own, _ = full_desk.properties("Notify")["Environment"]["Variables"]["PAGES_URL"]["Fn::If"]
    assert own == f"https://{DOMAIN}"


def test_one_address_that_floods_waits_and_nobody_is_blocked_for_what_is_written(
    rules: dict[str, Properties],
) -> None:
    blocking = {name for name, rule in rules.items() if "Block" in rule.get("Action", {})}
    assert blocking == {"TooMany"}
    rate = rules["TooMany"]["Statement"]["RateBasedStatement"]
    assert (rate["Limit"], rate["EvaluationWindowSec"], rate["AggregateKeyType"]) == (2500, 300, "IP")
    for name, rule in rules.items():
        group: dict[str, Any] = rule["Statement"].get("ManagedRuleGroupStatement", {})
        counted = {
            each["Name"] for each in group.get("RuleActionOverrides", []) if "Count" in each["ActionToUse"]
        }
        if name == "AWSManagedRulesCommonRuleSet":
            assert counted >= {
                "CrossSiteScripting_BODY",
                "EC2MetaDataSSRF_BODY",
                "GenericLFI_BODY",
                "GenericRFI_BODY",
                "SizeRestrictions_BODY",
            }
        if name == "AWSManagedRulesKnownBadInputsRuleSet":
            assert counted >= {"JavaDeserializationRCE_BODY", "Log4JRCE_BODY"}
        if name == "AWSManagedRulesAmazonIpReputationList":
            assert rule["OverrideAction"] == {"Count": {}}


def test_the_edge_keeps_no_sample_and_no_log_of_who_asked_for_what(
    edge: Assembly, rules: dict[str, Properties]
) -> None:
    seen = [
        edge.properties("WebAcl")["VisibilityConfig"],
        *(rule["VisibilityConfig"] for rule in rules.values()),
    ]
    assert {each["SampledRequestsEnabled"] for each in seen} == {False}
    assert edge.of_type("AWS::WAFv2::LoggingConfiguration") == {}


def test_routes_for_people_ask_whether_the_call_came_by_the_front_door_and_webhooks_do_not(
    full_desk: Assembly,
) -> None:
    authorizers = full_desk.of_type("AWS::ApiGatewayV2::Authorizer")
    (gate,) = [name for name, one in authorizers.items() if one["AuthorizerType"] == "REQUEST"]
    assert authorizers[gate]["IdentitySource"] == ["$request.header.x-desk-origin"]
    assert authorizers[gate]["EnableSimpleResponses"] is True
    routes = {one["RouteKey"]: one for one in full_desk.of_type("AWS::ApiGatewayV2::Route").values()}
    asked = {
        key
        for key, one in routes.items()
        if one["AuthorizationType"] == "CUSTOM" and one["AuthorizerId"] == {"Ref": gate}
    }
    assert asked == FOR_PEOPLE
    open_still = {key for key, one in routes.items() if one["AuthorizationType"] == "NONE"}
    assert all(any(way in key for way in (*FOR_PLATFORMS, "GET /health")) for key in open_still)


def test_the_distribution_adds_the_secret_which_no_template_shows(full_desk: Assembly) -> None:
    origins = full_desk.properties("FrontDoor")["DistributionConfig"]["Origins"]
    (header,) = [one for origin in origins for one in origin.get("OriginCustomHeaders", [])]
    assert header["HeaderName"] == "x-desk-origin"
    value = json.dumps(header["HeaderValue"])
    assert "{{resolve:secretsmanager:" in value
    assert full_desk.references_in(header["HeaderValue"]) == {"OriginSecret"}
    secret = full_desk.resources["OriginSecret"]
    assert secret["Properties"]["GenerateSecretString"]["PasswordLength"] == 48
    assert secret["DeletionPolicy"] == "Retain"


def test_the_gate_may_read_its_one_secret(full_desk: Assembly) -> None:
    actions = {
        action
        for statement in full_desk.statements_of("OriginRole")
        for action in (
            statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        )
    }
    assert actions == {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
        "secretsmanager:GetSecretValue",
        "kms:Decrypt",
    }


def test_a_force_may_bring_its_certificate_and_a_domain_elsewhere() -> None:
    app = cdk.App(analytics_reporting=False)
    own = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
    brought = Edge.model_validate({"domain": DOMAIN, "certificate": own})
    stack = EdgeStack(app, force="example", stage=Stage.named("live"), edge=brought)
    assert stack.certificate.certificate_arn == own
