"""Judged -> Proven: for every candidate the bytes that prove it, named by their SHA-256."""

from __future__ import annotations

from pathlib import Path

import msgspec
from scrapy.crawler import Crawler

from crawler.items import Item, Judged
from storage import EvidenceFile, EvidenceStore

_CANDIDATES = ("violation", "review")


class Proven(msgspec.Struct, frozen=True):
    """A judged surface with the evidence files kept for it."""

    judged: Judged
    files: tuple[EvidenceFile, ...]


class EvidencePipeline:
    """Keeps response, screenshot, document and verdict of what a person will have to look at."""

    def __init__(self, store: EvidenceStore) -> None:
        self._store = store

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> EvidencePipeline:
        return cls(EvidenceStore(Path(crawler.settings["PROMOWATCH_DATA"])))

    def process_item(self, item: Item) -> Item | Proven:
        if not isinstance(item, Judged):
            return item
        files: tuple[EvidenceFile, ...] = ()
        if item.verdict.label in _CANDIDATES:
            files = self._kept(item)
        return Proven(item, files)

    def _kept(self, item: Judged) -> tuple[EvidenceFile, ...]:
        put = self._store.put
        files = [
            put(item.capture.body, "response"),
            put(msgspec.json.encode(item.document), "document"),
            put(msgspec.json.encode(item.verdict), "verdict"),
        ]
        if item.capture.screenshot:
            files.append(put(item.capture.screenshot, "screenshot"))
        return tuple(files)
