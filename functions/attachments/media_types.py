"""What a file is, by its first bytes, and whether that agrees with what it was said to be."""

from __future__ import annotations

from collections.abc import Iterator

from contact_desk.attachments import CopyFailure, NotCopiedError

OCTETS = "application/octet-stream"
PDF = "application/pdf"
OGG = "application/ogg"

# Where the bytes stand, what they are, and what that makes the file.
MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"OggS", OGG),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"fLaC", "audio/flac"),
    (0, b"%PDF-", PDF),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"MZ", "application/vnd.microsoft.portable-executable"),
    (0, b"\x7fELF", "application/x-executable"),
)
FRAME_BEGINS, FRAME_LAYER = 0xFFE0, 0x0006
LAYERS = {0x0000: "audio/aac", 0x0002: "audio/mpeg", 0x0004: "audio/mpeg"}
IN_RIFF = frozenset({"image/webp", "audio/wav", "video/x-msvideo"})
# The brand of an ISO media file, where it is not a film.
BRANDS = {
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
    b"avif": "image/avif",
    b"qt  ": "video/quicktime",
}
# Files that hold a film or a recording alike: which of the two, the one who sent it says.
CONTAINERS = frozenset({"video/mp4", "video/3gpp", "video/quicktime", "video/webm", OGG})
# The kinds of attachments that say what a file is; any other kind may be anything.
KINDS: dict[str, frozenset[str]] = {
    "image": frozenset({"image"}),
    "photo": frozenset({"image"}),
    "sticker": frozenset({"image"}),
    "video": frozenset({"video"}),
    "animated_gif": frozenset({"image", "video"}),
    "audio": frozenset({"audio"}),
    "voice": frozenset({"audio"}),
}


def media_type_of(content: bytes) -> str | None:
    """The media type that the first bytes tell; None where they tell none."""
    for offset, magic, media_type in MAGIC:
        if content.startswith(magic, offset) and (media_type not in IN_RIFF or content.startswith(b"RIFF")):
            return media_type
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        return "video/3gpp" if brand.startswith(b"3g") else BRANDS.get(brand, "video/mp4")
    return _sound_of(content) or _markup_of(content)


def agreed_media_type(content: bytes, kind: str, *said: str | None) -> str:
    """The file's media type, where it agrees with the attachment's kind and with every type that it was `said` to be.

    What its bytes do not tell is `application/octet-stream`. Raises NotCopiedError (type_differs).
    """
    found = media_type_of(content)
    wanted = list(_wanted(kind, said))
    if not all(_agrees(found, families) for families in wanted) or (PDF in _bare(said) and found != PDF):
        raise NotCopiedError(CopyFailure.TYPE_DIFFERS)
    if found in CONTAINERS and wanted:
        family = "audio" if "audio" in frozenset.intersection(*wanted) else "video"
        return f"{family}/{found.partition('/')[2]}"
    return found or OCTETS


def _wanted(kind: str, said: tuple[str | None, ...]) -> Iterator[frozenset[str]]:
    if kind in KINDS:
        yield KINDS[kind]
    for media_type in _bare(said):
        family = media_type.partition("/")[0]
        if family == "audio":
            yield frozenset({"audio"})
        elif family == "video":
            # A voice message comes from some platforms as a film without pictures.
            yield frozenset({"video", "audio"})
        elif family == "image":
            yield frozenset({"image"})


def _agrees(found: str | None, families: frozenset[str]) -> bool:
    if found is None:
        return False
    held = {"audio", "video"} if found in CONTAINERS else {found.partition("/")[0]}
    return not held.isdisjoint(families)


def _bare(said: tuple[str | None, ...]) -> list[str]:
    """The media types without their parameters."""
    return [media_type.partition(";")[0].strip().lower() for media_type in said if media_type]


def _sound_of(content: bytes) -> str | None:
    """Sound without a header of its own: eleven set bits begin each frame, the layer of the coding follows."""
    header = int.from_bytes(content[:2], "big")
    return LAYERS.get(header & FRAME_LAYER) if header & FRAME_BEGINS == FRAME_BEGINS else None


def _markup_of(content: bytes) -> str | None:
    start = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<script", b"<head", b"<body")):
        return "text/html"
    return "text/xml" if start.startswith((b"<?xml", b"<svg")) else None
