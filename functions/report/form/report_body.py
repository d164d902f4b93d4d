"""What the desk is sent of a draft: the report as `POST /reports` takes it, so that there is one way in."""

from __future__ import annotations

import json
from typing import Any

from contact_desk.force_file import ForceFile
from functions.report.form.drafts import Draft
from functions.report.form.messages import languages_of
from functions.report.form.questions import NO, YES, asked_of


def report_body(draft: Draft, force: ForceFile) -> bytes:
    """The report in JSON, the same bytes for the same answers; in it is only what was asked of this person.

    An answer that was given before another one made its question needless is left out.
    """
    asked = {page.name for page in asked_of(draft.answers, force)}
    fields: dict[str, Any] = {
        "report_id": draft.report_id,
        # As the desk reads it, and triage with the rest: the choice itself, in whatever language it was made.
        "matter": draft.answers["matter"].replace("_", " "),
        "what": draft.answers["what"],
        "where": _said(draft, "where") if "where" in asked else None,
        "when": _said(draft, "when") if "when" in asked else None,
    }
    if draft.answers.get("who") == YES:
        fields |= _who(draft)
    return _body(fields, draft, force)


def emergency_body(draft: Draft, force: ForceFile) -> bytes:
    """The report of somebody who cannot call 999: whatever they entered, and be it nothing."""
    fields = {
        "report_id": draft.report_id,
        "emergency_now": True,
        "what": _said(draft, "what"),
        "where": _said(draft, "where"),
        "contact": {"phone": phone} if (phone := _said(draft, "phone")) else None,
    }
    return _body(fields, draft, force)


def _who(draft: Draft) -> dict[str, Any]:
    """Who they are, and the rule by which they may be reached."""
    fields: dict[str, Any] = {"name": _said(draft, "name"), "country": _said(draft, "country")}
    if draft.answers.get("safe") == NO:
        return {**fields, "safe_contact": {"ok": False}}
    reached_by = {name: _said(draft, name) for name in ("email", "phone")}
    rule = {"ok": True, **{name: _said(draft, name) for name in ("how", "not_when")}}
    return {**fields, "contact": _without_none(reached_by), "safe_contact": _without_none(rule)}


def _body(fields: dict[str, Any], draft: Draft, force: ForceFile) -> bytes:
    languages = languages_of(force)
    if draft.language in languages[1:]:
        # Whoever keeps to the first language may write in any: then triage tells it from their words.
        fields["language"] = draft.language
    return json.dumps(_without_none(fields), ensure_ascii=False, sort_keys=True).encode(
        "utf-8", errors="replace"
    )


def _said(draft: Draft, name: str) -> str | None:
    return draft.answers.get(name, "").strip() or None


def _without_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
