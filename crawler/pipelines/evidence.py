"""Judged -> Proven: for every candidate the bytes that prove it, named by their SHA-256."""

from __future__ import annotations

from pathlib import Path

import msgspec
from scrapy.crawler import Crawler

from core.errors import StorageError
from core.verdict import CANDIDATE_LABELS
from crawler.items import Item, Judged
from crawler.pipelines.failure import end_scan
from storage import EvidenceFile, EvidenceStore, portable_json


class Proven(msgspec.Struct, frozen=True):
    """A judged surface with the evidence files kept for it."""

    judged: Judged
    files: tuple[EvidenceFile, ...]


class EvidencePipeline:
    """Keeps response, screenshot, document and verdict of what a person will have to look at."""

    def __init__(self, crawler: Crawler, store: EvidenceStore) -> None:
        self._crawler = crawler
        self._store = store

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> EvidencePipeline:
        return cls(crawler, EvidenceStore(Path(crawler.settings["PROMOWATCH_DATA"])))

    def process_item(self, item: Item) -> Item | Proven:
        if not isinstance(item, Judged):
            return item
        files: tuple[EvidenceFile, ...] = ()
        if item.verdict.label in CANDIDATE_LABELS and not item.verdict.repeated:
            try:
                files = self._kept(item)
            except StorageError as error:
                end_scan(self._crawler, error)
        return Proven(item, files)

    def _kept(self, item: Judged) -> tuple[EvidenceFile, ...]:
        put = self._store.put
        files = [
            put(item.capture.body, "response"),
            put(portable_json(item.document), "document"),
            put(portable_json(item.verdict), "verdict"),
        ]
        if item.capture.screenshot:
            files.append(put(item.capture.screenshot, "screenshot"))
        return tuple(files)
