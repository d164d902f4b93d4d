"""Canaries: what people write and who they are goes through every function, well and badly, and never into a log."""

from __future__ import annotations

import json
import os
from unittest.mock import patch

from cli.data_map.stored import PLACES, kinds
from contact_desk.pointers import replay_message
from tests import builders
from tests.simulation.desk_on_moto import QUARTER_HOURLY, SWEEPS, Desk
from tests.simulation.graph_in_process import Outage
from tests.simulation.lambdas import HANDLERS, Sandbox
from tests.simulation.operator_at_work import OperatorAtWork
from tests.simulation.promises import found_in_log
from tests.simulation.public_address import public_address_of
from tests.simulation.story import Said
from tests.simulation.versions import AT_HAND

WORDS = "canary-words there is a man with a knife"
QUESTION = 'canary-question with "quotes", a\ttab and ünicode'
NAME = "Marked Ñame"
PERSON = "7755330011228844"
EMAIL, PHONE, PLACE = "canary@example.com", "+44 7700 900123", "canary-lane 7"
ANSWER, NOTE = "canary-answer from the desk", "canary-note to colleagues"
CANARIES = ("canary", "Marked", PERSON, PHONE)


def test_no_log_line_of_any_function_holds_a_word_or_a_name(desk: Desk) -> None:
    everything_happens(desk)

    log = desk.lambdas.log.getvalue()
    silent = [function for function in HANDLERS if f'"function_name":"{function}"' not in log]
    assert silent == []
    assert desk.lambdas.errors == []
    assert found_in_log(desk, CANARIES) == []
    # Whatever such a day leaves in the table, the data map has words for.
    assert undescribed(desk) == []


def undescribed(desk: Desk) -> list[str]:
    """Kinds of item in the table, and fields of them, that the data map does not know."""
    known: dict[tuple[str, str], set[str]] = {}
    for kind in kinds():
        place = kind.pk.partition("#")[0], "" if kind.sk[:4].isdigit() or kind.sk == "0" else kind.sk
        known.setdefault(place, set()).update(kind.fields)
    gaps = []
    for item in desk.aws.items():
        prefix, sk = item["pk"]["S"].partition("#")[0], item["sk"]["S"].partition("#")[0]
        fields = known.get((prefix, sk)) or known.get((prefix, ""), set())
        gaps += [f"{prefix} {sk}: {one}" for one in item.keys() - fields - PLACES]
    return sorted(set(gaps))


def test_a_function_that_logged_its_event_would_be_found_out(desk: Desk) -> None:
    with patch.dict(os.environ, {"POWERTOOLS_LOGGER_LOG_EVENT": "true"}):
        desk.lambdas.sandboxes["Webhooks", 1, AT_HAND] = Sandbox(HANDLERS["Webhooks"])
        desk.deliver(private().body)
        del desk.lambdas.sandboxes["Webhooks", 1, AT_HAND]

    assert found_in_log(desk, CANARIES) != []


def everything_happens(desk: Desk) -> None:
    """An ordinary day, and all that can be wrong with what comes in, what goes out and what is asked for."""
    asked = private(WORDS, mid="m_canary_emergency")
    desk.deliver(asked.body)
    desk.deliver(private().body)
    desk.deliver(public().body)
    desk.call("Report", builders.http_event("POST", "/reports", body=report()))
    hostile_deliveries(desk)
    hostile_reports(desk)
    desk.rest()
    operator_acts(desk, asked)
    spoilt_messages(desk)
    assert any(item["sk"]["S"] == "quarantine" for item in desk.aws.items())
    refusing_platform(desk)
    desk.minute()
    for sweep in (*SWEEPS, *QUARTER_HOURLY, "SweepHourTotals", "SweepSurveys"):
        desk.sweep(sweep)
    desk.call("Survey", builders.http_event("GET", f"/survey/{PERSON}"))
    for body in (builders.signed_request(PERSON[::-1]), builders.signed_request(PERSON, app_secret="no")):
        desk.call("DataDeletion", builders.http_event("POST", "/data-deletion/meta", body=body))
    desk.sweep("SweepRetention")
    missed = json.loads(private(WORDS, mid="m_missed").body)
    missed["entry"][0]["messaging"][0]["timestamp"] = builders.milliseconds(desk.clock.now())
    desk.graph.history.happened(missed)
    desk.minute(10)
    desk.lambdas.invoke("CatchUp", {})
    desk.lambdas.invoke("ChannelHealth", {})
    with public_address_of(desk):
        desk.lambdas.invoke("Canary", {})
    desk.pump()
    assert "messenger#m_missed" in {item["pk"]["S"].removeprefix("contact#") for item in desk.aws.items()}


