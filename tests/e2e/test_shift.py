"""A shift on the deployed desk: what three operators did with three hundred contacts is what the audit says of them."""

from __future__ import annotations

import base64
import json
import random
from collections import Counter, defaultdict
from datetime import UTC, datetime

from contact_desk.audit_sealing import prove
from contact_desk.stores.audit_trail import DynamoAuditTrail
from contact_desk.stores.dynamo import Table
from contact_desk.stores.seal_vault import S3SealVault
from local.stack_file import Stack
from tests.builders import Json, messenger_delivery
from tests.e2e.outside import Operators, Outside, until
from tests.proving import Share

A_DELIVERY = 10
REASONS = {"case-held": "CaseHeld", "not-holder": "NotHolder", "stale-version": "StaleVersion"}


def subject_of(token: str) -> str:
    """Who a token says somebody is."""
    payload = token.split(".")[1]
    claims: Json = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return str(claims["sub"])


def contacts(outside: Outside, number: int) -> list[str]:
    """So many people write, each once; their words."""
    words = [outside.new("where is the station?") for _ in range(number)]
    for start in range(0, number, A_DELIVERY):
        items = [
            outside.message(text, sender=outside.new_person())["entry"][0]["messaging"][0]
            for text in words[start : start + A_DELIVERY]
        ]
        outside.deliver(messenger_delivery(*items, page=outside.page))
    return words


class Shift:
    """Three operators, and what they did as the test saw it."""

    def __init__(self, operators: Operators) -> None:
        self.operators, self.chance = operators, random.Random(300)
        self.tokens = [operators.new_operator(f"Shift {name}") for name in ("Olivia", "Owen", "Sian")]
        self.did: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)

    def works_on(self, case_id: str) -> None:
        """A few acts of whoever comes, some of them refused."""
        path, version = f"/desk/cases/{case_id}", 1
        for act in self.chance.choices(["open", "claim", "notes", "release"], k=3):
            token = self.chance.choice(self.tokens)
            if act == "open":
                assert self.operators.get(path, token=token).status_code == 200
                self.saw(case_id, token, "open")
                continue
            body = {"text": "Seen."} if act == "notes" else {}
            done = self.operators.post(f"{path}/{act}", body, token=token, version=version)
            name = act.removesuffix("s")
            if done.status_code == 200:
                version = done.json()["version"]
                self.saw(case_id, token, name if act == "notes" else act)
            else:
                why = REASONS[done.json()["type"].removeprefix("urn:contact-desk:")]
                self.saw(case_id, token, f"{name if act == 'notes' else act} refused: {why}")

    def saw(self, case_id: str, token: str, act: str) -> None:
        self.did[case_id].append((subject_of(token), act))


def test_the_audit_of_a_shift_is_what_was_done_and_holds(
    outside: Outside, operators: Operators, stack: Stack, share: Share
) -> None:
    began = datetime.now(UTC)
    words = contacts(outside, share(12, 300))
    wanted = set(words)
    until(lambda: wanted <= {case["preview"] for case in operators.cases(limit="200")}, seconds=120)
    names = {case["preview"]: case["case_id"] for case in operators.cases(limit="200")}
    shift = Shift(operators)
    for text in words:
        shift.works_on(names[text])

    trail = DynamoAuditTrail(Table(operators.aws("dynamodb"), stack.table_name))
    for case_id, did in shift.did.items():
        audited = trail.of(case_id)
        assert Counter((one.by, one.act) for one in audited) == Counter(did), case_id
        assert all(began <= one.at <= datetime.now(UTC) for one in audited)
    listed = [one for one in trail.between(began, datetime.now(UTC)) if one.act == "list"]
    shown = {
        case_id for one in listed if one.by == subject_of(stack.tokens.operator) for case_id in one.shown
    }
    assert {names[text] for text in words} <= shown

    answer = operators.aws("lambda").invoke(FunctionName=operators.function("SweepAuditSeals"), Payload=b"{}")
    assert "FunctionError" not in answer
    secret = operators.aws("secretsmanager").get_secret_value(SecretId=stack.audit_key)["SecretString"]
    vault = S3SealVault(operators.aws("s3"), stack.audit_bucket)
    assert prove(trail, vault, json.loads(secret)["key"].encode(), datetime.now(UTC)).whole
