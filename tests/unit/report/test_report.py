"""The online report, from the HTTP event to the answer and the queue."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import contact_desk
from contact_desk.contact_message import from_message, to_message
from contact_desk.contacts import Contact, Person, Surface
from contact_desk.http_api import Answer, respond
from contact_desk.observability import metrics
from contact_desk.references import reference
from contact_desk.stores.queues import BATCH_BYTES
from functions.report.handler import ROUTES
from functions.report.reports import Reports
from local.addresses import REPOSITORY
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_archive import InMemoryArchive
from local.twins.in_memory_queues import InMemoryContactQueue
from local.twins.in_memory_secret import InMemorySecret
from tests.builders import REPORT_ID, force, http_event, report

REFERENCE = reference("MP", f"report_form#{REPORT_ID}")


@dataclass
class Form:
    """The report form over twins."""

    clock: FrozenClock = field(default_factory=FrozenClock)
    queue: InMemoryContactQueue = field(default_factory=lambda: InMemoryContactQueue([Surface.PRIVATE]))

    def __post_init__(self) -> None:
        self.archive = InMemoryArchive(self.clock)
        self.reports = Reports(force(), self.archive, self.queue, self.clock, InMemorySecret())

    def send(self, body: dict[str, Any] | bytes) -> Answer:
        return respond(http_event("POST", "/reports", body=body), ROUTES, self.reports)

    def take_in(self, body: dict[str, Any]) -> Contact:
        assert self.send(body)["statusCode"] == 201
        return self.queue.sent[-1]

    def mistakes(self, body: dict[str, Any]) -> dict[str, str]:
        """The fields that a refusal names; a refused report leaves nothing behind."""
        answer = self.send(body)
        assert answer["statusCode"] == 422
        assert not [*self.archive.deliveries, *self.queue.sent]
        told = json.loads(answer["body"])
        assert told["type"] == "urn:contact-desk:validation"
        return {mistake["field"]: mistake["message"] for mistake in told["errors"]}


@pytest.fixture
def form() -> Form:
    metrics.provider.clear_metrics()
    return Form()


def test_a_report_is_archived_queued_and_told_its_reference(form: Form) -> None:
    answer = form.send(report())

    assert answer["statusCode"] == 201
    told = json.loads(answer["body"])
    assert told["reference"] == REFERENCE
    assert REFERENCE in told["next"]
    assert "101" in told["next"]
    ((key, kept),) = form.archive.deliveries.items()
    assert key.startswith("raw/2026/11/02/12/report_form/")
    assert key.endswith(".1")
    assert json.loads(kept.body) == report()
    assert [contact.archive_key for contact in form.queue.on(Surface.PRIVATE)] == [key]


def test_a_report_is_a_private_contact_named_by_its_id(form: Form) -> None:
    sent = report(
        matter="fly-tipping",
        where="Mill Lane",
        when="last night",
        country="Ireland",
        name="Ada Person",
        contact={"email": "ada@example.org"},
        safe_contact={"ok": False, "not_when": "after six"},
        language="cy-GB",
    )
    contact = form.take_in(sent)

    assert (contact.channel, contact.account, contact.surface) == ("report_form", "MP", Surface.PRIVATE)
    assert (contact.native_id, contact.person) == (REPORT_ID, Person(REPORT_ID, "Ada Person"))
    assert (contact.text, contact.language, contact.root) == (sent["what"], "cy", None)
    assert contact.occurred_at == contact.received_at == NOON
    assert contact.report == {
        "emergency_now": False,
        "matter": "fly-tipping",
        "where": "Mill Lane",
        "when": "last night",
        "country": "Ireland",
        "name": "Ada Person",
        "contact": {"email": "ada@example.org", "phone": None},
        "safe_contact": {"ok": False, "how": None, "not_when": "after six"},
        "language": "cy-GB",
    }
    assert json.loads(contact.raw or "") == sent
    assert (contact.part, contact.last) == (1, True)


def test_the_same_report_again_gets_the_same_answer(form: Form) -> None:
    first, second = form.send(report()), form.send(report())

    assert first == second
    assert len(form.archive.deliveries) == 1
    assert form.queue.sent[0] == form.queue.sent[1]


def test_an_id_in_capitals_is_the_same_report(form: Form) -> None:
    assert form.take_in(report(report_id=REPORT_ID.upper())).native_id == REPORT_ID


@pytest.mark.parametrize("what", [{}, {"what": None}, {"what": ""}, {"what": "there is a man with a knife"}])
def test_an_emergency_needs_no_words_and_is_told_to_ring_999(form: Form, what: dict[str, Any]) -> None:
    sent = {"report_id": REPORT_ID, "emergency_now": True, **what}
    told = json.loads(form.send(sent)["body"])

    assert told["next"] == force().write(force().texts["en"].emergency)
    assert "999" in told["next"]
    (contact,) = form.queue.sent
    assert contact.text == (what.get("what") or "")
    assert contact.report is not None
    assert contact.report["emergency_now"] is True


def test_the_answer_is_in_the_persons_language(form: Form) -> None:
    told = json.loads(form.send(report(language="cy", emergency_now=True))["body"])

    assert told["next"] == force().write(force().texts["cy"].emergency)


@pytest.mark.parametrize(
    ("changed", "mistakes"),
    [
        ({"report_id": None}, {"report_id": "must be text"}),
        ({"report_id": "12"}, {"report_id": "must be a UUID"}),
        ({"report_id": f"{{{REPORT_ID}}}"}, {"report_id": "must be a UUID"}),
        ({"what": None}, {"what": "is needed, unless it is an emergency now"}),
        ({"what": "  \n"}, {"what": "is needed, unless it is an emergency now"}),
        ({"what": "", "emergency_now": False}, {"what": "is needed, unless it is an emergency now"}),
        ({"what": "\u200b\ufeff \u2060"}, {"what": "is needed, unless it is an emergency now"}),
        ({"what": "a" * 10_001}, {"what": "must have at most 10000 characters"}),
        ({"what": "a" * 100_000}, {"what": "must have at most 10000 characters"}),
        ({"what": ["a"]}, {"what": "must be text"}),
        ({"what": 7}, {"what": "must be text"}),
        ({"emergency_now": "yes"}, {"emergency_now": "must be true or false"}),
        ({"emergency_now": 1}, {"emergency_now": "must be true or false"}),
        ({"where": "a" * 2_001}, {"where": "must have at most 2000 characters"}),
        ({"name": {"first": "Ada"}}, {"name": "must be text"}),
        ({"contact": "ada@example.org"}, {"contact": "must be an object"}),
        ({"contact": {"email": "a" * 255}}, {"contact.email": "must have at most 254 characters"}),
        ({"contact": {"fax": "1"}}, {"contact.fax": "is not a field of a report"}),
        ({"safe_contact": {}}, {"safe_contact.ok": "is needed"}),
        ({"language": "English!"}, {"language": "is not of the form it must have"}),
        ({"surname": "Person"}, {"surname": "is not a field of a report"}),
        (
            {"report_id": 7, "what": None, "extra": 1, "name": "a" * 201},
            {
                "report_id": "must be text",
                "what": "is needed, unless it is an emergency now",
                "extra": "is not a field of a report",
                "name": "must have at most 200 characters",
            },
        ),
    ],
)
def test_a_refusal_names_each_field_and_what_is_allowed(
    form: Form, changed: dict[str, Any], mistakes: dict[str, str]
) -> None:
    assert form.mistakes(report(**changed)) == mistakes


def test_a_refusal_of_an_emergency_says_what_to_do(form: Form) -> None:
    refused = json.loads(form.send(report(emergency_now=True, name="a" * 201))["body"])

    assert "999" in refused["next"]
    assert "next" not in json.loads(form.send(report(name="a" * 201))["body"])


def test_a_report_of_nothing_names_all_that_is_needed(form: Form) -> None:
    assert form.mistakes({}) == {"report_id": "is needed", "what": "is needed, unless it is an emergency now"}


def test_a_refusal_repeats_nothing_of_what_was_sent(form: Form) -> None:
    answer = form.send(report(name=["the-canary"], report_id="the-canary"))

    assert "the-canary" not in answer["body"]


@pytest.mark.parametrize(
    "body",
    [b"", b"what=help", b"[]", b"null", b'"help"', b"\xff", b'{"what": NaN}', b"[" * 10_000, b"9" * 5_000],
    ids=range(9),
)
def test_what_is_no_json_object_is_a_bad_request(form: Form, body: bytes) -> None:
    answer = form.send(body)

    assert answer["statusCode"] == 400
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert json.loads(answer["body"])["type"] == "urn:contact-desk:validation"
    assert not form.archive.deliveries


@pytest.mark.parametrize("broken", ["archive", "queue"])
def test_a_fault_of_ours_is_a_503_and_promises_nothing(form: Form, broken: str) -> None:
    form.archive.busy = broken == "archive"
    form.queue.queues[Surface.PRIVATE].full = broken == "queue"

    assert form.send(report())["statusCode"] == 503
    assert form.queue.sent == []


def test_health_tells_the_version_and_the_force_and_nothing_else(form: Form) -> None:
    answer = respond(http_event("GET", "/health"), ROUTES, form.reports)

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == {"version": contact_desk.__version__, "force": "Merseyside Police"}


def test_the_version_is_that_of_the_package() -> None:
    assert f'version = "{contact_desk.__version__}"' in (REPOSITORY / "pyproject.toml").read_text()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/reports", 405),
        ("POST", "/health", 405),
        ("GET", "/report/a/b", 404),
        ("POST", "/report", 405),
    ],
)
def test_a_path_or_verb_that_is_not_there_is_a_problem(
    form: Form, method: str, path: str, status: int
) -> None:
    answer = respond(http_event(method, path, body=report()), ROUTES, form.reports)

    assert (answer["statusCode"], json.loads(answer["body"])["status"]) == (status, status)


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "emergency_now",
    "matter",
    "what",
    "where",
    "when",
    "country",
    "name",
    "contact",
    "safe_contact",
    "language",
    "report_id",
    "other",
]


@given(st.dictionaries(st.sampled_from(FIELDS), any_json))
@example({"what": "\ud800", "name": "\x00"})
def test_any_report_is_taken_in_whole_or_refused_whole(changed: dict[str, Any]) -> None:
    form = Form()
    status = form.send(report(**changed))["statusCode"]

    assert status in {201, 400, 422}
    assert len(form.archive.deliveries) == len(form.queue.sent) == (status == 201)
    for contact in form.queue.sent:
        assert from_message(to_message(contact)) == contact
        contact.text.encode("utf-8")


@given(st.binary(max_size=200) | any_json.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_answered(body: bytes) -> None:
    assert Form().send(body)["statusCode"] in {400, 422}


@pytest.mark.parametrize("character", ["a", "\x00", "\\", "\U0001f525"])
def test_the_largest_report_fits_into_the_queue(form: Form, character: str) -> None:
    prose = dict.fromkeys(("where", "when"), character * 2000)
    contact = form.take_in(report(what=character * 10_000, name=character * 200, **prose))

    assert len(to_message(contact)) < BATCH_BYTES
