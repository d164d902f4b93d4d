"""Our number at Twilio: where its text messages are posted, and whether its key and its auth token are good.

Source: twilio.com/docs, IncomingPhoneNumbers resource, API keys, Accounts resource.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from cli.webhooks.calls import Calls, PlatformRefusedError, is_good, listed


@dataclass(frozen=True, slots=True)
class TwilioNumber:
    """A number of the account, and where a message to it is posted."""

    sid: str
    sms_url: str
    sms_method: str


class AtTwilio:
    """Twilio's API; `key` is `account_sid`, `key_sid`, `key_secret`. Raises PlatformRefusedError, NotReachedError."""

    def __init__(self, calls: Calls, url: str, key: Mapping[str, Any]) -> None:
        self._calls = calls
        account = quote(str(key.get("account_sid", "")), safe="")
        self._account_url = f"{url}/2010-04-01/Accounts/{account}"
        self._account = str(key.get("account_sid", ""))
        self._pair = f"{key.get('key_sid', '')}:{key.get('key_secret', '')}"

    def number(self, number: str) -> TwilioNumber | None:
        """The number; None where the account has no such one."""
        asked = urlencode({"PhoneNumber": number})
        answer = self._ask("GET", f"/IncomingPhoneNumbers.json?{asked}", self._pair)
        for one in listed(answer, "incoming_phone_numbers"):
            if one.get("phone_number") == number:
                return TwilioNumber(
                    str(one.get("sid")), str(one.get("sms_url") or ""), str(one.get("sms_method") or "")
                )
        return None

    def set_webhook(self, number: TwilioNumber, url: str) -> None:
        """Have its messages posted to the address."""
        form = {"SmsUrl": url, "SmsMethod": "POST"}
        self._ask("POST", f"/IncomingPhoneNumbers/{quote(number.sid, safe='')}.json", self._pair, form)

    def check_auth_token(self, auth_token: str) -> None:
        """Raise PlatformRefusedError unless this is the token that signs the account's webhooks."""
        self._ask("GET", ".json", f"{self._account}:{auth_token}")

    def _ask(
        self, method: str, path: str, pair: str, form: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        headers = {"authorization": f"Basic {base64.b64encode(pair.encode('utf-8')).decode('ascii')}"}
        if form is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
        body = urlencode(form or {}).encode("ascii")
        answer = self._calls(method, f"{self._account_url}{path}", headers=headers, body=body)
        if not is_good(answer):
            wrong = answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
            raise PlatformRefusedError(f"Twilio says no with {answer.status}", credentials=wrong)
        return answer.fields or {}
