"""Serve the stand-ins for the platforms on loopback: `python -m local.platforms --tokens FILE`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import uvicorn

from local.addresses import LOOPBACK, Addresses
from local.platforms.app import platforms_app
from local.platforms.callbacks import Apps
from local.platforms.graph import Products
from local.shared_secrets import PublishingTokens
from local.stack_file import Stack


def main() -> None:
    """Read the options and serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m local.platforms", description=__doc__)
    addresses = Addresses.from_environment(os.environ)
    parser.add_argument("--port", type=int, default=addresses.platforms_port)
    parser.add_argument(
        "--tokens",
        type=Path,
        default=Path(os.environ.get("DESK_PLATFORMS_TOKENS") or addresses.home / "platform_tokens.json"),
        help="JSON file of what the stand-ins accept, as local.shared_secrets writes it "
        "(default: DESK_PLATFORMS_TOKENS, or platform_tokens.json in DESK_HOME)",
    )
    options = parser.parse_args()
    shared = PublishingTokens.model_validate_json(options.tokens.read_bytes())
    # A call that hangs on purpose must not keep the stand-ins from stopping.
    uvicorn.run(
        platforms_app(
            shared.meta.page_tokens,
            products=Products(
                frozenset(shared.instagram), frozenset(shared.templates), frozenset(shared.whatsapp)
            ),
            x=shared.x,
            sms=shared.sms,
            numbers=frozenset(shared.numbers),
            apps=Apps(shared.apps.meta, shared.apps.sms) if shared.apps else Apps(),
            read_stack=lambda: Stack.read(addresses.stack_file),
        ),
        host=LOOPBACK,
        port=options.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main()
