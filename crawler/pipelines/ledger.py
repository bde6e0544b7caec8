"""Ledger entries of a crawl, written many at a time and off the crawl loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from storage import EvidenceFile, EvidenceStore, Ledger, LedgerNote


class LedgerWriter:
    """Writes what was handed in while the last batch was being written as the next batch.

    So a batch is as large as the disk is slow, and nothing waits for a timer. The files are
    fsynced before the entries that name them.
    """

    def __init__(self, ledger: Ledger, store: EvidenceStore) -> None:
        self._ledger = ledger
        self._store = store
        self._notes: list[LedgerNote] = []
        self._files: list[EvidenceFile] = []
        self._next: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()

    def write(
        self, notes: Sequence[LedgerNote], files: Sequence[EvidenceFile]
    ) -> asyncio.Task[None]:
        """The batch that `notes` go with: done when the ledger has them, raises StorageError when
        it could not be written. To be called in the crawl loop, which it does not hold up."""
        self._notes += notes
        self._files += files
        if self._next is None:
            self._next = asyncio.get_running_loop().create_task(self._write_batch())
        return self._next

    async def _write_batch(self) -> None:
        async with self._writing:
            notes, files = self._notes, self._files
            self._notes, self._files, self._next = [], [], None
            await asyncio.to_thread(self._written, notes, files)

    def _written(self, notes: Sequence[LedgerNote], files: Sequence[EvidenceFile]) -> None:
        self._store.sync(files)
        self._ledger.append(notes)
