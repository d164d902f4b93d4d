"""The force file: everything that is a force's own, validated at synthesis and at start.

No number or wording of a force is a literal in code: names, phone numbers, texts, signposts, targets and account
ids are read from `forces/<name>.toml`.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from contact_desk.alert_rules import AlertHook, AlertLadder, AlertRecipient, Backlog
from contact_desk.alerts import AlertRank
from contact_desk.approved_texts import ApprovedText, Thrive
from contact_desk.broadcast_rules import LISTS, BroadcastRules
from contact_desk.errors import ForceFileError
from contact_desk.grades import Grade
from contact_desk.numbers.survey_rules import SurveyRules
from contact_desk.privacy_rules import Privacy
from contact_desk.promises import promises_in
from contact_desk.report_form import ReportForm
from contact_desk.retention_rules import ReadingLimits, Retention
from contact_desk.second_reader import PRIVACY_NOTICE, SecondReader
from contact_desk.stage_rules import StageRules
from contact_desk.x_weight import POST_WEIGHT, weight

Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Line = Annotated[str, Field(min_length=1, max_length=120)]
RecipientName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$", max_length=24)]

TEXT_PLACEHOLDERS = frozenset({"force", "reference", "non_emergency", "from_abroad", "reply_within"})
SIGNPOST_PLACEHOLDERS = TEXT_PLACEHOLDERS | {"who", "how"}
MESSAGE_CHARACTERS = 2000
SATURDAY, SUNDAY = 5, 6  # as datetime counts weekdays
INSTAGRAM_BYTES = 1000
STANDARD_WINDOW_HOURS = 24
STAGE_NAME = r"^[a-z][a-z0-9-]{0,19}$"
LONGEST_REFERENCE = "WWWW-WWWW-WWWW-W"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("a time zone of the IANA database, such as Europe/London") from None
    return name


def _promises_nothing(text: str) -> str:
    for promise in promises_in(text):
        raise ValueError(f'promises {promise.kind} in "{promise.words}": {promise.reason}')
    return text


# Words that reach the public by themselves.
PublicText = Annotated[str, AfterValidator(_promises_nothing)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Phones(_Section):
    """The numbers that the texts may name."""

    non_emergency: Line
    from_abroad: Line


HoursOfDay = Annotated[
    tuple[Annotated[int, Field(ge=1, le=24 * 14)], ...], Field(min_length=24, max_length=24)
]


class OddSilence(_Section):
    """How many hours without a contact are odd, for each hour of the day from 0 to 23, by the kind of day."""

    weekdays: HoursOfDay
    saturday: HoursOfDay
    sunday: HoursOfDay

    def odd_after(self, local: datetime) -> timedelta:
        """How long a silence that still lasts at this local time must have lasted to be odd."""
        hours = {SATURDAY: self.saturday, SUNDAY: self.sunday}.get(local.weekday(), self.weekdays)
        return timedelta(hours=hours[local.hour])


class MessageTemplate(_Section):
    """A message that the platform has approved, for people who last wrote too long ago; its body has one place."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,512}$")]
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$")]


class ChannelAccount(_Section):
    """The force's own identity on a channel.

    `platform` decides whose signature and sender apply, `account` is the page's or user's id or the telephone number,
    `secret` the name of the webhook secret, `keep_deleted` whether a text that its writer took back stays readable on
    the desk, `categories` whether the platform's terms let the desk keep of what kind of crime somebody writes (X's do
    not). Without `odd_silence` nobody is told when the channel falls silent.
    Of X's account `handle` is the name that people mention it by. `human_agent` says that Meta has given the
    account the Human Agent feature, so that what a person typed may be sent for seven days; `template` is what takes
    an operator's words to people on WhatsApp whose window has closed.
    """

    platform: Literal["meta", "x", "sms"]
    account: Annotated[str, Field(pattern=r"^\+?[0-9]{1,32}$")]
    secret: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    keep_deleted: bool
    reply_window_hours: Annotated[int, Field(ge=1, le=168)] | None = None
    odd_silence: OddSilence | None = None
    categories: bool | None = None
    handle: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,15}$")] | None = None
    human_agent: bool = False
    template: MessageTemplate | None = None

    @property
    def keeps_categories(self) -> bool:
        """What `categories` says, else what the platform's terms say."""
        return self.platform != "x" if self.categories is None else self.categories


