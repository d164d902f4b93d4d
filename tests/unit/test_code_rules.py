"""The rules of our own: what each finds and does not find, and that the code keeps them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from tests.code_rules import (
    BEFORE_VERIFYING,
    Breach,
    read_before_verified,
    sends_to_its_own_queue,
    tells_words,
)

ROOT = Path(__file__).parents[2]
VERIFYING = ("functions/ingest", "functions/data_deletion")
"""Functions that platforms call: what they are sent is signed."""
Rule = Callable[[ast.Module], Iterator[Breach]]

FOUND: list[tuple[Rule, str]] = [
    (
        read_before_verified,
        """
        def take_in(request, secret):
            fields = json.loads(request.body)
            if not is_signed(request.headers, request.body, secret):
                return refuse()
        """,
    ),
    (
        read_before_verified,
        """
        def take_in(request, secret):
            return Delivery.model_validate_json(request.body)
        """,
    ),
    (
        read_before_verified,
        """
        def handle(event, context):
            fields = parse_qs(base64.b64decode(event["body"]))
            return verify(event, fields)
        """,
    ),
    (
        read_before_verified,
        """
        def take_in(request, secret, archive):
            archive.put(key=name_of(request), body=request.body)
            if not _is_signed(request, secret):
                return refuse()
        """,
    ),
    (
        sends_to_its_own_queue,
        """
        class Triage:
            def __init__(self):
                self.triage = PythonFunction(self, "Triage")
                self.private_contacts.feed(self.triage, max_concurrency=5)
                self.private_contacts.allow_send(self.triage)
        """,
    ),
    (
        sends_to_its_own_queue,
        """
        class Notify:
            def __init__(self):
                self.urgent = PythonFunction(self, "Urgent", reminds_itself=True)
                self.notify = PythonFunction(self, "Notify", reminds_itself=False)
                for sender in (self.urgent, self.notify):
                    self.outbox.allow_send(sender)
                self.outbox.feed(self.notify)
        """,
    ),
    (tells_words, 'logger.info("taken in", text=contact.text)'),
    (tells_words, 'logger.warning(f"no such case for {person}")'),
    (tells_words, "logger.append_keys(first=case.contacts[0].person.name, said=str(message.raw)[:20])"),
    (tells_words, 'count_each("Refused", "reason", {error.body: 1})'),
    (tells_words, 'logger.info("replayed", extra={"keys": [each.text for each in contacts]})'),
    (tells_words, 'logger.exception("it failed")'),
    (tells_words, 'logger.error("it failed", exc_info=True)'),
    (tells_words, 'raise StoreError(f"cannot keep {contact.text!r}")'),
]
NOT_FOUND: list[tuple[Rule, str]] = [
    (
        read_before_verified,
        """
        def take_in(request, secret):
            if len(request.body) > LARGEST or not is_signed(request.headers, request.body, secret):
                return refuse()
            return read_delivery(request.body)
        """,
    ),
    (
        read_before_verified,
        """
        def is_signed(request, secret):
            return signs(dict(parse_qsl(request.body)), secret)
        """,
    ),
    (
        sends_to_its_own_queue,
        """
        class Notify:
            def __init__(self):
                self.urgent = PythonFunction(self, "Urgent", reminds_itself=True)
                self.notify = PythonFunction(self, "Notify")
                for sender in (self.urgent, self.notify):
                    self.outbox_urgent.allow_send(sender)
                self.outbox_urgent.feed(self.urgent)
                self.outbox.feed(self.notify)
        """,
    ),
    (tells_words, 'logger.info("taken in", contacts=len(contact.text), channel=contact.channel)'),
    (tells_words, 'logger.append_keys(key=reading.archive_key, sealed=sum(e.body is None for e in parts))'),
    (tells_words, 'raise StoreError("the table did not take it")'),
    (tells_words, 'raise StoreError(f"{table_name}: {error.code}")'),
    (tells_words, "answer(text=contact.text)"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "code"), FOUND)
def test_a_rule_finds_what_breaks_it(rule: Rule, code: str) -> None:
    assert list(rule(ast.parse(dedent(code))))


@pytest.mark.parametrize(("rule", "code"), NOT_FOUND)
def test_a_rule_leaves_what_keeps_it(rule: Rule, code: str) -> None:
    assert list(rule(ast.parse(dedent(code)))) == []


def test_no_webhook_reads_what_it_has_not_verified() -> None:
    assert breaches(read_before_verified, *VERIFYING) == []


def test_no_function_may_send_to_the_queue_that_it_empties() -> None:
    assert breaches(sends_to_its_own_queue, "infra") == []


def test_nothing_that_ships_tells_a_log_or_an_error_what_people_write() -> None:
    assert breaches(tells_words, "functions", "layers/core/python") == []


def test_every_exception_to_verifying_first_is_used() -> None:
    trees = [ast.parse(path.read_text()) for folder in VERIFYING for path in (ROOT / folder).rglob("*.py")]
    called = {
        node.func.id
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert BEFORE_VERIFYING.keys() - called == set()


def breaches(rule: Rule, *folders: str) -> list[str]:
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    assert files
    return [
        f"{path.relative_to(ROOT)}:{line}: {reason}"
        for path in files
        for line, reason in rule(ast.parse(path.read_text()))
    ]
