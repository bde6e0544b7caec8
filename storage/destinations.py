"""Where the opaque links of surfaces led last, and which of them lead elsewhere now."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from core.destination import same_destination
from core.link_chain import LinkChain
from core.text import one_line
from storage.models import DestinationChange, LinkDestination, Scan
from storage.records import DestinationChangeRecord, LinkDestinationRecord, Look, storable
from storage.upsert import Upsert, portions, table_of

_URL_LIMIT = 4_000
_DESTINATIONS = Upsert(
    LinkDestination,
    key=("target_id", "link_key"),
    update=("destination", "previous", "hops", "scan_id", "resolved_at"),
)
_CHANGES = Upsert(DestinationChange, key=("scan_id", "link_key", "surface_key"))


def record_destinations(
    connection: Connection, scan_id: int, scan_started_at: datetime, looks: Sequence[Look]
) -> None:
    """Keep where the resolved links of `looks` lead, and note those that led elsewhere before.

    Links whose end was not reached change nothing. What counts as before is the last scan of the
    same target that reached the end. Addresses are compared by what means something in them.
    """
    found = [(look, chain) for look in looks for chain in look.chains if chain.destination]
    if not found:
        return
    scan = table_of(Scan)
    target_id = connection.scalar(select(scan.c.target_id).where(scan.c.id == scan_id))
    known = _known(connection, str(target_id), {link_key(chain.link) for _, chain in found})
    rows: dict[str, dict[str, Any]] = {}
    changes: list[dict[str, Any]] = []
    for look, chain in found:
        at = max(look.seen_at, scan_started_at)
        row = _row(scan_id, str(target_id), chain, at)
        row["previous"] = before = _before(known.get(row["link_key"]), scan_id)
        rows[row["link_key"]] = row
        if before and not same_destination(before, row["destination"]):
            changes.append(_change(look, row, before))
    _DESTINATIONS.run(connection, list(rows.values()))
    _CHANGES.run(connection, changes)


def destination_changes(
    connection: Connection, *where: ColumnElement[bool]
) -> tuple[DestinationChangeRecord, ...]:
    """The changes that `where` chooses, in the order they were met."""
    change = table_of(DestinationChange)
    query = select(change).where(*where).order_by(change.c.at, change.c.link, change.c.url)
    return tuple(
        DestinationChangeRecord(
            scan_id=row["scan_id"],
            surface_key=row["surface_key"],
            url=row["url"],
            link=row["link"],
            before=row["before"],
            after=row["after"],
            at=row["at"],
        )
        for row in connection.execute(query).mappings()
    )


def link_destinations(connection: Connection, target_id: str) -> tuple[LinkDestinationRecord, ...]:
    """Every link of a target whose end was reached at some time, by address."""
    kept = table_of(LinkDestination)
    query = select(kept).where(kept.c.target_id == one_line(storable(target_id)))
    return tuple(
        LinkDestinationRecord(
            link=row["link"],
            destination=row["destination"],
            hops=tuple((hop["url"], hop["step"]) for hop in row["hops"]),
            scan_id=row["scan_id"],
            resolved_at=row["resolved_at"],
        )
        for row in connection.execute(query.order_by(kept.c.link)).mappings()
    )


def link_key(link: str) -> str:
    """Stable identity of a link: 32 hex digits. Keys are stored."""
    return hashlib.blake2b(storable(link).encode(), digest_size=16).hexdigest()


def _known(connection: Connection, target_id: str, keys: set[str]) -> dict[str, Any]:
    kept = table_of(LinkDestination)
    known: dict[str, Any] = {}
    for portion in portions(sorted(keys)):
        query = select(kept).where(kept.c.target_id == target_id, kept.c.link_key.in_(portion))
        known.update((row["link_key"], row) for row in connection.execute(query).mappings())
    return known


def _before(row: Any, scan_id: int) -> str:
    """Where the link led before this scan: pages of several batches may hold the same link."""
    if row is None:
        return ""
    return str(row["previous"] if row["scan_id"] == scan_id else row["destination"])


def _row(scan_id: int, target_id: str, chain: LinkChain, at: datetime) -> dict[str, Any]:
    return {
        "target_id": target_id,
        "link_key": link_key(chain.link),
        "link": _stored(chain.link),
        "destination": _stored(chain.destination),
        "hops": [{"url": _stored(hop.url), "step": hop.step} for hop in chain.hops],
        "scan_id": scan_id,
        "resolved_at": at,
    }


def _change(look: Look, row: dict[str, Any], before: str) -> dict[str, Any]:
    return {
        "scan_id": row["scan_id"],
        "link_key": row["link_key"],
        "surface_key": look.key,
        "url": _stored(look.url),
        "link": row["link"],
        "before": before,
        "after": row["destination"],
        "at": row["resolved_at"],
    }


def _stored(url: str) -> str:
    return one_line(storable(url), _URL_LIMIT)