class Texts(_Section):
    """The automatic texts in one language; placeholders stand in braces."""

    acknowledgement: PublicText
    emergency: PublicText
    neutral: PublicText
    public: PublicText
    signpost: PublicText
    delay: PublicText

    @model_validator(mode="after")
    def _placeholders_are_known(self) -> Texts:
        for name, text in self:
            allowed = SIGNPOST_PLACEHOLDERS if name == "signpost" else TEXT_PLACEHOLDERS
            if not text or len(text) > MESSAGE_CHARACTERS:
                raise ValueError(f"{name}: 1 to {MESSAGE_CHARACTERS} characters")
            try:
                used = {field for _, field, _, _ in Formatter().parse(text) if field is not None}
            except ValueError:
                raise ValueError(f"{name}: every brace in it must belong to a placeholder") from None
            if not used <= allowed:
                raise ValueError(f"{name}: the placeholders allowed are {', '.join(sorted(allowed))}")
        if "{" in self.neutral:
            raise ValueError(
                "neutral: no placeholder, because it must name neither the force nor a reference"
            )
        return self


class SignpostWords(_Section):
    """A signpost as people read it: the matter, who can help with it, and how to reach them."""

    matter: Line
    who: Line
    how: Annotated[PublicText, Field(min_length=1, max_length=600)]


class Signpost(SignpostWords):
    """Who can help with a matter that is not for the police, in the force's first language and in others (`also`)."""

    scope: Line
    owner: Line
    checked_on: date
    also: dict[Language, SignpostWords] = {}

    def words(self, language: str | None) -> SignpostWords:
        """Its words in a language, in the force's first where it has none in that."""
        return self.also.get(language or "", self)


class GradeRule(_Section):
    """A grade's name in this force, and how soon a person should have answered."""

    name: Line
    target_minutes: Annotated[int, Field(ge=1, le=60 * 24 * 30)]

    @property
    def target(self) -> timedelta:
        """How soon a person should have answered."""
        return timedelta(minutes=self.target_minutes)


class Email(_Section):
    """Whom e-mails to people who used the report form come from, and what stands over them."""

    from_address: Annotated[str, Field(pattern=r"^[A-Za-z0-9._+-]{1,64}@[a-z0-9.-]{1,190}\.[a-z]{2,24}$")]
    subject: Line


class Claims(_Section):
    """How long a claim holds without activity."""

    lease_seconds: Annotated[int, Field(ge=30, le=3600)]


class AutomaticTexts(_Section):
    """How often the machine may write into one conversation."""

    emergency_every_minutes: Annotated[int, Field(ge=1, le=24 * 60)]
    acknowledgement_every_hours: Annotated[int, Field(ge=1, le=24 * 14)]


class ForceFile(_Section):
    """One force: read-only, complete, checked."""

    name: Line
    short_code: Annotated[str, Field(pattern=r"^[A-Z]{2,4}$")]
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    reply_within: Line
    phones: Phones
    channels: dict[Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")], ChannelAccount]
    texts: dict[Language, Texts]
    signposts: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Signpost]
    grades: dict[Grade, GradeRule]
    alerts: dict[AlertRank, AlertLadder]
    alert_recipients: dict[RecipientName, AlertRecipient] = {}
    alert_hooks: dict[RecipientName, AlertHook] = {}
    backlog: Backlog
    unusual_reading: ReadingLimits
    retention: Retention
    claims: Claims
    automatic_texts: AutomaticTexts
    email: Email | None = None
    privacy: Privacy
    report_form: ReportForm
    broadcasts: BroadcastRules
    second_reader: SecondReader | None = None
    approved_texts: dict[RecipientName, ApprovedText] = {}
    thrive: Thrive = Thrive()
    survey: SurveyRules | None = None
    place_names: tuple[Line, ...] = ()
    stages: dict[Annotated[str, Field(pattern=STAGE_NAME)], StageRules] = {}

    @model_validator(mode="after")
    def _whole(self) -> ForceFile:
        lacking = [language for language in self.languages if language not in self.texts]
        if lacking:
            raise ValueError(
                f"texts: a section is needed for each of languages, so also for {', '.join(lacking)}"
            )
        if set(self.grades) != set(Grade):
            raise ValueError(f"grades: a section is needed for each of {', '.join(Grade)}")
        if set(self.alerts) != set(AlertRank):
            raise ValueError(f"alerts: a section is needed for each of {', '.join(AlertRank)}")
        for name, channel in self.channels.items():
            _check_channel(name, channel)
        for language, texts in self.texts.items():
            self._check_lengths(language, texts)
        unknown = {name for names in self.report_form.signposts.values() for name in names} - set(
            self.signposts
        )
        foreign = {one for signpost in self.signposts.values() for one in signpost.also} - set(self.languages)
        if foreign:
            raise ValueError(f"signposts: {', '.join(sorted(foreign))} is none of languages")
        if unknown:
            raise ValueError(
                f"report_form.signposts: {', '.join(sorted(unknown))} needs a section in signposts"
            )
        strangers = self.broadcasts.channels.keys() - self.channels.keys() - LISTS
        if strangers:
            raise ValueError(
                f"broadcasts.channels: {', '.join(sorted(strangers))} needs a section in channels too"
            )
        return self

    def _check_lengths(self, language: str, texts: Texts) -> None:
        """No text is ever cut: each must fit, with the longest signpost in it, wherever it may be sent."""
        longest = {"reference": LONGEST_REFERENCE}
        signpost = max(
            (
                self.write(texts.signpost, **longest, who=one.who, how=one.how)
                for one in (signpost.words(language) for signpost in self.signposts.values())
            ),
            key=len,
            default="",
        )
        written = {
            **{
                name: self.write(getattr(texts, name), **longest) for name in ("acknowledgement", "emergency")
            },
            "signpost": signpost,
        }
        for name, text in written.items():
            if "instagram" in self.channels and len(text.encode("utf-8")) > INSTAGRAM_BYTES:
                raise ValueError(f"texts.{language}.{name}: at most {INSTAGRAM_BYTES} bytes, for Instagram")
        if "x" in self.channels and weight(self.write(texts.public, **longest)) > POST_WEIGHT:
            raise ValueError(f"texts.{language}.public: at most {POST_WEIGHT} characters as X weighs them")

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms that the channels are on, each once, in order."""
        return tuple(sorted({channel.platform for channel in self.channels.values()}))

    @property
    def secret_names(self) -> tuple[str, ...]:
        """The webhook secrets that the channels need, each once, in order."""
        return tuple(sorted({channel.secret for channel in self.channels.values()}))

    @property
    def privacy_notice(self) -> str | None:
        """What the privacy page must say for the second reader; None where the force has none."""
        return PRIVACY_NOTICE.format(force=self.name) if self.second_reader else None

    def texts_for(self, language: str | None) -> Texts:
        """The texts in the person's language where the force has it, else in its first language."""
        if language in self.languages:
            return self.texts[str(language)]
        return self.texts[self.languages[0]]

    def write(self, text: str, **values: str) -> str:
        """A text with its placeholders filled from the force file and from `values`."""
        return text.format_map(
            {
                "force": self.name,
                "non_emergency": self.phones.non_emergency,
                "from_abroad": self.phones.from_abroad,
                "reply_within": self.reply_within,
                **values,
            }
        )