def private(text: str = QUESTION, mid: str = "m_canary") -> Said:
    return Said("messenger", mid, PERSON, "", text, emergency=text == WORDS)


def public() -> Said:
    return Said("facebook_page", "5501_77", PERSON, NAME, WORDS, emergency=True)


def report(**changed: object) -> dict[str, object]:
    contact = {"email": EMAIL, "phone": PHONE}
    fields = {"what": WORDS, "name": NAME, "where": PLACE, "contact": contact}
    return builders.report(**{**fields, **changed})


def hostile_deliveries(desk: Desk) -> None:
    """Forged, unreadable, of no known shape, for another page, edited, taken back, said by another tool."""
    desk.call("Webhooks", builders.meta_event(private().body, app_secret="another"))
    odd = [
        b'{"object": "page", "canary-words',
        json.dumps({"object": "page", "entry": [{"messaging": [{"canary-words": QUESTION}]}]}).encode(),
        json.dumps(builders.page_delivery({"id": builders.PAGE, "messaging": [WORDS]})).encode(),
        json.dumps(
            builders.messenger_delivery(builders.message(WORDS, mid=f"m_{PERSON}"), page="1")
        ).encode(),
        json.dumps(builders.messenger_delivery(builders.echo(WORDS, person=PERSON))).encode(),
        json.dumps(
            builders.messenger_delivery(
                builders.item(
                    sender={"id": PERSON}, message_edit={"mid": "m_canary", "text": WORDS, "num_edit": 1}
                )
            )
        ).encode(),
        json.dumps(
            builders.feed_delivery(builders.comment(WORDS, verb="remove", comment_id="5501_77"))
        ).encode(),
    ]
    for body in odd:
        desk.deliver(body)


def hostile_reports(desk: Desk) -> None:
    """Reports that break every rule, with words where none belong."""
    for spoilt in (
        report(what="canary " * 5_000),
        report(report_id=WORDS),
        report(country=7, name=[NAME]),
        {WORDS: QUESTION},
    ):
        desk.call("Report", builders.http_event("POST", "/reports", body=spoilt))
    desk.call("Report", builders.http_event("POST", "/reports", body=b'{"what": "canary-words'))


def operator_acts(desk: Desk, asked: Said) -> None:
    """A reply, a note, and requests that are refused."""
    operator = OperatorAtWork(desk)
    operator.reply(asked, ANSWER)
    case = operator.case_of(asked)
    path = f"/desk/cases/{case['case_id']}"
    for number, body in enumerate(({"text": NOTE}, {"text": NOTE * 500}, {WORDS: [QUESTION]}, {"text": 7})):
        operator.ask("POST", f"{path}/notes", body, key=f"note {number}", version=case["version"])
    operator.ask("GET", path)
    operator.ask("GET", f"/desk/cases/{WORDS}")
    desk.rest()


def spoilt_messages(desk: Desk) -> None:
    """Queue messages that no function can use, until they end in quarantine."""
    spoilt = {
        "private_contacts": json.dumps({"v": 1, "text": WORDS, "person": {"name": NAME}}),
        "public_contacts": json.dumps({"v": 99, "text": WORDS}),
        "confirmations": json.dumps({"v": 1, "kind": WORDS}),
        "replays": replay_message(WORDS),
        "outbox": json.dumps({"v": 1, "text": WORDS}),
        "outbox_urgent": WORDS,
        "attachments": WORDS,
    }
    for queue, body in spoilt.items():
        desk.aws.client("sqs").send_message(QueueUrl=desk.aws.queues[queue], MessageBody=body)
    for minutes in (1, 1, 2, 1, 6, 1, 16, 1):  # three rounds of growing delay, a sweep after each
        desk.minute(minutes)


def refusing_platform(desk: Desk) -> None:
    """A platform whose refusals quote what they refuse."""
    desk.graph.outage = Outage.QUOTING
    for n, text in enumerate((WORDS, QUESTION)):
        desk.deliver(private(text, mid=f"m_canary_refused{n}").body)
    desk.pump()
    desk.graph.outage = None
    assert any(item.get("state") == {"S": "failed"} for item in desk.aws.items())
