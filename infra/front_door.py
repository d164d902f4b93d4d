"""The one origin that people meet: CloudFront before the pages and the API."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration, Fn, Names
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from constructs import Construct

from contact_desk.web_pages import (
    API_PATHS,
    CONSOLE_PAGE,
    CONSOLE_PATHS,
    OPEN_FEED,
    PAGE_POLICY,
    console_policy,
)
from infra.acknowledgements import acknowledge
from infra.edge_stack import EdgeStack
from infra.http_api import DeskApi
from infra.logical_ids import pin_logical_id
from infra.pages import LIVE_PAGE, Pages

LOGICAL_ID = "FrontDoor"
# What the files themselves allow is 3 s; a file that says nothing is not kept for longer either.
KEPT = Duration.seconds(3)
NOT_THERE_KEPT = Duration.seconds(1)
YEAR = Duration.days(365)
# Every address of the console that names no file is the console itself.
TO_CONSOLE = f"""function handler(event) {{
  var request = event.request;
  if (request.uri.split("/").pop().indexOf(".") < 0) request.uri = "/{CONSOLE_PAGE}";
  return request;
}}
"""


class FrontDoor(Construct):
    """The distribution. `/desk`, `/report` and `/reports` go to the API as they are, everything else to the bucket.

    What is not in the bucket is asked of the API, which answers for a reference that nobody has published.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        pages: Pages,
        api: DeskApi,
        sign_in_origins: tuple[str, ...],
        edge: EdgeStack | None,
        origin_headers: Mapping[str, str] | None,
    ) -> None:
        super().__init__(scope, construct_id)
        to_api = origins.HttpOrigin(
            Fn.select(2, Fn.split("/", api.url)),
            custom_headers=origin_headers,
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
            origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
        )
        bucket = origins.S3BucketOrigin.with_origin_access_control(
            pages.bucket, origin_access_levels=[cloudfront.AccessLevel.READ]
        )
        to_pages = origins.OriginGroup(
            primary_origin=bucket,
            fallback_origin=to_api,
            # S3 says 403 to whoever may not list: nobody else shall learn what there is.
            fallback_status_codes=[403, 404],
        )
        # What CDK would call these says region and path alone: a second desk of the account would find them taken.
        own = Names.unique_resource_name(self, max_length=48)
        cache = cloudfront.CachePolicy(
            self,
            "PagesCache",
            cache_policy_name=f"{own}-PagesCache",
            comment="Pages and feed: by path alone, for as long as they say",
            min_ttl=Duration.seconds(0),
            default_ttl=KEPT,
            max_ttl=YEAR,
            enable_accept_encoding_gzip=True,
            enable_accept_encoding_brotli=True,
        )
        pages_behaviour = cloudfront.BehaviorOptions(
            origin=to_pages,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
            cache_policy=cache,
            compress=True,
            response_headers_policy=self._headers("PageHeaders", policy=PAGE_POLICY),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        )
        feed_behaviour = cloudfront.BehaviorOptions(
            origin=to_pages,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
            cache_policy=cache,
            compress=True,
            response_headers_policy=self._headers("FeedHeaders", policy=PAGE_POLICY, for_everybody=True),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        )
        to_console = cloudfront.Function(
            self,
            "ToConsole",
            function_name=f"{own}-ToConsole",
            code=cloudfront.FunctionCode.from_inline(TO_CONSOLE),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            comment="Contact Desk: addresses of the operators' screen",
        )
        console_behaviour = cloudfront.BehaviorOptions(
            origin=bucket,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
            cache_policy=cache,
            compress=True,
            function_associations=[
                cloudfront.FunctionAssociation(
                    function=to_console, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST
                )
            ],
            response_headers_policy=self._headers("ConsoleHeaders", policy=console_policy(*sign_in_origins)),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        )
        api_behaviour = cloudfront.BehaviorOptions(
            origin=to_api,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            # All that the caller sent, the token too; the API is found by its own host name.
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            response_headers_policy=self._headers("ApiHeaders", policy=None),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
        )
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment="Contact Desk: pages, feed and API",
            default_behavior=pages_behaviour,
            additional_behaviors={
                OPEN_FEED: feed_behaviour,
                CONSOLE_PATHS: console_behaviour,
                **dict.fromkeys(API_PATHS, api_behaviour),
            },
            default_root_object=LIVE_PAGE,
            # No page for errors: CloudFront would put it in the place of the API's own answers too.
            error_responses=[
                cloudfront.ErrorResponse(http_status=status, ttl=NOT_THERE_KEPT) for status in (403, 404)
            ],
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            price_class=cloudfront.PriceClass.PRICE_CLASS_100,
            enable_logging=False,
            domain_names=[edge.edge.domain] if edge else None,
            certificate=edge.certificate if edge else None,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021 if edge else None,
            web_acl_id=edge.web_acl_arn if edge else None,
        )
        pin_logical_id(self.distribution, LOGICAL_ID)
        self._acknowledge(behind_an_edge=edge is not None)

    @staticmethod
    def endpoint(edge: EdgeStack | None) -> str:
        """Where the pages will be, without a closing slash, for what has to be made before the distribution."""
        if edge:
            return f"https://{edge.edge.domain}"
        return Fn.join("", ["https://", Fn.get_att(LOGICAL_ID, "DomainName").to_string()])

    def _headers(
        self, name: str, *, policy: str | None, for_everybody: bool = False
    ) -> cloudfront.ResponseHeadersPolicy:
        return cloudfront.ResponseHeadersPolicy(
            self,
            name,
            comment=f"Contact Desk: {name}",
            cors_behavior=cloudfront.ResponseHeadersCorsBehavior(
                access_control_allow_credentials=False,
                access_control_allow_headers=["*"],
                access_control_allow_methods=["GET", "HEAD"],
                access_control_allow_origins=["*"],
                origin_override=True,
            )
            if for_everybody
            else None,
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=policy, override=True
                )
                if policy
                else None,
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=YEAR, include_subdomains=True, override=True
                ),
            ),
        )

    def _acknowledge(self, *, behind_an_edge: bool) -> None:
        reasons = {
            "CFR1": "Anybody anywhere may read what the police publish, and report to them from abroad.",
            "CFR3": "No access log: who read which warning from which address is personal data that nobody needs here.",
        }
        if not behind_an_edge:
            reasons |= {
                "CFR2": "A web ACL comes with the force's own domain, which this stage does not name.",
                "CFR4": "The oldest TLS is that of CloudFront's own certificate, without a domain of the force's.",
            }
        for rule, reason in reasons.items():
            acknowledge(self.distribution, f"AwsSolutions-{rule}", reason)
