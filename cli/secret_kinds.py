"""The secrets that a force's desk needs: what is in each, what it looks like, which channels want it.

A shape is told by what a platform's own console gives out; it is there to catch a value that was pasted into the wrong
place, and never says what the value was.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cli.account import StandingStack
from contact_desk.errors import ContactDeskError
from contact_desk.force_file import ForceFile
from contact_desk.outbox import is_written_to

KEY_CHARACTERS = 48


class SecretNameError(ContactDeskError):
    """The force has no secret, or the secret no field, of that name."""


class SecretShapeError(ContactDeskError):
    """A value does not look like what it is meant to be; the message never holds it."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a secret by its path (`page_tokens.104728361905512`); `shown` says what it looks like."""

    path: str
    pattern: re.Pattern[str]
    shown: str
    required: bool = True
    made: bool = False
    """Whether it is ours to make up, and not given out by somebody."""


@dataclass(frozen=True, slots=True)
class SecretKind:
    """A secret by its name; `logical_id` is its resource, `overlaps` says that the previous value is good as well."""

    name: str
    logical_id: str
    fields: tuple[Field, ...]
    needed_by: tuple[str, ...]
    overlaps: bool

    def field(self, path: str) -> Field:
        """The field of that path; raises SecretNameError."""
        for one in self.fields:
            if one.path == path:
                return one
        known = ", ".join(f"{self.name}.{one.path}" for one in self.fields)
        raise SecretNameError(f"{self.name} has no field {path}; it has {known}")

    def lacks(self, value: Mapping[str, Any] | None) -> list[str]:
        """The paths of required fields that are not there, or empty."""
        given = flat(value or {})
        return [one.path for one in self.fields if one.required and not given.get(one.path)]

    def mistakes(self, value: Mapping[str, Any]) -> list[str]:
        """What of a value does not look like what it is meant to be."""
        given = flat(value)
        return [
            f"{self.name}.{one.path} must be {one.shown}"
            for one in self.fields
            if one.path in given and not one.pattern.fullmatch(given[one.path])
        ]


HEX = Field("app_secret", re.compile(r"[0-9a-f]{32,64}"), "32 or more of 0-9 and a-f")
PAGE_TOKEN = re.compile(r"(EAA|IGA)[A-Za-z0-9_|-]{20,600}")
PAGE_TOKEN_SHOWN = "a token as Meta makes it, which begins with EAA"  # noqa: S105 what it looks like
KEY = Field("key", re.compile(r"[!-~]{32,128}"), "32 or more letters, figures and signs", made=True)
HOOK_KEY = re.compile(r"whsec_[A-Za-z0-9+/]{24,120}={0,2}")
ORIGIN, FORM_SEAL = "origin", "form_seal"


def kinds_of(force: ForceFile, stack: StandingStack) -> dict[str, SecretKind]:
    """The secrets of a stack by name, those of webhooks first."""
    found = [*_webhooks(force), *_publishing(force), *_media(force), *_hooks(force), *_own(stack)]
    return {kind.name: kind for kind in found}


def secret_id(kind: SecretKind, stack: StandingStack) -> str:
    """Under what Secrets Manager has it; raises SecretNameError where the stack that stands has no such secret."""
    found = stack.outputs.get(f"{kind.logical_id.removesuffix('Secret')}SecretArn")
    found = found or stack.physical_id(kind.logical_id)
    if not found:
        raise SecretNameError(f"{stack.name} has no secret {kind.name}: deploy the force file first")
    return found


