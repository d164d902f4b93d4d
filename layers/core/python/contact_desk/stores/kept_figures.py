"""What disposed cases and contacts still count for: one item an hour with counts alone, which name nobody.

They are added up in the transaction that takes their case, or their contact, out of what is counted: so nothing counts
twice or never, whenever a disposal is cut short, and nothing tells which case a count came from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from contact_desk.alerts import AlertKind, case_alert_id
from contact_desk.clock import moment_of_ulid
from contact_desk.numbers.counting import Figures, from_named, named, of_case, of_contact
from contact_desk.numbers.facts import CaseFacts, ContactFacts, case_facts
from contact_desk.numbers.surveys import survey_token
from contact_desk.stores import keys
from contact_desk.stores.case_files import case_file
from contact_desk.stores.counted import origin_from_item
from contact_desk.stores.dynamo import Table, Write
from contact_desk.stores.items import Plain, alert_from_item, marshal
from contact_desk.stores.survey_items import survey_from_item


def keep(table: Table, figures: Mapping[str, Figures], at: datetime) -> list[Write]:
    """The writes that add figures to those kept of their hours (`2026-11-02T12`), and have those counted anew."""
    return [_added(table, hour, counted, at) for hour, counted in sorted(figures.items()) if counted]


def _added(table: Table, hour: str, figures: Figures, at: datetime) -> Write:
    counts = list(enumerate(named(figures).items()))
    added = ", ".join(f"#f{number} :f{number}" for number, _ in counts)
    names = {f"#f{number}": name for number, (name, _) in counts}
    values = {f":f{number}": count for number, (_, count) in counts}
    return Write(
        "Update",
        {
            "TableName": table.name,
            "Key": marshal(keys.kept_figures(hour)),
            "UpdateExpression": f"SET #hour = :hour, #changed = :changed ADD {added}",
            "ExpressionAttributeNames": {"#hour": "hour", "#changed": "changed", **names},
            "ExpressionAttributeValues": marshal({":hour": hour, ":changed": keys.changed_at(at), **values}),
        },
    )


def kept_figures(item: Plain | None) -> Figures:
    """The counts of such an item; none where there is none."""
    beside = {"pk", "sk", "hour", "changed"}
    return from_named({name: count for name, count in (item or {}).items() if name not in beside})


def figures_of_case(table: Table, case_id: str) -> dict[str, Figures]:
    """What the case counts for, by its hour; nothing where there is no such case."""
    facts, opened_at = facts_of_case(table, case_id), moment_of_ulid(case_id)
    return {keys.hour_of(opened_at): Counter(of_case(facts))} if facts and opened_at else {}


def figures_of_contacts(items: Iterable[Plain]) -> dict[str, Figures]:
    """What these contacts count for, by their hours; edits and deletes count for nothing."""
    found: dict[str, Figures] = {}
    for item in items:
        if "hour" in item:
            found.setdefault(item["hour"], Counter()).update(of_contact(contact_facts_of(item)))
    return found


def contact_facts_of(item: Plain) -> ContactFacts:
    """The facts that a contact's item tells."""
    return ContactFacts(item["channel"], item["facts"].get("language"), origin_from_item(item["facts"]))


def facts_of_case(table: Table, case_id: str) -> CaseFacts | None:
    """The facts of one case from its own records (consistent reads); None where there is no such case."""
    found = case_file(table, case_id)
    if found is None:
        return None
    alerts = table.get_all([keys.alert(case_alert_id(case_id, kind)) for kind in AlertKind])
    survey = table.get(keys.survey(survey_token(case_id)))
    texts = {one.outbox.outbox_id: one.outbox for one in found.timeline if one.outbox}
    return case_facts(
        found.case,
        entries=[one.entry for one in found.timeline],
        texts=texts.values(),
        alerts=map(alert_from_item, alerts),
        asked=survey is not None,
        answer=survey_from_item(survey).answer if survey else None,
    )
