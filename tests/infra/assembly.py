"""One synthesised desk, and the questions that tests ask of its templates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

Properties = dict[str, Any]
ASSET_HASH = re.compile(r"\b[0-9a-f]{64}\b")


@dataclass(frozen=True)
class Assembly:
    """What one synthesis left in a folder."""

    folder: Path
    stack: str = "Desk"

    @cached_property
    def text(self) -> str:
        return (self.folder / f"{self.stack}.template.json").read_text()

    @cached_property
    def template(self) -> dict[str, Any]:
        template: dict[str, Any] = json.loads(self.text)
        return template

    @cached_property
    def watch(self) -> Assembly:
        """What watches this desk, whose template refers to the desk's resources as if they were its own."""
        watch = Assembly(self.folder, "Watch")
        watch.template["Resources"] = self._read_through(watch.template["Resources"])
        return watch

    def _read_through(self, value: Any) -> Any:
        """A value with each output of this desk's in it replaced by what the output tells."""
        match value:
            case {"Fn::GetStackOutput": {"OutputName": str(name)}}:
                return self.template["Outputs"][name]["Value"]
            case dict():
                return {key: self._read_through(each) for key, each in value.items()}
            case list():
                return [self._read_through(each) for each in value]
            case _:
                return value

    @property
    def without_hashes(self) -> str:
        """The template with every asset's hash blanked out."""
        return ASSET_HASH.sub("hash", self.text)

    @property
    def resources(self) -> dict[str, Any]:
        resources: dict[str, Any] = self.template["Resources"]
        return resources

    def of_type(self, kind: str) -> dict[str, Properties]:
        """Properties by logical id of all resources of a type, such as `AWS::SQS::Queue`."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def properties(self, logical_id: str) -> Properties:
        properties: Properties = self.resources[logical_id]["Properties"]
        return properties

    @cached_property
    def asset_folders(self) -> dict[str, Path]:
        """The folder of each asset by the name of its object in the assets bucket."""
        files = json.loads((self.folder / f"{self.stack}.assets.json").read_text())["files"]
        return {
            destination["objectKey"]: self.folder / file["source"]["path"]
            for file in files.values()
            for destination in file["destinations"].values()
        }

    def code_of(self, logical_id: str) -> Path:
        """The folder that became the zip of a function or layer."""
        properties = self.properties(logical_id)
        code = properties.get("Code") or properties["Content"]
        return self.asset_folders[code["S3Key"]]

    def references_in(self, value: Any) -> set[str]:
        """The logical ids that a value refers to, however deep."""
        match value:
            case {"Ref": str(name)}:
                return {name}
            case {"Fn::GetAtt": [str(name), *_]}:
                return {name}
            case dict():
                return set().union(*(self.references_in(each) for each in value.values()))
            case list():
                return set().union(*(self.references_in(each) for each in value))
            case _:
                return set()

    def statements_of(self, role: str) -> Iterator[Properties]:
        """The statements of every policy that is attached to a role."""
        for policy in self.of_type("AWS::IAM::Policy").values():
            if role in self.references_in(policy["Roles"]):
                yield from policy["PolicyDocument"]["Statement"]


def listed(value: Any) -> list[Any]:
    """IAM's way of writing one thing as itself and several as a list, always as a list."""
    return value if isinstance(value, list) else [value]
