"""Checking a target's source before the scan starts."""

from __future__ import annotations

import pytest

from core.errors import BadInput
from core.listing_source import HtmlListing, JsonListing
from core.target import ExportListing, Source
from crawler.sources import check_source

GOOD: list[Source] = [
    HtmlListing(entries="li", fields={"name": "a", "app_id": "@data-id"}, next_page="a.n@href"),
    HtmlListing(entries='a[href*="@x"]', fields={"name": "@title"}, follow="@href"),
    JsonListing(items="data.list || `[]`", fields={"name": "t", "n": "length(tags)"}),
    JsonListing(items="@", fields={"name": "t"}, page_parameter="p"),
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
