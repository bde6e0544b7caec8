"""What shadow rules would have changed, into rows, within a batch's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from core.text import one_line
from storage.candidates import TITLE_LIMIT, URL_LIMIT
from storage.models import ShadowChange
from storage.records import Look, storable
from storage.upsert import Upsert

_CHANGES = Upsert(
    ShadowChange, key=("scan_id", "key"), update=("url", "title", "kind", "change", "at")
)


def record_shadow(
    connection: Connection, scan_id: int, scan_started_at: datetime, looks: Sequence[Look]
) -> None:
    """Write what shadow rules would have said otherwise of a batch of looks."""
    rows = {
        look.key: {
            "scan_id": scan_id,
            "key": look.key,
            "url": one_line(storable(look.url), URL_LIMIT),
            "title": one_line(storable(look.title), TITLE_LIMIT),
            "kind": look.shadow.kind,
            "change": look.shadow,
            "at": max(look.seen_at, scan_started_at),
        }
        for look in looks
        if look.shadow is not None
    }
    _CHANGES.run(connection, list(rows.values()))
