"""Any body: payloads of the corpus bent out of shape, any JSON, any bytes; and what has to hold of each.

`make fuzz` puts a million of them to the readers and a hundred thousand to the whole webhook Lambda (`tests/fuzz.py`);
the tests of ingest take a small share of the same ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st

from contact_desk import confirmations
from contact_desk.contact_message import from_message, to_message
from contact_desk.contacts import Contact
from contact_desk.stores import keys
from contact_desk.stores.queues import BATCH_BYTES
from functions.ingest import composition, handler
from functions.ingest.delivery import Reading, read_delivery
from functions.ingest.platforms import x
from local.twins.held_still import NOON
from tests import corpus
from tests.builders import PAGE, Json, LambdaContext, force
from tests.unit.ingest.conftest import Ingest

PARTITION_KEY_BYTES, SORT_KEY_BYTES = 2048, 1024  # what DynamoDB takes

any_text = st.text(st.characters(codec=None), max_size=40)  # half characters too
any_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | any_text
    | st.sampled_from([PAGE, "m_1", "page", "feed"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=12,
)


@dataclass(frozen=True, slots=True)
class Body:
    """What is posted to a webhook."""

    webhook: str
    data: bytes


ORIGINALS = [Body(corpus.webhook_of(path), path.read_bytes()) for path in corpus.PAYLOADS]
JSON_OF = {
    body: json.loads(body.data)
    for body, path in zip(ORIGINALS, corpus.PAYLOADS, strict=True)
    if path.suffix == ".json"
}


def _places(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Every container of a JSON value with each of its keys."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        found.append((value, key))
        if isinstance(inner, (dict, list)):
            _places(inner, found)
    return found


PLACES = [(holder, key) for whole in JSON_OF.values() for holder, key in _places(whole, [])]
NAMES = sorted({key for _, key in PLACES if isinstance(key, str)})
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 0.5, -0.0, 1e300, 10**15, 10**30, 2**63),
    *([], {}, [[]], [{}], [None], {"id": None}, {"id": {}}),
    *("", " ", "\x00", "\ud83d", "é" * 300, "a" * 600, "#", "a#b", "null", "0", "-1", "1e9", "9" * 20),
    *("1762941600", "1762941600001", "2025-11-12T10:00:00+0000", "2025-13-99", "9999-12-31T23:59:59-23:59"),
    *("0001-01-01T00:00:00+23:59", "messages", "page", "instagram", "whatsapp_business_account", PAGE),
)


class Bender:
    """Bends a payload of the corpus, each way of bending as likely as another; the same seed bends alike."""

    def __init__(self, seed: bytes | int) -> None:
        self._random = Random(seed)

    def body(self) -> Body:
        """One payload, bent in one to six places."""
        original = self._random.choice(ORIGINALS)
        if original not in JSON_OF:
            return Body(original.webhook, self._bytes(original.data))
        return Body(original.webhook, self.bent(original.data))

    def bent(self, data: bytes) -> bytes:
        """The bytes bent: as JSON where they are JSON."""
        try:
            whole = [json.loads(data)]  # in a list, so that the envelope itself may be bent
        except (ValueError, RecursionError):
            return self._bytes(data)
        for _ in range(self._random.randint(1, 6)):
            self._random.choice(self._ways)(self, whole)
        written = self._written(whole[0])
        return self._bytes(written) if self._random.random() < 0.1 else written

    def _place(self, whole: list[Any]) -> tuple[Any, Any]:
        return self._random.choice(_places(whole, [])) if whole else (whole, 0)

    def _odd(self, whole: list[Any]) -> None:
        holder, key = self._place(whole)
        holder[key] = json.loads(json.dumps(self._random.choice(ODD)))

    def _left_out(self, whole: list[Any]) -> None:
        holder, key = self._place(whole)
        if holder is not whole:
            del holder[key]

    def _from_elsewhere(self, whole: list[Any]) -> None:
        other, name = self._random.choice(PLACES)
        holder, key = self._place(whole)
        holder[key] = json.loads(json.dumps(other[name]))

    def _added(self, whole: list[Any]) -> None:
        other, name = self._random.choice(PLACES)
        holder, _ = self._place(whole)
        part = json.loads(json.dumps(other[name]))
        if isinstance(holder, dict):
            holder[name if isinstance(name, str) else self._random.choice(NAMES)] = part
        elif holder is not whole:
            holder.append(part)

    def _renamed(self, whole: list[Any]) -> None:
        holder, key = self._place(whole)
        if isinstance(holder, dict):
            holder[self._random.choice(NAMES)] = holder.pop(key)

    def _repeated(self, whole: list[Any]) -> None:
        holder, key = self._place(whole)
        if isinstance(holder, list) and holder is not whole:
            holder.insert(self._random.randint(0, len(holder)), json.loads(json.dumps(holder[key])))

    def _wrapped(self, whole: list[Any]) -> None:
        holder, key = self._place(whole)
        name = self._random.choice(NAMES)
        holder[key] = [holder[key]] if self._random.random() < 0.5 else {name: holder[key]}

    def _of_another_type(self, whole: list[Any]) -> None:
        holder, key = self._place(whole)
        value = holder[key]
        if isinstance(value, str):
            holder[key] = int(value) if value.isascii() and value.isdigit() else [value]
        elif isinstance(value, (int, float)):
            holder[key] = str(value)
        else:
            holder[key] = next(iter(value.values()), None) if isinstance(value, dict) else value and value[0]

    _ways: tuple[Callable[[Bender, list[Any]], None], ...] = (
        _odd,
        _odd,
        _left_out,
        _from_elsewhere,
        _from_elsewhere,
        _added,
        _renamed,
        _repeated,
        _wrapped,
        _of_another_type,
    )

    def _written(self, value: Any) -> bytes:
        raw = self._random.random() < 0.3
        separators = (",", ":") if self._random.random() < 0.5 else None
        text = json.dumps(value, ensure_ascii=not raw, separators=separators)
        return text.encode("utf-8", errors="surrogatepass" if self._random.random() < 0.1 else "replace")

    def _bytes(self, data: bytes) -> bytes:
        bent = bytearray(data)
        for _ in range(self._random.randint(1, 4)):
            at = self._random.randint(0, len(bent))
            how = self._random.random()
            if how < 0.4:
                bent[at : at + self._random.randint(0, 3)] = self._random.randbytes(
                    self._random.randint(0, 3)
                )
            elif how < 0.6:
                del bent[at:]
            elif how < 0.8:
                bent[at:at] = self._random.choice(
                    (b'"', b"{", b"]", b"\\u", b"\\", b",", b"%", b"&", b"=", b"\x00")
                )
            else:
                bent[at:at] = bent[self._random.randint(0, len(bent)) :][:200]
        return bytes(bent)


any_seed = st.binary(min_size=12, max_size=12)
any_webhook = st.sampled_from(sorted(corpus.SIGNED))
bent_bodies = any_seed.map(lambda seed: Bender(seed).body())
other_bodies = st.builds(
    Body,
    any_webhook,
    any_json.map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=400)
    | st.text(max_size=200).map(lambda text: text.encode("utf-16")),
)
any_bodies = bent_bodies | other_bodies


def findings(reading: Reading) -> int:
    """How many things were found in a delivery."""
    return len(reading.contacts) + len(reading.confirmations) + sum(reading.ignored.values())


def assert_fits(contact: Contact) -> None:
    """The contact survives the queue and its keys suit the table."""
    body = to_message(contact)
    assert body.isascii()
    assert len(body) < BATCH_BYTES
    assert from_message(body) == contact
    contact.text.encode("utf-8")
    for key in (
        keys.contact(contact.key),
        keys.contact_event(contact.key, contact.event_id or "-"),
        keys.conversation(contact.conversation_key),
    ):
        assert len(key["pk"].encode("utf-8")) <= PARTITION_KEY_BYTES
        assert len(key["sk"].encode("utf-8")) <= SORT_KEY_BYTES


def assert_read(body: Body) -> None:
    """It is read without a slip of ours, leaves something to see or count, and reads the same twice."""
    reading = read_delivery(body.webhook, body.data, NOON, force())
    # A cause in capitals is the name of an error that nobody foresaw: one card instead of none lost, but a slip.
    assert all(cause.islower() for cause in reading.unreadable), reading.unreadable
    assert findings(reading) >= 1
    assert reading == read_delivery(body.webhook, body.data, NOON, force())
    for contact in reading.contacts:
        assert_fits(contact)
    for one in reading.confirmations:
        assert confirmations.from_message(confirmations.to_message(one)) == one


def assert_taken_in(body: Body) -> None:
    """Signed and posted to the Lambda, it is answered 200, archived as it is, and all that was read is queued."""
    ingest = Ingest()
    if body.webhook == "x" and x.TOKEN_AS_BODY.fullmatch(body.data):
        # X's challenge has us sign such words for anybody, so as a body they are signed by nobody.
        assert _posted(ingest, corpus.SIGNED[body.webhook](body.data)) == 401
        return
    assert _posted(ingest, corpus.SIGNED[body.webhook](body.data)) == 200
    ((key, kept),) = ingest.archive.deliveries.items()
    assert kept.body == body.data
    reading = read_delivery(body.webhook, body.data, NOON, force(), archived_as=key)
    assert sorted(map(to_message, ingest.contacts)) == sorted(map(to_message, reading.contacts))
    assert ingest.confirmations == list(reading.confirmations)


def assert_refused(body: Body, seed: bytes) -> None:
    """Posted with a signature that is not its own, it is answered 401 and leaves nothing."""
    ingest = Ingest()
    assert _posted(ingest, forged(body, Random(seed))) == 401
    assert not ingest.archive.deliveries
    assert not ingest.contacts
    assert not ingest.confirmations_queue.sent


def forged(body: Body, random: Random) -> Json:
    """The post of a body that whoever knows no secret could make: its signature left out, bent, or another body's."""
    event = corpus.SIGNED[body.webhook](body.data)
    (name,) = [name for name in event["headers"] if "signature" in name.lower()]
    right = event["headers"][name]
    if random.random() < 0.5:
        other = (
            random.choice(ORIGINALS).data + b"&A=1"
        )  # another body of forms too, however they are compared
        event["headers"][name] = corpus.SIGNED[body.webhook](other)["headers"][name]
    else:
        at = random.randrange(len(right))
        wrong = (
            "",
            right[:at],
            right + random.choice("0a=%\x00é"),
            right[:at] + chr((ord(right[at]) + random.randint(1, 90)) % 128) + right[at + 1 :],
            right[::-1],
            right.partition("=")[2] or "=",
            "sha256=" + "0" * 64,
            "\ud800" * 71,
        )
        event["headers"][name] = random.choice(wrong)
        if random.random() < 0.1:
            del event["headers"][name]
    return event


def _posted(ingest: Ingest, event: Json) -> int:
    with patch.object(composition, "webhooks", lambda: ingest.webhooks):
        answer: Any = handler.handle(event, LambdaContext())
    return int(answer["statusCode"])
