"""At the platforms: are our secrets accepted, do tokens live, is each webhook ours, set, valid and subscribed?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from cli.examination.examined import SOON, Examined
from cli.examination.findings import Finding, fault, unknown, well
from cli.webhooks.at_meta import FIELDS, ON_PAGES, PRODUCTS, AtMeta, days_left
from cli.webhooks.at_x import XWebhook
from cli.webhooks.calls import NotReachedError, PlatformRefusedError
from contact_desk.outbox import is_written_to

Look = Callable[[], Iterator[Finding]]


def look_at_meta(on: Examined) -> Iterator[Finding]:
    """The app, its webhook for each product, and each account's token and subscription."""
    meta = on.meta()
    channels = [name for name, one in on.force.channels.items() if one.platform == "meta"]
    products: dict[str, list[str]] = {}
    for channel in channels:
        if channel in PRODUCTS:
            products.setdefault(PRODUCTS[channel], []).append(channel)
    for product, named in products.items():
        refused = "meta.app_secret" if meta.app_id else "meta.app_id"
        yield from _asking(f"webhook {product}", on, refused, partial(_webhook, on, meta, product, named))
    accounts: dict[str, list[str]] = {}
    for channel in channels:
        accounts.setdefault(on.force.channels[channel].account, []).append(channel)
    for account, named in accounts.items():
        secret = f"meta_publishing.page_tokens.{account}"
        if not any(is_written_to(name) for name in named):
            continue
        yield from _asking(f"token {'+'.join(named)}", on, secret, partial(_token, on, meta, account, named))
        yield from _asking(
            f"subscription {'+'.join(named)}",
            on,
            secret,
            partial(_subscription, on, meta, account, named),
        )


def _webhook(on: Examined, meta: AtMeta, product: str, channels: list[str]) -> Iterator[Finding]:
    about, connect, ours = f"webhook {product}", on.connect(channels[0]), on.webhook_url("meta")
    there = meta.webhook(product)
    wanted = frozenset[str]().union(*(FIELDS[channel] for channel in channels))
    if there is None:
        yield fault(about, "Meta accepts the app secret; the app has no webhook for it", connect)
    elif there.callback_url != ours:
        yield fault(about, f"the app's webhook is {there.callback_url}, not {ours}", connect)
    elif not there.active:
        yield fault(about, "Meta has switched the webhook off", connect)
    elif lacking := sorted(wanted - there.fields):
        yield fault(about, f"the webhook is not sent {', '.join(lacking)}", connect)
    else:
        yield well(about, "Meta accepts the app secret, and the webhook is ours")


def _token(on: Examined, meta: AtMeta, account: str, channels: list[str]) -> Iterator[Finding]:
    about, renew = f"token {'+'.join(channels)}", on.set_secret(f"meta_publishing.page_tokens.{account}")
    token = meta.token(account)
    left = days_left(token.ends_at, on.clock.now()) if token.ends_at else None
    if not token.is_valid or (token.ends_at and token.ends_at <= on.clock.now()):
        yield fault(about, f"the token of {account} has expired or was taken back", renew)
    elif token.app_id != meta.app_id:
        yield fault(
            about, f"the token of {account} is another app's: {token.app_id}, not {meta.app_id}", renew
        )
    elif left is not None and left < SOON.days:
        yield fault(about, f"the token of {account} ends in {left} days", renew)
    else:
        yield well(about, "accepted" if left is None else f"accepted, {left} days left")


def _subscription(on: Examined, meta: AtMeta, account: str, channels: list[str]) -> Iterator[Finding]:
    about, connect = f"subscription {'+'.join(channels)}", on.connect(channels[0])
    if "whatsapp" in channels:
        businesses = meta.token(account).business_accounts
        if not businesses:
            found = "Meta does not say which business account the number is in"
            yield unknown(about, found, f"{connect} --business-account ID")
        elif any(meta.business_is_subscribed(one, account) for one in businesses):
            yield well(about, "the business account sends to the app")
        else:
            yield fault(about, "the business account does not send to the app", connect)
        return
    if "instagram" in channels:
        yield from _linked_page(on, meta, about, connect)
        return
    wanted = frozenset[str]().union(*(FIELDS[channel] for channel in channels if channel in ON_PAGES))
    lacking = sorted(wanted - meta.page_fields(account))
    if lacking:
        yield fault(about, f"page {account} does not send {', '.join(lacking)} to the app", connect)
    else:
        yield well(about, f"page {account} sends all that is wanted")


