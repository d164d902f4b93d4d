"""Play the scripted day against a running desk: deliver, wait until all of it is on the desk, draw the balance."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from contact_desk.contacts import REPORT_FORM
from local.day.balance import (
    Balance,
    Entries,
    balance,
    case_conversation,
    conversations_by_reference,
    entries_on_desk,
    expected_entries,
    in_flight,
)
from local.day.deliveries import Delivery, Outcome
from local.day.desk_view import Answered, CaseOpened, CaseSeen, DayError, DeskView, SentSeen
from local.day.script import write_script
from local.day.table import Row, show
from local.stack_file import Stack

DEADLINE_SECONDS = 120.0
"""For one wave; a warm desk needs two or three seconds, a machine under load more."""
POLL_SECONDS = 0.3


class DayOutOfBalanceError(DayError):
    """Something was lost, is there twice, or is left over; the message says what."""


@dataclass(frozen=True, slots=True)
class DayResult:
    """What the day came to."""

    rows: tuple[Row, ...]
    balance: Balance
    seconds: float


def play(
    stack: Stack,
    console: Console | None = None,
    *,
    seed: int = 1,
    transport: httpx.AsyncBaseTransport | None = None,
) -> DayResult:
    """Play the day and print it where there is a console; `transport` may stand where the network does.

    Raises DayOutOfBalanceError after printing where the day does not add up, DeskSilentError where the desk does not
    answer, DayError where it answers what it must not.
    """
    began = time.monotonic()
    day = Day(stack, seed, console or Console(quiet=True))
    rows, drawn = asyncio.run(day.run(transport))
    result = DayResult(rows, drawn, time.monotonic() - began)
    if console:
        show(console, result.rows, result.balance)
    if not result.balance.adds_up:
        raise DayOutOfBalanceError("the scripted day does not add up: " + "; ".join(result.balance.faults()))
    return result


class Day:
    """One run of the day against one desk."""

    def __init__(self, stack: Stack, seed: int, console: Console) -> None:
        self._stack = stack
        self._console = console
        self._deliveries = write_script(
            stack.accounts,
            stack.secrets,
            stack.api_url,
            media_url=f"{stack.platforms_url}/media",
            seed=seed,
            began=datetime.now(UTC),
        )
        self._by_reference = conversations_by_reference(self._deliveries)
        self._answers: dict[int, Answered] = {}
        self._case_ids: dict[str, set[str]] = {}
        self._opened: dict[str, list[CaseOpened]] = {}

    async def run(self, transport: httpx.AsyncBaseTransport | None = None) -> tuple[tuple[Row, ...], Balance]:
        """Play every wave and give the table's rows and the balance."""
        # Proxies of the shell have no business on loopback.
        async with httpx.AsyncClient(trust_env=False, transport=transport) as client:
            desk = DeskView(self._stack, client)
            before = {case.case_id for case in await desk.cases()}
            with self._progress() as progress:
                delivered = progress.add_task("deliver", total=len(self._deliveries))
                settled = progress.add_task("wait for the desk", total=len(self._conversations()))
                for wave in sorted({delivery.wave for delivery in self._deliveries}):
                    await self._deliver(desk, wave, lambda: progress.advance(delivered))
                    await self._settle(desk, wave, lambda done: progress.update(settled, completed=done))
            listed = await self._look_for_cases(desk)
            await self._open(desk, self._case_ids)
            strangers = [
                case
                for case in listed
                if case.case_id not in before and case_conversation(case, self._by_reference) is None
            ]
            drawn = balance(self._deliveries, self._answers, self._opened, strangers)
            return await self._rows(desk), drawn

    def _conversations(self) -> set[str]:
        return {conversation for conversation, _ in expected_entries(self._deliveries)}

    def _progress(self) -> Progress:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        shown = self._console.is_terminal
        if not shown:
            self._console.print(f"… play a day of {len(self._deliveries)} deliveries", highlight=False)
        return Progress(*columns, console=self._console, transient=True, disable=not shown)

    async def _deliver(self, desk: DeskView, wave: int, tell: Callable[[], None]) -> None:
        async def deliver(place: int, delivery: Delivery) -> None:
            self._answers[place] = await desk.deliver(delivery)
            tell()

        due = [(place, each) for place, each in enumerate(self._deliveries) if each.wave == wave]
        await asyncio.gather(*(deliver(place, delivery) for place, delivery in due))

    async def _settle(self, desk: DeskView, wave: int, tell: Callable[[int], None]) -> None:
        """Wait until all that came so far is on the desk and its texts are out, or the deadline has passed."""
        due = expected_entries(delivery for delivery in self._deliveries if delivery.wave <= wave)
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            if {conversation for conversation, _ in due} <= self._case_ids.keys():
                await self._open(desk, self._waiting_for(due))
                if not self._waiting_for(due):
                    return
            else:
                # One list at a time: opening cases meanwhile would keep the functions from the contacts themselves.
                await self._look_for_cases(desk)
                tell(len(self._case_ids))
            await asyncio.sleep(POLL_SECONDS)

    def _waiting_for(self, due: Entries) -> set[str]:
        """The conversations of which something is not yet on the desk, or not yet sent."""
        lacking = {conversation for conversation, _ in due - entries_on_desk(self._opened)}
        return lacking | {name for name, cases in self._opened.items() if any(map(in_flight, cases))}

    async def _look_for_cases(self, desk: DeskView) -> list[CaseSeen]:
        """List the desk's cases, and note which of them belong to the day's conversations."""
        listed = await desk.cases()
        for case in listed:
            conversation = case_conversation(case, self._by_reference)
            if conversation:
                self._case_ids.setdefault(conversation, set()).add(case.case_id)
        return listed

    async def _open(self, desk: DeskView, conversations: Iterable[str]) -> None:
        async def open_one(conversation: str) -> None:
            self._opened[conversation] = await desk.opened(sorted(self._case_ids[conversation]))

        await asyncio.gather(*(open_one(conversation) for conversation in conversations))

    async def _rows(self, desk: DeskView) -> tuple[Row, ...]:
        alerts: dict[str, str] = {alert.case_id: alert.rank for alert in await desk.alerts() if alert.case_id}
        sent = await desk.sent()
        return tuple(
            self._row(place, delivery, alerts, sent) for place, delivery in enumerate(self._deliveries)
        )

    def _row(
        self, place: int, delivery: Delivery, alerts: Mapping[str, str], sent: Sequence[SentSeen]
    ) -> Row:
        answer = self._answers[place]
        on_desk = delivery.outcome in {Outcome.CONTACTS, Outcome.DUPLICATE}
        conversations = delivery.conversations if on_desk else ()
        cases = [case for conversation in conversations for case in self._opened.get(conversation, ())]
        return Row(
            channel=delivery.channel,
            title=delivery.title,
            outcome=delivery.outcome,
            status=answer.status,
            grade=_together(case.grade for case in cases),
            category=_together(case.category or "" for case in cases),
            sent=self._texts_sent(place, delivery, sent) if on_desk else (),
            alert=_together(alerts.get(case.case_id, "") for case in cases),
        )

    def _texts_sent(self, place: int, delivery: Delivery, sent: Sequence[SentSeen]) -> tuple[str, ...]:
        """What came back: the form's own answer, or what was sent until the person's next delivery."""
        answer = self._answers[place]
        if delivery.channel == REPORT_FORM:
            return (str(answer.body.get("next", "")),)
        texts = []
        for brought in delivery.brings:
            later = [
                self._answers[other].at
                for other, another in enumerate(self._deliveries)
                if another.wave > delivery.wave
                and brought.sends_to in {each.sends_to for each in another.brings}
            ]
            until = min(later, default=datetime.max.replace(tzinfo=UTC))
            texts += [
                entry.text or ""
                for entry in sent
                if entry.to == brought.sends_to and answer.at <= entry.at < until
            ]
        return tuple(dict.fromkeys(texts))


def _together(words: Iterable[str]) -> str:
    """The words that are not empty, each once, in their order."""
    return " · ".join(dict.fromkeys(filter(None, words)))
