"""The edge: routes, throttles, tokens, access logs, accounts; and what people give to a deploy and get from it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.http_api import ACCESS_LOG_FIELDS
from tests.infra.assembly import Assembly

OPEN = {
    "GET /webhooks/meta": "Webhooks",
    "GET /webhooks/x": "Webhooks",
    "POST /webhooks/meta": "Webhooks",
    "POST /webhooks/x": "Webhooks",
    "POST /webhooks/sms": "Webhooks",
    "POST /webhooks/{channel}": "Webhooks",
    "GET /report": "Report",
    "GET /report/{page}": "Report",
    "POST /report/{page}": "Report",
    "POST /reports": "Report",
    "GET /health": "Report",
    "GET /live/{reference}": "Report",
    "GET /survey/{token}": "Survey",
    "POST /survey/{token}": "Survey",
    "POST /data-deletion/meta": "DataDeletion",
    "GET /data-deletion/{code}": "DataDeletion",
}
SIGNED_IN = {
    **dict.fromkeys(("GET /desk/{proxy+}", "POST /desk/{proxy+}", "PUT /desk/{proxy+}"), "Operate"),
    "GET /desk/watch": "OperateWatch",
}
QUEUES = (
    "PrivateContacts",
    "PublicContacts",
    "Replays",
    "Confirmations",
    "OutboxUrgent",
    "Outbox",
    "Attachments",
    "OperatorAlerts",
    "ControlRoomAlerts",
)
OUTPUTS = {
    "ApiUrl",
    "FeedUrl",
    "FrontDoorUrl",
    "LiveUrl",
    "PagesBucketName",
    "RefreshFeedFunctionName",
    "TableName",
    "ArchiveBucketName",
    "EvidenceBucketName",
    "AuditBucketName",
    "AuditKeySecretArn",
    "OperatorAlertsTopicArn",
    "SmsListTopicArn",
    "EmailListTopicArn",
    "HoldParameterName",
    "MetaSecretArn",
    "MetaPublishingSecretArn",
    "MetaMediaSecretArn",
    "SmsMediaSecretArn",
    "XPublishingSecretArn",
    "SmsPublishingSecretArn",
    "XSecretArn",
    "SmsSecretArn",
    "AlertHookControlRoomSecretArn",
    "UserPoolId",
    "UserPoolClientId",
    "SignInAuthority",
    "SignInClientId",
    "SignInScope",
} | {f"{queue}{kind}Url" for queue in QUEUES for kind in ("Queue", "Dlq")}


@pytest.fixture
def routes(desk: Assembly) -> dict[str, Any]:
    return {route["RouteKey"]: route for route in desk.of_type("AWS::ApiGatewayV2::Route").values()}


def test_there_are_these_routes_and_no_others(routes: dict[str, Any]) -> None:
    assert set(routes) == {*OPEN, *SIGNED_IN}


def test_each_route_reaches_its_function(desk: Assembly, routes: dict[str, Any]) -> None:
    for key, route in routes.items():
        (integration,) = desk.references_in(route["Target"])
        properties = desk.properties(integration)
        assert properties["PayloadFormatVersion"] == "2.0"
        assert desk.references_in(properties["IntegrationUri"]) == {(OPEN | SIGNED_IN)[key]}, key


@pytest.mark.parametrize("key", SIGNED_IN)
def test_the_desk_wants_a_token(desk: Assembly, routes: dict[str, Any], key: str) -> None:
    assert routes[key]["AuthorizationType"] == "JWT"
    (authorizer,) = desk.references_in(routes[key]["AuthorizerId"])
    assert desk.properties(authorizer)["IdentitySource"] == ["$request.header.Authorization"]


def test_tokens_are_the_own_pools_unless_parameters_name_an_issuer(desk: Assembly) -> None:
    (authorizer,) = desk.of_type("AWS::ApiGatewayV2::Authorizer").values()
    condition, own_issuer, issuer = authorizer["JwtConfiguration"]["Issuer"]["Fn::If"]
    assert desk.template["Conditions"][condition] == {"Fn::Equals": [{"Ref": "JwtIssuer"}, ""]}
    assert desk.references_in(own_issuer) >= {"UserPool"}
    assert "https://cognito-idp." in json.dumps(own_issuer)
    assert issuer == {"Ref": "JwtIssuer"}
    assert authorizer["JwtConfiguration"]["Audience"] == [
        {"Fn::If": [condition, {"Ref": "UserPoolClient"}, {"Ref": "JwtAudience"}]}
    ]


def test_every_route_has_a_throttle_of_its_own(desk: Assembly, routes: dict[str, Any]) -> None:
    settings = desk.properties("HttpApiStage")["RouteSettings"]
    assert settings.keys() == routes.keys()
    for key, throttle in settings.items():
        assert 0 < throttle["ThrottlingRateLimit"] <= throttle["ThrottlingBurstLimit"], key
    otherwise = desk.properties("HttpApiStage")["DefaultRouteSettings"]
    assert otherwise["ThrottlingRateLimit"] > 0
    assert otherwise["ThrottlingBurstLimit"] > 0


def test_webhooks_may_come_at_ten_times_a_national_surge_and_reports_may_not_flood(desk: Assembly) -> None:
    settings = desk.properties("HttpApiStage")["RouteSettings"]
    for platform in ("meta", "x", "sms"):  # each its own: a flood at one holds up no other
        assert settings[f"POST /webhooks/{platform}"]["ThrottlingRateLimit"] >= 139
    assert settings["POST /reports"] == {"ThrottlingRateLimit": 20, "ThrottlingBurstLimit": 100}


def test_the_stage_waits_for_the_routes_that_it_names(desk: Assembly) -> None:
    assert set(desk.resources["HttpApiStage"]["DependsOn"]) >= desk.of_type("AWS::ApiGatewayV2::Route").keys()


def test_no_other_origin_may_call_the_api_from_a_browser(desk: Assembly) -> None:
    assert "CorsConfiguration" not in desk.properties("HttpApi")


def test_access_logs_are_json_and_name_no_person(desk: Assembly) -> None:
    settings = desk.properties("HttpApiStage")["AccessLogSettings"]
    line = json.loads(settings["Format"])
    assert line == {name: f"$context.{variable}" for name, variable in ACCESS_LOG_FIELDS.items()}
    personal = ("identity", "authorizer", "claims", "path", "querystring", "domain")
    assert [value for value in line.values() if any(word in value.lower() for word in personal)] == []
    assert len(desk.references_in(settings["DestinationArn"])) == 1


def test_nobody_makes_an_account_for_himself_and_everybody_has_a_second_factor(desk: Assembly) -> None:
    pool = desk.properties("UserPool")
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert pool["MfaConfiguration"] == "ON"
    assert pool["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] >= 14
    assert pool["DeletionProtection"] == "ACTIVE"
    client = desk.properties("UserPoolClient")
    assert client["GenerateSecret"] is False
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert set(client["ExplicitAuthFlows"]) == {"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}


def test_roles_are_the_groups_of_the_pool(desk: Assembly) -> None:
    groups = {group["GroupName"] for group in desk.of_type("AWS::Cognito::UserPoolGroup").values()}
    assert groups == {"operator", "supervisor", "publisher", "auditor"}


def test_outputs_are_those_that_people_and_tools_read(desk: Assembly) -> None:
    read_by_what_watches = {name for name in desk.template["Outputs"] if name.startswith("PublishOutput")}
    assert desk.template["Outputs"].keys() - read_by_what_watches == OUTPUTS


def test_no_other_stack_keeps_the_desk_from_changing(desk: Assembly) -> None:
    assert [name for name, output in desk.template["Outputs"].items() if "Export" in output] == []
    assert "Fn::ImportValue" not in desk.watch.text
    # AWS takes 200 outputs and 500 resources a stack.
    assert len(desk.template["Outputs"]) < 150
    assert max(len(desk.resources), len(desk.watch.resources)) < 400


def test_parameters_have_defaults_that_deploy(desk: Assembly) -> None:
    defaults = {name: parameter["Default"] for name, parameter in desk.template["Parameters"].items()}
    assert defaults == {
        "GraphApiUrl": "https://graph.facebook.com/v26.0",
        "TwilioApiUrl": "https://api.twilio.com",
        "XApiUrl": "https://api.x.com/2",
        "ConsoleUrl": "",
        "ConsoleClientId": "",
        "ConsoleScope": "openid profile",
        "PagesUrl": "",
        "PublicUrl": "",
        "JwtIssuer": "",
        "JwtAudience": "",
        "StandInHost": "none",
        "DutyInspectorSms": "",
        "ContactDeskEmail": "",
    }


def test_platforms_reach_the_apis_own_address_unless_a_parameter_names_another(desk: Assembly) -> None:
    condition, own, given = desk.properties("Webhooks")["Environment"]["Variables"]["PUBLIC_URL"]["Fn::If"]
    assert desk.template["Conditions"][condition] == {"Fn::Equals": [{"Ref": "PublicUrl"}, ""]}
    assert own == {"Fn::GetAtt": ["HttpApi", "ApiEndpoint"]}
    assert given == {"Ref": "PublicUrl"}


def test_an_issuer_is_never_trusted_for_every_audience(desk: Assembly) -> None:
    (rule,) = desk.template["Rules"].values()
    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "JwtIssuer"}, ""]}]}
    assert rule["Assertions"][0]["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "JwtAudience"}, ""]}]}
