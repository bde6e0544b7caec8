"""Exports through the command: all cores, the next day, cut off and gone on with."""

from __future__ import annotations

import csv
import json
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psutil
import pytest

from benchmarks.listing_export import entries, planted_ids
from classifiers import classify, load_ruleset
from core.target import ExportListing
from core.verdict import CANDIDATE_LABELS
from crawler.sources import EntryFields, listing_document, read_export
from reports import build_daily
from storage import Step, Store, case_history, decide
from tests.scanning import ROOT, Scanned, scan, write_target

DATABASE = "promowatch.sqlite3"
Rows = list[dict[str, Any]]


def write(path: Path, rows: Rows) -> Path:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def labels_of(scanned: Scanned) -> dict[str, str]:
    return {line["app_id"]: line["label"] for line in scanned.lines}


def figures(scanned: Scanned) -> dict[str, int]:
    assert scanned.summary is not None
    return scanned.summary.labels


def stored(data: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(f"file:{data / DATABASE}?mode=ro", uri=True) as database:
        return database.execute(query).fetchall()


def test_labels_are_those_of_the_plain_path(tmp_path: Path) -> None:
    export = write(tmp_path / "export.jsonl", list(entries(3_000)))
    ruleset = load_ruleset(ROOT / "catalogue")
    expected = {}
    for one in read_export(export, ExportListing(format="jsonl")):
        assert isinstance(one, EntryFields)
        document = listing_document(one, "mini_program", "", str(export))
        label = classify(document, ruleset, on=date(2026, 11, 27)).label
        if label in CANDIDATE_LABELS:
            expected[one.fields["app_id"]] = label
    scanned = scan(str(export), tmp_path / "data")
    assert scanned.status == 0
    assert labels_of(scanned) == expected
    assert set(expected) == planted_ids(3_000)
    counted = Counter(expected.values())
    assert figures(scanned) == {"clear": 3_000 - len(expected), **counted}


def test_the_next_day_unchanged_rows_are_passed_over_and_candidates_are_still_up(
    tmp_path: Path,
) -> None:
    rows = list(entries(1_500))
    first = scan(str(write(tmp_path / "export.jsonl", rows)), tmp_path / "data")
    planted = sorted(planted_ids(1_500))
    cleaned, changed = planted[0], "wx000000000007"
    for row in rows:
        row["snapshot_time"] = "2026-11-22T08:00:00+08:00"
        if row["app_id"] == cleaned:
            row.update(pages=[], intro="记一笔，心里有数。")
        if row["app_id"] == changed:
            row["intro"] = "欧易官方合作，填写邀请码 DEMO7788 注册返佣四成，入金送 U"
    second = scan(str(write(tmp_path / "export.jsonl", rows)), tmp_path / "data")

    assert set(labels_of(second)) == {*planted, changed} - {cleaned}
    events = Counter(line["event"] for line in second.lines)
    assert events == {"still_up": len(planted) - 1, "new": 1}
    assert second.summary is not None
    assert second.summary.events["gone"] == 1
    assert figures(second)["unchanged"] == 1_500 - len(planted) - 1
    assert second.summary.looks == 1_500
    before = {row.key: (row.score, row.label, row.headline) for row in first.candidates}
    for row in second.candidates:
        assert before.get(row.key, (row.score, row.label, row.headline)) == (
            row.score,
            row.label,
            row.headline,
        )

    third = scan(str(tmp_path / "export.jsonl"), tmp_path / "data")
    assert Counter(line["event"] for line in third.lines) == {"still_up": len(planted)}
    assert figures(third)["unchanged"] == 1_500 - len(planted)


def test_a_removed_case_has_returned_when_its_row_is_there_again_unchanged(
    tmp_path: Path,
) -> None:
    export, data = write(tmp_path / "export.jsonl", list(entries(300))), tmp_path / "data"
    first = scan(str(export), data)
    key = first.candidates[0].key
    with Store.open(data) as store:
        for state in ("in_review", "confirmed", "notice_prepared", "approved", "sent", "removed"):
            step = Step(by="Wang Li", why="a test", at=datetime.now(UTC))
            decide(store, key, state, step)  # type: ignore[arg-type]
    scan(str(export), data)
    with Store.open(data) as store:
        assert case_history(store, key).work.candidate.status == "returned"


def test_other_rules_judge_everything_again(tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue"
    shutil.copytree(ROOT / "catalogue", catalogue)
    export = write(tmp_path / "export.jsonl", list(entries(500)))
    arguments = ("--catalogue", str(catalogue))
    scan(str(export), tmp_path / "data", *arguments)
    with (catalogue / "weights.yaml").open("a", encoding="utf-8") as file:
        file.write("# another version\n")
    again = scan(str(export), tmp_path / "data", *arguments)
    assert "unchanged" not in figures(again)
    assert figures(scan(str(export), tmp_path / "data", *arguments))["unchanged"] == 495


def test_a_row_that_changes_and_changes_back_while_a_scan_is_cut_off(tmp_path: Path) -> None:
    """What the scan before the last knew is not taken for true."""
    export, data = tmp_path / "export.jsonl", tmp_path / "data"
    harmless = {"platform": "wechat", "app_id": "wx1", "name": "记账本", "intro": "记一笔"}
    promoting = {**harmless, "intro": "欧易官方合作，填写邀请码 DEMO7788 注册返佣四成"}
    scan(str(write(export, [harmless])), data)
    scan(str(write(export, [promoting])), data)
    with sqlite3.connect(data / DATABASE) as database:
        database.execute("update scans set state = 'running', finished_at = null where id = 2")
    back = scan(str(write(export, [harmless])), data)
    assert back.summary is not None
    assert back.summary.events == {"gone": 1}


def killed_after_parts(data: Path, parts: int, how: int) -> Callable[[Any], None]:
    """Ends a running scan when it has stored so many parts."""

    def kill(process: subprocess.Popen[str]) -> None:
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            try:
                if stored(data, "select count(*) from export_parts")[0][0] >= parts:
                    process.send_signal(how)
                    return
            except sqlite3.OperationalError:
                pass  # not there yet
            time.sleep(0.005)

    return kill


def outcome(data: Path) -> tuple[Any, ...]:
    """All that a scan left behind, its times and numbers aside."""
    return (
        stored(data, "select key, label, best_score, presence from candidates order by key"),
        stored(
            data,
            "select c.key, s.content_sha256, s.label, s.score from sightings s "
            "join candidates c on c.id = s.candidate_id order by 1, 2",
        ),
        stored(
            data,
            "select c.key, e.kind from candidate_events e join candidates c "
            "on c.id = e.candidate_id order by 1",
        ),
        stored(data, "select kind, subject, reason from gaps order by 2, 1"),
        stored(data, "select sum(clear), sum(unchanged), sum(bad_rows) from export_parts"),
        stored(data, "select state, count(*) from scans group by state"),
    )


def spoiled(count: int) -> Rows:
    """Entries of which some have no name, so that there are gaps to tell."""
    rows = list(entries(count))
    for row in rows[:: count // 20]:
        del row["name"]
    return rows


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_scan_that_is_cut_off_goes_on_and_ends_as_if_it_had_not_been(
    tmp_path: Path, how: signal.Signals
) -> None:
    export = write(tmp_path / "export.jsonl", spoiled(30_000))
    undisturbed = scan(str(export), tmp_path / "undisturbed")
    data = tmp_path / "data"
    cut = scan(str(export), data, meanwhile=killed_after_parts(data, 1, how))
    assert cut.status == (130 if how is signal.SIGINT else -signal.SIGKILL)
    assert 0 < stored(data, "select max(rows) from export_parts")[0][0] < 30_000
    resumed = scan(str(export), data)
    assert "going on behind row" in resumed.err
    assert resumed.status == undisturbed.status
    assert labels_of(resumed) == labels_of(undisturbed)
    assert figures(resumed) == figures(undisturbed)
    assert outcome(data) == outcome(tmp_path / "undisturbed")


def test_a_worker_that_dies_ends_the_scan_with_one_line_and_it_goes_on(tmp_path: Path) -> None:
    export, data = write(tmp_path / "export.jsonl", list(entries(30_000))), tmp_path / "data"

    def kill_a_worker(process: subprocess.Popen[str]) -> None:
        killed_after_parts(data, 1, signal.SIGCONT)(process)
        psutil.Process(process.pid).children(recursive=True)[-1].kill()

    died = scan(str(export), data, meanwhile=kill_a_worker)
    assert died.status == 1
    assert "ended by itself (status -9); run the same command again" in died.err
    assert len(died.err.strip().splitlines()) == 1
    assert stored(data, "select state from scans") == [("failed",)]
    again = scan(str(export), data)
    assert "going on behind row" in again.err
    assert set(labels_of(again)) == planted_ids(30_000)


@pytest.mark.parametrize("name", ["export.jsonl", "export.json", "export.csv"])
def test_a_scan_cut_off_behind_its_last_row_is_ended_by_the_next(tmp_path: Path, name: str) -> None:
    export, data = tmp_path / name, tmp_path / "data"
    rows = list(entries(600))
    if name.endswith(".csv"):
        with export.open("w", encoding="gb18030", newline="") as file:
            table = csv.DictWriter(
                file, ["app_id", "name", "intro", "pages"], extrasaction="ignore"
            )
            table.writeheader()
            table.writerows(
                {**row, "pages": json.dumps(row["pages"], ensure_ascii=False)} for row in rows
            )
    elif name.endswith(".json"):
        export.write_text(json.dumps({"data": {"list": rows}}, ensure_ascii=False), "utf-8")
    else:
        write(export, rows)
    first = scan(str(export), data)
    assert set(labels_of(first)) == planted_ids(600)
    with sqlite3.connect(data / DATABASE) as database:
        database.execute("update scans set state = 'running', finished_at = null")
    again = scan(str(export), data)
    assert "going on behind row" in again.err
    assert labels_of(again) == labels_of(first)
    assert figures(again) == figures(first)
    assert stored(data, "select state from scans") == [("finished",)]


def test_another_file_under_the_same_name_is_begun_from_its_start(tmp_path: Path) -> None:
    export, data = write(tmp_path / "export.jsonl", list(entries(30_000))), tmp_path / "data"
    scan(str(export), data, meanwhile=killed_after_parts(data, 1, signal.SIGKILL))
    rows = list(entries(400, seed=9))
    other = scan(str(write(export, rows)), data)
    assert "going on" not in other.err
    assert set(labels_of(other)) == planted_ids(400, seed=9)
    assert stored(data, "select state from scans order by id") == [("running",), ("finished",)]


def ended(data: Path) -> bool:
    """Whether a scan came to its end: killed behind it, while it says so, it is done."""
    if not (data / DATABASE).exists():
        return False
    try:
        return stored(data, "select state from scans") == [("finished",)]
    except sqlite3.OperationalError:
        return False  # killed before it had made its tables


@pytest.mark.long
def test_a_scan_killed_at_random_moments_loses_and_doubles_nothing(tmp_path: Path) -> None:
    export = write(tmp_path / "export.jsonl", spoiled(60_000))
    undisturbed = scan(str(export), tmp_path / "undisturbed")
    chance = random.Random(20_261_127)
    for round_ in range(6):
        data = tmp_path / f"data-{round_}"

        def kill_soon(process: subprocess.Popen[str]) -> None:
            try:
                process.wait(timeout=chance.uniform(0.8, 6.0))
            except subprocess.TimeoutExpired:
                process.kill()

        tries = 0
        while not ended(data):
            tries += 1
            scan(str(export), data, meanwhile=kill_soon if tries < 6 else None)
        assert outcome(data) == outcome(tmp_path / "undisturbed"), f"round {round_}, {tries} tries"
    assert labels_of(undisturbed)


def test_what_an_entry_became_is_on_record_though_it_was_clear_before(tmp_path: Path) -> None:
    export, data = tmp_path / "export.jsonl", tmp_path / "data"
    reviewed = {
        "platform": "wechat",
        "app_id": "wx00000000000000aa",
        "name": "临河账本",
        "owner": "临河软件工作室",
        "category": "工具、财务",
        "intro": "记录每天的收支，按月汇总",
    }
    live = {
        **reviewed,
        "name": "临河交易宝",
        "category": "工具",
        "intro": "一站式数字资产交易平台，支持比特币永续合约，注册填写邀请码 DEMO88005 返佣四成",
        "request_domains": ["www.okex.me"],
    }
    target = write_target(
        tmp_path / "drift.yaml",
        surface="mini_program",
        seeds=[str(export)],
        source={"kind": "export", "format": "jsonl"},
        pictures=False,
    )
    others = list(entries(300, seed=9))
    write(export, [reviewed, *others])
    assert "unchanged" not in figures(scan(target, data))
    assert stored(data, "select count(*) from entries") == [(301,)]
    write(export, [live, *others])
    second = scan(target, data)
    (candidate,) = (one for one in second.candidates if one.app_id == live["app_id"])
    with Store.open(data) as store:
        history = store.entry_history(candidate.key)
    assert history is not None
    assert history.first.name == "临河账本"
    told = {(one.field, one.before, one.after) for one in history.changes}
    assert {
        ("name", "临河账本", "临河交易宝"),
        ("category", "财务", ""),
        ("domain", "", "okex.me"),
    } <= told
    assert any(field == "term" and after for field, _, after in told)
    assert stored(data, "select count(*) from entries") == [(301,)]


def test_the_same_app_in_exports_of_two_platforms_is_one_group_of_the_day(tmp_path: Path) -> None:
    promoting = {
        "name": "临河交易宝",
        "owner": "临河软件工作室",
        "intro": "欧易官方合作，填写邀请码 DEMO7788 注册返佣四成",
    }
    ids = {"wechat": "wx00000000000000aa", "alipay": "2021000000000001"}
    rows = [{**promoting, "platform": name, "app_id": one} for name, one in ids.items()]
    scan(str(write(tmp_path / "export.jsonl", rows)), tmp_path / "data")
    zone = ZoneInfo("UTC")
    with Store.open(tmp_path / "data") as store:
        began = store.scan_summary(1).started_at
        (group,) = build_daily(store, began.astimezone(zone).date(), zone).app_groups
    assert {one.platform for one in group.members} == set(ids)


def test_two_scans_of_one_export_at_once_are_refused(tmp_path: Path) -> None:
    export, data = write(tmp_path / "export.jsonl", list(entries(30_000))), tmp_path / "data"
    refused: list[Scanned] = []

    def another(process: subprocess.Popen[str]) -> None:
        killed_after_parts(data, 1, signal.SIGCONT)(process)
        refused.append(scan(str(export), data))

    assert scan(str(export), data, meanwhile=another).status == 0
    assert refused[0].status == 2
    assert "another scan of `export.jsonl` is running" in refused[0].err
