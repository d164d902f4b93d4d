"""The published description of the operators' API."""

from __future__ import annotations

import json

from functions.operate.app import openapi_document
from local.addresses import REPOSITORY

PUBLISHED = REPOSITORY / "docs" / "openapi.json"


def test_the_published_document_is_what_the_routes_say() -> None:
    written = "write it anew: .venv/bin/python -m functions.operate.openapi > docs/openapi.json"

    assert PUBLISHED.read_text(encoding="utf-8") == openapi_document(), written


def test_every_answer_of_the_document_has_a_shape() -> None:
    document = json.loads(openapi_document())

    assert document["openapi"] == "3.1.0"
    for verbs in document["paths"].values():
        for verb, operation in verbs.items():
            assert operation["summary"]
            for status, response in operation["responses"].items():
                kind = "application/json" if status < "300" else "application/problem+json"
                assert response["content"][kind]["schema"]
            required = {one["name"] for one in operation.get("parameters", ()) if one["required"]}
            assert ("idempotency-key" in required) == (verb == "post")
            assert ("if-match" in required) == ("428" in operation["responses"])
