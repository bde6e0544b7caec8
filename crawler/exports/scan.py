"""The scan of an export on all cores: rows that need neither network nor pictures. What it leaves
aside is looked at by the spider afterwards, in the same scan."""

from __future__ import annotations

import fcntl
import hashlib
import signal
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from core.errors import BadInput, PromowatchError, StorageError
from core.target import ExportListing, Target
from core.verdict import CANDIDATE_LABELS
from crawler.exports.chunks import BesideChunk, Source, read_chunks
from crawler.exports.fetch import Fetched
from crawler.exports.identity import basis_identity, files_identity
from crawler.exports.pool import JudgePool, workers_here
from crawler.exports.protocol import Chunk, Judgement, Setup
from crawler.exports.writer import PartWriter
from crawler.pipelines.keeping import scan_notes
from crawler.sources.export_file import RowGaps
from storage import CutOff, Store


class ExportProgress(msgspec.Struct, frozen=True):
    """How far a scan is: bytes of the files read and in all, and what was found since it began or
    went on."""

    position: int
    size: int
    entries: int = 0
    hits: int = 0
    unchanged: int = 0
    gaps: int = 0


class ExportScan(msgspec.Struct, frozen=True):
    """How the scan of an export went. `aside` are the places of rows left to a spider, by seed."""

    scan_id: int
    complete: bool
    aside: dict[str, frozenset[int]]


def run_export_scan(
    target: Target,
    exports: Fetched,
    *,
    data: Path,
    catalogue: Path,
    zone: ZoneInfo,
    told: Callable[[ExportProgress], None] = lambda _: None,
    resumed: Callable[[int], None] = lambda _: None,
) -> ExportScan:
    """Judge the rows of the `exports` that `target` names, and store what was found under `data`.

    A scan of the same unchanged files that was cut off is gone on with, after `resumed` was told
    how many rows are done. `told` hears of every chunk. Ctrl-C ends it cleanly. The scan stays
    open: `finish_export_scan` closes it. Raises BadInput, StorageError, PromowatchError.
    """
    files = files_identity(exports.exports)
    now = datetime.now(UTC)
    basis = basis_identity(target, catalogue, now.astimezone(zone).date())
    with Store.open(data) as store:
        before = store.reopen_export_scan(target.id, files, basis)
        if before is None:
            scan_id = store.begin_export_scan(
                target.id,
                target.title,
                started_at=now,
                files=files,
                basis=basis,
                notes=scan_notes(target),
            )
            before = CutOff(scan_id=scan_id, rows={}, bad_rows={})
        else:
            resumed(sum(before.rows.values()))
        scan = _Scan(target, exports, store, before, zone)
        with _failing(store, before.scan_id):
            complete = scan.run(data, catalogue, told)
            return ExportScan(before.scan_id, complete, scan.aside())


def finish_export_scan(data: Path, scan_id: int, *, complete: bool) -> None:
    """Close a scan. Only a complete one stands for those before it. Raises StorageError."""
    state: Literal["finished", "interrupted"] = "finished" if complete else "interrupted"
    with Store.open(data) as store:
        if complete:
            store.forget_earlier_exports(scan_id)
        store.finish_scan(scan_id, state=state, finished_at=datetime.now(UTC))


class _Scan:
    def __init__(
        self, target: Target, exports: Fetched, store: Store, before: CutOff, zone: ZoneInfo
    ) -> None:
        self._target = target
        self._store = store
        self._scan_id = before.scan_id
        self._zone = zone
        self._exports = exports
        self._sources = [
            Source(number, one.path, one.seed, target.source, before.rows.get(number, 0))
            for number, one in enumerate(exports.exports)
            if isinstance(target.source, ExportListing)
        ]
        self._size = sum(one.path.stat().st_size for one in exports.exports)
        self._bad_rows = before.bad_rows
        self._stopping = False

    def run(self, data: Path, catalogue: Path, told: Callable[[ExportProgress], None]) -> bool:
        """Whether all rows were judged."""
        gaps = {
            one.file: RowGaps(one.path, self._bad_rows.get(one.file, 0)) for one in self._sources
        }
        entries = {one.file: one.done for one in self._sources}
        progress = ExportProgress(0, self._size)
        with (
            self._until_interrupted(),
            PartWriter(self._store, self._scan_id, gaps, entries) as writer,
            self._pool(data, catalogue) as pool,
        ):
            for judged, beside in pool.judged(self._chunks()):
                entries[beside.file] += judged.entries
                new_gaps = writer.take(judged, beside)
                progress = _later(progress, judged, beside.position, new_gaps)
                told(progress)
            if self._stopping:
                writer.flush()
            else:
                writer.close(entries, self._exports.gaps)
        return not self._stopping

    def _pool(self, data: Path, catalogue: Path) -> JudgePool:
        """Made here, so that nothing else holds what may be a hundred megabytes of fingerprints."""
        setup = Setup(
            self._target,
            str(data.resolve()),
            str(catalogue.resolve()),
            self._store.export_fingerprints(self._scan_id),
            self._store.keys_up(),
        )
        return JudgePool(setup, workers_here())

    def aside(self) -> dict[str, frozenset[int]]:
        """The places of rows that were left aside, by seed."""
        found: dict[str, frozenset[int]] = {}
        for file, parts in self._store.export_rows_aside(self._scan_id).items():
            found[self._exports.exports[file].seed] = frozenset(array("I", b"".join(parts)))
        return found

    def _chunks(self) -> Iterator[tuple[Chunk, BesideChunk]]:
        read_before = 0
        for source in self._sources:
            for chunk, beside in read_chunks(source, self._zone):
                if self._stopping:
                    return
                position = read_before + beside.position
                yield chunk, msgspec.structs.replace(beside, position=position)
            read_before += source.path.stat().st_size

    @contextmanager
    def _until_interrupted(self) -> Iterator[None]:
        """The first Ctrl-C (or a polite kill) ends the scan after what is being judged; a second
        one ends it at once."""

        def stop(number: int, _frame: Any) -> None:
            self._stopping = True
            signal.signal(number, signal.SIG_DFL)

        usual = {one: signal.signal(one, stop) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for one, handler in usual.items():
                signal.signal(one, handler)


def _later(progress: ExportProgress, judged: Judgement, position: int, gaps: int) -> ExportProgress:
    hits = sum(look.seen in CANDIDATE_LABELS for look in judged.looks) + len(judged.again)
    return ExportProgress(
        position,
        progress.size,
        progress.entries + judged.entries,
        progress.hits + hits,
        progress.unchanged + judged.unchanged,
        progress.gaps + gaps,
    )


@contextmanager
def _failing(store: Store, scan_id: int) -> Iterator[None]:
    """Notes in the database that a scan failed, if that can be written."""
    try:
        yield
    except PromowatchError:
        with suppress(StorageError):
            store.finish_scan(scan_id, state="failed", finished_at=datetime.now(UTC))
        raise


@contextmanager
def alone(data: Path, target_id: str) -> Iterator[None]:
    """Keeps a second scan of the same target out of a data folder, so that none goes on with what
    another is still doing. The kernel gives the lock back when a process dies. Raises BadInput."""
    name = hashlib.sha256(target_id.encode()).hexdigest()[:16]
    with (data / f".export-{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BadInput(
                f"another scan of `{target_id}` is running", hint="wait until it has ended"
            ) from error
        yield
