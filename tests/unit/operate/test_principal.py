"""Who calls, and what they may do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.operate.principal import Role, principal_of, roles_of
from functions.operate.refusals import NotSignedInError

ROLES = "cognito:groups"


def event(**claims: Any) -> dict[str, Any]:
    return {"requestContext": {"authorizer": {"jwt": {"claims": {"sub": "sub-1", **claims}}}}}


@pytest.mark.parametrize(
    ("claim", "roles"),
    [
        ("[operator]", {Role.OPERATOR}),
        ("[operator supervisor]", {Role.OPERATOR, Role.SUPERVISOR}),
        ("operator", {Role.OPERATOR}),
        (["operator", "auditor"], {Role.OPERATOR, Role.AUDITOR}),
        ("[operator wizard]", {Role.OPERATOR}),
        ("[wizard]", set()),
        ("[]", set()),
        ("", set()),
        ("[publisher", set()),
        ("publisher]", set()),
        ("[[publisher]]", set()),
        ("[operator,supervisor]", set()),
        ("operator supervisor", set()),
        ("[Operator]", set()),
        ("[operator\tsupervisor]", set()),
        ('["operator"]', set()),
        (["operator supervisor", 7, None], set()),
        ({"operator": True}, set()),
        (None, set()),
        (True, set()),
    ],
)
def test_a_role_is_had_only_where_the_claim_names_it_exactly(claim: object, roles: set[Role]) -> None:
    assert roles_of(claim) == roles


@given(st.text() | st.lists(st.text()) | st.from_regex(r"\[[a-z ,\[\]]{0,40}\]"))
def test_no_claim_breaks_the_reader_or_gives_a_role_that_it_does_not_name(claim: str | list[str]) -> None:
    words = claim if isinstance(claim, list) else claim.strip("[]").split(" ")
    assert roles_of(claim) <= {Role(word) for word in words if word in set(Role)}


def test_a_caller_is_known_by_subject_and_read_by_name() -> None:
    principal = principal_of(event(name="Sam Okafor", username="s.okafor", **{ROLES: "[supervisor]"}), ROLES)

    assert (principal.operator.subject, principal.operator.name) == ("sub-1", "Sam Okafor")
    assert principal.roles == {Role.SUPERVISOR}


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"username": "s.okafor"}, "s.okafor"),
        ({"name": "  ", "preferred_username": "Sam"}, "Sam"),
        ({"name": ["Sam"]}, "sub-1"),
        ({}, "sub-1"),
        ({"name": "x" * 500}, "x" * 120),
    ],
)
def test_a_caller_without_a_name_is_read_by_the_next_best_claim(claims: dict[str, Any], name: str) -> None:
    assert principal_of(event(**claims), ROLES).operator.name == name


@pytest.mark.parametrize(
    "unsigned",
    [
        {},
        {"requestContext": None},
        {"requestContext": {"authorizer": {"lambda": {"claims": {"sub": "sub-1"}}}}},
        {"requestContext": {"authorizer": {"jwt": {"claims": ["sub"]}}}},
        event(sub=""),
        event(sub=7),
        event(sub="x" * 129),
        event(token_use="id"),
    ],
)
def test_a_call_without_a_usable_access_token_is_nobodys(unsigned: dict[str, Any]) -> None:
    with pytest.raises(NotSignedInError):
        principal_of(unsigned, ROLES)
