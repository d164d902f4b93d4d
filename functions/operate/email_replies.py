"""Whether a person who used the report form may be answered by e-mail, and where."""

from __future__ import annotations

import re
from collections.abc import Mapping

from contact_desk.conversations import SafeContact
from functions.operate.acts import Scene
from functions.operate.refusals import InvalidFieldsError, NoSenderError

# One address and nothing else: no second one, no name, nothing that could begin another line of the e-mail's head.
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
LONGEST_ADDRESS = 254
BY_MAIL = re.compile(r"\be-?mails?\b", re.IGNORECASE)
NOT = re.compile(r"\b(?:no|not|never|don'?t|except|but)\b|n[\u2019']t\b", re.IGNORECASE)


def email_address(scene: Scene) -> str:
    """The address that the report gives, where an answer may go there.

    Raises NoSenderError where the force has no address to send from, else InvalidFieldsError that says why not.
    """
    if scene.force.email is None:
        raise NoSenderError(
            "The force has set up no address for e-mails. The report says how to reach the person."
        )
    report = scene.read_report() or {}
    given = report.get("contact")
    address = given.get("email") if isinstance(given, Mapping) else None
    if not isinstance(address, str) or not address.strip():
        raise InvalidFieldsError(
            {"text": "the report gives no e-mail address; see how else to reach the person"}
        )
    if len(address.strip()) > LONGEST_ADDRESS or not ADDRESS.fullmatch(address.strip()):
        raise InvalidFieldsError(
            {"text": "the report's e-mail address cannot be one; see how else to reach the person"}
        )
    conversation = scene.read_conversation()
    if conversation and conversation.safe_contact and not allows_email(conversation.safe_contact):
        raise InvalidFieldsError({"text": "the person's safe-contact rule does not allow an e-mail"})
    return address.strip()


def allows_email(rule: SafeContact) -> bool:
    """Whether the rule lets an e-mail be sent: one that binds at all must name e-mail itself, and with no "not"."""
    if not rule.restricts:
        return True
    how = rule.how or ""
    return rule.ok and BY_MAIL.search(how) is not None and NOT.search(how) is None
