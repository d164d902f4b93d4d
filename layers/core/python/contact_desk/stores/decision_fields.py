"""What triage decided, and why, as fields of an item, and back."""

from __future__ import annotations

from typing import Any

from contact_desk.decisions import Place, Reason, TriageDecision

Plain = dict[str, Any]


def reasons_field(reasons: tuple[Reason, ...]) -> list[Plain]:
    """Reasons as a field of an item."""
    return [
        {"rule": one.rule, "reason": one.reason, "words": list(one.words), "at": list(one.at)}
        for one in reasons
    ]


def reasons_from_field(field: list[Plain]) -> tuple[Reason, ...]:
    """Reasons of a field."""
    return tuple(
        Reason(one["rule"], one["reason"], tuple(one["words"]), tuple(one.get("at", ()))) for one in field
    )


def places_from_field(field: list[Plain]) -> tuple[Place, ...]:
    """The places of a decision's field; confidences are kept as text, since the table's numbers are whole ones."""
    return tuple(Place(one["name"], float(one["confidence"])) for one in field)


def decision_field(decision: TriageDecision) -> Plain:
    """A decision as a field of the contact's item."""
    return {
        "band": decision.band,
        "grade": decision.grade,
        "category": decision.category,
        "candidates": list(decision.candidates),
        "significant": decision.significant,
        "reasons": reasons_field(decision.reasons),
        "rules_version": decision.rules_version,
        "signpost": decision.signpost,
        "markers": list(decision.markers),
        "language": decision.language,
        "places": [{"name": place.name, "confidence": place.confidence} for place in decision.places],
        "confidence": decision.confidence,
    }
