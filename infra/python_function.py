"""A Lambda with the house defaults: runtime, logs, tracing, layers, role and alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.alarms import FIVE_MINUTES, Alarms
from infra.assets import Bundles
from infra.log_groups import log_group
from infra.logical_ids import pin_logical_id
from infra.runbooks import Runbook, Severity
from infra.shifting import Shifting
from infra.stage import Stage

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

ARCHITECTURE = lambda_.Architecture.ARM_64
RUNTIME = lambda_.Runtime.PYTHON_3_13


class InvokedBy(Enum):
    """Who calls a function; the value says where a failed invocation goes without a target of the function's own."""

    HTTP = "Invoked by the HTTP API, which waits for the answer and hands a failure to the caller."
    QUEUE = (
        "Invoked by an SQS mapping: what fails goes back to its queue, and after 8 tries to that queue's DLQ."
    )
    SCHEDULE = "Invoked by a schedule: its event invoke config sends what fails to a queue of failed runs."


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What every function of the desk shares; `shifting` is None where functions have no versions."""

    stage: Stage
    force: str
    bundles: Bundles
    core_layer: lambda_.ILayerVersion
    vendor_layer: lambda_.ILayerVersion
    alarms: Alarms
    shifting: Shifting | None

    @property
    def metrics_namespace(self) -> str:
        """The namespace of the desk's own counts: one account may hold several forces' and stages' desks."""
        return metrics_namespace(self.force, self.stage)

    @property
    def force_file(self) -> str:
        """The force file's path below the code root, in a zip as in the repository."""
        return f"forces/{self.force}.toml"


class PythonFunction(Construct):
    """One Lambda with a role of its own, whose environment is its settings object and the house's own variables.

    `handler` is the dotted path of the callable, the same in the repository and in the zip. `reserved` caps
    concurrency and keeps that much of the account's for this function. `reminds_itself` says that it may put
    messages in the queue that it works through, which AWS would else take for a loop and stop after sixteen.
    `own_layers` are those that no other function loads. `runbook` is where its alarms lead, with `severity` in place of
    the runbook's own.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        house: House,
        handler: str,
        settings: DataclassInstance,
        invoked_by: InvokedBy,
        timeout: Duration,
        memory_size: int,
        reserved: int | None = None,
        reminds_itself: bool = False,
        own_layers: Sequence[lambda_.ILayerVersion] = (),
        description: str,
        runbook: Runbook,
        severity: Severity | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.timeout = timeout
        self.runbook, self.severity = runbook, severity or runbook.severity
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        pin_logical_id(self.role, f"{construct_id}Role")
        logs = log_group(self, "Logs", stage=house.stage)
        self.metrics_namespace = house.metrics_namespace
        self.function = lambda_.Function(
            self,
            "Function",
            description=description,
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            code=house.bundles.function_code(_folder_of(handler), house.force_file),
            handler=handler,
            layers=[house.core_layer, house.vendor_layer, *own_layers],
            role=self.role,
            environment=environment_of(
                settings, service=service_of(construct_id), namespace=house.metrics_namespace
            ),
            timeout=timeout,
            memory_size=memory_size,
            reserved_concurrent_executions=reserved if house.stage.rules.reserved_concurrency else None,
            recursive_loop=lambda_.RecursiveLoop.ALLOW if reminds_itself else None,
            tracing=lambda_.Tracing.ACTIVE,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=lambda_.ApplicationLogLevel.INFO,
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
            log_group=logs,
        )
        pin_logical_id(self.function, construct_id)
        self.allow(["logs:CreateLogStream", "logs:PutLogEvents"], [logs.log_group_arn])
        self.live = self._live(house, invoked_by)
        self._acknowledge_house_findings(invoked_by)
        self._watch(house.alarms)

    def allow(
        self,
        actions: Sequence[str],
        resources: Sequence[str],
        *,
        conditions: Mapping[str, Any] | None = None,
    ) -> None:
        """Add exactly these actions on exactly these resources to the function's role."""
        self.role.add_to_principal_policy(
            iam.PolicyStatement(actions=list(actions), resources=list(resources), conditions=conditions)
        )

    def forbid(self, actions: Sequence[str], resources: Sequence[str]) -> None:
        """Deny these actions to the function's role, whatever else may allow them one day."""
        self.role.add_to_principal_policy(
            iam.PolicyStatement(effect=iam.Effect.DENY, actions=list(actions), resources=list(resources))
        )

    def _live(self, house: House, invoked_by: InvokedBy) -> lambda_.IFunction:
        """What callers call: an alias where versions take over step by step, else the function itself.

        A job that runs once a minute has no tenth to begin with: it is called as it is, and its failures page.
        """
        if house.shifting is None or invoked_by is InvokedBy.SCHEDULE:
            return self.function
        return house.shifting.alias_of(self.function, name=self.node.id, service=service_of(self.node.id))

    def _acknowledge_house_findings(self, invoked_by: InvokedBy) -> None:
        acknowledge(
            self.role,
            "AwsSolutions-IAM5[Resource::*]",
            "X-Ray has no resources to name: PutTraceSegments and PutTelemetryRecords are granted on * or not at all.",
        )
        acknowledge(self.function, "Serverless-LambdaDLQ", invoked_by.value)
        for pack, rule in (("AwsSolutions", "L1"), ("Serverless", "LambdaLatestVersion")):
            acknowledge(
                self.function,
                f"{pack}-{rule}",
                "Python 3.13 is the newest version that every pinned dependency and the local desk are tested on.",
            )

    def _watch(self, alarms: Alarms) -> None:
        name = self.node.id
        alarms.add(
            f"{name}Errors",
            self.function.metric_errors(period=FIVE_MINUTES, statistic="Sum"),
            at_least=1,
            means=f"{name}: an invocation failed.",
            runbook=self.runbook,
            severity=self.severity,
        )
        alarms.add(
            f"{name}Throttles",
            self.function.metric_throttles(period=FIVE_MINUTES, statistic="Sum"),
            at_least=1,
            means=f"{name}: an invocation was refused for want of concurrency.",
            runbook=self.runbook,
            severity=self.severity,
        )
        alarms.add(
            f"{name}Slow",
            self.function.metric_duration(period=FIVE_MINUTES, statistic="p99"),
            at_least=0.8 * self.timeout.to_milliseconds(),
            means=f"{name}: the slowest hundredth takes 80 % of the {self.timeout.to_human_string()} allowed.",
            runbook=Runbook.SLOW,
        )


def environment_of(settings: DataclassInstance, *, service: str, namespace: str) -> dict[str, str]:
    """The environment variables of a function: one for each settings field, and the house's own."""
    return {
        **{name.upper(): value for name, value in asdict(settings).items()},
        "POWERTOOLS_SERVICE_NAME": service,
        "POWERTOOLS_METRICS_NAMESPACE": namespace,
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }


def metrics_namespace(force: str, stage: Stage) -> str:
    """The namespace of the counts of one force's desk at one stage."""
    return f"ContactDesk/{force}/{stage.name}"


def service_of(construct_id: str) -> str:
    """The name under which a Lambda logs and counts: `NotifyUrgent` is `notify_urgent`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in construct_id).lstrip(
        "_"
    )


def _folder_of(handler: str) -> str:
    """The folder below functions/ that a handler lives in: `functions.ingest.replay.handle` is in `ingest`."""
    return handler.split(".")[1]
