"""GeoJSON (RFC 7946) of the incidents that are live: what a map or a sat-nav asks for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from contact_desk.broadcasts import BroadcastKind
from contact_desk.clock import to_rfc3339
from functions.notify.feed.cap import cap_key, cap_messages
from functions.notify.feed.geometry import geojson_ring
from functions.notify.feed.notices import Notice, changed_at
from functions.notify.feed.plain_text import line, plain
from functions.notify.feed.publisher import Publisher, language_tag

GEOJSON_KEY = "feed/incidents.geojson"
GEOJSON_TYPE = "application/geo+json"


def render_geojson(shown: Sequence[Notice], publisher: Publisher) -> bytes:
    """One feature per live incident, gravest first; its geometry is null where nobody has drawn an area."""
    live = [notice for notice in shown if notice.live and _is_incident(notice)]
    changed = changed_at(shown)
    collection: dict[str, Any] = {
        "type": "FeatureCollection",
        "publisher": line(publisher.name),
        "trial": publisher.trial,
        # Of the whole feed, so that no two states of it ever have the same bytes.
        "updated_at": to_rfc3339(changed) if changed else None,
        "features": [_feature(notice, publisher) for notice in sorted(live, key=lambda one: one.urgency)],
    }
    return json.dumps(collection, ensure_ascii=False, indent=1).encode("utf-8") + b"\n"


def _is_incident(notice: Notice) -> bool:
    return notice.newest.broadcast.wording.kind is BroadcastKind.INCIDENT


def _feature(notice: Notice, publisher: Publisher) -> dict[str, Any]:
    issue, wording = notice.newest, notice.newest.broadcast.wording
    polygon = wording.area.polygon
    message = cap_messages(notice)[-1]
    return {
        "type": "Feature",
        "id": notice.reference,
        "geometry": {"type": "Polygon", "coordinates": [geojson_ring(polygon)]} if polygon else None,
        "properties": {
            "reference": notice.reference,
            "what": plain(wording.what),
            "where": plain(wording.where),
            "do": plain(wording.do),
            "places": [line(name) for name in wording.area.names],
            "severity": wording.severity.value,
            "language": language_tag(wording.language),
            "corrected": len(notice.issues) > 1,
            "published_at": to_rfc3339(notice.published_at),
            "updated_at": to_rfc3339(notice.changed_at),
            "starts_at": to_rfc3339(wording.starts_at or issue.published_at),
            "expires_at": to_rfc3339(wording.expires_at) if wording.expires_at else None,
            "url": publisher.page_url(notice.reference),
            "cap_url": f"{publisher.base_url}/{cap_key(message)}",
        },
    }
