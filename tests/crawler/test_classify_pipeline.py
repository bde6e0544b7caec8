"""A footer of a whole site is one matter for a person, and never a false "gone"."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from classifiers import Ruleset, document_from_text, load_ruleset
from core.capture import Capture
from crawler.items import Judged, Seen
from crawler.pipelines.classify import ClassifyPipeline

FOOTER = "欧易开户入口 https://www.okx.com/join/5566778"


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return load_ruleset(Path(__file__).parents[2] / "catalogue")


@pytest.fixture
def pipeline(ruleset: Ruleset) -> ClassifyPipeline:
    return ClassifyPipeline(ruleset, ZoneInfo("Asia/Shanghai"))


def judged(pipeline: ClassifyPipeline, url: str, text: str) -> Judged:
    capture = Capture(
        requested_url=url, final_url=url, body=b"", taken_at=datetime(2026, 7, 1, tzinfo=UTC)
    )
    item = pipeline.process_item(Seen(capture, document_from_text(text, url=url)))
    assert isinstance(item, Judged)
    return item


def page(number: int) -> tuple[str, str]:
    return f"https://town.example/{number}", f"第 {number} 篇游记，写的是河边的集市\n{FOOTER}"


def test_a_footer_is_repeated_from_the_sixth_page_on(pipeline: ClassifyPipeline) -> None:
    verdicts = [judged(pipeline, *page(number)).verdict for number in range(8)]
    assert [verdict.label for verdict in verdicts] == ["violation"] * 8
    assert [verdict.repeated for verdict in verdicts] == [False] * 5 + [True] * 3


def test_own_promotion_beside_the_footer_is_the_pages_own(pipeline: ClassifyPipeline) -> None:
    for number in range(7):
        judged(pipeline, *page(number))
    text = f"长期收U出U，需要的加微信 coin8899\n{FOOTER}"
    assert not judged(pipeline, "https://town.example/own", text).verdict.repeated


def test_another_site_has_its_own_pages(pipeline: ClassifyPipeline) -> None:
    for number in range(7):
        judged(pipeline, *page(number))
    verdict = judged(pipeline, "https://harbour.example/", f"港口的早晨\n{FOOTER}").verdict
    assert verdict.label == "violation"
    assert not verdict.repeated
