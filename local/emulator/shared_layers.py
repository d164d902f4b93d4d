"""Layers unpacked once for all: MiniStack unpacks every layer for every process, and removes it with the process.

With the libraries in a layer that is half of a function's cold start, and on an update, which ends all processes at
once, minutes of removing files during which the emulator answers nobody.
"""

from __future__ import annotations

import functools
import hashlib
import shutil
import threading
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

# MiniStack's worker gives this folder of a layer to `site.addsitedir`, which runs the import lines of .pth files.
POINTER_FILE = "python/lib/shared/site-packages/layer.pth"
# They stay from one run to the next, since writing and removing thousands of files takes seconds.
KEPT_SECONDS = 24 * 60 * 60

Resolve = Callable[[object], bytes | None]


def share_layers(folder: Path) -> None:
    """Have MiniStack's workers use layers unpacked in `folder`, from which those long unused go."""
    from ministack.services import lambda_svc

    forget_unused(folder, now=time.time())
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
    place = folder / _digest(layer)
    if not place.exists():
        draft = place.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        with zipfile.ZipFile(BytesIO(layer)) as archive:
            archive.extractall(draft)
        draft.rename(place)
    place.touch()
    return place


def forget_unused(folder: Path, *, now: float) -> None:
    """Remove the layers that no process has asked for in the `KEPT_SECONDS` before `now` (Unix time)."""
    for place in folder.glob("*"):
        if place.stat().st_mtime < now - KEPT_SECONDS:
            shutil.rmtree(place)


@functools.lru_cache(maxsize=16)
def _digest(layer: bytes) -> str:
    # Tens of megabytes, the same ones for every process.
    return hashlib.blake2b(layer, digest_size=16).hexdigest()


def pointer_to(place: Path) -> bytes:
    """A layer that puts the unpacked one's `python` folder where its own would stand: before all other libraries."""
    pointer = BytesIO()
    with zipfile.ZipFile(pointer, "w") as archive:
        archive.writestr(POINTER_FILE, f"import sys; sys.path.insert(0, {str(place / 'python')!r})\n")
    return pointer.getvalue()
