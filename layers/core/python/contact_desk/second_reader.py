"""The force file's section on the second reader, and what a force that has one says of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

# How the ids of Amazon Bedrock's inference profiles over several regions begin.
REGION_GROUPS = frozenset({"amer", "apac", "au", "ca", "eu", "global", "jp", "sa", "uk", "us", "us-gov"})


def _stays_in_the_region(model: str) -> str:
    if model.partition(".")[0] in REGION_GROUPS:
        raise ValueError("a model of the region itself: profiles over several regions take words out of it")
    return model


class SecondReader(BaseModel):
    """The second reader, on Amazon Bedrock in the region of the desk; a force file without this section has none.

    `model` is a foundation model's id there, `inference_profile` the id of an application inference profile of the
    account that leads to it, where the model asks for one. Profiles that lead to other regions are no models here:
    what people write stays in the region. `answer_within_seconds` is how long one asking may take.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    model: Annotated[
        str, Field(pattern=r"^[a-z0-9-]{2,32}\.[a-z0-9.:-]{2,90}$"), AfterValidator(_stays_in_the_region)
    ]
    inference_profile: Annotated[str, Field(pattern=r"^[a-z0-9]{8,64}$")] | None = None
    answer_within_seconds: Annotated[int, Field(ge=1, le=6)] = 2
    reads_a_day: Annotated[int, Field(ge=1, le=1_000_000)]


PRIVACY_NOTICE = (
    "{force} uses two automatic checks so that a message that may be an emergency is seen first. The second "
    "is made by a language model that Amazon Web Services runs for us in the United Kingdom. Before your "
    "words reach it we take out names that we know, telephone and card numbers, e-mail addresses, postcodes, "
    "house numbers and number plates. Amazon does not keep your words or train models on them. The check can "
    "only make us look sooner: it never closes, lowers or answers anything, and a person reads every message."
)
"""What the privacy page of a force with a second reader says: docs/privacy.md has it with what it rests on."""
