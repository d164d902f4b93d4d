"""The layers of pinned libraries, from wheels that set-up has downloaded, less what the desk never loads."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from uv import find_uv_bin

from contact_desk.errors import ContactDeskError

# What the desk talks to; botocore ships descriptions of some four hundred services, which are most of its size.
AWS_SERVICES = frozenset(
    {"bedrock-runtime", "dynamodb", "kms", "s3", "secretsmanager", "sesv2", "sns", "sqs", "ssm", "sts"}
)
LAMBDA_PLATFORM = ("--python-platform", "aarch64-manylinux_2_28", "--python-version", "3.13")

_UNUSED_FOLDERS = (
    "bin",
    "boto3/data",
    "boto3/examples",
    "numpy/_core/include",
    "numpy/_core/lib",
    "numpy/f2py",
    "numpy/random/_examples",
)
_UNUSED_NAMES = ("tests", "test", "__pycache__")
_UNUSED_FILES = ("*.pyi", "*.c", "*.h", "*.a", "*.pxd", "*.pyx", "examples-1.json", "examples-1.json.gz")
# Kept of a distribution's own records: its version and licence, and the entry points that libraries look plugins up by.
_KEPT_RECORDS = ("METADATA", "entry_points.txt")


class VendorLayerError(ContactDeskError):
    """The libraries could not be installed from the wheels at hand."""


def install_vendor(site: Path, *, requirements: Path, wheels: Path, platform: tuple[str, ...]) -> None:
    """Install the hashed requirements into the folder from the wheels alone, then drop what is never loaded.

    `platform` is empty for the running interpreter's own. Raises VendorLayerError where wheels are missing or a hash
    differs.
    """
    if not wheels.is_dir():
        raise VendorLayerError(f"no wheels in {wheels}: run `make setup`, which downloads them")
    command = [find_uv_bin(), "pip", "install", "--quiet", "--no-config", "--no-cache", "--link-mode", "copy"]
    sources = ["--no-index", "--find-links", str(wheels), "--only-binary", ":all:", "--require-hashes"]
    target = ["--python", sys.executable, *platform, "--target", str(site), "-r", str(requirements)]
    done = subprocess.run([*command, *sources, *target], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise VendorLayerError(f"the vendor layer cannot be installed from {wheels}:\n{done.stderr}")
    for unused in list(_unused(site)):
        if unused.is_dir():
            shutil.rmtree(unused)
        else:
            unused.unlink(missing_ok=True)
    if (endpoints := site / "botocore/data/endpoints.json").exists():
        _keep_endpoints_in_use(endpoints)


def _unused(site: Path) -> Iterator[Path]:
    yield site / ".lock"
    yield from (site / folder for folder in _UNUSED_FOLDERS if (site / folder).is_dir())
    for pattern in (*_UNUSED_NAMES, *_UNUSED_FILES):
        yield from site.rglob(pattern)
    for description in (site / "botocore/data").glob("*"):
        if description.is_dir() and description.name not in AWS_SERVICES:
            yield description
    for records in site.glob("*.dist-info"):
        for record in records.rglob("*"):
            if record.is_file() and record.name not in _KEPT_RECORDS and "licen" not in record.name.lower():
                yield record


def _keep_endpoints_in_use(endpoints: Path) -> None:
    """Cut the endpoints, which botocore parses at each cold start, down to those of the services in use."""
    listed = json.loads(endpoints.read_text())
    listed_as = AWS_SERVICES | {"email"}  # which is how SES goes there
    for partition in listed["partitions"]:
        services = partition["services"]
        partition["services"] = {name: services[name] for name in sorted(listed_as & services.keys())}
    endpoints.write_text(json.dumps(listed, separators=(",", ":")))
