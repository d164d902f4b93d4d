"""Plays CodeDeploy: shifts one alias to a new version by its deployment group, and back when an alarm of it rings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.infra.assembly import Assembly
from tests.infra.cloudwatch import Alarm, Metrics
from tests.simulation.lambdas import Ended

# What CloudWatch hears of a minute, and has looked at, comes so much later.
LATE_MINUTES = 1


@dataclass(slots=True)
class Deploy:
    """A new version of one function on its way; `share` of a hundred calls go to it, `taken_back` in that minute."""

    desk: Assembly
    name: str
    version: str
    share: int = 0
    taken_back: int | None = None
    metrics: Metrics = field(default_factory=Metrics)

    @property
    def group(self) -> Mapping[str, Any]:
        """The deployment group that the alias names."""
        policy = self.desk.resources[f"{self.name}Alias"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
        return self.desk.properties(policy["DeploymentGroupName"]["Ref"])

    @property
    def alarms(self) -> dict[str, Alarm]:
        """The alarms that the group names; none where it does not go back on them."""
        rollback = self.group["AutoRollbackConfiguration"]
        if not rollback["Enabled"] or "DEPLOYMENT_STOP_ON_ALARM" not in rollback["Events"]:
            return {}
        if not self.group["AlarmConfiguration"]["Enabled"]:
            return {}
        names = [one["Name"]["Ref"] for one in self.group["AlarmConfiguration"]["Alarms"]]
        return {name: Alarm(self.desk.properties(name), self._stands_for) for name in names}

    @property
    def variables(self) -> dict[str, str]:
        """Of the function's environment what its counts go by."""
        given = self.desk.properties(self.name)["Environment"]["Variables"]
        return {name: given[name] for name in ("POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE")}

    def begins(self, minute: int) -> None:
        """What the minute begins with: another step, unless the deploy is over."""
        found = re.search(r"Linear(\d+)PercentEvery(\d+)Minute", self.group["DeploymentConfigName"])
        assert found
        step, every = int(found[1]), int(found[2])
        if self.taken_back is None:
            self.share = min(100, step * (minute // every + 1))

    def ends(self, minute: int) -> None:
        """What the minute ends with: a look at the alarms."""
        ringing = self.ringing(minute - LATE_MINUTES)
        if ringing and self.taken_back is None:
            self.share, self.taken_back = 0, minute

    def ringing(self, minute: int) -> list[str]:
        """The group's alarms that ring by what that minute brought."""
        return [name for name, alarm in self.alarms.items() if alarm.rings(self.metrics, minute=minute)]

    def hears(self, ended: Ended, *, minute: int) -> None:
        """An invocation is over: Lambda counts it, by function, by alias, and by the version that an alias chose."""
        by_alias = {"FunctionName": ended.function, "Resource": f"{ended.function}:live"}
        by_version = {**by_alias, "ExecutedVersion": ended.version}
        for dimensions in ({"FunctionName": ended.function}, by_alias, by_version):
            self.metrics.add("AWS/Lambda", "Invocations", dimensions, 1, minute=minute)
            self.metrics.add("AWS/Lambda", "Errors", dimensions, ended.failed, minute=minute)

    def _stands_for(self, value: Any) -> str:
        match value:
            case str(text):
                return text
            case {"Fn::Join": [between, [*parts]]}:
                return str(between).join(map(self._stands_for, parts))
            case {"Fn::GetAtt": [_, "Version"]}:
                (version,) = self.desk.references_in(
                    self.desk.resources[f"{self.name}Alias"]["Properties"]["FunctionVersion"]
                )
                assert self.desk.references_in(value) == {version}
                return self.version
            case {"Ref": str(name)}:
                return name
            case _:
                raise AssertionError(value)
