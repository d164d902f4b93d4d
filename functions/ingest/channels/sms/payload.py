"""What Twilio posts for a text message. Source: "Twilio's request to your incoming message webhook URL"."""

from __future__ import annotations

from pydantic import AliasChoices, Field

from functions.ingest.payload_fields import Lenient, NativeId, Payload, Words


class TextMessage(Payload):
    """A message, or the state of one of ours; the media have numbered fields and are read by themselves."""

    sid: NativeId = Field(validation_alias=AliasChoices("MessageSid", "SmsMessageSid", "SmsSid"))
    sender: Lenient[NativeId] = Field(default=None, alias="From")
    receiver: Lenient[NativeId] = Field(default=None, alias="To")
    body: Words = Field(default="", alias="Body")
    error_code: Lenient[int] = Field(default=None, alias="ErrorCode")
    state: Lenient[str] = Field(default=None, validation_alias=AliasChoices("MessageStatus", "SmsStatus"))
