"""The stand-ins as one web application: files, the Graph API, and the control routes beside them."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware

from contact_desk.clock import Clock, SystemClock
from local.loopback import LoopbackOnly
from local.platforms.control import Control
from local.platforms.faults import FaultPlan
from local.platforms.graph import GraphApi
from local.platforms.history import History
from local.platforms.ledger import Ledger
from local.platforms.media import Media
from local.platforms.pages import FacebookPages


def platforms_app(page_tokens: dict[str, str], *, clock: Clock | None = None) -> Starlette:
    """The stand-ins with fresh, empty state; `page_tokens` maps page ids to the tokens that they accept."""
    clock = clock or SystemClock()
    pages, ledger, faults = FacebookPages(page_tokens, clock), Ledger(), FaultPlan()
    history = History()
    routes = [
        *Control(ledger, faults, pages, history).routes(),
        *Media(page_tokens.values(), faults).routes(),
        *GraphApi(pages, ledger, faults, clock, history).routes(),
    ]
    return Starlette(routes=routes, middleware=[Middleware(LoopbackOnly)])
