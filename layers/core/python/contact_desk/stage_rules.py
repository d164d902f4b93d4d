"""The force file's sections on stages: how each is deployed into the account that it finds, all by settings."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

LONDON = "eu-west-2"
KeyArn = Annotated[
    str, Field(pattern=r"^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f-]{36})$")
]
TagText = Annotated[str, Field(pattern=r"^[A-Za-z0-9 _.:/=+@-]+$", max_length=128)]
Domain = Annotated[str, Field(pattern=r"^([a-z0-9-]{1,63}\.)+[a-z]{2,24}$")]


class Shift(StrEnum):
    """How a new version of a function takes over.

    `gradual`: by a tenth a minute, and back again on alarms. `at_once`: in one step, still by an alias, for the day on
    which a fault must be mended while its own alarms ring. `none`: without versions, as on a workstation.
    """

    GRADUAL = "gradual"
    AT_ONCE = "at_once"
    NONE = "none"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class OwnKeys(_Section):
    """ARNs of KMS keys that the force brings along; the stack makes its own for each class that is left out.

    `logs` has no key of the stack's: left out, CloudWatch Logs encrypts under its own.
    """

    table: KeyArn | None = None
    objects: KeyArn | None = None
    messages: KeyArn | None = None
    secrets: KeyArn | None = None
    logs: KeyArn | None = None


class LogDestination(_Section):
    """Where log groups are sent on to: a destination of another account, a Firehose or Kinesis stream with `role`."""

    arn: Annotated[
        str,
        Field(
            pattern=r"^arn:aws:(logs|firehose|kinesis):[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_/:.-]+$",
            max_length=600,
        ),
    ]
    role: (
        Annotated[str, Field(pattern=r"^arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$", max_length=600)]
        | None
    ) = None

    @model_validator(mode="after")
    def _streams_need_a_role(self) -> LogDestination:
        if (self.role is None) == (":logs:" not in self.arn):
            raise ValueError("role: a stream needs one, a destination takes none")
        return self


class HostedZone(_Section):
    """A public zone of Route 53 in the same account."""

    id: Annotated[str, Field(pattern=r"^Z[A-Z0-9]{8,31}$")]
    name: Domain


class Edge(_Section):
    """The force's own domain for pages, feed, form and operators' screen, and the web ACL before it.

    The certificate is made, its DNS record too where a `hosted_zone` is named, unless `certificate` names one in
    us-east-1. `requests_in_five_minutes` is what one address may ask for before it has to wait.
    """

    domain: Domain
    hosted_zone: HostedZone | None = None
    certificate: (
        Annotated[
            str, Field(pattern=r"^arn:aws:acm:us-east-1:[0-9]{12}:certificate/[0-9a-f-]+$", max_length=100)
        ]
        | None
    ) = None
    requests_in_five_minutes: Annotated[int, Field(ge=100, le=100_000)] = 3_000


class StageRules(_Section):
    """One stage of a force. Whatever is left out is as the desk does it by itself.

    `region` is where everything lives; `permission_boundary` the policy, by name or ARN, that every role is bound by;
    `tags` are put on all that takes tags; `reserved_concurrency` false leaves concurrency unreserved, for accounts
    with little of it; `runbooks` is where the force publishes docs/operate.md, without an anchor; without an `edge` the
    desk is at CloudFront's own address. `restored_table` is the name of a table that was restored from a backup and
    takes the place of the stack's own, which stays as it is; with it goes `sent_until`, when sending was stopped for
    that: what was due by then may have been sent, and is not sent again unless a person says so. `canaries` says
    whether the desk writes to itself on every channel each minute; without it every stage does but `dev`.
    """

    region: Annotated[str, Field(pattern=r"^[a-z]{2}-[a-z]+-[0-9]$")] = LONDON
    shift: Shift | None = None
    permission_boundary: (
        Annotated[
            str,
            Field(pattern=r"^(arn:aws:iam::([0-9]{12}|aws):policy/)?[A-Za-z0-9_+=,.@/-]+$", max_length=600),
        ]
        | None
    ) = None
    tags: dict[TagText, TagText] = {}
    keys: OwnKeys = OwnKeys()
    log_destination: LogDestination | None = None
    reserved_concurrency: bool = True
    edge: Edge | None = None
    restored_table: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{3,255}$")] | None = None
    sent_until: AwareDatetime | None = None
    canaries: bool | None = None
    runbooks: Annotated[str, Field(pattern=r"^https://[^\s#]+$", max_length=300)] | None = None

    @model_validator(mode="after")
    def _restored_since(self) -> StageRules:
        if (self.restored_table is None) != (self.sent_until is None):
            raise ValueError("restored_table and sent_until: a restored table needs both, any other neither")
        return self
