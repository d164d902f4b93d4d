"""The stand-in's sign-in: whoever is chosen comes back to the console with a code, and only its asker can use it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest

from local.oidc_issuer import AUDIENCE, Issuer, issuer_app
from local.sign_in_pages import challenge_of
from tests.unit.local.asgi_client import AsgiClient

URL = "http://127.0.0.1:8782"
CONSOLE = "http://127.0.0.1:8780"
BACK = f"{CONSOLE}/console/signed-in"
VERIFIER = "a-verifier-that-nobody-else-has-0123456789abcdef"
ASKED = {
    "client_id": AUDIENCE,
    "redirect_uri": BACK,
    "response_type": "code",
    "code_challenge": challenge_of(VERIFIER),
    "code_challenge_method": "S256",
    "state": "st<ate",
    "nonce": "once",
}
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def client(tmp_path: Path) -> Any:
    with AsgiClient(issuer_app(Issuer.at_home(tmp_path, URL), CONSOLE), URL) as opened:
        yield opened


def code_of(client: Any, who: str = "operator", **changes: str) -> str:
    answer = client.post("/authorize", content=urlencode({**ASKED, "who": who, **changes}), headers=FORM)
    assert answer.status_code == 303, answer.text
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["state"] == ["st<ate"]
    (code,) = query["code"]
    return str(code)


def exchanged(client: Any, code: str, **changes: str) -> Any:
    asked = {
        "grant_type": "authorization_code",
        "client_id": AUDIENCE,
        "redirect_uri": BACK,
        "code": code,
        "code_verifier": VERIFIER,
        **changes,
    }
    return client.post("/token", content=urlencode(asked), headers={**FORM, "origin": CONSOLE})


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


@pytest.mark.parametrize(
    ("who", "role", "name"),
    [
        ("operator", "operator", "Olivia Operator"),
        ("publisher", "publisher", "Parveen Publisher"),
        ("stranger", "visitor", "Vera Visitor"),
    ],
)
def test_who_is_chosen_is_who_the_tokens_say(client: Any, who: str, role: str, name: str) -> None:
    given = exchanged(client, code_of(client, who))

    access, identity = claims_of(given.json()["access_token"]), claims_of(given.json()["id_token"])
    assert (access["name"], access["cognito:groups"]) == (name, [role])
    assert (identity["sub"], identity["nonce"]) == (access["sub"], "once")
    assert identity["token_use"] == "id"
    assert given.headers["access-control-allow-origin"] == CONSOLE
    assert given.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "changes",
    [{"code_verifier": "another"}, {"client_id": "another"}, {"redirect_uri": f"{CONSOLE}/console/else"}],
)
def test_a_code_is_good_for_its_asker_alone_and_for_one_try(client: Any, changes: dict[str, str]) -> None:
    code = code_of(client)

    assert exchanged(client, code, **changes).json() == {"error": "invalid_grant"}
    assert exchanged(client, code).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/console/"},
        {"redirect_uri": f"{CONSOLE}.evil.example/console/"},
        {"client_id": "another"},
        {"code_challenge": ""},
        {"code_challenge_method": "plain"},
    ],
)
def test_nobody_is_asked_on_behalf_of_anything_else(client: Any, changes: dict[str, str]) -> None:
    assert client.get("/authorize", params={**ASKED, **changes}).status_code == 400


def test_the_page_offers_everybody_and_repeats_nothing_as_markup(client: Any) -> None:
    page = client.get("/authorize", params=ASKED)

    assert all(name in page.text for name in ("Olivia", "Owen", "Sian", "Parveen", "Aled", "Vera"))
    assert "st&lt;ate" in page.text
    assert "script" not in page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


def test_a_foreign_page_can_neither_choose_nor_exchange(client: Any) -> None:
    for path in ("/authorize", "/token"):
        answer = client.post(path, content="", headers={**FORM, "origin": "https://evil.example"})
        assert answer.status_code == 403
