"""A desk in memory that lives through a stretch of time: the code of triage and operate over the twins."""

from __future__ import annotations

import heapq
import io
import itertools
import os
import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from contact_desk.alerts import AlertKind, AlertRank, case_alert_id
from contact_desk.case_desk import Operator
from contact_desk.contacts import Contact
from contact_desk.decisions import TriageDecision
from contact_desk.force_file import ForceFile
from contact_desk.grades import Band, Grade, higher_band
from contact_desk.intake import Admission, AdmissionOutcome, Admitted, Nudge
from contact_desk.numbers.survey_rules import is_safe_to_ask, may_be_asked
from contact_desk.numbers.surveys import SurveyAnswer
from contact_desk.outbox import OutboxItem, OutboxKind
from contact_desk.repairs import ExpiredClaim
from contact_desk.reports import report_contact
from contact_desk.stores.items import contact_item
from functions.ingest.delivery import read_delivery
from functions.operate.acts import Act, Close
from functions.operate.broadcasting import Broadcasting
from functions.operate.calls import Call
from functions.operate.claims import ClaimCase, ReleaseCase
from functions.operate.desk import Desk
from functions.operate.gate import DESK
from functions.operate.refusals import InvalidFieldsError, NoSenderError, WindowClosedError
from functions.operate.replies import Reply
from functions.sweep.surveys import question_about
from functions.triage.admission import Admissions
from functions.triage.automatic_texts import OwnTexts
from functions.triage.desk import TriageDesk, utterance_of
from functions.triage.first_reader import FirstReader, Utterance
from functions.triage.likeness_model import LikenessModel
from functions.triage.listening import Listener
from functions.triage.rule_set import RuleSet, load_rules
from functions.triage.trained_model import TrainedModel, load_model
from local.day.deliveries import Delivery
from local.demand.matters import Handling, Matter, Message
from local.demand.world import Arrival, KnownCase, World
from local.demand.writing import Writer
from local.twins.desk_records import DeskRecords
from local.twins.held_still import CountedIds, FrozenClock
from local.twins.in_memory_alerts import InMemoryAlerts
from local.twins.in_memory_archive import InMemoryArchive, InMemoryEvidence
from local.twins.in_memory_audit import InMemoryAuditTrail
from local.twins.in_memory_broadcasts import InMemoryBroadcasts, InMemorySwitch
from local.twins.in_memory_case_desk import InMemoryCaseDesk
from local.twins.in_memory_channel_log import InMemoryChannelLog
from local.twins.in_memory_hour_totals import InMemoryHourTotals
from local.twins.in_memory_intake import InMemoryIntake
from local.twins.in_memory_outbox import InMemoryOutbox
from local.twins.in_memory_queues import InMemoryPointerQueue
from local.twins.in_memory_repairs import InMemoryRepairs
from local.twins.in_memory_surveys import InMemorySurveyAnswers, InMemorySurveys

SEATS = tuple(Operator(f"operator-{number}", f"Operator {number}") for number in range(1, 6))
ANSWER = "Thank you, we have noted this and will look at it."
A_SECOND = timedelta(seconds=1)
ASKED_LATER = timedelta(minutes=2)
FREED_AFTER = timedelta(seconds=30)
RANKS = {Grade.EMERGENCY: AlertRank.A1, Grade.PRIORITY: AlertRank.A2}
SENT_AGAIN_AFTER = timedelta(seconds=90)
URL = "https://desk.example"


class CachedReader:
    """The desk's own reader, which is asked once for the same words in the same place."""

    def __init__(self, reader: FirstReader) -> None:
        self.version = reader.version
        self.read: Callable[[Utterance], TriageDecision] = lru_cache(maxsize=100_000)(reader.read)


class CachedLikeness:
    """The model's longer half, which works once for the same words, wherever and after whatever they are said."""

    def __init__(self, likeness: LikenessModel) -> None:
        self.logits: Callable[[str], dict[str, Any]] = lru_cache(maxsize=100_000)(likeness.logits)


