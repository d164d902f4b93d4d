"""How a new version of a function takes over from the last: by a tenth a minute, and back again when it fails."""

from __future__ import annotations

from aws_cdk import Duration, Fn
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from contact_desk.stage_rules import Shift
from infra.acknowledgements import acknowledge
from infra.logical_ids import pin_logical_id, resource_of

ALIAS = "live"
MINUTE = Duration.minutes(1)
RUNBOOK = "Severity: notice. Owner: platform team. Runbook: docs/operate.md#take-a-deploy-back."
# Behind these the API's own 5xx, which say what the function has caught.
SERVES_THE_PUBLIC = frozenset({"Webhooks", "Report"})
FAULTS_OF_THE_API = 5


class Shifting(Construct):
    """Aliases, and one deployment group for each while a stage shifts gradually.

    The alarms stand with what they take back, and not with those that call people: they look at the one new version,
    so that a fault of the version before keeps nobody from mending it.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, shift: Shift, namespace: str, api_logical_id: str
    ) -> None:
        super().__init__(scope, construct_id)
        self._namespace, self._api = namespace, api_logical_id
        self._shared: cloudwatch.Alarm | None = None
        self._application: codedeploy.LambdaApplication | None = None
        if shift is Shift.GRADUAL:
            self._application = codedeploy.LambdaApplication(self, "Application")
            self._role = iam.Role(
                self,
                "Role",
                assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"),
            )
            pin_logical_id(self._role, "ShiftingRole")
            acknowledge(
                self._role,
                "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]",
                "AWS's own policy for CodeDeploy of Lambda: aliases, alarms and nothing that invokes or reads.",
            )

    def alias_of(self, function: lambda_.Function, *, name: str, service: str) -> lambda_.Alias:
        """The alias of a function's newest version, which mappings and integrations call."""
        version = function.current_version
        alias = lambda_.Alias(function, "Alias", alias_name=ALIAS, version=version)
        pin_logical_id(alias, f"{name}Alias")
        if self._application:
            self._take_over_by_and_by(function, alias, name=name, service=service)
        return alias

    def _take_over_by_and_by(
        self, function: lambda_.Function, alias: lambda_.Alias, *, name: str, service: str
    ) -> None:
        alarms = [
            self._errors_of_the_new_version(function, name),
            self._faults_of_the_new_version(function, name, service),
        ]
        if name in SERVES_THE_PUBLIC:
            alarms.append(self._faults_of_the_api())
        group = codedeploy.LambdaDeploymentGroup(
            self,
            f"{name}Group",
            alias=alias,
            application=self._application,
            role=self._role,
            deployment_config=codedeploy.LambdaDeploymentConfig.LINEAR_10_PERCENT_EVERY_1_MINUTE,
            alarms=alarms,
            auto_rollback=codedeploy.AutoRollbackConfig(
                failed_deployment=True, stopped_deployment=True, deployment_in_alarm=True
            ),
        )
        pin_logical_id(group, f"{name}Shift")
        # Its alarms look at the new version before a tenth of the calls reach it.
        resource_of(alias).add_resource_dependency(resource_of(group))

    def _errors_of_the_new_version(self, function: lambda_.Function, name: str) -> cloudwatch.Alarm:
        return self._alarm(
            f"{name}NewVersionErrors",
            cloudwatch.Metric(
                namespace="AWS/Lambda",
                metric_name="Errors",
                dimensions_map={
                    "FunctionName": function.function_name,
                    "Resource": f"{function.function_name}:{ALIAS}",
                    "ExecutedVersion": function.current_version.version,
                },
                statistic="Sum",
                period=MINUTE,
            ),
            at_least=1,
            means=f"{name}: an invocation of the version that takes over failed.",
        )

    def _faults_of_the_new_version(
        self, function: lambda_.Function, name: str, service: str
    ) -> cloudwatch.Alarm:
        """What it answers for by itself: a 5xx, a message that it gives back to its queue (`count_faults`)."""
        return self._alarm(
            f"{name}NewVersionFaults",
            cloudwatch.Metric(
                namespace=self._namespace,
                metric_name="Faults",
                dimensions_map={"service": service, "version": function.current_version.version},
                statistic="Sum",
                period=MINUTE,
            ),
            at_least=1,
            means=f"{name}: the version that takes over could not do what it was asked.",
        )

    def _faults_of_the_api(self) -> cloudwatch.Alarm:
        if self._shared is None:
            self._shared = self._alarm(
                "ApiShiftFaults",
                cloudwatch.Metric(
                    namespace="AWS/ApiGateway",
                    metric_name="5xx",
                    dimensions_map={"ApiId": Fn.ref(self._api)},
                    statistic="Sum",
                    period=MINUTE,
                ),
                at_least=FAULTS_OF_THE_API,
                means="The HTTP API answers with 5xx while a new version takes over.",
            )
        return self._shared

    def _alarm(
        self, name: str, metric: cloudwatch.Metric, *, at_least: float, means: str
    ) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=at_least,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=f"{means} {RUNBOOK}",
        )
        pin_logical_id(alarm, name)
        return alarm
