"""The edge before the front door: a certificate for the force's own domain and a web ACL, in us-east-1.

CloudFront takes both from there alone. The desk's stack reads their ARNs from this one's outputs; a stage whose force
file names no domain has no such stack. Webhooks do not come this way: their signature is their gate.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from contact_desk.stage_rules import Edge
from infra.landing_zone import land
from infra.stage import Stage

STACK_ID = "Edge"
REGION = "us-east-1"
# Rules that read what people write: a report may quote a script, a query or a path. They count and never block.
COUNT_ONLY = {
    "AWSManagedRulesCommonRuleSet": (
        "CrossSiteScripting_BODY",
        "EC2MetaDataSSRF_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        "SizeRestrictions_BODY",
        # Screen readers and old telephones may name no agent.
        "NoUserAgent_HEADER",
    ),
    "AWSManagedRulesKnownBadInputsRuleSet": (
        "JavaDeserializationRCE_BODY",
        "Log4JRCE_BODY",
        "ReactJSRCE_BODY",
    ),
}


class EdgeStack(cdk.Stack):
    """The `certificate` and the `web_acl_arn` that the desk's distribution stands behind."""

    def __init__(self, scope: Construct, *, force: str, stage: Stage, edge: Edge) -> None:
        super().__init__(
            scope,
            STACK_ID,
            stack_name=f"contact-desk-{force}-{stage.name}-edge",
            description=f"Contact Desk for {force}, stage {stage.name}: domain and web ACL",
            env=cdk.Environment(region=REGION),
            termination_protection=not stage.is_trial,
            synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
        )
        land(self, stage=stage, force=force)
        self.edge = edge
        self.certificate = self._certificate(edge)
        acl = waf.CfnWebACL(
            self,
            "WebAcl",
            scope="CLOUDFRONT",
            description=f"Contact Desk for {force}, stage {stage.name}",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_seen(f"{force}-{stage.name}"),
            rules=[
                self._too_many(edge.requests_in_five_minutes),
                # Of doubtful fame are also Tor's exits and shared networks, from which people in danger write.
                _managed(1, "AWSManagedRulesAmazonIpReputationList", all_count=True),
                *(
                    _managed(place, name, counted=counted)
                    for place, (name, counted) in enumerate(COUNT_ONLY.items(), start=2)
                ),
            ],
        )
        acl.override_logical_id("WebAcl")
        self.web_acl_arn = acl.attr_arn

    def _certificate(self, edge: Edge) -> acm.ICertificate:
        if edge.certificate:
            return acm.Certificate.from_certificate_arn(self, "Certificate", edge.certificate)
        zone = edge.hosted_zone and route53.HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id=edge.hosted_zone.id, zone_name=edge.hosted_zone.name
        )
        return acm.Certificate(
            self,
            "Certificate",
            domain_name=edge.domain,
            # Without a zone of the account's somebody adds the record that ACM asks for, and the deploy waits.
            validation=acm.CertificateValidation.from_dns(zone or None),
        )

    def _too_many(self, requests: int) -> waf.CfnWebACL.RuleProperty:
        """One address that asks for more than any household or custody suite does."""
        return waf.CfnWebACL.RuleProperty(
            name="TooMany",
            priority=0,
            action=waf.CfnWebACL.RuleActionProperty(block={}),
            statement=waf.CfnWebACL.StatementProperty(
                rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                    aggregate_key_type="IP", limit=requests, evaluation_window_sec=300
                )
            ),
            visibility_config=_seen("TooMany"),
        )


def _managed(
    priority: int, name: str, *, counted: tuple[str, ...] = (), all_count: bool = False
) -> waf.CfnWebACL.RuleProperty:
    return waf.CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        override_action=waf.CfnWebACL.OverrideActionProperty(count={})
        if all_count
        else waf.CfnWebACL.OverrideActionProperty(none={}),
        statement=waf.CfnWebACL.StatementProperty(
            managed_rule_group_statement=waf.CfnWebACL.ManagedRuleGroupStatementProperty(
                vendor_name="AWS",
                name=name,
                rule_action_overrides=[
                    waf.CfnWebACL.RuleActionOverrideProperty(
                        name=rule, action_to_use=waf.CfnWebACL.RuleActionProperty(count={})
                    )
                    for rule in counted
                ]
                or None,
            )
        ),
        visibility_config=_seen(name),
    )


def _seen(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    """Counted, and never sampled: a sample shows who asked for what from which address."""
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )
