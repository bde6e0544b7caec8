"""Seen -> Judged."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from scrapy.crawler import Crawler

from classifiers import Ruleset, classify, load_ruleset
from core.gap import Gap, GapKind
from crawler.items import Item, Judged, NotSeen, Seen


class ClassifyPipeline:
    """Judges every document on the day of its capture in the team's time zone."""

    def __init__(self, ruleset: Ruleset, zone: ZoneInfo) -> None:
        self._ruleset = ruleset
        self._zone = zone

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ClassifyPipeline:
        settings = crawler.settings
        ruleset = load_ruleset(Path(settings["PROMOWATCH_CATALOGUE"]))
        return cls(ruleset, ZoneInfo(settings["PROMOWATCH_TIME_ZONE"]))

    def process_item(self, item: Item) -> Item:
        if not isinstance(item, Seen):
            return item
        capture = item.capture
        on = capture.taken_at.astimezone(self._zone).date()
        try:
            verdict = classify(item.document, self._ruleset, on=on)
        except Exception as error:  # noqa: BLE001  (one page that breaks the judge is a gap)
            reason = f"the classifier failed: {type(error).__name__}: {error}"
            gap = Gap(GapKind.INTERNAL_ERROR, capture.final_url, reason)
            return NotSeen(gap, capture.taken_at)
        return Judged(capture, item.document, verdict)
