"""The desk's HTTP API: its routes, what each may take per second, who may call them, and what is logged of a call."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Fn
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.alarms import FIVE_MINUTES, Alarms
from infra.log_groups import log_group
from infra.logical_ids import pin_logical_id
from infra.python_function import PythonFunction
from infra.runbooks import Runbook
from infra.stage import Stage

# No address, path, agent or query: who wrote to the police from where is nobody's log line.
ACCESS_LOG_FIELDS = {
    "request_id": "requestId",
    "at": "requestTimeEpoch",
    "route": "routeKey",
    "status": "status",
    "milliseconds": "responseLatency",
    "integration_milliseconds": "integrationLatency",
    "integration_error": "integrationErrorMessage",
    "bytes": "responseLength",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """Requests per second over time, and how many at once on top."""

    rate: int
    burst: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRoute:
    """A route without a token, why it has none, and its throttle.

    `for_people` says that whoever calls it has a page of ours before them, and so comes by the front door.
    """

    method: apigateway.HttpMethod
    path: str
    function: PythonFunction
    throttle: Throttle
    open_because: str
    for_people: bool = False


LOGICAL_ID = "HttpApi"
WATCH_PATH = "/desk/watch"
OTHERWISE = Throttle(rate=50, burst=100)
DESK = Throttle(rate=100, burst=200)


class DeskApi(Construct):
    """The HTTP API and its one stage. `open_routes` need no token; all under /desk does, and reaches `operate`;
    what screens ask all the time reaches `watch`.

    With `by_the_front_door`, routes for people are closed to whoever calls the API's own address.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        alarms: Alarms,
        open_routes: list[OpenRoute],
        operate: PythonFunction,
        watch: PythonFunction,
        issuer: str,
        audience: str,
        by_the_front_door: apigateway.IHttpRouteAuthorizer | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.api = apigateway.HttpApi(self, "Api", create_default_stage=False, description="Contact Desk")
        pin_logical_id(self.api, LOGICAL_ID)
        throttles: dict[str, Throttle] = {}
        routes: list[apigateway.HttpRoute] = []
        made: dict[str, integrations.HttpLambdaIntegration] = {}
        for route in open_routes:
            name = route.function.node.id
            integration = made.setdefault(name, _integration(name, route.function))
            asked = by_the_front_door if route.for_people else None
            added = self.api.add_routes(
                path=route.path, methods=[route.method], integration=integration, authorizer=asked
            )
            for each in added if asked is None else ():
                acknowledge(each, "AwsSolutions-APIG4", route.open_because)
            routes += added
            throttles[f"{route.method.value} {route.path}"] = route.throttle
        desk_methods = [apigateway.HttpMethod.GET, apigateway.HttpMethod.POST, apigateway.HttpMethod.PUT]
        desk_path = "/desk/{proxy+}"
        signed_in = authorizers.HttpJwtAuthorizer("SignedIn", issuer, jwt_audience=[audience])
        for path, methods, function in (
            (desk_path, desk_methods, operate),
            (WATCH_PATH, [apigateway.HttpMethod.GET], watch),
        ):
            routes += self.api.add_routes(
                path=path,
                methods=methods,
                integration=_integration(function.node.id, function),
                authorizer=signed_in,
            )
            throttles |= {f"{method.value} {path}": DESK for method in methods}
        self._add_stage(stage, routes, throttles)
        alarms.add(
            "HttpApiServerErrors",
            self.api.metric_server_error(period=FIVE_MINUTES, statistic="Sum"),
            at_least=1,
            means="The HTTP API answered a caller with 5xx.",
            runbook=Runbook.API,
        )

    @staticmethod
    def endpoint() -> str:
        """Where the API will answer, without a closing slash, for what has to be made before it."""
        return Fn.get_att(LOGICAL_ID, "ApiEndpoint").to_string()

    @property
    def url(self) -> str:
        """Where the API answers, without a closing slash."""
        return self.api.api_endpoint

    def _add_stage(
        self, stage: Stage, routes: list[apigateway.HttpRoute], throttles: dict[str, Throttle]
    ) -> None:
        access_logs = log_group(self, "AccessLogs", stage=stage)
        fields = ",".join(f'"{name}":"$context.{variable}"' for name, variable in ACCESS_LOG_FIELDS.items())
        default_stage = apigateway.CfnStage(
            self,
            "Stage",
            api_id=self.api.api_id,
            stage_name="$default",
            auto_deploy=True,
            access_log_settings=apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=access_logs.log_group_arn, format=f"{{{fields}}}"
            ),
            default_route_settings=_route_settings(OTHERWISE),
            route_settings={
                key: {"ThrottlingRateLimit": throttle.rate, "ThrottlingBurstLimit": throttle.burst}
                for key, throttle in throttles.items()
            },
        )
        default_stage.override_logical_id("HttpApiStage")
        # A stage may only name routes that are there already.
        for route in routes:
            default_stage.node.add_dependency(route)


def _route_settings(throttle: Throttle) -> apigateway.CfnStage.RouteSettingsProperty:
    return apigateway.CfnStage.RouteSettingsProperty(
        throttling_rate_limit=throttle.rate,
        throttling_burst_limit=throttle.burst,
        detailed_metrics_enabled=True,
    )


def _integration(name: str, function: PythonFunction) -> integrations.HttpLambdaIntegration:
    # One permission for all routes of a function: a stack has room for 500 resources, and a permission is one.
    return integrations.HttpLambdaIntegration(
        f"{name}Integration", function.live, scope_permission_to_route=False
    )
