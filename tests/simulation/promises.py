"""What the desk promises, checked on a desk at rest: whatever went wrong on the way, each of these holds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from contact_desk.archive_keys import contacts_in
from contact_desk.contacts import REPORT_FORM
from contact_desk.outbox import OutboxKind, Purpose
from contact_desk.pointers import replay_message
from contact_desk.stores.items import unmarshal
from local.platforms.media import PICTURE
from tests.simulation.aws_in_process import TELEPHONE
from tests.simulation.desk_on_moto import Desk
from tests.simulation.faults import QUOTED
from tests.simulation.story import Said, Story

Items = dict[str, dict[str, Any]]


def broken_promises(desk: Desk, story: Story) -> list[str]:
    """Each promise that the desk at rest does not keep, in words; empty where it keeps them all."""
    records = Records(desk)
    broken = [
        *_contacts(records, story),
        *_alerts(desk, records, story),
        *_texts(desk, records, story),
        *_files(desk, records, story),
        *_deliveries(desk, records, story),
        *_logs(desk, story),
        *desk.lambdas.errors,
    ]
    return [*broken, *_replay(desk)]


class Records:
    """The table by kind of item, plain."""

    def __init__(self, desk: Desk) -> None:
        self._items = [unmarshal(item) for item in desk.aws.items()]

    def of(self, kind: str) -> Items:
        """The items of one kind by their partition key without its prefix."""
        return {
            item["pk"].partition("#")[2]: item
            for item in self._items
            if item["sk"] == kind and item["pk"].startswith(f"{kind}#")
        }

    def timeline(self, case_id: str) -> list[dict[str, Any]]:
        """The entries of a case's timeline, in order."""
        return [
            item
            for item in self._items
            if item["pk"] == f"case#{case_id}" and item["sk"].startswith("timeline#")
        ]


def _contacts(records: Records, story: Story) -> Iterator[str]:
    """One native object, one contact; every contact in a case that is still on the desk, once."""
    contacts, cases = records.of("contact"), records.of("case")
    expected = {said.key for said in story.said}
    if contacts.keys() != expected:
        yield f"contacts {sorted(contacts)} on the desk, not {sorted(expected)}"
    conversations = {said.conversation for said in story.said}
    if len(cases) != len(conversations):
        yield f"{len(cases)} cases for {len(conversations)} conversations"
    for key, contact in contacts.items():
        if contact["case_id"] not in cases:
            yield f"{key} is in no case"
        shown = [entry for entry in records.timeline(contact["case_id"]) if entry.get("contact_key") == key]
        if len(shown) != 1:
            yield f"{key} stands {len(shown)} times on the timeline of its case"
    if any(entry["kind"] == "answered_elsewhere" for case_id in cases for entry in records.timeline(case_id)):
        yield "an echo of our own was taken for an answer by another tool"
    for conversation in records.of("conversation").values():
        current = conversation.get("current")
        if not current or current["case_id"] not in cases:
            yield f"a conversation has no current case ({conversation['revision']})"


def _alerts(desk: Desk, records: Records, story: Story) -> Iterator[str]:
    """An emergency has an A1 alert, open until a person has seen it, and told to operators."""
    contacts, alerts = records.of("contact"), records.of("alert")
    emergencies = {
        contacts[said.key]["case_id"] for said in story.said if said.emergency and said.key in contacts
    }
    red = {alert["case_id"] for alert in alerts.values() if alert["rank"] == "A1"}
    if red != emergencies:
        yield f"A1 alerts for {len(red)} cases, not for the {len(emergencies)} emergencies"
    told = {message["alert_id"] for message in desk.alerts if message["event"] == "opened"}
    for alert_id, alert in alerts.items():
        if alert.get("acknowledged_at"):
            yield f"alert {alert['kind']} is closed, although nobody has seen it"
        if alert_id not in told:
            yield f"alert {alert['kind']} was never told to operators"


def _texts(desk: Desk, records: Records, story: Story) -> Iterator[str]:
    """Everybody gets what is due to them: an emergency text for certain, anything else at most once."""
    items = records.of("outbox")
    sent: Counter[tuple[str, str]] = Counter(
        (entry["to"], entry["text"]) for entry in desk.graph.seen_by_public()
    )
    for said in story.said:
        due = [*said.texts, *([(OutboxKind.MESSAGE, Purpose.REPLY)] if said in story.answered else [])]
        for kind, purpose in due:
            yield from _text(said, kind, purpose, items, sent, desk)
    known = {(item["target"], item["text"]) for item in items.values()}
    for (_, text), times in sent.items():
        if not any(text == words for _, words in known):
            yield f"a text went out {times} times that no item of the outbox asked for"
    wanted = sum(len(said.texts) for said in story.said) + len(story.answered)
    to_people = [item for item in items.values() if item["kind"] != OutboxKind.OPERATOR_ALERT]
    if len(to_people) != wanted:
        yield f"{len(to_people)} texts to people in the outbox, not {wanted}"