def _linked_page(on: Examined, meta: AtMeta, about: str, connect: str) -> Iterator[Finding]:
    """An Instagram account sends through the page that it is linked to, once that is subscribed to anything."""
    page = linked_page(on)
    if page is None:
        yield unknown(about, "the force file has no page that the account would be linked to", connect)
    elif meta.page_fields(page):
        yield well(about, f"the linked page {page} sends to the app")
    else:
        yield fault(about, f"the linked page {page} does not send to the app", connect)


def linked_page(on: Examined) -> str | None:
    """The page that the force's Instagram account is linked to."""
    pages = [on.force.channels[name].account for name in sorted(ON_PAGES) if name in on.force.channels]
    return pages[0] if pages else None


def look_at_x(on: Examined) -> Iterator[Finding]:
    """The app's webhook and what X thinks of it, the account's keys and its subscription."""
    account = on.force.channels["x"].account
    yield from _asking("webhook x", on, "x_publishing.consumer_secret", lambda: _x_webhook(on))
    yield from _asking(
        "token x", on, f"x_publishing.tokens.{account}.access_token", lambda: _x_account(on, account)
    )


def our_x_webhook(on: Examined) -> XWebhook | None:
    """The one of the app's webhooks that is ours."""
    url = on.webhook_url("x")
    return next((one for one in on.x().webhooks() if one.url == url), None)


def _x_webhook(on: Examined) -> Iterator[Finding]:
    there = our_x_webhook(on)
    if there is None:
        yield fault("webhook x", "X accepts the app's keys; no webhook of the app is ours", on.connect("x"))
        return
    if there.valid:
        yield well("webhook x", "X accepts the app's keys, and the webhook is ours and valid")
    else:
        found = "X has marked the webhook invalid, because it did not answer a CRC: X sends nothing"
        yield fault("webhook x", found, on.connect("x"))
    account = on.force.channels["x"].account
    if on.x().is_subscribed(there, account):
        yield well("subscription x", f"the activity of {account} comes to the webhook")
    else:
        found = f"the activity of {account} does not come to the webhook"
        yield fault("subscription x", found, on.connect("x"))


def _x_account(on: Examined, account: str) -> Iterator[Finding]:
    theirs = on.x().whose_keys(account)
    if theirs == account:
        yield well("token x", "accepted")
    else:
        found = f"the keys are those of account {theirs}, not {account}"
        yield fault("token x", found, on.set_secret(f"x_publishing.tokens.{account}.access_token"))


def look_at_twilio(on: Examined) -> Iterator[Finding]:
    """The number, where its messages are posted, and the token that signs them."""
    yield from _asking("webhook sms", on, "sms_publishing", lambda: _number(on))
    yield from _asking("token sms", on, "sms.auth_token", lambda: _auth_token(on))


def _number(on: Examined) -> Iterator[Finding]:
    account, url = on.force.channels["sms"].account, on.webhook_url("sms")
    number = on.twilio().number(account)
    if number is None:
        found = f"Twilio's account has no number {account}"
        yield fault("webhook sms", found, on.set_secret("sms_publishing"))
    elif number.sms_url != url or number.sms_method.upper() != "POST":
        yield fault("webhook sms", f"messages are not posted to {url}", on.connect("sms"))
    else:
        yield well("webhook sms", "Twilio accepts the key, and messages are posted to us")


def _auth_token(on: Examined) -> Iterator[Finding]:
    on.twilio().check_auth_token(str(on.secret("sms").get("auth_token", "")))
    yield well("token sms", "accepted")


def _asking(about: str, on: Examined, secret: str, look: Look) -> Iterator[Finding]:
    """A look at a platform, where its refusal of our credentials is a fault and its silence is not."""
    try:
        yield from look()
    except PlatformRefusedError as refused:
        if refused.credentials:
            yield fault(about, f"{secret} is not accepted: {refused}", on.set_secret(secret))
        else:
            yield unknown(about, str(refused), "look again in a few minutes")
    except NotReachedError as error:
        yield unknown(about, str(error), "look again from where the platform can be reached")
