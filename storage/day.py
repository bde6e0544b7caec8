"""A day in the database: scans, events with their sightings, gaps, and what was not looked at.

Everything is read from what was appended (events, sightings, visits, gaps), so a report on an old
day comes out the same today, whatever has happened to its candidates since.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, func, or_, select

from core import Verdict
from storage.destinations import destination_changes
from storage.entries import entry_histories
from storage.exports import part_labels
from storage.models import (
    Candidate,
    DestinationChange,
    ExportPart,
    Scan,
    ScanEvent,
    ScanGap,
    Sighting,
    SightingEvidence,
    Visit,
)
from storage.records import (
    GAP_EXAMPLES,
    CandidateEvent,
    DayRecord,
    EvidenceFile,
    GapRecord,
    ScanSummary,
    SightingRecord,
    Unseen,
)
from storage.scans import candidate_row, gap_record, summary_record
from storage.upsert import portions, table_of

Counts = dict[int, dict[Any, int]]


def day_record(connection: Connection, start: datetime, end: datetime) -> DayRecord:
    """What happened from `start` up to, not including, `end`."""
    events = _events(connection, start, end)
    return DayRecord(
        start=start,
        end=end,
        scans=_scans(connection, start, end),
        events=events,
        unseen=_unseen(connection, start, end),
        gaps=_gap_examples(connection, start, end),
        destination_changes=destination_changes(
            connection, _within(table_of(DestinationChange).c.at, start, end)
        ),
        entries=entry_histories(connection, [one.candidate.key for one in events]),
    )


def _scans(connection: Connection, start: datetime, end: datetime) -> tuple[ScanSummary, ...]:
    scan, visit = table_of(Scan), table_of(Visit)
    gap, event = table_of(ScanGap), table_of(ScanEvent)
    open_scans = select(scan.c.id).where(
        scan.c.started_at < end, or_(scan.c.finished_at.is_(None), scan.c.finished_at >= start)
    )
    labels = _counts(
        connection,
        visit,
        visit.c.seen,
        _within(visit.c.recorded_at, start, end),
        visit.c.scan_id.in_(open_scans),
    )
    part = table_of(ExportPart)
    for scan_id, counts in part_labels(connection, _within(part.c.recorded_at, start, end)).items():
        for label, count in counts.items():
            labels[scan_id][label] = labels[scan_id].get(label, 0) + count
    gaps = _counts(connection, gap, gap.c.kind, _within(gap.c.at, start, end))
    events = _counts(connection, event, event.c.kind, _within(event.c.at, start, end))
    rows = connection.execute(
        select(scan)
        .where(scan.c.id.in_(open_scans) | scan.c.id.in_(list({*gaps, *events})))
        .order_by(scan.c.started_at, scan.c.id)
    ).mappings()
    return tuple(
        summary_record(
            row,
            labels=labels.get(row["id"], {}),
            gaps=gaps.get(row["id"], {}),
            events=events.get(row["id"], {}),
        )
        for row in rows
        if _ran_within(row, start, end, (labels, gaps, events))
    )


def _ran_within(
    row: RowMapping, start: datetime, end: datetime, figures: tuple[Counts, ...]
) -> bool:
    """A scan without an end (its process was killed) counts only where it did something."""
    if row["finished_at"] is not None or start <= row["started_at"] < end:
        return True
    return any(row["id"] in counts for counts in figures)


def _events(connection: Connection, start: datetime, end: datetime) -> tuple[CandidateEvent, ...]:
    event, scan = table_of(ScanEvent), table_of(Scan)
    candidate, visit = table_of(Candidate), table_of(Visit)
    within = _within(event.c.at, start, end)
    sightings = _newest_sightings(connection, select(event.c.candidate_id).where(within), end)
    query = (
        select(
            candidate,
            event.c.kind.label("event"),
            event.c.at,
            event.c.scan_id,
            scan.c.target_id,
            visit.c.status.label("answer"),
            visit.c.seen,
        )
        .join(event, event.c.candidate_id == candidate.c.id)
        .join(scan, scan.c.id == event.c.scan_id)
        .outerjoin(visit, (visit.c.scan_id == event.c.scan_id) & (visit.c.key == candidate.c.key))
        .where(within)
        .order_by(event.c.at, event.c.id)
    )
    rows = connection.execute(query).mappings()
    # without a sighting: its evidence was purged since
    return tuple(_event_record(row, sightings[row["id"]]) for row in rows if row["id"] in sightings)


def _event_record(row: RowMapping, sighting: SightingRecord) -> CandidateEvent:
    return CandidateEvent(
        kind=row["event"],
        at=row["at"],
        scan_id=row["scan_id"],
        target_id=row["target_id"],
        candidate=candidate_row(row, score=sighting.score, label=sighting.label),
        sighting=sighting,
        status=row["answer"],
        seen=row["seen"] or sighting.label,
    )


def _newest_sightings(
    connection: Connection, candidates: Select[tuple[int]], end: datetime
) -> dict[int, SightingRecord]:
    """Per candidate the best sighting of its newest scan that began before `end`."""
    sighting, scan = table_of(Sighting), table_of(Scan)
    place = func.row_number().over(
        partition_by=sighting.c.candidate_id,
        order_by=(scan.c.started_at.desc(), scan.c.id.desc(), sighting.c.score.desc()),
    )
    ranked = (
        select(sighting, place.label("place"))
        .join(scan, scan.c.id == sighting.c.scan_id)
        .where(sighting.c.candidate_id.in_(candidates), scan.c.started_at < end)
        .subquery()
    )
    newest = select(ranked).where(ranked.c.place == 1)
    files = _evidence(connection, select(ranked.c.id).where(ranked.c.place == 1))
    return {
        row["candidate_id"]: SightingRecord(
            scan_id=row["scan_id"],
            seen_at=row["seen_at"],
            score=row["score"],
            label=row["label"],
            verdict=msgspec.convert(row["verdict"], Verdict),
            content_sha256=row["content_sha256"],
            evidence=tuple(files[row["id"]]),
        )
        for row in connection.execute(newest).mappings()
    }


def _evidence(
    connection: Connection, sightings: Select[tuple[int]]
) -> dict[int, list[EvidenceFile]]:
    file = table_of(SightingEvidence)
    query = select(file).where(file.c.sighting_id.in_(sightings))
    found: dict[int, list[EvidenceFile]] = defaultdict(list)
    for row in connection.execute(query.order_by(file.c.kind, file.c.sha256)).mappings():
        found[row["sighting_id"]].append(
            EvidenceFile(row["kind"], row["sha256"], row["size_bytes"])
        )
    return found


def _unseen(connection: Connection, start: datetime, end: datetime) -> tuple[Unseen, ...]:
    """Candidates whose last event before `end` lies before `start` and was not `gone`."""
    event, candidate = table_of(ScanEvent), table_of(Candidate)
    place = func.row_number().over(
        partition_by=event.c.candidate_id, order_by=(event.c.at.desc(), event.c.id.desc())
    )
    last = select(event, place.label("place")).where(event.c.at < end).subquery()
    query = (
        select(candidate)
        .join(last, (last.c.candidate_id == candidate.c.id) & (last.c.place == 1))
        .where(last.c.at < start, last.c.kind != "gone")
        .order_by(candidate.c.best_score.desc(), candidate.c.url)
    )
    rows = connection.execute(query).mappings().all()
    gaps = _gaps_by_subject(connection, [row["url"] for row in rows], start, end)
    return tuple(
        Unseen(
            candidate=candidate_row(row, score=row["best_score"], label=row["label"]),
            gap=gaps.get(row["url"]),
        )
        for row in rows
    )


def _gaps_by_subject(
    connection: Connection, urls: list[str], start: datetime, end: datetime
) -> dict[str, GapRecord]:
    gap = table_of(ScanGap)
    found = {}
    for portion in portions(urls):
        query = select(gap).where(_within(gap.c.at, start, end), gap.c.subject.in_(portion))
        for row in connection.execute(query.order_by(gap.c.id)).mappings():
            found[row["subject"]] = gap_record(row)
    return found


def _gap_examples(connection: Connection, start: datetime, end: datetime) -> tuple[GapRecord, ...]:
    gap = table_of(ScanGap)
    place = func.row_number().over(partition_by=gap.c.kind, order_by=gap.c.id)
    ranked = select(gap, place.label("place")).where(_within(gap.c.at, start, end)).subquery()
    query = select(ranked).where(ranked.c.place <= GAP_EXAMPLES)
    query = query.order_by(ranked.c.kind, ranked.c.id)
    return tuple(gap_record(row) for row in connection.execute(query).mappings())


def _counts(
    connection: Connection, table: Table, column: ColumnElement[Any], *where: ColumnElement[bool]
) -> Counts:
    query = select(table.c.scan_id, column, func.count()).where(*where)
    found: Counts = defaultdict(dict)
    for scan_id, value, count in connection.execute(query.group_by(table.c.scan_id, column)):
        found[scan_id][value] = count
    return found


def _within(column: ColumnElement[datetime], start: datetime, end: datetime) -> ColumnElement[bool]:
    return (column >= start) & (column < end)
