"""What a contact says, in plain words: of a report its fields too, each a line of its own."""

from __future__ import annotations

from contact_desk.contacts import Contact

REPORT_FIELDS_READ = ("matter", "when", "where")


def words_of(contact: Contact) -> str:
    """All the words that a reader is to read."""
    report = contact.report or {}
    fields = [field for name in REPORT_FIELDS_READ if isinstance(field := report.get(name), str)]
    return "\n".join(filter(None, [contact.text, *fields]))
