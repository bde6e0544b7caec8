"""Bodies without markup."""

from __future__ import annotations

import pytest

from tests.crawler.extractors.captured import read

CASES = {
    "Chinese lines are paragraphs": ("text/plain", "一。\n二。\n\n三。", ["一。", "二。", "三。"]),
    "wrapped lines run on": ("text/plain", "one two\nthree\n\nfour", ["one two three", "four"]),
    "markup is only text": ("text/plain; charset=utf-8", "<p>甲</p>", ["<p>甲</p>"]),
    "no type, no markup": ("", "甲 < 乙", ["甲 < 乙"]),
    "no type, markup": ("", "<p>甲</p>", ["甲"]),
    "unknown type, markup": ("application/octet-stream", "<!DOCTYPE html><p>甲", ["甲"]),
    "page type without markup": ("text/html", "甲\n乙", ["甲 乙"]),
    "broken data": ("application/json", '{"甲":', ['{"甲":']),
}  # fmt: skip


@pytest.mark.parametrize("content_type, body, expected", CASES.values(), ids=CASES)
def test_blocks(content_type: str, body: str, expected: list[str]) -> None:
    blocks = read(body, content_type).document.blocks
    assert [block.text for block in blocks] == expected
    assert {block.kind for block in blocks} == {"visible"}


def test_written_addresses_are_links_of_their_paragraph() -> None:
    document = read("公告\n注册 https://www.okx.com/join/1 有礼\n联系", "text/plain").document
    (link,) = document.references
    assert (link.kind, link.url, link.block) == ("link", "https://www.okx.com/join/1", 1)
    assert [block.locator.path for block in document.blocks] == ["line[1]", "line[2]", "line[3]"]


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/vnd.api+json", "text/plain"]
)
def test_data(content_type: str) -> None:
    document = read(
        '{"t": "注册返佣", "u": ["https://a.example/x"], "n": 1}', content_type
    ).document
    assert [(block.kind, block.text) for block in document.blocks] == [
        ("structured_data", "注册返佣")
    ]
    assert [(one.kind, one.url) for one in document.references] == [
        ("structured_data", "https://a.example/x")
    ]


def test_feeds_and_other_xml_keep_their_text() -> None:
    feed = """<?xml version="1.0"?><rss><channel><item><title>山货</title>
    <description><![CDATA[<p>注册<b>有礼</b></p>]]></description></item></channel></rss>"""
    document = read(feed, "application/rss+xml").document
    assert "注册有礼" in [block.text for block in document.blocks]