def _check_channel(name: str, channel: ChannelAccount) -> None:
    if channel.human_agent and name not in {"messenger", "instagram"}:
        raise ValueError(f"channels.{name}.human_agent: for messenger and instagram alone")
    hours = channel.reply_window_hours or 0
    if name in {"messenger", "instagram"} and hours > STANDARD_WINDOW_HOURS and not channel.human_agent:
        raise ValueError(f"channels.{name}.reply_window_hours: more than 24 needs human_agent")
    if channel.template and name != "whatsapp":
        raise ValueError(f"channels.{name}.template: for whatsapp alone")
    if (channel.platform == "x") != (channel.handle is not None):
        raise ValueError(f"channels.{name}.handle: the name that people mention, for x and x alone")


@lru_cache(maxsize=8)
def load_force_file(path: Path) -> ForceFile:
    """The force file at the path; raises ForceFileError naming file, line, field and what is allowed."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        raise ForceFileError(f"{path}: there is no such force file") from None
    except UnicodeDecodeError:
        raise ForceFileError(f"{path}: the file must be UTF-8") from None
    return parse_force_file(text, path.name)


def parse_force_file(text: str, name: str) -> ForceFile:
    """The force file of a text; `name` is what errors call it. Raises ForceFileError."""
    try:
        fields = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ForceFileError(f"{name}: not TOML: {error}") from None
    try:
        return ForceFile.model_validate(fields)
    except ValidationError as error:
        raise ForceFileError("\n".join(_mistakes(error, text, name))) from None


def _mistakes(error: ValidationError, text: str, name: str) -> list[str]:
    mistakes = []
    for mistake in error.errors(include_input=False, include_url=False):
        path = [str(part) for part in mistake["loc"] if part != "[key]"]
        field = ".".join(path)
        message = mistake["msg"].removeprefix("Value error, ")
        if not path:
            field = message.split(":", 1)[0]
            path = [field]
        mistakes.append(f"{name}:{_line_of(path, text)}: {field}: {message}")
    return mistakes


def _line_of(path: list[str], text: str) -> int:
    """The line where a field stands, or the nearest section above it that is there."""
    section: list[str] = []
    best_line, best_depth = 1, 0
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
        entry = re.match(r"""\s*(["']?)([\w-]+)\1\s*=""", line)
        if header:
            section = [part.strip().strip("\"'") for part in header.group(1).split(".")]
            here = section
        elif entry:
            here = [*section, entry.group(2)]
        else:
            continue
        depth = len(here)
        if here == path[:depth] and depth > best_depth:
            best_line, best_depth = number, depth
    return best_line
