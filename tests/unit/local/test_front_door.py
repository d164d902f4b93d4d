"""The front door hands requests to the API untouched, and answers as AWS does where the emulator does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpcore
import pytest

from local.front_door import BODY_LIMIT_BYTES, front_door_app
from tests.unit.local.asgi_client import AsgiClient

ORIGIN = "http://127.0.0.1:8780"
API_URL = "http://127.0.0.1:4599/_aws/execute-api/deskapi/$default"


class EmulatedApi(httpcore.AsyncConnectionPool):
    """Stands where the emulator does: remembers what it was asked and answers what it was told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[dict[str, Any]] = []
        self.answer = httpcore.Response(
            200, headers=[(b"Content-Type", b"application/json")], content=b'{"ok":true}'
        )
        self.failure: Exception | None = None

    async def request(self, method: Any, url: Any, **request: Any) -> httpcore.Response:
        self.asked.append(
            {"method": method, "url": bytes(url), **request, "headers": dict(request["headers"])}
        )
        if self.failure:
            raise self.failure
        await self.answer.aread()
        return self.answer


@pytest.fixture
def api() -> EmulatedApi:
    return EmulatedApi()


@pytest.fixture
def door(api: EmulatedApi) -> Iterator[AsgiClient]:
    with AsgiClient(front_door_app(API_URL, api), ORIGIN) as client:
        yield client


def test_a_request_reaches_the_api_under_its_own_path_and_query(door: AsgiClient, api: EmulatedApi) -> None:
    answer = door.get("/webhooks/meta?hub.mode=subscribe&hub.challenge=a%2Bb")

    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert api.asked[0]["method"] == "GET"
    assert api.asked[0]["url"] == (API_URL + "/webhooks/meta?hub.mode=subscribe&hub.challenge=a%2Bb").encode()


@pytest.mark.parametrize(
    "body",
    [b'{"text":"\\u00e9"}', '{"text":"é"}'.encode(), b'{ "spaced" : 1 }\r\n', b"\xef\xbb\xbf{}", b"a\x00b"],
)
def test_a_body_passes_byte_for_byte(door: AsgiClient, api: EmulatedApi, body: bytes) -> None:
    door.post("/webhooks/meta", content=body, headers={"Content-Type": "application/json"})

    assert api.asked[0]["content"] == body
    assert api.asked[0]["headers"][b"content-type"] == b"application/json"
    assert api.asked[0]["headers"][b"content-length"] == str(len(body)).encode()


@pytest.mark.parametrize("content_type", ["application/json", "text/plain; charset=utf-8"])
def test_a_body_that_is_not_utf_8_is_sent_as_bytes(
    door: AsgiClient, api: EmulatedApi, content_type: str
) -> None:
    door.post("/webhooks/meta", content=b'{"text":"\xff"}', headers={"Content-Type": content_type})

    assert api.asked[0]["content"] == b'{"text":"\xff"}'
    assert api.asked[0]["headers"][b"content-type"] == b"application/octet-stream"


def test_forwarded_headers_are_added_and_hop_by_hop_ones_dropped(door: AsgiClient, api: EmulatedApi) -> None:
    door.post(
        "/reports",
        content=b"{}",
        headers={
            "X-Hub-Signature-256": "sha256=ab",
            "X-Forwarded-For": "203.0.113.9",
            "X-Forwarded-Proto": "gopher",
            "Connection": "keep-alive, X-Private",
            "X-Private": "1",
            "TE": "trailers",
            "Origin": ORIGIN,
            "Sec-Fetch-Site": "same-origin",
        },
    )

    headers = api.asked[0]["headers"]
    assert headers[b"x-hub-signature-256"] == b"sha256=ab"
    assert headers[b"x-forwarded-for"] == b"203.0.113.9, 127.0.0.1"
    assert headers[b"x-forwarded-proto"] == b"http"
    assert headers[b"x-forwarded-port"] == b"8780"
    assert headers[b"host"] == b"127.0.0.1:4599"
    assert not {b"connection", b"x-private", b"te", b"origin", b"sec-fetch-site"} & headers.keys()