def flat(value: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """A value's texts by their paths; what is no text is left out."""
    found: dict[str, str] = {}
    for name, one in value.items():
        path = f"{before}{name}"
        if isinstance(one, Mapping):
            found |= flat(one, f"{path}.")
        elif isinstance(one, str):
            found[path] = one
    return found


def with_field(value: Mapping[str, Any], path: str, text: str) -> dict[str, Any]:
    """The value with one text changed, the objects on its path made where they are not there."""
    name, _, rest = path.partition(".")
    if not rest:
        return {**value, name: text}
    inner = value.get(name)
    return {**value, name: with_field(inner if isinstance(inner, Mapping) else {}, rest, text)}


def made_up(field: Field) -> str:
    """A value that nobody can guess, for a field that is ours to make up."""
    if field.pattern is HOOK_KEY:
        return f"whsec_{secrets.token_hex(24)}"
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return "".join(secrets.choice(letters) for _ in range(KEY_CHARACTERS))


def _webhooks(force: ForceFile) -> Iterator[SecretKind]:
    fields = {
        "meta": (
            HEX,
            Field(
                "verify_token",
                re.compile(r"[!-~]{16,128}"),
                "16 or more letters, of our own making",
                made=True,
            ),
            Field("app_id", re.compile(r"[0-9]{5,20}"), "the app's id, figures alone"),
        ),
        "x": (_letters("consumer_secret", 40, 64),),
        "sms": (Field("auth_token", HEX.pattern, HEX.shown),),
    }
    for platform in force.platforms:
        named = tuple(name for name, one in force.channels.items() if one.platform == platform)
        yield SecretKind(
            platform, f"{platform.capitalize()}Secret", fields.get(platform, ()), named, overlaps=True
        )


def _publishing(force: ForceFile) -> Iterator[SecretKind]:
    of: dict[str, dict[str, str]] = {"meta": {}, "x": {}, "sms": {}}
    for name, one in force.channels.items():
        if is_written_to(name):
            of[one.platform][name] = one.account
    if of["meta"]:
        pages = dict.fromkeys(of["meta"].values())
        fields = tuple(Field(f"page_tokens.{page}", PAGE_TOKEN, PAGE_TOKEN_SHOWN) for page in pages)
        yield SecretKind("meta_publishing", "MetaPublishingSecret", fields, tuple(of["meta"]), overlaps=False)
    if of["x"]:
        keys = [_letters("consumer_key", 20, 32), _letters("consumer_secret", 40, 64)]
        for account in dict.fromkeys(of["x"].values()):
            pattern = re.compile(rf"{account}-[A-Za-z0-9]{{20,64}}")
            shown = f"a token that begins with the account's id, {account}-"
            keys.append(Field(f"tokens.{account}.access_token", pattern, shown))
            keys.append(_letters(f"tokens.{account}.access_token_secret", 40, 64))
        yield SecretKind("x_publishing", "XPublishingSecret", tuple(keys), tuple(of["x"]), overlaps=False)
    if of["sms"]:
        twilio = (
            Field("account_sid", re.compile(r"AC[0-9a-f]{32}"), "AC and 32 of 0-9 and a-f"),
            Field("key_sid", re.compile(r"SK[0-9a-f]{32}"), "SK and 32 of 0-9 and a-f"),
            _letters("key_secret", 32, 64),
        )
        yield SecretKind("sms_publishing", "SmsPublishingSecret", twilio, tuple(of["sms"]), overlaps=False)


def _media(force: ForceFile) -> Iterator[SecretKind]:
    if "whatsapp" in force.channels:
        token = Field("access_token", PAGE_TOKEN, PAGE_TOKEN_SHOWN)
        yield SecretKind("meta_media", "MetaMediaSecret", (token,), ("whatsapp",), overlaps=False)
    if "sms" in force.channels:
        printable = re.compile(r"[!-~]{8,128}")
        pair = tuple(Field(name, printable, "8 or more letters") for name in ("user", "password"))
        yield SecretKind("sms_media", "SmsMediaSecret", pair, ("sms",), overlaps=False)


def _hooks(force: ForceFile) -> Iterator[SecretKind]:
    for name, hook in force.alert_hooks.items():
        fields = [
            Field(
                "url", re.compile(r"https://[^\s]{4,600}|http://127\.0\.0\.1[:/][^\s]*"), "an https address"
            ),
            Field("key", HOOK_KEY, "whsec_ and 24 or more letters of base64", made=True),
        ]
        if hook.form == "pagerduty":
            fields.append(Field("routing_key", re.compile(r"[A-Za-z0-9]{32}"), "32 letters and figures"))
        pascal = "".join(part.capitalize() for part in name.split("_"))
        yield SecretKind(f"alert_hook_{name}", f"AlertHook{pascal}Secret", tuple(fields), (), overlaps=True)


def _own(stack: StandingStack) -> Iterator[SecretKind]:
    """Those that the stack makes by itself."""
    for name, logical_id in ((FORM_SEAL, "ReportFormSealSecret"), (ORIGIN, "OriginSecret")):
        if logical_id in stack.resources:
            yield SecretKind(name, logical_id, (KEY,), ("report_form",), overlaps=True)


def _letters(path: str, fewest: int, most: int) -> Field:
    pattern = re.compile(rf"[A-Za-z0-9]{{{fewest},{most}}}")
    return Field(path, pattern, f"{fewest} to {most} letters and figures")
