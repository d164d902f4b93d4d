"""A deployed desk in memory, from its stack to its webhooks, with the stand-in platforms around it: all in one process.

It stands well: every secret is set, every channel connected and heard from, every alarm leads to somebody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from cli.account import Resource, StandingAlarm, StandingStack, Subscriber
from cli.connecting import connect
from cli.doctor import examine
from cli.examination.examined import Examined
from cli.examination.findings import Finding, State
from cli.secret_kinds import kinds_of, secret_id, with_field
from cli.stages import Stage
from cli.webhooks.calls import NotReachedError
from contact_desk.force_file import ForceFile
from contact_desk.graph_answers import HttpAnswer
from contact_desk.http_api import respond
from functions.ingest.handler import ROUTES
from functions.ingest.webhook_secrets import addressed
from functions.ingest.webhooks import Webhooks
from functions.triage.admission import Admissions
from functions.triage.automatic_texts import OwnTexts
from functions.triage.desk import TriageDesk
from functions.triage.listening import Listener
from local.platforms.app import platforms_app
from local.platforms.callbacks import Apps
from local.platforms.graph import Products
from local.platforms.twilio import TwilioKeys
from local.platforms.x_keys import AccountKeys, XKeys
from local.twins.desk_records import DeskRecords
from local.twins.held_still import CountedIds, FrozenClock
from local.twins.in_memory_account import InMemoryAccount
from local.twins.in_memory_archive import InMemoryArchive, InMemoryEvidence
from local.twins.in_memory_intake import InMemoryIntake
from local.twins.in_memory_parking import InMemoryHolds, InMemoryParking
from local.twins.in_memory_queues import InMemoryContactQueue, InMemoryNudges, InMemoryPointerQueue
from tests.builders import APP_ID, PUBLIC_URL, force

STACK = "contact-desk-merseyside-live"
STRANGER = "998877"  # somebody else on X, whose keys are good as well
PLATFORMS_URL = "http://127.0.0.1:8781"
FRONT = "https://pages.example"
POOL = "eu-west-2_pool"
TOPIC = "arn:aws:sns:eu-west-2:111122223333:"
SECRETS = {
    "meta.app_secret": "0a" * 16,
    "meta.verify_token": "v" * 20,
    "meta.app_id": APP_ID,
    "x.consumer_secret": "C" * 50,
    "sms.auth_token": "0b" * 16,
    "x_publishing.consumer_key": "K" * 25,
    "x_publishing.consumer_secret": "C" * 50,
    "sms_publishing.account_sid": "AC" + "1" * 32,
    "sms_publishing.key_sid": "SK" + "2" * 32,
    "sms_publishing.key_secret": "s" * 32,
    "meta_media.access_token": "EAAD" + "m" * 40,
    "sms_media.user": "SK" + "2" * 32,
    "sms_media.password": "s" * 32,
    "form_seal.key": "f" * 48,
    "alert_hook_control_room.url": "https://control.example/hook",
    "alert_hook_control_room.key": "whsec_" + "a" * 32,
}
LOGICAL_SECRETS = (
    "MetaSecret",
    "XSecret",
    "SmsSecret",
    "MetaPublishingSecret",
    "XPublishingSecret",
    "SmsPublishingSecret",
    "MetaMediaSecret",
    "SmsMediaSecret",
    "AlertHookControlRoomSecret",
    "ReportFormSealSecret",
)


def value_of(path: str) -> str:
    """The value of a secret's field in the desk that stands well."""
    name, _, field_path = path.partition(".")
    if path in SECRETS:
        return SECRETS[path]
    account = field_path.split(".")[1]  # page_tokens.<account>, tokens.<account>.access_token
    if name == "meta_publishing":
        return "EAAD" + f"{account:0>40}"
    return "S" * 45 if field_path.endswith("_secret") else f"{account}-{'T' * 40}"


def keys_of(account: str) -> AccountKeys:
    """The keys of an account on X."""
    token, secret = (
        f"x_publishing.tokens.{account}.{name}" for name in ("access_token", "access_token_secret")
    )
    return AccountKeys(access_token=value_of(token), access_token_secret=value_of(secret))


