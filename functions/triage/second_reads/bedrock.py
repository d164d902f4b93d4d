"""The second reader's model on Amazon Bedrock: one call of `Converse`, and what its errors mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from contact_desk.errors import ContactDeskError
from functions.triage.second_reads.answers import Found, NotUsable, found_in
from functions.triage.second_reads.prompt import Words, request

CONNECT_SECONDS = 2


class SecondReaderError(ContactDeskError):
    """The model gave no answer: another try, or a later one, may get one. The message is a code."""

    is_fault = False


class BedrockClient(Protocol):
    """The one call of the SDK's `bedrock-runtime` client that is made."""

    def converse(self, **arguments: Any) -> Mapping[str, Any]:
        """Have a model answer a conversation."""
        ...


class Model(Protocol):
    """Reads masked words; raises SecondReaderError where no answer came."""

    def read(self, words: Words) -> Found | NotUsable:
        """What it finds in them."""
        ...


class BedrockModel:
    """One model, or one inference profile of the force's own, in the force's region."""

    def __init__(self, client: BedrockClient, model_id: str) -> None:
        self._client = client
        self._model_id = model_id

    def read(self, words: Words) -> Found | NotUsable:
        """What the model finds; raises SecondReaderError with the service's code where it does not answer in time."""
        try:
            answer = self._client.converse(modelId=self._model_id, **request(words))
        except ClientError as error:
            raise SecondReaderError(error.response.get("Error", {}).get("Code", "ClientError")) from None
        except (BotoCoreError, ResponseParserError) as error:
            raise SecondReaderError(type(error).__name__) from None
        return found_in(answer)


def bedrock_client(answer_within_seconds: int) -> BedrockClient:
    """Amazon Bedrock; one call is one attempt, since the desk itself counts and spaces them."""
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=answer_within_seconds,
        retries={"mode": "standard", "total_max_attempts": 1},
        tcp_keepalive=True,
    )
    client: BedrockClient = boto3.client("bedrock-runtime", config=config)
    return client
