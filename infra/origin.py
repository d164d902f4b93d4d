"""origin: what keeps the public's routes to those who come by the front door, where the edge's rules have seen them."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy, SecretValue
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from functions.origin.settings import HEADER, OriginSettings
from infra.acknowledgements import acknowledge
from infra.keys import READ_ACTIONS
from infra.monitoring import WatchedCount
from infra.python_function import House, InvokedBy, PythonFunction
from infra.runbooks import Runbook, Severity

ASKED_EVERY = Duration.minutes(5)


class Origin(Construct):
    """A secret that the distribution adds to each call, and the function that the API asks whether a call carries it.

    The API remembers an answer for five minutes, and refuses what has no such header without asking.
    """

    def __init__(self, scope: Construct, construct_id: str, *, house: House, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        secret = secretsmanager.CfnSecret(
            self,
            "Secret",
            description="What the front door adds to the calls that it hands on: key",
            generate_secret_string=secretsmanager.CfnSecret.GenerateSecretStringProperty(
                secret_string_template="{}",  # noqa: S106 an empty object, into which the key is put
                generate_string_key="key",
                password_length=48,
                exclude_punctuation=True,
            ),
            kms_key_id=key.key_arn,
        )
        secret.apply_removal_policy(RemovalPolicy.RETAIN)
        secret.override_logical_id("OriginSecret")
        acknowledge(
            secret,
            "AwsSolutions-SMG4",
            "A new value is known to the distribution only after a deploy: the runbook changes it, and both are good.",
        )
        self.origin = PythonFunction(
            self,
            "Origin",
            house=house,
            description="Tells the API whether a call came by the front door",
            runbook=Runbook.INTAKE,
            handler="functions.origin.handler.handle",
            settings=OriginSettings(origin_secret_arn=secret.attr_id),
            invoked_by=InvokedBy.HTTP,
            timeout=Duration.seconds(5),
            memory_size=256,
        )
        self.origin.allow(["secretsmanager:GetSecretValue"], [secret.attr_id])
        self.origin.allow(READ_ACTIONS, [key.key_arn])
        self.headers = {HEADER: SecretValue.secrets_manager(secret.attr_id, json_field="key").unsafe_unwrap()}
        self.authorizer = authorizers.HttpLambdaAuthorizer(
            "ByTheFrontDoor",
            self.origin.live,
            response_types=[authorizers.HttpLambdaResponseType.SIMPLE],
            identity_source=[f"$request.header.{HEADER}"],
            results_cache_ttl=ASKED_EVERY,
        )

    @property
    def watched_counts(self) -> list[WatchedCount]:
        """The counts that call a person."""
        return [
            WatchedCount(
                metric="OriginSecretUnread",
                function=self.origin,
                at_least=1,
                means="the front door's secret cannot be read: everybody is let in, past the edge's rules too.",
                runbook=Runbook.INTAKE,
                severity=Severity.NOTICE,
            ),
            WatchedCount(
                metric="OriginRefused",
                function=self.origin,
                at_least=20,
                means="calls with a wrong secret: forged, or the distribution has an older one than the last two.",
                runbook=Runbook.INTAKE,
            ),
        ]
