"""Judged -> Proven: for every candidate the bytes that prove it, named by their SHA-256."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from scrapy.crawler import Crawler

from core.errors import StorageError
from crawler.items import Item, Judged, Listed, Missing
from crawler.pipelines.failure import end_scan
from crawler.pipelines.identity import key_of, key_of_answer
from crawler.pipelines.keeping import Kept, is_kept, kept_answer, kept_files, ledger_notes
from crawler.pipelines.ledger import LedgerWriter
from storage import EvidenceStore, Ledger, LedgerNote


class Proven(msgspec.Struct, frozen=True):
    """A judged surface with what was kept of it.

    `recorded` is done when the ledger has it, and raises StorageError when it could not be
    written; None where nothing was kept. Nothing about the surface is stored before.
    """

    judged: Judged
    kept: Kept = Kept()
    recorded: asyncio.Task[None] | None = None


class EvidencePipeline:
    """Keeps what was fetched, screenshot, pictures, document, verdict and manifest of what a person
    will have to look at, and writes them into the ledger.

    Packing and writing happen in threads. An item goes on with the promise of its ledger entries,
    and is stored only when that is kept: whatever the database knows of evidence, the ledger knows
    too, also when the scan is killed.
    """

    def __init__(self, crawler: Crawler, data: Path) -> None:
        self._rechecked = frozenset(crawler.settings.getlist("PROMOWATCH_RECHECK"))
        self._crawler = crawler
        self._store = EvidenceStore(data)
        self._ledger = LedgerWriter(Ledger(data), self._store)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> EvidencePipeline:
        return cls(crawler, Path(crawler.settings["PROMOWATCH_DATA"]))

    async def process_item(self, item: Item) -> Item | Proven:
        if isinstance(item, Missing | Listed) and self._rechecked:
            return await self._answer(item)
        if not isinstance(item, Judged):
            return item
        if not self._keeps(item):
            return Proven(item)
        try:
            limits = self._spider.target.limits
            kept = await asyncio.to_thread(kept_files, self._store, item, limits)
        except StorageError as error:
            end_scan(self._crawler, error)
            return Proven(item)
        recorded = self._ledger.write(ledger_notes(item, kept.files), kept.files)
        return Proven(item, kept, recorded)

    @property
    def _spider(self) -> Any:
        return self._crawler.spider

    def _keeps(self, item: Judged) -> bool:
        """A recheck keeps what it sees, clear pages too, but no entries that it did not ask for."""
        if self._rechecked:
            return item.document.entry is None or key_of(item) in self._rechecked
        return is_kept(item.verdict)

    async def _answer(self, item: Missing | Listed) -> Item:
        """Keep the answer that something is not there, and go on when the ledger has it."""
        try:
            files = await asyncio.to_thread(kept_answer, self._store, item)
            note = LedgerNote(
                kind="capture",
                subject=key_of_answer(item),
                at=datetime.now(UTC),
                sha256=files[-1].sha256,
            )
            await self._ledger.write([note], files)
        except StorageError as error:
            end_scan(self._crawler, error)
        return item