class KeepingIntake(InMemoryIntake):
    """Intake in memory that keeps each contact's item as the table would hold it."""

    def __init__(self, records: DeskRecords) -> None:
        super().__init__(records)
        self.items: list[dict[str, object]] = []

    def admit(self, admission: Admission) -> AdmissionOutcome:
        """Write it, and keep the item."""
        outcome = super().admit(admission)
        if isinstance(outcome, Admitted):
            self.items.append(contact_item(admission))
        return outcome


class Collected:
    """Nudges, for the desk's world to send."""

    def __init__(self) -> None:
        self.nudges: list[Nudge] = []

    def send(self, nudges: Iterable[Nudge]) -> None:
        """Keep them."""
        self.nudges += nudges


class SimulatedDesk:
    """The desk and its world; `run` plays what happens up to a moment, and what would happen later is left out."""

    def __init__(self, force: ForceFile, writer: Writer, chance: random.Random) -> None:
        self.force, self.writer, self.chance = force, writer, chance
        self.records, self.world, self.clock, self.ids = DeskRecords(), World(), FrozenClock(), CountedIds()
        self.reader = CachedReader(FirstReader(_rules(), _model(), force.signposts.keys(), force.place_names))
        self.intake = KeepingIntake(self.records)
        self._nudged = Collected()
        self._outbox = InMemoryOutbox(self.records)
        self._alerts = InMemoryAlerts(self.records)
        self._surveys = InMemorySurveys(self.records)
        self._triage = TriageDesk(
            intake=self.intake,
            evidence=InMemoryEvidence(),
            nudges=self._nudged,
            attachments=InMemoryPointerQueue(),
            listener=Listener(InMemoryChannelLog()),
            reader=self.reader,
            admissions=Admissions(force, OwnTexts(force), self.ids),
            clock=self.clock,
            pause=lambda _: None,
        )
        cases = InMemoryCaseDesk(self.records)
        self._desk = Desk(
            cases=cases,
            alerts=self._alerts,
            outbox=self._outbox,
            nudges=self._nudged,
            broadcasting=Broadcasting(
                broadcasts=InMemoryBroadcasts(self.records),
                switch=InMemorySwitch(self.records),
                requests=cases,
                alerts=self._alerts,
                nudges=self._nudged,
                force=force,
                live_url=f"{URL}/live",
                clock=self.clock,
                ids=self.ids,
            ),
            audit=InMemoryAuditTrail(self.records),
            totals=InMemoryHourTotals(self.records),
            files=InMemoryArchive(self.clock),
            force=force,
            clock=self.clock,
            ids=self.ids,
            pause=lambda _: None,
        )
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._known: dict[str, KnownCase] = {}
        self._keys = itertools.count()

    def plan(self, matters: Iterable[Matter]) -> None:
        """Put matters on the agenda."""
        for matter in matters:
            begun: list[str] = []
            for message in matter.messages:
                self._at(message.at, lambda m=matter, s=message, b=begun: self._written(m, s, b))  # type: ignore[misc]

    def run(self, until: datetime, tell: Callable[[datetime], None] = lambda _: None) -> None:
        """Let everything happen that happens before the moment; the metrics that the code writes go nowhere."""
        os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Simulated")
        while self._agenda and self._agenda[0][0] < until:
            at, _, happens = heapq.heappop(self._agenda)
            self.clock.at = at
            with redirect_stdout(io.StringIO()):
                happens()
            tell(at)
        self.clock.at = until

    def _at(self, moment: datetime, happens: Callable[[], None]) -> None:
        # The desk writes milliseconds, and what the world knows is compared with it.
        heapq.heappush(self._agenda, (_to_milliseconds(moment), next(self._order), happens))

    def _written(self, matter: Matter, message: Message, begun: list[str]) -> None:
        """A message reaches the desk; the first of a matter opens its case and sets people to work."""
        delivery = self.writer.delivery(matter, message)
        [contact] = self._contacts(delivery)
        before = self.intake.conversation(contact.conversation_key)
        self._take(contact)
        case_id = self.records.contacts[contact.key].case_id
        now = self.clock.now()
        if not begun:
            begun.append(case_id)
            self._opened(matter, case_id, matter.handling)
        known = self._known[case_id]
        band: Band | None = None
        for earlier in known.arrivals:
            band = earlier.reading.band if band is None else higher_band(band, earlier.reading.band)
        reading = self.reader.read(replace(utterance_of(contact, before), case_band=band))
        # Only the words that begin a matter say from where, but for a number, which every message has.
        has_number = matter.way == "sms"
        origin = matter.origin if has_number or message is matter.messages[0] else None
        arrival = Arrival(now, matter.channel, origin, reading)
        self.world.arrivals.append(arrival)
        known.arrivals.append(arrival)
        known.call(RANKS.get(reading.grade), now)
        if message.redelivered:
            again = replace(contact, archive_key=contact.archive_key)
            self._at(now + SENT_AGAIN_AFTER, lambda: self._take(again))

    def _contacts(self, delivery: Delivery) -> Sequence[Contact]:
        now = self.clock.now()
        if delivery.path == "/reports":
            return [report_contact(delivery.body, self.force, now)]
        webhook = delivery.path.removeprefix("/webhooks/")
        return read_delivery(webhook, delivery.body, now, self.force).contacts

    def _take(self, contact: Contact) -> None:
        taken = self._triage.take(contact)
        self._send(taken.nudges)

    def _send(self, nudges: Iterable[Nudge]) -> None:
        for nudge in nudges:
            item = self.records.outbox[nudge.outbox_id]
            if item.kind is not OutboxKind.OPERATOR_ALERT and item.sent_at is None:
                after = timedelta(seconds=round(1 + self.chance.expovariate(1 / 2), 3))
                self._at(self.clock.now() + after, lambda i=item: self._sent(i))  # type: ignore[misc]

    def _sent(self, item: OutboxItem) -> None:
        """A platform takes a text; the same item twice is one text."""
        now = self.clock.now()
        claimed = self._outbox.claim(
            item.outbox_id, token=f"{next(self._keys)}", now=now, lease_until=now + A_SECOND
        )
        if claimed is None or self._outbox.start(claimed, now=now) is None:
            return
        self._outbox.mark_sent(claimed, platform_id=f"p{item.outbox_id}", now=now)
        if item.case_id in self._known:
            self._known[item.case_id].texts.append((item.purpose, now, item.signpost))

    def _opened(
        self, matter: Matter, case_id: str, handling: Handling, last: KnownCase | None = None
    ) -> None:
        now = self.clock.now()
        known = KnownCase(
            opened_at=now,
            channel=matter.channel,
            # Who comes back says no more from where, but for a number.
            origin=matter.origin if last is None or matter.way == "sms" else None,
            keeps_category=self._keeps_category(matter.channel),
            last_opened_at=last.opened_at if last else None,
        )
        self._known[case_id] = known
        self.world.cases.append(known)
        seat = self.chance.choice(SEATS)
        if handling.loses_claim is not None:
            self._at(now + handling.loses_claim, lambda: self._forget(case_id, seat))
        else:
            self._at(now + handling.sees, lambda: self._look(case_id, seat))
        if handling.replies is not None:
            self._at(now + handling.replies, lambda: self._reply(case_id, seat))
        if handling.closes is not None:
            self._at(now + handling.closes, lambda: self._close(matter, case_id, seat, handling))

    def _keeps_category(self, channel: str) -> bool:
        account = self.force.channels.get(channel)
        return account is None or account.keeps_categories

    def _see(self, case_id: str, seat: Operator) -> None:
        known, now = self._known[case_id], self.clock.now()
        known.seen_at = known.seen_at or now
        for kind in (AlertKind.EMERGENCY, AlertKind.PRIORITY):
            alert = self.records.alerts.get(case_alert_id(case_id, kind))
            if alert and alert.open:
                self._desk.acknowledge(alert.alert_id, self._call(seat), DESK)
                known.alerts[alert.rank].seen_at = now
        self._act(case_id, ClaimCase(), seat)

    def _look(self, case_id: str, seat: Operator) -> None:
        """Somebody takes the case up, and gives it back until there is more to do."""
        self._see(case_id, seat)
        self._act(case_id, ReleaseCase(), seat)

    def _forget(self, case_id: str, seat: Operator) -> None:
        """Somebody claims a case and is called away: the sweep frees it."""
        self._see(case_id, seat)
        claim = self.records.cases[case_id].claim
        if claim is None:
            return
        expired = ExpiredClaim(case_id, claim.token, claim.name, claim.until)

        def free() -> None:
            if InMemoryRepairs(self.records).free(expired, self.clock.now()):
                self._known[case_id].claims_lost += 1

        self._at(claim.until + FREED_AFTER, free)

    def _reply(self, case_id: str, seat: Operator) -> None:
        self._see(case_id, seat)
        try:
            self._act(case_id, Reply(ANSWER), seat)
            self._known[case_id].wrote_back = True
        except (WindowClosedError, InvalidFieldsError, NoSenderError):
            pass  # the person can no longer be reached there: the case is closed without it
        self._act(case_id, ReleaseCase(), seat)

    def _close(self, matter: Matter, case_id: str, seat: Operator, handling: Handling) -> None:
        self._see(case_id, seat)
        case, known, now = self.records.cases[case_id], self._known[case_id], self.clock.now()
        self._act(case_id, Close(handling.disposition, case.last_contact_at), seat)
        known.closed_at, known.disposition = now, handling.disposition
        if self.force.survey:
            self._at(now + self.force.survey.after + ASKED_LATER, lambda: self._ask(matter, case_id))
        if matter.returns and handling is matter.handling:
            after, message, second = matter.returns
            self._at(now + after, lambda: self._comes_back(matter, message, second, known))

    def _comes_back(self, matter: Matter, message: Message, handling: Handling, last: KnownCase) -> None:
        message = replace(message, at=self.clock.now(), redelivered=False)
        [contact] = self._contacts(self.writer.delivery(matter, message))
        before = self.intake.conversation(contact.conversation_key)
        self._take(contact)
        case_id = self.records.contacts[contact.key].case_id
        self._opened(matter, case_id, handling, last)
        reading = self.reader.read(utterance_of(contact, before))
        origin = matter.origin if matter.way == "sms" else None
        arrival = Arrival(self.clock.now(), matter.channel, origin, reading)
        self.world.arrivals.append(arrival)
        self._known[case_id].arrivals.append(arrival)
        self._known[case_id].call(RANKS.get(reading.grade), self.clock.now())

    def _ask(self, matter: Matter, case_id: str) -> None:
        """The sweep's own question, for this one case, and the person's answer some hours later."""
        case, rules, now = self.records.cases[case_id], self.force.survey, self.clock.now()
        conversation = self.records.conversations[case.conversation_key]
        if rules is None or not rules.chosen(case_id) or not may_be_asked(case, now):
            return
        if not is_safe_to_ask(case, conversation):
            return
        survey, item, entry = question_about(case, self.force, rules, survey_url=f"{URL}/survey", now=now)
        if self._surveys.ask(survey, item, entry, conversation):
            self._known[case_id].asked = True
            self._send([Nudge(item.outbox_id, item.urgent)])
            answer = matter.survey
            if answer:
                after = timedelta(seconds=round(self.chance.expovariate(1 / 7200), 3))
                self._at(now + after, lambda: self._answer(case_id, survey.token, answer))

    def _answer(self, case_id: str, token: str, answer: SurveyAnswer) -> None:
        if InMemorySurveyAnswers(self.records).take(token, answer, self.clock.now()):
            self._known[case_id].answer = answer

    def _act(self, case_id: str, act: Act, seat: Operator) -> None:
        version = None if isinstance(act, ClaimCase | ReleaseCase) else self.records.cases[case_id].version
        self._desk.act(case_id, act, self._call(seat), version)
        nudges, self._nudged.nudges = self._nudged.nudges, []
        self._send(nudges)

    def _call(self, seat: Operator) -> Call:
        number = next(self._keys)
        return Call(seat, f"request-{number}", f"key-{number}", f"asked-{number}")


@cache
def _rules() -> RuleSet:
    return load_rules()


@cache
def _model() -> TrainedModel:
    model = load_model()
    return replace(model, likeness=CachedLikeness(model.likeness))  # type: ignore[arg-type] # answers alike


def _to_milliseconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
