"""The next page from the address and body that asked for this one."""

from __future__ import annotations

import pytest

from core.listing_source import HtmlListing, JsonListing
from crawler.sources import Asked, counted
from crawler.sources.paging import with_value

FIELDS = {"name": "n"}
SEED = "https://a.example/list?sign=a%2Bb"


@pytest.mark.parametrize(
    ("source", "asked", "following"),
    [
        (
            JsonListing("i", FIELDS, page_parameter="p"),
            Asked(SEED),
            Asked("https://a.example/list?sign=a%2Bb&p=2"),
        ),
        (
            JsonListing("i", FIELDS, offset_parameter="o", page_size=20),
            Asked("https://a.example/list?o=40"),
            Asked("https://a.example/list?o=60"),
        ),
        (
            JsonListing("i", FIELDS, page_parameter="q.page"),
            Asked("https://a.example/", '{"q":{"page":3,"k":"${KEY}"}}'),
            Asked("https://a.example/", '{"q":{"page":4,"k":"${KEY}"}}'),
        ),
        (
            HtmlListing("li", FIELDS, page_template="page-{page}.html"),
            Asked("https://a.example/page-9.html"),
            Asked("https://a.example/page-10.html"),
        ),
        (
            HtmlListing("li", FIELDS, page_template="/l/{page}/"),
            Asked(SEED),
            Asked("https://a.example/l/2/"),
        ),
        (HtmlListing("li", FIELDS, next_page="a.next"), Asked(SEED), None),
    ],
)
def test_what_is_numbered_is_counted_up(
    source: HtmlListing | JsonListing, asked: Asked, following: Asked | None
) -> None:
    assert counted(source, asked, SEED) == (following, ())


def test_an_offset_without_a_size_goes_on_by_what_came() -> None:
    source = JsonListing("i", FIELDS, offset_parameter="o")
    assert counted(source, Asked("https://a.example/"), SEED, items=7)[0] == Asked(
        "https://a.example/?o=7"
    )
    assert counted(source, Asked("https://a.example/"), SEED) == (None, ())


def test_a_parameter_that_is_no_number_is_told() -> None:
    source = JsonListing("i", FIELDS, page_parameter="p")
    following, gaps = counted(source, Asked("https://a.example/?p=x"), SEED)
    assert following is None
    assert "not a number" in gaps[0].reason


def test_a_cursor_is_escaped() -> None:
    asked = with_value(Asked("https://a.example/?c=1&z=2#f"), "c", "a&b=c#")
    assert asked.url == "https://a.example/?c=a%26b%3Dc%23&z=2#f"
