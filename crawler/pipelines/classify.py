"""Seen -> Judged."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from msgspec import structs
from scrapy.crawler import Crawler

from classifiers import Ruleset, SiteBlocks, classify, load_with_shadow, mark, shadow_change
from core.document import Document
from core.gap import Gap, GapKind
from core.urls import registrable_domain
from core.verdict import CANDIDATE_LABELS, Verdict
from crawler.frontier import Earlier, remember
from crawler.items import Item, Judged, NotSeen, Seen
from crawler.spiders.base import SurfaceSpider

_MARK_BYTES = 8
_SITES = 500
"""Sites whose repeated blocks are remembered at once; the longest unseen is forgotten."""


class ClassifyPipeline:
    """Judges every document on the day of its capture in the team's time zone.

    A finding that rests on nothing but blocks which stood on earlier pages of the site (a footer,
    a banner of the template) is marked as repeated: it is one matter for a person, not thousands.
    """

    def __init__(self, ruleset: Ruleset, zone: ZoneInfo, shadow: Ruleset | None = None) -> None:
        self._ruleset = ruleset
        self._shadow = shadow
        self._zone = zone
        self._sites: OrderedDict[str, SiteBlocks] = OrderedDict()
        self._crawler: Crawler | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ClassifyPipeline:
        settings = crawler.settings
        ruleset, shadow = load_with_shadow(Path(settings["PROMOWATCH_CATALOGUE"]))
        pipeline = cls(ruleset, ZoneInfo(settings["PROMOWATCH_TIME_ZONE"]), shadow)
        if isinstance(crawler.spider, SurfaceSpider):
            crawler.spider.suspects = pipeline.suspects
        pipeline._crawler = crawler
        return pipeline

    def open_spider(self) -> None:
        spider: Any = self._crawler.spider if self._crawler else None
        self.recall(spider.earlier)

    def recall(self, earlier: Earlier) -> None:
        """Know again which blocks stood on the pages of a site before the scan was cut off: those
        that carried a finding, for no others matter."""
        for (site,) in earlier.of("judged"):
            self._blocks_of(site).recall(1, ())
        for site, marks in earlier.of("site_blocks"):
            size = _MARK_BYTES
            found = [marks[at : at + size] for at in range(0, len(marks), size)]
            self._blocks_of(site).recall(0, found)

    def process_item(self, item: Item) -> Item:
        if not isinstance(item, Seen):
            return item
        capture = item.capture
        on = capture.taken_at.astimezone(self._zone).date()
        try:
            verdict = self._judge(item.document, on)
            shadow = shadow_change(item.document, verdict, self._shadow)
        except Exception as error:  # noqa: BLE001  (one page that breaks the judge is a gap)
            reason = f"the classifier failed: {type(error).__name__}: {error}"
            gap = Gap(GapKind.INTERNAL_ERROR, capture.final_url, reason)
            return NotSeen(gap, capture.taken_at)
        return Judged(
            capture, item.document, verdict, item.chains, pictures=item.pictures, shadow=shadow
        )

    def suspects(self, document: Document, at: datetime) -> bool:
        """Whether `document`, seen `at`, is a finding as it stands; also where that breaks."""
        try:
            verdict = classify(document, self._ruleset, on=at.astimezone(self._zone).date())
        except Exception:  # noqa: BLE001  (the gap is made when the document is judged)
            return True
        return verdict.label in CANDIDATE_LABELS

    def _judge(self, document: Document, on: date) -> Verdict:
        verdict = classify(document, self._ruleset, on=on)
        if document.entry is not None:
            return verdict
        site = _site_of(document)
        known = self._blocks_of(site).repeated(document)
        if self._crawler is not None:
            _teach(site, document, verdict)
        if not known or verdict.label not in CANDIDATE_LABELS:
            return verdict
        own = classify(document, self._ruleset, on=on, boilerplate=known)
        return verdict if own.label in CANDIDATE_LABELS else structs.replace(verdict, repeated=True)

    def _blocks_of(self, site: str) -> SiteBlocks:
        blocks = self._sites.pop(site, None) or SiteBlocks()
        self._sites[site] = blocks
        if len(self._sites) > _SITES:
            self._sites.popitem(last=False)
        return blocks


def _site_of(document: Document) -> str:
    host = urlsplit(document.url).hostname or ""
    return registrable_domain(host) or host


def _teach(site: str, document: Document, verdict: Verdict) -> None:
    """Keep that a page of `site` was judged, and the blocks of it that carry a finding."""
    remember("judged", site)
    if verdict.label in CANDIDATE_LABELS:
        found = {mark(document.blocks[index].text) for index in verdict.blocks}
        remember("site_blocks", site, b"".join(found))
