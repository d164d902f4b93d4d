"""What a call of WhatsApp's Cloud API asks to send: free words, or a template with the words in its one place."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from local.platforms import graph_errors
from local.platforms.graph_errors import bad_parameter

TEXT_LIMIT = 4096
PARAMETER_LIMIT = 1024


@dataclass(frozen=True, slots=True)
class WhatsAppMessage:
    """To whom, of which type, with which words; `template` is `name/language`."""

    person: str | None
    kind: str
    text: str | None
    template: str | None = None
    recipient_type: str = "individual"

    def check(self, templates: Collection[str]) -> None:
        """Refuse what the Cloud API refuses whoever it is for; raises GraphRefusedError."""
        if not self.person:
            raise bad_parameter("The parameter to is required")
        if self.recipient_type not in {"individual", "group"}:
            raise bad_parameter("Param recipient_type must be one of {INDIVIDUAL, GROUP}")
        if self.kind not in {"text", "template"}:
            raise bad_parameter("Param type must be one of {TEXT, TEMPLATE}")
        if not self.text:
            raise bad_parameter("The parameter text['body'] is required")
        if self.kind == "text" and len(self.text) > TEXT_LIMIT:
            raise bad_parameter(f"Param text['body'] must be at most {TEXT_LIMIT} characters long.")
        if self.kind == "template":
            if self.template not in templates:
                raise graph_errors.no_such_template()
            if (
                len(self.text) > PARAMETER_LIMIT
                or "\n" in self.text
                or "\t" in self.text
                or "     " in self.text
            ):
                raise bad_parameter("Param text cannot have new-line/tab characters or more than 4 spaces")


def read_whatsapp(parameters: Mapping[str, Any]) -> WhatsAppMessage:
    """The message as far as it can be read."""
    person = parameters.get("to") or parameters.get("recipient")
    person = str(person) if person else None
    kind, recipient = str(parameters.get("type", "text")), str(parameters.get("recipient_type", "individual"))
    if kind != "template":
        text = parameters.get("text")
        said = _text(text.get("body") if isinstance(text, Mapping) else None)
        return WhatsAppMessage(person, kind, said, recipient_type=recipient)
    template = parameters.get("template")
    if not isinstance(template, Mapping):
        return WhatsAppMessage(person, kind, None)
    language = template.get("language")
    code = language.get("code") if isinstance(language, Mapping) else None
    words = [
        parameter.get("text")
        for component in template.get("components", [])
        if isinstance(component, Mapping) and component.get("type") == "body"
        for parameter in component.get("parameters", [])
        if isinstance(parameter, Mapping)
    ]
    name = f"{template.get('name')}/{code}"
    return WhatsAppMessage(person, kind, _text(words[0] if words else None), name, recipient)


def whatsapp_answer(person: str, wamid: str) -> dict[str, Any]:
    """How the Cloud API says that it has taken a message."""
    return {
        "messaging_product": "whatsapp",
        "contacts": [{"input": person, "wa_id": person}],
        "messages": [{"id": wamid, "message_status": "accepted"}],
    }


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
