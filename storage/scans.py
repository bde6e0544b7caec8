"""Scans: begun, finished, summed up; their gaps and the candidates they met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, Subquery, Table, func, insert, select, update

from core import Gap, GapKind, StorageError, Words
from core.text import one_line
from core.verdict import ProfileViews
from storage.exports import part_labels
from storage.models import Candidate, ExportPart, Scan, ScanEvent, ScanGap, Sighting, Visit
from storage.records import (
    CandidateRow,
    EventKind,
    GapRecord,
    ScanState,
    ScanSummary,
    storable,
)
from storage.upsert import table_of

_SUBJECT_LIMIT = 4_000
_REASON_LIMIT = 500


def begin_scan(
    connection: Connection,
    target_id: str,
    title: str,
    *,
    started_at: datetime,
    notes: Sequence[str] = (),
) -> int:
    """A new scan in state `running`; its number."""
    scan = table_of(Scan)
    statement = insert(scan).values(
        target_id=one_line(storable(target_id)),
        title=one_line(title, 300),
        state="running",
        started_at=started_at,
        notes=[one_line(note, _REASON_LIMIT) for note in notes],
    )
    return int(connection.execute(statement.returning(scan.c.id)).scalar_one())


def finish_scan(
    connection: Connection, scan_id: int, *, state: ScanState, finished_at: datetime
) -> None:
    """Close a scan. Raises StorageError when there is none of that number."""
    scan = table_of(Scan)
    statement = update(scan).where(scan.c.id == scan_id)
    done = connection.execute(statement.values(state=state, finished_at=finished_at))
    if done.rowcount == 0:
        raise _no_scan(scan_id)


def scan_start(connection: Connection, scan_id: int) -> datetime:
    """When a scan began. Raises StorageError when there is none of that number."""
    scan = table_of(Scan)
    started_at = connection.scalar(select(scan.c.started_at).where(scan.c.id == scan_id))
    if not isinstance(started_at, datetime):
        raise _no_scan(scan_id)
    return started_at


def record_gaps(connection: Connection, scan_id: int, gaps: Sequence[tuple[Gap, datetime]]) -> None:
    """Write what was not seen, and when that was noticed."""
    if not gaps:
        return
    connection.execute(
        insert(table_of(ScanGap)),
        [
            {
                "scan_id": scan_id,
                "kind": gap.kind.value,
                "subject": one_line(storable(gap.subject), _SUBJECT_LIMIT),
                "reason": one_line(storable(gap.reason), _REASON_LIMIT),
                "at": at,
            }
            for gap, at in gaps
        ],
    )


def scan_gaps(connection: Connection, scan_id: int) -> tuple[GapRecord, ...]:
    """The gaps of a scan in the order they were met."""
    gap = table_of(ScanGap)
    query = select(gap).where(gap.c.scan_id == scan_id).order_by(gap.c.id)
    return tuple(gap_record(row) for row in connection.execute(query).mappings())


def gap_record(row: RowMapping) -> GapRecord:
    """A row of `gaps` as a record."""
    return GapRecord(
        scan_id=row["scan_id"],
        kind=GapKind(row["kind"]),
        subject=row["subject"],
        reason=row["reason"],
        at=row["at"],
    )


def scan_summary(connection: Connection, scan_id: int) -> ScanSummary:
    """One scan in figures. Raises StorageError when there is none of that number."""
    scan = table_of(Scan)
    row = connection.execute(select(scan).where(scan.c.id == scan_id)).mappings().first()
    if row is None:
        raise _no_scan(scan_id)
    visit, gap, event = table_of(Visit), table_of(ScanGap), table_of(ScanEvent)
    labels = Counter(_counts(connection, visit, visit.c.seen, visit.c.scan_id == scan_id))
    of_scan = table_of(ExportPart).c.scan_id == scan_id
    labels.update(part_labels(connection, of_scan).get(scan_id, {}))
    return summary_record(
        row,
        labels=dict(labels),
        gaps=_counts(connection, gap, gap.c.kind, gap.c.scan_id == scan_id),
        events=_counts(connection, event, event.c.kind, event.c.scan_id == scan_id),
    )


def summary_record(
    row: RowMapping, *, labels: dict[str, int], gaps: dict[str, int], events: dict[Any, int]
) -> ScanSummary:
    """A row of `scans` with its figures as a record."""
    return ScanSummary(
        scan_id=row["id"],
        target_id=row["target_id"],
        title=row["title"],
        state=row["state"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        notes=tuple(row["notes"]),
        looks=sum(labels.values()),
        labels=labels,
        gaps={GapKind(kind): count for kind, count in gaps.items()},
        events=events,
    )


def scan_candidates(connection: Connection, scan_id: int) -> tuple[CandidateRow, ...]:
    """The candidates a scan met, worst first, each with its best sighting in that scan."""
    candidate, event = table_of(Candidate), table_of(ScanEvent)
    best = _best_sightings(scan_id)
    query = (
        select(
            candidate,
            event.c.kind.label("event"),
            best.c.score.label("sighting_score"),
            best.c.label.label("sighting_label"),
            best.c.views.label("sighting_views"),
        )
        .join(best, (best.c.candidate_id == candidate.c.id) & (best.c.place == 1))
        .outerjoin(event, (event.c.candidate_id == candidate.c.id) & (event.c.scan_id == scan_id))
        .order_by(best.c.score.desc(), best.c.label.desc(), candidate.c.url)
    )
    return tuple(
        msgspec.structs.replace(
            candidate_row(row, score=row["sighting_score"], label=row["sighting_label"]),
            views=msgspec.convert(row["sighting_views"], ProfileViews | None),
        )
        for row in connection.execute(query).mappings()
    )


def candidate_row(
    row: RowMapping, *, score: float, label: Any, event: EventKind | None = None
) -> CandidateRow:
    """A row of `candidates` (joined with its event or not) as a record."""
    return CandidateRow(
        candidate_id=row["id"],
        key=row["key"],
        surface=row["surface"],
        url=row["url"],
        title=row["title"],
        platform=row["platform"],
        app_id=row["app_id"],
        status=row["status"],
        presence=row["presence"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        score=score,
        label=label,
        headline=Words(zh=row["headline_zh"], en=row["headline_en"]),
        event=event or row.get("event"),
    )


def _best_sightings(scan_id: int) -> Subquery:
    sighting = table_of(Sighting)
    place = func.row_number().over(
        partition_by=sighting.c.candidate_id, order_by=(sighting.c.score.desc(), sighting.c.id)
    )
    return (
        select(
            sighting.c.candidate_id,
            sighting.c.score,
            sighting.c.label,
            sighting.c.verdict["views"].label("views"),
            place.label("place"),
        )
        .where(sighting.c.scan_id == scan_id)
        .subquery()
    )


def _counts(connection: Connection, table: Table, column: Any, where: Any) -> dict[Any, int]:
    query = select(column, func.count()).select_from(table).where(where).group_by(column)
    return {row[0]: row[1] for row in connection.execute(query)}


def _no_scan(scan_id: int) -> StorageError:
    return StorageError(
        f"there is no scan {scan_id} in this data folder", hint="check the folder and the number"
    )
