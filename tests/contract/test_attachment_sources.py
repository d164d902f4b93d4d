"""Files of the platforms' stand-ins: open links, good and bad, and those that a platform gives to us alone."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import uvicorn

from contact_desk.attachments import AttachmentCopy, CopyFailure, NotCopiedError
from functions.attachments.allowed_hosts import ALLOWED_HOSTS
from functions.attachments.fetching import Fetched, Fetcher, Limits
from functions.attachments.media_types import agreed_media_type
from functions.attachments.sources import TwilioMedia, WhatsAppMedia
from local.platforms.app import platforms_app
from local.platforms.media import PICTURE, SMS_PASSWORD, SMS_USER
from local.twins.in_memory_secret import InMemorySecret

META = ALLOWED_HOSTS["messenger"]
BRIEF = Limits(seconds=1.0, connect_seconds=0.5)


@dataclass(frozen=True)
class StandIns:
    """The platforms' stand-ins on a port of their own."""

    host: str

    def fetch(self, name: str, limits: Limits | None = None) -> Fetched:
        fetcher = Fetcher(stand_in=self.host, limits=limits or Limits(seconds=10))
        return fetcher.fetch(f"http://{self.host}/media/{name}", META)

    def failure(self, name: str, limits: Limits | None = None) -> CopyFailure:
        with pytest.raises(NotCopiedError) as refused:
            self.fetch(name, limits)
        return refused.value.failure


@pytest.fixture(scope="module")
def stand_ins() -> Iterator[StandIns]:
    config = uvicorn.Config(
        platforms_app({"7001": "page-token"}),
        host="127.0.0.1",
        port=0,
        log_level="critical",
        access_log=False,
    )
    server = uvicorn.Server(config)
    config.timeout_graceful_shutdown = 1
    thread = threading.Thread(target=asyncio.run, args=(server.serve(),), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield StandIns(f"127.0.0.1:{port}")
    server.should_exit = True
    thread.join(timeout=10)


def test_the_picture_is_a_picture(stand_ins: StandIns) -> None:
    file = stand_ins.fetch("alley.png")

    assert file.content == PICTURE
    assert agreed_media_type(file.content, "image", file.content_type) == "image/png"
    assert stand_ins.fetch("moved.png") == file


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("to_metadata.png", CopyFailure.LINK_NOT_ALLOWED),
        ("to_this_machine.png", CopyFailure.LINK_NOT_ALLOWED),
        ("circles.png", CopyFailure.TOO_MANY_REDIRECTS),
        ("short.png", CopyFailure.CUT_SHORT),
        ("huge.mp4", CopyFailure.TOO_LARGE),
        ("expired.png", CopyFailure.LINK_EXPIRED),
        ("failing.png", CopyFailure.PLATFORM_FAILING),
        ("unknown.png", CopyFailure.LINK_EXPIRED),
    ],
)
def test_a_bad_link_is_refused(stand_ins: StandIns, name: str, expected: CopyFailure) -> None:
    assert stand_ins.failure(name) is expected


def test_a_link_that_hangs_costs_no_more_than_its_time(stand_ins: StandIns) -> None:
    assert stand_ins.failure("hangs.png", BRIEF) is CopyFailure.TOOK_TOO_LONG


def test_a_page_that_is_said_to_be_a_picture_is_none(stand_ins: StandIns) -> None:
    file = stand_ins.fetch("page.png")
    with pytest.raises(NotCopiedError):
        agreed_media_type(file.content, "image", file.content_type)


def whatsapp(stand_ins: StandIns, **secret: str) -> WhatsAppMedia:
    fetcher = Fetcher(stand_in=stand_ins.host, limits=Limits(seconds=10))
    return WhatsAppMedia(fetcher, f"http://{stand_ins.host}/v26.0", InMemorySecret(**secret))


def twilio(stand_ins: StandIns, **secret: str) -> TwilioMedia:
    fetcher = Fetcher(stand_in=stand_ins.host, limits=Limits(seconds=10))
    return TwilioMedia(fetcher, InMemorySecret(**secret))


def test_a_file_of_whatsapps_is_looked_up_by_its_id_and_fetched_with_the_token(stand_ins: StandIns) -> None:
    file = AttachmentCopy("image", "image/png", "770000000000001")

    assert whatsapp(stand_ins, access_token="page-token").fetch(file).content == PICTURE


@pytest.mark.parametrize(
    ("ref", "secret", "expected"),
    [
        ("770000000000001", {"access_token": "another"}, CopyFailure.NO_CREDENTIALS),
        ("770000000000001", {"access_token": "with\r\nbreak"}, CopyFailure.NO_CREDENTIALS),
        ("770000000000001", {}, CopyFailure.NO_CREDENTIALS),
        ("../me?fields=id", {"access_token": "page-token"}, CopyFailure.LINK_NOT_ALLOWED),
        ("https://evil.example/", {"access_token": "page-token"}, CopyFailure.LINK_NOT_ALLOWED),
    ],
)
def test_without_the_right_token_or_id_whatsapp_gives_no_file(
    stand_ins: StandIns, ref: str, secret: dict[str, str], expected: CopyFailure
) -> None:
    with pytest.raises(NotCopiedError) as refused:
        whatsapp(stand_ins, **secret).fetch(AttachmentCopy("image", None, ref))

    assert refused.value.failure is expected


def test_a_file_of_the_sms_providers_asks_for_user_and_password_and_redirects(stand_ins: StandIns) -> None:
    link = f"http://{stand_ins.host}/2010-04-01/Accounts/AC1/Messages/MM1/Media/alley.png"
    file = AttachmentCopy("image", "image/png", link)

    assert twilio(stand_ins, user=SMS_USER, password=SMS_PASSWORD).fetch(file).content == PICTURE
    with pytest.raises(NotCopiedError) as refused:
        twilio(stand_ins, user=SMS_USER, password="another").fetch(file)
    assert refused.value.failure is CopyFailure.NO_CREDENTIALS
