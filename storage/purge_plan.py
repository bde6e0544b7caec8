"""What the retention of the targets lets go, and which evidence files nothing else needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select

from core.retention import Retention, RetentionRule, earliest
from core.target import Target
from storage.casework_models import Decision, Recheck
from storage.evidence import EvidenceStore
from storage.manifest import read_manifest
from storage.models import Candidate, Scan, Sighting, SightingEvidence, Visit
from storage.purge_file import ClearRows, PurgedCase
from storage.records import EvidenceFile
from storage.upsert import portions, table_of
from storage.work import RECHECK_PREFIX

NO_FINDING = ("clear", "undetermined", "repeated", "absent")
FileName = tuple[str, str]
"""Kind and SHA-256."""


def retention_of(targets: Mapping[str, Target], target_id: str) -> Retention:
    """The retention of a target; the usual one where the catalogue does not have it."""
    named = target_id.removeprefix(RECHECK_PREFIX)
    return targets[named].retention if named in targets else Retention()


def purged_cases(
    connection: Connection, targets: Mapping[str, Target], now: datetime
) -> tuple[PurgedCase, ...]:
    """The cases of which something is to go."""
    table, decided = table_of(Candidate), _last_decisions().subquery()
    query = select(table, decided.c.at.label("decided_at")).outerjoin(
        decided, decided.c.candidate_id == table.c.id
    )
    is_gone = (table.c.status == "open") & (table.c.presence == "gone")
    query = query.where(is_gone | table.c.status.in_(["dismissed", "removed"]))
    rows = connection.execute(query.order_by(table.c.id)).mappings().all()
    found = []
    for portion in portions(rows):
        sightings = _sightings(connection, [row["id"] for row in portion])
        for row in portion:
            case = _purged_case(dict(row), sightings[row["id"]], targets, now)
            if case is not None:
                found.append(case)
    return tuple(found)


def clear_rows(
    connection: Connection, targets: Mapping[str, Target], now: datetime
) -> tuple[ClearRows, ...]:
    """What is to go of surfaces that were no finding, by target."""
    scan, visit = table_of(Scan), table_of(Visit)
    found = []
    ids = connection.scalars(select(scan.c.target_id).distinct().order_by(scan.c.target_id))
    for target_id in ids.all():
        before = retention_of(targets, target_id).cutoff("clear", now)
        if before is None:
            continue
        query = select(func.count()).select_from(visit).where(*old_and_clear(target_id, before))
        rows = connection.scalar(query) or 0
        if rows:
            found.append(ClearRows(target_id=target_id, before=before, rows=rows))
    return tuple(found)


def old_and_clear(target_id: str, before: datetime) -> list[ColumnElement[bool]]:
    """Visits of a target before that time without a finding, those of its newest scan kept."""
    scan, visit = table_of(Scan), table_of(Visit)
    newest = select(func.max(scan.c.id)).where(scan.c.target_id == target_id).scalar_subquery()
    old = select(scan.c.id).where(
        scan.c.target_id == target_id, scan.c.started_at < before, scan.c.id != newest
    )
    return [
        visit.c.scan_id.in_(old),
        visit.c.seen.in_(NO_FINDING),
        visit.c.recorded_at < before,
    ]


def removable_files(
    connection: Connection, evidence: EvidenceStore, cases: Sequence[PurgedCase]
) -> tuple[EvidenceFile, ...]:
    """The files of what goes of `cases` that nothing which stays refers to."""
    going = {sighting for case in cases for sighting in case.sightings}
    files = _files_of(connection, going) | _recheck_files(connection, cases)
    needed = needed_files(connection, evidence, files, going, cases)
    return tuple(sorted((f for f in files if _name(f) not in needed), key=_name))


def needed_files(
    connection: Connection,
    evidence: EvidenceStore,
    files: Iterable[EvidenceFile],
    going: set[int],
    cases: Sequence[PurgedCase],
) -> set[FileName]:
    """Those of `files` that prove a sighting not `going`, a decision, or a recheck that stays."""
    wanted = {_name(file) for file in files}
    table = table_of(SightingEvidence)
    needed: set[FileName] = set()
    for portion in portions(sorted({sha256 for _, sha256 in wanted})):
        query = select(table.c.sighting_id, table.c.kind, table.c.sha256)
        for row in connection.execute(query.where(table.c.sha256.in_(portion))):
            if row.sighting_id not in going:
                needed.add((row.kind, row.sha256))
    return (needed | _proofs(connection, evidence, cases)) & wanted


def _name(file: EvidenceFile) -> FileName:
    return file.kind, file.sha256


def _last_decisions() -> Any:
    table = table_of(Decision)
    newest = select(func.max(table.c.id)).group_by(table.c.candidate_id)
    return select(table.c.candidate_id, table.c.at).where(table.c.id.in_(newest))


def _purged_case(
    row: Mapping[str, Any],
    sightings: Sequence[tuple[int, datetime, str]],
    targets: Mapping[str, Target],
    now: datetime,
) -> PurgedCase | None:
    rule: RetentionRule = "gone" if row["status"] == "open" else row["status"]
    seen_by = sorted({target_id for _, _, target_id in sightings})
    before = earliest(rule, [retention_of(targets, one) for one in seen_by], now)
    since = row["gone_at"] if rule == "gone" else row["decided_at"]
    if before is None or since is None or since >= before:
        return None
    old = tuple(sorted(number for number, seen_at, _ in sightings if seen_at < before))
    if not old:
        return None
    whole = rule == "gone" and row["decided_at"] is None and len(old) == len(sightings)
    return PurgedCase(
        candidate_id=row["id"],
        key=row["key"],
        rule=rule,
        target_id=seen_by[0],
        before=before,
        sightings=old,
        whole=whole,
    )


def _sightings(
    connection: Connection, candidates: Sequence[int]
) -> dict[int, list[tuple[int, datetime, str]]]:
    """Number, time and target of each sighting, by candidate; rechecks count for every target."""
    sighting, scan = table_of(Sighting), table_of(Scan)
    query = (
        select(sighting.c.id, sighting.c.candidate_id, sighting.c.seen_at, scan.c.target_id)
        .join(scan, scan.c.id == sighting.c.scan_id)
        .where(sighting.c.candidate_id.in_(candidates))
    )
    found: dict[int, list[tuple[int, datetime, str]]] = defaultdict(list)
    for row in connection.execute(query):
        target_id = row.target_id.removeprefix(RECHECK_PREFIX)
        found[row.candidate_id].append((row.id, row.seen_at, target_id))
    return found


def _files_of(connection: Connection, sightings: Iterable[int]) -> set[EvidenceFile]:
    table = table_of(SightingEvidence)
    files: set[EvidenceFile] = set()
    for portion in portions(sorted(sightings)):
        query = select(table.c.kind, table.c.sha256, table.c.size_bytes)
        for row in connection.execute(query.where(table.c.sighting_id.in_(portion))):
            files.add(EvidenceFile(row.kind, row.sha256, row.size_bytes))
    return files


def _rechecks_going(cases: Sequence[PurgedCase]) -> dict[int, datetime]:
    return {case.candidate_id: case.before for case in cases}


def _recheck_files(connection: Connection, cases: Sequence[PurgedCase]) -> set[EvidenceFile]:
    table, going = table_of(Recheck), _rechecks_going(cases)
    files: set[EvidenceFile] = set()
    for portion in portions(sorted(going)):
        query = select(table.c.candidate_id, table.c.at, table.c.proof)
        for row in connection.execute(query.where(table.c.candidate_id.in_(portion))):
            if row.at < going[row.candidate_id]:
                files.update(msgspec.convert(row.proof, list[EvidenceFile]))
    return files


def _proofs(
    connection: Connection, evidence: EvidenceStore, cases: Sequence[PurgedCase]
) -> set[FileName]:
    """The files that prove decisions, and rechecks that stay; of a manifest all that it names."""
    recheck, going = table_of(Recheck), _rechecks_going(cases)
    proofs: list[Any] = list(connection.scalars(select(table_of(Decision).c.proof)))
    query = select(recheck.c.candidate_id, recheck.c.at, recheck.c.proof)
    for row in connection.execute(query):
        if row.candidate_id not in going or row.at >= going[row.candidate_id]:
            proofs.append(row.proof)
    found: set[FileName] = set()
    for file in {one for proof in proofs for one in msgspec.convert(proof, list[EvidenceFile])}:
        found.add(_name(file))
        if file.kind == "manifest":
            found.update(_name(one) for one in read_manifest(evidence, file.sha256).files)
    return found
