"""Seen -> Judged."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from msgspec import structs
from scrapy.crawler import Crawler

from classifiers import Ruleset, SiteBlocks, classify, load_with_shadow, shadow_change
from core.document import Document
from core.gap import Gap, GapKind
from core.urls import registrable_domain
from core.verdict import CANDIDATE_LABELS, Verdict
from crawler.items import Item, Judged, NotSeen, Seen
from crawler.spiders.base import SurfaceSpider

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

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ClassifyPipeline:
        settings = crawler.settings
        ruleset, shadow = load_with_shadow(Path(settings["PROMOWATCH_CATALOGUE"]))
        pipeline = cls(ruleset, ZoneInfo(settings["PROMOWATCH_TIME_ZONE"]), shadow)
        if isinstance(crawler.spider, SurfaceSpider):
            crawler.spider.suspects = pipeline.suspects
        return pipeline

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
        known = self._site_of(document).repeated(document)
        if not known or verdict.label not in CANDIDATE_LABELS:
            return verdict
        own = classify(document, self._ruleset, on=on, boilerplate=known)
        return verdict if own.label in CANDIDATE_LABELS else structs.replace(verdict, repeated=True)

    def _site_of(self, document: Document) -> SiteBlocks:
        host = urlsplit(document.url).hostname or ""
        site = registrable_domain(host) or host
        blocks = self._sites.pop(site, None) or SiteBlocks()
        self._sites[site] = blocks
        if len(self._sites) > _SITES:
            self._sites.popitem(last=False)
        return blocks
