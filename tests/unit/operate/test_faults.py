"""When the desk itself fails: what a caller is told, what is tried again, and what the log never says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from contact_desk.contacts import Person
from contact_desk.errors import StoreBusyError, StoreRefusedError
from functions.operate import composition
from functions.operate.handler import handle
from tests.builders import CASE_ID, LambdaContext, contact, http_event
from tests.desk_staging import admit
from tests.lambda_output import WrittenOutput, written_output
from tests.unit.operate.at_the_desk import AtTheDesk

CANARY = "Zanzibar-Quetzal"
WORDS = {"text": f"{CANARY} note"}


class Broken:
    """A port that fails: each call takes the next error; where there is none left, the real port answers."""

    def __init__(self, real: Any, *errors: Exception, lost_answer: bool = False) -> None:
        self.real = real
        self.errors: Iterator[Exception] = iter(errors)
        self.lost_answer = lost_answer

    def commit(self, *arguments: Any) -> Any:
        error = next(self.errors, None)
        if error is None or self.lost_answer:
            outcome = self.real.commit(*arguments)
            if error is None:
                return outcome
        raise error

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def breaking(at_the_desk: AtTheDesk, *errors: Exception, lost_answer: bool = False) -> list[float]:
    """Make the next commits fail; the pauses taken between tries."""
    pauses: list[float] = []
    real = at_the_desk.desk
    broken: Any = Broken(real.cases, *errors, lost_answer=lost_answer)
    at_the_desk.desk = type(real)(
        cases=broken,
        alerts=real.alerts,
        outbox=real.outbox,
        nudges=real.nudges,
        broadcasting=real.broadcasting,
        audit=real.audit,
        totals=real.totals,
        files=real.files,
        force=real.force,
        clock=real.clock,
        ids=real.ids,
        pause=pauses.append,
    )
    return pauses


def test_a_busy_table_is_tried_again_after_a_pause(at_the_desk: AtTheDesk, case: str) -> None:
    pauses = breaking(at_the_desk, StoreBusyError("TransactionConflict"), StoreBusyError("Throttling"))

    assert at_the_desk.post(f"{case}/claim").status == 200
    assert len(pauses) == 2


def test_an_act_whose_answer_was_lost_knows_itself_again(at_the_desk: AtTheDesk, case: str) -> None:
    at_the_desk.post(f"{case}/claim")
    breaking(at_the_desk, StoreBusyError("ReadTimeoutError"), lost_answer=True)

    done = at_the_desk.post(f"{case}/replies", WORDS, version=1)

    assert (done.status, done.fields["version"]) == (202, 2)
    assert len(at_the_desk.records.outbox) == 1


def test_a_table_that_stays_busy_asks_the_caller_to_try_again(at_the_desk: AtTheDesk, case: str) -> None:
    breaking(at_the_desk, *[StoreBusyError("Throttling")] * 20)

    answer = at_the_desk.post(f"{case}/claim")

    assert (answer.status, answer.headers["retry-after"], answer.fields["type"]) == (503, "1", "about:blank")


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Iterator[WrittenOutput]:
    with written_output(capsys) as output:
        yield output


@pytest.mark.parametrize("error", [StoreRefusedError(CANARY), KeyError(CANARY), RecursionError(CANARY)])
def test_a_fault_of_ours_tells_the_caller_nothing_and_the_log_only_where_it_was(
    at_the_desk: AtTheDesk, case: str, error: Exception, output: WrittenOutput
) -> None:
    breaking(at_the_desk, error)

    answer = at_the_desk.post(f"{case}/claim")

    assert (answer.status, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.fields == {"type": "about:blank", "title": "Internal Server Error", "status": 500}
    written = output()
    (line,) = written.log_lines
    assert (line["status"], line["fault"]) == (500, type(error).__name__)
    assert line["place"].startswith(f"{__name__}:")
    assert CANARY not in written.text


def test_a_call_writes_one_line_without_a_word_or_a_name(
    at_the_desk: AtTheDesk, monkeypatch: pytest.MonkeyPatch, output: WrittenOutput
) -> None:
    monkeypatch.setattr(composition, "desk", lambda: (at_the_desk.desk, "cognito:groups"))
    admit(at_the_desk.intake, contact(f"{CANARY} text", person=Person("1", f"{CANARY} person")))
    case = f"/desk/cases/{CASE_ID}"
    context: Any = LambdaContext()
    calls: list[tuple[str, str, Any]] = [
        ("GET", "/desk/me", None),
        ("GET", "/desk/cases", None),
        ("GET", case, None),
        ("POST", f"{case}/claim", {}),
        ("POST", f"{case}/notes", WORDS),
        ("POST", f"{case}/replies", WORDS),
        ("POST", f"{case}/grade", {"grade": CANARY, "reason": CANARY}),
        ("POST", f"{case}/grade", {"grade": "priority", "reason": CANARY}),
        ("POST", f"{case}/safe-contact", {"ok": True, "how": CANARY}),
        ("POST", f"{case}/notes", {"text": CANARY * 500}),
        ("POST", f"{case}/notes", {CANARY: CANARY}),
        ("POST", f"{case}/notes", CANARY.encode()),
        ("GET", f"/desk/cases/{CANARY}", None),
        ("GET", f"/desk/{CANARY}", None),
    ]
    for number, (method, path, body) in enumerate(calls):
        headers = {"Idempotency-Key": f"{CANARY}-{number}", "If-Match": str(max(1, number - 3))}
        event = http_event(method, path, body=body, headers=headers, query={"owner": CANARY})
        claims = {"sub": "sub-1", "name": f"{CANARY} operator", "cognito:groups": "[operator]"}
        event["requestContext"]["authorizer"] = {"jwt": {"claims": claims}}
        handle(event, context)
        written = output()

        (line,) = written.log_lines
        assert line["method"] == method
        assert CANARY not in written.text
    assert at_the_desk.records.cases[CASE_ID].version > 1
