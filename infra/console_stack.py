"""The stack that lays the operators' screen into the pages bucket: on AWS alone, since a Lambda of CDK's own does it.

A workstation lays the same files out by itself (`local.console_files`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment
from constructs import Construct

from contact_desk.errors import ContactDeskError
from contact_desk.web_pages import CONSOLE_PAGE
from infra.acknowledgements import acknowledge
from infra.desk_stack import DeskStack
from infra.landing_zone import land

FOLDER = CONSOLE_PAGE.partition("/")[0]
ASSETS = "assets/*"
YEAR = cdk.Duration.days(365)
# Of CDK's own Lambda, which copies the files: a singleton of the stack, named by CDK.
DEPLOYMENT = "Custom::CDKBucketDeployment"
LOG_POLICY = "Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
READS = "CDK's own deployment Lambda reads what was uploaded with the stack, whose names are digests of the files."
WRITES = "CDK's own deployment Lambda copies to this one bucket by the grant that CDK writes; it prunes nothing here."
REASONS = {
    f"AwsSolutions-IAM4[{LOG_POLICY}]": "The role of CDK's own deployment Lambda writes its log by the managed policy.",
    "AwsSolutions-IAM5[Action::s3:GetObject*]": READS,
    "AwsSolutions-IAM5[Action::s3:GetBucket*]": READS,
    "AwsSolutions-IAM5[Action::s3:List*]": READS,
    "AwsSolutions-IAM5[Action::s3:DeleteObject*]": WRITES,
    "AwsSolutions-IAM5[Action::s3:Abort*]": WRITES,
    "AwsSolutions-L1": "CDK chooses the runtime of its own deployment Lambda.",
    "Serverless-LambdaTracing": "CDK's own deployment Lambda runs while somebody deploys, and at no other time.",
    "Serverless-LambdaDLQ": "CloudFormation calls it and hears its answer: nothing is queued.",
    "Serverless-LambdaLatestVersion": "CDK chooses the runtime of its own deployment Lambda.",
}


class ConsoleNotBuiltError(ContactDeskError):
    """A release has no operators' screen to ship."""


class ConsoleStack(cdk.Stack):
    """The built files with the settings of this desk's sign-in; files that an open screen may still ask for stay.

    `protected` says that nobody may delete it in passing.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        built: Path,
        bucket_name: str,
        settings: Mapping[str, str],
        stack_name: str,
        protected: bool = False,
        env: cdk.Environment | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=stack_name,
            description="Contact Desk: the operators' screen",
            env=env,
            termination_protection=protected,
            synthesizer=cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
        )
        bucket = s3.Bucket.from_bucket_name(self, "PagesBucket", bucket_name)
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
        (copier,) = (one for one in self.node.children if one.node.id.startswith(DEPLOYMENT))
        named = json.dumps(self.resolve(bucket_name), separators=(",", ":"))
        # A stack that knows its region knows its partition too, and the rules call both as the template does.
        region = "<AWS::Region>" if cdk.Token.is_unresolved(self.region) else self.region
        buckets = (
            f"arn:{'<AWS::Partition>' if cdk.Token.is_unresolved(self.partition) else self.partition}:s3:::"
        )
        places = {
            f"AwsSolutions-IAM5[Resource::{buckets}cdk-hnb659fds-assets-<AWS::AccountId>-{region}/*]": READS,
            f"AwsSolutions-IAM5[Resource::{buckets}{named}/*]": WRITES,
        }
        for finding, reason in {**REASONS, **places}.items():
            acknowledge(copier, finding, reason)

    @classmethod
    def beside(cls, app: Construct, desk: DeskStack, *, built: Path, release: bool) -> ConsoleStack | None:
        """The stack beside a desk's; None where nothing is built, which a release refuses with ConsoleNotBuiltError."""
        if not (built / "index.html").is_file():
            if release:
                raise ConsoleNotBuiltError("a release ships the operators' screen: make console")
            return None
        # By the outputs of the desk's stack: what they tell hangs on conditions that only that stack knows.
        told = partial(cdk.Fn.get_stack_output, desk.stack_name)
        console = cls(
            app,
            "Console",
            built=built,
            bucket_name=told("PagesBucketName"),
            settings={name: told(output) for name, output in desk.console_outputs.items()},
            stack_name=f"{desk.stack_name}-console",
            protected=not desk.stage.is_trial,
            env=cdk.Environment(region=desk.stage.rules.region),
        )
        land(console, stage=desk.stage, force=desk.force)
        console.add_stack_dependency(desk)
        return console

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
