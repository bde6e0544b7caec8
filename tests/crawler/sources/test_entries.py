"""Entries: field names of every spelling, nested values, markup and hostile sizes."""

from __future__ import annotations

import time
from typing import Any

import pytest

from crawler.sources.entries import MAX_NAME, entry_from_record, field_name, split_list


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("app_id", "app_id"),
        ("App ID", "app_id"),
        ("appId", "app_id"),
        ("小程序ID", "app_id"),
        (" 名称 ", "name"),
        ("Request-Domains", "request_domains"),
        ("业务域名", "webview_domains"),
        ("description", "intro"),
        ("审核人", "审核人"),
        (" Shelf Life ", "Shelf Life"),
        ("x" * 500, "x" * MAX_NAME),
    ],
)
def test_headings_fold_to_our_names_or_stay(heading: str, name: str) -> None:
    assert field_name(heading) == name


@pytest.mark.parametrize(
    ("name", "value", "members"),
    [
        ("screenshots", "https://a.example/1.png|https://a.example/2.png", 2),
        ("screenshots", "https://a.example/1.png,https://a.example/2.png", 2),
        ("screenshots", "https://a.example/1,2.png", 1),
        ("icon", "data:image/png;base64,AAAA", 1),
        ("qr_pictures", '["https://a.example/1.png", {"url": "https://a.example/2.png"}]', 2),
        ("request_domains", "a.example; b.example、c.example\nd.example", 4),
        ("request_domains", ["a.example", None, ""], 1),
        ("links", "weixin://dl/business/?t=x https://a.example/", 2),
        ("links", None, 0),
        ("links", "[not json", 2),
    ],
)
def test_list_fields_are_split(name: str, value: Any, members: int) -> None:
    assert len(split_list(name, value)) == members


@pytest.mark.parametrize(
    "pages",
    [
        [{"path": "pages/a", "text": "一"}],
        {"pages/a": "一"},
        {"path": "pages/a", "text": "一"},
        '[{"path": "pages/a", "text": "一"}]',
        '{"pages/a": "一"}',
    ],
)
def test_pages_are_read_in_every_usual_form(pages: Any) -> None:
    entry = entry_from_record({"pages": pages})
    assert entry.fields == {"pages[0].path": "pages/a", "pages[0].text": "一"}


def test_a_plain_text_of_pages_is_one_page() -> None:
    assert entry_from_record({"pages": "[首页] 欢迎"}).fields == {"pages[0].text": "[首页] 欢迎"}


def test_markup_in_a_text_is_read_as_shown_and_its_addresses_kept() -> None:
    text = '日<b>历</b><br>看 <a href="/go?x=1">这里</a><img src="//cdn.example/q.png"> A &amp; B'
    entry = entry_from_record({"intro": text}, "https://m.example/app")
    assert entry.fields["intro"] == "日历\n看 这里 A & B"
    assert entry.links == ("https://m.example/go?x=1",)
    assert entry.pictures == ("https://cdn.example/q.png",)


@pytest.mark.parametrize("text", ["1 < 2 and 3 > 2", "a<b", "R&D", "<3"])
def test_a_lone_bracket_or_ampersand_is_no_markup(text: str) -> None:
    assert entry_from_record({"intro": text}).fields["intro"] == text


def test_unknown_columns_are_kept_under_their_own_names() -> None:
    entry = entry_from_record({"name": "N", "审核意见": "通过", "stats": {"week": {"opens": 3}}})
    assert entry.fields == {"name": "N", "审核意见": "通过", "stats.week.opens": "3"}


def test_columns_are_renamed_where_the_target_says_so() -> None:
    assert entry_from_record({"T": "N"}, rename={"T": "name"}).fields == {"name": "N"}


def test_two_columns_of_one_field_are_joined() -> None:
    entry = entry_from_record({"intro": "short", "description": "long"})
    assert entry.fields == {"intro": "short\nlong"}


def test_half_surrogates_become_storable() -> None:
    entry = entry_from_record({"name": "cut \ud83d", "\ud800": "x"})
    assert [text.encode() for text in (*entry.fields, *entry.fields.values())]


def deep(levels: int) -> Any:
    value: Any = "bottom"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "record",
    [
        {"x": deep(50_000)},
        {"screenshots": deep(50_000)},
        {"pages": deep(50_000)},
        {"k" * 500_000: {str(n): "v" for n in range(50_000)}},
        {"x": {"k" * 200 + str(n): "v" for n in range(50_000)}},
        {"intro": "<" * 500_000},
        {"intro": "&" * 500_000},
        {"intro": "<a" * 250_000},
        {"intro": "<div>" * 100_000},
        {"screenshots": "[" * 500_000},
        {"request_domains": "," * 500_000},
    ],
    ids=lambda record: next(iter(record))[:12],
)
def test_hostile_records_cost_little(record: dict[str, Any]) -> None:
    started = time.perf_counter()
    entry = entry_from_record(record, "https://a.example/")
    assert time.perf_counter() - started < 5
    assert all(len(name) <= 2 * MAX_NAME for name in entry.fields)
