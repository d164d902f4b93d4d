"""Whether a feed is Atom by the letter: the schema of RFC 4287, the assertions that stand in it, absolute addresses."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

SCHEMA = Path(__file__).parent / "atom/atom.rng"
ATOM = {"atom": "http://www.w3.org/2005/Atom"}
# RFC 4287, appendix B: what its schema says in Schematron, each by what must not be found.
ASSERTED = {
    "an entry without an author": "//atom:entry[not(atom:author or ../atom:author or atom:source/atom:author)]",
    "an entry without an alternate link or content": "//atom:entry[not(atom:link[@rel='alternate'] or "
    "atom:link[not(@rel)] or atom:content)]",
    # Section 4.1: what each element says beyond the schema.
    "content elsewhere or none, and no summary": "//atom:entry[atom:content/@src and not(atom:summary)]",
    "a feed that does not say where it is": "/atom:feed[not(atom:link[@rel='self'])]",
    "a title without words": "//atom:title[not(normalize-space())]",
}
IDS, ADDRESSES = "//atom:id/text()", "//atom:link/@href"


@cache
def _schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(SCHEMA))


def atom_faults(feed: bytes) -> list[str]:
    """What is wrong with the feed, in words; empty for one that every reader should take."""
    document = etree.fromstring(feed)
    schema = _schema()
    schema.validate(document)
    faults = [str(error.message) for error in schema.error_log]
    faults += [told for told, found in ASSERTED.items() if document.xpath(found, namespaces=ATOM)]
    ids = Counter(document.xpath(IDS, namespaces=ATOM))
    faults += [f"an id twice: {name}" for name, times in ids.items() if times > 1]
    addresses = [*ids, *document.xpath(ADDRESSES, namespaces=ATOM)]
    return faults + [f"not absolute: {address}" for address in addresses if not urlsplit(address).scheme]