@dataclass
class StandingDesk:
    """The desk; `examine` is what `desk doctor` finds on it. Whoever plants a fault changes one thing."""

    clock: FrozenClock = field(default_factory=FrozenClock)
    force: ForceFile = field(default_factory=force)
    unreachable: set[str] = field(default_factory=set)
    answers: dict[str, HttpAnswer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.account = InMemoryAccount(self.clock)
        self.stage = _Stage("merseyside", "live", self.account)
        self.stage.bind(self)
        self._stack()
        kinds = kinds_of(self.force, self.account.stacks[STACK])
        for name, kind in kinds.items():
            value: dict[str, Any] = {}
            for one in kind.fields:
                value = with_field(value, one.path, value_of(f"{name}.{one.path}"))
            self.account.put_secret(secret_id(kind, self.account.stacks[STACK]), value)
        self._webhooks()
        self._platforms()
        self._people()
        for path in ("/feed/atom.xml", "/live", "/report", "/console/"):
            kind_of_page = "application/atom+xml" if "atom" in path else "text/html; charset=utf-8"
            self.answers[FRONT + path] = HttpAnswer(200, {"content-type": kind_of_page}, b"<a/>")
        self.answers[f"{PUBLIC_URL}/health"] = HttpAnswer(200, {}, b"{}")
        for channel in self.force.channels:
            found = list(self.connect(channel))
            assert all(one.state is State.WELL for one in found), found

    def put(self, path: str, text: str) -> None:
        """Put another value into a field of a secret."""
        stack = self.account.stacks[STACK]
        name, _, field_path = path.partition(".")
        held = secret_id(kinds_of(self.force, stack)[name], stack)
        self.account.put_secret(held, with_field(self.account.versions[held][0], field_path, text))

    def examine(self) -> list[Finding]:
        """Everything that the doctor finds."""
        return examine(self.stage, self.call, self.clock)

    def faults(self) -> list[Finding]:
        """What is wrong."""
        return [one for one in self.examine() if one.state is State.FAULT]

    def connect(self, channel: str) -> list[Finding]:
        """What connecting the channel does."""
        return list(connect(self.examined, channel, None))

    def call(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> HttpAnswer:
        """One call to the desk, its pages or a platform."""
        host = urlsplit(url).hostname or ""
        if host in self.unreachable:
            raise NotReachedError(f"{host} does not answer (ConnectError)")
        if (told := self.answers.get(url.partition("?")[0])) is not None:
            return told
        if url.startswith(PLATFORMS_URL):
            answered = self._loop.run(
                self.platforms.request(method, url, headers=dict(headers or {}), content=body)
            )
            return HttpAnswer(answered.status_code, dict(answered.headers), answered.content)
        return self._to_the_desk(method, url, headers or {}, body)

    def close(self) -> None:
        """Let go of the event loop."""
        self._loop.close()

    @property
    def examined(self) -> Examined:
        """The desk as a look has it."""
        return Examined(self.stage, self.force, self.account.stacks[STACK], self.call, self.clock)

    def _to_the_desk(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        parts = urlsplit(url)
        event = {
            "rawPath": parts.path,
            "requestContext": {"http": {"method": method}},
            "headers": dict(headers),
            "queryStringParameters": dict(parse_qsl(parts.query)),
            "body": body.decode("ascii"),
        }
        answer = respond(event, ROUTES, self.webhooks)
        for contact in self.contacts.sent:
            if contact.key not in self._taken:
                self._taken.add(contact.key)
                self.triage.take(contact)
        answered = str(answer.get("body", "")).encode()
        return HttpAnswer(int(answer["statusCode"]), dict(answer.get("headers", {})), answered)

    def _stack(self) -> None:
        resources = {name: Resource("AWS::SecretsManager::Secret", f"{name}-1") for name in LOGICAL_SECRETS}
        resources |= {
            name: Resource("AWS::SNS::Topic", TOPIC + name) for name in ("AlarmsTopic", "NoticesTopic")
        }
        resources |= {
            "TriageSchedule": Resource("AWS::Scheduler::Schedule", "desk-sweep-1"),
            "TriageMapping": Resource("AWS::Lambda::EventSourceMapping", "mapping-1"),
            "SweepFailuresQueue": Resource("AWS::SQS::Queue", "https://sqs.example/1/failures"),
            "ToDutyInspectorSms": Resource("AWS::SNS::Subscription", TOPIC + "1"),
            "ToContactDeskEmail": Resource("AWS::SNS::Subscription", TOPIC + "2"),
        }
        outputs = {f"{name.removesuffix('Secret')}SecretArn": f"{name}-1" for name in LOGICAL_SECRETS[:-1]}
        outputs |= {
            "ApiUrl": PUBLIC_URL,
            "FrontDoorUrl": FRONT,
            "FeedUrl": f"{FRONT}/feed/atom.xml",
            "LiveUrl": f"{FRONT}/live",
            "RefreshFeedFunctionName": "refresh",
            "TableName": "desk",
            "HoldParameterName": "/desk/hold",
            "UserPoolId": POOL,
            "OperatorAlertsTopicArn": TOPIC + "OperatorAlerts",
            "PrivateContactsDlqUrl": "https://sqs.example/111122223333/private-dlq",
        }
        parameters = {
            "PublicUrl": "",
            "JwtIssuer": "",
            "GraphApiUrl": f"{PLATFORMS_URL}/v26.0",
            "XApiUrl": f"{PLATFORMS_URL}/x/2",
            "TwilioApiUrl": f"{PLATFORMS_URL}/twilio",
        }
        self.account.stacks = {
            STACK: StandingStack(STACK, "UPDATE_COMPLETE", outputs, parameters, resources),
            f"{STACK}-watch": StandingStack(f"{STACK}-watch", "CREATE_COMPLETE"),
        }

    def _webhooks(self) -> None:
        self.stale: dict[str, Mapping[str, Any]] = {}
        """What the webhooks still have of a secret, by its id, where they have not read it anew."""
        self.contacts, self._taken = InMemoryContactQueue(), set[str]()
        self.archive = InMemoryArchive(self.clock)
        self.records = DeskRecords()
        whose = self.force
        secrets = {name: _Read(self, f"{name.capitalize()}Secret-1") for name in ("meta", "x", "sms")}
        self.webhooks = Webhooks(
            force=whose,
            archive=self.archive,
            contacts=self.contacts,
            confirmations=InMemoryPointerQueue(),
            secrets=addressed(secrets, PUBLIC_URL),
            parking=InMemoryParking(),
            holds=InMemoryHolds(),
            clock=self.clock,
        )
        no_reader: Any = None  # a canary is not read
        self.triage = TriageDesk(
            intake=InMemoryIntake(self.records),
            evidence=InMemoryEvidence(),
            nudges=InMemoryNudges(),
            attachments=InMemoryPointerQueue(),
            listener=Listener(self.account.log),
            reader=no_reader,
            admissions=Admissions(whose, OwnTexts(whose), CountedIds()),
            clock=self.clock,
            pause=lambda _: None,
        )

    def _platforms(self) -> None:
        meta = {
            one.account: value_of(f"meta_publishing.page_tokens.{one.account}")
            for one in self.force.channels.values()
            if one.platform == "meta"
        }
        on_x = self.force.channels["x"].account
        own = keys_of(on_x)

        async def callback(url: str) -> tuple[int, bytes]:
            try:
                answer = self.call("GET", url)
            except NotReachedError as error:
                raise OSError(str(error)) from None
            return answer.status, answer.body

        app = platforms_app(
            meta,
            products=Products(
                frozenset({self.force.channels["instagram"].account}),
                frozenset(),
                frozenset({self.force.channels["whatsapp"].account}),
            ),
            x=XKeys(
                consumer_key=SECRETS["x_publishing.consumer_key"],
                consumer_secret=SECRETS["x.consumer_secret"],
                tokens={on_x: own, STRANGER: keys_of(STRANGER)},
            ),
            sms=TwilioKeys(
                **{
                    name: SECRETS[f"sms_publishing.{name}"]
                    for name in ("account_sid", "key_sid", "key_secret")
                }
            ),
            numbers=frozenset({self.force.channels["sms"].account}),
            clock=self.clock,
            apps=Apps(f"{APP_ID}|{SECRETS['meta.app_secret']}", SECRETS["sms.auth_token"], callback),
        )
        self._loop = asyncio.Runner()
        self.platforms = httpx.AsyncClient(transport=httpx.ASGITransport(app))

    def _people(self) -> None:
        heard = Subscriber("email", confirmed=True)
        self.account.topics = {
            TOPIC + "AlarmsTopic": [Subscriber("https", confirmed=True)],
            TOPIC + "NoticesTopic": [heard],
            TOPIC + "OperatorAlerts": [heard, Subscriber("sms", confirmed=True)],
        }
        says = "It fails. Severity: page. Owner: platform team. Runbook: docs/operate.md#dead-letters."
        topic = (TOPIC + "AlarmsTopic",)
        self.account.standing_alarms = [
            StandingAlarm(f"{STACK}-watch-TriageErrors-1", False, (), True, says),
            StandingAlarm(
                f"{STACK}-watch-TriagePage-1",
                False,
                topic,
                True,
                says,
                f'ALARM("{STACK}-watch-TriageErrors-1")',
            ),
        ]
        self.account.parameters = {"/desk/hold": "none"}
        self.account.people = {"operator", "supervisor"}
        self.account.senders = {self.force.email.from_address} if self.force.email else set()
        for name, one in self.force.channels.items():
            self.account.log.heard(name, one.account, self.clock.now() - timedelta(minutes=30))


class _Stage(Stage):
    """A stage whose force file is the desk's."""

    def bind(self, desk: StandingDesk) -> None:
        object.__setattr__(self, "_desk", desk)

    def force(self) -> ForceFile:
        desk: StandingDesk = object.__getattribute__(self, "_desk")
        return desk.force


@dataclass
class _Read:
    """A secret as the webhooks read it: what is stored, or what they still have of it."""

    desk: StandingDesk
    held: str

    def versions(self, max_age: timedelta | None = None) -> tuple[Mapping[str, Any], ...]:
        stale = self.desk.stale.get(self.held)
        return (stale,) if stale else tuple(self.desk.account.versions[self.held])
