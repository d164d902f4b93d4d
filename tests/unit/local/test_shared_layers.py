"""Every process finds its layers, before all other libraries, and each layer is unpacked once."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from local.emulator.shared_layers import KEPT_SECONDS, forget_unused, pointing, unpacked

# As MiniStack's worker does with each layer of its function, one after the other.
WORKER = """
import os, site, sys
for layer in sys.argv[1:]:
    python = os.path.join(layer, "python")
    if os.path.isdir(python):
        sys.path.insert(0, python)
        for version in os.listdir(os.path.join(python, "lib")):
            site.addsitedir(os.path.join(python, "lib", version, "site-packages"))
    sys.path.insert(0, layer)
import colorsys, desk_domain
print(desk_domain.NAME, colorsys.NAME)
"""


def zipped(files: dict[str, str]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, text in files.items():
            file.writestr(name, text)
    return archive.getvalue()


CORE = zipped({"python/desk_domain.py": "NAME = 'domain'"})
VENDOR = zipped(
    {"python/colorsys.py": "NAME = 'vendored'"}
)  # also in the standard library, which must not win


def test_a_process_imports_from_each_layer_before_all_else(tmp_path: Path) -> None:
    stored: dict[object, bytes] = {"core": CORE, "vendor": VENDOR}
    resolve = pointing(stored.get, tmp_path / "shared")
    layers = []
    for name in stored:
        pointer = resolve(name)
        assert pointer is not None
        layers.append(tmp_path / str(name))
        zipfile.ZipFile(io.BytesIO(pointer)).extractall(layers[-1])

    run = subprocess.run(
        [sys.executable, "-c", WORKER, *map(str, layers)], capture_output=True, text=True, check=True
    )

    assert run.stdout.split() == ["domain", "vendored"]


def test_a_layer_is_unpacked_once_and_another_one_beside_it(tmp_path: Path) -> None:
    first = unpacked(CORE, tmp_path)
    (first / "mark").touch()

    assert unpacked(CORE, tmp_path) == first
    assert (first / "mark").exists()
    assert unpacked(VENDOR, tmp_path) != first


def test_a_layer_half_unpacked_is_unpacked_anew(tmp_path: Path) -> None:
    half = unpacked(VENDOR, tmp_path).with_suffix(".new")
    (half / "python").mkdir(parents=True)
    (half / "python/stale.py").touch()
    shutil.rmtree(half.with_suffix(""))

    assert [file.name for file in unpacked(VENDOR, tmp_path).rglob("*.py")] == ["colorsys.py"]


def test_a_layer_that_no_process_has_asked_for_in_a_day_goes(tmp_path: Path) -> None:
    core, vendor = unpacked(CORE, tmp_path), unpacked(VENDOR, tmp_path)
    now = core.stat().st_mtime
    os.utime(vendor, (now - KEPT_SECONDS - 1, now - KEPT_SECONDS - 1))
    forget_unused(tmp_path, now=now)

    assert core.exists()
    assert not vendor.exists()


def test_a_layer_that_is_not_there_stays_so(tmp_path: Path) -> None:
    assert pointing(lambda _: None, tmp_path)("arn") is None
