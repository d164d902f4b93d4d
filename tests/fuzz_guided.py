"""Coverage-guided bodies for the readers, by atheris: what reaches new lines is bent further. Run by `make fuzz`.

    python -m tests.fuzz_guided CASES SEED

The first byte of an input names its webhook, the rest is the body.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["functions.ingest", "contact_desk"]):
    from tests import conftest  # noqa: F401 - its environment is what the functions start with
    from tests.any_bodies import ORIGINALS, Bender, Body, assert_read
    from tests.corpus import SIGNED

WEBHOOKS = sorted(SIGNED)
LONGEST = 20_000


def read_one(data: bytes) -> None:
    """One input to its readers."""
    body = Body(WEBHOOKS[data[0] % len(WEBHOOKS)] if data else WEBHOOKS[0], data[1:])
    try:
        assert_read(body)
    except Exception as error:
        error.add_note(f"of {body!r}")
        raise


def bend(data: bytes, longest: int, seed: int) -> bytes:
    """The input with its body bent as any other payload."""
    return (data[:1] + Bender(seed).bent(data[1:]))[:longest]


def main(cases: str, seed: str) -> None:
    """Fuzz from the corpus; ends the process, with 0 where nothing failed."""
    with tempfile.TemporaryDirectory() as folder:
        for number, body in enumerate(ORIGINALS):
            name = bytes([WEBHOOKS.index(body.webhook)])
            (Path(folder) / f"{number}").write_bytes(name + body.data)
        options = [
            f"-runs={cases}",
            f"-seed={int(seed) % 2**31 + 1}",
            f"-max_len={LONGEST}",
            "-print_final_stats=1",
        ]
        atheris.Setup(
            [sys.argv[0], *options, f"-artifact_prefix={folder}/", folder], read_one, custom_mutator=bend
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
