"""The channels' credentials, in secrets that are split by who may read them."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.keys import READ_ACTIONS
from infra.python_function import PythonFunction


def platform_id(platform: str) -> str:
    """A platform's name as ids and outputs write it: `meta` is `Meta`."""
    return "".join(part.capitalize() for part in platform.split("_"))


class Credential(Construct):
    """One secret for a JSON object, made without a value: people put it in, and no deploy can undo that.

    Until then every reader of it refuses: no signature verifies and nothing is sent.
    """

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey, description: str) -> None:
        super().__init__(scope, construct_id)
        self._key = key
        self._secret = secretsmanager.CfnSecret(
            self,
            "Secret",
            description=description,
            kms_key_id=key.key_arn,
        )
        self._secret.apply_removal_policy(RemovalPolicy.RETAIN)
        self._secret.override_logical_id(f"{construct_id}Secret")
        acknowledge(
            self._secret,
            "AwsSolutions-SMG4",
            "The platform issues this credential in its own console; the runbook renews it, a Lambda cannot.",
        )

    @property
    def arn(self) -> str:
        """The secret's ARN, by the attribute that every implementation of CloudFormation answers with the ARN."""
        return self._secret.attr_id

    def allow_read(self, function: PythonFunction) -> None:
        """Let the function read the current and the previous values."""
        function.allow(["secretsmanager:GetSecretValue"], [self.arn])
        function.allow(READ_ACTIONS, [self._key.key_arn])


class Credentials(Construct):
    """`webhooks`, one for each platform, verify what comes in and are for ingest; those of publishing for notify.

    `meta_media` and `sms_media` open the files that platforms give to us alone, and are for attachments.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, key: kms.IKey, platforms: Sequence[str]
    ) -> None:
        super().__init__(scope, construct_id)
        self.webhooks = {
            platform: Credential(
                self, platform_id(platform), key=key, description=f"What signs the webhook of {platform}"
            )
            for platform in platforms
        }
        self.meta_publishing = Credential(
            self, "MetaPublishing", key=key, description="Meta publishing: page_tokens by account id"
        )
        self.x_publishing = Credential(
            self, "XPublishing", key=key, description="X publishing: the app's keys, tokens by account id"
        )
        self.sms_publishing = Credential(
            self, "SmsPublishing", key=key, description="Twilio: account_sid, key_sid and key_secret"
        )
        self.meta_media = Credential(
            self, "MetaMedia", key=key, description="WhatsApp's media, read only: access_token"
        )
        self.sms_media = Credential(
            self, "SmsMedia", key=key, description="The SMS provider's media: user, password"
        )
