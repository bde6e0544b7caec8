"""Purging: what may go by the retention of its targets goes, and the ledger says so.

First the purge is written down: its file, then a marker, then the ledger's entry. Then rows go,
then files. A process that dies leaves the marker, and the next purge ends what was begun. From the
entry on, `verify_evidence` calls the files purged, whether they are gone already or not.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, delete, select

from core import StorageError
from core.retention import Retention
from core.target import Target
from core.text import one_line
from storage.casework_models import Decision, Fingerprint, Recheck
from storage.decisions import Step
from storage.failures import file_error
from storage.ledger_entry import LedgerNote, read_entry
from storage.models import (
    Candidate,
    EntryChangeRow,
    EntryRow,
    Scan,
    ScanEvent,
    ShadowChange,
    Sighting,
    Visit,
)
from storage.purge_file import ClearRows, PurgedCase, PurgeFile, read_purge
from storage.purge_plan import (
    clear_rows,
    needed_files,
    old_and_clear,
    purged_cases,
    removable_files,
    retention_of,
)
from storage.records import EvidenceFile, storable
from storage.session import reading, writing
from storage.store import Store
from storage.upsert import portions, table_of

MARKER = "purge.pending"
_LOCK = "purge.lock"
_FRESH = timedelta(hours=1)
"""A file that was put within this time may be a running scan's, which has not stored it yet."""

_CASES_AT_ONCE = 100
Progress = Callable[[int, int], None]


def plan_purge(store: Store, targets: Mapping[str, Target], step: Step) -> PurgeFile:
    """What a purge at `step.at` would remove. Nothing is changed. Raises StorageError."""
    with reading(store.database) as connection:
        cases = purged_cases(connection, targets, step.at)
        clear = clear_rows(connection, targets, step.at)
        files = removable_files(connection, store.evidence, cases)
    concerned = {case.target_id for case in cases} | {one.target_id for one in clear}
    retention: dict[str, Retention] = {one: retention_of(targets, one) for one in sorted(concerned)}
    return PurgeFile(
        by=one_line(storable(step.by), 100),
        why=one_line(storable(step.why), 2_000),
        at=step.at.astimezone(UTC),
        retention=retention,
        cases=cases,
        clear=clear,
        files=files,
    )


def purge(
    store: Store,
    targets: Mapping[str, Target],
    step: Step,
    progress: Progress = lambda _done, _total: None,
) -> tuple[PurgeFile, ...]:
    """Remove what may go: the purges that were carried out, one that was cut off before it too.

    Raises StorageError, also where evidence is kept beyond this machine: the ledger would say that
    files went which stay there. What was begun is ended by the next call.
    """
    if store.evidence.beyond:
        raise StorageError(
            f"evidence is kept in {store.evidence.beyond}, where purge does not remove files yet",
            hint="nothing was removed; see `Retention` in docs/operations.md",
        )
    with _alone(store.folder):
        done = []
        begun = _begun(store)
        if begun is not None:
            _carry_out(store, begun, step.at, progress)
            done.append(begun)
        planned = plan_purge(store, targets, step)
        if not planned.is_empty:
            _write_down(store, planned)
            _carry_out(store, planned, step.at, progress)
            done.append(planned)
        return tuple(done)


def _write_down(store: Store, planned: PurgeFile) -> None:
    file = store.evidence.put(planned.data, "purge")
    store.evidence.sync([file])
    _write_marker(store.folder / MARKER, file.sha256)
    note = LedgerNote(kind="purge", subject="purge", at=planned.at, sha256=file.sha256)
    store.ledger.append([note])


def _write_marker(path: Path, sha256: str) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="ascii") as file:
            file.write(sha256)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise file_error("the purge's marker", path, error) from error


def _begun(store: Store) -> PurgeFile | None:
    """The purge that was cut off after the ledger had it; one that it never had is forgotten."""
    marker = store.folder / MARKER
    try:
        sha256 = marker.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StorageError(f"the purge's marker {marker} cannot be read ({error})") from error
    store.ledger.last()  # repairs an append that was cut short
    entries = (read_entry(line) for line in store.ledger.lines() if b'"purge"' in line)
    if any(entry.kind == "purge" and entry.sha256 == sha256 for entry in entries):
        return read_purge(store.evidence, sha256)
    marker.unlink()
    return None


