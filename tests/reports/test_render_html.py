from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import msgspec
import pytest
from selectolax.lexbor import LexborHTMLParser

from reports import DailyReport, build_daily, render_html
from storage import Store
from tests.reports import hostile
from tests.reports.sample_day import DAY, SHANGHAI


@pytest.fixture(scope="module", params=["zh", "en"])
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def text_of(page: str) -> str:
    return " ".join(
        (LexborHTMLParser(page).body or LexborHTMLParser("")).text(separator=" ").split()
    )


def test_the_page_needs_nothing_and_leads_nowhere(sample: DailyReport, lang: str) -> None:
    page = render_html(sample, lang)
    tree = LexborHTMLParser(page)

    assert tree.css("script, link, img, iframe, object, embed, a, form, base, svg") == []
    assert not re.search(r"url\(|@import|https?://|src=|href=|javascript:", page)
    assert "default-src 'none'" in page
    html = tree.css_first("html")
    assert html is not None
    assert html.attributes["lang"] == {"zh": "zh-CN", "en": "en"}[lang]


def test_rows_that_were_seen_unchanged_are_told_where_there_are_any(
    sample: DailyReport, lang: str
) -> None:
    words = {"zh": "已见过，未变", "en": "Seen, unchanged"}[lang]
    assert words not in text_of(render_html(sample, lang))
    labels = {**sample.labels, "unchanged": 989_000}
    targets = tuple(msgspec.structs.replace(one, labels=labels) for one in sample.targets)
    text = text_of(
        render_html(msgspec.structs.replace(sample, labels=labels, targets=targets), lang)
    )
    assert words in text
    assert "989000" in text


def test_every_finding_stands_there_with_all_it_rests_on(sample: DailyReport, lang: str) -> None:
    page = render_html(sample, lang)
    cards = LexborHTMLParser(page).css("article.card")
    text = text_of(page)

    assert len(cards) == 6
    for shown in (
        "三步开通海外账户",
        "hxxps://blog[.]sample[.]test/post/3120?from=feed",
        "《关于示例事项的通知》（示发〔2026〕7号）",
        "hxxps://www[.]okx[.]com/join/71402938",
        "+3.2",
        "−0.9",
        "138****1234",
        "t[.]me/sample_signal_room",
        "wx7f00demo12",
        "HTTP 404",
        "2026-02-27 09:00",
        sample.new[0].evidence_files[0].sha256,
    ):
        assert shown in text, shown
    assert "13800001234" not in page
    assert {"zh": "第 3 项", "en": "item 3"}[lang] in text
    assert {"zh": "营销宣传", "en": "Marketing and promotion"}[lang] in text


def test_an_unconfirmed_item_is_not_printed(sample: DailyReport) -> None:
    (hint,) = [one for one in sample.new if one.label == "review"]
    only = msgspec.structs.replace(sample, new=(hint,), returned=(), still_up=(), gone=())
    text = text_of(render_html(only, "en"))
    assert "《关于另一示例事项的通知》（示发〔2025〕12号） in force on 2026-03-02" in text


def test_gaps_and_targets_are_told(sample: DailyReport, lang: str) -> None:
    text = text_of(render_html(sample, lang))
    for shown in (
        "合作伙伴活动页",
        "partner-site",
        "connection refused",
        "本平台自查，已获授权",
        "export.jsonl, line 44",
    ):
        assert shown in text, shown
    assert {"zh": "robots.txt 不允许", "en": "Disallowed by robots.txt"}[lang] in text


def test_an_empty_day_says_that_nothing_was_looked_at(empty_store: Store) -> None:
    report = build_daily(empty_store, DAY, SHANGHAI)
    assert "什么都没有检查" in text_of(render_html(report, "zh"))
    assert "Nothing was looked at" in text_of(render_html(report, "en"))


def test_a_calm_day_says_how_much_was_looked_at(sample: DailyReport) -> None:
    calm = msgspec.structs.replace(sample, new=(), returned=(), still_up=(), gone=())
    text = text_of(render_html(calm, "en"))
    assert "No candidate was found in the 316 surfaces looked at." in text
    assert "partner-site" in text


def test_a_day_on_which_nothing_could_be_seen_is_not_called_calm(sample: DailyReport) -> None:
    blind = msgspec.structs.replace(
        sample, new=(), returned=(), still_up=(), gone=(), looks=0, targets=sample.targets[2:]
    )
    assert "not one surface could be seen" in text_of(render_html(blind, "en"))


def test_hostile_text_stays_text(empty_store: Store, lang: str) -> None:
    hostile.fill(empty_store, hostile.MARK)
    page = render_html(build_daily(empty_store, hostile.DAY, SHANGHAI), lang)
    tree = LexborHTMLParser(page)

    assert tree.css("script, img") == []
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7 * 7 }}" in text_of(page)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", page)
    assert all("onerror" not in node.attributes for node in tree.css("*"))


def test_many_candidates_are_cut_short_and_said_so(sample: DailyReport) -> None:
    one = sample.new[0]
    many = tuple(msgspec.structs.replace(one, candidate_id=n) for n in range(230))
    page = render_html(msgspec.structs.replace(sample, new=many), "en")
    tree = LexborHTMLParser(page)

    assert len(tree.css("article.card.of-new")) == 200
    assert "30 more, in short; the CSV and JSON files hold them whole." in text_of(page)


def test_long_evidence_is_cut_short_and_said_so(sample: DailyReport) -> None:
    one = sample.new[0]
    long = msgspec.structs.replace(one, for_promotion=one.for_promotion * 5)
    text = text_of(render_html(msgspec.structs.replace(sample, new=(long,)), "zh"))
    assert "另有 7 条，见判定文件" in text


def test_unmasked_reports_warn(sample_store: Store) -> None:
    report = build_daily(sample_store, DAY, ZoneInfo("Asia/Shanghai"), mask_personal_data=False)
    assert "NOT masked" in text_of(render_html(report, "en"))