def test_repeated_headers_are_joined_as_the_http_api_joins_them(door: AsgiClient, api: EmulatedApi) -> None:
    door.post(
        "/webhooks/meta",
        content=b"{}",
        headers=[("X-Hub-Signature-256", "one"), ("X-Hub-Signature-256", "two")],
    )

    assert api.asked[0]["headers"][b"x-hub-signature-256"] == b"one,two"


def test_a_failed_handler_gives_the_plain_500_of_aws(door: AsgiClient, api: EmulatedApi) -> None:
    api.answer = httpcore.Response(502, content=b'{"errorMessage":"boom","stackTrace":["secret"]}')

    answer = door.post("/reports", content=b"{}")

    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})


@pytest.mark.parametrize(
    "failure", [httpcore.ConnectError(), httpcore.ReadTimeout(), httpcore.RemoteProtocolError()]
)
def test_an_api_that_does_not_answer_gives_503(
    door: AsgiClient, api: EmulatedApi, failure: Exception
) -> None:
    api.failure = failure

    answer = door.get("/desk/cases")

    assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})


def test_the_apis_errors_and_headers_pass_back(door: AsgiClient, api: EmulatedApi) -> None:
    api.answer = httpcore.Response(
        412,
        headers=[
            (b"Content-Type", b"application/problem+json"),
            (b"ETag", b'"7"'),
            (b"Set-Cookie", b"a=1"),
            (b"Set-Cookie", b"b=2"),
            (b"Access-Control-Allow-Origin", b"*"),
            (b"Transfer-Encoding", b"chunked"),
        ],
        content=b'{"type":"urn:contact-desk:stale-version"}',
    )

    answer = door.get("/desk/cases/1")

    assert answer.status_code == 412
    assert answer.content == b'{"type":"urn:contact-desk:stale-version"}'
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["etag"] == '"7"'
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert not {"access-control-allow-origin", "transfer-encoding"} & set(answer.headers)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/_ministack/reset",
        "/_aws/execute-api/deskapi/$default/health",
        "/webhooksx",
        "//desk/cases",
        "/desk/%2e%2e/%2e%2e/_ministack/reset",
        "/desk/..%2f..%2f_ministack/reset",
    ],
)
def test_paths_that_are_not_the_apis_are_not_found(door: AsgiClient, api: EmulatedApi, path: str) -> None:
    answer = door.get(path)

    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})
    assert api.asked == []


def test_preflights_are_not_found_since_there_is_one_origin(door: AsgiClient, api: EmulatedApi) -> None:
    assert door.request("OPTIONS", "/desk/cases").status_code == 404
    assert api.asked == []


def test_ten_megabytes_pass_and_one_byte_more_does_not(door: AsgiClient, api: EmulatedApi) -> None:
    assert door.post("/reports", content=b"a" * BODY_LIMIT_BYTES).status_code == 200

    answer = door.post("/reports", content=b"a" * (BODY_LIMIT_BYTES + 1))

    assert (answer.status_code, json.loads(answer.content)) == (413, {"message": "Request Entity Too Large"})
    assert len(api.asked) == 1


def test_a_large_body_of_undeclared_length_is_refused_too(door: AsgiClient, api: EmulatedApi) -> None:
    async def chunks() -> Any:
        for _ in range(11):
            yield b"a" * 1024 * 1024

    assert door.post("/reports", content=chunks()).status_code == 413
    assert api.asked == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:8780"},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_foreign_hosts_and_pages_are_refused(
    door: AsgiClient, api: EmulatedApi, headers: dict[str, str]
) -> None:
    assert door.post("/reports", content=b"{}", headers=headers).status_code == 403
    assert api.asked == []


def test_a_link_from_elsewhere_may_be_followed(door: AsgiClient) -> None:
    assert door.get("/report", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize(
    ("site", "status"), [("same-origin", 200), ("cross-site", 403), ("same-site", 403), (None, 403)]
)
def test_a_page_that_names_no_origin_may_write_only_where_the_browser_says_that_it_is_ours(
    door: AsgiClient, api: EmulatedApi, site: str | None, status: int
) -> None:
    said = [("Origin", "null"), *([("Sec-Fetch-Site", site)] if site else [])]
    assert door.post("/report/emergency", content=b"x", headers=said).status_code == status
    assert len(api.asked) == (status == 200)