def _carry_out(store: Store, planned: PurgeFile, now: datetime, progress: Progress) -> None:
    for place in range(0, len(planned.cases), _CASES_AT_ONCE):
        with writing(store.database) as connection:
            for case in planned.cases[place : place + _CASES_AT_ONCE]:
                _remove_case(connection, case)
    for rows in planned.clear:
        with writing(store.database) as connection:
            _remove_clear(connection, rows)
    _remove_files(store, planned, now, progress)
    (store.folder / MARKER).unlink(missing_ok=True)


def _remove_case(connection: Connection, case: PurgedCase) -> None:
    sighting, visit, event = table_of(Sighting), table_of(Visit), table_of(ScanEvent)
    recheck, number = table_of(Recheck), case.candidate_id
    for portion in portions(case.sightings):
        scans = select(sighting.c.scan_id).where(sighting.c.id.in_(portion))
        own = (visit.c.key == case.key) & (visit.c.recorded_at < case.before)
        connection.execute(delete(visit).where(visit.c.scan_id.in_(scans), own))
        connection.execute(delete(sighting).where(sighting.c.id.in_(portion)))
    for table, old in ((event, event.c.at), (recheck, recheck.c.at)):
        connection.execute(delete(table).where(table.c.candidate_id == number, old < case.before))
    if case.rule != "removed":  # what was removed must be known again when it comes back
        _remove_marks(connection, number)
    if case.whole:
        _remove_candidate(connection, case)


def _remove_marks(connection: Connection, candidate_id: int) -> None:
    sighting, mark = table_of(Sighting), table_of(Fingerprint)
    left = select(sighting.c.id).where(sighting.c.candidate_id == candidate_id).exists()
    connection.execute(delete(mark).where(mark.c.candidate_id == candidate_id, ~left))


def _remove_candidate(connection: Connection, case: PurgedCase) -> None:
    """The case itself, unless a scan has seen it or a person decided about it since."""
    table, decision, sighting = table_of(Candidate), table_of(Decision), table_of(Sighting)
    decided = select(decision.c.id).where(decision.c.candidate_id == table.c.id).exists()
    seen = select(sighting.c.id).where(sighting.c.candidate_id == table.c.id).exists()
    gone = (table.c.id == case.candidate_id) & (table.c.presence == "gone")
    removed = connection.execute(delete(table).where(gone, ~decided, ~seen))
    if removed.rowcount:
        for model in (EntryRow, EntryChangeRow):
            entry = table_of(model)
            connection.execute(delete(entry).where(entry.c.surface_key == case.key))


def _remove_clear(connection: Connection, rows: ClearRows) -> None:
    visit, shadow, scan = table_of(Visit), table_of(ShadowChange), table_of(Scan)
    connection.execute(delete(visit).where(*old_and_clear(rows.target_id, rows.before)))
    scans = select(scan.c.id).where(scan.c.target_id == rows.target_id)
    old = (shadow.c.scan_id.in_(scans)) & (shadow.c.at < rows.before)
    connection.execute(delete(shadow).where(old))


def _remove_files(store: Store, planned: PurgeFile, now: datetime, progress: Progress) -> None:
    """Remove the files, those aside that are needed by now or were put a moment ago."""
    with reading(store.database) as connection:
        needed = needed_files(connection, store.evidence, planned.files, set(), ())
    fresh = (now - _FRESH).timestamp()
    for place, file in enumerate(planned.files, 1):
        if (file.kind, file.sha256) not in needed:
            _remove_file(store, file, fresh)
        progress(place, len(planned.files))


def _remove_file(store: Store, file: EvidenceFile, fresh: float) -> None:
    path = store.evidence.path(file.sha256, file.kind)
    try:
        if path.stat().st_mtime < fresh:
            path.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        raise file_error("the evidence file", path, error) from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One purge at a time on this machine."""
    path = folder / _LOCK
    try:
        with path.open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
    except BlockingIOError:
        raise StorageError("another purge is running on this data folder") from None
    except OSError as error:
        raise file_error("the purge's lock", path, error) from error
