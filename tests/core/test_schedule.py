"""Schedules and expectations in target files: what can be meant, and how mistakes are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import CatalogueError
from core.schedule import Expectations, Schedule
from core.target import load_targets

PLAIN = """\
targets:
  - id: shop
    title: Shop
    surface: marketing_page
    seeds: [https://pages.example.com/]
"""


def load(folder: Path, lines: str) -> Schedule | None:
    (folder / "a.yaml").write_text(PLAIN + lines, encoding="utf-8")
    return load_targets(folder)["shop"].timing


def test_a_text_is_a_cron_expression(tmp_path: Path) -> None:
    assert load(tmp_path, '    schedule: "30 2 * * *"\n') == Schedule(cron="30 2 * * *")
    assert load(tmp_path, "") is None


def test_a_schedule_with_everything(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        "    schedule: {every: 6h, time_zone: Europe/Berlin, jitter: 10m, grace: 2h,\n"
        '      blackout: ["09:00-18:00"]}\n'
        "    expectations: {min_entries: 10, max_entries: 900, max_gaps: 5, max_duration: 90m}\n",
    )
    assert found == Schedule(
        every="6h", time_zone="Europe/Berlin", jitter="10m", grace="2h", blackout=("09:00-18:00",)
    )
    assert found.words == "every 6h · Europe/Berlin · jitter 10m · not 09:00-18:00"
    assert load_targets(tmp_path)["shop"].expectations == Expectations(10, 900, 5, "90m")


WRONG = {
    "schedule: {}": "either `cron` or `every`",
    "schedule: {cron: '0 1 * * *', every: 6h}": "either `cron` or `every`",
    "schedule: {every: daily}": "`daily` is no time span: write 30m, 6h or 7d",
    "schedule: {every: 0h}": "`0h` is no time span",
    "schedule: {every: 1h, jitter: some}": "`some` is no time span",
    "schedule: {every: 1h, grace: 1}": "expected `str`",
    "schedule: {every: 1h, time_zone: Mars/North}": "unknown time zone `Mars/North`",
    "schedule: {every: 1h, blackout: ['9-18']}": "`9-18` are no hours: write 09:00-18:00",
    "schedule: {every: 1h, blackout: ['09:00-09:00']}": "`09:00-09:00` are no hours",
    "schedule: {every: 1h, blackout: ['09:00-24:30']}": "`09:00-24:30` are no hours",
    "schedule: {every: 1h, blackout: ['00:00-12:00', '11:00-00:00']}": "leaves no time of the day",
    "schedule: {ever: 1h}": "unknown key `ever`; did you mean `every`?",
    "expectations: {max_duration: long}": "`long` is no time span",
    "expectations: {min_entries: 5, max_entries: 4}": "`min_entries` is more than `max_entries`",
    "expectations: {min_entry: 5}": "unknown key `min_entry`; did you mean `min_entries`?",
}


@pytest.mark.parametrize("line, message", WRONG.items(), ids=WRONG)
def test_mistakes(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        load(tmp_path, f"    {line}\n")
    said = str(caught.value)
    assert said.startswith(f"{tmp_path / 'a.yaml'}:6: ")
    assert message in said
