"""The one way into a data folder: its database and its evidence files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from sqlalchemy import Connection

from core import Gap
from core.frontier import CutScan, FrontierPage, Progress
from storage import cases, day, destinations, entries, exports, frontier, scans
from storage.candidates import record_looks
from storage.cases import Case
from storage.casework import reopen_settled
from storage.decisions import settle
from storage.evidence import EvidenceStore
from storage.fingerprints import record_marks
from storage.ledger import Ledger
from storage.models import DestinationChange
from storage.patience import patiently
from storage.records import (
    CandidateRow,
    DayRecord,
    DestinationChangeRecord,
    EntryHistory,
    EntrySeen,
    GapRecord,
    LinkDestinationRecord,
    Look,
    ScanSummary,
)
from storage.schedule_book import ScheduleBook
from storage.schema import open_folder, prepare
from storage.session import (
    BUSY_TIMEOUT_SECONDS,
    Database,
    database_of,
    reading,
    writing,
)
from storage.shadow_rows import record_shadow
from storage.upsert import table_of


class Store:
    """A data folder, open. Safe to use from several threads; every call is one transaction.

    Every method raises StorageError (one line, with the next step) when the database is locked,
    full, read-only or damaged; what a failed call was to write is not written at all.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        self.folder = folder
        self.evidence = EvidenceStore(folder)
        self.ledger = Ledger(folder)
        self.schedule = ScheduleBook(database)
        self.database = database

    @classmethod
    def open(
        cls,
        data_folder: Path,
        *,
        url: str | None = None,
        busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
    ) -> Self:
        """Open `data_folder`, made with an empty database if it is not there.

        The database is the PostgreSQL one that `url` (None: PROMOWATCH_DATABASE_URL) names, else a
        SQLite file of the folder. A write waits up to `busy_timeout_seconds` for another process.
        Raises StorageError when the folder or database cannot be used, or its schema is not this
        program's.
        """
        folder = open_folder(data_folder)
        database = database_of(folder, url=url, busy_timeout_seconds=busy_timeout_seconds)
        try:
            prepare(database)
        except BaseException:
            database.engine.dispose()
            raise
        return cls(database, data_folder)

    def close(self) -> None:
        """Give back the connections. A closed store opens new ones when used again."""
        self.database.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def begin_scan(
        self,
        target_id: str,
        title: str,
        *,
        started_at: datetime,
        notes: Sequence[str] = (),
        plan: bytes | None = None,
    ) -> int:
        """Begin a scan of a target; its number. The report shows `notes` (relaxed limits). With a
        `plan` (what its caller needs to go on) it can be taken up again when it is cut off."""

        def begun() -> int:
            with writing(self.database) as connection:
                scan_id = scans.begin_scan(
                    connection, target_id, title, started_at=started_at, notes=notes
                )
                if plan is not None:
                    frontier.begin_frontier(connection, scan_id, plan)
                return scan_id

        return patiently(begun)

    def cut_scans(self, target_id: str | None = None) -> tuple[CutScan, ...]:
        """Scans (of one target) that did not come to their end, the newest first. One that is
        running in another process is among them: `storage.RunningScan` tells."""
        with reading(self.database) as connection:
            return frontier.cut_scans(connection, target_id)

    def reopen_scan(self, scan_id: int) -> tuple[FrontierPage, ...]:
        """Take a scan up again that was cut off: its pages, in order of their numbers.

        Raises BadInput where that cannot be.
        """

        def reopened() -> tuple[FrontierPage, ...]:
            with writing(self.database) as connection:
                return frontier.reopen(connection, scan_id)

        return patiently(reopened)

    def last_number(self, scan_id: int) -> int:
        """The number of the last batch of a scan."""
        with reading(self.database) as connection:
            return frontier.last_number(connection, scan_id)

    def record(
        self,
        scan_id: int,
        looks: Sequence[Look],
        gaps: Sequence[tuple[Gap, datetime]] = (),
        progress: Progress | None = None,
    ) -> None:
        """Write a batch of looks and gaps and the `progress` they stand for: all of it, or on an
        error nothing. Settled cases that the looks reopen are led on, with a reason.

        About 25 ms for 1,000 looks, so a crawl calls it from a thread; it waits for a database
        server that is being restarted. A batch with a progress is written once, however often it
        is sent.
        """

        def recorded() -> bool:
            with writing(self.database) as connection:
                started_at = scans.scan_start(connection, scan_id)
                if progress is not None:
                    if frontier.is_recorded(connection, scan_id, progress):
                        return False
                    frontier.record_pages(connection, scan_id, progress.pages)
                reopened = self._record_looks(connection, scan_id, started_at, looks)
                scans.record_gaps(connection, scan_id, gaps)
                return reopened

        if patiently(recorded):
            settle(self.database, self.evidence, self.ledger)

    def _record_looks(
        self, connection: Connection, scan_id: int, started_at: datetime, looks: Sequence[Look]
    ) -> bool:
        """Write looks and all that follows from them; whether settled cases were led on."""
        if not looks:
            return False
        hits = record_looks(connection, scan_id, started_at, looks)
        record_marks(connection, scan_id, hits, started_at)
        record_shadow(connection, scan_id, started_at, looks)
        reopened = reopen_settled(connection, hits, started_at, self.ledger)
        destinations.record_destinations(connection, scan_id, started_at, looks)
        entries.record_entries(connection, scan_id, started_at, looks)
        return reopened

    def begin_export_scan(
        self,
        target_id: str,
        title: str,
        *,
        started_at: datetime,
        files: str,
        basis: str,
        notes: Sequence[str] = (),
    ) -> int:
        """Begin a scan of the exports `files` by the rules `basis` (hashes of both); its number."""

        def begun() -> int:
            with writing(self.database) as connection:
                scan_id = scans.begin_scan(
                    connection, target_id, title, started_at=started_at, notes=notes
                )
                exports.begin_export(connection, scan_id, files, basis)
                return scan_id

        return patiently(begun)

    def reopen_export_scan(self, target_id: str, files: str, basis: str) -> exports.CutOff | None:
        """Go on with the newest scan of a target, if it was cut off and read the same files by the
        same rules: how far it came."""

        def reopened() -> exports.CutOff | None:
            with writing(self.database) as connection:
                found = exports.cut_off_export(connection, target_id, files, basis)
                if found is not None:
                    exports.reopen_scan(connection, found.scan_id)
                return found

        return patiently(reopened)

    def record_parts(
        self,
        scan_id: int,
        parts: Sequence[exports.PartDone],
        looks: Sequence[Look],
        gaps: Sequence[tuple[Gap, datetime]],
        *,
        at: datetime,
        states: Sequence[EntrySeen] = (),
    ) -> None:
        """Write parts of an export with all that was found in them, and the `states` of entries
        that were clear: everything, or nothing."""

        def recorded() -> bool:
            with writing(self.database) as connection:
                if parts and exports.has_part(connection, scan_id, parts[0]):
                    return False  # the answer to the commit was lost
                started_at = scans.scan_start(connection, scan_id)
                reopened = self._record_looks(connection, scan_id, started_at, looks)
                entries.record_entries(connection, scan_id, started_at, states)
                scans.record_gaps(connection, scan_id, gaps)
                for part in parts:
                    exports.record_part(connection, scan_id, started_at, part, at)
                return reopened

        if patiently(recorded):
            settle(self.database, self.evidence, self.ledger)

    def forget_earlier_exports(self, scan_id: int) -> None:
        """Drop what earlier scans of the same target kept for telling unchanged rows."""

        def forgotten() -> None:
            with writing(self.database) as connection:
                exports.forget_earlier(connection, scan_id)

        patiently(forgotten)

    def export_fingerprints(self, scan_id: int) -> exports.Fingerprints:
        """By what rows are known again that the scan of the target before `scan_id` saw."""
        with reading(self.database) as connection:
            return exports.fingerprints(connection, scan_id)

    def export_rows_aside(self, scan_id: int) -> dict[int, list[bytes]]:
        """The row numbers (4 bytes each) that a scan of exports left to a spider, by file."""
        with reading(self.database) as connection:
            return exports.aside_rows(connection, scan_id)

    def keys_up(self) -> tuple[str, ...]:
        """The keys of all candidates that were up when last seen."""
        with reading(self.database) as connection:
            return exports.keys_up(connection)

    def finish_scan(
        self,
        scan_id: int,
        *,
        state: Literal["finished", "interrupted", "failed"],
        finished_at: datetime,
    ) -> None:
        """Close a scan. Only one that is not `finished` can be taken up again."""

        def finished() -> None:
            with writing(self.database) as connection:
                scans.finish_scan(connection, scan_id, state=state, finished_at=finished_at)
                if state == "finished":
                    frontier.forget_frontier(connection, scan_id)

        patiently(finished)

    def scan_summary(self, scan_id: int) -> ScanSummary:
        """One scan in figures."""
        with reading(self.database) as connection:
            return scans.scan_summary(connection, scan_id)

    def scan_candidates(self, scan_id: int) -> tuple[CandidateRow, ...]:
        """The candidates a scan met, worst first."""
        with reading(self.database) as connection:
            return scans.scan_candidates(connection, scan_id)

    def gaps(self, scan_id: int) -> tuple[GapRecord, ...]:
        """What a scan could not see, in the order it was met."""
        with reading(self.database) as connection:
            return scans.scan_gaps(connection, scan_id)

    def destination_changes(self, scan_id: int) -> tuple[DestinationChangeRecord, ...]:
        """The links that a scan found leading elsewhere than before."""
        of_scan = table_of(DestinationChange).c.scan_id == scan_id
        with reading(self.database) as connection:
            return destinations.destination_changes(connection, of_scan)

    def link_destinations(self, target_id: str) -> tuple[LinkDestinationRecord, ...]:
        """Where the opaque links of a target lead, as far as their end was reached."""
        with reading(self.database) as connection:
            return destinations.link_destinations(connection, target_id)

    def entry_history(self, surface_key: str) -> EntryHistory | None:
        """How a listing entry changed; None where the key is no entry's."""
        with reading(self.database) as connection:
            return entries.entry_history(connection, surface_key)

    def day(self, start: datetime, end: datetime) -> DayRecord:
        """All that happened from `start` up to, not including, `end` (both aware)."""
        with reading(self.database) as connection:
            return day.day_record(connection, start, end)

    def case(self, named: str) -> Case:
        """The candidate that a key, the beginning of one, or a URL names, with all sightings.

        Raises BadInput when there is none or more than one.
        """
        with reading(self.database) as connection:
            return cases.case_of(connection, named)

    def recorded_manifests(self) -> frozenset[str]:
        """The hash of every manifest that a sighting names."""
        with reading(self.database) as connection:
            return cases.recorded_manifests(connection)
