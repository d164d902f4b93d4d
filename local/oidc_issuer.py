"""The stand-in issuer of operators' tokens: OpenID Connect discovery and keys over HTTP.

On AWS this is the desk's Cognito user pool. Whoever can read the key file in `DESK_HOME` can mint a token; over HTTP
whoever sits at this machine chooses who they are (`sign_in_pages`), and the console alone is told.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from contact_desk.clock import SystemClock
from local.addresses import LOOPBACK, Addresses
from local.loopback import LoopbackOnly

AUDIENCE = "contact-desk-local"
ALGORITHM = "RS256"
KEY_BITS = 2048
SUBJECTS = uuid.UUID("9b0f2b7e-5b1c-4d5e-8f59-6a1c2f0d7e34")
"""Names made into subjects: the same name is the same person at every start."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer with its signing key; `url` is what its tokens and its discovery document say it is."""

    url: str
    key: rsa.RSAPrivateKey

    @classmethod
    def at_home(cls, home: Path, url: str) -> Issuer:
        """The issuer whose key is kept in `home`, made on first use; emulators cache keys, so it must stay the same."""
        path = home / "oidc" / "signing_key.pem"
        if not path.exists():
            _keep_new_key(path)
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError(f"{path} does not hold an RSA key")
        return cls(url, key)

    @property
    def public_jwk(self) -> dict[str, Any]:
        """The public key as a JSON Web Key; its `kid` is its RFC 7638 thumbprint."""
        key = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {
            "kty": "RSA",
            "n": key["n"],
            "e": key["e"],
            "kid": thumbprint(key),
            "alg": ALGORITHM,
            "use": "sig",
        }

    def mint(self, role: str, name: str, hours: float = 12, *, at: datetime | None = None) -> str:
        """An access token in the form of Cognito's: `role` is the caller's one group, `name` decides its subject."""
        return self._signed(
            name,
            at or SystemClock().now(),
            hours,
            {
                "username": name,
                "cognito:groups": [role],
                "client_id": AUDIENCE,
                "token_use": "access",
                "scope": "openid profile",
            },
        )

    def mint_id(self, name: str, nonce: str | None, hours: float = 12) -> str:
        """An ID token: it says who somebody is, and opens nothing."""
        claims = {"token_use": "id"} | ({"nonce": nonce} if nonce else {})
        return self._signed(name, SystemClock().now(), hours, claims)

    def _signed(self, name: str, issued: datetime, hours: float, claims: Mapping[str, Any]) -> str:
        every = {
            "sub": str(uuid.uuid5(SUBJECTS, name)),
            "name": name,
            "iss": self.url,
            "aud": AUDIENCE,
            "auth_time": int(issued.timestamp()),
            "iat": issued,
            "exp": issued + timedelta(hours=hours),
            "jti": str(uuid.uuid4()),
        }
        headers = {"kid": self.public_jwk["kid"]}
        return jwt.encode({**every, **claims}, self.key, algorithm=ALGORITHM, headers=headers)

    def discovery(self) -> dict[str, Any]:
        """The discovery document."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/.well-known/jwks.json",
            "code_challenge_methods_supported": ["S256"],
            "grant_types_supported": ["authorization_code"],
            "token_endpoint_auth_methods_supported": ["none"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "claims_supported": ["sub", "name", "cognito:groups", "iss", "aud", "exp", "iat", "jti"],
        }


def mint(role: str, name: str, hours: float = 12) -> str:
    """A token of this machine's issuer, found through `DESK_HOME` and `DESK_OIDC_PORT`."""
    addresses = Addresses.from_environment(os.environ)
    return Issuer.at_home(addresses.home, addresses.oidc_url).mint(role, name, hours)


def thumbprint(jwk: dict[str, Any]) -> str:
    """The RFC 7638 thumbprint of an RSA key: SHA-256 of its required members, base64url without padding."""
    required = json.dumps({"e": jwk["e"], "kty": "RSA", "n": jwk["n"]}, separators=(",", ":"), sort_keys=True)
    return (
        base64.urlsafe_b64encode(hashlib.sha256(required.encode("ascii")).digest())
        .rstrip(b"=")
        .decode("ascii")
    )


def _keep_new_key(path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # mkstemp makes the file readable by its owner only; the link fails where another process was first, and its key
    # is then the one to use.
    descriptor, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        Path(draft).unlink()


def issuer_app(issuer: Issuer, console_origin: str | None = None) -> Starlette:
    """The issuer's two public documents, and the sign-in of the console at an origin of this machine's."""
    from local.sign_in_pages import SignInPages

    async def discovery(_: Request) -> JSONResponse:
        return JSONResponse(issuer.discovery())

    async def keys(_: Request) -> JSONResponse:
        return JSONResponse({"keys": [issuer.public_jwk]})

    routes = [Route("/.well-known/openid-configuration", discovery), Route("/.well-known/jwks.json", keys)]
    if console_origin is None:
        return Starlette(routes=routes, middleware=[Middleware(LoopbackOnly)])
    also = frozenset({console_origin})
    return Starlette(
        routes=[*routes, *SignInPages(issuer, console_origin).routes()],
        middleware=[
            Middleware(LoopbackOnly, serves_pages=True, also=also),
            Middleware(CORSMiddleware, allow_origins=list(also), allow_methods=["GET", "POST"]),
        ],
    )


def main() -> None:
    """Read the options and serve until told to stop."""
    addresses = Addresses.from_environment(os.environ)
    parser = argparse.ArgumentParser(
        prog="python -m local.oidc_issuer", description="Serve the stand-in issuer."
    )
    parser.add_argument("--port", type=int, default=addresses.oidc_port)
    options = parser.parse_args()
    issuer = Issuer.at_home(addresses.home, f"http://{LOOPBACK}:{options.port}")
    app = issuer_app(issuer, addresses.front_door_url)
    uvicorn.run(app, host=LOOPBACK, port=options.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
