"""Who may sign in to the desk: the stack's own user pool, or the force's identity provider in its place."""

from __future__ import annotations

from aws_cdk import Aws, CfnCondition, CfnParameter, CfnRule, CfnRuleAssertion, Duration, Fn, RemovalPolicy
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from infra.logical_ids import pin_logical_id

ROLES = ("operator", "supervisor", "publisher", "auditor")


class SignIn(Construct):
    """The pool with one group per role, and the `issuer` and `audience` that the API accepts tokens of.

    Both parameters empty means the pool. Accounts are made by an administrator and always need a second factor.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, issuer: CfnParameter, audience: CfnParameter
    ) -> None:
        super().__init__(scope, construct_id)
        self.pool = cognito.UserPool(
            self,
            "Pool",
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(email=True),
            sign_in_case_sensitive=False,
            mfa=cognito.Mfa.REQUIRED,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            password_policy=cognito.PasswordPolicy(
                min_length=14,
                require_digits=True,
                require_lowercase=True,
                require_symbols=True,
                require_uppercase=True,
                temp_password_validity=Duration.days(3),
            ),
            account_recovery=cognito.AccountRecovery.NONE,
            feature_plan=cognito.FeaturePlan.PLUS,
            standard_threat_protection_mode=cognito.StandardThreatProtectionMode.FULL_FUNCTION,
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        pin_logical_id(self.pool, "UserPool")
        self.client = self.pool.add_client(
            "Console",
            generate_secret=False,
            auth_flows=cognito.AuthFlow(user_srp=True),
            disable_o_auth=True,
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            access_token_validity=Duration.hours(1),
            id_token_validity=Duration.hours(1),
            refresh_token_validity=Duration.hours(12),
        )
        pin_logical_id(self.client, "UserPoolClient")
        for role in ROLES:
            group = cognito.CfnUserPoolGroup(
                self, f"{role.capitalize()}Group", user_pool_id=self.pool.user_pool_id, group_name=role
            )
            group.override_logical_id(f"{role.capitalize()}Group")
        CfnRule(
            self,
            "AudienceWithIssuer",
            rule_condition=Fn.condition_not(Fn.condition_equals(issuer.value_as_string, "")),
            assertions=[
                CfnRuleAssertion(
                    assert_=Fn.condition_not(Fn.condition_equals(audience.value_as_string, "")),
                    assert_description="JwtIssuer needs JwtAudience: a token for another audience is not for the desk.",
                )
            ],
        )
        own_pool = CfnCondition(self, "OwnPool", expression=Fn.condition_equals(issuer.value_as_string, ""))
        own_pool.override_logical_id("OwnPool")
        own_issuer = f"https://cognito-idp.{Aws.REGION}.{Aws.URL_SUFFIX}/{self.pool.user_pool_id}"
        self.issuer = Fn.condition_if(own_pool.logical_id, own_issuer, issuer.value_as_string).to_string()
        self.audience = Fn.condition_if(
            own_pool.logical_id, self.client.user_pool_client_id, audience.value_as_string
        ).to_string()
