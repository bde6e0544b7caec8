"""What shadow rules would have changed, beside what was found: nothing else reads it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, select

from core.verdict_change import ChangeKind, VerdictChange
from storage.kept_documents import Period
from storage.models import Scan, ShadowChange
from storage.session import reading
from storage.store import Store
from storage.upsert import table_of


class ShadowRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What shadow rules would have said of a surface in a scan, and what was said."""

    scan_id: int
    target_id: str
    key: str
    url: str
    title: str
    at: datetime
    change: VerdictChange


def shadow_changes(store: Store, period: Period) -> tuple[ShadowRecord, ...]:
    """What shadow rules would have changed in a period: each surface once, as last seen, newest
    first."""
    table, scan = table_of(ShadowChange), table_of(Scan)
    query = select(table, scan.c.target_id).join(scan, scan.c.id == table.c.scan_id)
    query = query.where(*_within(period)).order_by(table.c.at.desc(), table.c.scan_id.desc())
    found: dict[str, ShadowRecord] = {}
    with reading(store.database) as connection:
        for row in connection.execute(query).mappings():
            if row["key"] not in found:
                found[row["key"]] = msgspec.convert(dict(row), ShadowRecord)
    return tuple(found.values())


def shadow_counts(store: Store, period: Period) -> dict[ChangeKind, int]:
    """How many surfaces of a period they would have changed, by kind."""
    table, scan = table_of(ShadowChange), table_of(Scan)
    query = select(table.c.key, table.c.kind).join(scan, scan.c.id == table.c.scan_id)
    query = query.where(*_within(period)).order_by(table.c.at, table.c.scan_id)
    with reading(store.database) as connection:
        last: dict[str, ChangeKind] = {row.key: row.kind for row in connection.execute(query)}
    return dict(Counter(last.values()))


def _within(period: Period) -> list[ColumnElement[bool]]:
    table, scan = table_of(ShadowChange), table_of(Scan)
    where: list[ColumnElement[bool]] = []
    if period.start is not None:
        where.append(table.c.at >= period.start)
    if period.end is not None:
        where.append(table.c.at < period.end)
    if period.target_id:
        where.append(scan.c.target_id == period.target_id)
    return where
