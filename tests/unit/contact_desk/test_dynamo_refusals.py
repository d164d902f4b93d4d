"""What DynamoDB's refusals mean, reason by reason: those that no emulator raises, answered by a stub."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from botocore.stub import Stubber

from contact_desk.errors import StoreBusyError, StoreRefusedError
from contact_desk.intake import ConversationMoved, Duplicate
from contact_desk.stores import keys
from contact_desk.stores.dynamo import Refused, Table
from contact_desk.stores.intake import DynamoIntake
from contact_desk.stores.items import contact_item, marshal
from functions.triage.admission import Admissions
from functions.triage.automatic_texts import OwnTexts
from local.twins.held_still import NOON, CountedIds
from tests.builders import contact, force
from tests.unit.triage.readings import red

CONTACT, CONVERSATION, CASE, ALERT = range(4)
PARTS = 9
WORDS = "words-that-must-not-leak"
ADMISSION = Admissions(force(), OwnTexts(force()), CountedIds()).compose(contact(WORDS), red(), None, NOON)


@dataclass
class Stubbed:
    table: Table
    stub: Stubber

    @property
    def intake(self) -> DynamoIntake:
        return DynamoIntake(self.table)

    def refuse(self, call: str, code: str, **beside: Any) -> None:
        self.stub.add_client_error(call, service_error_code=code, modeled_fields=beside)

    def cancel(self, reasons: dict[int, str], item: dict[str, Any] | None = None) -> None:
        listed: list[dict[str, Any]] = [{"Code": reasons.get(part, "None")} for part in range(PARTS)]
        if item is not None:
            listed[CONTACT]["Item"] = item
        self.refuse("transact_write_items", "TransactionCanceledException", CancellationReasons=listed)


@pytest.fixture(scope="module")
def client() -> Any:
    return boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def stubbed(client: Any) -> Iterator[Stubbed]:
    with Stubber(client) as stub:
        yield Stubbed(Table(client, "desk"), stub)


HELD = "ConditionalCheckFailed"
BUSY_REASONS = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]


@pytest.mark.parametrize("reason", BUSY_REASONS)
@pytest.mark.parametrize("part", [CONTACT, CONVERSATION, CASE, ALERT])
def test_a_conflict_or_throttling_of_any_part_is_to_be_tried_again(
    stubbed: Stubbed, part: int, reason: str
) -> None:
    stubbed.cancel({part: reason})

    with pytest.raises(StoreBusyError, match=reason):
        stubbed.intake.admit(ADMISSION)


@pytest.mark.parametrize(
    "reason", ["ValidationError", "ItemCollectionSizeLimitExceeded", "AccessDenied", "SomethingNew"]
)
def test_anything_else_is_refused_even_beside_a_conflict(stubbed: Stubbed, reason: str) -> None:
    for reasons in ({CASE: reason}, {CASE: reason, CONVERSATION: "TransactionConflict"}):
        stubbed.cancel(reasons)
        with pytest.raises(StoreRefusedError, match=reason):
            stubbed.intake.admit(ADMISSION)


def test_a_cancellation_without_reasons_is_refused(stubbed: Stubbed) -> None:
    stubbed.refuse("transact_write_items", "TransactionCanceledException")

    with pytest.raises(StoreRefusedError, match="no reason given"):
        stubbed.intake.admit(ADMISSION)


@pytest.mark.parametrize(
    "beside", [{}, {CONVERSATION: "TransactionConflict"}, {CONVERSATION: HELD, CASE: HELD}]
)
def test_our_own_key_held_is_a_duplicate_whatever_stands_beside_it(
    stubbed: Stubbed, beside: dict[int, str]
) -> None:
    stubbed.cancel({CONTACT: HELD, **beside}, item=dict(marshal(contact_item(ADMISSION))))
    stubbed.stub.add_response("batch_get_item", {"Responses": {"desk": []}, "UnprocessedKeys": {}})
    stubbed.stub.add_response("put_item", {})

    assert stubbed.intake.admit(ADMISSION) == Duplicate(WORDS, ())


@pytest.mark.parametrize("part", [CONVERSATION, CASE])
def test_a_conversation_or_case_that_is_another_now_is_decided_on_anew(stubbed: Stubbed, part: int) -> None:
    stubbed.cancel({part: HELD, ALERT: HELD})

    assert stubbed.intake.admit(ADMISSION) == ConversationMoved()


def test_an_alert_that_flickers_is_to_be_tried_again_later(stubbed: Stubbed) -> None:
    for _ in range(4):
        stubbed.cancel({ALERT: HELD})

    with pytest.raises(StoreBusyError, match="alert"):
        stubbed.intake.admit(ADMISSION)
    stubbed.stub.assert_no_pending_responses()


Call = Callable[[Table], object]
CALLS: dict[str, tuple[str, Call]] = {
    "a read": ("get_item", lambda table: table.get(keys.case("1"))),
    "a batch read": ("batch_get_item", lambda table: table.get_all([keys.case("1")])),
    "a query": ("query", lambda table: list(table.query(KeyConditionExpression="pk = :pk"))),
    "a put": ("put_item", lambda table: table.attempt(table.put(keys.case("1")))),
    "an update": ("update_item", lambda table: table.attempt(table.update(keys.case("1"), "REMOVE #claim"))),
    "a delete": ("delete_item", lambda table: table.attempt(table.delete(keys.case("1")))),
    "a transaction": ("transact_write_items", lambda table: table.transact([table.put(keys.case("1"))])),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("ProvisionedThroughputExceededException", StoreBusyError),
        ("ThrottlingException", StoreBusyError),
        ("RequestLimitExceeded", StoreBusyError),
        ("InternalServerError", StoreBusyError),
        ("TransactionInProgressException", StoreBusyError),
        ("TransactionConflictException", StoreBusyError),
        ("AccessDeniedException", StoreRefusedError),
        ("ValidationException", StoreRefusedError),
        ("ResourceNotFoundException", StoreRefusedError),
    ],
)
def test_every_call_tells_busy_from_refused(
    stubbed: Stubbed, call: str, code: str, error: type[Exception]
) -> None:
    name, make = CALLS[call]
    stubbed.refuse(name, code)

    with pytest.raises(error, match=code):
        make(stubbed.table)


@pytest.mark.parametrize(
    "lost", [ReadTimeoutError(endpoint_url="https://x"), EndpointConnectionError(endpoint_url="https://x")]
)
def test_a_call_without_an_answer_may_be_made_again(
    stubbed: Stubbed, monkeypatch: pytest.MonkeyPatch, lost: Exception
) -> None:
    def lose(*_: Any, **__: Any) -> None:
        raise lost

    monkeypatch.setattr(stubbed.table.client, "get_item", lose)

    with pytest.raises(StoreBusyError, match=type(lost).__name__):
        stubbed.table.get(keys.case("1"))


def test_a_refused_condition_hands_over_the_old_item(stubbed: Stubbed) -> None:
    old = {**keys.case("1"), "token": "somebody"}
    stubbed.refuse("put_item", "ConditionalCheckFailedException", Item=dict(marshal(old)))

    assert stubbed.table.attempt(stubbed.table.put(keys.case("1"), "attribute_not_exists(#pk)")) == Refused(
        old
    )


def test_an_error_carries_codes_and_no_content(stubbed: Stubbed) -> None:
    stubbed.cancel({CASE: "ValidationError"}, item=dict(marshal(contact_item(ADMISSION))))
    with pytest.raises(StoreRefusedError) as refused:
        stubbed.intake.admit(ADMISSION)

    assert WORDS not in repr(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
    assert WORDS not in repr(stubbed.table.put(contact_item(ADMISSION)))


def test_a_batch_read_asks_again_for_what_was_kept_back(stubbed: Stubbed) -> None:
    one, two = ({**keys.case(name), "count": 1} for name in ("1", "2"))
    kept_back = {"desk": {"Keys": [dict(marshal(keys.case("2")))]}}
    stubbed.stub.add_response(
        "batch_get_item", {"Responses": {"desk": [dict(marshal(one))]}, "UnprocessedKeys": kept_back}
    )
    stubbed.stub.add_response(
        "batch_get_item", {"Responses": {"desk": [dict(marshal(two))]}, "UnprocessedKeys": {}}
    )

    assert stubbed.table.get_all([keys.case("1"), keys.case("2")]) == [one, two]


def test_a_batch_read_that_gets_nowhere_is_to_be_tried_again(stubbed: Stubbed) -> None:
    kept_back = {"desk": {"Keys": [dict(marshal(keys.case("1")))]}}
    stubbed.stub.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": kept_back})

    with pytest.raises(StoreBusyError):
        stubbed.table.get_all([keys.case("1")])
