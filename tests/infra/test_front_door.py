"""The one origin: what goes where, what may be kept, and what every page carries."""

from __future__ import annotations

from typing import Any

import pytest

from contact_desk.web_pages import PAGE_POLICY
from tests.infra.assembly import Assembly, Properties

TO_API = {
    "/desk/*",
    "/report",
    "/report/*",
    "/reports",
    "/health",
    "/live/look-up",
    "/survey/*",
    "/data-deletion/*",
}
# Managed policies of CloudFront's: CachingDisabled, AllViewerExceptHostHeader.
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


@pytest.fixture
def door(desk: Assembly) -> Properties:
    config: Properties = desk.properties("FrontDoor")["DistributionConfig"]
    return config


@pytest.fixture
def behaviours(door: Properties) -> dict[str, Properties]:
    return {
        "*": door["DefaultCacheBehavior"],
        **{one["PathPattern"]: one for one in door["CacheBehaviors"]},
    }


def origin_of(door: Properties, behaviour: Properties) -> str:
    return str(behaviour["TargetOriginId"])


def test_only_the_api_is_called_without_the_pages(
    desk: Assembly, door: Properties, behaviours: dict[str, Properties]
) -> None:
    (group,) = door["OriginGroups"]["Items"]
    pages = {path for path, one in behaviours.items() if origin_of(door, one) == group["Id"]}
    assert pages == {"*", "/feed/*"}
    # The console is the bucket's alone: no page of it is ever asked of the API.
    (own,) = [one for one in door["Origins"] if one["Id"] == origin_of(door, behaviours["/console*"])]
    assert desk.references_in(own["DomainName"]) == {"PagesBucket"}
    assert behaviours.keys() - pages - {"/console*"} == TO_API


def test_what_is_not_in_the_bucket_is_asked_of_the_api(
    desk: Assembly, door: Properties, behaviours: dict[str, Properties]
) -> None:
    (group,) = door["OriginGroups"]["Items"]
    first, second = (member["OriginId"] for member in group["Members"]["Items"])
    origins = {origin["Id"]: origin for origin in door["Origins"]}
    assert desk.references_in(origins[first]["DomainName"]) == {"PagesBucket"}
    assert "OriginAccessControlId" in origins[first]
    assert desk.references_in(origins[second]["DomainName"]) == {"HttpApi"}
    assert origins[second]["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert group["FailoverCriteria"]["StatusCodes"]["Items"] == [403, 404]


def test_the_apis_own_errors_reach_the_caller_as_they_are(door: Properties) -> None:
    for error in door["CustomErrorResponses"]:
        assert error.keys() == {"ErrorCode", "ErrorCachingMinTTL"}
        assert error["ErrorCachingMinTTL"] <= 1


@pytest.mark.parametrize("path", sorted(TO_API))
def test_nothing_of_the_api_is_kept_and_all_of_a_call_reaches_it(
    behaviours: dict[str, Properties], path: str
) -> None:
    behaviour = behaviours[path]
    assert behaviour["CachePolicyId"] == CACHING_DISABLED
    assert behaviour["OriginRequestPolicyId"] == ALL_BUT_HOST
    assert {"POST", "PUT"} <= set(behaviour["AllowedMethods"])
    assert behaviour["ViewerProtocolPolicy"] == "https-only"


@pytest.mark.parametrize("path", ["*", "/feed/*"])
def test_a_page_is_read_only_and_kept_as_long_as_it_says(
    desk: Assembly, behaviours: dict[str, Properties], path: str
) -> None:
    behaviour = behaviours[path]
    assert set(behaviour["AllowedMethods"]) == {"GET", "HEAD"}
    assert behaviour["ViewerProtocolPolicy"] == "redirect-to-https"
    assert behaviour["Compress"] is True
    (policy,) = desk.references_in(behaviour["CachePolicyId"])
    config = desk.properties(policy)["CachePolicyConfig"]
    assert (config["MinTTL"], config["DefaultTTL"]) == (0, 3)
    parameters = config["ParametersInCacheKeyAndForwardedToOrigin"]
    for part in ("CookiesConfig", "HeadersConfig", "QueryStringsConfig"):
        assert set(parameters[part].values()) == {"none"}


def headers_of(desk: Assembly, behaviour: Properties) -> Any:
    (policy,) = desk.references_in(behaviour["ResponseHeadersPolicyId"])
    return desk.properties(policy)["ResponseHeadersPolicyConfig"]


def test_every_answer_is_nosniff_unframed_and_tls_only(
    desk: Assembly, behaviours: dict[str, Properties]
) -> None:
    for behaviour in behaviours.values():
        security = headers_of(desk, behaviour)["SecurityHeadersConfig"]
        assert security["ContentTypeOptions"] == {"Override": True}
        assert security["FrameOptions"]["FrameOption"] == "DENY"
        assert security["ReferrerPolicy"]["ReferrerPolicy"] == "no-referrer"
        assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] == 31_536_000


