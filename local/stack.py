"""Bring the whole desk up on this machine, and take it down again: one way for `make up` and for the tests."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel

from contact_desk.force_file import ChannelAccount, ForceFile, load_force_file
from contact_desk.outbox import is_written_to
from local import deploy
from local.addresses import REPOSITORY, Addresses, LocalAddressError
from local.assembly import DeskAssembly, synthesise
from local.console_files import BUILT, ConsoleSettings, lay_out
from local.deploy import Deployment, EmulatedAccount, Progress
from local.emulator import service as emulator
from local.oidc_issuer import AUDIENCE, Issuer
from local.people import PEOPLE
from local.platforms.media import SMS_PASSWORD, SMS_USER
from local.processes import STOP_SECONDS, LocalProcessError, Processes, Service
from local.shared_secrets import SharedSecrets
from local.stack_file import Credentials, Stack, StackFileError, Tokens

STAGE = "dev"
DEFAULT_FORCE = "merseyside"
GRAPH_API_VERSION = "v26.0"
QUEUES = (
    "private_contacts",
    "public_contacts",
    "replays",
    "confirmations",
    "outbox_urgent",
    "outbox",
    "attachments",
    "operator_alerts",
)
# Those that a force has only with what they serve.
OPTIONAL_QUEUES = ("second_reads",)
# Stopped in this order: first what lets requests in, last what holds the state.
UNSAVED_STOP_SECONDS = 5.0
STOPPING_ORDER = ("front_door", "platforms", "oidc_issuer", emulator.NAME)
STATE = ("emulator", "cdk.out", "logs", "oidc", "platform_tokens.json", "run", "secrets.json", "stack.json")


class Steps(Protocol):
    """Tells whoever waits what is being done."""

    def step(self, title: str) -> AbstractContextManager[Progress]:
        """One step, from entering to leaving; the progress it gives takes how much is done and how much there is."""


class Silent:
    """Steps of which nobody needs to hear."""

    def step(self, title: str) -> AbstractContextManager[Progress]:
        """Say nothing."""
        del title
        return nullcontext(lambda _done, _total: None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalDesk:
    """A desk to stand on this machine: where, for which force, with or without IAM enforced."""

    addresses: Addresses
    force_name: str = DEFAULT_FORCE
    enforce_iam: bool = True

    @property
    def processes(self) -> Processes:
        """Its processes, running or not."""
        return Processes(self.addresses.home)

    @property
    def account(self) -> EmulatedAccount:
        """The emulated account that it is deployed to."""
        return EmulatedAccount(self.addresses.emulator_url)

    def bring_up(self, steps: Steps) -> Stack:
        """Start what does not run yet, deploy what has changed, and write the stack file.

        Raises LocalAddressError, SynthesisError, LocalProcessError or DeploymentError, each with its cause.
        """
        self._refuse_another_port()
        force = load_force_file(REPOSITORY / "forces" / f"{self.force_name}.toml")
        groups = [one.group for one in force.broadcasts.channels.values() if one.group]
        shared = SharedSecrets.at_home(self.addresses.home, written_to(force), groups)
        services = self._services(shared)
        with ThreadPoolExecutor(max_workers=1 + len(services)) as background:
            synthesis = background.submit(self._synthesise)
            with steps.step("start the emulated AWS, the stand-ins and the token issuer") as progress:
                for done, _ in enumerate(background.map(self.processes.start, services), start=1):
                    progress(done, len(services))
            with steps.step("synthesise the CDK app"):
                assembly = synthesis.result()
        with steps.step("deploy the stack") as progress:
            deployment = deploy.deploy(self.account, assembly, self._parameters(), progress)
        with steps.step("hand over the secrets"):
            self._hand_over(deployment, shared)
            if force.email:
                deploy.verify_sender(self.account, force.email.from_address)
        with steps.step("start the functions") as progress:
            deploy.start_functions(self.account, deployment.functions_for_people(assembly.template), progress)
        with steps.step("make the public pages"):
            deploy.run_function(self.account, deployment.outputs["RefreshFeedFunctionName"])
        with steps.step("lay out the operators' screen"):
            lay_out(
                self.account.client("s3"),
                deployment.outputs["PagesBucketName"],
                BUILT,
                ConsoleSettings(authority=self.addresses.oidc_url, client_id=AUDIENCE),
            )
        with steps.step("open the front door"):
            self.processes.start(self._front_door(deployment))
            stack = self._describe(deployment, force, shared)
            stack.write(self.addresses.stack_file)
        return stack

    def take_down(self, *, saving: bool = True) -> list[str]:
        """Stop every process that `bring_up` started, the state saved; gives the names of those that ran.

        Raises LocalProcessError for one that had to be killed, after all others were stopped; not where state is not
        worth `saving`, since then nothing is lost by it.
        """
        stopped, killed = [], []
        for name in STOPPING_ORDER:
            try:
                if self.processes.stop(
                    name, deadline_seconds=STOP_SECONDS if saving else UNSAVED_STOP_SECONDS
                ):
                    stopped.append(name)
            except LocalProcessError as error:
                stopped.append(name)
                killed.append(str(error))
        if killed and saving:
            raise LocalProcessError("; ".join(killed))
        return stopped

    def forget(self) -> None:
        """Remove all state; nothing else that may lie in the home folder is touched."""
        for name in STATE:
            path = self.addresses.home / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def running(self) -> Stack | None:
        """The stack as last written, if its emulator runs."""
        if self.processes.find(emulator.NAME) is None:
            return None
        try:
            return Stack.read(self.addresses.stack_file)
        except StackFileError:
            return None

    def function_pids(self) -> dict[str, list[int]]:
        """The processes in which functions run now, by function name; empty while the emulator is down."""
        host = self.processes.find(emulator.NAME)
        return emulator.worker_pids(host.pid) if host else {}

    def _refuse_another_port(self) -> None:
        # Queue URLs carry the port at which their queue was made, and the emulator finds queues by URL.
        record = self.addresses.home / "emulator" / "port"
        port = str(self.addresses.emulator_port)
        if record.exists() and record.read_text() != port:
            raise LocalAddressError(
                f"the state in {self.addresses.home} was made at port {record.read_text()}: "
                f"set DESK_EMULATOR_PORT to that, or reset"
            )
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(port)

    def _synthesise(self) -> DeskAssembly:
        folder = self.addresses.home / "cdk.out"
        return synthesise(folder, force=self.force_name, stage=STAGE, environ=os.environ)

    def _services(self, shared: SharedSecrets) -> list[Service]:
        at = self.addresses
        return [
            emulator.emulator_service(at, enforce_iam=self.enforce_iam, environ=os.environ),
            self._module(
                "platforms",
                at.platforms_port,
                f"{at.platforms_url}/health",
                "--tokens",
                str(shared.platforms_file),
                reads=(shared.platforms_file,),
            ),
            self._module("oidc_issuer", at.oidc_port, f"{at.oidc_url}/.well-known/openid-configuration"),
        ]

    def _front_door(self, deployment: Deployment) -> Service:
        at = self.addresses
        api_id = deployment.outputs["ApiUrl"].split("//")[1].split(".")[0]
        api_url = f"{at.emulator_url}/_aws/execute-api/{api_id}/$default"
        return self._module(
            "front_door",
            at.front_door_port,
            f"{at.front_door_url}/health",
            "--api-url",
            api_url,
            "--pages-bucket",
            deployment.outputs["PagesBucketName"],
            "--sign-in-origin",
            at.oidc_url,
        )

    def _module(
        self, name: str, port: int, health_url: str, *options: str, reads: tuple[Path, ...] = ()
    ) -> Service:
        return Service(
            name=name,
            command=(sys.executable, "-m", f"local.{name}", "--port", str(port), *options),
            environment=dict(os.environ) | self.addresses.environment(),
            health_url=health_url,
            reads=reads,
        )

    def _parameters(self) -> Mapping[str, str]:
        return {
            "ConsoleUrl": f"{self.addresses.front_door_url}/console",
            "GraphApiUrl": f"{self.addresses.platforms_url}/{GRAPH_API_VERSION}",
            "JwtAudience": AUDIENCE,
            "JwtIssuer": self.addresses.oidc_url,
            "PagesUrl": self.addresses.front_door_url,
            "PublicUrl": self.addresses.front_door_url,
            "StandInHost": self.addresses.platforms_url.removeprefix("http://"),
            "TwilioApiUrl": f"{self.addresses.platforms_url}/twilio",
            "XApiUrl": f"{self.addresses.platforms_url}/x/2",
        }

    def _hand_over(self, deployment: Deployment, shared: SharedSecrets) -> None:
        webhooks = {f"{name.capitalize()}SecretArn": secret for name, secret in shared.webhooks}
        publishing: Mapping[str, BaseModel] = {
            "MetaPublishingSecretArn": shared.publishing.meta,
            "XPublishingSecretArn": shared.publishing.x,
            "SmsPublishingSecretArn": shared.publishing.sms,
        }
        for output, value in {**webhooks, **publishing}.items():
            if (
                output in deployment.outputs
            ):  # a force has secrets only of the platforms that it has channels on
                deploy.put_secret(self.account, deployment.outputs[output], value.model_dump())
        token = next(iter(shared.publishing.meta.page_tokens.values()), "")
        for output, fields in (
            ("MetaMediaSecretArn", {"access_token": token}),
            ("SmsMediaSecretArn", {"user": SMS_USER, "password": SMS_PASSWORD}),
        ):
            deploy.put_secret(self.account, deployment.outputs[output], fields)

    def _describe(self, deployment: Deployment, force: ForceFile, shared: SharedSecrets) -> Stack:
        outputs, front_door = deployment.outputs, self.addresses.front_door_url
        issuer = Issuer.at_home(self.addresses.home, self.addresses.oidc_url)
        queues = {}
        optional = [name for name in OPTIONAL_QUEUES if f"{_pascal(name)}QueueUrl" in outputs]
        for queue in (*QUEUES, *optional):
            pascal = _pascal(queue)
            queues[queue] = outputs[f"{pascal}QueueUrl"]
            queues[f"{queue}_dlq"] = outputs[f"{pascal}DlqUrl"]
        return Stack(
            api_url=front_door,
            console_url=f"{front_door}/console/",
            report_url=f"{front_door}/report",
            feed_url=f"{front_door}/feed/atom.xml",
            live_url=f"{front_door}/live",
            platforms_url=self.addresses.platforms_url,
            aws_endpoint_url=self.addresses.emulator_url,
            region=self.account.region,
            table_name=outputs["TableName"],
            archive_bucket=outputs["ArchiveBucketName"],
            queues=queues,
            secrets=shared.webhooks,
            accounts=accounts_of(force),
            tokens=Tokens(**{key: issuer.mint(role, name) for key, (role, name) in PEOPLE.items()}),
            credentials=Credentials(
                access_key_id=self.account.access_key_id, secret_access_key=self.account.secret_access_key
            ),
            secret_ids={secret: outputs[f"{secret.title()}SecretArn"] for secret in force.secret_names},
            hold_parameter=outputs["HoldParameterName"],
            evidence_bucket=outputs["EvidenceBucketName"],
            audit_bucket=outputs["AuditBucketName"],
            audit_key=outputs["AuditKeySecretArn"],
        )


@contextmanager
def running_stack(
    home: Path,
    *,
    force: str = DEFAULT_FORCE,
    auth: bool = True,
    ports: Addresses | None = None,
    steps: Steps | None = None,
) -> Iterator[Stack]:
    """Run a desk of its own in `home` for as long as the context lasts, on free ports unless `ports` says which."""
    desk = LocalDesk(addresses=ports or Addresses.on_free_ports(home), force_name=force, enforce_iam=auth)
    try:
        yield desk.bring_up(steps or Silent())
    finally:
        desk.take_down()


def _pascal(queue: str) -> str:
    return queue.title().replace("_", "")


def written_to(force: ForceFile) -> dict[str, ChannelAccount]:
    """The force's accounts on the channels that it writes to."""
    return {name: channel for name, channel in force.channels.items() if is_written_to(name)}


def accounts_of(force: ForceFile) -> dict[str, str]:
    """The force's own identity on each channel; on the report form it is the short code."""
    return {name: channel.account for name, channel in force.channels.items()} | {
        "report_form": force.short_code
    }
