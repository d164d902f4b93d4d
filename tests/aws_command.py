"""AWS's command line as far as our pages use it: commands are read by AWS's own service descriptions.

Run as a program it plays `aws` for a page under test, at whatever AWS_ENDPOINT_URL names.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
import jmespath  # type: ignore[import-untyped]
from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, ServiceModel

FLAGS = {"query", "output"}


class UnknownAwsCommandError(Exception):
    """There is no such service, operation or option."""


@dataclass(frozen=True, slots=True)
class AwsCommand:
    """One call: the service, the operation as boto3 spells it, its parameters, and what to print of the answer."""

    service: str
    operation: str
    parameters: dict[str, Any]
    query: str | None

    def run(self) -> str:
        """Make the call; the answer as text, a line for a list of words."""
        # As AWS's own command line does, and the library alone does not.
        region = os.environ.get("AWS_REGION")
        client = botocore.session.get_session().create_client(self.service, region_name=region)
        answer = getattr(client, self.operation)(**self.parameters)
        return "\t".join(_words(jmespath.search(self.query, answer) if self.query else None))


def read(words: Sequence[str]) -> AwsCommand:
    """The command that the words after `aws` are; raises UnknownAwsCommandError."""
    service, spelt, *rest = words
    operation = _operation(service, spelt)
    options = dict(_options(rest))
    query = options.pop("query", [None])[0]
    options.pop("output", None)
    members = operation.input_shape.members if operation.input_shape else {}
    by_option = {xform_name(name, "-"): name for name in members}
    parameters: dict[str, Any] = {}
    for option, given in options.items():
        flag = option.removeprefix("no-")
        if option in by_option:
            name = by_option[option]
            parameters[name] = _value(members[name], given)
        elif flag in by_option and members[by_option[flag]].type_name == "boolean" and not given:
            parameters[by_option[flag]] = False
        else:
            raise UnknownAwsCommandError(f"aws {service} {spelt} has no option --{option}")
    if query:
        jmespath.compile(query)
    return AwsCommand(service, xform_name(operation.name), parameters, query)


@cache
def _service(name: str) -> ServiceModel:
    try:
        return botocore.session.get_session().get_service_model(name)
    except UnknownServiceError:
        raise UnknownAwsCommandError(f"aws has no {name}") from None


def _operation(service: str, spelt: str) -> OperationModel:
    model = _service(service)
    for name in model.operation_names:
        if xform_name(name, "-") == spelt:
            return model.operation_model(name)
    raise UnknownAwsCommandError(f"aws {service} has no {spelt}")


def _options(words: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    option: tuple[str, list[str]] | None = None
    for word in words:
        if word.startswith("--"):
            if option:
                yield option
            option = (word.removeprefix("--"), [])
        elif option is None:
            raise UnknownAwsCommandError(f"{word}: which option is that of?")
        else:
            option[1].append(word)
    if option:
        yield option


def _value(shape: Any, given: list[str]) -> Any:
    match shape.type_name:
        case "list":
            return [_value(shape.member, [each]) for each in given]
        case "boolean":
            return given != ["false"]
        case "integer" | "long":
            return int(given[0])
        case "structure":
            pairs = dict(pair.split("=", 1) for pair in given[0].split(","))
            unknown = pairs.keys() - shape.members.keys()
            if unknown:
                raise UnknownAwsCommandError(f"{shape.name} has no {', '.join(sorted(unknown))}")
            return {name: _value(shape.members[name], [value]) for name, value in pairs.items()}
        case _:
            return given[0]


def _words(found: Any) -> Iterator[str]:
    match found:
        case None:
            return
        case list():
            for each in found:
                yield from _words(each)
        case _:
            yield str(found)


if __name__ == "__main__":
    sys.stdout.write(f"{read(sys.argv[1:]).run()}\n")
