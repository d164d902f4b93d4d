"""Who calls: the one reader of the claims that the HTTP API's JWT authorizer has checked.

The authorizer has verified signature, issuer, audience and expiry, and hands every claim over as text: a list of groups
arrives as `[operator supervisor]`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from contact_desk.case_desk import Operator
from functions.operate.refusals import NotSignedInError

LONGEST_SUBJECT = 128
LONGEST_NAME = 120
NAME_CLAIMS = ("name", "preferred_username", "username", "cognito:username")


class Role(StrEnum):
    """What a person may be at the desk; a name that is none of these gives no right."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    PUBLISHER = "publisher"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person with their roles, possibly none."""

    operator: Operator
    roles: frozenset[Role]


def principal_of(event: Mapping[str, Any], roles_claim: str) -> Principal:
    """The caller of an HTTP API event; `roles_claim` names the claim that lists roles.

    Raises NotSignedInError where there are no claims, no usable subject, or the token is not an access token.
    """
    claims = _claims(event)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise NotSignedInError("Sign in first.")
    # Cognito signs ID tokens for the same audience; those say who somebody is, not what they may do here.
    if claims.get("token_use", "access") != "access":
        raise NotSignedInError("This needs an access token.")
    names = (claims.get(name) for name in NAME_CLAIMS)
    name = next((name for name in names if isinstance(name, str) and name.strip()), subject)
    return Principal(Operator(subject, name.strip()[:LONGEST_NAME]), roles_of(claims.get(roles_claim)))


def roles_of(claim: object) -> frozenset[Role]:
    """The roles that a claim names: `[operator supervisor]`, a bare word, or a list; anything else names none."""
    if isinstance(claim, str):
        bracketed = re.fullmatch(r"\[([^\[\]]*)\]", claim)
        words: list[object] = [*bracketed.group(1).split(" ")] if bracketed else [claim]
    else:
        words = list(claim) if isinstance(claim, list) else []
    known = {role.value: role for role in Role}
    return frozenset(known[word] for word in words if isinstance(word, str) and word in known)


def _claims(event: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Any = event
    for step in ("requestContext", "authorizer", "jwt", "claims"):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}
