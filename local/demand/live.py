"""Demand against a running desk: signed deliveries at a rate, the balance, and how soon emergencies were flagged."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from contact_desk.alerts import AlertKind, case_alert_id
from contact_desk.clock import from_rfc3339
from contact_desk.contacts import contact_key
from contact_desk.stores import keys
from contact_desk.stores.dynamo import Table
from contact_desk.stores.items import Plain
from local.day.deliveries import Delivery
from local.demand.surges import Demanded
from local.demand.writing import Writer

AT_ONCE = 8
TRIES = 4
SECONDS_A_CALL = 35.0
SETTLED_WITHIN_SECONDS = 300.0
LOOK_AGAIN_SECONDS = 2.0
OUT_OF_ORDER = 0.001
REPLAY_TIMES = 2
SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Flagged:
    """Seconds from receipt to emergency flag, of so many cases; and from receipt to the desk, of every contact."""

    contacts: int
    p50: float | None
    p99: float | None
    to_desk_p50: float | None = None
    to_desk_p99: float | None = None


@dataclass(slots=True)
class Balance:
    """What was delivered and what is on the desk; it adds up where nothing is missing and all was answered 2xx.

    `held_back` were asked for by the demand and not sent, because the rate did not allow it.
    """

    wanted: int = 0
    delivered: int = 0
    repeated: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    contacts: int = 0
    on_desk: int = 0
    missing: list[str] = field(default_factory=list)
    held_back: int = 0
    seconds: float = 0.0
    private: Flagged | None = None
    public: Flagged | None = None

    @property
    def adds_up(self) -> bool:
        """Whether every contact that was answered 2xx is on the desk, once, and nothing was refused."""
        return not self.missing and not self.refused and self.contacts == self.on_desk


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery that the desk has answered 2xx."""

    demanded: Demanded
    delivery: Delivery


