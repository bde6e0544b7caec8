"""Checking a target's source before the scan starts."""

from __future__ import annotations

import pytest

from core.errors import BadInput
from core.listing_source import (
    DataPlace,
    FeedListing,
    HtmlListing,
    JsonListing,
    PageData,
    SitemapListing,
)
from core.target import ExportListing, Source
from crawler.sources import check_source

GOOD: list[Source] = [
    HtmlListing(entries="li", fields={"name": "a", "app_id": "@data-id"}, next_page="a.n@href"),
    HtmlListing(entries='a[href*="@x"]', fields={"name": "@title"}, follow="@href"),
    JsonListing(items="data.list || `[]`", fields={"name": "t", "n": "length(tags)"}),
    JsonListing(items="@", fields={"name": "t"}, page_parameter="p"),
    HtmlListing(
        entries="//li", fields={"name": "./a/text()"}, language="xpath", page_template="p{page}"
    ),
    JsonListing(items="d", fields={"name": "t"}, cursor="c", cursor_parameter="c"),
    JsonListing(items="d", fields={"name": "t"}, offset_parameter="o", expected=("name",)),
    SitemapListing(page_fields={"name": "h1"}, expected=("updated_at",)),
    FeedListing(fields={"owner": "author"}, expected=("name",)),
    PageData(places=(DataPlace("json_ld", {"name": "name"}),)),
    ExportListing(format="csv", columns={"name": "标题"}, encoding="gbk"),
    ExportListing(),
]


@pytest.mark.parametrize("source", GOOD)
def test_a_source_that_works_passes(source: Source) -> None:
    check_source(source)


BAD: list[tuple[Source, str]] = [
    (HtmlListing(entries="li[", fields={"name": "a"}), "source.entries: `li[`"),
    (HtmlListing(entries="//li", fields={"name": "a"}), "source.entries: `//li`"),
    (HtmlListing(entries="", fields={"name": "a"}), "source.entries: ``"),
    (HtmlListing(entries="li@id", fields={"name": "a"}), "source.entries: `li@id`"),
    (HtmlListing(entries="li", fields={"nmae": "a"}), "source.fields: `name` is missing"),
    (HtmlListing(entries="li", fields={"name": "a::text"}), "source.fields.name: `a::text`"),
    (HtmlListing(entries="li", fields={"name": ""}), "source.fields.name: ``"),
    (HtmlListing(entries="li", fields={"name": "a"}, next_page="a>"), "source.next_page: `a>`"),
    (HtmlListing(entries="li", fields={"name": "a"}, follow="a,@href"), "source.follow: `a,`"),
    (JsonListing(items="data[", fields={"name": "a"}), "source.items: `data[`"),
    (JsonListing(items="", fields={"name": "a"}), "source.items: ``"),
    (JsonListing(items="d", fields={"name": "a..b"}), "source.fields.name: `a..b`"),
    (JsonListing(items="d", fields={"name": "first(@)"}), "source.fields.name: `first(@)`"),
    (JsonListing(items="d", fields={}), "source.fields: `name` is missing"),
    (JsonListing(items="d", fields={"name": "a"}, next_page="`"), "source.next_page: ```"),
    (
        JsonListing(items="d", fields={"name": "a"}, next_page="n", page_parameter="p"),
        "source.page_parameter: `p`",
    ),
    (
        HtmlListing(entries="//li[", fields={"name": "a"}, language="xpath"),
        "source.entries: `//li[` is no XPath",
    ),
    (HtmlListing(entries="li", fields={"name": "a"}, page_template="p"), "source.page_template"),
    (HtmlListing(entries="li", fields={"name": "a"}, load_more="b"), "source.scrolls: `0`"),
    (
        HtmlListing(entries="li", fields={"name": "a"}, load_more="b[", scrolls=1),
        "source.load_more: `b[`",
    ),
    (HtmlListing(entries="li", fields={"name": "a"}, expected=("x",)), "source.expected: `x`"),
    (JsonListing(items="d", fields={"name": "a"}, cursor="c"), "source.cursor: `c`"),
    (JsonListing(items="d", fields={"name": "a"}, page_size=-1), "source.page_size: `-1`"),
    (JsonListing(items="d", fields={"name": "a"}, index="["), "source.index: `[`"),
    (SitemapListing(page_fields={"intro": "p"}), "source.page_fields: `name` is missing"),
    (SitemapListing(page_fields={"name": "h1["}), "source.page_fields.name: `h1[`"),
    (FeedListing(fields={"owner": "@x"}), "source.fields.owner: `@x`"),
    (PageData(places=()), "source.places: none"),
    (PageData(places=(DataPlace("#a[", {"name": "n"}),)), "source.places[0].script"),
    (PageData(places=(DataPlace("x", {"name": "["}),)), "source.places[0].fields.name: `[`"),
    (ExportListing(encoding="gbk-9"), "source.encoding: `gbk-9`"),
    (ExportListing(encoding="base64"), "source.encoding: `base64`"),
    (ExportListing(columns={" ": "x"}), "source.columns: ` `"),
]


@pytest.mark.parametrize(("source", "begins"), BAD)
def test_a_source_that_cannot_work_is_named_with_its_field(source: Source, begins: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_source(source)
    assert str(caught.value).startswith(begins)
    assert "\n" not in str(caught.value)
