"""IAM is enforced here: with one statement less, a function cannot do its work, and nothing is answered 200 in vain."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from tests.builders import Json
from tests.e2e.outside import Operators, Outside


def role_policies(operators: Operators, function: str) -> list[tuple[str, str, Json]]:
    """The inline policies of a function's role: role, policy name, document."""
    iam, lambda_ = operators.aws("iam"), operators.aws("lambda")
    [role] = {
        one["Role"].rpartition("/")[2]
        for page in lambda_.get_paginator("list_functions").paginate()
        for one in page["Functions"]
        if function in one["FunctionName"]
    }
    return [
        (role, name, iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]


@contextmanager
def without_statement(operators: Operators, function: str, action: str) -> Iterator[None]:
    """Take the statement that allows an action away from a function's role for as long as the context lasts."""
    iam = operators.aws("iam")
    held = [
        policy
        for policy in role_policies(operators, function)
        if any(action in actions_of(statement) for statement in policy[2]["Statement"])
    ]
    assert held, f"{function} never was allowed {action}"
    try:
        for role, name, document in held:
            less = [one for one in document["Statement"] if action not in actions_of(one)]
            iam.put_role_policy(
                RoleName=role, PolicyName=name, PolicyDocument=json.dumps({**document, "Statement": less})
            )
        yield
    finally:
        for role, name, document in held:
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def actions_of(statement: Json) -> list[str]:
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else list(actions)


def test_without_the_right_to_archive_no_delivery_is_taken(outside: Outside, operators: Operators) -> None:
    delivery = outside.message(outside.new("kept?"), sender=outside.new_person())

    with without_statement(operators, "Webhooks", "s3:PutObject"):
        assert outside.deliver(delivery).status_code == 503

    assert outside.deliver(delivery).status_code == 200


def test_without_the_right_to_queue_no_delivery_is_taken(outside: Outside, operators: Operators) -> None:
    text = outside.new("queued?")
    delivery = outside.message(text, sender=outside.new_person())

    with without_statement(operators, "Webhooks", "sqs:SendMessage"):
        assert outside.deliver(delivery).status_code == 503

    assert outside.deliver(delivery).status_code == 200
    operators.case_with(text)


def test_the_internet_facing_role_can_read_neither_archive_nor_table(operators: Operators) -> None:
    allowed = {
        action
        for _, _, document in role_policies(operators, "Webhooks")
        for statement in document["Statement"]
        for action in actions_of(statement)
    }

    assert not {action for action in allowed if action.startswith(("dynamodb:", "s3:Get", "s3:List"))}
