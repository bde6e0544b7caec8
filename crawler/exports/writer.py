"""Storing what the workers found, part by part: evidence, then the ledger, then the database."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import msgspec

from core.errors import StorageError
from core.gap import Gap
from crawler.exports.chunks import BesideChunk
from crawler.exports.protocol import Judgement
from crawler.sources.export_file import RowGaps
from storage import EntrySeen, LedgerNote, Look, PartDone, Store

_ROWS = 40_000
_SECONDS = 1.0


class PartWriter:
    """Collects judgements and writes them as parts: rows, findings and how far the scan came, in
    one transaction, so that a scan that is killed at any moment goes on without a double.

    Parts are written in order, in a thread, while the workers are fed; one waits at most. A context
    manager: at its end nothing is being written. Every method raises StorageError.
    """

    def __init__(
        self, store: Store, scan_id: int, gaps: dict[int, RowGaps], done: Mapping[int, int]
    ) -> None:
        """`done`: the last row of each file that an earlier run of the scan has stored."""
        self._store = store
        self._scan = scan_id
        self._row_gaps = gaps
        self._thread = ThreadPoolExecutor(1, "parts")
        self._writing: Future[None] | None = None
        self._clear()
        self._last = dict(done)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._thread.shutdown()

    def _clear(self) -> None:
        self._parts: dict[int, PartDone] = {}
        self._looks: list[Look] = []
        self._states: list[EntrySeen] = []
        self._notes: list[LedgerNote] = []
        self._gaps: list[tuple[Gap, datetime]] = []
        self._rows = 0
        self._since = time.monotonic()

    def take(self, judged: Judgement, beside: BesideChunk) -> int:
        """Keep what came of a chunk; how many gaps were told of it."""
        if judged.failure:
            raise StorageError(judged.failure)
        row_gaps = self._row_gaps[beside.file]
        bad_rows = row_gaps.bad_rows
        now = datetime.now(UTC)
        told = [(gap, now) for gap in (*beside.gaps, *judged.gaps) if row_gaps.admits(gap)]
        self._gaps += told
        self._looks += judged.looks
        self._states += judged.states
        self._notes += judged.notes
        part = PartDone(
            file=beside.file,
            rows=beside.rows,
            clear=judged.clear,
            unchanged=judged.unchanged,
            bad_rows=row_gaps.bad_rows - bad_rows,
            aside=judged.aside,
            quiet=judged.quiet,
            hits=judged.hits,
            again=judged.again,
        )
        if beside.rows > self._last.get(beside.file, 0):
            before = self._parts.get(beside.file)
            self._parts[beside.file] = part if before is None else _joined(before, part)
            self._last[beside.file] = beside.rows
        self._rows += judged.entries
        if self._rows >= _ROWS or time.monotonic() - self._since >= _SECONDS:
            self._begin_writing()
        return len(told)

    def close(self, entries: dict[int, int], gaps: Iterable[Gap]) -> None:
        """Write what is left, what is told at the end of files with so many `entries`, and `gaps`
        that are of no file."""
        now = datetime.now(UTC)
        told = [*gaps]
        for file, one in self._row_gaps.items():
            told += one.closing(entries[file])
        self._gaps += [(gap, now) for gap in told]
        self.flush()

    def flush(self) -> None:
        """Write what was collected, and wait until it is there."""
        self._begin_writing()
        self._end_writing()

    def _begin_writing(self) -> None:
        self._end_writing()
        parts = list(self._parts.values())
        if parts or self._gaps:
            self._writing = self._thread.submit(
                self._write, parts, self._looks, self._states, self._notes, self._gaps
            )
        self._clear()

    def _end_writing(self) -> None:
        if self._writing is not None:
            self._writing.result()
            self._writing = None

    def _write(
        self,
        parts: list[PartDone],
        looks: list[Look],
        states: list[EntrySeen],
        notes: list[LedgerNote],
        gaps: list[tuple[Gap, datetime]],
    ) -> None:
        files = [file for look in looks for file in look.evidence]
        self._store.evidence.sync(files)
        self._store.ledger.append(notes)
        now = datetime.now(UTC)
        self._store.record_parts(self._scan, parts, looks, gaps, at=now, states=states)


def _joined(one: PartDone, other: PartDone) -> PartDone:
    return msgspec.structs.replace(
        other,
        clear=one.clear + other.clear,
        unchanged=one.unchanged + other.unchanged,
        bad_rows=one.bad_rows + other.bad_rows,
        aside=one.aside + other.aside,
        quiet=one.quiet + other.quiet,
        hits=one.hits + other.hits,
        again=one.again + other.again,
    )
