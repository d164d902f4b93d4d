"""The stand-ins as one web application: the Graph API, files, X, Twilio, Bedrock, and the control routes."""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware

from contact_desk.clock import Clock, SystemClock
from local.loopback import LoopbackOnly
from local.platforms.bedrock import Bedrock
from local.platforms.callbacks import Apps
from local.platforms.control import Control
from local.platforms.faults import FaultPlan
from local.platforms.graph import GraphApi, Products
from local.platforms.graph_webhooks import GraphWebhooks
from local.platforms.history import History
from local.platforms.ledger import Ledger
from local.platforms.media import Media
from local.platforms.pages import FacebookPages
from local.platforms.public_side import PublicSide
from local.platforms.twilio import TwilioApi, TwilioKeys
from local.platforms.x import XApi
from local.platforms.x_history import XHistory
from local.platforms.x_keys import XKeys
from local.platforms.x_reads import XReads
from local.platforms.x_webhooks import XWebhooks
from local.stack_file import Stack


def platforms_app(
    page_tokens: dict[str, str],
    *,
    products: Products | None = None,
    x: XKeys | None = None,
    sms: TwilioKeys | None = None,
    numbers: frozenset[str] = frozenset(),
    clock: Clock | None = None,
    read_stack: Callable[[], Stack] | None = None,
    apps: Apps = Apps(),  # noqa: B008 - frozen
) -> Starlette:
    """The stand-ins with fresh, empty state.

    `page_tokens` maps account ids of Meta's to the tokens that they accept, `products` says which of them are no pages,
    `x` and `sms` are the keys that the other two accept, `numbers` the telephone numbers that text messages come from,
    `apps` what opens our apps there. With `read_stack`, which finds the running desk, there is a page on which to play
    a member of the public.
    """
    clock = clock or SystemClock()
    pages, ledger, faults = FacebookPages(page_tokens, clock), Ledger(), FaultPlan()
    history, x_history = History(), XHistory()
    posts = XApi(x, pages, ledger, faults, clock)
    texts = TwilioApi(
        sms,
        numbers,
        people=pages,
        ledger=ledger,
        faults=faults,
        clock=clock,
        auth_token=apps.sms_auth_token,
    )
    control = Control(ledger, faults, pages, history=history, posts=posts, x_history=x_history)
    reads = XReads(x, x_history, faults, clock)
    bedrock = Bedrock(ledger, faults, clock)
    media = Media(page_tokens.values(), faults)
    graph = GraphApi(
        pages, ledger, faults, clock, history, products=products
    )  # last: it answers for every path
    webhooks = (XWebhooks(x, clock, apps.callback), GraphWebhooks(graph, apps.meta, apps.callback))
    public_side = PublicSide(ledger, read_stack).routes() if read_stack else []
    routes = [
        route
        for stand_in in (control, media, posts, reads, texts, bedrock, *webhooks, graph)
        for route in stand_in.routes()
    ]
    return Starlette(
        routes=[*public_side, *routes], middleware=[Middleware(LoopbackOnly, serves_pages=bool(public_side))]
    )
