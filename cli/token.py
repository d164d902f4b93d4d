"""`desk token`: a JWT for a role, from the local issuer; a real desk's tokens come from the force's own sign-in."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from local import oidc_issuer


class Role(StrEnum):
    """Who may be played."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    PUBLISHER = "publisher"
    AUDITOR = "auditor"


def token(
    *,
    role: Annotated[Role, typer.Option(help="The role to sign in with.")] = Role.OPERATOR,
    name: Annotated[str, typer.Option(help="The person's name, as the desk will show it.")] = "Operator",
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Print a token of the local desk, good for 12 hours.

    Example: curl -H "Authorization: Bearer $(desk token --role supervisor --name Sam)" "$API/desk/cases"
    """
    minted = oidc_issuer.mint(role.value, name)
    typer.echo(json.dumps({"token": minted, "role": role.value, "name": name}) if as_json else minted)
