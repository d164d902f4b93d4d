"""The routes that anybody may call."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_apigatewayv2 as apigateway

from infra.data_deletion import DataDeletion
from infra.http_api import OpenRoute, Throttle
from infra.ingest import Ingest
from infra.python_function import PythonFunction
from infra.report import Report

PLATFORM_QUESTIONS = Throttle(rate=10, burst=20)
WEBHOOKS = Throttle(rate=500, burst=1000)
UNKNOWN_WEBHOOKS = Throttle(rate=10, burst=20)
REPORTS = Throttle(rate=20, burst=100)
# A report is some dozen pages and two files.
REPORT_PAGES = Throttle(rate=100, burst=400)
HEALTH = Throttle(rate=10, burst=20)
LOOK_UPS = Throttle(rate=50, burst=200)
SURVEYS = Throttle(rate=20, burst=100)
DELETIONS = Throttle(rate=10, burst=50)


def open_routes(
    ingest: Ingest, report: Report, data_deletion: DataDeletion | None, platforms: Sequence[str]
) -> list[OpenRoute]:
    """Each route with its function, its throttle, and why it is open."""
    get, post = apigateway.HttpMethod.GET, apigateway.HttpMethod.POST
    signed = "Platforms sign what they send: the function verifies the signature over the raw bytes."
    return [
        # Each platform has a throttle of its own: a flood of forgeries at one holds up no other.
        *(
            OpenRoute(
                method=post,
                path=f"/webhooks/{platform}",
                function=ingest.webhooks,
                throttle=WEBHOOKS,
                open_because=signed,
            )
            for platform in platforms
        ),
        OpenRoute(
            method=get,
            path="/webhooks/meta",
            function=ingest.webhooks,
            throttle=PLATFORM_QUESTIONS,
            open_because="Meta's subscription check: the function compares the verify token.",
        ),
        OpenRoute(
            method=get,
            path="/webhooks/x",
            function=ingest.webhooks,
            throttle=PLATFORM_QUESTIONS,
            open_because="X's challenge-response check: the answer is a keyed hash of a token of strict form.",
        ),
        OpenRoute(
            method=post,
            path="/webhooks/{channel}",
            function=ingest.webhooks,
            throttle=UNKNOWN_WEBHOOKS,
            open_because="Answers 404 in our own words for a platform that this force has no channel on.",
        ),
        OpenRoute(
            method=post,
            path="/reports",
            function=report.report,
            throttle=REPORTS,
            open_because="Anybody may report to the police, without an account.",
            for_people=True,
        ),
        *(
            OpenRoute(
                method=method,
                path=path,
                function=report.report,
                throttle=REPORT_PAGES,
                open_because="The public form: what its pages carry is sealed, and nothing is kept before it is sent.",
                for_people=True,
            )
            for method, path in ((get, "/report"), (get, "/report/{page}"), (post, "/report/{page}"))
        ),
        OpenRoute(
            method=get,
            path="/health",
            function=report.report,
            throttle=HEALTH,
            open_because="Tells probes that the desk answers, and its version; no secret is in it.",
        ),
        OpenRoute(
            method=get,
            path="/live/{reference}",
            function=report.report,
            throttle=LOOK_UPS,
            open_because="Anybody may ask whether a message is from the police; it knows of none that is.",
            for_people=True,
        ),
        *(
            OpenRoute(
                method=method,
                path="/survey/{token}",
                function=report.survey,
                throttle=SURVEYS,
                open_because="Whoever has the link that we sent may answer it, once; nothing can be read there.",
                for_people=True,
            )
            for method in (get, post)
        ),
        *(_of_deletions(data_deletion.data_deletion) if data_deletion else ()),
    ]


def _of_deletions(function: PythonFunction) -> list[OpenRoute]:
    return [
        OpenRoute(
            method=apigateway.HttpMethod.POST,
            path="/data-deletion/meta",
            function=function,
            throttle=DELETIONS,
            open_because="Meta signs the request: the function verifies the signature under the app secret.",
        ),
        OpenRoute(
            method=apigateway.HttpMethod.GET,
            path="/data-deletion/{code}",
            function=function,
            throttle=DELETIONS,
            open_because="Whoever was given the code may read how the request stands; it says nothing of anybody.",
            for_people=True,
        ),
    ]
