from __future__ import annotations

import csv
import io

import pytest

from reports import DailyReport, build_daily, render_csv
from reports.render_csv import COLUMNS, cell
from storage import Store
from tests.reports import hostile
from tests.reports.sample_day import DAY, SHANGHAI


def table(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff"), "Excel needs the mark to read Chinese"
    return list(csv.reader(io.StringIO(text[1:], newline="")))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_one_row_a_candidate(sample: DailyReport, lang: str) -> None:
    rows = table(render_csv(sample, lang))

    assert len(rows) == 1 + 6
    assert all(len(row) == len(COLUMNS) for row in rows)
    kinds = [row[1] for row in rows[1:]]
    names = {
        "zh": ["新发现", "仍在线", "已消失", "再次出现"],
        "en": ["New", "Still up", "Gone", "Returned"],
    }[lang]
    assert kinds == [names[0]] * 3 + names[1:]


def test_a_row_holds_what_a_takedown_needs(sample: DailyReport) -> None:
    rows = table(render_csv(sample, "en"))
    row = dict(zip(COLUMNS, rows[1], strict=True))

    assert row["link"] == "hxxps://blog[.]sample[.]test/post/3120?from=feed"
    assert row["score"] == "0.970"
    assert row["services"] == "Marketing and promotion; Paid traffic diversion"
    assert row["legal_basis"] == "《关于示例事项的通知》（示发〔2026〕7号） item 3"
    assert (
        "exchange referral link (+3.2) “hxxps://www[.]okx[.]com/join/71402938”"
        in row["evidence_for"]
    )
    assert "risk-warning words (-0.9)" in row["evidence_against"]
    assert row["first_seen"] == "2026-03-02T09:30:00+08:00"
    assert row["files"].count("; ") == 3
    assert "13800001234" not in render_csv(sample, "en")


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "\u200b=1",
        "\x00=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠a",
    ],
)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert cell(text).startswith("'")


@pytest.mark.parametrize("text", ["", "普通文字", "1+1", "a=b", "https://pages.test"])
def test_plain_cells_stay(text: str) -> None:
    assert cell(text) == text


def test_a_cell_is_never_longer_than_excel_takes() -> None:
    assert len(cell("长" * 50_000)) <= 32_767


@pytest.mark.parametrize("text", [hostile.FORMULA, hostile.MARK, "+86", "-x", "@y"])
def test_hostile_findings_stay_text(empty_store: Store, text: str) -> None:
    hostile.fill(empty_store, text)
    rows = table(render_csv(build_daily(empty_store, hostile.DAY, SHANGHAI), "zh"))

    assert len(rows) == 2
    for value in rows[1]:
        assert not value.startswith(("=", "+", "-", "@", "\t", "\r")), value
        assert value.isprintable(), value


def test_an_empty_day_has_its_headings(empty_store: Store) -> None:
    assert len(table(render_csv(build_daily(empty_store, DAY, SHANGHAI), "zh"))) == 1
