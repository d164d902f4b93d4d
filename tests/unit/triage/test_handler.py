"""A batch of contacts from SQS: what goes back, what is nudged, and what is written down of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact_desk.canaries import PERSON, PREFIX
from contact_desk.contact_message import to_message
from contact_desk.contacts import Act, Attachment, Contact, Person, Surface
from contact_desk.errors import StoreBusyError
from contact_desk.observability import metrics
from contact_desk.pointers import attachments_id_of
from functions.triage import composition, handler
from functions.triage.handler import RESERVE_MILLISECONDS, triage
from local.twins.in_memory_intake import InMemoryIntake
from tests.builders import LambdaContext, contact, sqs_event
from tests.lambda_output import WrittenOutput, written_output
from tests.unit.triage.readings import Desk

KNIFE = "there is a man with a knife outside my house"
CANARY = "canary-7f3a-words"
PHOTO = Attachment("image", None, f"https://scontent.xx.fbcdn.net/{CANARY}.jpg")


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Iterator[WrittenOutput]:
    with written_output(capsys) as output:
        yield output


def batch(*contacts: Contact) -> dict[str, Any]:
    return sqs_event(*map(to_message, contacts))


def several(number: int, text: str = "is the road open?") -> list[Contact]:
    return [contact(text, native_id=f"m_{n}", person=Person(f"p{n}")) for n in range(number)]


def failed(answer: Any) -> list[str]:
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def run(desk: Desk, event: dict[str, Any], **context: Any) -> list[str]:
    invocation: Any = LambdaContext(**context)
    return failed(triage(event, invocation, desk.triage))


def test_every_contact_of_a_batch_is_on_the_desk_and_nothing_goes_back(desk: Desk) -> None:
    assert run(desk, batch(*several(10))) == []
    assert len(desk.records.contacts) == 10


def test_nudges_go_out_once_at_the_end_ten_to_a_call_and_urgent_ones_apart(desk: Desk) -> None:
    run(desk, batch(*several(10, KNIFE), contact("is the road open?", native_id="q", person=Person("q"))))

    assert len(desk.nudges.urgent) == 20
    assert desk.nudges.urgent_queue.calls == 2
    assert len(desk.nudges.ordinary) == 1
    assert desk.nudges.queue.calls == 1


def test_an_amber_contacts_alert_is_not_urgent(desk: Desk) -> None:
    run(desk, batch(contact("there was a smell of gas in the hall last month, the board came and mended it")))

    assert desk.nudges.urgent == []
    assert len(desk.nudges.ordinary) == 2


def test_what_nobody_can_read_goes_back_and_its_neighbours_do_not(desk: Desk) -> None:
    good = to_message(contact())
    newer = good.replace('"v":1', '"v":2')

    assert run(desk, sqs_event("not json", good, newer, "{}")) == ["message-0", "message-2", "message-3"]
    assert len(desk.records.contacts) == 1


def test_with_too_little_time_left_the_rest_goes_back_untouched(desk: Desk) -> None:
    class RunningOut(LambdaContext):
        left = iter([9_000, RESERVE_MILLISECONDS - 1, 0])

        def get_remaining_time_in_millis(self) -> int:
            return next(self.left)

    invocation: Any = RunningOut()
    answer = triage(batch(*several(3)), invocation, desk.triage)

    assert failed(answer) == ["message-1", "message-2"]
    assert set(desk.records.contacts) == {"messenger#m_0"}


def test_a_whole_batch_that_fails_is_answered_not_raised(desk: Desk) -> None:
    assert run(desk, sqs_event("no", "neither")) == ["message-0", "message-1"]


def test_a_lost_nudge_loses_no_contact(desk: Desk, output: WrittenOutput) -> None:
    desk.nudges.queue.full = True
    desk.nudges.urgent_queue.full = True

    assert run(desk, batch(contact(KNIFE))) == []
    assert len(desk.records.outbox) == 2
    (line,) = output().log_lines
    assert line["nudged"] is False


def with_photo(number: int) -> Contact:
    return contact(native_id=f"m_{number}", person=Person(f"p{number}"), attachments=(PHOTO, PHOTO))


def test_attachments_are_told_of_once_a_contact_ten_to_a_call_and_by_name_alone(desk: Desk) -> None:
    run(desk, batch(*map(with_photo, range(10)), contact(native_id="q", person=Person("q"))))

    told = [attachments_id_of(body) for body in desk.attachments.sent]
    assert set(told) == set(desk.records.attachments)
    assert len(told) == 10
    assert desk.attachments.queue.calls == 1
    assert not [body for body in desk.attachments.sent if CANARY in body]


def test_a_contact_without_files_costs_no_call_for_attachments(desk: Desk) -> None:
    run(
        desk,
        batch(contact(attachments=(Attachment("location"), Attachment("fallback", None, "https://a.b")))),
    )

    assert desk.attachments.queue.calls == 0
    assert desk.records.attachments == {}


def test_a_duplicate_tells_of_its_attachments_again_until_they_are_copied(desk: Desk) -> None:
    run(desk, batch(with_photo(1)))
    run(desk, batch(with_photo(1)))
    assert len(desk.attachments.sent) == 2

    (name,) = desk.records.attachments
    desk.records.attachments[name] = replace(desk.records.attachments[name], due_at=None)
    run(desk, batch(with_photo(1)))
    assert len(desk.attachments.sent) == 2


def test_attachments_that_nobody_was_told_of_are_on_record(desk: Desk, output: WrittenOutput) -> None:
    desk.attachments.queue.full = True

    assert run(desk, batch(with_photo(1))) == []
    assert len(desk.records.attachments) == 1
    (line,) = output().log_lines
    assert (line["nudged"], line["with_attachments"]) == (False, 1)
    assert CANARY not in json.dumps(line)


def test_one_log_line_with_counts_and_no_word_of_anybody(desk: Desk, output: WrittenOutput) -> None:
    said = contact(
        f"{KNIFE} {CANARY}", person=Person(f"{CANARY}-address", f"{CANARY}-name"), raw=f'"{CANARY}"'
    )
    run(desk, sqs_event(to_message(said), to_message(said), f'{{"v":1,"text":"{CANARY}"}}', CANARY))
    metrics.flush_metrics()
    written = output()
    (line,) = written.log_lines

    assert (line["admitted"], line["duplicates"], line["grades"]) == (1, 1, {"emergency": 1})
    assert line["failures"] == {"MalformedMessageError": 2}
    assert CANARY not in written.text


def test_an_unforeseen_error_gives_its_record_back_and_no_word_away(
    desk: Desk, output: WrittenOutput, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall_over(_self: InMemoryIntake, _admission: Any) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr(InMemoryIntake, "admit", fall_over)

    assert run(desk, batch(contact())) == ["message-0"]
    written = output()
    assert written.log_lines[0]["failures"] == {"ValueError": 1}
    assert CANARY not in written.text


def test_a_busy_table_sends_the_contact_back_to_its_queue(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_self: InMemoryIntake, _key: str) -> None:
        raise StoreBusyError("throttled")

    monkeypatch.setattr(InMemoryIntake, "conversation", busy)

    assert run(desk, batch(contact())) == ["message-0"]


def test_the_lambda_works_with_the_desk_of_its_composition(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, output: WrittenOutput
) -> None:
    monkeypatch.setattr(composition, "triage_desk", lambda: desk.triage)
    invocation: Any = LambdaContext()
    answer = handler.handle(batch(contact(KNIFE)), invocation)
    written = output()
    counted = {
        name: value
        for line in written.metrics
        for name, value in line.items()
        if name.istitle() or name[0].isupper()
    }

    assert failed(answer) == []
    assert counted["ContactsAdmitted"] == [1.0]
    assert counted["Emergencies"] == [1.0]


WORDS = st.text(alphabet=st.characters(codec="utf-8"), max_size=60)
CONTACTS = st.builds(
    contact,
    WORDS,
    act=st.sampled_from(Act),
    channel=st.sampled_from(["messenger", "facebook_page", "x", "report_form"]),
    surface=st.sampled_from(Surface),
    native_id=st.sampled_from(["m_1", "m_2", "m_3"]),
    person=st.none() | st.builds(Person, st.sampled_from(["p1", "p2"]), st.none() | WORDS),
    event_id=st.none() | st.sampled_from(["e1", "e2"]),
    language=st.none() | st.sampled_from(["en", "cy", "xx"]),
    report=st.none()
    | st.dictionaries(
        st.sampled_from(["emergency_now", "where", "safe_contact"]),
        st.none() | st.booleans() | WORDS,
        max_size=3,
    ),
    raw=st.none() | WORDS,
    last=st.booleans(),
)


@given(st.lists(CONTACTS, max_size=8))
@settings(max_examples=60)
def test_no_contact_can_make_triage_fail_and_none_is_taken_twice(contacts: list[Contact]) -> None:
    desk = Desk()
    event = batch(*contacts)
    if not contacts:
        return

    assert run(desk, event) == []
    first = {key: stored.case_id for key, stored in desk.records.contacts.items()}
    entries = {case_id: set(timeline) for case_id, timeline in desk.records.timelines.items()}
    assert run(desk, event) == []

    assert {key: stored.case_id for key, stored in desk.records.contacts.items()} == first
    assert {case_id: set(timeline) for case_id, timeline in desk.records.timelines.items()} == entries
    assert all(case_id in desk.records.cases for case_id in first.values())


def test_composition_builds_the_desk_once_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "FORCE_FILE": "forces/example.toml",
        "TABLE_NAME": "desk",
        "EVIDENCE_BUCKET_NAME": "evidence",
        "OUTBOX_URGENT_QUEUE_URL": "https://sqs.example/urgent",
        "OUTBOX_QUEUE_URL": "https://sqs.example/outbox",
        "ATTACHMENTS_QUEUE_URL": "https://sqs.example/attachments",
        "SECOND_READS_QUEUE_URL": "none",
    }.items():
        monkeypatch.setenv(name, value)
    composition.triage_desk.cache_clear()
    try:
        built = composition.triage_desk()

        assert built is composition.triage_desk()
        assert built.admissions.force.short_code == "EX"
        assert built.reader.version.startswith("rules-")
    finally:
        composition.triage_desk.cache_clear()


def test_a_canary_is_noted_and_its_delivery_closed_and_it_is_nowhere_that_an_operator_looks(
    desk: Desk, output: WrittenOutput
) -> None:
    hidden = contact(KNIFE, native_id=f"{PREFIX}one", person=Person(PERSON))
    assert run(desk, batch(hidden, *several(1))) == []
    records = desk.records
    assert len(records.cases) == len(records.contacts) == 1
    assert hidden.key not in records.contacts
    assert records.alerts == {}
    seen = desk.channel_log.last_canary("messenger", hidden.account)
    assert seen is not None
    assert (seen.native_id, seen.seen_at) == (f"{PREFIX}one", desk.clock.now())
    assert hidden.archive_key in desk.channel_log.closed
    (line,) = [one for one in output().metrics if "CanariesSeen" in one]
    assert (line["CanariesSeen"], line["channel"]) == ([1.0], "messenger")
    counted = {name: sum(metric["Value"]) for name, metric in metrics.provider.metric_set.items()}
    assert counted["ContactsAdmitted"] == 1
    assert "ContactDuplicates" not in counted


def test_a_canary_that_cannot_be_noted_comes_again(desk: Desk) -> None:
    desk.channel_log.busy = True
    hidden = contact(native_id=f"{PREFIX}one", person=Person(PERSON))
    assert run(desk, batch(hidden)) == ["message-0"]
