"""The arithmetic: a desk's bill for a month, line by line, what is fixed apart from what contacts cause."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.cost.counting import BESIDE, MESSAGES_IN, MESSAGES_OUT, Counted
from bench.cost.durations import Durations
from bench.cost.meter import Use
from bench.cost.stack import Stacks

HERE = Path(__file__).parent
GB, MB_IN_GB = 1e9, 1000
HOURS = 730.5
SECONDS_IN_A_DAY = 86_400
MINUTES_IN_A_DAY = 1440
FIXED, VARIABLE = "fixed", "variable"
PLATFORMS_ASKED_BY = ("Notify", "NotifyUrgent", "CatchUp", "ChannelHealth")
LOG_LINE_BYTES = 26
"""What CloudWatch adds to each line before it counts."""
HELD = "Screens: held answers"
FILES_KEPT = "Files that people attach: what is kept, mean of the first year"
ROUTE_METRICS = "Metrics of single routes, if each is called every hour"
SEVERITIES = 2
MEAN_OF_A_YEAR = 6
"""Months' worth of what is kept, as the mean of a year that begins with nothing."""
S3_WRITES = {"PutObject", "ListObjectsV2", "CopyObject"}


@dataclass(frozen=True, slots=True)
class Price:
    """A unit's price in dollars."""

    usd: float
    per: float
    unit: str
    source: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the bill: so many units at a price. `part` is fixed or variable; `off` what can be done about it."""

    part: str
    what: str
    quantity: float
    price: str
    off: str = ""


@dataclass(frozen=True, slots=True)
class Lever:
    """Something that could be otherwise, and the dollars a month that it would save."""

    what: str
    saves: float


@dataclass(frozen=True)
class Month:
    """One desk's month: what its templates, counts and durations say, at so many contacts a day."""

    stacks: Stacks
    counted: Counted
    durations: Durations
    demand: Mapping[str, Any]
    prices: Mapping[str, Price]
    contacts_a_day: int

    # The two parts

    def lines(self) -> list[Line]:
        """All lines, the fixed ones first."""
        return [*self.fixed(), *self.variable()]

    def total(self, part: str) -> float:
        """Dollars of a part."""
        return sum(self.dollars(line) for line in self.lines() if line.part == part)

    def dollars(self, line: Line) -> float:
        """What a line comes to."""
        price = self.prices[line.price]
        return line.quantity / price.per * price.usd

    def fixed(self) -> Iterator[Line]:
        """What a desk costs at which nobody writes."""
        stacks, jobs = self.stacks, self._jobs()
        yield Line(
            FIXED, "Alarms", stacks.alarmed_metrics, "alarms",
            f"{stacks.notices} of them only tell the morning's reader",
        )  # fmt: skip
        yield Line(
            FIXED, "Alarms that call", stacks.count("AWS::CloudWatch::CompositeAlarm"), "composite_alarms",
            "one for all notices would do",
        )  # fmt: skip
        yield Line(
            FIXED,
            "Dashboard",
            stacks.count("AWS::CloudWatch::Dashboard"),
            "dashboards",
            "yes, the alarms stay",
        )
        yield Line(
            FIXED,
            "The desk's own metrics, told every hour",
            len(self.series()),
            "metrics",
            "no: alarms look at them",
        )
        if stacks.route_series:
            yield Line(
                FIXED, ROUTE_METRICS, stacks.route_series, "metrics",
                "yes: `detailed_metrics_enabled`; nothing alarms on them",
            )  # fmt: skip
        yield Line(
            FIXED,
            "Keys",
            stacks.count("AWS::KMS::Key"),
            "keys",
            "bring the account's own: `keys` of the stage",
        )
        yield Line(FIXED, "Data keys asked for", self._key_calls(), "key_requests", "no")
        yield Line(
            FIXED,
            "Secrets",
            stacks.count("AWS::SecretsManager::Secret"),
            "secrets",
            "those of channels that the force has not",
        )
        yield from self._of_use(
            FIXED, jobs, "Jobs of the minute", cold=0, off="no: they are what repairs the desk"
        )
        yield Line(
            FIXED,
            "Jobs of the minute: starts by the schedule",
            sum(jobs.invocations.values()),
            "schedules",
            "no",
        )
        polls = (
            stacks.count("AWS::Lambda::EventSourceMapping")
            * self._seconds
            / self.demand["queues"]["poll_seconds"]
        )
        yield Line(
            FIXED, "Queues asked whether there is work", polls * self.demand["queues"]["pollers"], "sqs_requests",
            "the queue of a channel or a hook that the force has not",
        )  # fmt: skip
        yield from self._screens()
        if stacks.count("AWS::WAFv2::WebACL"):
            yield Line(
                FIXED,
                "Web ACL",
                stacks.count("AWS::WAFv2::WebACL"),
                "web_acls",
                "yes: a stage without `edge`",
            )
            yield Line(
                FIXED,
                "Rules of the web ACL",
                stacks.web_acl_rules,
                "web_acl_rules",
                "yes: a stage without `edge`",
            )

    def variable(self) -> Iterator[Line]:
        """What contacts cause, with a year's worth of what is kept of them."""
        events, contacts = self.demand["events"], self.contacts
        use = self._use_of_contacts()
        yield from self._of_use(VARIABLE, use, "Contacts", cold=self.demand["lambda"]["cold"], off="")
        media = contacts * (MESSAGES_IN + BESIDE) * events["with_media"]
        media_gb = (
            media
            * (events["videos"] * events["video_mb"] + (1 - events["videos"]) * events["image_mb"])
            / MB_IN_GB
        )
        yield Line(VARIABLE, FILES_KEPT, MEAN_OF_A_YEAR * media_gb, "s3_storage")
        archived_gb = use.put_bytes / GB
        yield Line(
            VARIABLE,
            "Archive of deliveries, 90 days, and access logs",
            3 * archived_gb + MEAN_OF_A_YEAR * self._access_gb(use),
            "s3_storage",
        )
        table_gb = contacts * self.counted.table_bytes / GB
        yield Line(
            VARIABLE,
            "Table: what it holds, mean of the first year",
            MEAN_OF_A_YEAR * table_gb,
            "table_storage",
        )
        yield Line(VARIABLE, "Table's backup to the second", MEAN_OF_A_YEAR * table_gb, "table_backup")
        views = contacts * self.demand["readers"]["page_views"]
        yield Line(VARIABLE, "Public pages looked at", views, "cdn_requests")
        yield Line(
            VARIABLE, "Public pages sent", views * self.demand["readers"]["view_bytes"] / GB, "cdn_data"
        )
        if self.stacks.count("AWS::WAFv2::WebACL"):
            yield Line(VARIABLE, "Public pages looked at, web ACL", views, "web_acl_requests")
        if "ReadAgain" in self.stacks.functions:
            yield from self._second_reader()

    @property
    def contacts(self) -> float:
        """Contacts of a month."""
        return self.contacts_a_day * float(self.demand["days_in_a_month"])

    def series(self) -> set[str]:
        """The desk's own metrics: those that alarms look at, and those that were seen to be told."""
        return self.stacks.own_series | set(self.counted.series)

    def log_gb(self) -> float:
        """What all logs of a month come to."""
        used = self._jobs() + self._use_of_contacts() + self._looks_use()
        return self._log_bytes(used) / GB

    def kept(self, years: int) -> float:
        """Dollars a month of what has been kept for so many years where nothing is disposed of: files and table."""
        kept = [line for line in self.variable() if line.what == FILES_KEPT or line.what.startswith("Table")]
        return sum(self.dollars(line) for line in kept) / MEAN_OF_A_YEAR * 12 * years

    def levers(self) -> list[Lever]:
        """What would save most, first."""
        dollars = {
            part: {line.what: self.dollars(line) for line in self.lines() if line.part == part}
            for part in (FIXED, VARIABLE)
        }
        everything = {**dollars[FIXED], **dollars[VARIABLE]}
        looks = sum(
            amount for what, amount in everything.items() if what.startswith("Screens") and what != HELD
        )
        held = everything[HELD]
        traces = sum(amount for what, amount in everything.items() if what.endswith("traces"))
        jobs = sum(
            amount
            for what, amount in everything.items()
            if what.startswith("Jobs of the minute") and not what.endswith("traces")
        )
        calling = everything["Alarms that call"] - SEVERITIES * self.prices["composite_alarms"].usd
        found = [
            Lever(
                "Switch tracing off where nobody is looking for a fault (`tracing` of the functions)", traces
            ),
            Lever(
                "Let the operators' screens ask every six seconds, and hold no answer",
                0.5 * looks + 0.5 * held,
            ),
            Lever(
                "Have no metrics of single routes (`detailed_metrics_enabled`)",
                everything.get(ROUTE_METRICS, 0),
            ),
            Lever("Call by one composite alarm for each severity, not for each runbook", calling),
            Lever("Put files into Glacier Instant Retrieval after a month", 0.8 * everything[FILES_KEPT]),
            Lever("Let the jobs of the minute share one function", 0.7 * jobs),
        ]
        return sorted(found, key=lambda lever: -lever.saves)

    # What was used

    @property
    def _seconds(self) -> float:
        return SECONDS_IN_A_DAY * float(self.demand["days_in_a_month"])

    def _jobs(self) -> Use:
        minutes = MINUTES_IN_A_DAY * self.demand["days_in_a_month"]
        used = Use()
        for name, every in self.stacks.jobs.items():
            used += self._run_of(name) * (minutes / every)
        return used

    @property
    def uncounted(self) -> list[str]:
        """Jobs that nobody has counted: each is taken for the mean of the others."""
        return sorted(self.stacks.jobs.keys() - self.counted.jobs.keys())

    def _run_of(self, job: str) -> Use:
        if job in self.counted.jobs:
            return self.counted.jobs[job]
        whole = sum(self.counted.jobs.values(), Use()) * (1 / len(self.counted.jobs))
        return replace(whole, invocations=Counter({job: 1}), calls=Counter())

    def _use_of_contacts(self) -> Use:
        counted, events = self.counted, self.demand["events"]
        items = MESSAGES_IN + MESSAGES_OUT + BESIDE
        # In the way each item has had its own webhook already.
        receipts = items * (events["per_item"] - 1)
        media = (MESSAGES_IN + BESIDE) * events["with_media"]
        one: Use = (
            counted.way
            + counted.receipt * receipts
            + counted.photo * media
            + counted.emergency * events["emergencies"]
        )
        return one * (self.contacts * (1 + float(events["again"])))

    def _looks(self) -> float:
        operators = self.demand["operators"]
        return float(operators["screens"] * self._seconds / operators["seconds_between_looks"])

    def _looks_use(self) -> Use:
        use = self.counted.watch * self._looks()
        return replace(use, read_units=use.read_units * self.demand["operators"]["looks_in_an_answer"])

    def _held_gb_seconds(self) -> float:
        seconds = self._looks() * self.demand["operators"]["seconds_between_looks"]
        return float(seconds * self.stacks.functions["OperateWatch"].memory_mb / 1024)

    def _screens(self) -> Iterator[Line]:
        name, use = "Screens", self._looks_use()
        off = "fewer looks: HELD_SECONDS in web/console/src/live.ts"
        yield from self._of_use(FIXED, use, name, cold=0, off=off)
        yield Line(FIXED, HELD, self._held_gb_seconds(), "lambda_gb_seconds", off)
        yield Line(FIXED, f"{name}: through the front door", self._looks(), "cdn_requests", off)
        yield Line(
            FIXED,
            f"{name}: answers sent",
            self._looks() * self.demand["operators"]["answer_bytes"] / GB,
            "cdn_data",
            off,
        )
        if self.stacks.count("AWS::WAFv2::WebACL"):
            yield Line(FIXED, f"{name}: web ACL", self._looks(), "web_acl_requests", off)

    def _second_reader(self) -> Iterator[Line]:
        reader = self.demand["second_reader"]
        reads = self.contacts * (MESSAGES_IN + BESIDE) * reader["contacts_read"]
        tokens = self.counted.prompt_characters / reader["characters_a_token"]
        yield Line(VARIABLE, "Second reader: what it is given", reads * tokens, "model_input")
        yield Line(
            VARIABLE, "Second reader: what it answers", reads * reader["answer_tokens"], "model_output"
        )

    def _of_use(self, part: str, use: Use, name: str, *, cold: float, off: str) -> Iterator[Line]:
        """The lines that a use of the functions comes to, each kind of unit one."""
        functions = self.stacks.functions
        http = sum(number for function, number in use.invocations.items() if functions[function].behind_http)
        traced = sum(number for function, number in use.invocations.items() if functions[function].traced)
        calls = _by_service(use)
        kinds = [
            ("API requests", http, "api_requests"),
            ("invocations", sum(use.invocations.values()), "lambda_requests"),
            ("computing", self._gb_seconds(use, cold=cold), "lambda_gb_seconds"),
            ("write units", use.write_units, "write_units"),
            ("read units", use.read_units, "read_units"),
            ("queue calls", calls["sqs"] + self._deletes(use), "sqs_requests"),
            ("publishes", calls["sns"], "sns_requests"),
            ("objects put and listed", calls["s3 write"], "s3_writes"),
            ("objects read", calls["s3 read"], "s3_reads"),
            ("secrets read", calls["secretsmanager"], "secret_requests"),
            ("logs", self._log_bytes(use) / GB, "log_ingestion"),
            ("logs kept", self._log_bytes(use) / GB * self.stacks.log_days / 30, "log_storage"),
            ("traces", traced, "traces"),
        ]  # fmt: skip
        for kind, quantity, price in kinds:
            if quantity:
                yield Line(
                    part,
                    f"{name}: {kind}",
                    quantity,
                    price,
                    off if kind != "traces" else "yes: see the levers",
                )

    def _gb_seconds(self, use: Use, *, cold: float) -> float:
        told, total = self.demand["lambda"], 0.0
        waited = self._waited(use)
        for name, number in use.invocations.items():
            memory = self.stacks.functions[name].memory_mb
            slower = told["slower_core"] * max(1.0, told["mb_of_one_core"] / memory)
            worked = slower * (self.durations.warm_of(name) + cold * self.durations.start_of(name))
            total += (number * worked + waited[name]) / 1000 * memory / 1024
        return total

    def _waited(self, use: Use) -> Counter[str]:
        """Milliseconds that each function spends on waiting for others."""
        waits = self.demand["lambda"]["waits_ms"]
        waited: Counter[str] = Counter()
        for call, number in use.calls.items():
            function, _, named = call.partition(": ")
            service, _, operation = named.partition(" ")
            waited[function] += number * waits.get(operation, waits[service])
        for name in PLATFORMS_ASKED_BY:
            waited[name] += use.invocations[name] * waits["platform"]
        waited["CopyAttachments"] += use.invocations["CopyAttachments"] * waits["file"]
        return waited

    def _deletes(self, use: Use) -> float:
        """A batch that is done is deleted by Lambda, with a call."""
        functions = self.stacks.functions
        return sum(
            number
            for name, number in use.invocations.items()
            if not functions[name].behind_http and functions[name].every is None
        )

    def _log_bytes(self, use: Use) -> float:
        functions = self.stacks.functions
        http = sum(number for name, number in use.invocations.items() if functions[name].behind_http)
        return (
            use.log_bytes
            + use.log_lines * LOG_LINE_BYTES
            + http * (self.stacks.access_log_bytes + LOG_LINE_BYTES)
        )

    def _key_calls(self) -> float:
        return HOURS * float(self.demand["keys"]["calls_an_hour"]) * self.stacks.users_of_keys

    def _access_gb(self, use: Use) -> float:
        """A line of S3's access log for each call: some 700 bytes, by its documented fields."""
        calls = _by_service(use)
        return (calls["s3 write"] + calls["s3 read"]) * 700 / GB


def _by_service(use: Use) -> Counter[str]:
    calls: Counter[str] = Counter()
    for call, number in use.calls.items():
        service, _, operation = call.partition(": ")[2].partition(" ")
        kind = f" {'write' if operation in S3_WRITES else 'read'}" if service == "s3" else ""
        calls[f"{service}{kind}"] += number
    return calls


def read_prices(path: Path = HERE / "prices.toml") -> dict[str, Price]:
    """The price file."""
    return {name: Price(**price) for name, price in tomllib.loads(path.read_text())["prices"].items()}


def read_demand(path: Path = HERE / "demand.toml") -> dict[str, Any]:
    """The demand file."""
    return tomllib.loads(path.read_text())
