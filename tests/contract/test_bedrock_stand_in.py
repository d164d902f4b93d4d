"""The second reader's client against the stand-in for Amazon Bedrock, over HTTP and through the SDK."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn

from contact_desk.contacts import Surface
from contact_desk.grades import Band, Grade
from functions.triage.second_reads.answers import Found
from functions.triage.second_reads.bedrock import BedrockModel, SecondReaderError, bedrock_client
from functions.triage.second_reads.prompt import Words
from local.platforms.app import platforms_app
from local.platforms.bedrock import AMBER, RED

MODEL = "anthropic.a-model-v1:0"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    config = uvicorn.Config(
        platforms_app({}), host="127.0.0.1", port=0, log_level="critical", access_log=False
    )
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    thread = threading.Thread(target=asyncio.run, args=(server.serve(),), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def model(url: str, monkeypatch: pytest.MonkeyPatch) -> BedrockModel:
    for name, value in {
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": f"{url}/bedrock",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-west-2",
    }.items():
        monkeypatch.setenv(name, value)
    httpx.delete(f"{url}/faults", trust_env=False)
    return BedrockModel(bedrock_client(1), MODEL)


def words(text: str) -> Words:
    return Words(text, "messenger", Surface.PRIVATE)


@pytest.mark.parametrize(
    ("text", "band", "grade"),
    [
        (f"my dad {RED[0]}", Band.RED, Grade.EMERGENCY),
        (f"it {AMBER[0]} here", Band.AMBER, Grade.PRIORITY),
        ("when do you open", Band.GREEN, Grade.SCHEDULED),
    ],
)
def test_it_answers_by_the_schema_from_a_few_plain_words(
    model: BedrockModel, text: str, band: Band, grade: Grade
) -> None:
    answer = model.read(words(text))

    assert isinstance(answer, Found)
    assert (answer.finding.band, answer.finding.grade) == (band, grade)


def test_it_keeps_what_it_was_asked(model: BedrockModel, url: str) -> None:
    model.read(words("the last words"))
    received: list[Any] = httpx.get(f"{url}/received", trust_env=False).json()["received"]

    assert (received[-1]["platform"], received[-1]["account"], received[-1]["text"]) == (
        "bedrock",
        MODEL,
        "the last words",
    )


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("429", "ThrottlingException"),
        ("500_before", "InternalServerException"),
        ("expired", "AccessDeniedException"),
        ("hang", "ReadTimeoutError"),
    ],
)
def test_it_fails_as_the_service_does(model: BedrockModel, url: str, fault: str, code: str) -> None:
    asked = {"platform": "bedrock", "act": "converse", "fault": fault, "times": 1}
    httpx.post(f"{url}/faults", json=asked, trust_env=False).raise_for_status()
    with pytest.raises(SecondReaderError, match=f"^{code}$"):
        model.read(words("anything"))

    assert isinstance(model.read(words("anything")), Found)
