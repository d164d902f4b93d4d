"""Deliveries by the online report form: `POST /reports`, as the page's own script or any other client sends them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from contact_desk.contacts import REPORT_FORM
from local.day.deliveries import JSON_HEADERS, Brought, Delivery, Outcome
from local.day.fresh_ids import FreshIds

PATH = "/reports"
CREATED = 201
UNPROCESSABLE = 422
WHAT_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class ReportForm:
    """Writes reports."""

    ids: FreshIds

    def report(self, title: str, **fields: object) -> Delivery:
        """A report with these fields and an id of its own."""
        return self._delivery(title, fields, Outcome.CONTACTS, CREATED)

    def too_long(self, title: str) -> Delivery:
        """A report whose text is one character longer than the form takes."""
        return self._delivery(title, {"what": "a" * (WHAT_LIMIT + 1)}, Outcome.REFUSED, UNPROCESSABLE)

    def incomplete(self, title: str, **fields: object) -> Delivery:
        """A report without an id and without a text."""
        body = json.dumps(fields).encode("utf-8")
        return Delivery(title, REPORT_FORM, PATH, body, JSON_HEADERS, Outcome.REFUSED, UNPROCESSABLE)

    def _delivery(self, title: str, fields: Mapping[str, object], outcome: Outcome, status: int) -> Delivery:
        report_id = self.ids.report()
        body = json.dumps({"report_id": report_id, **fields}, ensure_ascii=False).encode("utf-8")
        text = str(fields.get("what", ""))
        brought = Brought(report_id, f"{REPORT_FORM}:{report_id}", (REPORT_FORM,), text)
        return Delivery(title, REPORT_FORM, PATH, body, JSON_HEADERS, outcome, status, brings=(brought,))
