"""A folder of papers that proves itself: `sha256sum -c SHA256SUMS` says on any machine whether it was changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from contact_desk.errors import ContactDeskError

SUMS = "SHA256SUMS"
HOW_TO_VERIFY = """To verify that nothing in this folder was changed since it was made, on any machine:

    sha256sum -c SHA256SUMS

(macOS: shasum -a 256 -c SHA256SUMS). Every line must say OK. The sum of the file SHA256SUMS itself is in the audit
of the desk that made it, under seal; whoever handed the folder over can tell it: sha256sum SHA256SUMS

Open case.html in any browser: it needs no network. originals/ holds each event byte for byte as the platform sent it;
case.html names each with the hash that was written down when it came. attachments/ holds copies of files as sent.
"""


class FolderNotEmptyError(ContactDeskError):
    """The folder is there and something is in it: papers are never mixed with others."""


def write_bundle(folder: Path, papers: Mapping[str, bytes]) -> str:
    """Write the papers with their sums into a new folder; the hash of the sums. Raises FolderNotEmptyError."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderNotEmptyError(f"{folder} is there already")
    whole = {**papers, "README.txt": HOW_TO_VERIFY.encode()}
    lines = [f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in sorted(whole.items())]
    sums = "".join(lines).encode()
    for name, body in {**whole, SUMS: sums}.items():
        path = folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(body)
        path.chmod(0o600)
    return hashlib.sha256(sums).hexdigest()
