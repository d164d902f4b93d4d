"""Connects a channel: sets its webhook at the platform, looks whether it is, and sends a signed contact through it.

The contact is a canary: it takes the way of every contact as far as triage, which tells it from people's and shows it
to nobody. Each step is safe to repeat.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator

from cli.examination.examined import Examined
from cli.examination.findings import Finding, fault, unknown, well
from cli.examination.platforms import linked_page, our_x_webhook
from cli.webhooks.at_meta import FIELDS, ON_PAGES, PRODUCTS
from cli.webhooks.calls import NotReachedError, PlatformRefusedError, is_good
from contact_desk.canaries import CanarySeen
from functions.ingest.canary_deliveries import canary_delivery
from functions.ingest.reading import WEBHOOK_URL

SEEN_WITHIN_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.5
ERRORS = "see docs/operate.md#{anchor}"
Steps = Callable[[Examined, str, str | None], Iterator[Finding]]


def connect(on: Examined, channel: str, business_account: str | None) -> Iterator[Finding]:
    """Each step of connecting, as it is done; stops at the first that fails."""
    platform = on.force.channels[channel].platform
    if platform not in STEPS:
        console = f"set it in the platform's own console to {on.webhook_url(platform)}"
        yield unknown("webhook", f"how a webhook is set at {platform} is not known here", console)
        return
    try:
        for one in STEPS[platform](on, channel, business_account):
            yield one
            if one.next_step:
                return
    except PlatformRefusedError as refused:
        secret = {"meta": "meta", "x": "x_publishing", "sms": "sms_publishing"}[platform]
        step = on.set_secret(secret) if refused.credentials else f"desk doctor{on.stage.options}"
        yield fault("webhook", f"the platform refuses: {refused}", step)
        return
    except NotReachedError as error:
        yield fault("webhook", str(error), "look again from where the platform can be reached")
        return
    yield send_canary(on, channel)


def _meta(on: Examined, channel: str, business_account: str | None) -> Iterator[Finding]:
    meta, product, url = on.meta(), PRODUCTS[channel], on.webhook_url("meta")
    there = meta.webhook(product)
    has = there.fields if there and there.callback_url == url and there.active else frozenset[str]()
    if not FIELDS[channel] <= has:
        # Every call replaces the list, so what is wanted for another channel of the product stays in it.
        meta.set_webhook(product, url, FIELDS[channel] | (there.fields if there else frozenset()))
    yield well("webhook", f"Meta sends {product} to {url}")
    account = on.force.channels[channel].account
    if channel == "whatsapp":
        yield from _business(on, account, business_account)
        return
    page = account if channel in ON_PAGES else linked_page(on)
    if page is None:
        yield fault(
            "subscription",
            "the force file has no page that the account is linked to, and Instagram sends through that",
            "add [channels.messenger] or [channels.facebook_page] to the force file",
        )
        return
    standing = meta.page_fields(page)
    wanted = FIELDS[channel] if channel in ON_PAGES else FIELDS["messenger"]
    if not wanted <= standing:
        meta.subscribe_page(page, wanted | standing)
    if wanted <= meta.page_fields(page):
        yield well("subscription", f"page {page} sends {len(wanted)} kinds of events")
    else:
        found = f"page {page} does not send all that was asked for"
        yield fault("subscription", found, on.connect(channel))


def _business(on: Examined, number: str, given: str | None) -> Iterator[Finding]:
    meta = on.meta()
    businesses = (given,) if given else meta.token(number).business_accounts
    if not businesses:
        found = "Meta does not say which business account the number is in; WhatsApp Manager shows its id"
        yield fault("subscription", found, f"{on.connect('whatsapp')} --business-account ID")
        return
    for business in businesses:
        meta.subscribe_business(business, number)
        yield well("subscription", f"business account {business} sends to the app")


def _x(on: Examined, channel: str, _: str | None) -> Iterator[Finding]:
    x, account = on.x(), on.force.channels[channel].account
    there = our_x_webhook(on)
    if there is None:
        x.register(on.webhook_url("x"))
    elif not there.valid:
        x.check(there)
    there = our_x_webhook(on)
    if there is None or not there.valid:
        found = "X does not get the right answer to its CRC"
        yield fault("webhook", found, f"{on.set_secret('x.consumer_secret')}; desk doctor{on.stage.options}")
        return
    yield well("webhook", f"X sends to {there.url}, and its CRC is answered")
    if not x.is_subscribed(there, account):
        x.subscribe(there, account)
    if x.is_subscribed(there, account):
        yield well("subscription", f"the activity of {account} comes to the webhook")
    else:
        yield fault("subscription", f"X does not send the activity of {account}", on.connect(channel))


def _sms(on: Examined, channel: str, _: str | None) -> Iterator[Finding]:
    twilio, account, url = on.twilio(), on.force.channels[channel].account, on.webhook_url("sms")
    number = twilio.number(account)
    if number is None:
        found = f"Twilio's account has no number {account}"
        yield fault("webhook", found, on.set_secret("sms_publishing"))
        return
    if number.sms_url != url:
        twilio.set_webhook(number, url)
    yield well("webhook", f"Twilio posts messages to {url}")
    twilio.check_auth_token(str(on.secret("sms").get("auth_token", "")))
    yield well("token", "Twilio accepts the auth token that verifies its signatures")


STEPS: dict[str, Steps] = {"meta": _meta, "x": _x, "sms": _sms}


def send_canary(on: Examined, channel: str) -> Finding:
    """Send a signed contact that nobody sees, and wait until triage has had it."""
    own = on.force.channels[channel]
    secret = {**on.secret(own.platform), WEBHOOK_URL: on.webhook_url(own.platform)}
    try:
        sent = canary_delivery(channel, own, secret, name=uuid.uuid4().hex, at=on.clock.now())
    except KeyError as lacking:
        field = str(lacking.args[0])
        return fault("test contact", f"nothing signs it: {field}", on.set_secret(f"{own.platform}.{field}"))
    try:
        answer = on.calls("POST", on.webhook_url(sent.webhook), headers=sent.headers, body=sent.body)
    except NotReachedError as error:
        return fault("test contact", str(error), ERRORS.format(anchor="the-api-answers-with-errors"))
    if not is_good(answer):
        anchor = "webhooks-carry-wrong-signatures" if answer.status == 401 else "contacts-are-not-taken-in"  # noqa: PLR2004
        return fault("test contact", f"the webhook answers {answer.status}", ERRORS.format(anchor=anchor))
    seen = _awaited(on, channel, sent.native_id)
    if seen is None:
        found = f"taken in, and not on the desk after {SEEN_WITHIN_SECONDS:.0f} seconds"
        return fault("test contact", found, ERRORS.format(anchor="contacts-wait-for-triage"))
    took = (seen.seen_at - seen.received_at).total_seconds()
    return well("test contact", f"triage had it {took:.1f} s after the webhook; no operator sees it")


def _awaited(on: Examined, channel: str, native_id: str) -> CanarySeen | None:
    log = on.account.channel_log(on.stack.outputs["TableName"])
    account = on.force.channels[channel].account
    deadline = time.monotonic() + SEEN_WITHIN_SECONDS
    while True:
        seen = log.last_canary(channel, account)
        if seen and seen.native_id == native_id:
            return seen
        if time.monotonic() >= deadline:
            return None
        time.sleep(LOOK_EVERY_SECONDS)
