"""HTML listings: fields by selector, pagination, and the alarm when the shape moved."""

from __future__ import annotations

import time

import pytest

from core.gap import GapKind
from core.listing_source import HtmlListing
from crawler.sources import read_html_listing
from crawler.sources.entries import MAX_ENTRIES_PER_PAGE
from crawler.sources.html_listing import MAX_FIELD_TEXT, split_spec

URL = "https://market.example/list?page=1"
SOURCE = HtmlListing(
    entries="ul.apps > li",
    fields={
        "app_id": "@data-id",
        "name": "a.name",
        "intro": "p",
        "icon": "img@src",
        "request_domains": "code",
    },
    next_page="a.next",
    follow="a.name",
)
CARD = (
    '<li data-id="{id}"><img src="/i/{id}.png"><a class="name" href="app/{id}">{name}</a>'
    "<p>{intro}</p><code>api.{id}.example wss://push.{id}.example</code>"
    '<a href="https://out.example/?ref={id}">more</a></li>'
)


def page(*cards: str, tail: str = "") -> str:
    return f"<title>Apps</title><body><ul class=apps>{''.join(cards)}</ul>{tail}</body>"


def card(app_id: str, name: str = "Abacus", intro: str = "counts") -> str:
    return CARD.format(id=app_id, name=name, intro=intro)


def test_an_entry_has_its_fields_addresses_and_own_page() -> None:
    listing = read_html_listing(page(card("a1", "记账", "每天一笔")), URL, SOURCE)
    (entry,) = listing.entries
    assert entry.fields == {
        "app_id": "a1",
        "name": "记账",
        "intro": "每天一笔",
        "icon": "https://market.example/i/a1.png",
        "request_domains": "api.a1.example\nwss://push.a1.example",
    }
    assert list(entry.fields) == list(SOURCE.fields)
    assert entry.follow == "https://market.example/app/a1"
    assert entry.pictures == ("https://market.example/i/a1.png",)
    assert entry.domains == ("api.a1.example", "wss://push.a1.example")
    assert entry.links == ("https://out.example/?ref=a1",)
    assert listing.gaps == ()


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ('<a class=next href="?page=2">more</a>', "https://market.example/list?page=2"),
        ('<base href="/m/"><a class=next href="p2">', "https://market.example/m/p2"),
        ('<a class=next href="https://other.example/2">', "https://other.example/2"),
        ('<a class=next href="?page=1">again</a>', ""),
        ('<a class=next href="#top">again</a>', ""),
        ('<a class=next href="javascript:more()">', ""),
        ("<a class=next>off</a>", ""),
        ('<a class=next href="http://[">broken</a>', ""),
        ("", ""),
    ],
)
def test_the_next_page_is_an_absolute_web_address_or_the_end(tail: str, expected: str) -> None:
    assert read_html_listing(page(card("a1"), tail=tail), URL, SOURCE).next_page == expected


@pytest.mark.parametrize(
    ("text", "first", "kind", "words"),
    [
        ("<title>New look</title><div>apps</div>", True, GapKind.SHAPE_CHANGED, "New look"),
        ("<div>no more apps</div>", False, None, ""),
        (page(tail="<a class=next href=?page=3>on</a>"), False, GapKind.SHAPE_CHANGED, "match"),
        ("<title>请先登录</title><form>..</form>", False, GapKind.SHAPE_CHANGED, "login"),
        ("<p>x</p><input type=password>", False, GapKind.SHAPE_CHANGED, "login"),
        ("<div id=app></div><script src=a.js></script>", True, GapKind.SHAPE_CHANGED, "rendering"),
        ("", True, GapKind.EMPTY_BODY, "empty"),
        ("", False, GapKind.EMPTY_BODY, "empty"),
        ("<html><body>  </body></html>", True, GapKind.EMPTY_BODY, "empty"),
    ],
)
def test_a_page_without_entries(text: str, first: bool, kind: GapKind | None, words: str) -> None:
    listing = read_html_listing(text, URL, SOURCE, first=first)
    assert listing.entries == ()
    assert [gap.kind for gap in listing.gaps] == ([kind] if kind else [])
    assert all(words in gap.reason and gap.subject == URL for gap in listing.gaps)


