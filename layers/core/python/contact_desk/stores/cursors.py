"""How far each catch-up reader has read, in one SSM parameter: a JSON object by `reader#account`.

Not in the desk's table, which their role then need not touch, and which a replay of the archive must leave as it is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contact_desk.catching_up import Cursor
from contact_desk.clock import from_rfc3339, to_rfc3339
from contact_desk.errors import StoreBusyError

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


class ParameterCursors:
    """Cursors in the parameter; the one run at a time that there is has nobody to race."""

    def __init__(self, client: SSMClient, parameter_name: str) -> None:
        self._client = client
        self._parameter_name = parameter_name

    def get(self, reader: str, account: str) -> Cursor | None:
        """Where the reader of an account stands; None before its first run. Raises StoreBusyError."""
        fields: Any = self._read().get(f"{reader}#{account}")
        try:
            not_before = fields.get("not_before")
            return Cursor(
                from_rfc3339(fields["read_until"]), from_rfc3339(not_before) if not_before else None
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            return None  # never noted, or changed by hand into nothing: the reader begins anew

    def put(self, reader: str, account: str, cursor: Cursor) -> None:
        """Note where it stands now; raises StoreBusyError."""
        fields = {"read_until": to_rfc3339(cursor.read_until)}
        if cursor.not_before:
            fields["not_before"] = to_rfc3339(cursor.not_before)
        cursors = {**self._read(), f"{reader}#{account}": fields}
        try:
            self._client.put_parameter(
                Name=self._parameter_name,
                Value=json.dumps(cursors, separators=(",", ":")),
                Type="String",
                Overwrite=True,
            )
        except (ClientError, BotoCoreError) as error:
            raise StoreBusyError(f"the cursors could not be written: {_code(error)}") from None

    def _read(self) -> dict[str, Any]:
        try:
            answer = self._client.get_parameter(Name=self._parameter_name)
        except (ClientError, BotoCoreError) as error:
            raise StoreBusyError(f"the cursors could not be read: {_code(error)}") from None
        try:
            cursors = json.loads(answer["Parameter"].get("Value", ""))
        except ValueError:
            return {}
        return cursors if isinstance(cursors, dict) else {}


def _code(error: ClientError | BotoCoreError) -> str:
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