def _text(
    said: Said,
    kind: OutboxKind,
    purpose: Purpose,
    items: Items,
    sent: Counter[tuple[str, str]],
    desk: Desk,
) -> Iterator[str]:
    target = said.person if kind is OutboxKind.MESSAGE else said.native_id
    what = f"the {purpose} {kind} to {target}"
    found = [
        item
        for item in items.values()
        if (item["target"], item["kind"], item["purpose"]) == (target, kind, purpose)
    ]
    if len(found) != 1:
        yield f"{what}: {len(found)} items in the outbox"
        return
    (item,) = found
    times = sent[target, item["text"]]
    private_emergency = purpose is Purpose.EMERGENCY and kind is not OutboxKind.COMMENT_REPLY
    if item["state"] not in {"sent", "needs_human"}:
        yield f"{what} is {item['state']} at rest"
    if purpose is Purpose.EMERGENCY and item["state"] != "sent":
        yield f"{what} is {item['state']}, and an emergency text has to arrive"
    if item["state"] == "sent" and times == 0:
        yield f"{what} is recorded as sent, and never arrived"
    if times > 1 and not (private_emergency and looked_up_between(desk, target, item["text"])):
        yield f"{what} arrived {times} times"
    if times > 2:
        yield f"{what} arrived {times} times"


def looked_up_between(desk: Desk, target: str, text: str) -> bool:
    """Whether notify looked each time before it sent the same words once more."""
    looked = True
    for exchange in desk.graph.exchanges:
        if exchange.target != target:
            continue
        if exchange.method == "GET":
            looked = True
        elif exchange.text == text:
            if not looked:
                return False
            looked = False
    return True


def _files(desk: Desk, records: Records, story: Story) -> Iterator[str]:
    """What came with a contact is kept, once, and its record says where; nothing else is."""
    kept = desk.aws.kept_files()
    copies = [copy for record in records.of("attachments").values() for copy in record["copies"]]
    if len(copies) != sum(said.photo for said in story.said):
        yield f"{len(copies)} attachments on record"
    for copy in copies:
        if copy["state"] != "kept" or kept.get(copy.get("key")) != PICTURE:
            yield f"an attachment is {copy['state']}, and {copy.get('failure')}, at rest"
    if len(kept) != len(copies):
        yield f"{len(kept)} files among the evidence, for {len(copies)} attachments"


def _deliveries(desk: Desk, records: Records, story: Story) -> Iterator[str]:
    """What was answered 200 is archived and has its receipt; nothing lies in a queue or in quarantine."""
    archived, receipts = desk.aws.archived(), records.of("receipt")
    deliveries = len(story.deliveries) + len(desk.echoed)
    if len(desk.acknowledged) != deliveries:
        yield f"{len(desk.acknowledged)} deliveries answered 200, not {deliveries}"
    for key in archived:
        if contacts_in(key) and key not in receipts:
            yield f"{key} has no receipt"
    stray = set(receipts) - set(archived)
    if stray:
        yield f"receipts of nothing: {sorted(stray)}"
    for queue in desk.aws.queues:
        # A call stays on the telephone that it was made to: it is no work of the desk's.
        if queue != TELEPHONE and desk.aws.waiting(queue):
            yield f"{desk.aws.waiting(queue)} messages left on {queue}"
    if records.of("quarantine"):
        yield "a message in quarantine"


def _logs(desk: Desk, story: Story) -> Iterator[str]:
    """No word of a person, nor who they are, in anything that was logged."""
    private = {words for said in story.said for words in (said.text, said.name) if words}
    # The form knows no address of a person: the report's own id stands in its place.
    private |= {said.person for said in story.said if said.channel != REPORT_FORM}
    private |= {words for entry in desk.graph.ledger.entries() if (words := entry["text"])}
    for words in found_in_log(desk, {*private, QUOTED}):
        yield f"a log line holds {words!r}"


def found_in_log(desk: Desk, private: Iterable[str]) -> list[str]:
    """Those of the words that stand in the log, plain or as JSON writes them."""
    log = desk.lambdas.log.getvalue()
    return sorted(words for words in private if words in log or json.dumps(words)[1:-1] in log)


def _replay(desk: Desk) -> Iterator[str]:
    """Taking the whole archive in again changes nothing: not one item of the table, and nothing new goes out."""
    before, sent = desk.aws.items(), len(desk.graph.ledger.entries())
    alerts = len(desk.alerts)
    for key in desk.aws.archived():
        desk.aws.client("sqs").send_message(
            QueueUrl=desk.aws.queues["replays"], MessageBody=replay_message(key)
        )
    desk.pump()
    after = desk.aws.items()
    changed = [f"{old['pk']['S']} {old['sk']['S']}" for old in before if old not in after]
    added = [f"{new['pk']['S']} {new['sk']['S']}" for new in after if new not in before]
    if changed or added:
        yield f"replaying the archive changed {changed} and wrote {added}"
    if len(desk.graph.ledger.entries()) != sent or len(desk.alerts) != alerts:
        yield "replaying the archive sent something"
