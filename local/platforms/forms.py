"""A form with a file in it, as `multipart/form-data` carries them."""

from __future__ import annotations

from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from typing import cast

from starlette.requests import Request

MULTIPART = "multipart/form-data"
PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file in a form: its name, and what it holds."""

    name: str
    content: bytes

    @property
    def is_picture(self) -> bool:
        """Whether its bytes are those of a PNG or a JPEG."""
        return self.content.startswith(PICTURES)


async def read_form(request: Request) -> tuple[dict[str, str], dict[str, SentFile]]:
    """The plain fields and the files of the form; none where the body is no such form."""
    said = request.headers.get("content-type", "")
    if not said.startswith(MULTIPART):
        return {}, {}
    head = b"content-type: " + said.encode("latin-1") + b"\r\n\r\n"
    form = BytesParser(policy=HTTP).parsebytes(head + await request.body())
    fields: dict[str, str] = {}
    files: dict[str, SentFile] = {}
    for part in form.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = cast(bytes, part.get_payload(decode=True) or b"")
        if not isinstance(name, str):
            continue
        if (filename := part.get_filename()) is not None:
            files[name] = SentFile(filename, content)
        else:
            fields[name] = content.decode("utf-8", "replace")
    return fields, files