@pytest.mark.parametrize(
    ("cards", "reasons"),
    [
        (["<li><p>text</p></li>"], ["field `name` is missing in 1 of 1 entries"]),
        ([card("a"), "<li><p>t</p></li>"], ["field `name` is missing in 1 of 2 entries"]),
        (["<li><a class=name>N</a></li>"], []),
        (
            ["<li data-id=1><a class=name>N</a><img src=i><code>a.example</code></li>"] * 5,
            ["field `intro` is missing in all 5 entries"],
        ),
    ],
)
def test_a_field_that_is_gone_is_an_alarm(cards: list[str], reasons: list[str]) -> None:
    gaps = read_html_listing(page(*cards), URL, SOURCE).gaps
    assert [gap.reason for gap in gaps] == reasons
    assert all(gap.kind is GapKind.SHAPE_CHANGED for gap in gaps)


def test_several_matches_of_a_field_are_joined_each_once() -> None:
    text = page("<li><a class=name>N</a><p>one</p><p>two</p><p>one</p></li>")
    assert read_html_listing(text, URL, SOURCE).entries[0].fields["intro"] == "one\ntwo"


def test_inline_markup_does_not_split_words_and_scripts_are_no_text() -> None:
    text = page("<li><a class=name>比<b>特</b>币<br>钱包<script>var x=1</script></a></li>")
    assert read_html_listing(text, URL, SOURCE).entries[0].fields["name"] == "比特币\n钱包"


def test_entries_inside_an_entry_belong_to_it() -> None:
    source = HtmlListing(entries="div.app", fields={"name": "b"})
    text = "<div class=app><b>outer</b><div class=app><b>inner</b></div></div>"
    (entry,) = read_html_listing(text, URL, source).entries
    assert entry.fields["name"] == "outer\ninner"


def test_entries_are_capped_with_a_gap() -> None:
    text = page("<li><a class=name>N</a></li>" * (MAX_ENTRIES_PER_PAGE + 1))
    listing = read_html_listing(text, URL, HtmlListing(entries="li", fields={"name": "a"}))
    assert len(listing.entries) == MAX_ENTRIES_PER_PAGE
    assert [gap.kind for gap in listing.gaps] == [GapKind.BUDGET_REACHED]


def test_a_field_of_monstrous_length_is_cut_with_a_gap() -> None:
    listing = read_html_listing(page(card("a", intro="长" * MAX_FIELD_TEXT * 2)), URL, SOURCE)
    assert len(listing.entries[0].fields["intro"]) == MAX_FIELD_TEXT
    assert [gap.kind for gap in listing.gaps] == [GapKind.TOO_LARGE]


@pytest.mark.parametrize("markup", ["<div class=app>", "<div class=app><p>"])
def test_a_deeply_nested_page_costs_its_size_once(markup: str) -> None:
    source = HtmlListing(entries="div.app", fields={"name": "div", "intro": "p"}, next_page="a.n")
    started = time.perf_counter()
    read_html_listing(markup * 40_000 + "text", URL, source)
    assert time.perf_counter() - started < 10  # squared it would be minutes


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("a.name", ("a.name", "")),
        ("a.name@href", ("a.name", "href")),
        ("@data-id", ("", "data-id")),
        ('a[href*="@"]', ('a[href*="@"]', "")),
        ('a[href*="@"]@href', ('a[href*="@"]', "href")),
        (" svg use@xlink:href ", ("svg use", "xlink:href")),
    ],
)
def test_a_spec_is_a_selector_and_an_attribute(spec: str, expected: tuple[str, str]) -> None:
    assert split_spec(spec) == expected
