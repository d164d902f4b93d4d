"""Layers unpacked once for all: MiniStack unpacks every layer for every process, and removes it with the process.

With the libraries in a layer that is half of a function's cold start, and on an update, which ends all processes at
once, minutes of removing files during which the emulator answers nobody.
"""

from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

# MiniStack's worker gives this folder of a layer to `site.addsitedir`, which runs the import lines of .pth files.
POINTER_FILE = "python/lib/shared/site-packages/layer.pth"

Resolve = Callable[[object], bytes | None]


def share_layers(folder: Path) -> None:
    """Have MiniStack's workers use layers unpacked in `folder`."""
    from ministack.services import lambda_svc

    lambda_svc._resolve_layer_zip = pointing(lambda_svc._resolve_layer_zip, folder)  # noqa: SLF001 - pinned


def pointing(resolve: Resolve, folder: Path) -> Resolve:
    """Wrap what gives a layer's zip so that it gives a small one in its place, which points to the unpacked layer."""
    one_at_a_time = threading.Lock()

    def resolve_pointer(attachment: object) -> bytes | None:
        layer = resolve(attachment)
        if layer is None:
            return None
        with one_at_a_time:
            return pointer_to(unpacked(layer, folder))

    return resolve_pointer


def unpacked(layer: bytes, folder: Path) -> Path:
    """Where the layer lies unpacked; it is unpacked if it does not lie there yet."""
    place = folder / hashlib.blake2b(layer, digest_size=16).hexdigest()
    if not place.exists():
        draft = place.with_suffix(".new")
        with zipfile.ZipFile(BytesIO(layer)) as archive:
            archive.extractall(draft)
        draft.rename(place)
    return place


def pointer_to(place: Path) -> bytes:
    """A layer that puts the unpacked one's `python` folder where its own would stand: before all other libraries."""
    pointer = BytesIO()
    with zipfile.ZipFile(pointer, "w") as archive:
        archive.writestr(POINTER_FILE, f"import sys; sys.path.insert(0, {str(place / 'python')!r})\n")
    return pointer.getvalue()
