"""The documents that were kept, to be judged again.

Of a surface that was clear no document is kept, so what is here is only what was a finding: judged
again, it can be lost or change, and of the pages that were clear nothing can be said.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, Join, func, select

from core import Verdict
from core.casework import CaseState
from storage.models import Candidate, ExportPart, Scan, Sighting, SightingEvidence, Visit
from storage.session import reading
from storage.store import Store
from storage.upsert import portions, table_of
from storage.work import RECHECK_PREFIX


class KeptDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document of the evidence store, with the verdict it was given when it was seen."""

    candidate_id: int
    key: str
    url: str
    title: str
    target_id: str
    state: CaseState
    seen_at: datetime
    sha256: str
    verdict: Verdict


class KeptShare(msgspec.Struct, frozen=True, kw_only=True):
    """Of all `looks` of a period, how many were findings whose document was `kept`. `documents` is
    the number of distinct ones: a page that did not change is one, however often it was seen."""

    looks: int
    kept: int
    documents: int


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen from `start` up to, not including, `end` (both aware; None: no bound), under
    the target `target_id` (empty: any)."""

    start: datetime | None = None
    end: datetime | None = None
    target_id: str = ""


def kept_share(store: Store, period: Period) -> KeptShare:
    """How much of a period can be judged again at all."""
    visit, part = table_of(Visit), table_of(ExportPart)
    with reading(store.database) as connection:
        looks = select(func.count()).select_from(visit.join(table_of(Scan)))
        looks = looks.where(*_within(visit.c.recorded_at, period), *_scans(period))
        rows = select(func.coalesce(func.sum(part.c.clear + part.c.unchanged), 0))
        rows = rows.select_from(part.join(table_of(Scan), part.c.scan_id == table_of(Scan).c.id))
        rows = rows.where(*_within(part.c.recorded_at, period), *_scans(period))
        distinct = func.count(func.distinct(table_of(SightingEvidence).c.sha256))
        kept = select(func.count(), distinct).select_from(_joined()).where(*_kept(period))
        counted = connection.execute(kept).one()
        total = (connection.scalar(looks) or 0) + int(connection.scalar(rows) or 0)
        return KeptShare(looks=total, kept=counted[0], documents=counted[1])


def kept_documents(store: Store, period: Period) -> Iterator[KeptDocument]:
    """The kept documents of a period, each once for a candidate, oldest first."""
    sighting, file = table_of(Sighting), table_of(SightingEvidence)
    newest = select(func.max(sighting.c.id)).select_from(_joined()).where(*_kept(period))
    newest = newest.group_by(sighting.c.candidate_id, file.c.sha256)
    with reading(store.database) as connection:
        ids = sorted(connection.scalars(newest))
    for portion in portions(ids):
        yield from _documents(store, portion)


def _documents(store: Store, ids: list[int]) -> list[KeptDocument]:
    sighting, file = table_of(Sighting), table_of(SightingEvidence)
    candidate, scan = table_of(Candidate), table_of(Scan)
    query = (
        select(
            sighting.c.candidate_id,
            candidate.c.key,
            candidate.c.url,
            candidate.c.title,
            candidate.c.status.label("state"),
            scan.c.target_id,
            sighting.c.seen_at,
            file.c.sha256,
            sighting.c.verdict,
        )
        .select_from(_joined().join(candidate, candidate.c.id == sighting.c.candidate_id))
        .where(sighting.c.id.in_(ids), file.c.kind == "document")
        .order_by(sighting.c.id, file.c.sha256)
    )
    with reading(store.database) as connection:
        rows = connection.execute(query).mappings().all()
    return [msgspec.convert(dict(row), KeptDocument) for row in rows]


def _joined() -> Join:
    sighting, file, scan = table_of(Sighting), table_of(SightingEvidence), table_of(Scan)
    return sighting.join(file, file.c.sighting_id == sighting.c.id).join(
        scan, scan.c.id == sighting.c.scan_id
    )


def _kept(period: Period) -> list[ColumnElement[bool]]:
    document = table_of(SightingEvidence).c.kind == "document"
    return [document, *_within(table_of(Sighting).c.seen_at, period), *_scans(period)]


def _within(column: ColumnElement[datetime], period: Period) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if period.start is not None:
        found.append(column >= period.start)
    if period.end is not None:
        found.append(column < period.end)
    return found


def _scans(period: Period) -> list[ColumnElement[bool]]:
    scan = table_of(Scan)
    if period.target_id:
        return [scan.c.target_id == period.target_id]
    return [~scan.c.target_id.startswith(RECHECK_PREFIX)]
