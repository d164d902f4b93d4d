"""The stand-in issuer's sign-in: the code flow with PKCE, in which a page asks who you are and believes you.

It serves one client, the console of this machine's desk: a code goes nowhere else, so that no other site that is open
in the browser can sign anybody in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from local.oidc_issuer import AUDIENCE
from local.people import PEOPLE, STRANGER, TOLD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.oidc_issuer import Issuer

CODE_SECONDS = 60.0
MOST_CODES = 100
HANDED_ON = ("client_id", "redirect_uri", "state", "nonce", "code_challenge")
STYLE = """
:root { color-scheme: light dark; font: 19px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 34rem; padding: 2rem 1rem; }
button { display: block; width: 100%; margin: 0 0 .75rem; padding: .8rem 1rem; font: inherit; text-align: left;
  border: 2px solid currentcolor; border-radius: 4px; background: transparent; color: inherit; cursor: pointer; }
button:hover { background: #1d70b822; }
button:focus-visible { outline: 3px solid #fd0; outline-offset: 0; box-shadow: inset 0 0 0 3px #0b0c0c; }
strong, span { display: block; }
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code stands for."""

    role: str
    name: str
    redirect_uri: str
    challenge: str
    nonce: str | None
    until: float


class SignInPages:
    """`/authorize` and `/token` of an issuer, for the console of one origin."""

    def __init__(self, issuer: Issuer, console_origin: str) -> None:
        self._issuer = issuer
        self._origin = console_origin
        self._grants: dict[str, Grant] = {}

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/authorize", self._ask, methods=["GET"]),
            Route("/authorize", self._answer, methods=["POST"]),
            Route("/token", self._token, methods=["POST"]),
        ]

    async def _ask(self, request: Request) -> Response:
        asked = request.query_params
        wrong = self._wrong(asked)
        if wrong:
            return self._page(f"<h1>This cannot be signed in</h1><p>{escape(wrong)}</p>", 400)
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(asked.get(name, ""))}">' for name in HANDED_ON
        )
        choices = "".join(
            f'<button name="who" value="{key}"><strong>{escape(name)}</strong>'
            f"<span>{escape(TOLD[role])}</span></button>"
            for key, (role, name) in {**PEOPLE, "stranger": STRANGER}.items()
        )
        body = (
            "<h1>Who are you today?</h1><p>This stands in for your force&rsquo;s sign-in, on this machine only.</p>"
            f'<form method="post" action="/authorize">{hidden}{choices}</form>'
        )
        return self._page(body)

    async def _answer(self, request: Request) -> Response:
        given = dict(parse_qsl((await request.body()).decode(errors="replace")))
        role, name = {**PEOPLE, "stranger": STRANGER}.get(given.get("who", ""), ("", ""))
        wrong = self._wrong({**given, "response_type": "code", "code_challenge_method": "S256"})
        if wrong or not name:
            return self._page(
                f"<h1>This cannot be signed in</h1><p>{escape(wrong or 'Nobody chosen.')}</p>", 400
            )
        code = secrets.token_urlsafe(32)
        while len(self._grants) >= MOST_CODES:
            del self._grants[next(iter(self._grants))]
        self._grants[code] = Grant(
            role,
            name,
            given["redirect_uri"],
            given["code_challenge"],
            given.get("nonce") or None,
            time.monotonic() + CODE_SECONDS,
        )
        query = urlencode({"code": code, "state": given.get("state", "")})
        return RedirectResponse(f"{given['redirect_uri']}?{query}", HTTPStatus.SEE_OTHER)

    async def _token(self, request: Request) -> Response:
        given = dict(parse_qsl((await request.body()).decode(errors="replace")))
        # A code is good for one try, whoever tries.
        grant = self._grants.pop(given.get("code", ""), None)
        if (
            grant is None
            or grant.until < time.monotonic()
            or given.get("client_id") != AUDIENCE
            or given.get("redirect_uri") != grant.redirect_uri
            or not hmac.compare_digest(challenge_of(given.get("code_verifier", "")), grant.challenge)
        ):
            return JSONResponse({"error": "invalid_grant"}, HTTPStatus.BAD_REQUEST, headers=NOT_KEPT)
        hours = 12
        return JSONResponse(
            {
                "access_token": self._issuer.mint(grant.role, grant.name, hours),
                "id_token": self._issuer.mint_id(grant.name, grant.nonce, hours),
                "token_type": "Bearer",
                "expires_in": hours * 3600,
                "scope": "openid profile",
            },
            headers=NOT_KEPT,
        )

    def _wrong(self, asked: Mapping[str, str]) -> str | None:
        if asked.get("client_id") != AUDIENCE:
            return "The client is not the desk's."
        if not asked.get("redirect_uri", "").startswith(f"{self._origin}/console/"):
            return "The way back does not lead to the console."
        if asked.get("response_type") != "code" or asked.get("code_challenge_method") != "S256":
            return "Only the code flow with PKCE (S256) is served."
        return None if asked.get("code_challenge") else "There is no code challenge."

    def _page(self, body: str, status: int = 200) -> Response:
        policy = (
            f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self' {self._origin}; "
            "base-uri 'none'; frame-ancestors 'none'"
        )
        html = (
            '<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>Sign in to the desk</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<style>{STYLE}</style><main>{body}</main></html>"
        )
        headers = {"content-security-policy": policy, "x-frame-options": "DENY", **NOT_KEPT}
        return HTMLResponse(html, status, headers=headers)


NOT_KEPT = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier: SHA-256, base64url without padding (RFC 7636)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