class LiveRun:
    """One run of demand against one desk; `urls` lead each path's deliveries to the host that takes them."""

    def __init__(
        self,
        writer: Writer,
        table: Table,
        url: str,
        *,
        rate: float,
        chance: random.Random,
        tell: Callable[[str, int, int], None] = lambda *_: None,
    ) -> None:
        self._writer, self._table, self._url = writer, table, url.rstrip("/")
        self._rate, self._chance, self._tell = rate, chance, tell
        self.balance = Balance()

    def play(
        self,
        demand: Sequence[Demanded],
        *,
        seconds: float,
        replayed: bool,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> Balance:
        """Deliver what the rate allows within so many seconds, wait until it is on the desk, and draw the balance."""
        chosen = self._chosen(demand, seconds)
        self.balance.wanted, self.balance.held_back = len(demand), len(demand) - len(chosen)
        began = time.monotonic()
        sent = asyncio.run(self._deliver(self._in_order(chosen, replayed=replayed), seconds, transport))
        self.balance.seconds = time.monotonic() - began
        self._settle(sent)
        return self.balance

    def _chosen(self, demand: Sequence[Demanded], seconds: float) -> list[Demanded]:
        """What the rate allows: everything private first, then a fair part of what is public."""
        most = int(self._rate * seconds)
        private = [one for one in demand if not one.public][:most]
        public = [one for one in demand if one.public]
        room = max(0, most - len(private))
        kept = public if len(public) <= room else self._chance.sample(public, room)
        return sorted([*private, *kept], key=lambda one: one.at)

    def _in_order(self, chosen: Sequence[Demanded], *, replayed: bool) -> list[tuple[Demanded, bool]]:
        """The deliveries in their order, and whether each is a repeat: a few late and a few twice, or all of it."""
        if replayed:
            again = [(one, number > 0) for one in chosen for number in range(REPLAY_TIMES)]
            self._chance.shuffle(again)
            seen: set[int] = set()
            return [(one, _is_again(one, seen)) for one, _ in again]
        ordered: list[tuple[Demanded, bool]] = []
        late: list[Demanded] = []
        for one in chosen:
            if self._chance.random() < OUT_OF_ORDER:
                late.append(one)
                continue
            ordered.append((one, False))
            if one.message.redelivered:
                ordered.append((one, True))
        return [*ordered, *((one, False) for one in late)]

    async def _deliver(
        self,
        ordered: Sequence[tuple[Demanded, bool]],
        seconds: float,
        transport: httpx.AsyncBaseTransport | None,
    ) -> list[Sent]:
        turns, sent = asyncio.Semaphore(AT_ONCE), []
        began, step = time.monotonic(), min(1 / self._rate, seconds / max(1, len(ordered)))
        async with httpx.AsyncClient(trust_env=False, transport=transport) as client:

            async def deliver(one: Demanded, *, again: bool) -> None:
                async with turns:
                    delivery = self._writer.delivery(one.matter, one.message)
                    status = await self._post(client, delivery)
                self.balance.delivered += 1
                self.balance.repeated += again
                self._tell("deliver", self.balance.delivered, len(ordered))
                if status // 100 == 2:  # noqa: PLR2004
                    sent.append(Sent(one, delivery))
                else:
                    self.balance.refused[status] += 1

            tasks = []
            for number, (one, again) in enumerate(ordered):
                ahead = began + number * step - time.monotonic()
                if ahead > 0:
                    await asyncio.sleep(ahead)
                tasks.append(asyncio.create_task(deliver(one, again=again)))
            await asyncio.gather(*tasks)
        return sent

    async def _post(self, client: httpx.AsyncClient, delivery: Delivery) -> int:
        """The answer's status; a fault of the desk's is tried again, as the platforms do."""
        status = 0
        for pause in range(TRIES):
            try:
                answer = await client.post(
                    self._url + delivery.path,
                    content=delivery.body,
                    headers=dict(delivery.headers),
                    timeout=SECONDS_A_CALL,
                )
                status = answer.status_code
            except httpx.TransportError:
                status = 0
            if status and status < SERVER_ERROR:
                return status
            await asyncio.sleep(pause)
        return status

    def _settle(self, sent: Sequence[Sent]) -> None:
        """Wait until each contact is on the desk, or the patience is over."""
        wanted = {key: one for one in sent for key in _contact_keys(one.delivery)}
        self.balance.contacts = len(wanted)
        found: dict[str, Plain] = {}
        until = time.monotonic() + SETTLED_WITHIN_SECONDS
        while True:
            left = [key for key in wanted if key not in found]
            found |= {
                _key_of(item): item for item in self._table.get_all([keys.contact(key) for key in left])
            }
            self._tell("settle", len(found), len(wanted))
            if len(found) == len(wanted) or time.monotonic() >= until:
                break
            time.sleep(LOOK_AGAIN_SECONDS)
        self.balance.on_desk = len(found)
        self.balance.missing = sorted(key for key in wanted if key not in found)
        self.balance.private = self._flagged(
            [found[key] for key, one in wanted.items() if key in found and not one.demanded.public]
        )
        self.balance.public = self._flagged(
            [found[key] for key, one in wanted.items() if key in found and one.demanded.public]
        )

    def _flagged(self, contacts: Sequence[Mapping[str, object]]) -> Flagged:
        """How long after the first contact of a case was received it had the emergency's alert."""
        first: dict[str, str] = {}
        for item in contacts:
            case_id, received_at = str(item["case_id"]), str(item["received_at"])
            first[case_id] = min(first.get(case_id, received_at), received_at)
        names = {case_alert_id(case_id, AlertKind.EMERGENCY): case_id for case_id in first}
        alerts = self._table.get_all([keys.alert(name) for name in names])
        seconds = sorted(
            _between(first[names[alert["alert_id"]]], str(alert["opened_at"])) for alert in alerts
        )
        waited = sorted(_between(str(item["received_at"]), str(item["admitted_at"])) for item in contacts)
        return Flagged(
            len(seconds),
            _rank(seconds, 0.5),
            _rank(seconds, 0.99),
            to_desk_p50=_rank(waited, 0.5),
            to_desk_p99=_rank(waited, 0.99),
        )


async def read_pages(urls: Iterable[str], *, rate: float, seconds: float) -> Counter[int]:
    """Read public pages in turn at a rate; how many were answered how (0: not at all)."""
    answers: Counter[int] = Counter()
    pages, turns = list(urls), asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(trust_env=False) as client:

        async def read(url: str) -> None:
            async with turns:
                try:
                    answers[(await client.get(url, timeout=SECONDS_A_CALL)).status_code] += 1
                except httpx.TransportError:
                    answers[0] += 1

        began, tasks = time.monotonic(), []
        for number in range(int(rate * seconds)):
            ahead = began + number / rate - time.monotonic()
            if ahead > 0:
                await asyncio.sleep(ahead)
            tasks.append(asyncio.create_task(read(pages[number % len(pages)])))
        await asyncio.gather(*tasks)
    return answers


def _is_again(one: Demanded, seen: set[int]) -> bool:
    again = one.message.number in seen
    seen.add(one.message.number)
    return again


def _contact_keys(delivery: Delivery) -> list[str]:
    return [contact_key(brought.channels[0], brought.native_id) for brought in delivery.brings]


def _key_of(item: Mapping[str, object]) -> str:
    return str(item["pk"]).removeprefix("contact#")


def _between(since: str, until: str) -> float:
    return max(0.0, (from_rfc3339(until) - from_rfc3339(since)).total_seconds())


def _rank(ordered: Sequence[float], share: float) -> float | None:
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None
