"""Judged -> Proven: for every candidate the bytes that prove it, named by their SHA-256."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from scrapy.crawler import Crawler

from core.errors import StorageError
from core.gap import Gap
from core.verdict import CANDIDATE_LABELS
from crawler.items import Item, Judged, Listed, Missing
from crawler.pipelines.failure import end_scan
from crawler.pipelines.identity import key_of, key_of_answer
from crawler.pipelines.kept_pictures import kept_pictures
from crawler.pipelines.ledger import LedgerWriter
from storage import (
    EvidenceFile,
    EvidenceStore,
    Ledger,
    LedgerNote,
    Unjudged,
    contrast_view,
    manifest_of,
    portable_json,
    unjudged_manifest,
    warc_of,
)


class Proven(msgspec.Struct, frozen=True):
    """A judged surface with the evidence files kept for it.

    `recorded` is done when the ledger has them, and raises StorageError when it could not be
    written; None where nothing was kept. Nothing about the surface is stored before. `gaps` are
    pictures of which no marked copy could be made.
    """

    judged: Judged
    files: tuple[EvidenceFile, ...]
    recorded: asyncio.Task[None] | None = None
    gaps: tuple[Gap, ...] = ()


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
            return Proven(item, ())
        try:
            files, gaps = await asyncio.to_thread(self._kept, item)
        except StorageError as error:
            end_scan(self._crawler, error)
            return Proven(item, ())
        recorded = self._ledger.write(_notes(item, files), files)
        return Proven(item, files, recorded, gaps)

    def _keeps(self, item: Judged) -> bool:
        """A recheck keeps what it sees, clear pages too, but no entries that it did not ask for."""
        if self._rechecked:
            return item.document.entry is None or key_of(item) in self._rechecked
        return item.verdict.label in CANDIDATE_LABELS and not item.verdict.repeated

    async def _answer(self, item: Missing | Listed) -> Item:
        """Keep the answer that something is not there, and go on when the ledger has it."""
        try:
            files = await asyncio.to_thread(self._kept_answer, item)
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

    def _kept_answer(self, item: Missing | Listed) -> tuple[EvidenceFile, ...]:
        put, capture = self._store.put, item.capture
        files = (put(capture.body, "response"), put(warc_of(capture), "warc"))
        label: Unjudged = "absent" if isinstance(item, Missing) else "listing"
        manifest = unjudged_manifest(key_of_answer(item), capture, label, files)
        return (*files, put(portable_json(manifest), "manifest"))

    def _kept(self, item: Judged) -> tuple[tuple[EvidenceFile, ...], tuple[Gap, ...]]:
        put = self._store.put
        capture, verdict = item.capture, item.verdict
        answers = (answer for chain in item.chains for answer in chain.answers)
        spider: Any = self._crawler.spider
        shown = kept_pictures(item, put, spider.target.limits)
        files = (
            put(capture.body, "response"),
            put(warc_of(capture, item.pictures, answers), "warc"),
            put(portable_json(item.document), "document"),
            put(portable_json(verdict), "verdict"),
            *shown.files,
        )
        others = [(other, put(warc_of(other), "warc")) for other in item.contrast]
        files = (*files, *dict.fromkeys(file for _, file in others))
        surface = item.document.surface
        contrast = tuple(contrast_view(other, file) for other, file in others)
        manifest = manifest_of(
            key_of(item), surface, capture, verdict, files, contrast=contrast, marked=shown.marked
        )
        return (*files, put(portable_json(manifest), "manifest")), shown.gaps


def _notes(item: Judged, files: tuple[EvidenceFile, ...]) -> tuple[LedgerNote, LedgerNote]:
    hashes = {file.kind: file.sha256 for file in files}
    key, now = key_of(item), datetime.now(UTC)
    return (
        LedgerNote(kind="capture", subject=key, at=now, sha256=hashes["manifest"]),
        LedgerNote(kind="verdict", subject=key, at=now, sha256=hashes["verdict"]),
    )
