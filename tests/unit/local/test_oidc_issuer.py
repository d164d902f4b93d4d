"""The stand-in issuer's tokens are such as Cognito gives, and verify against the keys that it publishes."""

from __future__ import annotations

import stat
from pathlib import Path

import jwt
import pytest
from jwt.algorithms import RSAAlgorithm

from local.oidc_issuer import AUDIENCE, Issuer, issuer_app, mint, thumbprint
from local.twins.held_still import NOON
from tests.unit.local.asgi_client import AsgiClient

URL = "http://127.0.0.1:8782"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer.at_home(tmp_path_factory.mktemp("home"), URL)


def test_a_token_verifies_against_the_published_keys(issuer: Issuer) -> None:
    with AsgiClient(issuer_app(issuer), URL) as client:
        document = client.get("/.well-known/openid-configuration").json()
        keys = client.get(document["jwks_uri"].removeprefix(URL)).json()["keys"]
    token = issuer.mint("operator", "Bryn Howell")

    [key] = [key for key in keys if key["kid"] == jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(
        token, jwt.PyJWK(key).key, algorithms=["RS256"], audience=AUDIENCE, issuer=document["issuer"]
    )

    assert claims["cognito:groups"] == ["operator"]
    assert claims["name"] == "Bryn Howell"
    assert claims["token_use"] == "access"
    assert claims["client_id"] == AUDIENCE
    assert "d" not in key


def test_a_token_lasts_twelve_hours_unless_told_otherwise(issuer: Issuer) -> None:
    def lifetime(token: str) -> int:
        claims = jwt.decode(token, options={"verify_signature": False})
        return int(claims["exp"] - claims["iat"])

    assert lifetime(issuer.mint("operator", "Bryn", at=NOON)) == 12 * 3600
    assert lifetime(issuer.mint("operator", "Bryn", hours=0.5, at=NOON)) == 1800


def test_the_same_name_is_the_same_person_and_another_is_not(issuer: Issuer) -> None:
    def subject(token: str) -> str:
        return str(jwt.decode(token, options={"verify_signature": False})["sub"])

    assert subject(issuer.mint("operator", "Bryn")) == subject(issuer.mint("supervisor", "Bryn"))
    assert subject(issuer.mint("operator", "Bryn")) != subject(issuer.mint("operator", "Carys"))


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first = Issuer.at_home(tmp_path, URL)
    again = Issuer.at_home(tmp_path, URL)

    assert again.public_jwk == first.public_jwk
    [path] = list((tmp_path / "oidc").iterdir())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_minting_finds_this_machines_issuer_through_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESK_HOME", str(tmp_path))
    monkeypatch.setenv("DESK_OIDC_PORT", "9999")

    token = mint("auditor", "Dilys")

    claims = jwt.decode(
        token, Issuer.at_home(tmp_path, URL).key.public_key(), algorithms=["RS256"], audience=AUDIENCE
    )
    assert claims["iss"] == "http://127.0.0.1:9999"


def test_a_thumbprint_is_the_one_of_rfc_7638() -> None:
    # The key and the result of the example in RFC 7638, section 3.1.
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3"
        "oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdA"
        "ZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-"
        "kEgU8awapJzKnqDKgw"
    )
    jwk = {"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}

    assert thumbprint(jwk) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_the_key_id_is_the_keys_thumbprint(issuer: Issuer) -> None:
    assert issuer.public_jwk["kid"] == thumbprint(RSAAlgorithm.to_jwk(issuer.key.public_key(), as_dict=True))


def test_foreign_hosts_are_refused(issuer: Issuer) -> None:
    with AsgiClient(issuer_app(issuer), URL) as client:
        assert client.get("/.well-known/jwks.json", headers={"Host": "evil.example"}).status_code == 403
