"""From outside: does the desk answer, do its webhooks shake hands, are its pages there, can people sign in?"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlencode

from cli.examination.examined import Examined
from cli.examination.findings import Finding, fault, unknown, well
from cli.webhooks.calls import NotReachedError, is_good
from contact_desk.graph_answers import HttpAnswer
from functions.ingest.platforms import x

CLOCKS_APART = timedelta(minutes=1)
WORKING_GROUPS = ("operator", "supervisor")
HEALTH = "see docs/operate.md#the-api-answers-with-errors, then: curl -fsS {url}/health"


def look_at_api(on: Examined) -> Iterator[Finding]:
    """Whether the API answers, and whether the clock here agrees with its own."""
    try:
        answer = on.calls("GET", f"{on.url}/health")
    except NotReachedError as error:
        yield fault("api", str(error), HEALTH.format(url=on.url))
        return
    if not is_good(answer):
        yield fault("api", f"{on.url}/health answers {answer.status}", HEALTH.format(url=on.url))
        return
    yield well("api", f"{on.url} answers")
    apart = _apart(on, answer)
    if apart is not None and apart > CLOCKS_APART:
        yield fault(
            "clock",
            f"the clock of this machine is {apart.total_seconds():.0f} s away from the desk's: signatures and "
            "expiries are told wrongly from here",
            "timedatectl set-ntp true",
        )


def _apart(on: Examined, answer: HttpAnswer) -> timedelta | None:
    try:
        told = parsedate_to_datetime(answer.headers.get("date", ""))
        return abs(on.clock.now() - told)
    except (ValueError, TypeError):
        return None


def look_at_meta_handshake(on: Examined) -> Iterator[Finding]:
    """Whether the webhook gives Meta's question back for our verify token."""
    challenge = str(secrets.randbelow(10**9))
    asked = {
        "hub.mode": "subscribe",
        "hub.verify_token": str(on.secret("meta").get("verify_token", "")),
        "hub.challenge": challenge,
    }
    url = on.webhook_url("meta")
    try:
        answer = on.calls("GET", f"{url}?{urlencode(asked)}")
    except NotReachedError as error:
        yield fault("webhook meta", str(error), HEALTH.format(url=on.url))
        return
    if answer.status == HTTPStatus.OK and answer.body == challenge.encode("ascii"):
        yield well("webhook meta", f"{url} knows the verify token")
    elif answer.status == HTTPStatus.FORBIDDEN:
        found = f"{url} does not know the verify token that is in the secret"
        yield fault("webhook meta", found, on.set_secret("meta.verify_token") + " --new")
    else:
        found = f"{url} answers Meta's question with {answer.status}"
        yield fault("webhook meta", found, HEALTH.format(url=on.url))


def look_at_crc(on: Examined) -> Iterator[Finding]:
    """Whether the webhook answers X's challenge with the secret that is set: one wrong answer, and X stops sending."""
    token, url = secrets.token_urlsafe(24), on.webhook_url("x")
    consumer_secret = str(on.secret("x").get("consumer_secret", ""))
    try:
        answer = on.calls("GET", f"{url}?{urlencode({'crc_token': token})}")
    except NotReachedError as error:
        yield fault("crc", f"the CRC is not answered: {error}", HEALTH.format(url=on.url))
        return
    told = (answer.fields or {}).get("response_token")
    if not is_good(answer):
        found = f"the CRC is answered with {answer.status}"
        yield fault("crc", found, HEALTH.format(url=on.url))
    elif not consumer_secret or told != x.signature(consumer_secret, token.encode("ascii")):
        found = "the CRC is answered with another secret than x.consumer_secret"
        yield fault("crc", found, on.set_secret("x.consumer_secret") + "; " + on.connect("x"))
    else:
        yield well("crc", f"{url} answers with the secret that is set")


def look_at_pages(on: Examined) -> Iterator[Finding]:
    """Whether the public feed, the live page, the form and the operators' screen are there."""
    front = on.stack.outputs["FrontDoorUrl"]
    refresh = on.stack.outputs.get("RefreshFeedFunctionName", "")
    written = f"aws lambda invoke --function-name {refresh} --payload '{{}}' /dev/stdout"
    pages = {
        on.stack.outputs["FeedUrl"]: ("atom", written),
        on.stack.outputs["LiveUrl"]: ("html", written),
        f"{front}/report": ("html", HEALTH.format(url=on.url)),
        f"{front}/console/": ("html", on.deploy if not on.stage.is_local else "make console up"),
    }
    for url, (kind, next_step) in pages.items():
        try:
            answer = on.calls("GET", url)
        except NotReachedError as error:
            yield fault("pages", f"{url}: {error}", next_step)
            continue
        if is_good(answer) and kind in answer.headers.get("content-type", ""):
            yield well("pages", f"{url} is there")
        else:
            yield fault("pages", f"{url} answers {answer.status}", next_step)


def look_at_sign_in(on: Examined) -> Iterator[Finding]:
    """Whether people can sign in: the force's own issuer answers, or the pool has somebody for each kind of work."""
    issuer = on.stack.parameters.get("JwtIssuer")
    if issuer:
        yield from _issuer(on, issuer)
        return
    pool = on.stack.outputs["UserPoolId"]
    empty = [group for group in WORKING_GROUPS if not on.account.has_people(pool, group)]
    for group in empty:
        yield fault(
            "sign-in",
            f"nobody is in the group {group}",
            f"aws cognito-idp admin-add-user-to-group --user-pool-id {pool} --group-name {group} --username NAME",
        )
    if not empty:
        yield well("sign-in", "the user pool has operators and supervisors")


def _issuer(on: Examined, issuer: str) -> Iterator[Finding]:
    url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        answer = on.calls("GET", url)
    except NotReachedError as error:
        yield unknown("sign-in", f"the force's issuer: {error}", f"curl -fsS {url}")
        return
    if not is_good(answer) or (answer.fields or {}).get("issuer") != issuer:
        found = f"{issuer} does not describe itself as that issuer: no token of its is taken"
        yield fault(
            "sign-in", found, f"curl -fsS {url}; set the parameter JwtIssuer to what it says of itself"
        )
    else:
        yield well("sign-in", f"the force's issuer {issuer} answers")


def look_at_email(on: Examined) -> Iterator[Finding]:
    """Whether e-mails may be sent from the force's address."""
    if on.force.email is None:
        return
    address = on.force.email.from_address
    if on.account.may_send_from(address):
        yield well("e-mail", f"SES sends from {address}")
    else:
        domain = address.partition("@")[2]
        yield fault(
            "e-mail",
            f"SES may not send from {address} to anybody: its domain is not proved, or the account is in the sandbox",
            f"aws sesv2 create-email-identity --email-identity {domain}; "
            "aws sesv2 put-account-details --production-access-enabled --mail-type TRANSACTIONAL "
            f"--website-url {on.stack.outputs['FrontDoorUrl']}",
        )
