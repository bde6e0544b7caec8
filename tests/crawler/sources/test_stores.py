"""The store templates of the catalogue, each on an answer of the store's shape with own texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.gap import GapKind
from core.listing_source import HtmlListing, JsonListing, PageData
from core.target import Target, load_targets
from crawler.sources import (
    ListingPage,
    check_source,
    read_html_listing,
    read_json_listing,
    read_page_data,
)

ROOT = Path(__file__).resolve().parents[3]
ANSWERS = Path(__file__).parent / "stores"
TEMPLATES = load_targets(ROOT / "catalogue" / "stores")


def read(target: Target, body: bytes) -> ListingPage:
    source, url = target.source, target.seeds[0]
    if isinstance(source, JsonListing):
        return read_json_listing(body, url, source)
    if isinstance(source, PageData):
        return read_page_data(body.decode(), url, source)
    assert isinstance(source, HtmlListing)
    return read_html_listing(body.decode(), url, source)


def answer(target_id: str) -> bytes:
    (path,) = ANSWERS.glob(f"{target_id}.*")
    return path.read_bytes()


@pytest.mark.parametrize("target_id", TEMPLATES)
def test_a_template_reads_its_store(target_id: str) -> None:
    target = TEMPLATES[target_id]
    assert target.source is not None
    check_source(target.source)
    page = read(target, answer(target_id))
    assert page.gaps == ()
    entry = page.entries[0]
    assert entry.missing == ()
    assert entry.fields["name"] == "临河账本"
    assert entry.fields.get("owner", "临河软件工作室") == "临河软件工作室"


@pytest.mark.parametrize("target_id", TEMPLATES)
def test_a_name_that_moved_is_an_alarm(target_id: str) -> None:
    body = answer(target_id)
    for old in ("临河账本", "临河足迹"):
        body = body.replace(old.encode(), b"")
    kinds = {gap.kind for gap in read(TEMPLATES[target_id], body).gaps}
    assert kinds == {GapKind.SHAPE_CHANGED}


def test_google_play_fills_from_its_index_table_what_json_ld_leaves_out() -> None:
    target = TEMPLATES["google-play"]
    both = read(target, answer("google-play")).entries[0]
    assert both.fields["intro"] == "记录每天的收支。"
    assert both.fields["summary"] == "记账"
    table_alone = answer("google-play").replace(b"ld+json", b"gone")
    entry = read(target, table_alone).entries[0]
    assert entry.fields["intro"] == "记录每天的收支，\n按月汇总。"
    assert entry.links == ("https://linhe.example/",)


def test_a_page_without_any_of_the_places_is_an_alarm() -> None:
    page = read(TEMPLATES["google-play"], "<title>登录</title><p>请先登录</p>".encode())
    assert page.entries == ()
    assert "json_ld or ds:5" in page.gaps[0].reason


def test_an_index_of_a_smart_program_names_its_shards() -> None:
    body = b'{"sitemapindex": [{"sitemap": {"loc": "https://example.com/1.json"}}]}'
    page = read(TEMPLATES["baidu-smart-programs"], body)
    assert page.more_pages == ("https://example.com/1.json",)
