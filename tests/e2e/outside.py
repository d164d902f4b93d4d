"""Those who meet the desk from outside: the platforms and the public, and the operators at its API."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
import uuid
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self, TypeVar

import boto3
import httpx

from local.addresses import Addresses
from local.oidc_issuer import Issuer
from local.stack_file import Stack
from tests.builders import Json, comment, feed_delivery, message, messenger_delivery
from tests.sms_deliveries import FORM, sms_signature
from tests.x_deliveries import x_signature

T = TypeVar("T")

PATIENCE_SECONDS = 20.0
POLL_SECONDS = 0.05
INTAKE_QUEUES = ("private_contacts", "public_contacts", "replays")
# All but `attachments`: a link that hangs is tried again for an hour and more, and nothing waits for it.
WORK_QUEUES = (*INTAKE_QUEUES, "confirmations", "outbox_urgent", "outbox")
QUIET_SECONDS = 3.0


def until(look: Callable[[], T | None], *, seconds: float = PATIENCE_SECONDS) -> T:
    """What `look` finds, as soon as it finds something; fails the test where it does not in time."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"nothing came within {seconds:.0f} s"
        time.sleep(POLL_SECONDS)


class _Client:
    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        # Proxies of the shell have no business on loopback.
        self.http = httpx.Client(
            trust_env=False, timeout=40, limits=httpx.Limits(max_connections=64, max_keepalive_connections=32)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()


class Outside(_Client):
    """Platforms that deliver signed webhooks, people who report, and what reached them."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(stack)
        self._numbers = itertools.count(1)
        self._run = uuid.uuid4().hex[:8]

    def new(self, what: str) -> str:
        """A name that nothing else in this run has."""
        return f"{what}_{self._run}_{next(self._numbers)}"

    def new_person(self) -> str:
        """The Messenger id of somebody who never wrote before."""
        return str(uuid.uuid4().int)[:16]

    @property
    def page(self) -> str:
        """The force's page."""
        return self.stack.accounts["messenger"]

    def deliver(self, delivery: Json | bytes, *, secret: str | None = None) -> httpx.Response:
        """One signed delivery of Meta's."""
        body = delivery if isinstance(delivery, bytes) else json.dumps(delivery).encode()
        key = (secret or self.stack.secrets.meta.app_secret).encode()
        signature = "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()
        return self.post_signed(body, signature)

    def post_signed(self, body: bytes, signature: str | None) -> httpx.Response:
        """A delivery with this signature, right or wrong."""
        headers = {"content-type": "application/json"}
        if signature is not None:
            headers["x-hub-signature-256"] = signature
        return self.http.post(f"{self.stack.api_url}/webhooks/meta", content=body, headers=headers)

    def deliver_x(self, delivery: Json, *, secret: str | None = None) -> httpx.Response:
        """One signed delivery of X's."""
        body = json.dumps(delivery).encode()
        signature = x_signature(body, secret or self.stack.secrets.x.consumer_secret)
        headers = {"content-type": "application/json", "x-twitter-webhooks-signature": signature}
        return self.http.post(f"{self.stack.api_url}/webhooks/x", content=body, headers=headers)

    def deliver_text(self, form: bytes, *, secret: str | None = None) -> httpx.Response:
        """One signed delivery of a text message, as Twilio makes it."""
        url = f"{self.stack.api_url}/webhooks/sms"
        signature = sms_signature(form, secret or self.stack.secrets.sms.auth_token, url)
        headers = {"content-type": FORM, "x-twilio-signature": signature}
        return self.http.post(url, content=form, headers=headers)

    def message(self, text: str, *, sender: str, mid: str | None = None) -> Json:
        """The delivery of one Messenger message, written now."""
        written = message(text, mid=mid or self.new("m"), sender=sender)
        return messenger_delivery({**written, "timestamp": int(time.time() * 1000)}, page=self.page)

    def comment(self, text: str, *, comment_id: str) -> Json:
        """The delivery of one comment under a post of the force's."""
        author = {"id": self.new_person(), "name": "A Person"}
        post = f"{self.page}_{comment_id.partition('_')[0]}"
        added = comment(
            text,
            author=author,
            comment_id=comment_id,
            post_id=post,
            parent_id=post,
            created_time=int(time.time()),
        )
        return feed_delivery(added, page=self.page)

    def new_comment_id(self) -> str:
        """The id of a comment nobody wrote before, under a post of its own."""
        return f"{self.new_person()}_{self.new_person()}"

    def report(self, **fields: Any) -> httpx.Response:
        """One online report."""
        body = {"report_id": str(uuid.uuid4()), **fields}
        return self.http.post(f"{self.stack.api_url}/reports", json=body)

    def received(self, to: str) -> list[Json]:
        """What a person, or a comment, was sent, as the platform tells."""
        answer = self.http.get(f"{self.stack.platforms_url}/received").json()
        return [sent for sent in answer["received"] if sent["to"] == to and sent["visible"]]


class Operators(_Client):
    """Operators at the desk's API."""

    def __init__(self, stack: Stack, addresses: Addresses) -> None:
        super().__init__(stack)
        self._issuer = Issuer.at_home(addresses.home, addresses.oidc_url)
        session = boto3.Session(
            aws_access_key_id=stack.credentials.access_key_id,
            aws_secret_access_key=stack.credentials.secret_access_key,
            region_name=stack.region,
        )
        self._session = session

    def aws(self, service: str) -> Any:
        """A client of the account's owner."""
        return self._session.client(service, endpoint_url=self.stack.aws_endpoint_url)  # type: ignore[call-overload]

    def function(self, name: str) -> str:
        """What the account calls a function of the template."""
        (stack,) = self.aws("cloudformation").describe_stacks()["Stacks"]
        resource = self.aws("cloudformation").describe_stack_resource(
            StackName=stack["StackName"], LogicalResourceId=name
        )
        physical: str = resource["StackResourceDetail"]["PhysicalResourceId"]
        return physical

    def new_operator(self, name: str) -> str:
        """The token of one more operator."""
        return self._issuer.mint("operator", name)

    def get(self, path: str, *, token: str | None = None, **query: str) -> httpx.Response:
        """Read one route, as the first operator unless told otherwise."""
        return self.http.get(
            self.stack.api_url + path,
            params=query,
            headers={"authorization": f"Bearer {token or self.stack.tokens.operator}"},
        )

    def post(
        self,
        path: str,
        body: Json | None = None,
        *,
        token: str | None = None,
        version: int | None = None,
        key: str | None = None,
    ) -> httpx.Response:
        """Do one act, as the first operator unless told otherwise."""
        headers = {
            "authorization": f"Bearer {token or self.stack.tokens.operator}",
            "idempotency-key": key or uuid.uuid4().hex,
        }
        if version is not None:
            headers["if-match"] = f'"{version}"'
        return self.http.post(self.stack.api_url + path, json=body or {}, headers=headers)

    def cases(self, **query: str) -> list[Json]:
        """Every case of the list, page after page."""
        cases: list[Json] = []
        while True:
            page = self.get("/desk/cases", **query).json()
            cases += page["cases"]
            if not page["next_cursor"]:
                return cases
            query = {**query, "cursor": page["next_cursor"]}

    def case(self, case_id: str) -> Json:
        """One whole case."""
        answer = self.get(f"/desk/cases/{case_id}")
        assert answer.status_code == httpx.codes.OK, answer.text
        found: Json = answer.json()
        return found

    def case_with(self, preview: str, *, seconds: float = PATIENCE_SECONDS, **query: str) -> Json:
        """The one case whose newest text is this, as soon as the list shows it."""

        def look() -> Json | None:
            found = [case for case in self.cases(**query) if case["preview"] == preview]
            assert len(found) <= 1, f"{len(found)} cases show the same text"
            return found[0] if found else None

        return until(look, seconds=seconds)

    def alerts(self) -> list[Json]:
        """The open alerts."""
        listed: list[Json] = self.get("/desk/alerts").json()["alerts"]
        return listed

    def alert_messages(self, queue_url: str, *, seconds: int = 1) -> list[Json]:
        """What waits on a queue of alert messages now; it is taken off."""
        sqs = self.aws("sqs")
        messages: list[Json] = []
        while True:
            taken = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=seconds)
            if not taken.get("Messages"):
                return messages
            for one in taken["Messages"]:
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=one["ReceiptHandle"])
                messages.append(json.loads(one["Body"]))

    def intake_at_rest(self) -> bool:
        """Whether nothing waits to be taken in, for a while; a text that its platform has wait may still be out."""
        return self._nothing_on(INTAKE_QUEUES)

    def at_rest(self) -> bool:
        """Whether no work queue holds anything, for a while."""
        return self._nothing_on(WORK_QUEUES)

    def _nothing_on(self, queues: Iterable[str]) -> bool:
        counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        sqs, urls = self.aws("sqs"), [self.stack.queues[queue] for queue in queues]
        quiet_until = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < quiet_until:
            for url in urls:
                answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=counts)
                if any(int(answer["Attributes"][name]) for name in counts):
                    return False
            time.sleep(0.2)
        return True


def contact_entries(case: Json) -> list[Json]:
    """The entries of a case's timeline that tell of contacts."""
    return [entry for entry in case["timeline"] if entry["kind"] == "contact"]


def texts(entries: Iterable[Json]) -> list[str]:
    """The texts of entries."""
    return [entry["text"] for entry in entries]
