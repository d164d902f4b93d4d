"""The desk's public address in the simulation: what one of its functions posts to it, its own webhooks answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import urllib3

from contact_desk.observability import logger
from tests.simulation.desk_on_moto import Desk


@contextmanager
def public_address_of(desk: Desk) -> Iterator[None]:
    """For as long as the block lasts, the way out leads back in."""
    # The way out of the simulation, which takes no pool.
    outside: Any = urllib3.PoolManager.urlopen

    def urlopen(_: Any, method: str, url: str, **given: Any) -> Any:
        path = urlsplit(url).path
        if not path.startswith("/webhooks/"):
            return outside(method, url, **given)
        # All functions of the simulation have one logger: whoever called goes on as itself.
        caller = logger.get_current_keys()
        answer = desk.call(
            "Webhooks",
            {
                "rawPath": path,
                "requestContext": {"http": {"method": method}},
                "headers": dict(given["headers"]),
                "body": given["body"].decode("ascii"),
            },
        )
        logger.remove_keys(logger.get_current_keys().keys() - caller.keys())
        logger.append_keys(**caller)
        assert answer is not None
        return urllib3.HTTPResponse(status=answer["statusCode"])

    with patch.object(urllib3.PoolManager, "urlopen", urlopen):
        yield