def test_a_page_may_do_nothing_but_show_its_own_style_and_pictures(
    desk: Assembly, behaviours: dict[str, Properties]
) -> None:
    for path in ("*", "/feed/*"):
        policy = headers_of(desk, behaviours[path])["SecurityHeadersConfig"]["ContentSecurityPolicy"]
        assert policy == {"ContentSecurityPolicy": PAGE_POLICY, "Override": True}
    assert "unsafe" not in PAGE_POLICY
    assert "script-src" not in PAGE_POLICY
    assert PAGE_POLICY.startswith("default-src 'none'")


def test_the_feed_alone_is_for_every_origin_and_without_credentials(
    desk: Assembly, behaviours: dict[str, Properties]
) -> None:
    opened = {path for path, one in behaviours.items() if "CorsConfig" in headers_of(desk, one)}
    assert opened == {"/feed/*"}
    cors = headers_of(desk, behaviours["/feed/*"])["CorsConfig"]
    assert cors["AccessControlAllowOrigins"] == {"Items": ["*"]}
    assert cors["AccessControlAllowCredentials"] is False
    assert set(cors["AccessControlAllowMethods"]["Items"]) == {"GET", "HEAD"}


def test_who_read_what_is_written_nowhere(door: Properties) -> None:
    assert "Logging" not in door


def test_only_the_distribution_reads_the_bucket_and_nobody_may_list_it_by_that(desk: Assembly) -> None:
    statements = [
        statement
        for policy in desk.of_type("AWS::S3::BucketPolicy").values()
        if desk.references_in(policy["Bucket"]) == {"PagesBucket"}
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]
    (statement,) = statements
    assert statement["Action"] == "s3:GetObject"
    assert statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert desk.references_in(statement["Condition"]) >= {"FrontDoor"}


def test_the_pages_stand_under_s3s_own_key_so_that_a_tag_is_of_the_bytes(desk: Assembly) -> None:
    bucket = desk.properties("PagesBucket")
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (lifecycle,) = bucket["LifecycleConfiguration"]["Rules"]
    assert lifecycle["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}
    assert "ExpirationInDays" not in lifecycle


def test_links_lead_to_the_distribution_unless_a_parameter_names_another_origin(desk: Assembly) -> None:
    for name in ("NotifyUrgent", "Notify", "RefreshFeed"):
        condition, own, given = desk.properties(name)["Environment"]["Variables"]["PAGES_URL"]["Fn::If"]
        assert desk.template["Conditions"][condition] == {"Fn::Equals": [{"Ref": "PagesUrl"}, ""]}
        assert desk.references_in(own) == {"FrontDoor"}
        assert given == {"Ref": "PagesUrl"}


def test_links_in_broadcasts_lead_to_the_live_page(desk: Assembly) -> None:
    for name in ("Operate", "SweepBroadcasts"):
        origin, page = desk.properties(name)["Environment"]["Variables"]["LIVE_URL"]["Fn::Join"][1]
        assert desk.references_in(origin) >= {"FrontDoor"}
        assert page == "/live"


def test_the_question_after_a_case_is_under_the_same_roof(desk: Assembly) -> None:
    origin, page = desk.properties("SweepSurveys")["Environment"]["Variables"]["SURVEY_URL"]["Fn::Join"][1]
    assert desk.references_in(origin) >= {"FrontDoor"}
    assert page == "/survey"


def test_a_live_desk_says_actual(desk: Assembly, example_desk: Assembly) -> None:
    for assembly, status in ((desk, "Test"), (example_desk, "Actual")):
        assert assembly.properties("NotifyUrgent")["Environment"]["Variables"]["FEED_STATUS"] == status
