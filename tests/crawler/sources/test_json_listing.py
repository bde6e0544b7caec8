"""JSON listings: items and fields by JMESPath, pagination, and answers that are something else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.gap import GapKind
from core.listing_source import JsonListing
from crawler.sources import read_json_listing
from crawler.sources.entries import MAX_ENTRIES_PER_PAGE

URL = "https://api.example/list?page=1&sign=a%2Bb"
FIELDS = {"app_id": "id", "name": "title", "intro": "desc"}
SOURCE = JsonListing(items="data.list", fields=FIELDS, next_page="data.next")
COUNTED = JsonListing(items="data.list", fields=FIELDS, page_parameter="page")


def answer(*items: Any, **more: Any) -> bytes:
    return json.dumps({"code": 0, "data": {"list": list(items), **more}}).encode()


ITEM = {"id": 7, "title": "天气", "desc": "明天晴"}


def test_numbers_texts_lists_and_objects_become_fields() -> None:
    fields = {
        **FIELDS,
        "free": "free",
        "tags": "tags",
        "developer": "dev",
        "icon": "icon",
        "screenshots": "shots[].url",
        "pages": "pages[].{path: p, text: t}",
        "webview_domains": "hosts",
    }
    item = {
        **ITEM,
        "free": True,
        "tags": ["a", "b"],
        "dev": {"name": "禾豆", "site": None},
        "icon": "/i.png",
        "shots": [{"url": "https://cdn.example/1.png"}, {"url": "2.png"}],
        "pages": [{"p": "pages/a", "t": "一"}, {"p": "pages/b", "t": "二"}],
        "hosts": "https://h5.example, m.example",
    }
    source = JsonListing(items="data.list", fields=fields)
    (entry,) = read_json_listing(answer(item), URL, source).entries
    assert entry.fields == {
        "app_id": "7",
        "name": "天气",
        "intro": "明天晴",
        "free": "true",
        "tags[0]": "a",
        "tags[1]": "b",
        "developer.name": "禾豆",
        "icon": "https://api.example/i.png",
        "screenshots": "https://cdn.example/1.png\nhttps://api.example/2.png",
        "pages[0].path": "pages/a",
        "pages[0].text": "一",
        "pages[1].path": "pages/b",
        "pages[1].text": "二",
        "webview_domains": "https://h5.example\nm.example",
    }
    assert entry.pictures == (
        "https://api.example/i.png",
        "https://cdn.example/1.png",
        "https://api.example/2.png",
    )
    assert entry.domains == ("https://h5.example", "m.example")


@pytest.mark.parametrize(
    ("following", "expected"),
    [
        ("?page=2", "https://api.example/list?page=2"),
        ("https://api.example/list?page=2", "https://api.example/list?page=2"),
        (URL, ""),
        (None, ""),
        ("", ""),
        (False, ""),
        (2, ""),
    ],
)
def test_the_next_page_comes_from_the_answer(following: Any, expected: str) -> None:
    listing = read_json_listing(answer(ITEM, next=following), URL, SOURCE)
    assert (listing.next_page, listing.gaps) == (expected, ())


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (URL, "https://api.example/list?page=2&sign=a%2Bb"),
        ("https://a.example/l?xpage=5&page=9", "https://a.example/l?xpage=5&page=10"),
        ("https://a.example/l?page=0#f", "https://a.example/l?page=1#f"),
        ("https://a.example/l?q=1", "https://a.example/l?q=1&page=2"),
        ("https://a.example/l", "https://a.example/l?page=2"),
    ],
)
def test_the_page_parameter_is_counted_up_and_the_rest_stays(url: str, expected: str) -> None:
    assert read_json_listing(answer(ITEM), url, COUNTED).next_page == expected


@pytest.mark.parametrize("number", ["abc", "", "-1", "99999999999999", "1000000"])
def test_a_page_number_that_cannot_be_counted_is_a_gap(number: str) -> None:
    listing = read_json_listing(answer(ITEM), f"https://a.example/?page={number}", COUNTED)
    assert listing.next_page == ""
    assert len(listing.entries) == len(listing.gaps) == 1


@pytest.mark.parametrize(
    ("body", "first", "kind", "words"),
    [
        (answer(), True, GapKind.SHAPE_CHANGED, "empty list"),
        (answer(), False, None, ""),
        (b'{"code": 401, "msg": "x"}', False, GapKind.SHAPE_CHANGED, "keys code, msg"),
        (b'{"data": {"list": "soon"}}', True, GapKind.SHAPE_CHANGED, "a text"),
        (b'{"data": {"list": 3}}', True, GapKind.SHAPE_CHANGED, "a number"),
        (b"[]", True, GapKind.SHAPE_CHANGED, "a list"),
        (b"<html><title>Sign in</title>", True, GapKind.SHAPE_CHANGED, "HTML page `Sign in`"),
        (b"  \n", True, GapKind.EMPTY_BODY, "empty"),
        (b"busy, try later", False, GapKind.SHAPE_CHANGED, "begins with `busy"),
        (b'{"data": {"list": [', True, GapKind.SHAPE_CHANGED, "not JSON"),
        (b"[" * 100_000, True, GapKind.SHAPE_CHANGED, "not JSON"),
    ],
)
def test_an_answer_without_items(
    body: bytes, first: bool, kind: GapKind | None, words: str
) -> None:
    listing = read_json_listing(body, URL, COUNTED, first=first)
    assert (listing.entries, listing.next_page) == ((), "")
    assert [gap.kind for gap in listing.gaps] == ([kind] if kind else [])
    assert all(words in gap.reason for gap in listing.gaps)


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + answer(ITEM),
        b")]}'\n" + answer(ITEM),
        b"/**/ jQuery_1.cb(" + answer(ITEM) + b");\n",
        answer(ITEM).replace(b'"code": 0', b'"code": NaN'),
        answer(ITEM).decode().replace("\\u660e", "\\ud83d").encode(),
        b'{"data": {"list": {"id": 1, "title": "alone"}}}',
    ],
)
def test_wrapped_and_bent_json_is_read(body: bytes) -> None:
    (entry,) = read_json_listing(body, URL, SOURCE).entries
    entry.fields["name"].encode()


def test_missing_names_and_lists_over_the_cap_are_gaps() -> None:
    listing = read_json_listing(answer(ITEM, {"id": 2}, {}), URL, SOURCE)
    assert len(listing.entries) == 2
    assert [gap.reason for gap in listing.gaps] == ["field `name` is missing in 2 of 3 entries"]
    many = read_json_listing(answer(*[ITEM] * (MAX_ENTRIES_PER_PAGE + 1)), URL, SOURCE)
    assert len(many.entries) == MAX_ENTRIES_PER_PAGE
    assert [gap.kind for gap in many.gaps] == [GapKind.BUDGET_REACHED]


def test_items_of_odd_types_are_gaps_and_no_errors() -> None:
    listing = read_json_listing(answer("text", 3, None, [1], ITEM), URL, SOURCE)
    assert [entry.fields["name"] for entry in listing.entries] == ["天气"]
    assert listing.gaps[0].kind is GapKind.SHAPE_CHANGED
