"""Who may sign in to the desk, and how: the stack's own user pool, or the force's identity provider in its place.

The console signs people in by the code flow with PKCE at either; `console_settings` is what it has to know for that.
"""

from __future__ import annotations

from aws_cdk import Aws, CfnCondition, CfnParameter, CfnRule, CfnRuleAssertion, Duration, Fn, RemovalPolicy
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from infra.logical_ids import pin_logical_id

ROLES = ("operator", "supervisor", "publisher", "auditor")


class SignIn(Construct):
    """The pool with one group per role, and the `issuer` and `audience` that the API accepts tokens of.

    Parameters that are left empty mean the pool. Accounts are made by an administrator and always need a second factor.
    `console_home` is the address of the console, with a closing slash.
    """

    def __init__(self, scope: Construct, construct_id: str, *, console_home: str) -> None:
        super().__init__(scope, construct_id)
        issuer = self._parameter(
            "JwtIssuer", "OpenID issuer of the force's own; empty for the stack's user pool"
        )
        audience = self._parameter(
            "JwtAudience", "Audience that the issuer's tokens carry; empty with an empty issuer"
        )
        console_client = self._parameter(
            "ConsoleClientId", "The console's name at the force's own issuer; empty where it is the audience"
        )
        console_scope = self._parameter(
            "ConsoleScope", "What the console asks the issuer for", default="openid profile"
        )
        self.pool = cognito.UserPool(
            self,
            "Pool",
            self_sign_up_enabled=False,
            # The name is what colleagues read on a case; the e-mail address serves for signing in.
            sign_in_aliases=cognito.SignInAliases(username=True, email=True),
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
            o_auth=cognito.OAuthSettings(
                flows=cognito.OAuthFlows(authorization_code_grant=True),
                scopes=[cognito.OAuthScope.OPENID, cognito.OAuthScope.PROFILE],
                callback_urls=[f"{console_home}signed-in"],
                logout_urls=[console_home],
            ),
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            access_token_validity=Duration.hours(1),
            id_token_validity=Duration.hours(1),
            refresh_token_validity=Duration.hours(12),
        )
        pin_logical_id(self.client, "UserPoolClient")
        # A name of its own in the whole region: the last part of the stack's id is nobody else's.
        prefix = Fn.join("-", ["desk", Fn.select(2, Fn.split("/", Aws.STACK_ID))])
        domain = cognito.CfnUserPoolDomain(
            self, "Domain", user_pool_id=self.pool.user_pool_id, domain=prefix, managed_login_version=1
        )
        domain.override_logical_id("UserPoolDomain")
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
        client = CfnCondition(
            self,
            "ConsoleHasClient",
            expression=Fn.condition_not(Fn.condition_equals(console_client.value_as_string, "")),
        )
        client.override_logical_id("ConsoleHasClient")
        self.console_settings = {
            "authority": self.issuer,
            "client_id": Fn.condition_if(
                client.logical_id, console_client.value_as_string, self.audience
            ).to_string(),
            "scope": console_scope.value_as_string,
        }
        issuer_host = Fn.select(2, Fn.split("/", self.issuer))
        self.origins = (
            f"https://{issuer_host}",
            f"https://{prefix}.auth.{Aws.REGION}.amazoncognito.com",
        )
        """Whom the console may call in order to sign somebody in."""

    def _parameter(self, name: str, description: str, *, default: str = "") -> CfnParameter:
        made = CfnParameter(self, name, default=default, description=description)
        made.override_logical_id(name)
        return made
