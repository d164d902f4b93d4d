"""Media types: told by the first bytes, and held against what the file was said to be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_desk.attachments import CopyFailure, NotCopiedError
from functions.attachments.media_types import OCTETS, agreed_media_type, media_type_of
from local.platforms.media import FILM_BEGINS, PAGE, PICTURE

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
OGG = b"OggS\x00\x02" + bytes(20)
PDF = b"%PDF-1.7\n"
DOCX = b"PK\x03\x04\x14\x00"
M4A = b"\0\0\0\x1cftypM4A \0\0\0\0"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (JPEG, "image/jpeg"),
        (PICTURE, "image/png"),
        (b"GIF89a\x01", "image/gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "audio/wav"),
        (b"12345678WEBP", None),
        (FILM_BEGINS, "video/mp4"),
        (b"\0\0\0\x18ftyp3gp4", "video/3gpp"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"\0\0\0\x14ftypqt  ", "video/quicktime"),
        (M4A, "audio/mp4"),
        (b"\x1aE\xdf\xa3\x01", "video/webm"),
        (OGG, "application/ogg"),
        (b"ID3\x03", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (b"\xff\xfeh\x00i\x00", None),
        (b"#!AMR\n", "audio/amr"),
        (PDF, "application/pdf"),
        (DOCX, "application/zip"),
        (b"MZ\x90", "application/vnd.microsoft.portable-executable"),
        (PAGE, "text/html"),
        (b"\xef\xbb\xbf\n <HTML><body>", "text/html"),
        (b"<?xml version='1.0'?><svg/>", "text/xml"),
        (b"<svg onload=alert(1)>", "text/xml"),
        (b"just words", None),
        (b"\xff", None),
        (b"", None),
    ],
)
def test_the_first_bytes_tell_the_type(content: bytes, media_type: str | None) -> None:
    assert media_type_of(content) == media_type


@pytest.mark.parametrize(
    ("content", "kind", "said", "media_type"),
    [
        (JPEG, "image", ("image/jpeg",), "image/jpeg"),
        (PICTURE, "image", ("image/jpeg",), "image/png"),
        (PICTURE, "image", (None, None), "image/png"),
        (PICTURE, "sticker", ("image/webp", OCTETS), "image/png"),
        (FILM_BEGINS, "video", ("video/mp4; codecs=avc1",), "video/mp4"),
        (FILM_BEGINS, "animated_gif", ("video/mp4",), "video/mp4"),
        (FILM_BEGINS, "audio", ("video/mp4",), "audio/mp4"),
        (FILM_BEGINS, "audio", ("audio/mp4",), "audio/mp4"),
        (OGG, "audio", ("audio/ogg; codecs=opus",), "audio/ogg"),
        (OGG, "voice", (None,), "audio/ogg"),
        (PDF, "file", ("application/pdf",), "application/pdf"),
        (DOCX, "document", ("application/vnd.oasis.opendocument.text",), "application/zip"),
        (b"a,b\n1,2\n", "file", ("text/csv",), OCTETS),
        (b"\x00\x01\x02", "file", (None,), OCTETS),
        (JPEG, "ig_reel", (None,), "image/jpeg"),
    ],
)  # fmt: skip
def test_what_agrees_is_named_by_its_bytes(
    content: bytes, kind: str, said: tuple[str | None, ...], media_type: str
) -> None:
    assert agreed_media_type(content, kind, *said) == media_type


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (PAGE, "image", ("image/png",)),
        (PAGE, "image", (None,)),
        (b"<svg onload=alert(1)>", "image", ("image/svg+xml",)),
        (b"MZ\x90\x00", "image", ("image/jpeg",)),
        (b"MZ\x90\x00", "file", ("image/jpeg",)),
        (b"nobody knows", "image", ("image/png",)),
        (FILM_BEGINS, "image", ("video/mp4",)),
        (JPEG, "video", ("video/mp4",)),
        (JPEG, "audio", (None,)),
        (PICTURE, "file", ("application/pdf",)),
        (PICTURE, "image", ("audio/mpeg",)),
    ],
)
def test_what_lies_about_its_type_is_refused(content: bytes, kind: str, said: tuple[str | None, ...]) -> None:
    with pytest.raises(NotCopiedError) as refused:
        agreed_media_type(content, kind, *said)

    assert refused.value.failure is CopyFailure.TYPE_DIFFERS


@given(st.binary(max_size=600), st.sampled_from(["image", "video", "audio", "file", "anything"]))
def test_no_bytes_can_make_it_fail_and_a_picture_is_never_markup(content: bytes, kind: str) -> None:
    try:
        media_type = agreed_media_type(content, kind)
    except NotCopiedError:
        return
    assert kind not in {"image", "video", "audio"} or media_type.startswith(f"{kind}/")
