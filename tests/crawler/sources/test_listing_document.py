"""An entry becomes a document: texts as blocks, declarations as references."""

from __future__ import annotations

import pytest

from core.document import Block, ListingEntry, Locator, Reference
from crawler.sources import EntryFields, listing_document
from crawler.sources.entries import entry_from_record

RECORD = {
    "app_id": "wx1",
    "intro": "每天一笔",
    "name": "记账",
    "owner": "禾豆工作室",
    "category": "工具",
    "icon": "https://cdn.example/i.png",
    "pages": [{"path": "pages/a", "text": "首页"}, {"text": "没有路径"}],
    "request_domains": ["api.example.com", "wss://push.example.com"],
    "webview_domains": "h5.example.com",
    "links": ["https://out.example/x", "weixin://dl/business/?t=abc"],
    "package": "com.example.a",
    "审核意见": "通过",
    "snapshot_time": "2026-11-21T00:00:00Z",
}


def test_texts_are_blocks_with_the_name_first_and_the_field_as_locator() -> None:
    document = listing_document(entry_from_record(RECORD), "mini_program", "wechat", "file.csv")
    assert document.title == "记账"
    assert document.surface == "mini_program"
    assert document.url == "file.csv"
    assert document.blocks == (
        Block("listing_field", "记账", Locator("name")),
        Block("listing_field", "每天一笔", Locator("intro")),
        Block("listing_field", "禾豆工作室", Locator("owner")),
        Block("listing_field", "工具", Locator("category")),
        Block("listing_field", "首页", Locator("pages[0].text@pages/a")),
        Block("listing_field", "没有路径", Locator("pages[1].text")),
        Block("listing_field", "通过", Locator("审核意见")),
    )


def test_the_identity_is_the_entry() -> None:
    document = listing_document(entry_from_record(RECORD), "mini_program", "wechat", "x")
    assert document.entry == ListingEntry(
        platform="wechat",
        app_id="wx1",
        name="记账",
        owner="禾豆工作室",
        category="工具",
        snapshot_time="2026-11-21T00:00:00Z",
    )


def test_what_the_entry_declares_are_references() -> None:
    document = listing_document(entry_from_record(RECORD), "mini_program", "wechat", "x")
    assert document.references == (
        Reference(
            "declared_domain",
            "https://api.example.com",
            Locator("request_domains"),
            text="api.example.com",
        ),
        Reference(
            "declared_domain",
            "wss://push.example.com",
            Locator("request_domains"),
            text="wss://push.example.com",
        ),
        Reference(
            "declared_domain",
            "https://h5.example.com",
            Locator("webview_domains"),
            text="h5.example.com",
        ),
        Reference("link", "https://out.example/x", Locator("links")),
        Reference("deep_link", "weixin://dl/business/?t=abc", Locator("links")),
        Reference("package", "com.example.a", Locator("package")),
    )


@pytest.mark.parametrize(
    ("fields", "follow", "app_id"),
    [
        ({"app_id": "1", "package": "p", "name": "N"}, "", "1"),
        ({"package": "p", "name": "N"}, "", "p"),
        ({"original_id": "gh_1", "url": "https://a.example/", "name": "N"}, "", "gh_1"),
        ({"url": "https://a.example/1", "name": "N"}, "", "https://a.example/1"),
        ({"name": "N"}, "https://a.example/2", "https://a.example/2"),
        ({"name": "N"}, "", "N"),
        ({}, "", ""),
    ],
)
def test_the_identity_falls_back_to_what_stays_the_same(
    fields: dict[str, str], follow: str, app_id: str
) -> None:
    document = listing_document(EntryFields(fields, follow=follow), "app_listing", "store", "u")
    assert document.entry is not None
    assert document.entry.app_id == app_id


@pytest.mark.parametrize(
    ("fields", "follow", "url"),
    [
        ({"url": "https://a.example/1"}, "https://a.example/2", "https://a.example/2"),
        ({"url": "https://a.example/1"}, "", "https://a.example/1"),
        ({}, "", "https://a.example/list"),
    ],
)
def test_the_address_is_the_entrys_own_where_it_has_one(
    fields: dict[str, str], follow: str, url: str
) -> None:
    entry = EntryFields(fields, follow=follow)
    document = listing_document(entry, "app_listing", "store", "https://a.example/list")
    assert document.url == url


def test_the_entrys_platform_comes_before_the_targets() -> None:
    entry = EntryFields({"platform": "alipay", "name": "N"})
    document = listing_document(entry, "mini_program", "all", "u")
    assert document.entry is not None
    assert document.entry.platform == "alipay"
