"""Shadow rules from a scan to `promowatch rules shadow` and the daily report."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from reports import build_daily, render_html
from storage import Period, Store, shadow_counts
from tests.promowatch.test_scan_export import write
from tests.scanning import run_promowatch, scan
from tests.shadow_catalogue import TEXT, shadow_catalogue


def test_a_clear_page_that_a_shadow_rule_would_find_is_told_and_stays_clear(
    tmp_path: Path,
) -> None:
    catalogue = str(shadow_catalogue(tmp_path / "catalogue"))
    page, data = tmp_path / "saved.html", tmp_path / "data"
    page.write_text(f"<meta charset=utf-8><p>{TEXT}，电话13800001234", encoding="utf-8")
    scanned = scan(str(page), data, "--catalogue", catalogue)
    assert (scanned.status, scanned.candidates) == (0, ())
    assert scanned.summary is not None
    assert scanned.summary.labels == {"clear": 1}

    arguments = ("rules", "shadow", "--data", str(data), "--catalogue", catalogue)
    shown = run_promowatch(*arguments).stdout
    assert "1 surfaces: 1 gained, 0 lost, 0 changed" in shown
    assert "The moon phrase +0.0 -> +6.0" in shown
    assert "  rule moon_phrase\n  cue moon_word\n" in shown
    told = json.loads(run_promowatch(*arguments, "--json").stdout)
    assert told["change"]["terms_new"] == ["moon_word/月光社集合"]
    zone = ZoneInfo("Asia/Shanghai")
    with Store.open(data) as store:
        daily = build_daily(store, datetime.now(UTC).astimezone(zone).date(), zone)
    assert daily.shadow == {"gained": 1}
    assert "Shadow rules would have changed 1 surfaces of this day (1 gained" in render_html(
        daily, "en"
    )
    assert "影子规则：当日本会改变 1 个对象" in render_html(daily, "zh")


def test_without_shadow_entries_nothing_is_said(tmp_path: Path) -> None:
    page, data = tmp_path / "saved.html", tmp_path / "data"
    page.write_text(f"<meta charset=utf-8><p>{TEXT}", encoding="utf-8")
    scan(str(page), data)
    shown = run_promowatch("rules", "shadow", "--data", str(data)).stdout
    assert "0 surfaces: 0 gained" in shown
    assert "  none\n" in shown


def test_entries_of_an_export_are_tried_too(tmp_path: Path) -> None:
    """Also those that the quick look over many rows would have passed over."""
    catalogue = str(shadow_catalogue(tmp_path / "catalogue"))
    rows = [
        {"app_id": f"wx{n}", "name": f"菜谱{n}", "intro": TEXT if n == 7 else "每天一道家常菜"}
        for n in range(30)
    ]
    export = write(tmp_path / "export.jsonl", rows)
    scanned = scan(str(export), tmp_path / "data", "--catalogue", catalogue)
    assert scanned.summary is not None
    assert scanned.summary.labels == {"clear": 30}
    with Store.open(tmp_path / "data") as store:
        assert shadow_counts(store, Period()) == {"gained": 1}
