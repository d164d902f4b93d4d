"""Matters as platforms deliver them: signed bodies for the webhooks and the report form of any stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from contact_desk.numbers.origins import LearntFrom
from local.day.deliveries import Delivery
from local.day.fresh_ids import FreshIds
from local.day.messenger import Messenger
from local.day.meta_webhook import MetaWebhook
from local.day.page_comments import PageComments
from local.day.report_form import ReportForm
from local.day.text_messages import TextMessages
from local.day.x_webhook import XWebhook
from local.demand.matters import X_MENTION, Matter, Message
from local.stack_file import Secrets

EMAIL = "somebody@example.com"


class PersonsIds(FreshIds):
    """Fresh ids for one message of one person."""

    def __init__(self, seed: str, at: datetime, person: str) -> None:
        super().__init__(0, at)
        self._chance.seed(f"{seed}:{person}:{at.isoformat()}")
        self._person = person

    def person(self) -> str:
        """The writer, whoever is asked for."""
        return self._person

    def mobile(self) -> str:
        """The writer's number."""
        return self._person

    def message(self) -> str:
        """The id of a Messenger message: no two messages of any run share it."""
        return f"m_{self._chance.getrandbits(96):024x}"


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes what a matter's person sends; `seed` keeps the ids of two runs apart, `api_url` is what Twilio signs."""

    accounts: Mapping[str, str]
    secrets: Secrets
    api_url: str
    seed: str

    def delivery(self, matter: Matter, message: Message) -> Delivery:
        """One message as its platform delivers it."""
        ids = PersonsIds(f"{self.seed}:{message.number}", message.at, matter.person)
        meta, text = MetaWebhook(self.secrets.meta.app_secret), message.text
        match matter.way:
            case "messenger":
                return Messenger(self.accounts["messenger"], meta, ids).message(matter.kind, text)
            case "facebook_page":
                post = f"{700_000_000_000_000 + matter.number // 40}"
                return PageComments(self.accounts["facebook_page"], post, meta, ids).comment(
                    matter.kind, text
                )
            case "x":
                return self._x(ids).message(matter.kind, text)
            case way if way == X_MENTION:
                return self._x(ids).mention(matter.kind, f"@police {text}")
            case "sms":
                number, token = self.accounts["sms"], self.secrets.sms.auth_token
                return TextMessages(number, token, self.api_url, ids).message(matter.kind, text)
            case _:
                by_form = matter.origin and matter.origin.learnt_from is LearntFrom.FORM
                country = matter.origin.country if by_form and matter.origin else None
                contact = {"email": EMAIL, "phone": None}
                return ReportForm(ids).report(matter.kind, what=text, country=country, contact=contact)

    def _x(self, ids: FreshIds) -> XWebhook:
        return XWebhook(self.accounts["x"], self.secrets.x.consumer_secret, ids)
