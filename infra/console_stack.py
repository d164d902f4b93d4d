"""The stack that lays the operators' screen into the pages bucket: on AWS alone, since a Lambda of CDK's own does it.

A workstation lays the same files out by itself (`local.console_files`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment
from constructs import Construct

from contact_desk.errors import ContactDeskError
from contact_desk.web_pages import CONSOLE_PAGE
from infra.acknowledgements import acknowledge
from infra.desk_stack import DeskStack

FOLDER = CONSOLE_PAGE.partition("/")[0]
ASSETS = "assets/*"
YEAR = cdk.Duration.days(365)
REASONS = {
    "IAM4": "The role of CDK's own deployment Lambda, which writes its log by the managed policy.",
    "IAM5": "CDK's own deployment Lambda copies from the assets bucket to this one bucket, by prefix.",
    "L1": "CDK chooses the runtime of its own deployment Lambda.",
}
SERVERLESS_REASONS = {
    "LambdaTracing": "CDK's own deployment Lambda runs while somebody deploys, and at no other time.",
    "LambdaDLQ": "CloudFormation calls it and hears its answer: nothing is queued.",
    "LambdaDefaultMemorySize": "CDK's own deployment Lambda; its memory is set here.",
    "LambdaLatestVersion": "CDK chooses the runtime of its own deployment Lambda.",
}


class ConsoleNotBuiltError(ContactDeskError):
    """A release has no operators' screen to ship."""


class ConsoleStack(cdk.Stack):
    """The built files with the settings of this desk's sign-in; files that an open screen may still ask for stay."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        built: Path,
        bucket: s3.IBucket,
        settings: Mapping[str, str],
        stack_name: str,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=stack_name,
            description="Contact Desk: the operators' screen",
            synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
        )
        files = deployment.Source.asset(str(built))
        named_by_content = self._deploy(
            "Assets",
            [files],
            bucket,
            [deployment.CacheControl.max_age(YEAR), deployment.CacheControl.immutable()],
            only=ASSETS,
        )
        config = deployment.Source.json_data("config.json", dict(settings))
        pages = self._deploy(
            "Pages", [files, config], bucket, [deployment.CacheControl.no_cache()], but=ASSETS
        )
        # The page that names the files is the last to change.
        pages.node.add_dependency(named_by_content)
        for rule, reason in REASONS.items():
            acknowledge(self, f"AwsSolutions-{rule}", reason)
        for rule, reason in SERVERLESS_REASONS.items():
            acknowledge(self, f"Serverless-{rule}", reason)

    @classmethod
    def beside(cls, app: Construct, desk: DeskStack, *, built: Path, release: bool) -> ConsoleStack | None:
        """The stack beside a desk's; None where nothing is built, which a release refuses with ConsoleNotBuiltError."""
        if not (built / "index.html").is_file():
            if release:
                raise ConsoleNotBuiltError("a release ships the operators' screen: make console")
            return None
        return cls(
            app,
            "Console",
            built=built,
            bucket=desk.pages_bucket,
            settings=desk.console_settings,
            stack_name=f"{desk.stack_name}-console",
        )

    def _deploy(
        self,
        name: str,
        sources: list[deployment.ISource],
        bucket: s3.IBucket,
        kept: list[deployment.CacheControl],
        *,
        only: str | None = None,
        but: str | None = None,
    ) -> deployment.BucketDeployment:
        return deployment.BucketDeployment(
            self,
            name,
            sources=sources,
            destination_bucket=bucket,
            destination_key_prefix=FOLDER,
            cache_control=kept,
            exclude=["*"] if only else [but] if but else None,
            include=[only] if only else None,
            prune=False,
            retain_on_delete=True,
            memory_limit=512,
        )
