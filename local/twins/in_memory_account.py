"""An AWS account in memory: one desk's stacks and secrets, and who hears of what, as a test has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from cli.account import AccountRefusedError, StandingAlarm, StandingStack, StoredSecret, Subscriber
from contact_desk.broadcasts import PublishingSwitch
from contact_desk.clock import Clock
from contact_desk.ports import ChannelLog
from local.twins.in_memory_channel_log import InMemoryChannelLog


class InMemoryAccount:
    """The facts are plain attributes; `silent` names the methods that AWS does not answer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.stacks: dict[str, StandingStack] = {}
        self.versions: dict[str, list[Mapping[str, Any]]] = {}
        self.changed_at: dict[str, datetime] = {}
        self.topics: dict[str, list[Subscriber]] = {}
        self.standing_alarms: list[StandingAlarm] = []
        self.queues: dict[str, int] = {}
        self.off: set[str] = set()
        self.parameters: dict[str, str] = {}
        self.people: set[str] = set()
        self.senders: set[str] = set()
        self.log = InMemoryChannelLog()
        self.switch = PublishingSwitch()
        self.silent: set[str] = set()

    def stack(self, name: str) -> StandingStack | None:
        """The stack of that name; None where there is none."""
        self._answer("stack")
        return self.stacks.get(name)

    def change_stack(self, name: str, **changed: Any) -> None:
        """Have the stack stand otherwise."""
        self.stacks[name] = replace(self.stacks[name], **changed)

    def secret(self, secret_id: str) -> StoredSecret:
        """A secret."""
        self._answer("secret")
        versions = self.versions.get(secret_id, [])
        if not versions:
            return StoredSecret()
        return StoredSecret(versions[0], self.changed_at[secret_id], len(versions) > 1)

    def put_secret(self, secret_id: str, value: Mapping[str, Any], *, corrects: bool = False) -> None:
        """Make the value current and the one before it previous; where it `corrects`, the previous stays as it is."""
        self._answer("put_secret")
        before = self.versions.get(secret_id, [])
        kept = before[1:] if corrects else before
        self.versions[secret_id] = [dict(value), *kept][:2]
        self.changed_at[secret_id] = self._clock.now()

    def subscribers(self, topic_arn: str) -> Sequence[Subscriber]:
        """Who hears of a topic."""
        self._answer("subscribers")
        return self.topics.get(topic_arn, [])

    def alarms(self, prefix: str) -> Sequence[StandingAlarm]:
        """Alarms and composites whose names begin so."""
        self._answer("alarms")
        return [one for one in self.standing_alarms if one.name.startswith(prefix)]

    def waiting(self, queue_url: str) -> int:
        """How many messages wait in a queue."""
        self._answer("waiting")
        return self.queues.get(queue_url, 0)

    def schedule_is_on(self, name: str) -> bool:
        """Whether a schedule runs."""
        self._answer("schedule_is_on")
        return name not in self.off

    def mapping_is_on(self, mapping_id: str) -> bool:
        """Whether a queue feeds its function."""
        self._answer("mapping_is_on")
        return mapping_id not in self.off

    def parameter(self, name: str) -> str:
        """A parameter's value."""
        self._answer("parameter")
        return self.parameters[name]

    def has_people(self, pool_id: str, group: str) -> bool:
        """Whether anybody is in a group of a user pool."""
        del pool_id
        self._answer("has_people")
        return group in self.people

    def may_send_from(self, address: str) -> bool:
        """Whether SES lets the desk send from the address, to anybody."""
        self._answer("may_send_from")
        return address in self.senders

    def channel_log(self, table_name: str) -> ChannelLog:
        """When each channel was heard."""
        del table_name
        return self.log

    def publishing(self, table_name: str) -> PublishingSwitch:
        """The switch of all publishing."""
        del table_name
        return self.switch

    def _answer(self, what: str) -> None:
        if what in self.silent:
            raise AccountRefusedError(f"AWS refused {what}: AccessDenied")
