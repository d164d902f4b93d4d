"""The page's words, in the languages that it speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contact_desk.numbers.surveys import SurveyAnswer


@dataclass(frozen=True, slots=True)
class Wording:
    """The page in one language; `answers` in the order in which it offers them."""

    language: str
    skip: str
    emergency: str
    cannot_speak: str
    title: str
    about: str
    question: str
    answers: tuple[tuple[SurveyAnswer, str], ...]
    send: str
    missing: str
    thanks: str
    kept: str
    unknown: str
    whole_link: str
    elsewhere: str


ENGLISH = Wording(
    language="en-GB",
    skip="Skip to the content",
    emergency="In an emergency call 999.",
    cannot_speak="If it is not safe to speak, press 55 when asked.",
    title="One question",
    about="You wrote to us and we have dealt with it. Your answer is kept with the case and without your name. "
    "It tells us what the desk takes off the phone line. You need not answer.",
    question="What would you have done if you could not have written to us?",
    answers=(
        (SurveyAnswer.RANG_101, "I would have rung 101"),
        (SurveyAnswer.RANG_999, "I would have rung 999"),
        (SurveyAnswer.NO_CONTACT, "I would not have contacted the police"),
        (SurveyAnswer.UNKNOWN, "I do not know"),
    ),
    send="Send my answer",
    missing="Choose one of the answers.",
    thanks="Thank you",
    kept="We have your answer. You can close this page.",
    unknown="We did not ask this",
    whole_link="There is no question under this link. Check that you have opened the whole of it.",
    elsewhere="Not an emergency: call {non_emergency}, from abroad {from_abroad}. You cannot write to us on this page.",
)
WELSH = Wording(
    language="cy",
    skip="Neidio i'r cynnwys",
    emergency="Mewn argyfwng ffoniwch 999.",
    cannot_speak="Os nad yw'n ddiogel siarad, pwyswch 55 pan ofynnir i chi.",
    title="Un cwestiwn",
    about="Gwnaethoch ysgrifennu atom ac rydym wedi delio â'ch neges. Cedwir eich ateb gyda'r achos, heb eich enw. "
    "Mae'n dangos i ni faint o waith y mae'r ddesg yn ei gymryd oddi ar y llinell ffôn. Nid oes rhaid i chi ateb.",
    question="Beth fyddech chi wedi'i wneud pe na baech wedi gallu ysgrifennu atom?",
    answers=(
        (SurveyAnswer.RANG_101, "Byddwn wedi ffonio 101"),
        (SurveyAnswer.RANG_999, "Byddwn wedi ffonio 999"),
        (SurveyAnswer.NO_CONTACT, "Fyddwn i ddim wedi cysylltu â'r heddlu"),
        (SurveyAnswer.UNKNOWN, "Dydw i ddim yn gwybod"),
    ),
    send="Anfon fy ateb",
    missing="Dewiswch un o'r atebion.",
    thanks="Diolch",
    kept="Mae eich ateb gyda ni. Gallwch gau'r dudalen hon.",
    unknown="Nid ni ofynnodd hyn",
    whole_link="Nid oes cwestiwn o dan y ddolen hon. Gwnewch yn siŵr eich bod wedi agor y ddolen gyfan.",
    elsewhere="Os nad yw'n argyfwng: ffoniwch {non_emergency}, o dramor {from_abroad}. "
    "Ni allwch ysgrifennu atom ar y dudalen hon.",
)
WORDINGS: Mapping[str | None, Wording] = {"cy": WELSH}
"""By what ends the link; every other page is English."""
